//===- PanelPairs.cpp - Panels that are walked together -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/PanelPairs.h"

#include <algorithm>
#include <bit>
#include <tuple>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

/// Panels among which one looks for its partner: what is compared grows with
/// the square.
static constexpr int64_t kNeighbours = 1024;

namespace {

/// The cells of k that each panel has, as bits.
class PanelCells {
public:
  explicit PanelCells(const ChainTable &table)
      : words((table.matrixCols / table.depth + 1) / 64 + 1),
        bits(table.panels() * words) {
    for (int64_t panel = 0; panel < table.panels(); ++panel)
      for (int32_t e = table.chainPtr[panel]; e < table.chainPtr[panel + 1];
           ++e) {
        int64_t cell = table.firstOwned(e) / table.depth;
        bits[panel * words + cell / 64] |= uint64_t(1) << cell % 64;
      }
  }

  int64_t common(int64_t a, int64_t b) const {
    int64_t count = 0;
    for (int64_t word = 0; word < words; ++word)
      count += std::popcount(bits[a * words + word] & bits[b * words + word]);
    return count;
  }

private:
  int64_t words;
  std::vector<uint64_t> bits;
};

struct Candidate {
  int64_t common;
  int32_t first, second;
};

} // namespace

/// The partner of every panel in [begin, end); its own number if it has none.
static void match(const PanelCells &cells, int64_t begin, int64_t end,
                  std::vector<int32_t> &partners) {
  std::vector<Candidate> candidates;
  for (int64_t a = begin; a < end; ++a)
    for (int64_t b = a + 1; b < end; ++b)
      candidates.push_back({cells.common(a, b), int32_t(a), int32_t(b)});
  std::ranges::sort(candidates, [](const Candidate &a, const Candidate &b) {
    return std::tuple(b.common, a.first, a.second) <
           std::tuple(a.common, b.first, b.second);
  });
  for (const Candidate &each : candidates)
    if (partners[each.first] == each.first &&
        partners[each.second] == each.second) {
      partners[each.first] = each.second;
      partners[each.second] = each.first;
    }
}

/// Padding is at the end of a chain, and is left out.
static PairedPanel getMember(const ChainTable &table, int32_t panel) {
  int32_t begin = table.chainPtr[panel], end = table.chainPtr[panel + 1];
  while (end > begin && table.isPadding(end - 1, begin))
    --end;
  return {panel, begin, end - begin};
}

/// Appends the steps of a pair.
static void merge(const ChainTable &table, PanelPair &pair,
                  std::vector<int32_t> &steps) {
  pair.firstStep = int32_t(steps.size());
  int32_t at[2] = {0, 0};
  auto hasNext = [&](int m) { return at[m] < pair.members[m].entries; };
  auto next = [&](int m) {
    return table.entries[pair.members[m].firstEntry + at[m]];
  };
  while (hasNext(0) || hasNext(1)) {
    int32_t k = !hasNext(1)   ? next(0)
                : !hasNext(0) ? next(1)
                              : std::min(next(0), next(1));
    int32_t members = 0;
    for (int m = 0; m < 2; ++m)
      if (hasNext(m) && next(m) == k) {
        members |= 1 << m;
        ++at[m];
      }
    steps.push_back(k << PanelPairs::kMemberBits | members);
  }
  pair.steps = int32_t(steps.size()) - pair.firstStep;
}

Result<PanelPairs> mlir::spmmplu::pairPanels(const ChainTable &table) {
  constexpr int64_t kMostCols = int64_t(1) << (31 - PanelPairs::kMemberBits);
  if (table.phases != 1)
    return Error{"panel pairs: found " + std::to_string(table.phases) +
                 " phases, expected 1"};
  if (table.matrixCols >= kMostCols)
    return Error{"panel pairs: found " + std::to_string(table.matrixCols) +
                 " columns, expected less than " + std::to_string(kMostCols)};
  int64_t panels = table.panels();
  std::vector<int32_t> partners(panels);
  for (int64_t panel = 0; panel < panels; ++panel)
    partners[panel] = int32_t(panel);
  PanelCells cells(table);
  for (int64_t begin = 0; begin < panels; begin += kNeighbours)
    match(cells, begin, std::min(begin + kNeighbours, panels), partners);

  PanelPairs result;
  for (int32_t panel = 0; panel < panels; ++panel) {
    if (partners[panel] < panel)
      continue;
    PanelPair pair;
    pair.members[0] = getMember(table, panel);
    if (partners[panel] != panel)
      pair.members[1] = getMember(table, partners[panel]);
    merge(table, pair, result.steps);
    result.pairs.push_back(pair);
  }
  std::ranges::sort(result.pairs, [](const PanelPair &a, const PanelPair &b) {
    return std::pair(b.steps, a.members[0].panel) <
           std::pair(a.steps, b.members[0].panel);
  });
  return result;
}
