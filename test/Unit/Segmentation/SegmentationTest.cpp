//===- SegmentationTest.cpp - Tests of Algorithm 1, lines 1-26 ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomSpace.h"

#include "gtest/gtest.h"

#include <map>
#include <set>
#include <tuple>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Sets = std::vector<std::pair<Cell, std::vector<Cell>>>;

Sets toSets(const std::vector<MetaOpSet> &sets) {
  Sets result;
  for (const MetaOpSet &set : sets)
    result.emplace_back(set.extent, set.lo);
  return result;
}

Cell sum(const Cell &a, const Cell &b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

/// Algorithm 1 as it is written: a set of points per extent, neighbourhoods
/// looked up point by point, covered cells in a plain set.
class NaiveSegmentation {
public:
  NaiveSegmentation(const CellSpace &space, const SegmentationOptions &options)
      : space(space), options(options) {
    for (int32_t i = 0; i < space.extent[0]; ++i)
      for (int32_t j = 0; j < space.extent[1]; ++j)
        for (int32_t k = 0; k < space.extent[2]; ++k)
          if (space.contains(i, j, k)) {
            queue[{1, {1, 1, 1}}].insert({i, j, k});
            covered.insert({i, j, k});
          }
  }

  Sets run() {
    Sets result;
    while (!queue.empty()) {
      auto node = queue.extract(queue.begin());
      Cell extent = node.key().second;
      std::set<Cell> &set = node.mapped();
      for (auto at = set.begin(); at != set.end();) {
        Cell lo = *at;
        if (grow(set, extent, lo))
          at = set.upper_bound(lo);
        else
          ++at;
      }
      if (!set.empty())
        result.emplace_back(extent, std::vector<Cell>(set.begin(), set.end()));
    }
    return result;
  }

private:
  bool grow(std::set<Cell> &set, const Cell &extent, const Cell &lo) {
    static const Cell doublings[] = {{1, 1, 1}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1},
                                     {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (const Cell &doubled : doublings) {
      Cell to = extent, base = lo;
      bool isAllowed = true;
      for (int axis = 0; axis < 3; ++axis) {
        to[axis] = extent[axis] * (1 + doubled[axis]);
        base[axis] = lo[axis] / to[axis] * to[axis];
        isAllowed &= !doubled[axis] || (to[axis] <= options.maxExtent[axis] &&
                                        extent[axis] < space.extent[axis]);
      }
      int32_t axes = doubled[0] + doubled[1] + doubled[2];
      int32_t threshold = axes == 3   ? options.cubeThreshold
                          : axes == 2 ? options.faceThreshold
                                      : options.edgeThreshold;
      if (isAllowed && tryMerge(set, extent, base, to, threshold))
        return true;
    }
    return false;
  }

  bool tryMerge(std::set<Cell> &set, const Cell &extent, const Cell &base,
                const Cell &to, int32_t threshold) {
    std::vector<Cell> present;
    int32_t members = 0;
    for (int32_t i = base[0]; i < base[0] + to[0]; i += extent[0])
      for (int32_t j = base[1]; j < base[1] + to[1]; j += extent[1])
        for (int32_t k = base[2]; k < base[2] + to[2]; k += extent[2]) {
          ++members;
          if (set.count({i, j, k}))
            present.push_back({i, j, k});
          else if (isAnyCovered({i, j, k}, extent))
            return false;
        }
    if (int32_t(present.size()) < threshold || threshold > members)
      return false;
    for (const Cell &lo : present)
      set.erase(lo);
    forEachCell(base, to, [&](const Cell &cell) { covered.insert(cell); });
    queue[{int64_t(to[0]) * to[1] * to[2], to}].insert(base);
    return true;
  }

  template <typename Visitor>
  static void forEachCell(const Cell &lo, const Cell &extent, Visitor visit) {
    for (int32_t i = lo[0]; i < lo[0] + extent[0]; ++i)
      for (int32_t j = lo[1]; j < lo[1] + extent[1]; ++j)
        for (int32_t k = lo[2]; k < lo[2] + extent[2]; ++k)
          visit(Cell{i, j, k});
  }
  bool isAnyCovered(const Cell &lo, const Cell &extent) {
    bool any = false;
    forEachCell(lo, extent,
                [&](const Cell &cell) { any |= covered.count(cell) != 0; });
    return any;
  }

  const CellSpace &space;
  const SegmentationOptions &options;
  std::map<std::pair<int64_t, Cell>, std::set<Cell>> queue;
  std::set<Cell> covered;
};

/// Every non-zero cell exactly once, alignment, no overlap, every meta-op in
/// part in the space; with `isExact`, no zero cell.
void expectCover(const CellSpace &space, const std::vector<MetaOpSet> &sets,
                 bool isExact) {
  std::map<Cell, int> count;
  for (const MetaOpSet &set : sets) {
    EXPECT_FALSE(set.lo.empty());
    EXPECT_TRUE(std::is_sorted(set.lo.begin(), set.lo.end()));
    for (const Cell &lo : set.lo) {
      Cell hi = sum(lo, set.extent);
      for (int axis = 0; axis < 3; ++axis) {
        EXPECT_EQ(lo[axis] % set.extent[axis], 0);
        EXPECT_LT(lo[axis], space.extent[axis]);
      }
      for (int32_t i = lo[0]; i < hi[0]; ++i)
        for (int32_t j = lo[1]; j < hi[1]; ++j)
          for (int32_t k = lo[2]; k < hi[2]; ++k)
            ++count[{i, j, k}];
    }
  }
  for (auto [cell, times] : count)
    EXPECT_EQ(times, 1) << cell[0] << ' ' << cell[1] << ' ' << cell[2];
  size_t nonZeros = 0;
  for (int32_t i = 0; i < space.extent[0]; ++i)
    for (int32_t j = 0; j < space.extent[1]; ++j)
      for (int32_t k = 0; k < space.extent[2]; ++k)
        if (space.contains(i, j, k)) {
          ++nonZeros;
          EXPECT_EQ(count.count({i, j, k}), 1u) << i << ' ' << j << ' ' << k;
        }
  if (isExact) {
    EXPECT_EQ(count.size(), nonZeros);
  }
}

/// A 4x4x4 space in which lhs and rhs can express the given cells.
OwnedSpace spaceOf(const std::vector<std::pair<int, int>> &lhsCells,
                   const std::vector<std::pair<int, int>> &outCells) {
  OwnedSpace owned({4, 4, 4});
  Mask lhs(4, 4), out(4, 4);
  for (auto [i, k] : lhsCells)
    lhs.set(i, k);
  for (auto [i, j] : outCells)
    out.set(i, j);
  owned.setLhs(lhs);
  owned.setOut(out);
  return owned;
}

TEST(Segmentation, Type1GrowsTheCubeTwice) {
  CellSpace space{{4, 4, 4}};
  EXPECT_EQ(toSets(segment(space)), (Sets{{{4, 4, 4}, {{0, 0, 0}}}}));
}

TEST(Segmentation, Type1GrowsOneAlignedCube) {
  OwnedSpace owned = spaceOf({{2, 0}, {2, 1}, {3, 0}, {3, 1}},
                             {{2, 2}, {2, 3}, {3, 2}, {3, 3}});
  EXPECT_EQ(toSets(segment(owned.space)), (Sets{{{2, 2, 2}, {{2, 2, 0}}}}));
}

TEST(Segmentation, Type2GrowsEachFace) {
  // One layer along k, along j, and along i: the cube is never full.
  OwnedSpace k = spaceOf({{0, 1}, {1, 1}}, {{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  EXPECT_EQ(toSets(segment(k.space)), (Sets{{{2, 2, 1}, {{0, 0, 1}}}}));
  OwnedSpace j = spaceOf({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, {{0, 3}, {1, 3}});
  EXPECT_EQ(toSets(segment(j.space)), (Sets{{{2, 1, 2}, {{0, 3, 0}}}}));
  OwnedSpace i = spaceOf({{3, 2}, {3, 3}}, {{3, 0}, {3, 1}});
  EXPECT_EQ(toSets(segment(i.space)), (Sets{{{1, 2, 2}, {{3, 0, 2}}}}));
}

TEST(Segmentation, Type3GrowsEachEdge) {
  OwnedSpace i = spaceOf({{0, 0}, {1, 0}}, {{0, 0}, {1, 0}});
  EXPECT_EQ(toSets(segment(i.space)), (Sets{{{2, 1, 1}, {{0, 0, 0}}}}));
  OwnedSpace j = spaceOf({{0, 0}}, {{0, 2}, {0, 3}});
  EXPECT_EQ(toSets(segment(j.space)), (Sets{{{1, 2, 1}, {{0, 2, 0}}}}));
  OwnedSpace k = spaceOf({{0, 2}, {0, 3}}, {{0, 0}});
  EXPECT_EQ(toSets(segment(k.space)), (Sets{{{1, 1, 2}, {{0, 0, 2}}}}));
}

TEST(Segmentation, NeighboursAcrossAnAlignedBoundaryStayApart) {
  OwnedSpace owned = spaceOf({{0, 1}, {0, 2}}, {{0, 0}});
  EXPECT_EQ(toSets(segment(owned.space)),
            (Sets{{{1, 1, 1}, {{0, 0, 1}, {0, 0, 2}}}}));
}

TEST(Segmentation, EarlierMetaOpsChooseFirst) {
  // The face (j,k) at i = 1 is full, but (0,0,0) comes before its members and
  // takes (1,0,0) along the edge i. (1,0,1) then takes (1,1,1) along j, the
  // first edge that is left to it; (1,1,0) remains.
  OwnedSpace owned =
      spaceOf({{0, 0}, {1, 0}, {1, 1}}, {{0, 0}, {1, 0}, {1, 1}});
  EXPECT_EQ(toSets(segment(owned.space)), (Sets{{{1, 1, 1}, {{1, 1, 0}}},
                                                {{1, 2, 1}, {{1, 0, 1}}},
                                                {{2, 1, 1}, {{0, 0, 0}}}}));
}

TEST(Segmentation, FacesBeforeEdgesAndSlabsGrowOn) {
  // The slab k = 0 of the 4x4x4 space: faces (2,2,1), then the face of those.
  OwnedSpace owned({4, 4, 4});
  Mask lhs(4, 4);
  for (int i = 0; i < 4; ++i)
    lhs.set(i, 0);
  owned.setLhs(lhs);
  EXPECT_EQ(toSets(segment(owned.space)), (Sets{{{4, 4, 1}, {{0, 0, 0}}}}));
}

TEST(Segmentation, LowerThresholdMergesOverZeroCells) {
  // Three of the four members of a face; the fourth is zero.
  OwnedSpace owned = spaceOf({{0, 0}, {1, 0}}, {{0, 0}, {0, 1}, {1, 0}});
  EXPECT_EQ(toSets(segment(owned.space)),
            (Sets{{{1, 1, 1}, {{0, 1, 0}}}, {{2, 1, 1}, {{0, 0, 0}}}}));
  SegmentationOptions options;
  options.faceThreshold = 3;
  EXPECT_EQ(toSets(segment(owned.space, options)),
            (Sets{{{2, 2, 1}, {{0, 0, 0}}}}));
}

TEST(Segmentation, LowerThresholdLeavesOtherExtentsAlone) {
  // Three quadrants of a 4x4 plane are full. Merging them with the fourth as a
  // zero member is right only if no smaller meta-op is in there.
  SegmentationOptions options;
  options.faceThreshold = 3;
  OwnedSpace owned({4, 4, 1});
  Mask out(4, 4, true);
  for (auto [i, j] : {std::pair(2, 2), {2, 3}, {3, 2}, {3, 3}})
    out.set(i, j, false);
  owned.setOut(out);
  EXPECT_EQ(toSets(segment(owned.space, options)),
            (Sets{{{4, 4, 1}, {{0, 0, 0}}}}));
  out.set(3, 3);
  owned.setOut(out);
  EXPECT_EQ(toSets(segment(owned.space, options)),
            (Sets{{{1, 1, 1}, {{3, 3, 0}}},
                  {{2, 2, 1}, {{0, 2, 0}}},
                  {{4, 2, 1}, {{0, 0, 0}}}}));
}

TEST(Segmentation, MetaOpsOverhangButStopAtTheSpan) {
  SegmentationOptions options;
  options.edgeThreshold = 1;
  CellSpace space{{1, 1, 5}};
  EXPECT_EQ(toSets(segment(space, options)), (Sets{{{1, 1, 8}, {{0, 0, 0}}}}));
}

TEST(Segmentation, MaxExtentStopsAggregation) {
  SegmentationOptions options;
  options.maxExtent = {2, 1, 6};
  CellSpace space{{4, 2, 8}};
  Sets sets = toSets(segment(space, options));
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(sets[0].first, (Cell{2, 1, 4}));
  EXPECT_EQ(sets[0].second.size(), 8u);
}

TEST(Segmentation, DegenerateSpaces) {
  EXPECT_TRUE(segment(CellSpace{{0, 4, 4}}).empty());
  EXPECT_TRUE(segment(CellSpace{{4, 4, 0}}).empty());
  OwnedSpace empty({3, 5, 65});
  empty.setLhs(Mask(3, 65));
  EXPECT_TRUE(segment(empty.space).empty());
  EXPECT_EQ(toSets(segment(CellSpace{{1, 1, 1}})),
            (Sets{{{1, 1, 1}, {{0, 0, 0}}}}));
  // 65 columns: a run of 64 and one cell that no word shares with it.
  EXPECT_EQ(toSets(segment(CellSpace{{1, 65, 1}})),
            (Sets{{{1, 1, 1}, {{0, 64, 0}}}, {{1, 64, 1}, {{0, 0, 0}}}}));
  OwnedSpace row({4, 3, 1});
  Mask out(4, 3);
  out.setRange(2, 0, 3);
  row.setOut(out);
  EXPECT_EQ(toSets(segment(row.space)),
            (Sets{{{1, 1, 1}, {{2, 2, 0}}}, {{1, 2, 1}, {{2, 0, 0}}}}));
}

TEST(Segmentation, AgreesWithTheNaiveAlgorithm) {
  Random random(1);
  for (int n = 0; n < 600; ++n) {
    OwnedSpace owned = randomSpace(random, 9);
    std::vector<MetaOpSet> sets = segment(owned.space);
    EXPECT_EQ(toSets(sets), NaiveSegmentation(owned.space, {}).run()) << n;
    expectCover(owned.space, sets, true);
  }
}

TEST(Segmentation, AgreesWithTheNaiveAlgorithmAtAnyThreshold) {
  Random random(2);
  for (int n = 0; n < 600; ++n) {
    OwnedSpace owned = randomSpace(random, 7);
    SegmentationOptions options;
    options.cubeThreshold = randomIn(random, 0, 9);
    options.faceThreshold = randomIn(random, 0, 5);
    options.edgeThreshold = randomIn(random, 0, 3);
    if (n % 4 == 0)
      options.maxExtent = {randomIn(random, 0, 8), randomIn(random, 0, 8),
                           randomIn(random, 0, 8)};
    std::vector<MetaOpSet> sets = segment(owned.space, options);
    EXPECT_EQ(toSets(sets), NaiveSegmentation(owned.space, options).run()) << n;
    expectCover(owned.space, sets, false);
  }
}

TEST(Segmentation, LargeFullSpaceIsOneMetaOp) {
  CellSpace space{{256, 16, 256}};
  EXPECT_EQ(toSets(segment(space)), (Sets{{{256, 16, 256}, {{0, 0, 0}}}}));
}

TEST(Segmentation, LargeRandomSpaceIsCoveredByVolume) {
  Random random(3);
  OwnedSpace owned({256, 16, 1024});
  owned.setLhs(randomMask(random, 256, 1024, 0.1));
  int64_t volume = 0;
  for (const MetaOpSet &set : segment(owned.space)) {
    // All of j is alike, so a meta-op spans it.
    EXPECT_EQ(set.extent[1], 16);
    volume +=
        int64_t(set.lo.size()) * set.extent[0] * set.extent[1] * set.extent[2];
  }
  EXPECT_EQ(volume, owned.lhs->count() * 16);
}

} // namespace
