//===- TileStrategyTest.cpp - What tile units are chosen for --------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace mlir::spmmplu;

TEST(TileStrategy, TilesNeedWholePairsAndWholeEntriesInPlace) {
  auto usesTiles = [](const ProductProblem &problem) {
    StrategyChoice choice = choose(getTarget("sapphirerapids"), problem);
    return std::ranges::any_of(choice.candidates, [](const Candidate &c) {
      return c.strategy.intrinsic->unit == IntrinsicUnit::TileMatrix &&
             c.strategy.depth == 32;
    });
  };
  Mask even(64, 64, true), odd(64, 65, true), shallow(64, 30, true);
  Mask pairs(64, 66, true);
  for (const Mask *mask : {&even, &pairs})
    for (bool constant : {true, false}) {
      ProductProblem problem = makeProblem(*mask, 64);
      problem.element = Element::BF16;
      problem.constantLhs = constant;
      EXPECT_EQ(usesTiles(problem), constant || mask == &even);
    }
  ProductProblem problem;
  for (const Mask *mask : {&odd, &shallow}) {
    problem = makeProblem(*mask, 64);
    problem.element = Element::BF16;
    EXPECT_FALSE(usesTiles(problem));
  }
}

// Attention of 4096 with heads of 64, BigBird's density in blocks of 64: bf16
// is multiplied on tiles where there are some.
TEST(TileStrategy, OperandsThatChangeAreMultipliedOnTiles) {
  Mask mask = makeBlocks(4096, 4096, 64, 64, 0.15);
  ProductProblem scores = makeOutProblem(mask, 64);
  ProductProblem values = makeProblem(mask, 64);
  values.constantLhs = false;
  for (ProductProblem *problem : {&scores, &values}) {
    problem->element = Element::BF16;
    const Intrinsic *tile = lookupIntrinsic("amx-bf16");
    EXPECT_EQ(
        choose(getTarget("sapphirerapids"), *problem).best.strategy.intrinsic,
        tile);
    EXPECT_NE(choose(getTarget("x86-64-v4"), *problem).best.strategy.intrinsic,
              tile);
  }
}

// Vectors of 32 rows, 8 of 32 columns: steps of gathered k, at half of dense's
// time. Where rows share nothing, a panel's columns are nearly all, and dense
// wins.
TEST(TileStrategy, SharedColumnsAreGathered) {
  Target target = getTarget("sapphirerapids");
  Mask vectors = makeVectors(4096, 4096, 32, 8, 32);
  StrategyChoice choice =
      choose(target, makeProblem(vectors, 256, Element::BF16));
  EXPECT_EQ(choice.best.strategy.intrinsic, lookupIntrinsic("amx-bf16"));
  EXPECT_EQ(choice.best.strategy.depth, 1);
  EXPECT_EQ(choice.best.strategy.rows, 32);
  EXPECT_LT(2 * choice.best.predicted.total, choice.dense.predicted.total);
  Mask random = makeBlocks(4096, 4096, 1, 1, 0.25);
  EXPECT_TRUE(
      choose(target, makeProblem(random, 256, Element::BF16)).denseWins());
}

// Longformer's band as values: tiles are filled from them. K must be whole
// entries, as in place, or single k are gathered.
TEST(TileStrategy, ValuesOfPlacesFillTiles) {
  Target target = getTarget("sapphirerapids");
  for (int64_t size : {4096, 4090}) {
    Mask mask(size, size);
    for (int64_t r = 0; r < size; ++r)
      for (int64_t c = std::max<int64_t>(r - 64, 0); c < std::min(r + 65, size);
           ++c)
        mask.set(r, c);
    ProductProblem problem = makeProblem(mask, 64, Element::BF16);
    problem.valuesLhs = true;
    StrategyChoice choice = choose(target, problem);
    const Intrinsic *tile = lookupIntrinsic("amx-bf16");
    EXPECT_EQ(choice.best.strategy.intrinsic, tile);
    EXPECT_EQ(choice.best.strategy.depth, size == 4096 ? 32 : 1);
    for (const Candidate &c : choice.candidates) {
      EXPECT_EQ(c.strategy.phase, 0);
      // No vectors of 16 bits are filled: they read rows as they are packed.
      if (c.strategy.intrinsic == tile)
        EXPECT_TRUE(c.strategy.depth == 1 || c.strategy.depth == 32);
      else
        EXPECT_EQ(std::pair(c.strategy.rows, c.strategy.depth),
                  std::pair(int64_t(1), int64_t(1)));
    }
  }
}

// Of a part of the values only what spreads them to cells can be chosen: panels
// of several rows, in GST's order of residues where that makes them share
// columns.
TEST(TileStrategy, PartsOfValuesFillCells) {
  Mask far(4096, 4096);
  std::vector<int32_t> order;
  for (int32_t first = 0; first < 64; ++first)
    for (int32_t row = first; row < 4096; row += 64) {
      order.push_back(row);
      for (int64_t col = first; col < 4096; col += 64)
        far.set(row, col);
    }
  ProductProblem problem = makeProblem(far, 64);
  problem.valuesLhs = problem.valuesPart = true;
  double natural =
      choose(getTarget("sapphirerapids"), problem).best.predicted.total;
  problem.rowOrder = order;
  StrategyChoice ordered = choose(getTarget("sapphirerapids"), problem);
  EXPECT_GT(ordered.best.strategy.rows, 1);
  EXPECT_EQ(ordered.best.strategy.depth, 1);
  EXPECT_LT(1.5 * ordered.best.predicted.total, natural);
  // AVX2 spreads nothing.
  EXPECT_FALSE(bool(chooseStrategy(getTarget("x86-64-v3"), problem)));
  problem.element = Element::BF16;
  ordered = choose(getTarget("sapphirerapids"), problem);
  EXPECT_EQ(ordered.best.strategy.intrinsic, lookupIntrinsic("amx-bf16"));
  EXPECT_EQ(ordered.best.strategy.depth, 1);
  EXPECT_FALSE(bool(chooseStrategy(getTarget("x86-64-v4"), problem)));
}
