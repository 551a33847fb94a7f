//===- ValueCells.h - Cells of an lhs from values of places -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An lhs that is the values at a mask's places is multiplied in cells of a
// panel's rows by some k. Of each row of a cell the values are a run, which is
// spread to a vector: those of the row's k, and zeros between them.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_VALUECELLS_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_VALUECELLS_H

#include "Kernels.h"

namespace mlir::spmmplu {

/// Writes the `depth` values of run `run` of the kernel's table to `to`, from
/// `at` on.
void emitFillRow(Emitter &e, const KernelContext &c, Value run, int64_t depth,
                 Value to, Value at);

/// The cell that is multiplied and the one after it, in scratch memory: tiles
/// are loaded past the stores at hand, and would wait for those of their own
/// cell. Cells of a task follow each other.
class CellQueue {
public:
  /// Cells of `entries` entries.
  CellQueue(Emitter &e, const KernelContext &c, int64_t rows, int64_t depth,
            int64_t entries);
  void free() { e.free(memory); }

  /// Fills the cell of `entry`, the first one that is walked.
  void start(Value entry);
  /// Fills the cell after that of `entry`. Returns where in `getMemory()` the
  /// cell of `entry` is, [rows][depth].
  Value advance(Value entry);
  Value getMemory() const { return memory; }

private:
  void fillRow(Value cell, Value row);
  Value place(Value cell);

  Emitter &e;
  const KernelContext &c;
  int64_t rows, depth, entries, cells;
  Value memory;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_VALUECELLS_H
