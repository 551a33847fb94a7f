//===- BandsTest.cpp - Tests of chains by bands ---------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Bands.h"

#include "RandomSpace.h"
#include "spmmplu/Segmentation/TensorPacking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace mlir::spmmplu;

namespace {

using Ints = std::vector<int32_t>;

/// Panels of 16 rows with the given entries of one k.
ChainTable tableOf(const std::vector<Ints> &chains, int64_t cols) {
  ChainTable table;
  table.rows = 16;
  table.matrixRows = int64_t(chains.size()) * 16;
  table.matrixCols = cols;
  table.chainPtr = {0};
  for (const Ints &chain : chains) {
    for (int row = 0; row < 16; ++row)
      table.panelRows.push_back(int32_t(table.panelRows.size()));
    table.entries.insert(table.entries.end(), chain.begin(), chain.end());
    table.chainPtr.push_back(int32_t(table.entries.size()));
  }
  return table;
}

Ints randomChain(std::mt19937 &random, int64_t cols, double density) {
  Ints chain;
  for (int32_t k = 0; k < cols; ++k)
    if (std::uniform_real_distribution<>()(random) < density)
      chain.push_back(k);
  return chain;
}

/// Chain `panel` of a padded table, of one band, without its padding.
Ints entriesOf(const ChainTable &table, const Ints &steps, int64_t at) {
  auto first = table.entries.begin();
  Ints entries(first + steps[at] * kBandStep,
               first + steps[at + 1] * kBandStep);
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

/// What the header promises.
void check(const std::vector<Ints> &chains, int64_t cols, int64_t band) {
  auto padded = padBands(tableOf(chains, cols), band);
  ASSERT_TRUE(padded) << padded.error();
  Ints steps = getBandSteps(*padded, band);
  int64_t bands = (cols + band - 1) / band;
  ASSERT_EQ(int64_t(steps.size()), int64_t(chains.size()) * bands + 1);
  EXPECT_EQ(steps.back() * kBandStep, int64_t(padded->entries.size()));
  for (size_t panel = 0; panel < chains.size(); ++panel)
    for (int64_t at = 0; at < bands; ++at) {
      Ints wanted;
      for (int32_t entry : chains[panel])
        if (entry / band == at)
          wanted.push_back(entry);
      int64_t number = int64_t(panel) * bands + at;
      Ints found = entriesOf(*padded, steps, number);
      EXPECT_LE(countBankReads(found), countBankReads(wanted));
      EXPECT_EQ((steps[number + 1] - steps[number]),
                (int64_t(wanted.size()) + kBandStep - 1) / kBandStep);
      std::ranges::sort(found);
      EXPECT_EQ(found, wanted);
    }
}

TEST(Bands, HaveTheirEntriesInWholeSteps) {
  std::mt19937 random(1);
  for (int64_t band : {16, 64, 128, 256})
    for (double density : {0.0, 0.03, 0.25, 0.5, 1.0})
      for (int64_t cols : {5, 64, 200, 1000})
        check({randomChain(random, cols, density),
               {},
               randomChain(random, cols, density / 2),
               {int32_t(cols - 1)}},
              cols, band);
}

TEST(Bands, AreOrderedForBanks) {
  // Eight of bank 0, then one of each other bank twice: eight at a time would
  // read bank 0 eight times.
  Ints chain;
  for (int32_t n = 0; n < 8; ++n)
    chain.push_back(8 * n);
  for (int32_t n = 1; n < 5; ++n)
    chain.insert(chain.end(), {64 + n, 72 + n});
  std::ranges::sort(chain);
  EXPECT_EQ(countBankReads(chain), 8 + 2);
  auto padded = padBands(tableOf({chain}, 128), 128);
  ASSERT_TRUE(padded);
  EXPECT_EQ(countBankReads(padded->entries), 8);
  // Of all rows eight follow each other anyway.
  EXPECT_EQ(countBankReads(Ints{0, 1, 2, 3, 4, 5, 6, 7, 9, 17}), 1 + 2);
  // A row again is read once.
  EXPECT_EQ(countBankReads(Ints{3, 3, 3, 4}), 1);
}

TEST(Bands, ArePackedInTheirOrder) {
  std::mt19937 random(2);
  auto padded = padBands(
      tableOf({randomChain(random, 300, 0.4), randomChain(random, 300, 0.1)},
              300),
      64);
  ASSERT_TRUE(padded);
  std::vector<uint16_t> matrix(32 * 300);
  for (int64_t panel = 0; panel < 2; ++panel)
    for (int32_t e = padded->chainPtr[panel]; e < padded->chainPtr[panel + 1];
         ++e)
      for (int64_t row = 0; row < 16; ++row)
        matrix[(panel * 16 + row) * 300 + padded->entries[e]] =
            uint16_t(1 + random() % 1000);
  auto packed = packTensor<uint16_t>(*padded, {}, matrix);
  ASSERT_TRUE(packed) << packed.error();
  auto unpacked = unpackTensor<uint16_t>(*padded, {}, packed->values, {});
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(*unpacked, matrix);
}

TEST(Bands, Fail) {
  ChainTable table = tableOf({{1, 2}}, 100);
  EXPECT_EQ(padBands(table, 96).error(),
            "bands: found 96 k, expected a power of two from 16 to 256");
  EXPECT_EQ(padBands(table, 512).error(),
            "bands: found 512 k, expected a power of two from 16 to 256");
  table.depth = 2;
  EXPECT_EQ(padBands(table, 64).error(),
            "bands: found entries of 2 k in 1 phases, expected single k in one "
            "phase");
}

} // namespace
