//===- CpuSpaceTest.cpp - What kernels of CPUs take -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace mlir::spmmplu;

/// Candidates obey what the kernels require.
static void expectValid(const Target &target, const ProductProblem &problem,
                        const StrategyChoice &choice) {
  ASSERT_FALSE(choice.candidates.empty());
  for (size_t at = 0; at < choice.candidates.size(); ++at) {
    const auto &[s, predicted] = choice.candidates[at];
    std::string name = s.str();
    ASSERT_TRUE(s.intrinsic);
    EXPECT_EQ(s.intrinsic->input, problem.element) << name;
    EXPECT_GT(target.gflops(*s.intrinsic), 0) << name;
    EXPECT_TRUE(s.vectors >= 1 && s.vectors <= 4) << name;
    EXPECT_GE(s.tasks, 1) << name;
    EXPECT_TRUE(std::isfinite(predicted.total)) << name;
    EXPECT_GE(predicted.total, predicted.packRhs + predicted.launch) << name;
    if (at)
      EXPECT_LE(choice.candidates[at - 1].predicted.total, predicted.total);
    if (problem.role == SparseRole::Out) {
      EXPECT_TRUE(s.depth == 1 && s.phase == 0 && s.packRhs) << name;
      EXPECT_LE(s.vectors * s.intrinsic->lanes, 64) << name;
      if (s.intrinsic->unit == IntrinsicUnit::TileMatrix)
        EXPECT_EQ(s.rows, 16) << name;
      else
        EXPECT_TRUE(s.rows == 4 || s.rows == 6 || s.rows == 8) << name;
      continue;
    }
    EXPECT_LE(s.depth, std::max<int64_t>(problem.k, 1)) << name;
    EXPECT_EQ(s.phase % s.depth, 0) << name;
    if (s.intrinsic->unit == IntrinsicUnit::TileMatrix) {
      bool isGathered = s.depth == 1;
      EXPECT_EQ(problem.k % (isGathered            ? 1
                             : problem.constantLhs ? 2
                                                   : s.depth),
                0)
          << name;
      EXPECT_TRUE(isGathered ? s.vectors == 2 && (s.rows == 16 || s.rows == 32)
                             : s.rows == 16 && s.depth == 32)
          << name;
      EXPECT_TRUE(problem.constantLhs || !isGathered) << name;
    } else {
      EXPECT_LE(getRegisterRows(*s.intrinsic, s.rows, s.vectors) * s.vectors,
                s.intrinsic->registers - s.vectors - 2)
          << name;
    }
  }
}

TEST(CpuSpace, CandidatesObeyTheKernels) {
  Mask odd = makeBlocks(37, 51, 1, 1, 0.3),
       even = makeBlocks(64, 48, 2, 2, 0.3);
  Mask thin = makeBlocks(5, 3, 1, 1, 0.5);
  for (std::string_view name : {"sapphirerapids", "x86-64-v4", "x86-64-v3"})
    for (const Mask *mask : {&odd, &even, &thin})
      for (Element element :
           {Element::F64, Element::F32, Element::BF16, Element::F16})
        for (bool isOut : {false, true}) {
          ProductProblem problem =
              isOut ? makeOutProblem(*mask, 40) : makeProblem(*mask, {});
          problem.element = element;
          problem.constantLhs = mask != &thin && !isOut;
          Target target = getTarget(name);
          expectValid(target, problem, choose(target, problem));
        }
}

TEST(CpuSpace, MalformedProblemsAreErrors) {
  Mask mask(8, 8, true);
  Target target = getTarget("sapphirerapids");
  auto getError = [&](ProductProblem problem) {
    auto choice = chooseStrategy(target, problem);
    Strategy strategy{lookupIntrinsic("avx512-f32"), 1, 1, 1};
    EXPECT_TRUE(std::isinf(
        predict(target, problem, strategy, problem.n.value_or(1)).total));
    return choice ? std::string("no error") : choice.error();
  };
  ProductProblem good = makeProblem(mask, 4), problem = good;
  problem.mask = nullptr;
  EXPECT_EQ(getError(problem), "product: found no mask, expected one");
  problem = good;
  problem.k = 9;
  EXPECT_EQ(getError(problem), "product: found a mask of 8x8, expected 8x9");
  problem = good;
  problem.n = -1;
  EXPECT_EQ(getError(problem), "product: found N = -1, expected 0 to 2^40");
  problem = good;
  problem.threads = 0;
  EXPECT_EQ(getError(problem), "product: found 0 threads, expected at least 1");
  for (std::vector<int32_t> order :
       {std::vector<int32_t>{0, 0}, {8}, {-1}, {0, 1, 2}}) {
    problem = good;
    problem.rowOrder = order;
    EXPECT_EQ(getError(problem).find("row order: "), 0u);
  }
  problem = good;
  problem.role = SparseRole::Out;
  problem.n.reset();
  EXPECT_NE(getError(problem), "no error");

  target.rates.clear();
  EXPECT_EQ(getError(good), "target 'sapphirerapids': found no intrinsic for "
                            "f32 operands, expected one");
}

TEST(CpuSpace, UnusableStrategiesAreNeverCheap) {
  Mask mask(64, 64, true);
  Target target = getTarget("x86-64-v4");
  ProductProblem problem = makeProblem(mask, 64);
  const Intrinsic *fma = lookupIntrinsic("avx512-f32");
  EXPECT_TRUE(
      std::isfinite(predict(target, problem, {fma, 4, 4, 4}, 64).total));
  for (Strategy strategy :
       {Strategy{}, Strategy{fma, 0, 4, 4}, Strategy{fma, 4, 0, 4},
        Strategy{fma, 4, 4, 5}, Strategy{fma, 128, 4, 4},
        Strategy{fma, 4, 4, 4, 6}, Strategy{fma, 4, 4, 4, -4},
        Strategy{fma, 4, 4, 4, 0, 0}, Strategy{fma, 4, 1 << 30, 4},
        Strategy{lookupIntrinsic("avx512-f64"), 4, 4, 4},
        Strategy{lookupIntrinsic("avx2-f32"), 1, 1, 1},
        Strategy{lookupIntrinsic("amx-bf16"), 16, 32, 4}})
    EXPECT_TRUE(std::isinf(predict(target, problem, strategy, 64).total))
        << strategy.str();
}
