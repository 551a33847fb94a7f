//===- SelectionTest.cpp - Strategies for every N --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include "spmmplu/Target/Selection.h"

#include "spmmplu/Target/SpaceReport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace mlir::spmmplu;

namespace {

/// A problem of dynamic N with all that is known of it.
struct Case {
  Target target;
  Mask mask;
  ProductProblem problem;
  StrategyChoice choice;
  Selection selection;

  Case(std::string_view targetText, Mask givenMask, Element element,
       SelectionOptions options = {})
      : mask(std::move(givenMask)) {
    auto found = lookupTarget(targetText);
    EXPECT_TRUE(found) << targetText;
    target = *found;
    problem.m = mask.rows();
    problem.k = mask.cols();
    problem.mask = &mask;
    problem.element = element;
    auto chosen = chooseStrategy(target, problem);
    EXPECT_TRUE(chosen) << chosen.error();
    choice = *chosen;
    selection =
        makeSelection(target, problem, choice.candidates, false, options);
  }
  Case(const Case &) = delete;

  double predicted(const Strategy &strategy, int64_t n) const {
    return predict(target, problem, strategy, n).total;
  }
};

} // namespace

/// What every selection holds.
static void expectWellFormed(const Selection &selection) {
  ASSERT_FALSE(selection.strategies.empty());
  EXPECT_EQ(selection.modulus > 1, !selection.aligned.empty());
  std::set<size_t> used;
  for (const auto *ranges : {&selection.aligned, &selection.others}) {
    if (ranges->empty())
      continue;
    EXPECT_EQ(ranges->front().from, 0);
    EXPECT_TRUE(std::ranges::is_sorted(*ranges, std::ranges::less_equal(),
                                       &SelectionRange::from) ||
                ranges->size() == 1);
    for (const SelectionRange &range : *ranges)
      used.insert(range.strategy);
  }
  EXPECT_EQ(used.size(), selection.strategies.size());
  EXPECT_LT(*used.rbegin(), selection.strategies.size());
}

/// The selected strategy against the best of the package and of all candidates
/// at N that the selection was not made from, by the model.
static void expectAgreement(const Case &c, double meanLimit,
                            double worstLimit) {
  expectWellFormed(c.selection);
  std::mt19937 random(7);
  std::vector<int64_t> columns;
  for (int64_t n = 1; n <= 80; n += 9)
    columns.push_back(n);
  std::uniform_real_distribution<double> exponent(std::log(80),
                                                  std::log(16384));
  for (int i = 0; i < 16; ++i)
    columns.push_back(int64_t(std::exp(exponent(random))));
  double sum = 0;
  for (int64_t n : columns) {
    const std::vector<Strategy> &set = c.selection.strategies;
    double selected = c.predicted(set[c.selection.at(n)], n);
    double best = selected, bestOfSet = selected;
    for (const Strategy &each : set)
      bestOfSet = std::min(bestOfSet, c.predicted(each, n));
    // Breakpoints lie where the model was asked, so a little is lost between.
    EXPECT_LE(selected, 1.12 * bestOfSet) << "N = " << n;
    for (const Candidate &each : c.choice.candidates)
      best = std::min(best, c.predicted(each.strategy, n));
    sum += std::log(selected / best);
    EXPECT_LE(selected / best, 1 + worstLimit) << "N = " << n;
  }
  EXPECT_LE(std::exp(sum / double(columns.size())), 1 + meanLimit);
}

TEST(Selection, IsJudgedWhereTilesBeginAndEnd) {
  std::vector<int64_t> points = getSelectionPoints(8);
  auto has = [&](int64_t n) {
    return std::binary_search(points.begin(), points.end(), n);
  };
  for (int64_t n = 64; n <= 4096; n += 64)
    EXPECT_TRUE(has(n) && has(n + 1) && has(n + 8)) << "N = " << n;
  for (int64_t n = 8; n <= 512; n += 8)
    EXPECT_TRUE(has(n)) << "N = " << n;
}

TEST(Selection, AgreesWithExhaustiveSearchOnCpu) {
  Case blocks("sapphirerapids", makeBlocks(512, 256, 4, 4, 0.1), Element::F32);
  expectAgreement(blocks, 0.03, 0.2);
  EXPECT_GT(blocks.selection.strategies.size(), 1u);
  Case scattered("x86-64-v3", makeBlocks(256, 320, 1, 1, 0.2), Element::F32);
  expectAgreement(scattered, 0.03, 0.2);
}

TEST(Selection, AgreesWithExhaustiveSearchOnGpu) {
  Case blocks("sm_90a", makeBlocks(1024, 512, 64, 64, 0.3), Element::F16);
  expectAgreement(blocks, 0.05, 0.25);
  std::set<IntrinsicUnit> units;
  for (const Strategy &each : blocks.selection.strategies)
    units.insert(each.intrinsic->unit);
  EXPECT_TRUE(units.count(IntrinsicUnit::WarpMatrix));
  // Few columns stream the weights.
  EXPECT_EQ(blocks.selection.strategies[blocks.selection.at(1)].stages, 0);
}

TEST(Selection, ServesZeroAndHugeColumns) {
  Case c("sm_90a", makeTwoOfFour(256, 256), Element::F16);
  expectWellFormed(c.selection);
  EXPECT_LT(c.selection.at(0), c.selection.strategies.size());
  EXPECT_EQ(c.selection.at(int64_t(1) << 40), c.selection.at(1 << 30));
}

TEST(Selection, HoldsNoMoreStrategiesThanAllowed) {
  Mask mask = makeBlocks(1024, 512, 64, 64, 0.3);
  size_t last = 0;
  double regret = 1e9;
  for (int64_t most : {1, 2, 12}) {
    Case c("sm_90a", mask, Element::F16, {.maxStrategies = most});
    EXPECT_LE(c.selection.strategies.size(), size_t(most));
    EXPECT_GE(c.selection.strategies.size(), last);
    EXPECT_LE(c.selection.meanRegret, regret);
    last = c.selection.strategies.size();
    regret = c.selection.meanRegret;
  }
  EXPECT_GT(last, 2u);
}

TEST(Selection, CountsLayouts) {
  Case c("sm_90a", makeBlocks(1024, 512, 64, 64, 0.3), Element::F16);
  std::set<LayoutKey> layouts;
  for (const Strategy &each : c.selection.strategies)
    layouts.insert(getLayoutKey(each));
  EXPECT_EQ(c.selection.layouts, layouts.size());
  EXPECT_GT(c.selection.packedBytes, 0);
  EXPECT_EQ(c.selection.extraBytes > 0, layouts.size() > 1);
}

TEST(Selection, RangesAreBounded) {
  Case c("sm_90a", makeTwoOfFour(1024, 1024), Element::F16, {.maxRanges = 2});
  EXPECT_LE(c.selection.others.size(), 2u);
  EXPECT_LE(c.selection.aligned.size(), 2u);
}

// Machines that are not: the choice follows the table.

TEST(Selection, NoSplitWhereOneMultiprocessorServesAll) {
  Mask mask = makeTwoOfFour(128, 4096);
  auto splits = [](const Case &c) {
    return std::ranges::any_of(c.selection.strategies,
                               [](const Strategy &s) { return s.split > 1; });
  };
  EXPECT_TRUE(splits(Case("sm_90a", mask, Element::F16)));
  EXPECT_FALSE(splits(Case("sm_90a,cores=1", mask, Element::F16)));
}

TEST(Selection, WarpsAloneWhereThereAreNoWarpgroups) {
  Mask mask = makeBlocks(2048, 1024, 64, 64, 0.3);
  auto hasWarpgroups = [](const Case &c) {
    return std::ranges::any_of(c.selection.strategies, [](const Strategy &s) {
      return s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix;
    });
  };
  EXPECT_TRUE(hasWarpgroups(Case("sm_90a", mask, Element::F16)));
  EXPECT_FALSE(hasWarpgroups(Case("sm_80", mask, Element::F16)));
}

TEST(Selection, SmallCachesMakeShortPhases) {
  Mask mask = makeBlocks(1024, 2048, 1, 1, 0.3);
  auto longest = [](const Case &c) {
    int64_t phase = 0;
    const Selection &s = c.selection;
    const Strategy &last = s.strategies[s.at(8192)];
    return std::max(phase, last.phase ? last.phase : c.problem.k);
  };
  EXPECT_LT(longest(Case("sapphirerapids,l1=16,l2=128", mask, Element::F32)),
            longest(Case("sapphirerapids,l1=512,l2=8192", mask, Element::F32)));
}

TEST(Selection, MeasuredTimesDecide) {
  Case c("sapphirerapids", makeBlocks(512, 256, 4, 4, 0.1), Element::F32);
  // Of two that were measured the one that the model likes less is faster.
  Strategy liked = c.choice.candidates[0].strategy;
  Strategy other = c.choice.candidates[40].strategy;
  std::vector<TunedStrategy> measured = {{liked, {{1, 50.0}, {1024, 5000.0}}},
                                         {other, {{1, 5.0}, {1024, 500.0}}}};
  SelectionOptions options;
  options.measured = &measured;
  Selection tuned =
      makeSelection(c.target, c.problem, c.choice.candidates, false, options);
  ASSERT_EQ(tuned.strategies.size(), 1u);
  EXPECT_EQ(tuned.strategies[0], other);
  // What is not in the space any more is no reason to have nothing.
  measured = {{Strategy{.intrinsic = liked.intrinsic, .rows = 3}, {{1, 1.0}}}};
  Selection untuned =
      makeSelection(c.target, c.problem, c.choice.candidates, false, options);
  EXPECT_EQ(untuned.strategies, c.selection.strategies);
}

TEST(Selection, LeadingAreTheBestAtSomeN) {
  Case c("sapphirerapids", makeBlocks(512, 256, 4, 4, 0.1), Element::F32);
  const int64_t columns[] = {16};
  std::vector<Strategy> leading =
      getLeading(c.target, c.problem, c.choice.candidates, columns, 3);
  ASSERT_EQ(leading.size(), 3u);
  for (const Candidate &each : c.choice.candidates)
    EXPECT_LE(c.predicted(leading[0], 16), c.predicted(each.strategy, 16));
  EXPECT_LE(c.predicted(leading[1], 16), c.predicted(leading[2], 16));
}

TEST(SpaceReport, CountsAddUp) {
  for (std::string_view target : {"sapphirerapids", "sm_90a"}) {
    Case c(target, makeBlocks(256, 256, 64, 64, 0.3), Element::F16);
    SpaceCounts counts = countSpace(c.target, c.problem);
    EXPECT_EQ(counts.candidates, c.choice.candidates.size());
    EXPECT_EQ(counts.made,
              counts.candidates + counts.overCapacity + counts.misaligned);
    ASSERT_EQ(counts.levels.size(), 4u);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_LE(counts.levels[i].left, counts.levels[i].made);
      EXPECT_LE(i ? counts.levels[i - 1].left : 1, counts.levels[i].left);
    }
    EXPECT_LE(counts.levels[3].left, counts.candidates);
  }
}

TEST(SpaceReport, MarksWhatIsSelected) {
  Case c("sm_90a", makeBlocks(256, 256, 64, 64, 0.3), Element::F16);
  std::string text = describeSpace(c.target, c.problem, c.choice.candidates,
                                   false, c.selection);
  EXPECT_NE(text.find("product 256x?x256 f16, target sm_90a"), text.npos);
  for (size_t i = 0; i < c.selection.strategies.size(); ++i) {
    size_t line = text.find("\n#" + std::to_string(i) + " ");
    ASSERT_NE(line, text.npos);
    EXPECT_LT(text.find(c.selection.strategies[i].str(), line),
              text.find('\n', line + 1));
  }
}
