//===- GroupingTest.cpp - Tests of the grouping policies ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomSpace.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <map>
#include <set>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Named = std::pair<Cell, Cell>; ///< lo, extent

std::multiset<Named> named(const std::vector<MetaOpSet> &sets) {
  std::multiset<Named> result;
  for (const MetaOpSet &set : sets)
    for (const Cell &lo : set.lo)
      result.insert({lo, set.extent});
  return result;
}

std::multiset<Named> named(const std::vector<MetaOpGroup> &groups) {
  std::multiset<Named> result;
  for (const MetaOpGroup &group : groups)
    for (const MetaOp &metaOp : group.metaOps)
      result.insert({metaOp.lo, metaOp.extent});
  return result;
}

bool haveAdditiveRelation(const MetaOp &a, const MetaOp &b) {
  for (int axis = 0; axis < 2; ++axis)
    if (a.lo[axis] + a.extent[axis] <= b.lo[axis] ||
        b.lo[axis] + b.extent[axis] <= a.lo[axis])
      return false;
  return true;
}

void expectDisjoint(const std::vector<MetaOpGroup> &groups) {
  for (const MetaOpGroup &group : groups) {
    EXPECT_FALSE(group.metaOps.empty());
    for (size_t a = 0; a < group.metaOps.size(); ++a)
      for (size_t b = a + 1; b < group.metaOps.size(); ++b)
        EXPECT_FALSE(haveAdditiveRelation(group.metaOps[a], group.metaOps[b]));
  }
}

std::vector<size_t> sizes(const std::vector<MetaOpGroup> &groups) {
  std::vector<size_t> result;
  for (const MetaOpGroup &group : groups)
    result.push_back(group.metaOps.size());
  return result;
}

TEST(GroupDisjoint, OutputSparsityIsOneGroupPerSet) {
  std::vector<MetaOpSet> sets = {{{1, 1, 1}, {{0, 0, 0}, {0, 0, 1}}},
                                 {{2, 2, 1}, {{2, 2, 0}}}};
  EXPECT_EQ(sizes(groupDisjoint(sets, true, 100)), (std::vector<size_t>{2, 1}));
}

TEST(GroupDisjoint, SplitsByRankAlongK) {
  // Tile (0,0) has three meta-ops, tile (0,1) has one.
  std::vector<MetaOpSet> sets = {
      {{1, 1, 1}, {{0, 0, 4}, {0, 0, 0}, {0, 1, 7}, {0, 0, 2}}}};
  std::vector<MetaOpGroup> groups = groupDisjoint(sets, false, 0);
  ASSERT_EQ(sizes(groups), (std::vector<size_t>{2, 1, 1}));
  EXPECT_EQ(groups[1].metaOps[0].lo, (Cell{0, 0, 2}));
  EXPECT_EQ(groups[2].metaOps[0].lo, (Cell{0, 0, 4}));
}

TEST(GroupDisjoint, CombinesSmallGroupsOfDifferentExtents) {
  // (1,1,1) at (0,0) and (2,1,1) at (0,1) do not touch; another (1,1,1) at
  // (1,1) lies under the latter.
  std::vector<MetaOpSet> sets = {{{1, 1, 1}, {{0, 0, 0}, {1, 1, 3}}},
                                 {{2, 1, 1}, {{0, 1, 0}}}};
  std::vector<MetaOpGroup> groups = groupDisjoint(sets, false, 3);
  EXPECT_EQ(sizes(groups), (std::vector<size_t>{2, 1}));
  expectDisjoint(groups);
  // Groups that are large enough are left alone.
  EXPECT_EQ(sizes(groupDisjoint(sets, false, 2)), (std::vector<size_t>{2, 1}));
  EXPECT_EQ(groupDisjoint(sets, false, 2)[0].metaOps[1].lo, (Cell{1, 1, 3}));
}

TEST(GroupDisjoint, NoAdditivePairAndNoLoss) {
  Random random(11);
  for (int n = 0; n < 200; ++n) {
    OwnedSpace owned = randomSpace(random, 9);
    SegmentationOptions options;
    options.faceThreshold = randomIn(random, 2, 4);
    std::vector<MetaOpSet> sets = segment(owned.space, options);
    size_t before = groupDisjoint(sets, false, 0).size();
    for (int64_t minGroupSize : {0, 2, 8, 1000}) {
      std::vector<MetaOpGroup> groups =
          groupDisjoint(sets, false, minGroupSize);
      expectDisjoint(groups);
      EXPECT_EQ(named(groups), named(sets));
      EXPECT_LE(groups.size(), before);
    }
  }
}

TEST(GroupDisjoint, IsNotQuadratic) {
  // 2^17 meta-ops in 2^9 ranks: pairs would take minutes.
  MetaOpSet set{{1, 1, 1}, {}};
  for (int32_t i = 0; i < 256; ++i)
    for (int32_t k = 0; k < 512; ++k)
      set.lo.push_back({i, 0, k});
  EXPECT_EQ(groupDisjoint({set}, false, 0).size(), 512u);
  std::vector<MetaOpGroup> groups = groupDisjoint({set}, false, 1000);
  ASSERT_EQ(groups.size(), 512u);
  EXPECT_EQ(groups[0].metaOps.size(), 256u);
  EXPECT_TRUE(groupDisjoint({}, false, 4).empty());
}

TEST(GroupChains, CutsLargeAndKeepsSmallMetaOps) {
  std::vector<MetaOpSet> sets = {{{1, 1, 2}, {{1, 0, 2}, {0, 1, 0}}},
                                 {{4, 2, 4}, {{0, 0, 4}}}};
  std::vector<Chain> chains = groupChains(sets, {2, 2});
  ASSERT_EQ(chains.size(), 2u);
  EXPECT_EQ(chains[0].i, 0);
  EXPECT_EQ(chains[1].i, 2);
  ASSERT_EQ(chains[0].metaOps.size(), 3u);
  EXPECT_EQ(chains[0].metaOps[0].lo, (Cell{0, 1, 0}));
  EXPECT_EQ(chains[0].metaOps[0].extent, (Cell{1, 1, 2}));
  EXPECT_EQ(chains[0].metaOps[1].lo, (Cell{1, 0, 2}));
  EXPECT_EQ(chains[0].metaOps[2].lo, (Cell{0, 0, 4}));
  EXPECT_EQ(chains[0].metaOps[2].extent, (Cell{2, 2, 4}));
  ASSERT_EQ(chains[1].metaOps.size(), 1u);
  EXPECT_EQ(chains[1].metaOps[0].lo, (Cell{2, 0, 4}));
  EXPECT_TRUE(groupChains({}, {1, 1}).empty());
}

TEST(GroupChains, DropsTilesBeyondTheBound) {
  std::vector<MetaOpSet> sets = {{{8, 1, 1}, {{0, 0, 0}}}};
  EXPECT_EQ(groupChains(sets, {2, 1}).size(), 4u);
  EXPECT_EQ(groupChains(sets, {2, 1}, {5, 1}).size(), 3u);
  EXPECT_EQ(groupChains(sets, {2, 1}, {4, 1}).size(), 2u);
}

/// The cells that the meta-ops cover, each with its number of covers.
void countCells(const MetaOp &metaOp, std::map<Cell, int> &count) {
  for (int32_t i = 0; i < metaOp.extent[0]; ++i)
    for (int32_t j = 0; j < metaOp.extent[1]; ++j)
      for (int32_t k = 0; k < metaOp.extent[2]; ++k)
        ++count[{metaOp.lo[0] + i, metaOp.lo[1] + j, metaOp.lo[2] + k}];
}

TEST(GroupChains, EveryTileInOneChainAndEveryCellInOneMetaOp) {
  Random random(12);
  for (int n = 0; n < 200; ++n) {
    OwnedSpace owned = randomSpace(random, 9);
    std::vector<MetaOpSet> sets = segment(owned.space);
    // Tiles that are no power of two cut meta-ops at odd places.
    std::array<int32_t, 2> tile = {randomIn(random, 1, 5),
                                   randomIn(random, 1, 5)};
    std::map<Cell, int> want, have;
    std::set<std::pair<int32_t, int32_t>> wantTiles;
    for (const MetaOpSet &set : sets)
      for (const Cell &lo : set.lo)
        countCells({lo, set.extent}, want);
    for (auto [cell, times] : want)
      wantTiles.insert(
          {cell[0] / tile[0] * tile[0], cell[1] / tile[1] * tile[1]});
    std::vector<std::pair<int32_t, int32_t>> haveTiles;
    for (const Chain &chain : groupChains(sets, tile)) {
      haveTiles.emplace_back(chain.i, chain.j);
      for (size_t m = 0; m < chain.metaOps.size(); ++m) {
        const MetaOp &metaOp = chain.metaOps[m];
        countCells(metaOp, have);
        EXPECT_TRUE(m == 0 || chain.metaOps[m - 1].lo[2] <= metaOp.lo[2]);
        EXPECT_GE(metaOp.lo[0], chain.i);
        EXPECT_GE(metaOp.lo[1], chain.j);
        EXPECT_LE(metaOp.lo[0] + metaOp.extent[0], chain.i + tile[0]);
        EXPECT_LE(metaOp.lo[1] + metaOp.extent[1], chain.j + tile[1]);
      }
    }
    EXPECT_EQ(have, want);
    EXPECT_TRUE(std::equal(haveTiles.begin(), haveTiles.end(),
                           wantTiles.begin(), wantTiles.end()));
  }
}

} // namespace
