//===- Selection.h - Helpers of the pruning patterns ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PATTERN_SELECTION_H
#define SPMMPLU_LIB_PATTERN_SELECTION_H

#include "spmmplu/Pattern/Pattern.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// For a >= 0, b > 0; does not overflow.
inline int64_t ceilDiv(int64_t a, int64_t b) { return a ? (a - 1) / b + 1 : 0; }

/// How many of `total` units stay at `sparsity`: what goes is rounded to the
/// nearest.
inline int64_t keptUnits(int64_t total, double sparsity) {
  return total -
         std::clamp<int64_t>(std::llround(sparsity * double(total)), 0, total);
}

/// What a window of `length` <= M positions keeps: N, and in proportion
/// (rounded up) if it is a shorter tail.
inline int64_t keptInWindow(int64_t n, int64_t m, int64_t length) {
  return ceilDiv(n * length, m);
}

/// Finds the largest scores. Reused between calls for its buffer.
template <typename T> class LargestSelector {
public:
  /// Calls `visit(index)`, ascending, for the `keep` largest positive scores;
  /// among equal ones the earlier win.
  template <typename Visitor>
  void select(std::span<const T> scores, int64_t keep, Visitor &&visit) {
    int64_t count = int64_t(scores.size());
    if (keep <= 0)
      return;
    T threshold = T(0);
    int64_t ties = 0;
    if (keep < count) {
      buffer.assign(scores.begin(), scores.end());
      auto last = buffer.begin() + (keep - 1);
      std::nth_element(buffer.begin(), last, buffer.end(), std::greater<T>());
      threshold = *last;
      ties = keep - std::count_if(scores.begin(), scores.end(),
                                  [&](T s) { return s > threshold; });
    }
    for (int64_t i = 0; i < count; ++i)
      if (scores[i] > threshold ||
          (scores[i] == threshold && threshold > T(0) && ties-- > 0))
        visit(i);
  }

private:
  std::vector<T> buffer;
};

/// `columns 8..11`, or `column 8`; `end` is exclusive.
inline std::string formatRange(std::string_view unit, int64_t begin,
                               int64_t end) {
  std::string result(unit);
  if (end - begin == 1)
    return result + " " + std::to_string(begin);
  return result + "s " + std::to_string(begin) + ".." + std::to_string(end - 1);
}

/// The values of the transposed matrix.
std::vector<float> transposedValues(const Saliency &saliency);

/// The summed saliency of every column over rows [begin, end).
std::vector<double> columnSums(const Saliency &saliency, int64_t begin,
                               int64_t end);

/// A division of a matrix into tiles of `rowTile` x `colTile`, tails included,
/// which are non-zero as a whole. What blocks, whole rows and whole columns
/// have in common.
struct Tiling {
  int64_t rowTile, colTile;

  int64_t count(int64_t rows, int64_t cols) const;
  /// The first tile that is neither empty nor full, or the first beyond
  /// `maxTiles` non-empty ones. `unit` names a tile in the message.
  std::optional<Violation> check(const Mask &mask, std::string_view unit,
                                 int64_t maxTiles) const;
  Mask completed(const Mask &mask) const;
  /// Keeps the `keep` tiles of largest summed saliency.
  Mask prune(const Saliency &saliency, int64_t keep) const;
};

/// The union and the intersection of rows [begin, end) of a mask.
struct MergedRows {
  std::vector<uint64_t> any, every;

  MergedRows(const Mask &mask, int64_t begin, int64_t end);
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PATTERN_SELECTION_H
