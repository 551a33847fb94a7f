//===- SlabStore.h - Sums of matrix instructions to the output --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A *slab* is the sums of one instruction's rows: 64 of a warpgroup, 16 of a
// warp, some columns each. Its threads put it into their scratch, as lines of
// the output, and store whole lines from there.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_SLABSTORE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_SLABSTORE_H

#include "AsyncEmitter.h"
#include "PanelStore.h"

namespace mlir::spmmplu {

/// Sixteen rows a warp.
struct SlabShape {
  int64_t warps; ///< 1, or the 4 of a warpgroup
  int64_t cols;
  int64_t scratchBytes; ///< of these warps: a line of 128 bytes or more a row

  int64_t rows() const { return 16 * warps; }
  int64_t threads() const { return 32 * warps; }
};

/// Slabs to the output. A lane has, of every eight columns, two that follow
/// each other in row lane / 4 of its warp's, and two eight rows further.
class SlabStore : ScratchStore {
public:
  SlabStore(KernelBuilder &k, SlabShape shape);
  /// `thread` of the slab's. Their scratch is at byte `scratch` of shared
  /// memory; a warpgroup meets at the block's barrier `barrier`.
  void begin(Value thread, Value scratch, Value barrier = {});
  /// Stores a slab: the panels' rows from `firstRow` on and the columns from
  /// `firstCol` on, of `cols`; all of its threads.
  void store(Value accumulators, Value firstRow, Value firstCol, Value cols);

private:
  /// Columns that scratch takes at once.
  int64_t storeCols() const;
  int64_t lineChunks() const;
  Value chunkAddress(Value line, Value chunk);
  /// All threads of the slab have come here.
  void meet();
  void write(Value accumulators, int64_t firstCol, int64_t count);
  void writeMatrices(Value accumulators, int64_t from, int64_t tiles,
                     int64_t col);
  void writeSingles(Value accumulators, int64_t from, int64_t col);
  /// The epilogue of `count` accumulators from `from` on.
  Value finish(Value accumulators, int64_t from, int64_t count);
  Value placeOf(Value line, Value within, int64_t size) override;

  AsyncEmitter async;
  SlabShape shape;
  Value thread, barrier, scratch;
  /// Of the thread's first accumulator, and of those eight rows further.
  Value rows[2], firstCol;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_SLABSTORE_H
