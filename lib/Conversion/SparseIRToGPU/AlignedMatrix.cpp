//===- AlignedMatrix.cpp - Matrices with aligned lines ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AlignedMatrix.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access
static constexpr int64_t kThreads = 256;

static int64_t getWidth(Value memref) {
  return cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
}

/// `base` and `offset` elements, as a number.
static Value getElementAddress(OpBuilder &host, Location loc, Value memref,
                               Value offset) {
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(host, loc, memref);
  Value bytes = host.createOrFold<arith::MulIOp>(
      loc, offset, arith::ConstantIndexOp::create(host, loc, getWidth(memref)));
  base = host.createOrFold<arith::AddIOp>(loc, base, bytes);
  return arith::IndexCastOp::create(host, loc, host.getI64Type(), base);
}

/// What the start of a line is a multiple of.
static int64_t getLineBytes(AlignedMatrix::Reads reads) {
  return reads == AlignedMatrix::Reads::Sectors ? 32 : kChunk;
}

bool AlignedMatrix::isPlain(Value memref, Reads reads) {
  auto type = cast<MemRefType>(memref.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t line = getLineBytes(reads) / getWidth(memref);
  auto isMultiple = [&](int64_t value) {
    return !ShapedType::isDynamic(value) && value % line == 0;
  };
  // Memory itself is aligned (docs/gpu.md, "Launches").
  return isMultiple(strides[0]) && isMultiple(offset) &&
         (reads != Reads::Chunks || isMultiple(type.getDimSize(1)));
}

AlignedMatrix::AlignedMatrix(KernelBuilder &k, Value memref, bool transposed,
                             Reads reads)
    : k(k), host(k.host), loc(k.op.getLoc()), memref(memref),
      lineElements(kChunk / getWidth(memref)) {
  auto metadata = memref::ExtractStridedMetadataOp::create(host, loc, memref);
  auto toIndex = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(host, loc, value);
  };
  rows = toIndex(metadata.getConstifiedMixedSizes()[0]);
  cols = toIndex(metadata.getConstifiedMixedSizes()[1]);
  stride = toIndex(metadata.getConstifiedMixedStrides()[0]);
  Value offset = toIndex(metadata.getConstifiedMixedOffset());
  if (transposed) {
    transpose();
    return;
  }
  address = getElementAddress(host, loc, memref, offset);
  if (isPlain(memref, reads))
    return;
  Value aligned = areMultiples(offset, getLineBytes(reads));
  if (reads == Reads::Chunks)
    aligned = host.createOrFold<arith::AndIOp>(loc, aligned,
                                               areMultiples(cols, kChunk));
  copy(aligned, areMultiples(offset, kChunk));
}

Value AlignedMatrix::areMultiples(Value offset, int64_t bytes) {
  auto isMultiple = [&](Value value) {
    Value rest = host.createOrFold<arith::RemSIOp>(
        loc, value, k.hostIndex(bytes / getWidth(memref)));
    return host.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rest,
                                            k.hostIndex(0));
  };
  return host.createOrFold<arith::AndIOp>(loc, isMultiple(stride),
                                          isMultiple(offset));
}

/// A thread makes 16 bytes of a line. Where these are not one chunk of the
/// source (`chunked`: lines start at multiples of 16 bytes), it reads elements
/// one by one: those of a warp lie next to each other and share their sectors.
/// What a line is longer than its source repeats the last element.
static void emitCopy(KernelBuilder &k, Value from, Value to, Value rows,
                     Value cols, Value fromStride, Value pitch, Value chunked,
                     Type element) {
  DeviceEmitter &e = k.e;
  int64_t width = element.getIntOrFloatBitWidth() / 8, count = kChunk / width;
  e.launchNext();
  Value thread = e.add(e.mul(e.blockX(), kThreads), e.threadId());
  Value chunks = e.div(pitch, count);
  Value row = e.b.createOrFold<arith::DivUIOp>(e.loc, thread, chunks);
  Value col = e.mul(e.sub(thread, e.mul(row, chunks)), count);
  auto place = [&](Value pointer, Value stride) {
    Value at = e.add(e.mul(e.widen(row), e.widen(stride)), e.widen(col));
    return e.at(pointer, e.mul(at, width));
  };
  e.waitForEarlier(); // which may write the source, or read the target
  VectorType chunk = e.vector(count, element);
  e.ifThen(e.less(row, rows), [&] {
    Value source = place(from, fromStride), left = e.sub(cols, col);
    Value isChunk = e.both(e.equal(chunked, 1), e.less(e.i32(count - 1), left));
    Value values = e.ifValue(
        isChunk, [&] { return e.load(chunk, source, kChunk); },
        [&] {
          SmallVector<Value> elements;
          for (int64_t n = 0; n < count; ++n) {
            Value at = e.min(e.i32(n), e.sub(left, e.i32(1)));
            elements.push_back(e.load(
                element, e.at(source, e.mul(e.widen(at), width)), width));
          }
          return e.fromElements(elements);
        });
    e.store(values, place(to, pitch), kChunk);
  });
}

Value AlignedMatrix::getPitch() {
  // Sectors of 32 bytes and lines of 128 are read whole: no row begins within
  // one that it could have for itself.
  auto isUpTo = [&](int64_t count) {
    return host.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sle,
                                            cols, k.hostIndex(count));
  };
  Value granule = k.hostIndex(lineElements * 8);
  for (int64_t part : {4, 2, 1})
    granule = host.createOrFold<arith::SelectOp>(
        loc, isUpTo(lineElements * part), k.hostIndex(lineElements * part),
        granule);
  Value lines = host.createOrFold<arith::CeilDivSIOp>(loc, cols, granule);
  return k.hostMul(lines, granule);
}

void AlignedMatrix::copy(Value aligned, Value chunked) {
  auto select = [&](Value yes, Value no) {
    return host.createOrFold<arith::SelectOp>(loc, aligned, yes, no);
  };
  // Copies of bytes need no type of 8-bit floats.
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (element.getIntOrFloatBitWidth() == 8)
    element = host.getI8Type();
  Value pitch = getPitch();
  // Of no elements, nothing is allocated.
  Value size = select(k.hostIndex(0), k.hostMul(rows, pitch));
  buffer = memref::AllocOp::create(
      host, loc, MemRefType::get({ShapedType::kDynamic}, element), size);
  KernelBuilder copier(k.op,
                       k.getFunction()->getParentOfType<gpu::GPUModuleOp>());
  Value isChunked = host.createOrFold<arith::SelectOp>(
      loc, chunked, k.hostIndex(1), k.hostIndex(0));
  emitCopy(copier, copier.pointer(memref), copier.pointer(buffer),
           copier.number(rows), copier.number(cols), copier.number(stride),
           copier.number(pitch), copier.number(isChunked), element);
  Value chunks = k.hostMul(rows, k.hostCeilDiv(pitch, lineElements));
  copier.launch(select(k.hostIndex(0), k.hostCeilDiv(chunks, kThreads)),
                k.hostIndex(1), kThreads, 0);
  address =
      select(address, getElementAddress(host, loc, buffer, k.hostIndex(0)));
  stride = select(stride, pitch);
  // Boxes that a matrix's end cuts take longer.
  cols = select(cols, pitch);
}

namespace {

/// A block transposes a square of the matrix by way of shared memory, an
/// element an access. The target's lines are filled up with the last element.
class Transposer {
public:
  static constexpr int64_t kExtent = 64;

  Transposer(DeviceEmitter &e, Type element)
      : e(e), element(element), width(element.getIntOrFloatBitWidth() / 8) {}

  int64_t sharedBytes() const { return kExtent * pitch() * width; }

  /// `from` has `rows` lines of `cols` elements, `to` their transposes.
  void emit(Value from, Value rows, Value cols, Value fromStride, Value to,
            Value toStride) {
    Value row = e.mul(e.blockY(), kExtent), col = e.mul(e.blockX(), kExtent);
    Value x = e.rem(e.threadId(), kExtent), y = e.div(e.threadId(), kExtent);
    walk(y, [&](Value y) {
      Value r = e.add(row, y), c = e.add(col, x);
      e.ifThen(e.both(e.less(r, toStride), e.less(c, cols)), [&] {
        Value last = e.min(r, e.sub(rows, e.i32(1)));
        e.store(e.load(element, place(from, last, fromStride, c), width),
                scratch(y, x), width);
      });
    });
    e.barrier();
    walk(y, [&](Value y) {
      Value r = e.add(row, x), c = e.add(col, y);
      e.ifThen(e.both(e.less(r, toStride), e.less(c, cols)), [&] {
        e.store(e.load(element, scratch(x, y), width),
                place(to, c, toStride, r), width);
      });
    });
  }

private:
  /// Elements from line to line: two lines differ by an odd number of words, so
  /// that a column lies in different banks.
  int64_t pitch() const { return kExtent + 4 / width; }
  void walk(Value first, DeviceEmitter::ForBody body) {
    e.forRange(first, e.i32(kExtent), kThreads / kExtent, body);
  }
  Value place(Value pointer, Value line, Value stride, Value at) {
    Value element = e.add(e.mul(e.widen(line), e.widen(stride)), e.widen(at));
    return e.at(pointer, e.mul(element, width));
  }
  Value scratch(Value line, Value at) {
    return e.at(e.shared(), e.mul(e.add(e.mul(line, pitch()), at), width));
  }

  DeviceEmitter &e;
  Type element;
  int64_t width;
};

} // namespace

void AlignedMatrix::transpose() {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value padded =
      k.hostMul(k.hostCeilDiv(rows, lineElements), k.hostIndex(lineElements));
  buffer = memref::AllocOp::create(
      host, loc, MemRefType::get({ShapedType::kDynamic}, element),
      k.hostMul(cols, padded));
  KernelBuilder copier(k.op,
                       k.getFunction()->getParentOfType<gpu::GPUModuleOp>());
  Value from = copier.pointer(memref), to = copier.pointer(buffer);
  Transposer transposer(copier.e, element);
  transposer.emit(from, copier.number(rows), copier.number(cols),
                  copier.number(stride), to, copier.number(padded));
  copier.launch(k.hostCeilDiv(cols, Transposer::kExtent),
                k.hostCeilDiv(padded, Transposer::kExtent), kThreads,
                transposer.sharedBytes());
  address = getElementAddress(host, loc, buffer, k.hostIndex(0));
  stride = padded;
  std::swap(rows, cols);
}

Value AlignedMatrix::describe(int64_t boxRows, int64_t boxCols) {
  auto toI64 = [&](Value value) {
    return host.createOrFold<arith::IndexCastOp>(loc, host.getI64Type(), value);
  };
  return TensorMapOp::create(
      host, loc, LLVM::LLVMPointerType::get(host.getContext()),
      cast<MemRefType>(memref.getType()).getElementType(), address, toI64(rows),
      toI64(cols), toI64(stride), boxRows, boxCols);
}

void AlignedMatrix::release() {
  if (buffer)
    memref::DeallocOp::create(host, loc, buffer);
}
