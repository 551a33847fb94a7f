//===- PCNN.cpp - Pattern pruning of 3x3 kernels --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/PCNN.h"
#include "Selection.h"

#include <bitset>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

/// The ways to choose non-zeros in a kernel are 9-bit words.
static constexpr unsigned allWays = 1u << PCNNPattern::kernelSize;

PCNNPattern::PCNNPattern(int64_t nonZeros, int64_t patterns)
    : count(nonZeros), limit(patterns) {
  assert(nonZeros >= 1 && nonZeros <= kernelSize && patterns >= 1);
}

Result<PatternRef> PCNNPattern::parse(Arguments &args) {
  int64_t nonZeros = args.takeInteger("n", {1, kernelSize}, 4);
  int64_t patterns = args.takeInteger("patterns", {1, allWays}, 8);
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<PCNNPattern>(nonZeros, patterns));
}

std::string PCNNPattern::str() const {
  return "pcnn<n=" + std::to_string(count) +
         ",patterns=" + std::to_string(limit) + ">";
}

double PCNNPattern::nominalDensity() const {
  return double(count) / double(kernelSize);
}

static std::string unevenColumns(int64_t cols) {
  return "matrix: expected a multiple of 9 columns for 3x3 kernels, found " +
         std::to_string(cols);
}

/// The way of the kernel that begins at (row, col).
static unsigned wayAt(const Mask &mask, int64_t row, int64_t col) {
  unsigned way = 0;
  for (int64_t i = 0; i < PCNNPattern::kernelSize; ++i)
    way |= unsigned(mask.get(row, col + i)) << i;
  return way;
}

std::optional<Violation> PCNNPattern::check(const Mask &mask) const {
  int64_t cols = mask.cols(), used = 0;
  if (cols % kernelSize != 0)
    return Violation{0, cols / kernelSize * kernelSize, cols % kernelSize, 0,
                     unevenColumns(cols)};
  std::bitset<allWays> seen;
  for (int64_t r = 0; r < mask.rows(); ++r)
    for (int64_t c = 0; c < cols; c += kernelSize) {
      int64_t found = mask.countRange(r, c, c + kernelSize);
      if (found == 0)
        continue;
      unsigned way = wayAt(mask, r, c);
      bool isNew = !seen[way];
      seen.set(way);
      if (found == count && (!isNew || ++used <= limit))
        continue;
      std::string where = "kernel at row " + std::to_string(r) + ", " +
                          formatRange("column", c, c + kernelSize);
      if (found != count)
        return Violation{r, c, found, count,
                         where + ": expected " + std::to_string(count) +
                             " non-zeros or none, found " +
                             std::to_string(found)};
      return Violation{r, c, used, limit,
                       where + ": expected one of " + std::to_string(limit) +
                           " patterns, found one more"};
    }
  return std::nullopt;
}

Mask PCNNPattern::completed(const Mask &mask) const {
  if (mask.cols() % kernelSize != 0)
    return mask;
  std::bitset<allWays> whole;
  for (int64_t r = 0; r < mask.rows(); ++r)
    for (int64_t c = 0; c < mask.cols(); c += kernelSize)
      if (unsigned way = wayAt(mask, r, c); std::popcount(way) == count)
        whole.set(way);
  Mask result = mask;
  for (int64_t r = 0; r < mask.rows(); ++r)
    for (int64_t c = 0; c < mask.cols(); c += kernelSize) {
      unsigned way = wayAt(mask, r, c);
      if (way == 0 || std::popcount(way) >= count)
        continue;
      unsigned filled = way;
      while (filled < allWays && !(whole[filled] && (filled & way) == way))
        ++filled;
      if (filled == allWays) {
        // No kernel shows a way to share: the first free elements are added.
        for (filled = way; std::popcount(filled) < count;)
          filled |= filled + 1;
        whole.set(filled);
      }
      for (int64_t i = 0; i < kernelSize; ++i)
        if (filled >> i & 1)
          result.set(r, c + i);
    }
  return result;
}

namespace {
/// The saliency that each way keeps of one kernel, from the sums of all subsets
/// of its first five and of its last four elements.
class KernelScores {
public:
  explicit KernelScores(const float *values) {
    addSubsets(values, 5, low);
    addSubsets(values + 5, 4, high);
  }
  double operator[](unsigned way) const {
    return low[way & 31] + high[way >> 5];
  }

private:
  static void addSubsets(const float *values, int count, double *sums) {
    sums[0] = 0;
    for (int i = 0; i < count; ++i)
      for (unsigned subset = 0; subset < 1u << i; ++subset)
        sums[subset | 1u << i] = sums[subset] + values[i];
  }

  double low[32], high[16];
};
} // namespace

/// Chooses up to `limit` of the ways with `count` non-zeros, one after the
/// other. `best[k]` is what the chosen ones keep of kernel k.
static std::vector<unsigned> chooseWays(std::span<const float> values,
                                        int64_t count, int64_t limit) {
  std::vector<unsigned> candidates, chosen;
  for (unsigned way = 0; way < allWays; ++way)
    if (std::popcount(way) == count)
      candidates.push_back(way);
  int64_t kernels = int64_t(values.size()) / PCNNPattern::kernelSize;
  std::vector<double> best(kernels, 0.0);
  while (int64_t(chosen.size()) < limit && !candidates.empty()) {
    std::vector<double> gains(candidates.size(), 0.0);
    for (int64_t k = 0; k < kernels; ++k) {
      KernelScores scores(values.data() + k * PCNNPattern::kernelSize);
      for (size_t i = 0; i < candidates.size(); ++i)
        gains[i] += std::max(0.0, scores[candidates[i]] - best[k]);
    }
    auto winner = std::max_element(gains.begin(), gains.end()) - gains.begin();
    // Ways that add nothing would only cost patterns.
    if (!(gains[winner] > 0))
      break;
    unsigned way = candidates[winner];
    for (int64_t k = 0; k < kernels; ++k)
      best[k] =
          std::max(best[k], KernelScores(values.data() +
                                         k * PCNNPattern::kernelSize)[way]);
    chosen.push_back(way);
    candidates.erase(candidates.begin() + winner);
  }
  return chosen;
}

Result<Mask> PCNNPattern::pruneChecked(const Saliency &s) const {
  if (s.cols % kernelSize != 0)
    return Error{unevenColumns(s.cols)};
  std::vector<unsigned> ways = chooseWays(s.values, count, limit);
  Mask result(s.rows, s.cols);
  for (int64_t r = 0; r < s.rows; ++r)
    for (int64_t c = 0; c < s.cols; c += kernelSize) {
      KernelScores scores(s.values.data() + r * s.cols + c);
      unsigned bestWay = 0;
      double best = 0;
      for (unsigned way : ways)
        if (double score = scores[way]; score > best) {
          best = score;
          bestWay = way;
        }
      for (; bestWay; bestWay &= bestWay - 1)
        result.set(r, c + std::countr_zero(bestWay));
    }
  return result;
}

} // namespace mlir::spmmplu
