//===- ChainTileStore.cpp - The store of a chain's tile --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

TileStore::TileStore(KernelBuilder &k, const ChainTile &tile, DeviceOperand out)
    : ScratchStore(k, out), tile(tile) {}

void TileStore::begin(Value ofPanel, Value firstOfTile, Value cols) {
  firstRow = e.mul(ofPanel, tile.rows);
  firstCol = firstOfTile;
  epilogue.begin(cols);
}

int64_t TileStore::pitch() const {
  // A chunk more than the line, so that lines start in different banks.
  return (byRow ? tile.cols : tile.rows) + kChunk / out.width();
}

int64_t TileStore::bytes() const {
  return (byRow ? tile.rows : tile.cols) * pitch() * out.width();
}

void TileStore::write(ValueRange accumulators, Value lane, Value warpI,
                      Value warpJ) {
  int64_t tilesJ = tile.warpCols() / 8;
  Value row = e.add(e.mul(warpI, tile.warpRows()), e.div(lane, 4));
  Value col = e.add(e.mul(warpJ, tile.warpCols()), e.mul(e.rem(lane, 4), 2));
  Value line = byRow ? row : col, within = byRow ? col : row;
  Value base = placeOf(line, within, 1);
  SmallVector<Value> rows, cols;
  if (epilogue.exists()) {
    for (int64_t at = 0; at < tile.warpRows(); at += 8)
      rows.push_back(outputRow(e.add(firstRow, e.add(row, at))));
    for (int64_t at = 0; at < tile.warpCols(); at += 8)
      for (int64_t n = 0; n < 2; ++n)
        cols.push_back(e.add(firstCol, e.add(col, at + n)));
  }
  for (auto [n, sum] : llvm::enumerate(accumulators)) {
    int64_t i = n / tilesJ * 16, j = n % tilesJ * 8;
    SmallVector<ElementPlace> places;
    for (int64_t at = 0; at < 4 && epilogue.exists(); ++at)
      places.push_back({rows[i / 8 + at / 2], cols[j / 4 + at % 2]});
    Value values = e.convert(epilogue.apply(sum, places), out.element);
    for (int64_t half = 0; half < 2; ++half) {
      int64_t lineAt = byRow ? i + 8 * half : j;
      int64_t withinAt = byRow ? j : i + 8 * half;
      Value to = e.at(base, (lineAt * pitch() + withinAt) * out.width());
      Value low = e.extract(values, 2 * half);
      Value high = e.extract(values, 2 * half + 1);
      if (byRow) {
        e.store(e.fromElements({low, high}), to, 2 * out.width());
        continue;
      }
      e.store(low, to, out.width());
      e.store(high, e.at(to, pitch() * out.width()), out.width());
    }
  }
}

void TileStore::put(Value row, Value col, Value value) {
  if (epilogue.exists())
    value = epilogue.apply(value, ElementPlace{outputRow(e.add(firstRow, row)),
                                               e.add(firstCol, col)});
  Value line = byRow ? row : col, within = byRow ? col : row;
  e.store(e.convert(value, out.element), placeOf(line, within, 1), out.width());
}

Value TileStore::placeOf(Value line, Value within, int64_t) {
  return e.at(e.shared(),
              e.mul(e.add(e.mul(line, pitch()), within), out.width()));
}

void TileStore::flush(Value thread, Value panel, Value firstCol, Value cols) {
  ScratchStore::begin();
  ScratchStore::flush(tile.rows, tile.cols, thread, tile.threads(),
                      e.mul(panel, tile.rows), firstCol, cols);
}
