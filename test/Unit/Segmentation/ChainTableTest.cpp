//===- ChainTableTest.cpp - Tests of the table for input sparsity ---------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomSpace.h"
#include "spmmplu/Segmentation/TensorPacking.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Ints = std::vector<int32_t>;

/// Non-zero exactly where the mask is set.
template <typename T>
std::vector<T> valuesOf(const Mask &mask, Random &random) {
  std::vector<T> values(mask.rows() * mask.cols(), T(0));
  for (int64_t r = 0; r < mask.rows(); ++r)
    mask.forEachInRow(r, [&](int64_t c) {
      values[r * mask.cols() + c] = T(randomIn(random, 1, 100));
    });
  return values;
}

/// The invariants of a table, and the cells it must have, point by point.
void expectTableOf(const Mask &mask, const ChainTableOptions &options,
                   const ChainTable &table) {
  int64_t panels = (mask.rows() + options.rows - 1) / options.rows;
  int64_t depth = options.depth, phaseDepth = options.phaseDepth;
  ASSERT_EQ(table.rows, options.rows);
  ASSERT_EQ(table.depth, depth);
  ASSERT_EQ(table.matrixRows, mask.rows());
  ASSERT_EQ(table.matrixCols, mask.cols());
  ASSERT_EQ(table.panels(), panels);
  ASSERT_EQ(table.phases, phaseDepth && mask.cols()
                              ? (mask.cols() + phaseDepth - 1) / phaseDepth
                              : 1);
  ASSERT_EQ(int64_t(table.chainPtr.size()), table.phases * panels + 1);
  EXPECT_EQ(table.chainPtr.front(), 0);
  EXPECT_EQ(size_t(table.chainPtr.back()), table.entries.size());
  EXPECT_EQ(int64_t(table.entries.size()), countEntries(mask, options));

  for (int64_t slot = 0; slot < panels * options.rows; ++slot) {
    int64_t want = -1;
    if (slot < mask.rows())
      want = options.rowOrder.empty() ? slot : options.rowOrder[slot];
    EXPECT_EQ(table.panelRows[slot], want);
  }
  int64_t cells = (mask.cols() + depth - 1) / depth;
  for (int64_t f = 0; f < table.phases; ++f)
    for (int64_t p = 0; p < panels; ++p) {
      Ints want;
      for (int64_t cell = 0; cell < cells; ++cell) {
        if (phaseDepth && cell * depth / phaseDepth != f)
          continue;
        bool any = false;
        for (int64_t r = 0; r < options.rows; ++r)
          for (int64_t k = cell * depth;
               k < std::min((cell + 1) * depth, mask.cols()); ++k) {
            int32_t row = table.panelRows[p * options.rows + r];
            any |= row >= 0 && mask.get(row, k);
          }
        if (any)
          want.push_back(int32_t(std::min(cell * depth, mask.cols() - depth)));
      }
      auto begin = table.entries.begin();
      EXPECT_EQ(Ints(begin + table.chainPtr[f * panels + p],
                     begin + table.chainPtr[f * panels + p + 1]),
                want);
    }
}

template <typename T>
void expectPackIsInvertible(const Mask &mask, const ChainTable &table,
                            Random &random) {
  std::vector<T> values = valuesOf<T>(mask, random);
  for (PackedLayout layout : {PackedLayout::kMajor, PackedLayout::rowMajor}) {
    std::vector<T> packed = pack<T>(table, layout, values);
    EXPECT_EQ(packed.size(), table.entries.size() * table.rows * table.depth);
    EXPECT_EQ(unpack<T>(table, layout, packed), values);
    // Each value is stored once: nothing is computed twice.
    EXPECT_EQ(std::ranges::count_if(packed, [](T v) { return v != T(0); }),
              mask.count());
  }
}

void check(const Mask &mask, const ChainTableOptions &options, Random &random) {
  ChainTable table = buildChainTable(mask, options);
  expectTableOf(mask, options, table);
  expectPackIsInvertible<float>(mask, table, random);
  expectPackIsInvertible<uint16_t>(mask, table, random);
}

TEST(ChainTable, GatheredStepsAreTiles) {
  Random random(5);
  for (int32_t rows : {16, 32})
    for (int64_t phaseDepth : {0, 40}) {
      Mask mask(50, 100);
      for (int64_t r = 0; r < 50; ++r)
        for (int64_t c = 0; c < 100; ++c)
          if (r / 16 != 1 && random() % 3 == 0)
            mask.set(r, c);
      auto table = padChains(buildChainTable(mask, {rows, 1, phaseDepth, {}}),
                             kGatherStep);
      ASSERT_TRUE(table) << table.error();
      std::vector<float> values = valuesOf<float>(mask, random);
      std::vector<float> packed =
          pack<float>(*table, PackedLayout::gathered, values);
      EXPECT_EQ(packed.size(), table->entries.size() * rows);
      EXPECT_EQ(unpack<float>(*table, PackedLayout::gathered, packed), values);
      EXPECT_EQ(std::ranges::count_if(packed, [](float v) { return v != 0; }),
                mask.count());
      // A row of a tile is that row of 32 entries.
      int64_t chain = table->panels() - 1, row = rows == 16 ? 1 : 17;
      int64_t first = table->chainPtr[chain], at = table->entries[first + 3];
      ASSERT_GE(table->panelRows[chain * rows + row], 0);
      EXPECT_EQ(packed[first * rows + row * 32 + 3],
                values[table->panelRows[chain * rows + row] * 100 + at]);
    }
}

TEST(ChainTable, ByHand) {
  // Rows 0 and 1 form panel 0, row 2 and padding panel 1; columns 0-3 are cell
  // 0, columns 4-5 cell 1, which is moved back to column 2.
  Mask mask(3, 6);
  mask.set(0, 1), mask.set(1, 5), mask.set(2, 4);
  ChainTable table = buildChainTable(mask, {2, 4, 0, {}});
  EXPECT_EQ(table.panelRows, (Ints{0, 1, 2, -1}));
  EXPECT_EQ(table.chainPtr, (Ints{0, 2, 3}));
  EXPECT_EQ(table.entries, (Ints{0, 2, 2}));
  EXPECT_EQ(table.firstOwned(0), 0);
  EXPECT_EQ(table.firstOwned(1), 4);
  std::vector<uint8_t> values = {11, 12, 13, 14, 15, 16, //
                                 21, 22, 23, 24, 25, 26, //
                                 31, 32, 33, 34, 35, 36};
  EXPECT_EQ(pack<uint8_t>(table, PackedLayout::kMajor, values),
            (std::vector<uint8_t>{11, 21, 12, 22, 13, 23, 14, 24, //
                                  0,  0,  0,  0,  15, 25, 16, 26, //
                                  0,  0,  0,  0,  35, 0,  36, 0}));
  EXPECT_EQ(pack<uint8_t>(table, PackedLayout::rowMajor, values),
            (std::vector<uint8_t>{11, 12, 13, 14, 21, 22, 23, 24, //
                                  0,  0,  15, 16, 0,  0,  25, 26, //
                                  0,  0,  35, 36, 0,  0,  0,  0}));
}

TEST(ChainTable, PhasesAreWalkedOneByOne) {
  Mask mask(2, 8, true);
  ChainTable table = buildChainTable(mask, {1, 2, 4, {1, 0}});
  EXPECT_EQ(table.phases, 2);
  EXPECT_EQ(table.panelRows, (Ints{1, 0}));
  EXPECT_EQ(table.chainPtr, (Ints{0, 2, 4, 6, 8}));
  EXPECT_EQ(table.entries, (Ints{0, 2, 0, 2, 4, 6, 4, 6}));
}

TEST(ChainTable, AdversarialMasks) {
  Random random(21);
  Mask oneCell(5, 65), row(4, 130), column(130, 3), gaps(6, 70);
  oneCell.set(4, 64);
  row.setRange(2, 0, 130);
  for (int64_t r = 0; r < 130; ++r)
    column.set(r, 2);
  gaps.set(0, 63), gaps.set(0, 64), gaps.set(5, 69);
  for (const Mask &mask : {Mask(7, 65), Mask(7, 65, true), Mask(1, 1, true),
                           Mask(1, 200, true), oneCell, row, column, gaps})
    for (int32_t rows : {1, 3, 8, 200})
      for (int32_t depth : {1, 2, 3, 16, 64, 65, 70, 128, 200})
        if (depth <= mask.cols())
          for (int64_t phase : {0, 1, 3})
            check(mask, {rows, depth, phase * depth, {}}, random);
}

TEST(ChainTable, EmptyMatrices) {
  Random random(22);
  check(Mask(0, 8), {4, 2, 0, {}}, random);
  check(Mask(5, 0), {4, 1, 0, {}}, random);
  check(Mask(5, 0), {4, 1, 8, {}}, random);
}

TEST(ChainTable, RandomMasksAndOrders) {
  Random random(23);
  for (int n = 0; n < 300; ++n) {
    int32_t rows = randomIn(random, 1, 40), cols = randomIn(random, 1, 150);
    Mask mask =
        n % 2 ? randomBlocks(random, rows, cols, 3)
              : randomMask(random, rows, cols, 0.02 * randomIn(random, 0, 20));
    ChainTableOptions options;
    options.rows = randomIn(random, 1, 17);
    options.depth = randomIn(random, 1, std::min(cols, 70));
    options.phaseDepth = options.depth * int64_t(randomIn(random, 0, 5));
    if (n % 3) {
      options.rowOrder.resize(rows);
      std::iota(options.rowOrder.begin(), options.rowOrder.end(), 0);
      std::shuffle(options.rowOrder.begin(), options.rowOrder.end(), random);
    }
    check(mask, options, random);
  }
}

TEST(ChainTable, AllElementTypes) {
  Random random(24);
  Mask mask = randomMask(random, 9, 37, 0.3);
  ChainTable table = buildChainTable(mask, {4, 8, 16, {}});
  expectPackIsInvertible<double>(mask, table, random);
  expectPackIsInvertible<uint8_t>(mask, table, random);
  expectPackIsInvertible<int8_t>(mask, table, random);
}

TEST(GroupEqualRows, ByFirstAppearanceEmptyLast) {
  Mask mask(7, 70);
  mask.set(1, 69), mask.set(2, 0), mask.set(4, 69), mask.set(6, 0);
  mask.set(3, 69), mask.set(3, 0);
  EXPECT_EQ(groupEqualRows(mask), (Ints{1, 4, 2, 6, 3, 0, 5}));
  EXPECT_EQ(groupEqualRows(Mask(3, 0)), (Ints{0, 1, 2}));
  EXPECT_TRUE(groupEqualRows(Mask(0, 5)).empty());
}

TEST(GroupEqualRows, MakesPanelsOfEqualRows) {
  Random random(25);
  // 4 patterns of 16 rows each, interleaved: panels of 16 hold one pattern.
  Mask patterns = randomMask(random, 4, 256, 0.2), mask(64, 256);
  for (int64_t r = 0; r < 64; ++r)
    patterns.forEachInRow(r % 4, [&](int64_t c) { mask.set(r, c); });
  EXPECT_EQ(countEntries(mask, {16, 1, 0, groupEqualRows(mask)}),
            patterns.count());
}

TEST(ChooseRowOrder, TakesTheFewestEntries) {
  Random random(26);
  Mask patterns = randomMask(random, 4, 256, 0.2), mask(64, 256);
  for (int64_t r = 0; r < 64; ++r)
    patterns.forEachInRow(r % 4, [&](int64_t c) { mask.set(r, c); });
  EXPECT_EQ(chooseRowOrder(mask, {16, 1, 0, {}}, {}), groupEqualRows(mask));
  // Nothing to gain: panels of one row, a full mask, entries that do not fit.
  EXPECT_TRUE(chooseRowOrder(mask, {1, 1, 0, {}}, {}).empty());
  EXPECT_TRUE(chooseRowOrder(Mask(64, 256, true), {16, 1, 0, {}}, {}).empty());
  EXPECT_TRUE(chooseRowOrder(Mask(64, 8), {16, 16, 0, {}}, {}).empty());
  EXPECT_TRUE(chooseRowOrder(Mask(64, 0), {16, 1, 0, {}}, {}).empty());
  // A pattern knows an order where no two rows are equal: rows r and r + 32
  // share one column each.
  Mask pairs(64, 96);
  for (int32_t r = 0; r < 64; ++r)
    pairs.set(r, r % 32), pairs.set(r, 32 + r);
  Ints order;
  for (int32_t r = 0; r < 32; ++r)
    order.push_back(r), order.push_back(r + 32);
  MaskPart part{pairs, order, {}}, partial{pairs, {0, 1}, {}};
  EXPECT_EQ(chooseRowOrder(pairs, {2, 1, 0, {}}, std::vector{partial, part}),
            order);
}

} // namespace
