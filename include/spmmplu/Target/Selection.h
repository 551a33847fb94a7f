//===- Selection.h - A few strategies for every N --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where N is dynamic, one strategy cannot be right for all of it. A selection
// is a small set of strategies that covers the space of N, and breakpoints that
// say which of them serves which N. Both follow from the cost model, before
// any N is known (docs/cost-model.md, "Dynamic N").
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_SELECTION_H
#define SPMMPLU_TARGET_SELECTION_H

#include "spmmplu/Target/Strategy.h"
#include "spmmplu/Target/Tuning.h"

#include <span>
#include <vector>

namespace mlir::spmmplu {

struct SelectionOptions {
  int64_t maxStrategies = 12;
  /// Packed bytes beyond the first layout that a package may have for little.
  int64_t freeBytes = int64_t(2) << 20;
  /// Ranges of a class; a bound on the code that selects.
  size_t maxRanges = 48;
  /// What was measured, if anything: then nothing else is chosen.
  const std::vector<TunedStrategy> *measured = nullptr;
};

/// From `from` columns on, up to the next range, `strategy` is used.
struct SelectionRange {
  int64_t from = 0;
  size_t strategy = 0;
  double micros = 0; ///< predicted at the first N of the range that is judged
};

struct Selection {
  std::vector<Strategy> strategies;
  /// N that are multiples of `modulus` have ranges of their own, as kernels
  /// treat rows that end within a vector differently. 1: all N are alike, and
  /// `aligned` is empty.
  int64_t modulus = 1;
  /// Ascending, each beginning at 0.
  std::vector<SelectionRange> aligned, others;

  // What it was chosen over.
  size_t candidates = 0;                   ///< judged
  size_t kept = 0;                         ///< after dominance
  size_t layouts = 0;                      ///< distinct packed forms of the lhs
  int64_t packedBytes = 0, extraBytes = 0; ///< of the first, of the others
  /// Over the best candidate, by the model: geometric mean over N spread
  /// evenly on a logarithmic axis, and at worst. 0: none.
  double meanRegret = 0, worstRegret = 0;
  /// Geometric mean of predicted time over the same N.
  double meanMicros = 0;

  /// The strategy for n columns.
  size_t at(int64_t n) const;
};

/// The multiples of 1, 8, 64 and 256 at which tiles of columns begin, and what
/// follows each, by one and by `modulus` (`getColumnModulus`): where the model
/// is judged.
std::vector<int64_t> getSelectionPoints(int64_t modulus);

/// The elements along j that a kernel moves at once: rows of a multiple of it
/// need no care at their ends.
int64_t getColumnModulus(const Target &target, const ProductProblem &problem);

/// What the packed form of a lhs depends on: strategies with equal ones share
/// it. (Steps may differ: chains are padded to the longest.)
struct LayoutKey {
  IntrinsicUnit unit;
  bool sparse;
  int64_t rows, depth, phase;
  auto operator<=>(const LayoutKey &) const = default;
};
LayoutKey getLayoutKey(const Strategy &strategy);

/// Chooses from `candidates`, which `chooseStrategy` made for a problem of
/// dynamic N and a sparse or dense lhs (`isFull`: all of the mask is walked).
Selection makeSelection(const Target &target, const ProductProblem &problem,
                        std::span<const Candidate> candidates, bool isFull,
                        const SelectionOptions &options = {});

/// The N at which strategies are measured.
inline constexpr int64_t kTunedColumns[] = {1, 16, 64, 256, 1024, 4096};

/// The `count` best of `candidates` at each of `columns`, none twice: what is
/// worth measuring.
std::vector<Strategy> getLeading(const Target &target,
                                 const ProductProblem &problem,
                                 std::span<const Candidate> candidates,
                                 std::span<const int64_t> columns,
                                 size_t count);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_SELECTION_H
