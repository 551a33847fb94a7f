//===- OutputTileTable.h - What kernels of output tiles share --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_OUTPUTTILETABLE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_OUTPUTTILETABLE_H

#include "Kernels.h"

namespace mlir::spmmplu {

/// The table of a kernel of output tiles, and how sums reach the output.
class OutputTileTable {
public:
  /// Its parts, in the order of `TilesAttr`.
  enum Part { PanelRows, GranuleCols, TilePtr, Tiles, MaskOffset, Masks, Runs };

  OutputTileTable(Emitter &e, const KernelContext &c);

  Value part(Part which, Value at) const {
    return e.loadIndex(c.op.getTables()[which], at);
  }
  /// `count` indices of a table. Padding is 0: what it computes is not stored.
  SmallVector<Value> loadIndices(Part which, Value at, int64_t count) const;

  /// Calls `store(offset)` with the place of the tile's mask words, or with
  /// null where the tile is in the mask whole; of values of places with that of
  /// the tile's runs.
  void withMask(Value tile, function_ref<void(Value maskOffset)> store) const;
  /// Writes `rowSums`, vectors of row `r` of a tile, whose place in the output
  /// is `row`: all of them, or the bits of the row's word from `maskOffset` on.
  /// Values of places go where the row's run is.
  void storeRow(ArrayRef<Value> rowSums, Value r, Value row, Value granule,
                Value maskOffset) const;

  TilesAttr attr;
  /// Every granule is a run of columns (padding last), so that a tile's row is
  /// stored at once instead of scattered.
  bool granulesAreRuns;

private:
  Value lanesOf(Value word, int64_t v) const;
  void storeRun(ArrayRef<Value> rowSums, Value run) const;
  Value storeInRun(Value sum, Value at, Value word, int64_t shift) const;
  Value toMask(Value bits) const;
  void storeVector(Value sum, Value row, Value granuleAt, Value mask) const;

  Emitter &e;
  const KernelContext &c;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_OUTPUTTILETABLE_H
