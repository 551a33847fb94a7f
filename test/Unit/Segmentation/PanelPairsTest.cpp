//===- PanelPairsTest.cpp - Tests of panels that are walked together ------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/PanelPairs.h"

#include "RandomSpace.h"
#include "spmmplu/Segmentation/TensorPacking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Ints = std::vector<int32_t>;

/// A table of panels of one row and entries of depth 4, that are given.
ChainTable tableOf(const std::vector<Ints> &chains, int64_t cols = 64) {
  ChainTable table;
  table.depth = 4;
  table.matrixRows = int64_t(chains.size());
  table.matrixCols = cols;
  table.chainPtr = {0};
  for (const Ints &chain : chains) {
    table.panelRows.push_back(int32_t(table.panelRows.size()));
    table.entries.insert(table.entries.end(), chain.begin(), chain.end());
    table.chainPtr.push_back(int32_t(table.entries.size()));
  }
  return table;
}

Ints entriesOf(const ChainTable &table, const PairedPanel &member) {
  auto first = table.entries.begin() + member.firstEntry;
  return Ints(first, first + member.entries);
}

/// What the header promises of any table's pairs.
void check(const ChainTable &table, const PanelPairs &pairs) {
  std::vector<int> seen(table.panels(), 0);
  int alone = 0;
  int64_t steps = 0;
  for (const PanelPair &pair : pairs.pairs) {
    std::set<int32_t> wanted;
    for (const PairedPanel &member : pair.members) {
      if (member.panel < 0) {
        EXPECT_EQ(member.entries, 0);
        ++alone;
        continue;
      }
      ++seen[member.panel];
      EXPECT_EQ(member.firstEntry, table.chainPtr[member.panel]);
      for (int32_t k : entriesOf(table, member))
        wanted.insert(k);
    }
    Ints found, own[2];
    for (int32_t at = 0; at < pair.steps; ++at) {
      int32_t word = pairs.steps[pair.firstStep + at];
      found.push_back(word >> PanelPairs::kMemberBits);
      EXPECT_NE(word & 3, 0);
      for (int m = 0; m < 2; ++m)
        if (word >> m & 1)
          own[m].push_back(word >> PanelPairs::kMemberBits);
    }
    EXPECT_EQ(found, Ints(wanted.begin(), wanted.end()));
    for (int m = 0; m < 2; ++m)
      EXPECT_EQ(own[m], entriesOf(table, pair.members[m]));
    steps += pair.steps;
  }
  EXPECT_EQ(steps, int64_t(pairs.steps.size()));
  EXPECT_EQ(seen, std::vector<int>(table.panels(), 1));
  EXPECT_EQ(alone, table.panels() % 2);
  EXPECT_TRUE(std::ranges::is_sorted(pairs.pairs, std::ranges::greater(),
                                     &PanelPair::steps));
}

TEST(PanelPairs, TakePanelsThatHaveMostInCommon) {
  ChainTable table = tableOf({{0, 4, 8}, {12, 16}, {0, 8}, {4, 12, 16}});
  auto pairs = pairPanels(table);
  ASSERT_TRUE(bool(pairs));
  check(table, *pairs);
  ASSERT_EQ(pairs->pairs.size(), 2u);
  EXPECT_EQ(pairs->pairs[0].members[0].panel, 0);
  EXPECT_EQ(pairs->pairs[0].members[1].panel, 2);
  EXPECT_EQ(pairs->steps, (Ints{0 << 2 | 3, 4 << 2 | 1, 8 << 2 | 3, 4 << 2 | 2,
                                12 << 2 | 3, 16 << 2 | 3}));
}

TEST(PanelPairs, HoldOfRandomTables) {
  Random random(41);
  for (int n = 0; n < 60; ++n) {
    int32_t rows = randomIn(random, 1, 90), cols = randomIn(random, 4, 90);
    Mask mask = n % 2 ? randomMask(random, rows, cols, 0.1)
                      : randomBlocks(random, rows, cols, 3);
    ChainTable table = buildChainTable(
        mask, {randomIn(random, 1, 4), randomIn(random, 1, 4), 0, {}});
    auto pairs = pairPanels(table);
    ASSERT_TRUE(bool(pairs));
    check(table, *pairs);
    EXPECT_LE(pairs->steps.size(), table.entries.size());
  }
}

TEST(PanelPairs, LeavePaddingOut) {
  ChainTable table = tableOf({{0, 4, 8}, {12}, {}});
  auto padded = padChains(table, 16);
  ASSERT_TRUE(bool(padded));
  auto pairs = pairPanels(*padded);
  ASSERT_TRUE(bool(pairs));
  check(tableOf({{0, 4, 8}, {12}, {}}), *pairPanels(table));
  EXPECT_EQ(pairs->steps, pairPanels(table)->steps);
  EXPECT_EQ(pairs->pairs[0].members[0].entries, 3);
  EXPECT_EQ(pairs->pairs[0].members[1].firstEntry, 4);
}

TEST(PanelPairs, GainMoreThanNeighboursDo) {
  Random random(42);
  Mask mask = randomMask(random, 64, 64, 0.25);
  ChainTable table = buildChainTable(mask, {1, 1, 0, {}});
  auto pairs = pairPanels(table);
  ASSERT_TRUE(bool(pairs));
  int64_t neighbours = 0;
  for (int64_t row = 0; row < 64; row += 2)
    for (int64_t col = 0; col < 64; ++col)
      neighbours += mask.get(row, col) || mask.get(row + 1, col);
  EXPECT_LT(double(pairs->steps.size()), 0.93 * double(neighbours));
}

TEST(PanelPairs, RefuseWhatTheyHaveNoWordsFor) {
  ChainTable phases = tableOf({{0}});
  phases.phases = 2;
  phases.chainPtr = {0, 1, 1};
  auto refused = pairPanels(phases);
  ASSERT_FALSE(bool(refused));
  EXPECT_EQ(refused.error(), "panel pairs: found 2 phases, expected 1");
  refused = pairPanels(tableOf({{0}}, int64_t(1) << 29));
  ASSERT_FALSE(bool(refused));
  EXPECT_EQ(refused.error(),
            "panel pairs: found 536870912 columns, expected less than "
            "536870912");
}

/// Steps of the block that has most, a tile counting one more.
int64_t longestBlock(const PanelPairs &pairs, int64_t together,
                     int64_t colTiles) {
  auto count = int64_t(pairs.pairs.size());
  std::vector<int64_t> sums(kTurnBlocks, 0);
  int64_t tile = 0;
  for (int64_t first = 0; first < count; first += together)
    for (int64_t col = 0; col < colTiles; ++col)
      for (int64_t at = first; at < std::min(first + together, count); ++at)
        sums[tile++ % kTurnBlocks] += pairs.pairs[at].steps + 1;
  return std::ranges::max(sums);
}

TEST(PanelPairs, TakeFairTurns) {
  Random random(43);
  for (double density : {0.1, 0.25}) {
    Mask mask = randomMask(random, 64, 64, density);
    ChainTable table = buildChainTable(mask, {1, 1, 0, {}});
    PanelPairs pairs = *pairPanels(table), before = pairs;
    for (int64_t together : {32, 11}) {
      balanceTurns(pairs, together, std::vector<int64_t>{16});
      EXPECT_LT(longestBlock(pairs, together, 16),
                longestBlock(before, together, 16));
      int64_t total = int64_t(pairs.steps.size()) + 32;
      EXPECT_LT(double(longestBlock(pairs, together, 16)),
                1.2 * double(total * 16) / kTurnBlocks);
      // The same pairs, in another order.
      std::multiset<std::pair<int32_t, int32_t>> found, wanted;
      for (int n = 0; n < 32; ++n) {
        const PanelPair &pair = pairs.pairs[n], &other = before.pairs[n];
        found.emplace(pair.firstStep, pair.members[1].panel);
        wanted.emplace(other.firstStep, other.members[1].panel);
      }
      EXPECT_EQ(found, wanted);
    }
  }
  PanelPairs none;
  balanceTurns(none, 1, std::vector<int64_t>{4, 8});
  EXPECT_TRUE(none.pairs.empty());
}

TEST(PanelPairs, AreTogetherWhileTheCacheHoldsThem) {
  constexpr int64_t kMega = int64_t(1) << 20;
  EXPECT_EQ(getPairsTogether(32, 8 * kMega), 32);
  EXPECT_EQ(getPairsTogether(86, 22 * kMega), 43);
  EXPECT_EQ(getPairsTogether(3, 100 * kMega), 1);
  EXPECT_EQ(getPairsTogether(0, 0), 1);
}

} // namespace
