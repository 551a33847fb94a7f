//===- OutputTile.cpp - Tiles of listed lines ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputTile.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

GranuleShape GranuleShape::get(TilesAttr table) {
  SmallVector<char> storage;
  ArrayRef<int32_t> all = getValues<int32_t>(table.getGranuleCols(), storage);
  int64_t cols = table.getCols();
  GranuleShape shape = {true, true};
  for (size_t at = 0; at < all.size(); at += cols) {
    shape.aligned &= all[at] % 8 == 0;
    for (int64_t col = 1; col < cols; ++col)
      shape.runs &= all[at + col] < 0 ||
                    (all[at + col - 1] >= 0 && all[at + col] == all[at] + col);
  }
  return shape;
}

void mlir::spmmplu::syncWarp(DeviceEmitter &e) {
  NVVM::SyncWarpOp::create(e.b, e.loc, e.i32(-1));
}

Value mlir::spmmplu::swizzleChunk(DeviceEmitter &e, Value row, Value chunk,
                                  int64_t count) {
  Value twist = count >= 8 ? e.bitAnd(row, 7)
                           : e.bitAnd(e.div(e.mul(row, count), 8), count - 1);
  return e.mul(e.add(e.mul(row, count), e.bitXor(chunk, twist)), kChunkBytes);
}

TilePlace TilePlace::get(DeviceEmitter &e) {
  Value thread = e.threadId();
  return {thread, e.warpId(thread), e.rem(thread, 32)};
}

//===----------------------------------------------------------------------===//
// SlicedOperand
//===----------------------------------------------------------------------===//

SlicedOperand::SlicedOperand(KernelBuilder &k, const KernelContext &c,
                             Role role, Slices slices)
    : DeviceOperand(k.operand(role)) {
  select(k, cast<MemRefType>(k.op.getOperandOf(role).get().getType()),
         c.batch.count ? c.batch.strides[int(role)] : Value());
  if (slices == Own)
    *this = of(k.e, k.slice());
}

SlicedOperand::SlicedOperand(KernelBuilder &k, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  pointer = k.pointer(memref);
  element = type.getElementType();
  map = AffineMap::getMultiDimIdentityMap(2, memref.getContext());
  SmallVector<Value> hostStrides;
  auto [known, offset] = type.getStridesAndOffset();
  memref::ExtractStridedMetadataOp metadata;
  for (auto [dim, stride] : llvm::enumerate(known)) {
    if (ShapedType::isDynamic(stride) && !metadata)
      metadata =
          memref::ExtractStridedMetadataOp::create(k.host, k.e.loc, memref);
    hostStrides.push_back(ShapedType::isDynamic(stride)
                              ? metadata.getStrides()[dim]
                              : k.hostIndex(stride));
  }
  size_t batched = hostStrides.size() - 2;
  for (Value stride : ArrayRef(hostStrides).drop_front(batched))
    strides.push_back(k.number(stride));
  xStride = strides[0];
  yStride = strides[1];
  select(k, type, batched ? hostStrides[0] : Value());
  *this = of(k.e, k.slice());
}

void SlicedOperand::select(KernelBuilder &k, MemRefType type,
                           Value hostStride) {
  auto [known, first] = type.getStridesAndOffset();
  // Whole buffers are aligned; a slice may begin anywhere.
  isKnownAligned =
      !ShapedType::isDynamic(first) && first * width() % kChunkBytes == 0;
  if (!hostStride)
    return;
  auto constant = getConstantIntValue(hostStride);
  isKnownAligned &= constant && *constant * width() % kChunkBytes == 0;
  DeviceEmitter &e = k.e;
  sliceBytes = e.mul(e.widen(k.number(hostStride)), width());
}

SlicedOperand SlicedOperand::of(DeviceEmitter &e, Value slice) const {
  SlicedOperand one = *this;
  if (sliceBytes)
    one.pointer = e.at(pointer, e.mul(e.widen(slice), sliceBytes));
  one.sliceBytes = Value();
  return one;
}

Value SlicedOperand::isBaseAligned(DeviceEmitter &e) const {
  if (isKnownAligned)
    return e.equal(e.i32(0), 0);
  Value address =
      LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI64Type(), pointer);
  if (sliceBytes)
    address = arith::OrIOp::create(e.b, e.loc, address, sliceBytes);
  return e.equal(e.bitAnd(address, kChunkBytes - 1), 0);
}

//===----------------------------------------------------------------------===//
// LineTile
//===----------------------------------------------------------------------===//

LineTile::LineTile(DeviceEmitter &e, SlicedOperand from, Shape shape)
    : e(e), shape(shape), all(from), operand(from) {
  // Chunks run along the line, or across lines.
  bool alongX = shape.listsX == shape.asRun;
  if (alongX ? operand.contiguousInX() : operand.contiguousInY())
    aligned = e.both(operand.isAligned(e), operand.isBaseAligned(e));
}

SmallVector<Value> LineTile::fetch(Value thread, Value list) {
  SmallVector<Value> indices;
  if (shape.asRun) {
    // A chunk's first column; the others follow.
    for (int64_t n = 0; n < rounds(); ++n) {
      Value chunk = e.rem(e.add(thread, n * shape.threads), chunksPerRow());
      indices.push_back(
          e.load(e.b.getI32Type(), e.at(list, e.mul(chunk, 8 * 4)), 4));
    }
    return indices;
  }
  for (int64_t n = 0; n < rounds(); ++n) {
    Value line = e.div(e.add(thread, n * shape.threads), chunksPerRow());
    // Threads beyond the tile read its last line and copy nothing.
    if ((n + 1) * shape.threads > shape.lines * chunksPerRow())
      line = e.min(line, e.i32(shape.lines - 1));
    indices.push_back(e.loadWord(list, line));
  }
  return indices;
}

Value LineTile::chunkAt(Value row, Value chunk) {
  return swizzleChunk(e, row, chunk, chunksPerRow());
}

void LineTile::request(Value thread, ValueRange indices, Value first,
                       Value extent, Value lineExtent, Value shared) {
  int64_t chunks = bytes() / kChunkBytes;
  for (auto [n, index] : llvm::enumerate(indices)) {
    Value at = e.add(thread, n * shape.threads);
    auto copy = [&, index = index] {
      requestChunk(e.div(at, chunksPerRow()), e.rem(at, chunksPerRow()), index,
                   first, extent, lineExtent, shared);
    };
    if (int64_t(n + 1) * shape.threads <= chunks)
      copy();
    else
      e.ifThen(e.less(at, chunks), copy);
  }
}

void LineTile::requestChunk(Value row, Value chunk, Value index, Value first,
                            Value extent, Value lineExtent, Value shared) {
  Value target = e.at(shared, chunkAt(row, chunk));
  // The chunk's first element: its line and its place along the line.
  Value line = index;
  Value along = e.add(first, shape.asRun ? row : e.mul(chunk, 8));
  auto slow = [&] {
    e.store(gather(line, along, extent, lineExtent), target, kChunkBytes);
  };
  auto fast = [&] {
    Value left = shape.asRun ? e.sub(lineExtent, line) : e.sub(extent, along);
    Value bytes = e.mul(e.max(e.i32(0), e.min(left, e.i32(8))), 2);
    Value exists = e.both(e.less(e.i32(-1), line), e.less(along, extent));
    // Where nothing is read the address must still be valid.
    Value lineAt = e.select(exists, line, e.i32(0));
    Value alongAt = e.select(exists, along, e.i32(0));
    e.copyAsync(target,
                shape.listsX ? operand.address(e, lineAt, alongAt)
                             : operand.address(e, alongAt, lineAt),
                e.select(exists, bytes, e.i32(0)));
  };
  if (!aligned)
    return slow();
  if (matchPattern(aligned, m_One()))
    return fast();
  e.ifThen(aligned, fast, slow);
}

/// Eight elements one by one, for operands whose chunks are not aligned.
Value LineTile::gather(Value line, Value along, Value extent,
                       Value lineExtent) {
  SmallVector<Value> elements;
  for (int64_t n = 0; n < 8; ++n) {
    Value lineAt = shape.asRun ? e.add(line, n) : line;
    Value alongAt = shape.asRun ? along : e.add(along, n);
    Value exists = e.both(e.less(e.i32(-1), line), e.less(alongAt, extent));
    if (shape.asRun)
      exists = e.both(exists, e.less(lineAt, lineExtent));
    elements.push_back(e.ifValue(
        exists,
        [&] {
          return e.load(operand.element,
                        shape.listsX ? operand.address(e, lineAt, alongAt)
                                     : operand.address(e, alongAt, lineAt),
                        operand.width());
        },
        [&] { return e.zero(operand.element); }));
  }
  return e.fromElements(elements);
}

//===----------------------------------------------------------------------===//
// Fragments
//===----------------------------------------------------------------------===//

Value mlir::spmmplu::loadLhsFragment(DeviceEmitter &e, LineTile &tile,
                                     Value shared, Value lane, Value row,
                                     int64_t chunk, Type element) {
  Value at =
      tile.chunkAt(e.add(row, e.rem(lane, 16)), e.add(e.div(lane, 16), chunk));
  return e.pack(e.loadMatrix(e.at(shared, at), 4, /*transpose=*/false),
                element);
}

SmallVector<Value> mlir::spmmplu::loadRhsFragments(DeviceEmitter &e,
                                                   LineTile &tile, Value shared,
                                                   Value lane, Value column,
                                                   int64_t along, Type element,
                                                   bool byRow) {
  Value at;
  if (byRow) {
    at = tile.chunkAt(e.add(e.rem(lane, 16), along),
                      e.add(e.div(column, 8), e.div(lane, 16)));
  } else {
    Value row = e.add(e.rem(lane, 8), e.mul(e.div(lane, 16), 8));
    Value chunk = e.bitAnd(e.div(lane, 8), 1);
    at = tile.chunkAt(e.add(column, row), e.add(chunk, along / 8));
  }
  SmallVector<Value> registers =
      e.loadMatrix(e.at(shared, at), 4, /*transpose=*/byRow);
  return {e.pack(ValueRange(registers).take_front(2), element),
          e.pack(ValueRange(registers).drop_front(2), element)};
}

void mlir::spmmplu::multiplyFragments(DeviceEmitter &e,
                                      ArrayRef<Value> fragments, LineTile &rhs,
                                      Value shared, Value lane, Value column,
                                      int64_t along, Type element, bool byRow,
                                      MutableArrayRef<Value> sums) {
  int64_t tilesJ = sums.size() / fragments.size();
  for (int64_t j = 0; j < tilesJ; j += 2) {
    SmallVector<Value> b = loadRhsFragments(
        e, rhs, shared, lane, e.add(column, j * 8), along, element, byRow);
    for (auto [i, a] : llvm::enumerate(fragments))
      for (int64_t half = 0; half < 2; ++half) {
        Value &sum = sums[i * tilesJ + j + half];
        sum =
            MmaOp::create(e.b, e.loc, sum.getType(), a, b[half], sum, Value());
      }
  }
}

DeviceOperand mlir::spmmplu::getSlicedOutput(KernelBuilder &k,
                                             const KernelContext &c) {
  SlicedOperand out(k, c, Role::Out);
  if (c.batch.count)
    out.misalignment =
        k.e.select(out.isBaseAligned(k.e), k.e.i32(0), k.e.i32(1));
  return out;
}
