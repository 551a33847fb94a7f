//===- ChainPhases.h - Sums of chains in several phases ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chains of several phases visit a row of the output more than once. Between
// visits its sums are in scratch memory of the task: lines that follow each
// other, where rows of the output lie N apart and fall into few of a cache's
// sets. The output is written once, by the last chain of its row; a row whose
// chains all lie in one phase never sees the scratch memory.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_CHAINPHASES_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_CHAINPHASES_H

#include "Kernels.h"

namespace mlir::spmmplu {

/// One visit of a panel of rows.
struct PanelVisit {
  Value isFirst, isLast; ///< i1, of the panel's visits that are not empty
  /// Row r of the panel has its sums in `sums` from base + r * `width` on.
  Value sums, base;
  int64_t width;
};

/// The visits of a kernel whose chains have several phases.
class ChainPhases {
public:
  /// Finds each panel's first and last visit. Before the parallel region.
  ChainPhases(Emitter &e, const KernelContext &c);
  void free() { e.free(ends); }

  /// Scratch memory for the sums of task `task`, `width` columns each.
  Value allocSums(Value task, int64_t width);
  /// Calls `body` for the panels of `task` that phase `phase` visits: where
  /// they have entries, and the last time if they have none in any.
  void forEachVisit(
      Value task, Value phase, Value sums, int64_t width,
      function_ref<void(Value panel, Value chain, const PanelVisit &visit)>
          body);
  Value count() { return e.index(phases); }

  /// Whether a phase is the strategy's number of rows of the rhs and reads no
  /// others, so that these can be copied when it begins.
  static bool areRowsOfRhs(const KernelContext &c);
  /// The rows of the rhs that `phase` reads.
  std::pair<Value, Value> getRows(Value phase);

private:
  void findEnds();

  Emitter &e;
  const KernelContext &c;
  int64_t phases, panels;
  Value ends; ///< i32: first visits of all panels, then last visits
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_CHAINPHASES_H
