//===- AlignedMatrix.cpp - Matrices that tensor maps take ------*- C++ -*-===//
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

static constexpr int64_t kLineElements = 8; ///< 16 bytes
static constexpr int64_t kThreads = 256;

/// `base` and `offset` elements of 16 bits, as a number.
static Value getElementAddress(OpBuilder &host, Location loc, Value memref,
                               Value offset) {
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(host, loc, memref);
  Value bytes = host.createOrFold<arith::MulIOp>(
      loc, offset, arith::ConstantIndexOp::create(host, loc, 2));
  base = host.createOrFold<arith::AddIOp>(loc, base, bytes);
  return arith::IndexCastOp::create(host, loc, host.getI64Type(), base);
}

AlignedMatrix::AlignedMatrix(KernelBuilder &k, Value memref, bool transposed)
    : k(k), host(k.host), loc(k.op.getLoc()), memref(memref) {
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
  auto strideAt = getConstantIntValue(stride);
  auto offsetAt = getConstantIntValue(offset);
  // Memory itself is aligned (docs/gpu.md, "Launches").
  if (strideAt && offsetAt && *strideAt % kLineElements == 0 &&
      *offsetAt % kLineElements == 0)
    return;
  auto multiple = [&](Value value) {
    Value rest = host.createOrFold<arith::RemSIOp>(loc, value,
                                                   k.hostIndex(kLineElements));
    return host.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rest,
                                            k.hostIndex(0));
  };
  copy(host.createOrFold<arith::AndIOp>(loc, multiple(stride),
                                        multiple(offset)));
}

/// A block copies a line.
static void emitCopy(KernelBuilder &k, Value from, Value to, Value cols,
                     Value fromStride, Value toStride, Type element) {
  DeviceEmitter &e = k.e;
  auto lineOf = [&](Value pointer, Value stride) {
    Value at = e.mul(e.widen(e.blockX()), e.widen(stride));
    return e.at(pointer, e.mul(at, 2));
  };
  Value source = lineOf(from, fromStride), target = lineOf(to, toStride);
  e.forRange(e.threadId(), cols, kThreads, [&](Value col) {
    Value at = e.mul(e.widen(col), 2);
    e.store(e.load(element, e.at(source, at), 2), e.at(target, at), 2);
  });
}

void AlignedMatrix::copy(Value aligned) {
  auto select = [&](Value yes, Value no) {
    return host.createOrFold<arith::SelectOp>(loc, aligned, yes, no);
  };
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value padded =
      k.hostMul(k.hostCeilDiv(cols, kLineElements), k.hostIndex(kLineElements));
  Value size = select(k.hostIndex(kLineElements), k.hostMul(rows, padded));
  buffer = memref::AllocOp::create(
      host, loc, MemRefType::get({ShapedType::kDynamic}, element), size);
  KernelBuilder copier(k.op,
                       k.getFunction()->getParentOfType<gpu::GPUModuleOp>());
  emitCopy(copier, copier.pointer(memref), copier.pointer(buffer),
           copier.number(cols), copier.number(stride), copier.number(padded),
           element);
  copier.launch(select(k.hostIndex(0), rows), k.hostIndex(1), kThreads, 0);
  address =
      select(address, getElementAddress(host, loc, buffer, k.hostIndex(0)));
  stride = select(stride, padded);
}

namespace {

/// A block transposes a square of the matrix by way of shared memory, two bytes
/// an access.
class Transposer {
public:
  static constexpr int64_t kExtent = 64;
  /// Elements from line to line: two lines differ by an odd number of words, so
  /// that a column lies in different banks.
  static constexpr int64_t kPitch = kExtent + 2;

  Transposer(DeviceEmitter &e, Type element) : e(e), element(element) {}

  /// `from` has `rows` lines of `cols` elements, `to` their transposes.
  void emit(Value from, Value rows, Value cols, Value fromStride, Value to,
            Value toStride) {
    Value row = e.mul(e.blockY(), kExtent), col = e.mul(e.blockX(), kExtent);
    Value x = e.rem(e.threadId(), kExtent), y = e.div(e.threadId(), kExtent);
    walk(y, [&](Value y) {
      Value r = e.add(row, y), c = e.add(col, x);
      e.ifThen(e.both(e.less(r, rows), e.less(c, cols)), [&] {
        e.store(e.load(element, place(from, r, fromStride, c), 2),
                scratch(y, x), 2);
      });
    });
    e.barrier();
    walk(y, [&](Value y) {
      Value r = e.add(row, x), c = e.add(col, y);
      e.ifThen(e.both(e.less(r, rows), e.less(c, cols)), [&] {
        e.store(e.load(element, scratch(x, y), 2), place(to, c, toStride, r),
                2);
      });
    });
  }

private:
  void walk(Value first, DeviceEmitter::ForBody body) {
    e.forRange(first, e.i32(kExtent), kThreads / kExtent, body);
  }
  Value place(Value pointer, Value line, Value stride, Value at) {
    Value element = e.add(e.mul(e.widen(line), e.widen(stride)), e.widen(at));
    return e.at(pointer, e.mul(element, 2));
  }
  Value scratch(Value line, Value at) {
    return e.at(e.shared(), e.mul(e.add(e.mul(line, kPitch), at), 2));
  }

  DeviceEmitter &e;
  Type element;
};

} // namespace

void AlignedMatrix::transpose() {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value padded =
      k.hostMul(k.hostCeilDiv(rows, kLineElements), k.hostIndex(kLineElements));
  buffer = memref::AllocOp::create(
      host, loc, MemRefType::get({ShapedType::kDynamic}, element),
      k.hostMul(cols, padded));
  KernelBuilder copier(k.op,
                       k.getFunction()->getParentOfType<gpu::GPUModuleOp>());
  Value from = copier.pointer(memref), to = copier.pointer(buffer);
  Transposer(copier.e, element)
      .emit(from, copier.number(rows), copier.number(cols),
            copier.number(stride), to, copier.number(padded));
  copier.launch(k.hostCeilDiv(cols, Transposer::kExtent),
                k.hostCeilDiv(rows, Transposer::kExtent), kThreads,
                Transposer::kExtent * Transposer::kPitch * 2);
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
