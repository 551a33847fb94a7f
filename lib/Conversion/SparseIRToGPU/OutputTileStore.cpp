//===- OutputTileStore.cpp - Stores what a tile's mask names ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accumulators pass through shared memory, so that a lane holds 16 bytes of one
// row: where the mask has all their bits they are one store.
//
//===----------------------------------------------------------------------===//

#include "OutputTile.h"

using namespace mlir;
using namespace mlir::spmmplu;

MaskedStore::MaskedStore(KernelBuilder &k, const KernelContext &c, Shape shape,
                         GranuleShape granules, ArrayRef<Value> tables)
    : e(k.e), shape(shape), granules(granules),
      tables(tables.begin(), tables.end()),
      all(k, c, Role::Out, SlicedOperand::All), out(all),
      accumulate(k.op.getAccumulate()),
      scratchType(accumulate ? Type(k.device.getF32Type()) : out.element) {}

int64_t MaskedStore::pitch() const {
  // A chunk more than the row, so that rows start in different banks.
  return shape.warpCols * width() + kChunkBytes;
}

int64_t MaskedStore::bytes() const {
  return shape.warps * shape.warpRows * pitch();
}

void MaskedStore::writeScratch(ValueRange sums, Value base, Value lane) {
  int64_t tilesJ = shape.warpCols / 8;
  Value corner = e.at(base, e.add(e.mul(e.div(lane, 4), pitch()),
                                  e.mul(e.rem(lane, 4), 2 * width())));
  for (auto [n, sum] : llvm::enumerate(sums)) {
    int64_t i = n / tilesJ * 16, j = n % tilesJ * 8;
    Value values = e.convert(sum, scratchType);
    for (int64_t half = 0; half < 2; ++half)
      e.store(e.fromElements({e.extract(values, 2 * half),
                              e.extract(values, 2 * half + 1)}),
              e.at(corner, (i + 8 * half) * pitch() + j * width()),
              2 * width());
  }
}

void MaskedStore::write(ValueRange sums, Value scratch, Value warp, Value lane,
                        Tile tile, Value firstRow, Value firstCol) {
  Type word = e.b.getI32Type();
  out = all.of(e, tile.slice);
  Value base = e.at(scratch, e.mul(warp, shape.warpRows * pitch()));
  syncWarp(e); // the tile before has been read
  writeScratch(sums, base, lane);
  syncWarp(e);
  Value maskOffset =
      e.load(word, e.at(tables[MaskOffset], e.mul(tile.tile, 4)), 4);
  Value full = e.less(maskOffset, 0);
  int64_t size = kChunkBytes / out.width();
  int64_t perRow = shape.warpCols / size;
  Value columns =
      e.at(tables[GranuleCols], e.mul(tile.granule, shape.cols * 4));
  Value rows = e.at(tables[PanelRows], e.mul(tile.panel, shape.rows * 4));
  e.forRange(lane, e.i32(shape.warpRows * perRow), 32, [&](Value chunk) {
    Value r = e.div(chunk, perRow), c = e.mul(e.rem(chunk, perRow), size);
    Value inRow = e.add(firstRow, r), inCol = e.add(firstCol, c);
    int64_t all = (int64_t(1) << size) - 1;
    Value bits = e.ifValue(
        full, [&] { return e.i32(all); },
        [&] {
          // A chunk's bits lie in one half of the mask's 64-bit word.
          Value at = e.add(e.mul(e.add(maskOffset, inRow), 8),
                           e.mul(e.div(inCol, 32), 4));
          Value half = e.load(word, e.at(tables[Masks], at), 4);
          Value shift = e.rem(inCol, 32);
          Value moved = arith::ShRUIOp::create(e.b, e.loc, half, shift);
          return e.bitAnd(moved, all);
        });
    e.ifThen(e.compare(arith::CmpIPredicate::ne, bits, e.i32(0)), [&] {
      Value row = e.load(word, e.at(rows, e.mul(inRow, 4)), 4);
      storeChunk(e.at(base, e.add(e.mul(r, pitch()), e.mul(c, width()))), row,
                 inCol, e.at(columns, e.mul(inCol, 4)), bits);
    });
  });
}

void MaskedStore::storeChunk(Value source, Value row, Value firstColumn,
                             Value columns, Value bits) {
  auto single = [&] { storeSingle(source, row, columns, bits); };
  int64_t size = kChunkBytes / out.width();
  bool wholeRows = granules.runs && granules.aligned && out.contiguousInY();
  if (!wholeRows)
    return single();
  Value whole = e.equal(bits, (int64_t(1) << size) - 1);
  whole = e.both(whole, e.both(out.isAligned(e), out.isBaseAligned(e)));
  Value first = e.load(e.b.getI32Type(), columns, 4);
  e.ifThen(
      whole, [&] { storeWhole(source, out.address(e, row, first)); }, single);
}

void MaskedStore::storeWhole(Value source, Value to) {
  int64_t size = kChunkBytes / out.width();
  Value values = e.load(e.vector(size, scratchType), source, kChunkBytes);
  if (accumulate) {
    Value before = e.load(e.vector(size, out.element), to, kChunkBytes);
    values = arith::AddFOp::create(e.b, e.loc, values,
                                   e.convert(before, scratchType));
  }
  e.store(e.convert(values, out.element), to, kChunkBytes);
}

/// Unrolled: the stores of a scattered row do not wait for each other.
void MaskedStore::storeSingle(Value source, Value row, Value columns,
                              Value bits) {
  int64_t size = kChunkBytes / out.width();
  Value values = e.load(e.vector(size, scratchType), source, kChunkBytes);
  // A tile's columns begin at a multiple of 16 bytes of the table.
  Value listed = e.load(e.vector(size, e.b.getI32Type()), columns, kChunkBytes);
  for (int64_t n = 0; n < size; ++n)
    e.ifThen(
        e.compare(arith::CmpIPredicate::ne, e.bitAnd(bits, int64_t(1) << n),
                  e.i32(0)),
        [&] {
          Value to = out.address(e, row, e.extract(listed, n));
          Value value = e.extract(values, n);
          if (accumulate)
            value = arith::AddFOp::create(
                e.b, e.loc, value,
                e.convert(e.load(out.element, to, out.width()), scratchType));
          e.store(e.convert(value, out.element), to, out.width());
        });
}
