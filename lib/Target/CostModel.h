//===- CostModel.h - Work of a strategy, and its time ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Target. A kernel family says how much it executes and moves
// (`Work`, KernelWork.cpp); the target's table turns that into time
// (CostModel.cpp). docs/cost-model.md derives both.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_COSTMODEL_H
#define SPMMPLU_LIB_TARGET_COSTMODEL_H

#include "spmmplu/Target/Strategy.h"

#include <map>
#include <utility>

namespace mlir::spmmplu {

/// Counts the cells of a mask under tiles of `rows` x `depth`, each tile once.
/// Holds for a product: the mask is not copied.
class CellCounter {
public:
  enum class Walk { Mask, Full };

  /// `problem` has passed `checkProblem` and outlives the counter.
  CellCounter(const ProductProblem &problem, Walk walk);

  /// Cells with a set bit, or all where the walk is full.
  int64_t cells(int64_t rows, int64_t depth);
  /// Of the panel that has most of them.
  int64_t longest(int64_t rows, int64_t depth);
  /// Of pairs of panels (`PanelPairs`): a cell that both have counts once. All
  /// cells, and those of the pair that has most.
  struct PairedCells {
    int64_t all = 0, longest = 0;
  };
  PairedCells pairedCells(int64_t rows, int64_t depth);
  /// Steps of entries of one k, band by band of each panel (Bands.h).
  int64_t bandSteps(int64_t rows, int64_t band);
  double nonZeros() const { return setBits; }

private:
  /// The cells of the mask, panels in their order.
  Mask coarsen(int64_t rows, int64_t depth) const;

  const ProductProblem &problem;
  Walk walk;
  double setBits;
  std::vector<int32_t> order; ///< a permutation, or empty
  std::map<std::pair<int64_t, int64_t>, int64_t> known, knownLongest,
      knownBandSteps;
  std::map<std::pair<int64_t, int64_t>, PairedCells> knownPaired;
};

/// Bytes that pass each level on their way into a core, over all cores. What
/// misses a level passes all below it too.
struct Traffic {
  double l1 = 0, l2 = 0, l3 = 0, memory = 0;

  /// Adds `bytes` of accesses that come back to the same `workingSet` bytes.
  /// `coverage` is the part of a cache's sets that these map to.
  void add(const Target &target, double bytes, double workingSet,
           double coverage = 1, bool scattered = false);
};

/// What a kernel does in one call, all threads together.
struct Work {
  double cycles = 0; ///< of one core
  Traffic traffic;
  /// Of `cycles`, those that do not overlap with reads from beyond L1.
  double unhiddenCycles = 0;
  double farLhsBytes = 0; ///< of the lhs, read from beyond the L2
  double packCycles = 0;  ///< besides the kernel proper, as `packTraffic`
  Traffic packTraffic;
  bool packsInTasks = false; ///< as part of them, or in a region of its own
  double items = 1;          ///< independent parts
  int regions = 1;           ///< parallel regions, one after the other
  double executedFlops = 0;
};

/// The work of a strategy that `checkStrategy` accepts.
Work getWork(const Target &target, const ProductProblem &problem,
             const Strategy &strategy, int64_t n, CellCounter &counter);

/// Fails on a problem that the model cannot be asked about.
::spmmplu::Status checkProblem(const ProductProblem &problem);

/// Whether the kernels take the strategy for this problem.
bool checkStrategy(const Target &target, const ProductProblem &problem,
                   const Strategy &strategy);

/// All that the kernels take; what was made but is not taken goes to
/// `rejected`, if that is not null.
std::vector<Strategy> enumerateStrategies(const Target &target,
                                          const ProductProblem &problem,
                                          std::vector<Strategy> *rejected);

/// `predict` for what has been checked.
Prediction predictChecked(const Target &target, const ProductProblem &problem,
                          const Strategy &strategy, int64_t n,
                          CellCounter &counter);

/// Bytes of an element.
int64_t getSize(Element element);
/// As the tables write it, e.g. `bf16`.
std::string_view getName(Element element);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_COSTMODEL_H
