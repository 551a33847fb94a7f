//===- DeriveEntriesTest.cpp - Tests of tables from other tables ----------===//
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

ChainTableOptions randomOptions(Random &random, const Mask &mask) {
  ChainTableOptions options;
  options.rows = randomIn(random, 1, 17);
  options.depth =
      randomIn(random, 1, int32_t(std::min<int64_t>(mask.cols(), 70)));
  options.phaseDepth = options.depth * int64_t(randomIn(random, 0, 5));
  options.rowOrder.resize(mask.rows());
  std::iota(options.rowOrder.begin(), options.rowOrder.end(), 0);
  std::shuffle(options.rowOrder.begin(), options.rowOrder.end(), random);
  return options;
}

/// Every form of a matrix follows from the one whose entries are elements.
TEST(DeriveEntries, AreThoseOfTheMask) {
  Random random(31);
  for (int n = 0; n < 300; ++n) {
    int32_t rows = randomIn(random, 1, 40), cols = randomIn(random, 1, 150);
    Mask mask =
        n % 2 ? randomBlocks(random, rows, cols, 3)
              : randomMask(random, rows, cols, 0.02 * randomIn(random, 0, 20));
    ChainTableOptions elements;
    elements.phaseDepth = randomIn(random, 0, 40);
    ChainTable known = buildChainTable(mask, elements);
    ChainTable form = buildChainTable(mask, randomOptions(random, mask));
    EXPECT_EQ(deriveEntries(known, form), form.entries) << n;
    // Entries of several elements may cover more than the mask: then there is
    // no place for what they would make, and they are refused.
    if (auto back = deriveEntries(form, known))
      EXPECT_EQ(*back, known.entries) << n;
  }
}

TEST(DeriveEntries, NeedsPlaceForEachCell) {
  Mask mask(4, 8);
  mask.set(1, 3);
  mask.set(2, 7);
  ChainTable known = buildChainTable(mask, {});
  ChainTable form = buildChainTable(mask, {2, 2, 0, {}});
  ASSERT_EQ(deriveEntries(known, form), form.entries);
  // Padding, as tensor cores have it, is not in the mask.
  form.chainPtr = {0, 2, 3};
  EXPECT_FALSE(deriveEntries(known, form));
  form.chainPtr = {0, 0, 1};
  EXPECT_FALSE(deriveEntries(known, form));
}

/// Entries that a reader of files lets through may overlap: time and memory
/// stay in proportion to them.
TEST(DeriveEntries, OverlapsAreOneCell) {
  ChainTable known;
  known.depth = 1000;
  known.phases = 2000;
  known.matrixRows = 1;
  known.matrixCols = 1000;
  known.panelRows = {0};
  known.entries.assign(known.phases, 0);
  known.chainPtr.resize(known.phases + 1);
  std::iota(known.chainPtr.begin(), known.chainPtr.end(), 0);
  ChainTable form = buildChainTable(Mask(1, 1000, true), {});
  EXPECT_EQ(deriveEntries(known, form), form.entries);
}

TEST(DeriveEntries, EmptyMatrices) {
  for (const Mask &mask : {Mask(0, 8), Mask(5, 0), Mask(5, 8)}) {
    ChainTable table = buildChainTable(mask, {});
    EXPECT_EQ(deriveEntries(table, table), table.entries);
  }
}

} // namespace
