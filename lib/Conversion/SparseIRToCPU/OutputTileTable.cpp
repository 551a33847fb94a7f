//===- OutputTileTable.cpp - What kernels of output tiles share -----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputTileTable.h"

#include "TileOperands.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::spmmplu;

OutputTileTable::OutputTileTable(Emitter &e, const KernelContext &c)
    : attr(cast<TilesAttr>(c.op.getTable())),
      granulesAreRuns(areRuns(attr.getGranuleCols(), attr.getCols())), e(e),
      c(c) {}

SmallVector<Value> OutputTileTable::loadIndices(Part which, Value at,
                                                int64_t count) const {
  SmallVector<Value> indices;
  for (int64_t n = 0; n < count; ++n)
    indices.push_back(arith::MaxSIOp::create(
        e.b, e.loc, part(which, e.add(at, n)), e.index(0)));
  return indices;
}

void OutputTileTable::withMask(
    Value tile, function_ref<void(Value maskOffset)> store) const {
  if (c.op.getOutPlaces())
    return store(e.mul(tile, attr.getRows()));
  Value offset = part(MaskOffset, tile);
  Value full = e.compare(arith::CmpIPredicate::slt, offset, 0);
  e.ifThen(full, [&] { store(Value()); }, [&] { store(offset); });
}

void OutputTileTable::storeRow(ArrayRef<Value> rowSums, Value r, Value row,
                               Value granule, Value maskOffset) const {
  if (c.op.getOutPlaces())
    return storeRun(rowSums, e.mul(e.add(maskOffset, r), 4));
  Value word;
  if (maskOffset)
    word = e.load(c.op.getTables()[Masks], e.add(maskOffset, r));
  for (auto [v, sum] : llvm::enumerate(rowSums))
    storeVector(sum, row,
                e.add(e.mul(granule, attr.getCols()), int64_t(v) * c.lanes()),
                maskOffset ? lanesOf(word, v) : Value());
}

/// Bits [v * lanes, (v + 1) * lanes) of a mask word.
Value OutputTileTable::lanesOf(Value word, int64_t v) const {
  Value shift = arith::ConstantOp::create(e.b, e.loc,
                                          e.b.getI64IntegerAttr(v * c.lanes()));
  Value bits = arith::ShRUIOp::create(e.b, e.loc, word, shift);
  Type narrow = e.b.getIntegerType(c.lanes());
  return toMask(arith::TruncIOp::create(e.b, e.loc, narrow, bits));
}

/// An integer of as many bits as there are lanes, as a mask of them.
Value OutputTileTable::toMask(Value bits) const {
  Value one = vector::BroadcastOp::create(
      e.b, e.loc, VectorType::get({1}, bits.getType()), bits);
  return vector::BitCastOp::create(
      e.b, e.loc, VectorType::get({c.lanes()}, e.b.getI1Type()), one);
}

void OutputTileTable::storeVector(Value sum, Value row, Value granuleAt,
                                  Value mask) const {
  VectorType out = c.vector(c.outType);
  if (!mask)
    mask = e.laneMask(c.lanes(), e.index(c.lanes()));
  Value start = e.mul(row, c.out.xStride);
  Value columns;
  if (granulesAreRuns)
    start = e.add(start, e.loadIndex(c.op.getTables()[GranuleCols], granuleAt));
  else
    columns = e.loadVector(VectorType::get({c.lanes()}, e.b.getI32Type()),
                           c.op.getTables()[GranuleCols], granuleAt);
  if (c.op.getAccumulate()) {
    Value init =
        granulesAreRuns
            ? e.maskedLoad(out, c.out.data, start, mask)
            : vector::GatherOp::create(e.b, e.loc, out, c.out.data, start,
                                       columns, mask, e.zero(out))
                  .getResult();
    sum = arith::AddFOp::create(e.b, e.loc, sum,
                                e.convert(init, c.vector(c.accumulateType)));
  }
  sum = e.convert(sum, out);
  if (granulesAreRuns)
    e.maskedStore(sum, c.out.data, start, mask);
  else
    vector::ScatterOp::create(e.b, e.loc, Type(), c.out.data, start, columns,
                              mask, sum);
}

/// Writes the row's values to the run whose four words begin at `run`.
void OutputTileTable::storeRun(ArrayRef<Value> rowSums, Value run) const {
  Value runs = c.op.getTables()[Runs], first = e.loadIndex(runs, run), word;
  for (auto [v, sum] : llvm::enumerate(rowSums)) {
    int64_t col = int64_t(v) * c.lanes();
    if (col % 32 == 0)
      word = e.load(runs, e.add(run, 2 + col / 32));
    first = storeInRun(sum, first, word, col % 32);
  }
}

/// Writes the lanes whose bits are set from bit `shift` on, one after the other
/// from value `at` on; the number of the value after them.
Value OutputTileTable::storeInRun(Value sum, Value at, Value word,
                                  int64_t shift) const {
  int64_t lanes = c.lanes();
  auto i32 = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(e.b, e.loc,
                                     e.b.getI32IntegerAttr(int32_t(value)));
  };
  Value bits = arith::ShRUIOp::create(e.b, e.loc, word, i32(shift));
  int64_t all = (int64_t(1) << lanes) - 1;
  if (lanes < 32)
    bits = arith::AndIOp::create(e.b, e.loc, bits, i32(all));
  VectorType out = c.vector(c.outType), sums = c.vector(c.accumulateType);
  auto addTo = [&](Value before) {
    return arith::AddFOp::create(e.b, e.loc, sum, e.convert(before, sums));
  };
  Value isWhole = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq,
                                        bits, i32(all));
  e.ifThen(
      isWhole,
      [&] {
        Value values = sum;
        if (c.op.getAccumulate())
          values = addTo(e.loadVector(out, c.out.data, at));
        e.storeVector(e.convert(values, out), c.out.data, at);
      },
      [&] {
        Value narrow = bits;
        if (lanes < 32)
          narrow = arith::TruncIOp::create(e.b, e.loc,
                                           e.b.getIntegerType(lanes), bits);
        Value mask = toMask(narrow), values = sum;
        if (c.op.getAccumulate())
          values = addTo(vector::ExpandLoadOp::create(
              e.b, e.loc, out, c.out.data, at, mask, e.zero(out)));
        // (The builder without an alignment swaps mask and value.)
        vector::CompressStoreOp::create(e.b, e.loc, c.out.data, at, mask,
                                        e.convert(values, out), IntegerAttr());
      });
  Value count = math::CtPopOp::create(e.b, e.loc, bits);
  return e.add(
      at, arith::IndexCastOp::create(e.b, e.loc, e.b.getIndexType(), count));
}
