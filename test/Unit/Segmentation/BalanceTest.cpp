//===- BalanceTest.cpp - Tests of cutting panels into tasks ---------------===//
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

using namespace mlir::spmmplu;
using namespace mlir::spmmplu::test;

namespace {

using Ints = std::vector<int32_t>;

/// A table of one row a panel whose panel p has `work[p]` entries, spread over
/// phases of `phaseDepth`.
ChainTable tableOf(const Ints &work, int64_t phaseDepth = 0) {
  Mask mask(int64_t(work.size()), 128);
  for (size_t r = 0; r < work.size(); ++r)
    mask.setRange(int64_t(r), 0, work[r]);
  return buildChainTable(mask, {1, 1, phaseDepth, {}});
}

double workOf(const Ints &work, int32_t begin, int32_t end, double panelCost) {
  double sum = 0;
  for (int32_t p = begin; p < end; ++p)
    sum += work[p] + panelCost;
  return sum;
}

double slowest(const Ints &work, const Ints &bounds, double panelCost) {
  double most = 0;
  for (size_t n = 1; n < bounds.size(); ++n)
    most = std::max(most, workOf(work, bounds[n - 1], bounds[n], panelCost));
  return most;
}

/// The best that any cut of panels [begin, ...) into `tasks` ranges reaches.
double bestSlowest(const Ints &work, int32_t begin, int32_t tasks,
                   double panelCost) {
  int32_t panels = int32_t(work.size());
  if (tasks == 1 || begin == panels)
    return workOf(work, begin, panels, panelCost);
  double best = workOf(work, begin, panels, panelCost);
  for (int32_t end = begin + 1; end < panels; ++end)
    best =
        std::min(best, std::max(workOf(work, begin, end, panelCost),
                                bestSlowest(work, end, tasks - 1, panelCost)));
  return best;
}

TEST(BalancePanels, ByHand) {
  EXPECT_EQ(balancePanels(tableOf({3, 3, 3, 3}), 2), (Ints{0, 2, 4}));
  // One heavy panel gets a task of its own.
  EXPECT_EQ(balancePanels(tableOf({1, 100, 1, 1}), 3), (Ints{0, 1, 2, 4}));
  // Without a cost per panel, empty ones are free.
  EXPECT_EQ(balancePanels(tableOf({4, 0, 0, 0, 4}), 2, 0.0), (Ints{0, 4, 5}));
}

TEST(BalancePanels, Extremes) {
  EXPECT_EQ(balancePanels(tableOf({}), 4), (Ints{0}));
  EXPECT_EQ(balancePanels(tableOf({5}), 4), (Ints{0, 1}));
  EXPECT_EQ(balancePanels(tableOf({5, 5, 5}), 100), (Ints{0, 1, 2, 3}));
  EXPECT_EQ(balancePanels(tableOf({5, 5, 5}), 1), (Ints{0, 3}));
  EXPECT_EQ(balancePanels(tableOf({5, 5, 5}), 0), (Ints{0, 3}));
  EXPECT_EQ(balancePanels(tableOf({0, 0, 0}), 2, 0.0).back(), 3);
}

TEST(BalancePanels, TheSlowestTaskIsAsFastAsPossible) {
  Random random(31);
  for (int n = 0; n < 200; ++n) {
    Ints work(randomIn(random, 1, 9));
    for (int32_t &entries : work)
      entries = randomIn(random, 0, n % 2 ? 100 : 5);
    int32_t panels = int32_t(work.size()), tasks = randomIn(random, 1, 5);
    double panelCost = 0.5 * randomIn(random, 0, 4);
    Ints bounds = balancePanels(tableOf(work, n % 3 * 16), tasks, panelCost);
    EXPECT_EQ(bounds.front(), 0);
    EXPECT_EQ(bounds.back(), panels);
    EXPECT_TRUE(std::ranges::is_sorted(bounds, std::less_equal<>()));
    EXPECT_EQ(int32_t(bounds.size()), std::min(tasks, panels) + 1);
    EXPECT_NEAR(slowest(work, bounds, panelCost),
                bestSlowest(work, 0, std::min(tasks, panels), panelCost), 1e-9);
  }
}

TEST(BalancePanels, NoTaskExceedsTheMeanByMoreThanAPanel) {
  Random random(32);
  Ints work(5000);
  for (int32_t &entries : work)
    entries = randomIn(random, 0, 128);
  ChainTable table = tableOf(work);
  for (int32_t tasks : {2, 7, 64, 999}) {
    Ints bounds = balancePanels(table, tasks);
    EXPECT_EQ(int32_t(bounds.size()), tasks + 1);
    EXPECT_LE(slowest(work, bounds, 1.0),
              workOf(work, 0, 5000, 1.0) / tasks + 129.0);
  }
}

TEST(Balance, LongestPanelsComeFirst) {
  for (int64_t phaseDepth : {0, 2})
    EXPECT_EQ(orderLongestFirst(tableOf({1, 4, 0, 4, 3}, phaseDepth)),
              (Ints{1, 3, 4, 0, 2}));
}

} // namespace
