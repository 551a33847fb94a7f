//===- OutputTileTable.cpp - What kernels of output tiles share -----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputTileTable.h"

#include "TileOperands.h"

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
  Value offset = part(MaskOffset, tile);
  Value full = e.compare(arith::CmpIPredicate::slt, offset, 0);
  e.ifThen(full, [&] { store(Value()); }, [&] { store(offset); });
}

void OutputTileTable::storeRow(ArrayRef<Value> rowSums, Value r, Value row,
                               Value granule, Value maskOffset) const {
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
  bits = arith::TruncIOp::create(e.b, e.loc, narrow, bits);
  Value one = vector::BroadcastOp::create(e.b, e.loc,
                                          VectorType::get({1}, narrow), bits);
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
