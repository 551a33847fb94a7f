//===- ChainTransposedStore.cpp - The store of transposed sums -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lane's accumulators of a row are of columns that follow each other, and
// eight lanes have those of a whole line: they need no way through shared
// memory. Four rows leave at once.
//
//===----------------------------------------------------------------------===//

#include "ChainTransposedKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

TransposedStore::TransposedStore(KernelBuilder &k, const TransposedTile &tile)
    : PanelStore(k, k.operand(Role::Out)), tile(tile),
      byRow(out.contiguousInY()) {}

void TransposedStore::begin(Value threadOfGroup) {
  thread = threadOfGroup;
  if (byRow)
    whole = out.isAligned(e);
}

void TransposedStore::store(ArrayRef<Value> accumulators, Value panel,
                            Value firstCol, Value cols) {
  epilogue.begin(cols);
  SmallVector<Value> laneCols;
  for (int64_t unit = 0; unit < tile.units(); ++unit)
    laneCols.push_back(e.add(firstCol, tile.laneCol(e, thread, unit)));
  Value first =
      e.add(e.mul(panel, tile.rows), e.mul(e.rem(e.rem(thread, 32), 4), 2));
  for (int64_t row = 0; row < tile.rows; row += 8)
    for (int64_t odd = 0; odd < 2; ++odd) {
      Value to = outputRow(e.add(first, row + odd));
      for (int64_t unit = 0; unit < tile.units(); ++unit)
        storeRow(accumulators.slice(unit * tile.together(), tile.together()),
                 row / 2 + odd, to, laneCols[unit], cols);
    }
}

void TransposedStore::storeRow(ArrayRef<Value> accumulators, int64_t at,
                               Value row, Value firstCol, Value cols) {
  SmallVector<Value> sums;
  SmallVector<ElementPlace> places;
  for (Value sum : accumulators)
    for (int64_t half = 0; half < 2; ++half) {
      Value col = e.add(firstCol, int64_t(sums.size()));
      sums.push_back(e.extract(sum, at + 2 * half));
      places.push_back({row, col});
    }
  Value value = e.fromElements(sums);
  if (epilogue.exists())
    value = epilogue.apply(value, places);
  value = e.convert(value, out.element);
  auto storeSingly = [&] {
    for (auto [n, place] : llvm::enumerate(places))
      e.ifThen(e.less(place.col, cols), [&] {
        put(e.extract(value, int64_t(n)), out.address(e, row, place.col),
            out.width());
      });
  };
  e.ifThen(e.less(e.i32(-1), row), [&] {
    if (!byRow)
      return storeSingly();
    Value fits = e.less(e.add(firstCol, tile.laneCols() - 1), cols);
    e.ifThen(
        whole ? e.both(whole, fits) : fits,
        [&] {
          put(value, out.address(e, row, firstCol),
              tile.laneCols() * out.width());
        },
        storeSingly);
  });
}
