//===- Bands.cpp - Chains cut where their rhs is --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Bands.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

/// Every eight take one row of each bank, those of the fullest banks first,
/// then a second one, and so on: so no bank is left with more than it needs to.
static std::vector<int32_t> takeFromBanks(const std::vector<int32_t> &entries) {
  std::array<std::vector<int32_t>, kBandTogether> banks;
  for (int32_t entry : entries)
    banks[entry % kBandTogether].push_back(entry);
  for (auto &bank : banks)
    std::ranges::reverse(bank); // taken from the back, ascending
  std::array<int, kBandTogether> order;
  std::iota(order.begin(), order.end(), 0);
  std::vector<int32_t> taken;
  while (taken.size() < entries.size()) {
    size_t end = std::min(taken.size() + kBandTogether, entries.size());
    while (taken.size() < end) {
      std::ranges::stable_sort(order, [&](int a, int b) {
        return banks[a].size() > banks[b].size();
      });
      for (int bank : order)
        if (taken.size() < end && !banks[bank].empty()) {
          taken.push_back(banks[bank].back());
          banks[bank].pop_back();
        }
    }
  }
  return taken;
}

/// Chains that end in few rows may be better as they are.
static void orderForBanks(std::vector<int32_t> &entries) {
  std::vector<int32_t> taken = takeFromBanks(entries);
  if (countBankReads(taken) < countBankReads(entries))
    entries = std::move(taken);
}

Result<ChainTable> mlir::spmmplu::padBands(const ChainTable &table,
                                           int64_t band) {
  constexpr int64_t kMaxBand = 256;
  if (table.depth != 1 || table.phases != 1)
    return Error{"bands: found entries of " + std::to_string(table.depth) +
                 " k in " + std::to_string(table.phases) +
                 " phases, expected single k in one phase"};
  if (band < kBandStep || band > kMaxBand ||
      !std::has_single_bit(uint64_t(band)))
    return Error{"bands: found " + std::to_string(band) +
                 " k, expected a power of two from " +
                 std::to_string(kBandStep) + " to " + std::to_string(kMaxBand)};
  ChainTable result = table;
  result.entries.clear();
  std::vector<std::vector<int32_t>> bands((table.matrixCols + band - 1) / band);
  for (int64_t panel = 0; panel < table.panels(); ++panel) {
    for (auto &each : bands)
      each.clear();
    int64_t begin = table.chainPtr[panel];
    for (int64_t e = begin; e < table.chainPtr[panel + 1]; ++e)
      if (!table.isPadding(e, begin))
        bands[table.entries[e] / band].push_back(table.entries[e]);
    for (auto &each : bands) {
      if (each.empty())
        continue;
      orderForBanks(each);
      int64_t padding = -int64_t(each.size()) & (kBandStep - 1);
      each.insert(each.end(), padding, int32_t(each.back()));
      result.entries.insert(result.entries.end(), each.begin(), each.end());
    }
    if (int64_t(result.entries.size()) > INT32_MAX)
      return Error{"bands: found more than 2^31 - 1 entries with padding"};
    result.chainPtr[panel + 1] = int32_t(result.entries.size());
  }
  return result;
}

std::vector<int32_t> mlir::spmmplu::getBandSteps(const ChainTable &table,
                                                 int64_t band) {
  int64_t bands = (table.matrixCols + band - 1) / band;
  std::vector<int32_t> steps = {0};
  steps.reserve(table.panels() * bands + 1);
  for (int64_t panel = 0; panel < table.panels(); ++panel) {
    int32_t e = table.chainPtr[panel];
    for (int64_t at = 1; at <= bands; ++at) {
      while (e < table.chainPtr[panel + 1] && table.entries[e] < at * band)
        ++e;
      steps.push_back(e / kBandStep);
    }
  }
  return steps;
}

int64_t mlir::spmmplu::countBankReads(std::span<const int32_t> entries) {
  int64_t reads = 0;
  for (size_t first = 0; first < entries.size(); first += kBandTogether) {
    auto group = entries.subspan(
        first, std::min<size_t>(kBandTogether, entries.size() - first));
    std::array<int64_t, kBandTogether> rows = {};
    for (size_t at = 0; at < group.size(); ++at)
      // The same row again is read with the first.
      if (at == 0 || group[at] != group[at - 1])
        ++rows[group[at] % kBandTogether];
    reads += *std::ranges::max_element(rows);
  }
  return reads;
}
