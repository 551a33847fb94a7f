//===- NM.cpp - N:M and vector-wise N:M -----------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/NM.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

static std::string formatRatio(Ratio ratio) {
  return std::to_string(ratio.n) + ":" + std::to_string(ratio.m);
}

/// The first window of `bits`, which stand for rows [r, rowEnd), that holds
/// more than its share of `what`.
static std::optional<Violation> checkWindows(std::span<const uint64_t> bits,
                                             int64_t cols, Ratio ratio,
                                             int64_t r, int64_t rowEnd,
                                             std::string_view what) {
  int64_t passed = 0; // columns of words that have no such window
  if (ratio.m <= 64 && std::has_single_bit(uint64_t(ratio.m)))
    while (passed + 64 <= cols &&
           !hasFullerWindow(bits[passed / 64], ratio.n, ratio.m))
      passed += 64;
  for (int64_t c = passed; c < cols; c += ratio.m) {
    int64_t end = std::min(cols, c + ratio.m);
    int64_t found = countBits(bits, c, end);
    int64_t most = keptInWindow(ratio.n, ratio.m, end - c);
    if (found <= most)
      continue;
    return Violation{r, c, found, most,
                     "window at " + formatRange("row", r, rowEnd) + ", " +
                         formatRange("column", c, end) + ": expected at most " +
                         std::to_string(most) + " " + std::string(what) +
                         ", found " + std::to_string(found)};
  }
  return std::nullopt;
}

/// Calls `visit(column)` for what every window of `scores` keeps.
template <typename T, typename Visitor>
static void selectInWindows(std::span<const T> scores, Ratio ratio,
                            LargestSelector<T> &selector, Visitor &&visit) {
  int64_t cols = int64_t(scores.size());
  for (int64_t c = 0; c < cols; c += ratio.m) {
    int64_t size = std::min(ratio.m, cols - c);
    selector.select(scores.subspan(c, size),
                    keptInWindow(ratio.n, ratio.m, size),
                    [&](int64_t i) { visit(c + i); });
  }
}

//===----------------------------------------------------------------------===//
// N:M
//===----------------------------------------------------------------------===//

NMPattern::NMPattern(Ratio ratio) : kept(ratio) {
  assert(ratio.n >= 1 && ratio.n <= ratio.m && ratio.m <= maxExtent);
}

Result<PatternRef> NMPattern::parse(Arguments &args) {
  Ratio ratio = args.takeNextRatio();
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<NMPattern>(ratio));
}

std::string NMPattern::str() const { return "nm<" + formatRatio(kept) + ">"; }

std::optional<Violation> NMPattern::check(const Mask &mask) const {
  for (int64_t r = 0; r < mask.rows(); ++r)
    if (auto violation =
            checkWindows(mask.row(r), mask.cols(), kept, r, r + 1, "non-zeros"))
      return violation;
  return std::nullopt;
}

double NMPattern::nominalDensity() const {
  return double(kept.n) / double(kept.m);
}

Result<Mask> NMPattern::pruneChecked(const Saliency &s) const {
  Mask result(s.rows, s.cols);
  LargestSelector<float> selector;
  for (int64_t r = 0; r < s.rows; ++r)
    selectInWindows(s.values.subspan(r * s.cols, s.cols), kept, selector,
                    [&](int64_t col) { result.set(r, col); });
  return result;
}

//===----------------------------------------------------------------------===//
// Vector-wise N:M
//===----------------------------------------------------------------------===//

VectorNMPattern::VectorNMPattern(Ratio ratio, int64_t length)
    : kept(ratio), length(length) {
  assert(ratio.n >= 1 && ratio.n <= ratio.m && ratio.m <= maxExtent);
  assert(length >= 1);
}

Result<PatternRef> VectorNMPattern::parse(Arguments &args) {
  int64_t length = args.takeInteger("l", {1, maxExtent}, 32);
  Ratio ratio = args.takeNextRatio();
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<VectorNMPattern>(ratio, length));
}

std::string VectorNMPattern::str() const {
  return "vector-nm<" + formatRatio(kept) + ",l=" + std::to_string(length) +
         ">";
}

std::optional<Violation> VectorNMPattern::check(const Mask &mask) const {
  Tiling vectors{length, 1};
  int64_t total = vectors.count(mask.rows(), mask.cols());
  if (auto violation = vectors.check(mask, "vector", total))
    return violation;
  for (int64_t r = 0; r < mask.rows(); r += length)
    if (auto violation =
            checkWindows(mask.row(r), mask.cols(), kept, r,
                         std::min(mask.rows(), r + length), "vectors"))
      return violation;
  return std::nullopt;
}

Mask VectorNMPattern::completed(const Mask &mask) const {
  return Tiling{length, 1}.completed(mask);
}

double VectorNMPattern::nominalDensity() const {
  return double(kept.n) / double(kept.m);
}

Result<Mask> VectorNMPattern::pruneChecked(const Saliency &s) const {
  Mask result(s.rows, s.cols);
  LargestSelector<double> selector;
  for (int64_t r = 0; r < s.rows; r += length) {
    int64_t rowEnd = std::min(s.rows, r + length);
    std::vector<double> sums = columnSums(s, r, rowEnd);
    selectInWindows(std::span<const double>(sums), kept, selector,
                    [&](int64_t col) {
                      for (int64_t i = r; i < rowEnd; ++i)
                        result.set(i, col);
                    });
  }
  return result;
}

} // namespace mlir::spmmplu
