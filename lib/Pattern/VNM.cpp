//===- VNM.cpp - V:N:M ----------------------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/VNM.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

VNMPattern::VNMPattern(int64_t tileRows, Ratio ratio)
    : height(tileRows), kept(ratio) {
  assert(tileRows >= 1 && ratio.n >= 1 && ratio.m >= 2 * ratio.n &&
         ratio.m <= maxExtent);
}

Result<PatternRef> VNMPattern::parse(Arguments &args) {
  int64_t height = args.takeInteger("v", {1, maxExtent}, 64);
  Ratio ratio = args.takeNextRatio();
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  if (ratio.m < 2 * ratio.n)
    return Error{"pattern 'vnm': expected M of at least 2N in N:M, found " +
                 std::to_string(ratio.n) + ":" + std::to_string(ratio.m)};
  return PatternRef(std::make_shared<VNMPattern>(height, ratio));
}

std::string VNMPattern::str() const {
  return "vnm<v=" + std::to_string(height) + "," + std::to_string(kept.n) +
         ":" + std::to_string(kept.m) + ">";
}

double VNMPattern::nominalDensity() const {
  return double(kept.n) / double(kept.m);
}

/// The columns that a window of `window` <= M columns keeps.
int64_t VNMPattern::keptInColumns(int64_t window) const {
  return keptInWindow(2 * kept.n, kept.m, window);
}

int64_t VNMPattern::keptColumns(int64_t cols) const {
  return cols / kept.m * 2 * kept.n + keptInColumns(cols % kept.m);
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

static Violation makeViolation(int64_t r, int64_t rowEnd, int64_t c,
                               int64_t colEnd, int64_t found, int64_t expected,
                               std::string_view what) {
  return {r, c, found, expected,
          "window at " + formatRange("row", r, rowEnd) + ", " +
              formatRange("column", c, colEnd) + ": expected at most " +
              std::to_string(expected) + " " + std::string(what) + ", found " +
              std::to_string(found)};
}

std::optional<Violation> VNMPattern::check(const Mask &mask) const {
  for (int64_t r = 0; r < mask.rows(); r += height) {
    int64_t rowEnd = std::min(mask.rows(), r + height);
    MergedRows merged(mask, r, rowEnd);
    for (int64_t c = 0; c < mask.cols(); c += kept.m) {
      int64_t colEnd = std::min(mask.cols(), c + kept.m);
      int64_t used = countBits(merged.any, c, colEnd);
      int64_t most = keptInColumns(colEnd - c);
      if (used > most)
        return makeViolation(r, rowEnd, c, colEnd, used, most,
                             "columns in use");
      for (int64_t i = r; i < rowEnd; ++i)
        if (int64_t found = mask.countRange(i, c, colEnd);
            found > ceilDiv(most, 2))
          return makeViolation(i, i + 1, c, colEnd, found, ceilDiv(most, 2),
                               "non-zeros");
    }
  }
  return std::nullopt;
}

std::vector<std::vector<int32_t>>
VNMPattern::columnLists(const Mask &mask) const {
  std::vector<std::vector<int32_t>> lists;
  for (int64_t r = 0; r < mask.rows(); r += height) {
    MergedRows merged(mask, r, std::min(mask.rows(), r + height));
    std::vector<int32_t> list;
    for (int64_t c = 0; c < mask.cols(); c += kept.m) {
      int64_t colEnd = std::min(mask.cols(), c + kept.m);
      size_t full = list.size() + keptInColumns(colEnd - c);
      for (int64_t col = c; col < colEnd; ++col)
        if (merged.any[col / 64] >> (col % 64) & 1)
          list.push_back(int32_t(col));
      list.resize(full, -1);
    }
    lists.push_back(std::move(list));
  }
  return lists;
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

Result<Mask> VNMPattern::pruneChecked(const Saliency &s) const {
  Mask result(s.rows, s.cols);
  LargestSelector<double> bySum;
  LargestSelector<float> inRow;
  std::vector<int64_t> chosen;
  std::vector<float> scores;
  for (int64_t r = 0; r < s.rows; r += height) {
    int64_t rowEnd = std::min(s.rows, r + height);
    std::vector<double> sums = columnSums(s, r, rowEnd);
    for (int64_t c = 0; c < s.cols; c += kept.m) {
      int64_t size = std::min(kept.m, s.cols - c), most = keptInColumns(size);
      chosen.clear();
      bySum.select(std::span<const double>(sums).subspan(c, size), most,
                   [&](int64_t i) { chosen.push_back(c + i); });
      scores.resize(chosen.size());
      for (int64_t i = r; i < rowEnd; ++i) {
        for (size_t k = 0; k < chosen.size(); ++k)
          scores[k] = s.at(i, chosen[k]);
        inRow.select(scores, ceilDiv(most, 2),
                     [&](int64_t k) { result.set(i, chosen[k]); });
      }
    }
  }
  return result;
}

} // namespace mlir::spmmplu
