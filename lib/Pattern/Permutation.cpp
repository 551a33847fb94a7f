//===- Permutation.cpp - Channel permutations for HiNM --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Permutation.h"
#include "PermutationSearch.h"
#include "Selection.h"

#include <cmath>
#include <numeric>
#include <thread>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

double retainedSaliency(const Saliency &saliency, const Mask &mask) {
  double total = 0;
  for (int64_t r = 0; r < mask.rows(); ++r)
    mask.forEachInRow(r, [&](int64_t c) { total += saliency.at(r, c); });
  return total;
}

uint64_t mixSeed(uint64_t seed, uint64_t index) {
  // The finaliser of SplitMix64: neighbouring inputs, unrelated outputs.
  uint64_t x = seed + (index + 1) * 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// The saliency over a power of two, so that it is at most 1; exact but for
/// numbers that become subnormal.
static std::vector<float> normalised(const Saliency &saliency) {
  float largest = 0;
  for (float value : saliency.values)
    largest = std::max(largest, value);
  int exponent = 0;
  std::frexp(largest, &exponent);
  std::vector<float> values(saliency.values.size());
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = std::ldexp(saliency.values[i], -exponent);
  return values;
}

/// Each value's excess over its row's quantile `sparsity`, or 0: what a column
/// offers beyond elements that N:M would drop in any case.
static std::vector<float> excessOverRows(const Saliency &saliency,
                                         double sparsity) {
  std::vector<float> values(saliency.values.begin(), saliency.values.end());
  int64_t cols = saliency.cols;
  int64_t at =
      std::min<int64_t>(cols - 1, std::llround(sparsity * double(cols)));
  std::vector<float> row(cols);
  for (int64_t r = 0; r < saliency.rows; ++r) {
    float *out = values.data() + r * cols;
    row.assign(out, out + cols);
    std::nth_element(row.begin(), row.begin() + at, row.end());
    for (int64_t c = 0; c < cols; ++c)
      out[c] = std::max(out[c] - row[at], 0.f);
  }
  return values;
}

/// Per tile of `layout` the columns of largest summed saliency, ascending.
static void selectColumns(const Saliency &saliency, GroupedLayout &layout) {
  layout.columns.assign(layout.tileCount() * layout.keptColumns, -1);
  std::vector<double> sums(layout.cols);
  LargestSelector<double> selector;
  for (int64_t t = 0; t < layout.tileCount(); ++t) {
    std::fill(sums.begin(), sums.end(), 0.0);
    int64_t end = std::min(layout.rows, (t + 1) * layout.tileRows);
    for (int64_t p = t * layout.tileRows; p < end; ++p)
      for (int64_t c = 0; c < layout.cols; ++c)
        sums[c] += saliency.at(layout.rowAt(p), c);
    int32_t *out = layout.columns.data() + t * layout.keptColumns;
    selector.select(std::span<const double>(sums), layout.keptColumns,
                    [&](int64_t c) { *out++ = int32_t(c); });
  }
}

static GroupedLayout makeLayout(const HiNMPattern &pattern,
                                const Saliency &saliency,
                                std::vector<int32_t> rowOrder) {
  GroupedLayout layout;
  layout.rows = saliency.rows;
  layout.cols = saliency.cols;
  layout.tileRows = pattern.tileRows();
  layout.ratio = pattern.ratio();
  layout.keptColumns = pattern.keptColumns(saliency.cols);
  layout.rowOrder = std::move(rowOrder);
  selectColumns(saliency, layout);
  return layout;
}

/// Tiles in ascending order of their rows; none if that is the natural order.
static std::vector<int32_t> canonicalOrder(std::vector<int32_t> order,
                                           int64_t tileRows) {
  int64_t rows = int64_t(order.size());
  for (int64_t begin = 0; begin < rows; begin += tileRows)
    std::sort(order.begin() + begin,
              order.begin() + std::min(rows, begin + tileRows));
  return std::is_sorted(order.begin(), order.end()) ? std::vector<int32_t>()
                                                    : order;
}

static Result<PermutedMask> keepAsIs(const HiNMPattern &pattern, Mask mask,
                                     double total, double kept) {
  auto layout = layoutOf(pattern, mask);
  if (!layout)
    return Error{layout.error()};
  return PermutedMask{
      std::move(*layout), std::move(mask), total, kept, kept, kept};
}

/// Sets the layout's mask and what it keeps.
static void finish(PermutedMask &result, const Saliency &saliency) {
  result.mask = result.layout.prune(saliency);
  result.retained = retainedSaliency(saliency, result.mask);
}

static void searchBothAxes(const HiNMPattern &pattern, const Saliency &saliency,
                           const PermutationOptions &options,
                           ProgressMeter &meter, PermutedMask &result) {
  int threads = options.threads > 0 ? options.threads
                                    : int(std::thread::hardware_concurrency());
  threads = std::clamp(threads, 1, 1024);
  std::vector<float> values = normalised(saliency);
  Saliency scaled{saliency.rows, saliency.cols, values};
  SearchContext byElement{scaled, options.seed, threads, meter};
  // The part of the time that the rows take, about.
  double share = options.inputChannels ? 0.2 : 1.0;
  if (options.outputChannels) {
    std::vector<float> excess =
        excessOverRows(scaled, pattern.vectorSparsity());
    SearchContext byExcess{
        {saliency.rows, saliency.cols, excess}, options.seed, threads, meter};
    std::vector<int32_t> order =
        canonicalOrder(searchOutputChannels(byExcess, pattern.tileRows(),
                                            result.layout.keptColumns, share),
                       pattern.tileRows());
    if (!order.empty())
      result.layout = makeLayout(pattern, saliency, std::move(order));
    finish(result, saliency);
    result.outputOnly = result.retained;
  }
  if (options.inputChannels)
    searchInputChannels(byElement, result.layout, share);
  finish(result, saliency);
  if (result.retained >= result.unpermuted)
    return;
  // The rows were chosen for whole columns; what N:M then keeps of these may be
  // less. The natural order of the rows is where to start from, then.
  result.outputOnly = result.unpermuted;
  result.layout = makeLayout(pattern, saliency, {});
  if (options.inputChannels)
    searchInputChannels(byElement, result.layout, share);
  finish(result, saliency);
}

Result<PermutedMask> permuteAndPrune(const HiNMPattern &pattern,
                                     const Saliency &saliency,
                                     const PermutationOptions &options) {
  auto unpermuted = pattern.prune(saliency);
  if (!unpermuted)
    return Error{unpermuted.error()};
  for (size_t i = 0; i < saliency.values.size(); ++i)
    if (!std::isfinite(saliency.values[i]))
      return Error{"saliency at row " + std::to_string(i / saliency.cols) +
                   ", column " + std::to_string(i % saliency.cols) +
                   ": expected a finite number, found " +
                   formatNumber(saliency.values[i])};
  ProgressMeter meter(options.progress);
  double total =
      std::accumulate(saliency.values.begin(), saliency.values.end(), 0.0);
  double before = retainedSaliency(saliency, *unpermuted);
  bool isKept = *unpermuted ==
                Mask::ofNonZeros(saliency.values, saliency.rows, saliency.cols);
  if (isKept || pattern.keptColumns(saliency.cols) == 0) {
    meter.reach(1);
    return keepAsIs(pattern, std::move(*unpermuted), total, before);
  }
  PermutedMask result{
      makeLayout(pattern, saliency, {}), {}, total, before, before, 0};
  searchBothAxes(pattern, saliency, options, meter, result);
  meter.reach(1);
  return result;
}

} // namespace mlir::spmmplu
