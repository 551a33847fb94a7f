//===- PermutationSearch.h - The searches of the permutation ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PATTERN_PERMUTATIONSEARCH_H
#define SPMMPLU_LIB_PATTERN_PERMUTATIONSEARCH_H

#include "spmmplu/Pattern/Layout.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace mlir::spmmplu {

/// Hands the parts of the work done on to the caller's function.
class ProgressMeter {
public:
  explicit ProgressMeter(std::function<void(double)> report)
      : report(std::move(report)) {}

  /// Raises what is done to `fraction`, if it is less.
  void reach(double fraction) {
    if (!report)
      return;
    std::lock_guard<std::mutex> lock(mutex);
    if (fraction <= reached)
      return;
    reached = fraction;
    report(fraction);
  }

private:
  std::function<void(double)> report;
  std::mutex mutex;
  double reached = 0;
};

/// What both searches work on. `saliency` is finite and at most 1, so sums of
/// floats do not overflow.
struct SearchContext {
  Saliency saliency;
  uint64_t seed;
  int threads; ///< >= 1
  ProgressMeter &progress;
};

/// The generator seed of part `index` of a search.
uint64_t mixSeed(uint64_t seed, uint64_t index);

/// A row order whose tiles of `tileRows` keep more saliency in their
/// `keptColumns` largest columns, as far as the search finds one: never less.
/// Progress goes from 0 to `share`.
std::vector<int32_t> searchOutputChannels(const SearchContext &context,
                                          int64_t tileRows, int64_t keptColumns,
                                          double share);

/// Rearranges the column lists of `layout` (vectorRows = 1, lists given) so
/// that its groups keep more saliency, never less. Progress goes from `from` to
/// 1.
void searchInputChannels(const SearchContext &context, GroupedLayout &layout,
                         double from);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PATTERN_PERMUTATIONSEARCH_H
