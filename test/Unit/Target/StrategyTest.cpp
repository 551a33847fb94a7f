//===- StrategyTest.cpp - Which strategy is chosen -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

using namespace mlir::spmmplu;

static const Candidate *cheapestOfRows(const StrategyChoice &choice,
                                       int64_t rows) {
  for (const Candidate &candidate : choice.candidates)
    if (candidate.strategy.rows == rows)
      return &candidate;
  return nullptr;
}

TEST(Strategy, BlocksAreWalkedAsBlocks) {
  Mask mask = makeBlocks(3072, 1024, 4, 4, 0.0625);
  Target target = getTarget("sapphirerapids");
  for (std::optional<int64_t> n :
       {std::optional<int64_t>(1), std::optional<int64_t>(16),
        std::optional<int64_t>(256), std::optional<int64_t>()}) {
    StrategyChoice choice = choose(target, makeProblem(mask, n));
    EXPECT_EQ(choice.best.strategy.rows, 4) << n.value_or(-1);
    EXPECT_EQ(choice.best.strategy.depth, 4) << n.value_or(-1);
    EXPECT_EQ(choice.best.strategy.phase, 0) << n.value_or(-1);
    EXPECT_FALSE(choice.denseWins());
  }
}

// A guard against changes of the model that leave the measurements, not a claim
// of accuracy: docs/cost-model.md lists all of them, and which were fitted to.
// Microseconds of hand-written kernels; the worst known case is off by 1.5.
TEST(Strategy, PredictionsStayNearMeasurements) {
  Target target = getTarget("sapphirerapids");
  auto expectNear = [&](const ProductProblem &problem, Strategy strategy,
                        int64_t n, double measured) {
    double predicted = predict(target, problem, strategy, n).total;
    EXPECT_GT(predicted, measured / 1.6) << strategy.str() << " N = " << n;
    EXPECT_LT(predicted, measured * 1.6) << strategy.str() << " N = " << n;
  };
  const Intrinsic *fma = lookupIntrinsic("avx512-f32");
  Mask blocks = makeBlocks(3072, 1024, 4, 4, 0.0625);
  ProductProblem gru = makeProblem(blocks, {});
  expectNear(gru, {fma, 4, 4, 4}, 1, 14.7); // a published kernel's
  expectNear(gru, {fma, 4, 4, 1}, 16, 46.1);
  expectNear(gru, {fma, 4, 4, 4}, 64, 142);
  expectNear(gru, {fma, 4, 4, 4, 0, 4, true}, 256, 776);
  expectNear(gru, {fma, 4, 4, 4, 0, 4, false}, 1024, 7080);

  Mask random = makeBlocks(4096, 4096, 1, 1, 0.1);
  ProductProblem tenth = makeProblem(random, {});
  expectNear(tenth, {fma, 1, 1, 4, 0, 4, true}, 256, 13200);
  expectNear(tenth, {fma, 1, 1, 4, 128, 4, true}, 256, 12600);
  expectNear(tenth, {fma, 2, 1, 4, 128, 4, true}, 256, 13500);
  expectNear(tenth, {fma, 1, 1, 4, 0, 4, false}, 256, 47200);

  Mask full(4096, 4096, true);
  ProductProblem dense = makeProblem(full, {});
  expectNear(dense, {fma, 4, 32, 4, 0, 4, true}, 256, 60300);
  expectNear(dense, {fma, 8, 4, 2, 0, 4, true}, 256, 94300);
  dense.element = Element::BF16;
  const Intrinsic *tile = lookupIntrinsic("amx-bf16");
  expectNear(dense, {tile, 16, 32, 4, 0, 4, true}, 256, 9160);
  expectNear(dense, {tile, 16, 32, 1, 0, 4, true}, 256, 20800);
}

TEST(Strategy, ScatteredElementsAreWalkedOneByOne) {
  Mask mask = makeBlocks(4096, 4096, 1, 1, 0.1);
  StrategyChoice choice =
      choose(getTarget("sapphirerapids"), makeProblem(mask, 256));
  EXPECT_EQ(choice.best.strategy.rows, 1);
  EXPECT_EQ(choice.best.strategy.depth, 1);
  // In panels of their own, or few enough rows at a time.
  EXPECT_TRUE(choice.best.strategy.packRhs || choice.best.strategy.phase);
  EXPECT_FALSE(choice.denseWins());
  EXPECT_GT(choice.dense.predicted.total, 3 * choice.best.predicted.total);
  // In bf16, tiles multiply all of it sooner than vectors the tenth.
  ProductProblem narrow = makeProblem(mask, 256);
  narrow.element = Element::BF16;
  choice = choose(getTarget("sapphirerapids"), narrow);
  EXPECT_TRUE(choice.denseWins());
  EXPECT_EQ(choice.dense.strategy.intrinsic, lookupIntrinsic("amx-bf16"));
  // Without tiles they do not.
  EXPECT_FALSE(choose(getTarget("x86-64-v4"), narrow).denseWins());
}

TEST(Strategy, TallTilesWaitForAFarLhs) {
  // 8:32 of 32 rows: 17 MB of lhs, beyond the L2, or a sixteenth of that.
  Target target = getTarget("sapphirerapids");
  for (int64_t size : {4096, 1024}) {
    Mask mask = makeBlocks(size, size, 32, 1, 0.25);
    ProductProblem problem = makeProblem(mask, 256);
    Strategy tall, wide;
    tall.intrinsic = wide.intrinsic = lookupIntrinsic("avx512-f32");
    tall.packRhs = wide.packRhs = true;
    tall.rows = 8;
    tall.vectors = 2;
    wide.rows = wide.vectors = 4;
    Prediction slow = predict(target, problem, tall, 256);
    Prediction fast = predict(target, problem, wide, 256);
    double waits = slow.unhidden - fast.unhidden;
    EXPECT_EQ(waits > 0.1 * slow.compute, size == 4096);
    if (size == 4096)
      EXPECT_LT(fast.total, slow.total);
    // Four register tiles read the lines of one panel.
    Strategy panel = wide;
    panel.rows = 16;
    EXPECT_GT(predict(target, problem, panel, 256).unhidden, fast.unhidden);
    EXPECT_LT(fast.total, predict(target, problem, panel, 256).total);
  }
}

// Chains that skip most rows of the rhs wait for the L2, so that phases whose
// rows stay in the L1 win: by 18 to 20 % where they were measured.
TEST(Strategy, ScatteredRowsWaitForTheL2) {
  Target target = getTarget("sapphirerapids");
  Mask mask = makeBlocks(1024, 1024, 1, 1, 0.25);
  for (int64_t n : {32, 48, 64}) {
    ProductProblem problem = makeProblem(mask, n);
    Strategy whole;
    whole.intrinsic = lookupIntrinsic("avx512-f32");
    whole.vectors = n / 16;
    whole.packRhs = true;
    Strategy phases = whole;
    phases.phase = n == 32 ? 288 : 192;
    double ratio = predict(target, problem, whole, n).total /
                   predict(target, problem, phases, n).total;
    EXPECT_GT(ratio, 1.05);
    EXPECT_LT(ratio, 1.4);
    // Rows that follow each other are fetched ahead.
    Mask full(1024, 1024, true);
    problem = makeProblem(full, n);
    EXPECT_EQ(predict(target, problem, whole, n).unhidden, 0);
  }
}

// A row whose chains lie in one phase is visited once: phases save copying all
// of the rhs first. Rows that several phases visit pay for it with their sums.
TEST(Strategy, VisitsAreCountedFromTheMask) {
  Target target = getTarget("sapphirerapids");
  Mask diagonal(3072, 1024);
  for (int64_t row = 0; row < 3072; ++row)
    diagonal.setRange(row, row / 64 % 16 * 64, row / 64 % 16 * 64 + 64);
  Mask spread = makeBlocks(3072, 1024, 4, 4, 0.0625);
  Strategy whole{lookupIntrinsic("avx512-f32"), 4, 4, 4, 0, 1, true};
  Strategy phases = whole;
  phases.phase = 128;
  auto getRatio = [&](const Mask &mask) {
    ProductProblem problem = makeProblem(mask, 256);
    return predict(target, problem, phases, 256).total /
           predict(target, problem, whole, 256).total;
  };
  EXPECT_LT(getRatio(diagonal), 1);
  EXPECT_GT(getRatio(spread), 1.1);
}

TEST(Strategy, UnpackedColumnsThrash) {
  Mask mask = makeBlocks(4096, 4096, 1, 1, 0.1);
  ProductProblem problem = makeProblem(mask, 256);
  Strategy packed{lookupIntrinsic("avx512-f32"), 1, 1, 4, 0, 4, true};
  Strategy inPlace = packed;
  inPlace.packRhs = false;
  Target target = getTarget("sapphirerapids");
  EXPECT_GT(predict(target, problem, inPlace, 256).total,
            2.5 * predict(target, problem, packed, 256).total);
  // One panel is contiguous: the kernel reads it in place regardless.
  EXPECT_EQ(predict(target, problem, inPlace, 64).total,
            predict(target, problem, packed, 64).total);
  // Neither whole vectors nor a power of two: the kernel packs regardless.
  EXPECT_EQ(predict(target, problem, inPlace, 250).total,
            predict(target, problem, packed, 250).total);
}

TEST(Strategy, FullMaskIsDense) {
  Mask mask(4096, 4096, true);
  for (Element element : {Element::F32, Element::F64, Element::BF16}) {
    ProductProblem problem = makeProblem(mask, 256);
    problem.element = element;
    StrategyChoice choice = choose(getTarget("sapphirerapids"), problem);
    EXPECT_TRUE(choice.denseWins());
    EXPECT_EQ(choice.best.strategy, choice.dense.strategy);
    EXPECT_EQ(choice.best.predicted.total, choice.dense.predicted.total);
  }
}

TEST(Strategy, TwoOfFourPrefersSingleRows) {
  Mask mask = makeTwoOfFour(2048, 2048);
  StrategyChoice choice =
      choose(getTarget("sapphirerapids"), makeProblem(mask, 256));
  EXPECT_EQ(choice.best.strategy.rows, 1);
  const Candidate *pairs = cheapestOfRows(choice, 2);
  ASSERT_TRUE(pairs);
  EXPECT_GT(pairs->predicted.total, choice.best.predicted.total);
  EXPECT_GT(pairs->predicted.executedFlops, pairs->predicted.usefulFlops);
}

// Every fourth column: as the mask is, all tiles have an element; as grouping
// takes them, a quarter.
TEST(Strategy, PartsOfAnOutputAreCountedInTheirOrder) {
  Mask mask(256, 256), ordered(256, 64, true);
  for (int64_t r = 0; r < 256; ++r)
    for (int64_t c = 0; c < 256; c += 4)
      mask.set(r, c);
  ProductProblem problem = makeOutProblem(mask, 64);
  Strategy wide{lookupIntrinsic("avx512-f32"), 4, 1, 4, 0, 4, true};
  Prediction natural = predict(getTarget("sapphirerapids"), problem, wide, 256);
  problem.outParts = {ordered};
  Prediction grouped = predict(getTarget("sapphirerapids"), problem, wide, 256);
  EXPECT_EQ(natural.executedFlops, 4 * grouped.executedFlops);
  EXPECT_LT(grouped.total, natural.total);
}

TEST(Strategy, RowsThatNothingReadsAreNotCopied) {
  // As many cells, in a quarter of the columns and in all of them.
  Mask few(64, 1024), all(64, 1024);
  for (int64_t r = 0; r < 64; ++r) {
    few.setRange(r, 0, 256);
    all.setRange(r, r % 4 * 256, r % 4 * 256 + 256);
  }
  Target target = getTarget("sapphirerapids");
  Strategy packed{lookupIntrinsic("avx512-f32"), 1, 4, 4, 0, 4, true};
  auto copy = [&](const Mask &mask) {
    return predict(target, makeProblem(mask, 256), packed, 256).packRhs;
  };
  EXPECT_GT(copy(few), 0);
  EXPECT_LT(3 * copy(few), copy(all));
}

TEST(Strategy, RowOrderMakesFullPanels) {
  // Every row equals one of two, alternating: grouped, four rows share cells.
  Mask mask(512, 512);
  for (int64_t r = 0; r < 512; ++r)
    for (int64_t c = r % 2; c < 512; c += 2)
      mask.set(r, c);
  ProductProblem problem = makeProblem(mask, 64);
  double natural =
      choose(getTarget("sapphirerapids"), problem).best.predicted.total;
  for (int32_t parity : {0, 1})
    for (int32_t r = parity; r < 512; r += 2)
      problem.rowOrder.push_back(r);
  StrategyChoice ordered = choose(getTarget("sapphirerapids"), problem);
  EXPECT_LT(ordered.best.predicted.total, natural);
  EXPECT_GE(ordered.best.strategy.rows, 4);
  EXPECT_EQ(ordered.best.strategy.depth, 1);
}

TEST(Strategy, OutputMaskCostsItsTiles) {
  Mask causal(1024, 1024), full(1024, 1024, true);
  for (int64_t r = 0; r < 1024; ++r)
    causal.setRange(r, 0, r + 1);
  StrategyChoice choice =
      choose(getTarget("sapphirerapids"), makeOutProblem(causal, 64));
  EXPECT_FALSE(choice.denseWins());
  double ratio = choice.best.predicted.total / choice.dense.predicted.total;
  EXPECT_GT(ratio, 0.45);
  EXPECT_LT(ratio, 0.7);
  EXPECT_TRUE(choose(getTarget("sapphirerapids"), makeOutProblem(full, 64))
                  .denseWins());
  // An order may leave out empty rows.
  Mask half(1024, 1024);
  for (int64_t r = 0; r < 1024; r += 2)
    half.setRange(r, 0, 1024);
  ProductProblem problem = makeOutProblem(half, 64);
  double natural =
      choose(getTarget("sapphirerapids"), problem).best.predicted.total;
  for (int32_t r = 0; r < 1024; r += 2)
    problem.rowOrder.push_back(r);
  EXPECT_LT(choose(getTarget("sapphirerapids"), problem).best.predicted.total,
            0.7 * natural);
}

TEST(Strategy, TasksBalanceAndAreWorthwhile) {
  Mask large = makeBlocks(4096, 4096, 1, 1, 0.1);
  Target target = getTarget("sapphirerapids");
  ProductProblem problem = makeProblem(large, 256);
  // Panels of columns occupy the threads; further tasks would copy the rows of
  // a phase again.
  StrategyChoice one = choose(target, problem);
  EXPECT_GT(one.best.strategy.phase, 0);
  EXPECT_EQ(one.best.strategy.tasks, 1);
  problem.threads = 2;
  StrategyChoice two = choose(target, problem);
  EXPECT_EQ(two.best.strategy.tasks, 1);
  EXPECT_LT(two.best.predicted.total, 0.6 * one.best.predicted.total);
  // More threads than cores do not help.
  problem.threads = 64;
  EXPECT_EQ(choose(target, problem).best.predicted.total,
            two.best.predicted.total);
  Mask small = makeBlocks(64, 64, 1, 1, 0.1);
  problem = makeProblem(small, 16);
  problem.threads = 2;
  EXPECT_EQ(choose(target, problem).best.strategy.tasks, 1);
}

TEST(Strategy, DynamicColumnsAreAGeometricMean) {
  Mask mask = makeBlocks(512, 512, 4, 4, 0.1);
  Target target = getTarget("sapphirerapids");
  ProductProblem problem = makeProblem(mask, {});
  StrategyChoice choice = choose(target, problem);
  double logs = 0;
  for (int64_t n : kColumnSpread)
    logs += std::log(predict(target, problem, choice.best.strategy, n).total);
  EXPECT_NEAR(choice.best.predicted.total,
              std::exp(logs / std::size(kColumnSpread)),
              1e-6 * choice.best.predicted.total);
}

TEST(Strategy, CostGrowsWithColumns) {
  Mask mask = makeBlocks(512, 512, 4, 4, 0.1);
  Target target = getTarget("sapphirerapids");
  ProductProblem problem = makeProblem(mask, {});
  Strategy strategy{lookupIntrinsic("avx512-f32"), 4, 4, 4, 0, 4, true};
  double last = 0;
  for (int64_t n : {1, 16, 64, 128, 512, 4096, 1 << 20}) {
    double total = predict(target, problem, strategy, n).total;
    EXPECT_GT(total, last) << n;
    last = total;
  }
}

TEST(Strategy, NarrowTypesPayForWidening) {
  Mask mask = makeBlocks(512, 512, 4, 4, 0.1);
  Target target = getTarget("x86-64-v4");
  ProductProblem problem = makeProblem(mask, 64);
  double wide = choose(target, problem).best.predicted.compute;
  problem.element = Element::F16;
  EXPECT_GT(choose(target, problem).best.predicted.compute, wide);
}

TEST(Strategy, SmallerCachesCost) {
  Mask mask = makeBlocks(4096, 4096, 1, 1, 0.1);
  ProductProblem problem = makeProblem(mask, 256);
  Strategy strategy{lookupIntrinsic("avx512-f32"), 1, 1, 4, 0, 4, true};
  EXPECT_GT(
      predict(getTarget("sapphirerapids,l2=256"), problem, strategy, 256).total,
      2 * predict(getTarget("sapphirerapids"), problem, strategy, 256).total);
  // Then a phase that fits is what is chosen.
  StrategyChoice choice = choose(getTarget("sapphirerapids,l2=256"), problem);
  EXPECT_GT(choice.best.strategy.phase, 0);
}

TEST(Strategy, EmptyExtentsCostNothingButTheCall) {
  Mask none(0, 64), flat(64, 0), zeros(64, 64);
  Target target = getTarget("sapphirerapids");
  for (const Mask *mask : {&none, &flat, &zeros})
    for (std::optional<int64_t> n :
         {std::optional<int64_t>(0), std::optional<int64_t>(64),
          std::optional<int64_t>()}) {
      StrategyChoice choice = choose(target, makeProblem(*mask, n));
      EXPECT_TRUE(std::isfinite(choice.best.predicted.total));
      EXPECT_LT(choice.best.predicted.total, 20);
    }
  StrategyChoice choice = choose(target, makeOutProblem(zeros, 0));
  EXPECT_TRUE(std::isfinite(choice.best.predicted.total));
}

TEST(Strategy, PrintsShortly) {
  EXPECT_EQ(
      (Strategy{lookupIntrinsic("avx512-f32"), 4, 4, 4, 512, 1, true}.str()),
      "avx512-f32 4x64x4, phase 512, packed rhs");
  EXPECT_EQ((Strategy{lookupIntrinsic("avx2-f32"), 1, 2, 1}.str()),
            "avx2-f32 1x8x2");
  EXPECT_EQ((Strategy{lookupIntrinsic("mma.sp-f16"), 128, 64, 16, 0, 1, false,
                      64, 4, 2, 4}
                 .str()),
            "mma.sp-f16 128x128x64, step 64, stages 4, warps 2x4");
  EXPECT_EQ((Strategy{lookupIntrinsic("mma-f16"), 64, 32, 2, 0, 1, false, 32, 0,
                      1, 4, 8}
                 .str()),
            "mma-f16 64x16x32, step 32, stages 0, warps 1x4, split 8");
  EXPECT_EQ(Strategy().str(), "no intrinsic");
}

TEST(Strategy, ChoosingIsFast) {
  Mask mask = makeBlocks(4096, 4096, 1, 1, 0.1);
  ProductProblem problem = makeProblem(mask, {});
  problem.rowOrder.resize(4096);
  std::iota(problem.rowOrder.begin(), problem.rowOrder.end(), 0);
  Target target = getTarget("sapphirerapids");
  double best = 1e9;
  for (int repeat = 0; repeat < 3; ++repeat) {
    auto start = std::chrono::steady_clock::now();
    choose(target, problem);
    std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, spent.count());
  }
#ifdef NDEBUG
  EXPECT_LT(best, 0.3);
#else
  EXPECT_LT(best, 3);
#endif
}
