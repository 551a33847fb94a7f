//===- TileTableTest.cpp - Tests of the table for output sparsity ---------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomSpace.h"
#include "spmmplu/Segmentation/Tables.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Ints = std::vector<int32_t>;

/// Checks the shape of the tables and that every set bit is in one tile, and
/// nothing else is.
void expectTableOf(const Mask &mask, const TileTable &table) {
  int64_t rows = table.rows, cols = table.cols;
  ASSERT_EQ(table.matrixRows, mask.rows());
  ASSERT_EQ(table.matrixCols, mask.cols());
  ASSERT_EQ(int64_t(table.panelRows.size()), table.panels() * rows);
  ASSERT_EQ(int64_t(table.granuleCols.size()), table.granules() * cols);
  ASSERT_EQ(int64_t(table.tilePtr.size()), table.panels() + 1);
  ASSERT_EQ(table.tilePtr.front(), 0);
  ASSERT_EQ(size_t(table.tilePtr.back()), table.tiles.size());
  ASSERT_EQ(table.maskOffset.size(), table.tiles.size());

  Mask covered(mask.rows(), mask.cols());
  std::vector<bool> isUsed(table.granules(), false);
  for (int64_t p = 0; p < table.panels(); ++p) {
    EXPECT_LT(table.tilePtr[p], table.tilePtr[p + 1]) << "an empty panel";
    for (int32_t t = table.tilePtr[p]; t < table.tilePtr[p + 1]; ++t) {
      if (t > table.tilePtr[p]) {
        EXPECT_LT(table.tiles[t - 1], table.tiles[t]);
      }
      int32_t granule = table.tiles[t];
      ASSERT_TRUE(granule >= 0 && granule < table.granules());
      isUsed[granule] = true;
      int64_t inTile = 0;
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < cols; ++c) {
          int32_t row = table.panelRows[p * rows + r];
          int32_t column = table.granuleCols[granule * cols + c];
          bool isSet = table.maskOffset[t] < 0 ||
                       (table.masks[table.maskOffset[t] + r] >> c & 1);
          if (!isSet)
            continue;
          ++inTile;
          ASSERT_TRUE(row >= 0 && column >= 0) << "padding is set";
          EXPECT_FALSE(covered.get(row, column)) << "covered twice";
          covered.set(row, column);
        }
      EXPECT_GT(inTile, 0);
      EXPECT_EQ(inTile == rows * cols, table.maskOffset[t] < 0);
      if (table.maskOffset[t] >= 0)
        for (int64_t r = 0; r < rows && cols < 64; ++r)
          EXPECT_EQ(table.masks[table.maskOffset[t] + r] >> cols, 0u);
    }
  }
  EXPECT_TRUE(std::ranges::count(isUsed, false) == 0) << "an unused granule";
  EXPECT_TRUE(covered == mask);
}

void check(const Mask &mask, const TileTableOptions &options) {
  TileTable table = buildTileTable(mask, options);
  EXPECT_EQ(table.rows, options.rows);
  EXPECT_EQ(table.cols, options.cols);
  expectTableOf(mask, table);
}

TEST(TileTable, ByHand) {
  // 2x2 tiles of a 4x5 mask: full at (0,0), one bit at (0,4), nothing in the
  // middle granule, nor in the lower panel.
  Mask mask(4, 5);
  mask.setRange(0, 0, 2), mask.setRange(1, 0, 2), mask.set(1, 4);
  TileTable table = buildTileTable(mask, {2, 2, {}, {}});
  EXPECT_EQ(table.panelRows, (Ints{0, 1}));
  EXPECT_EQ(table.granuleCols, (Ints{0, 1, 4, -1}));
  EXPECT_EQ(table.tilePtr, (Ints{0, 2}));
  EXPECT_EQ(table.tiles, (Ints{0, 1}));
  EXPECT_EQ(table.maskOffset, (Ints{-1, 0}));
  EXPECT_EQ(table.masks, (std::vector<uint64_t>{0, 1}));
}

TEST(TileTable, OrdersGatherScatteredRowsAndColumns) {
  // Rows 0 and 3 have the columns 1 and 6: one full tile in the right order.
  Mask mask(5, 7);
  for (int64_t r : {0, 3})
    mask.set(r, 1), mask.set(r, 6);
  TileTable table = buildTileTable(mask, {2, 2, {3, 0}, {6, 1}});
  EXPECT_EQ(table.panelRows, (Ints{3, 0}));
  EXPECT_EQ(table.granuleCols, (Ints{6, 1}));
  EXPECT_EQ(table.maskOffset, (Ints{-1}));
  expectTableOf(mask, table);
}

TEST(TileTable, PaddingIsNeverFull) {
  TileTable table = buildTileTable(Mask(3, 3, true), {2, 2, {}, {}});
  EXPECT_EQ(table.maskOffset, (Ints{-1, 0, 2, 4}));
  EXPECT_EQ(table.masks, (std::vector<uint64_t>{1, 1, 3, 0, 1, 0}));
}

TEST(TileTable, AdversarialMasks) {
  Mask oneCell(9, 65), row(5, 130), column(130, 2);
  oneCell.set(8, 64);
  row.setRange(3, 0, 130);
  for (int64_t r = 0; r < 130; ++r)
    column.set(r, 1);
  for (const Mask &mask :
       {Mask(0, 5), Mask(5, 0), Mask(9, 65), Mask(9, 65, true),
        Mask(1, 1, true), oneCell, row, column})
    for (int32_t rows : {1, 8, 16})
      for (int32_t cols : {1, 7, 16, 63, 64})
        check(mask, {rows, cols, {}, {}});
  TileTable empty = buildTileTable(Mask(9, 65), {});
  EXPECT_EQ(empty.panels(), 0);
  EXPECT_EQ(empty.granules(), 0);
  EXPECT_EQ(empty.tilePtr, (Ints{0}));
}

/// A random order of the lines for which `isNeeded`, and of some others.
template <typename Predicate>
Ints randomOrder(Random &random, int64_t count, Predicate isNeeded) {
  Ints order;
  for (int64_t n = 0; n < count; ++n)
    if (isNeeded(n) || randomIn(random, 0, 1))
      order.push_back(int32_t(n));
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

TEST(TileTable, RandomMasksOrdersAndSubsets) {
  Random random(41);
  for (int n = 0; n < 300; ++n) {
    int32_t rows = randomIn(random, 1, 50), cols = randomIn(random, 1, 150);
    Mask mask =
        n % 2 ? randomBlocks(random, rows, cols, 2)
              : randomMask(random, rows, cols, 0.005 * randomIn(random, 0, 20));
    Mask columns = mask.transposed();
    TileTableOptions options;
    options.rows = randomIn(random, 1, 17);
    options.cols = randomIn(random, 1, 64);
    if (n % 3)
      options.rowOrder = randomOrder(
          random, rows, [&](int64_t r) { return mask.countRow(r) > 0; });
    if (n % 5)
      options.colOrder = randomOrder(
          random, cols, [&](int64_t c) { return columns.countRow(c) > 0; });
    check(mask, options);
  }
}

TEST(TileTable, KeepsEmptyPanels) {
  Mask mask(7, 5);
  mask.set(6, 1);
  TileTableOptions options;
  options.rows = 2;
  options.cols = 4;
  options.rowOrder = {6, 0};
  options.keepEmpty = true;
  TileTable table = buildTileTable(mask, options);
  EXPECT_EQ(table.panelRows, Ints({6, 0, 1, 2, 3, 4, 5, -1}));
  EXPECT_EQ(table.tilePtr, Ints({0, 1, 1, 1, 1}));
  EXPECT_EQ(table.granuleCols, Ints({0, 1, 2, 3}));
  // Without a column there are panels all the same.
  EXPECT_EQ(buildTileTable(Mask(3, 0), {2, 16, {}, {}, true}).panels(), 2);
}

TEST(TileTable, SortsLongestFirst) {
  // One, three and two tiles of which some are full, and one without.
  Mask mask(8, 6);
  mask.set(0, 0);
  mask.setRange(2, 0, 6);
  mask.setRange(3, 0, 6);
  mask.set(5, 2);
  mask.set(4, 5);
  TileTableOptions options;
  options.rows = 2;
  options.cols = 2;
  options.keepEmpty = true;
  TileTable table = buildTileTable(mask, options);
  sortLongestFirst(table);
  EXPECT_EQ(table.panelRows, Ints({2, 3, 4, 5, 0, 1, 6, 7}));
  EXPECT_EQ(table.tilePtr, Ints({0, 3, 5, 6, 6}));
  EXPECT_EQ(table.tiles, Ints({0, 1, 2, 1, 2, 0}));
  options.keepEmpty = false;
  table = buildTileTable(mask, options);
  sortLongestFirst(table);
  expectTableOf(mask, table);
}

} // namespace
