//===- HiNM.cpp - Hierarchical N:M
//-----------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/HiNM.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

HiNMPattern::HiNMPattern(int64_t tileRows, double vectorSparsity, Ratio ratio)
    : height(tileRows), zeros(vectorSparsity), kept(ratio) {
  assert(tileRows >= 1 && vectorSparsity >= 0 && vectorSparsity <= 1);
  assert(ratio.n >= 1 && ratio.n <= ratio.m && ratio.m <= maxExtent);
}

Result<PatternRef> HiNMPattern::parse(Arguments &args) {
  int64_t height = args.takeInteger("v", {1, maxExtent}, 64);
  double sparsity = args.takeFraction("vector", 0.5);
  Ratio ratio = args.takeNextRatio(Ratio{2, 4});
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<HiNMPattern>(height, sparsity, ratio));
}

std::string HiNMPattern::str() const {
  return "hinm<v=" + std::to_string(height) + ",vector=" + formatNumber(zeros) +
         "," + std::to_string(kept.n) + ":" + std::to_string(kept.m) + ">";
}

double HiNMPattern::nominalDensity() const {
  return (1 - zeros) * double(kept.n) / double(kept.m);
}

int64_t HiNMPattern::keptColumns(int64_t cols) const {
  if (zeros == 1)
    return 0;
  double groups = (1 - zeros) * double(cols) / double(kept.m);
  return std::min(cols, std::max<int64_t>(std::llround(groups), 1) * kept.m);
}

/// The non-zeros a row may have in `group` of `columns` kept columns.
int64_t HiNMPattern::keptInGroup(int64_t group, int64_t columns) const {
  int64_t size = std::min(kept.m, columns - group * kept.m);
  return keptInWindow(kept.n, kept.m, size);
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

/// The rows of [r, rowEnd) that are set in `bits`, relative to r.
static void collectRows(std::span<const uint64_t> bits, int64_t r,
                        int64_t rowEnd, std::vector<int64_t> &rows) {
  rows.clear();
  for (int64_t at = r; at < rowEnd;) {
    int64_t width = std::min<int64_t>(64 - at % 64, rowEnd - at);
    for (uint64_t word = bits[at / 64] >> (at % 64); word; word &= word - 1)
      if (int64_t bit = std::countr_zero(word); bit < width)
        rows.push_back(at - r + bit);
    at += width;
  }
}

/// Fills groups in ascending order of columns, and begins the next one as late
/// as possible. That needs the fewest groups, as a part of a good group is a
/// good group.
std::optional<Violation>
HiNMPattern::listColumns(const Mask &transposed, int64_t tile,
                         std::vector<int32_t> &list) const {
  int64_t r = tile * height, rowEnd = std::min(transposed.cols(), r + height);
  int64_t columns = keptColumns(transposed.rows()), position = 0, needed = 0;
  list.assign(columns, -1);
  std::vector<int32_t> counts(rowEnd - r, 0);
  std::vector<int64_t> members;
  std::optional<Violation> violation;
  for (int64_t c = 0; c < transposed.rows(); ++c) {
    collectRows(transposed.row(c), r, rowEnd, members);
    if (members.empty())
      continue;
    ++needed;
    // Once there is a violation, only the columns are still counted.
    for (bool placed = false; !placed && !violation;) {
      int64_t group = position / kept.m;
      int64_t most = position < columns ? keptInGroup(group, columns) : 0;
      placed = std::all_of(members.begin(), members.end(),
                           [&](int64_t i) { return counts[i] < most; });
      if (placed) {
        for (int64_t i : members)
          ++counts[i];
        list[position++] = int32_t(c);
      } else if (position >= columns) {
        violation = Violation{r, c, 0, columns, ""};
      } else {
        position = std::min(columns, (group + 1) * kept.m);
      }
      if (position % kept.m == 0)
        std::fill(counts.begin(), counts.end(), 0);
    }
  }
  if (violation) {
    violation->found = needed;
    violation->message =
        "tile at " + formatRange("row", r, rowEnd) + ": expected its columns " +
        "to fit in " + std::to_string(columns) + " kept ones at " +
        std::to_string(kept.n) + ":" + std::to_string(kept.m) + ", found " +
        std::to_string(needed) + " of which column " +
        std::to_string(violation->col) + " is the first not to fit";
  }
  return violation;
}

std::optional<Violation> HiNMPattern::check(const Mask &mask) const {
  Mask transposed = mask.transposed();
  std::vector<int32_t> list;
  for (int64_t t = 0; t < ceilDiv(mask.rows(), height); ++t)
    if (auto violation = listColumns(transposed, t, list))
      return violation;
  return std::nullopt;
}

Result<std::vector<std::vector<int32_t>>>
HiNMPattern::columnLists(const Mask &mask) const {
  Mask transposed = mask.transposed();
  std::vector<std::vector<int32_t>> lists(ceilDiv(mask.rows(), height));
  for (size_t t = 0; t < lists.size(); ++t)
    if (auto violation = listColumns(transposed, int64_t(t), lists[t]))
      return Error{violation->message};
  return lists;
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

Result<Mask> HiNMPattern::pruneChecked(const Saliency &s) const {
  Mask result(s.rows, s.cols);
  int64_t columns = keptColumns(s.cols);
  LargestSelector<double> bySum;
  LargestSelector<float> inGroup;
  std::vector<int64_t> chosen;
  std::vector<float> scores;
  for (int64_t r = 0; r < s.rows; r += height) {
    int64_t rowEnd = std::min(s.rows, r + height);
    std::vector<double> sums = columnSums(s, r, rowEnd);
    chosen.clear();
    bySum.select(sums, columns, [&](int64_t c) { chosen.push_back(c); });
    for (int64_t i = r; i < rowEnd; ++i)
      for (int64_t first = 0; first < int64_t(chosen.size()); first += kept.m) {
        int64_t size = std::min(kept.m, int64_t(chosen.size()) - first);
        scores.resize(size);
        for (int64_t j = 0; j < size; ++j)
          scores[j] = s.at(i, chosen[first + j]);
        inGroup.select(scores, keptInGroup(first / kept.m, columns),
                       [&](int64_t j) { result.set(i, chosen[first + j]); });
      }
  }
  return result;
}

} // namespace mlir::spmmplu
