//===- ValueRunsTest.cpp - Tests of runs of values
//-------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/ValueRuns.h"

#include "gtest/gtest.h"

#include <bit>
#include <numeric>
#include <random>

using namespace mlir::spmmplu;

namespace {

Mask randomMask(int64_t rows, int64_t cols, double density, unsigned seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution isSet(density);
  Mask mask(rows, cols);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t col = 0; col < cols; ++col)
      mask.set(row, col, isSet(random));
  return mask;
}

std::vector<int32_t> shuffled(int64_t count, unsigned seed) {
  std::vector<int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  return order;
}

/// Checks that the runs name every place's number once, in the tiles' columns.
void expectRunsOf(const TileTable &table, const PlaceNumbers &numbers,
                  int64_t expected) {
  auto runs = getTileRuns(table, numbers);
  ASSERT_TRUE(runs.has_value());
  ASSERT_EQ(runs->size(), table.tiles.size() * table.rows);
  std::vector<int> found(numbers.count(), 0);
  int64_t count = 0;
  for (int64_t p = 0; p < table.panels(); ++p)
    for (int32_t t = table.tilePtr[p]; t < table.tilePtr[p + 1]; ++t)
      for (int64_t r = 0; r < table.rows; ++r) {
        const ValueRun &run = (*runs)[t * table.rows + r];
        ASSERT_EQ(std::popcount(run.bits), run.count);
        int32_t number = run.first;
        for (int64_t c = 0; c < table.cols; ++c) {
          if (!(run.bits >> c & 1))
            continue;
          int32_t col = table.granuleCols[table.tiles[t] * table.cols + c];
          EXPECT_EQ(numbers.at(table.panelRows[p * table.rows + r], col),
                    number);
          ++found[number++];
          ++count;
        }
      }
  for (int times : found)
    EXPECT_LE(times, 1);
  EXPECT_EQ(count, expected);
}

TEST(ValueRuns, NumbersPlacesByRow) {
  Mask mask(3, 70);
  mask.set(0, 5);
  mask.set(0, 69);
  mask.set(2, 0);
  PlaceNumbers numbers(mask);
  EXPECT_EQ(numbers.count(), 3);
  EXPECT_EQ(numbers.at(0, 5), 0);
  EXPECT_EQ(numbers.at(0, 69), 1);
  EXPECT_EQ(numbers.at(1, 5), -1);
  EXPECT_EQ(numbers.at(2, 0), 2);
}

TEST(ValueRuns, NaturalTilesAreRuns) {
  for (int64_t cols : {1, 16, 63, 130}) {
    Mask mask = randomMask(37, cols, 0.3, unsigned(cols));
    TileTableOptions options;
    options.rows = 16;
    options.cols = 64;
    TileTable table = buildTileTable(mask, options);
    expectRunsOf(table, PlaceNumbers(mask), mask.count());
    TileTable split = splitIntoRuns(table, PlaceNumbers(mask));
    EXPECT_EQ(split.tiles, table.tiles);
    EXPECT_EQ(split.masks, table.masks);
    EXPECT_EQ(split.tilePtr, table.tilePtr);
  }
}

TEST(ValueRuns, TilesOfAPartAreCutWhereOthersLieBetween) {
  // Columns 0 and 8 are one part, column 4 of row 1 another.
  Mask all(2, 9), part(2, 9);
  for (int64_t row : {0, 1})
    for (int64_t col : {0, 8}) {
      all.set(row, col);
      part.set(row, col);
    }
  all.set(1, 4);
  TileTableOptions options;
  options.rows = 2;
  options.cols = 16;
  TileTable table = buildTileTable(part, options);
  PlaceNumbers numbers(all);
  EXPECT_FALSE(getTileRuns(table, numbers).has_value());
  TileTable split = splitIntoRuns(table, numbers);
  EXPECT_EQ(split.tiles, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(split.tilePtr, (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(split.masks, (std::vector<uint64_t>{0x101, 1, 0, 0x100}));
  expectRunsOf(split, numbers, part.count());
}

TEST(ValueRuns, AnyOrderOfColumnsIsCutIntoRuns) {
  Mask mask = randomMask(40, 50, 0.5, 3);
  PlaceNumbers numbers(mask);
  TileTableOptions options;
  options.rows = 8;
  options.cols = 16;
  options.rowOrder = shuffled(40, 1);
  options.colOrder = shuffled(50, 2);
  TileTable table = buildTileTable(mask, options);
  EXPECT_FALSE(getTileRuns(table, numbers).has_value());
  expectRunsOf(splitIntoRuns(table, numbers), numbers, mask.count());
}

TEST(ValueRuns, BitsThatAreNoPlacesAreNoRuns) {
  Mask all(1, 4), other(1, 4);
  all.set(0, 1);
  other.set(0, 2);
  EXPECT_FALSE(
      getTileRuns(buildTileTable(other, {1, 4, {}, {}}), PlaceNumbers(all))
          .has_value());
}

TEST(ValueRuns, CellsHaveAllPlaces) {
  for (double density : {0.0, 0.1, 1.0}) {
    Mask mask = randomMask(37, 90, density, 5);
    mask.setRange(3, 0, 90);
    ChainTableOptions options;
    options.rows = 16;
    options.rowOrder = shuffled(37, 4);
    ChainTable chains = buildChainTable(mask, options);
    PlaceNumbers numbers(mask);
    auto cells = buildCells(chains, 32, numbers);
    ASSERT_TRUE(cells.has_value());
    const std::vector<int32_t> &entries = cells->chains.entries;
    ASSERT_EQ(entries.size() % 32, 0u);
    ASSERT_EQ(cells->runs.size(), entries.size() / 32 * 16);
    int64_t count = 0;
    for (int64_t p = 0; p < chains.panels(); ++p) {
      int32_t begin = cells->chains.chainPtr[p];
      int32_t end = cells->chains.chainPtr[p + 1];
      ASSERT_EQ(begin % 32, 0);
      EXPECT_EQ((end - begin) / 32,
                (chains.chainPtr[p + 1] - chains.chainPtr[p] + 31) / 32);
      for (int32_t cell = begin / 32; cell < end / 32; ++cell)
        for (int r = 0; r < 16; ++r) {
          ValueRun run = cells->runs[cell * 16 + r];
          int32_t number = run.first;
          for (int bit = 0; bit < 32; ++bit)
            if (run.bits >> bit & 1) {
              EXPECT_EQ(numbers.at(chains.panelRows[p * 16 + r],
                                   entries[cell * 32 + bit]),
                        number++);
              ++count;
            }
        }
    }
    EXPECT_EQ(count, mask.count());
  }
}

TEST(ValueRuns, CellsMustHaveAllPlaces) {
  Mask mask(2, 8);
  mask.set(0, 1);
  ChainTable chains = buildChainTable(mask, {2, 1, 0, {}});
  mask.set(1, 7);
  EXPECT_FALSE(buildCells(chains, 16, PlaceNumbers(mask)).has_value());
}

// 90 is no multiple of 32: the last cell is moved back, and another owns its
// first columns.
TEST(ValueRuns, EntriesAreCells) {
  for (double density : {0.0, 0.1, 1.0})
    for (int64_t phaseDepth : {0, 32}) {
      Mask mask = randomMask(37, 90, density, 6);
      mask.setRange(3, 0, 90);
      ChainTableOptions options{16, 32, phaseDepth, shuffled(37, 7)};
      ChainTable chains = buildChainTable(mask, options);
      PlaceNumbers numbers(mask);
      auto cells = getEntryCells(chains, numbers);
      ASSERT_TRUE(cells.has_value());
      EXPECT_EQ(cells->chains.entries, chains.entries);
      ASSERT_EQ(cells->runs.size(), chains.entries.size() * 16);
      std::vector<int> seen(numbers.count(), 0);
      for (int64_t chain = 0; chain < chains.phases * chains.panels(); ++chain)
        for (int32_t e = chains.chainPtr[chain]; e < chains.chainPtr[chain + 1];
             ++e)
          for (int r = 0; r < 16; ++r) {
            ValueRun run = cells->runs[e * 16 + r];
            int32_t row = chains.panelRows[chain % chains.panels() * 16 + r];
            int32_t number = run.first;
            for (int bit = 0; bit < 64; ++bit)
              if (run.bits >> bit & 1) {
                ASSERT_LT(bit, 32);
                ASSERT_GE(row, 0);
                EXPECT_EQ(numbers.at(row, chains.entries[e] + bit), number);
                ++seen[number++];
              }
            EXPECT_EQ(number - run.first, run.count);
          }
      EXPECT_EQ(std::ranges::count(seen, 1), numbers.count());
    }
}

TEST(ValueRuns, EntriesMustHaveAllPlaces) {
  Mask mask(2, 80);
  mask.set(0, 1);
  ChainTable chains = buildChainTable(mask, {2, 8, 0, {}});
  ChainTable deep = buildChainTable(mask, {2, 65, 0, {}});
  EXPECT_TRUE(getEntryCells(chains, PlaceNumbers(mask)).has_value());
  EXPECT_FALSE(getEntryCells(deep, PlaceNumbers(mask)).has_value());
  mask.set(1, 70);
  EXPECT_FALSE(getEntryCells(chains, PlaceNumbers(mask)).has_value());
}

TEST(ValueRuns, EntriesOfAPartComeAgain) {
  // Row 0 of the part has places on both sides of one of another part, in its
  // second entry; row 1 has one.
  Mask all(2, 8), part(2, 8);
  all.setRange(0, 4, 8);
  all.set(1, 4);
  part.set(0, 4);
  part.setRange(0, 6, 8);
  part.set(1, 4);
  PlaceNumbers numbers(all);
  ChainTable chains = buildChainTable(part, {2, 4, 0, {}});
  auto cells = getEntryCells(chains, numbers, &part);
  ASSERT_TRUE(cells.has_value());
  EXPECT_EQ(cells->chains.chainPtr, (std::vector<int32_t>{0, 2}));
  EXPECT_EQ(cells->chains.entries, (std::vector<int32_t>{4, 4}));
  EXPECT_EQ(cells->runs,
            (std::vector<ValueRun>{{0, 1, 1}, {4, 1, 1}, {2, 2, 0b1100}, {}}));
  // What is no place is in no cell.
  Mask other(2, 8);
  other.set(1, 5);
  chains = buildChainTable(other, {2, 4, 0, {}});
  EXPECT_FALSE(getEntryCells(chains, numbers, &other).has_value());
  chains = buildChainTable(other, {2, 1, 0, {}});
  EXPECT_FALSE(buildCells(chains, 4, numbers, &other).has_value());
}

TEST(ValueRuns, CellsOfAPart) {
  // Row 0 of the part has places on both sides of one of another part.
  Mask all(1, 3), part(1, 3);
  for (int64_t col : {0, 1, 2})
    all.set(0, col);
  part.set(0, 0);
  part.set(0, 2);
  PlaceNumbers numbers(all);
  auto cells =
      buildCells(buildChainTable(part, {1, 1, 0, {}}), 16, numbers, &part);
  ASSERT_TRUE(cells.has_value());
  ASSERT_EQ(cells->chains.entries.size(), 32u);
  EXPECT_EQ(cells->runs, (std::vector<ValueRun>{{0, 1, 1}, {2, 1, 2}}));
}

void expectTasksOf(std::span<const int32_t> chainPtr, int64_t split) {
  std::vector<CellTask> tasks = makeCellTasks(chainPtr, 16, split);
  std::vector<int> times(chainPtr.back() / 16, 0), panels(chainPtr.size() - 1);
  for (const CellTask &task : tasks) {
    ++panels[task.panel];
    EXPECT_GE(task.first * 16, chainPtr[task.panel]);
    EXPECT_LE(task.end * 16, chainPtr[task.panel + 1]);
    EXPECT_EQ(task.slot >= 0, task.parts > 1);
    EXPECT_LT(task.part, task.parts);
    for (int32_t cell = task.first; cell < task.end; ++cell)
      ++times[cell];
  }
  for (const CellTask &task : tasks)
    EXPECT_EQ(panels[task.panel], task.parts);
  for (int time : times)
    EXPECT_EQ(time, 1);
  for (size_t n = 1; n < tasks.size(); ++n)
    EXPECT_LE(tasks[n].end - tasks[n].first,
              tasks[n - 1].end - tasks[n - 1].first);
}

TEST(ValueRuns, TasksHaveEveryCellOnce) {
  // Panels of 8, 0, 3 and 1 cells.
  const int32_t chainPtr[] = {0, 128, 128, 176, 192};
  for (int64_t split : {1, 2, 3, 4, 16})
    expectTasksOf(chainPtr, split);
  std::vector<CellTask> tasks = makeCellTasks(chainPtr, 16, 2);
  ASSERT_EQ(tasks.size(), 5u); // only the longest is shared
  EXPECT_EQ(tasks[0].slot, 0);
  EXPECT_EQ(tasks[1].slot, 0);
  EXPECT_EQ(tasks[2].slot, -1);
}

TEST(ValueRuns, TooManyPanelsAreNotShared) {
  std::vector<int32_t> chainPtr = {0};
  for (int panel = 0; panel < 300; ++panel)
    chainPtr.push_back(chainPtr.back() + 64);
  for (const CellTask &task : makeCellTasks(chainPtr, 16, 4))
    EXPECT_EQ(task.parts, 1);
}

TEST(ValueRuns, PartsInOneTable) {
  Mask all = randomMask(40, 64, 0.4, 17), near(40, 64), far(40, 64);
  for (int64_t row = 0; row < all.rows(); ++row)
    for (int64_t col = 0; col < all.cols(); ++col)
      (std::abs(row - col) < 9 ? near : far).set(row, col, all.get(row, col));
  PlaceNumbers numbers(all);
  TileTableOptions options;
  options.rows = 8;
  TileTable table = splitIntoRuns(buildTileTable(near, options), numbers);
  int64_t panels = table.panels();
  options.rowOrder = shuffled(40, 5);
  appendTiles(table, splitIntoRuns(buildTileTable(far, options), numbers));
  EXPECT_EQ(table.panels(), panels + 5);
  expectRunsOf(table, numbers, numbers.count());
}

TEST(ValueRuns, ContinuedInTheNextTile) {
  Mask mask(8, 64);
  mask.setRange(0, 0, 64);  // goes on from tile to tile
  mask.setRange(1, 0, 41);  // ends in the third one
  mask.setRange(2, 10, 64); // too few values in the first one
  mask.setRange(3, 0, 16);
  mask.setRange(3, 17, 64); // not from a tile's first column on; then too few
  mask.setRange(4, 0, 16);
  mask.setRange(4, 32, 64); // a tile between
  TileTableOptions options;
  options.rows = 4; // row 4 is of another panel
  TileTable table = buildTileTable(mask, options);
  auto runs = getTileRuns(table, PlaceNumbers(mask));
  ASSERT_TRUE(runs.has_value());
  std::vector<ValueRun> marked = *runs;
  markContinued(table, marked);
  auto flags = [&](int64_t tile, int64_t row) {
    const ValueRun &run = marked[tile * 4 + row],
                   &before = (*runs)[tile * 4 + row];
    EXPECT_EQ(run.count % kResumes, before.count);
    EXPECT_EQ(run.first, before.first);
    return run.count - before.count;
  };
  constexpr int32_t kBoth = kResumes | kGoesOn;
  const int32_t expected[4][4] = {{kGoesOn, kBoth, kBoth, kResumes},
                                  {kGoesOn, kBoth, kResumes, 0},
                                  {0, kGoesOn, kBoth, kResumes},
                                  {0, 0, kGoesOn, kResumes}};
  for (int64_t row = 0; row < 4; ++row)
    for (int64_t tile = 0; tile < 4; ++tile)
      EXPECT_EQ(flags(tile, row), expected[row][tile]) << row << ' ' << tile;
  // Tiles of columns 0, 2 and 3 follow each other in the second panel.
  ASSERT_EQ(table.tilePtr[2] - table.tilePtr[1], 3);
  EXPECT_EQ(flags(4, 0), kGoesOn);
  EXPECT_EQ(flags(5, 0), kBoth);
  EXPECT_EQ(flags(6, 0), kResumes);
}

} // namespace
