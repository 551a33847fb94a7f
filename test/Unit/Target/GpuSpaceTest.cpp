//===- GpuSpaceTest.cpp - What kernels of GPUs take -------------*- C++ -*-===//
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

TEST(GpuSpace, PairsAreOfWarpgroupsAndWholeEntries) {
  Target target = getTarget("sm_90a");
  Mask blocks = makeBlocks(512, 512, 64, 64, 0.25);
  ProductProblem problem = makeProblem(blocks, 512, Element::F16);
  Strategy s;
  s.intrinsic = lookupIntrinsic("wgmma-f16");
  s.rows = s.depth = s.step = 64;
  s.vectors = 32;
  s.stages = s.warpsI = 4;
  s.panels = 2;
  auto isTaken = [&] {
    return std::isfinite(predict(target, problem, s, 512).total);
  };
  EXPECT_TRUE(isTaken());
  s.step = 128;
  EXPECT_FALSE(isTaken());
  s.step = s.depth = 128;
  EXPECT_FALSE(isTaken());
  s.step = s.depth = 64;
  s.warpsJ = 2;
  EXPECT_FALSE(isTaken());
  s.warpsJ = 1;
  s.panels = 3;
  EXPECT_FALSE(isTaken());
  s.panels = 2;
  s.intrinsic = lookupIntrinsic("mma-f16");
  EXPECT_FALSE(isTaken());
}

TEST(GpuSpace, ClustersReadValuesOnce) {
  const Target &target = getTarget("sm_90a");
  Mask blocks = makeBlocks(4096, 4096, 64, 64, 0.25);
  ProductProblem problem = makeProblem(blocks, 4096, Element::F16);
  Strategy s;
  s.intrinsic = lookupIntrinsic("wgmma-f16");
  s.rows = s.depth = s.step = 64;
  s.vectors = 32;
  s.stages = s.warpsI = 4;
  s.panels = 2;
  Prediction alone = predict(target, problem, s, 4096);
  double oneTile = predict(target, problem, s, 256).total;
  s.cluster = 2;
  Prediction shared = predict(target, problem, s, 4096);
  EXPECT_LT(shared.l2Bytes, 0.95 * alone.l2Bytes);
  EXPECT_LT(shared.total, alone.total);
  // A cluster that has one column tile computes another for nothing.
  EXPECT_GT(predict(target, problem, s, 256).total, oneTile);
  s.cluster = 3;
  EXPECT_FALSE(std::isfinite(predict(target, problem, s, 4096).total));
  s.cluster = 2;
  s.panels = 1;
  s.intrinsic = lookupIntrinsic("mma-f16");
  EXPECT_FALSE(std::isfinite(predict(target, problem, s, 4096).total));
}

TEST(GpuSpace, SharedMemoryBoundsTheTile) {
  Mask full(4096, 4096, true);
  for (std::string_view text : {"sm_90a,shared=227", "sm_90a,shared=99"}) {
    Target target = getTarget(text);
    StrategyChoice choice =
        choose(target, makeProblem(full, 4096, Element::F16));
    for (const Candidate &candidate : choice.candidates) {
      const Strategy &s = candidate.strategy;
      double lhs = double(s.stages * s.step * s.rows) * 2;
      double rhs = double(s.stages * s.step * 8 * s.vectors) * 2;
      // Rows that warpgroups gather have a ring of their own.
      if (s.depth == 1 && s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix)
        rhs = double(4 * 64 * 8 * s.vectors) * 2;
      // Of bands the lhs has a ring of its own.
      if (usesBands(*s.intrinsic, s.panels))
        lhs = 0;
      EXPECT_LE(lhs + rhs, target.sharedKib * 1024) << s.str();
    }
  }
  EXPECT_GT(choose(getTarget("sm_90a,shared=64"),
                   makeProblem(full, 4096, Element::F16))
                .best.predicted.total,
            choose(getTarget("sm_90a"), makeProblem(full, 4096, Element::F16))
                .best.predicted.total);
}

/// What the kernels of lib/Conversion/SparseIRToGPU check.
static void expectValid(const Target &target, const ProductProblem &problem,
                        const Strategy &s) {
  const Intrinsic &intrinsic = *s.intrinsic;
  std::string name = s.str();
  EXPECT_GT(target.gflops(intrinsic), 0) << name;
  EXPECT_EQ(intrinsic.input, problem.element) << name;
  EXPECT_EQ(s.step % s.depth, 0) << name;
  EXPECT_EQ(s.phase, 0) << name;
  if (problem.role == SparseRole::Out) {
    EXPECT_TRUE(s.rows == 64 && s.vectors == 8 && s.stages >= 2) << name;
    return;
  }
  EXPECT_LE(s.depth, std::max<int64_t>(problem.k, 1)) << name;
  bool isSingle = intrinsic.input == Element::F32;
  if (intrinsic.unit == IntrinsicUnit::WarpFma) {
    EXPECT_TRUE(s.rows % (4 * s.warpsI) == 0 && s.step % 4 == 0) << name;
    if (s.stages)
      EXPECT_TRUE(s.stages >= 2 && s.vectors % s.warpsJ == 0 && s.split == 1)
          << name;
    else
      EXPECT_TRUE(s.warpsI == 1 && s.vectors <= 8 && s.rows <= 64) << name;
    return;
  }
  EXPECT_EQ(s.step % ((intrinsic.sparse ? 64 : 16) / (isSingle ? 2 : 1)), 0)
      << name;
  if (intrinsic.sparse)
    EXPECT_TRUE((s.depth == 1 || (s.depth % 4 == 0 && problem.k % 4 == 0)) &&
                (s.stages ? s.rows % 64 == 0 : 64 % s.rows == 0))
        << name;
  if (intrinsic.isTransposed()) {
    EXPECT_TRUE(s.step % 32 == 0 && s.rows % 16 == 0 && s.warpsI == 4) << name;
    EXPECT_TRUE(s.vectors % s.warpsJ == 0 && s.warpsJ <= 2 && s.split == 1)
        << name;
    return;
  }
  if (intrinsic.unit == IntrinsicUnit::WarpgroupMatrix) {
    EXPECT_EQ(s.step % (intrinsic.sparse ? 128 : 64), 0) << name;
    EXPECT_EQ(s.rows % (16 * s.warpsI), 0) << name;
    EXPECT_TRUE(s.warpsI % 4 == 0 && s.warpsJ <= 2) << name;
    // A cluster that shares a chain: 16 columns of each warpgroup a block.
    EXPECT_TRUE(s.split == 1 ||
                (s.split == 2 && s.panels == 1 && s.cluster == 1 &&
                 s.vectors * 8 / s.warpsJ % 32 == 0))
        << name;
    return;
  }
  EXPECT_EQ(s.rows % (16 * s.warpsI), 0) << name;
  if (s.stages)
    EXPECT_TRUE(s.vectors % s.warpsJ == 0 && s.split == 1) << name;
  else
    EXPECT_TRUE(s.vectors <= 8 && s.warpsI == 1 && s.rows <= 64) << name;
}

TEST(GpuSpace, CandidatesObeyTheKernels) {
  Mask odd = makeBlocks(37, 51, 1, 1, 0.3), half = makeTwoOfFour(100, 132);
  Mask thin = makeBlocks(5, 3, 1, 1, 0.5);
  for (std::string_view name :
       {"sm_80", "sm_86", "sm_89", "sm_90", "sm_90a", "sm_100a", "sm_120a"})
    for (const Mask *mask : {&odd, &half, &thin})
      for (Element element : {Element::F16, Element::BF16, Element::F32})
        for (bool isOut : {false, true}) {
          if (isOut && element == Element::F32)
            continue;
          ProductProblem problem = isOut
                                       ? makeOutProblem(*mask, 40, Element::F16)
                                       : makeProblem(*mask, {}, Element::F16);
          problem.element = element;
          problem.allowTF32 = problem.halfSums = true;
          Target target = getTarget(name);
          StrategyChoice choice = choose(target, problem);
          ASSERT_FALSE(choice.candidates.empty());
          for (const Candidate &candidate : choice.candidates) {
            expectValid(target, problem, candidate.strategy);
            EXPECT_TRUE(std::isfinite(candidate.predicted.total));
            EXPECT_GE(candidate.predicted.total, candidate.predicted.launch);
            EXPECT_GT(candidate.predicted.total, 1);
          }
        }
}

TEST(GpuSpace, WhatNoKernelTakesIsAnError) {
  Mask full(64, 64, true);
  Target target = getTarget("sm_80");
  ProductProblem problem = makeProblem(full, 64, Element::F16);
  problem.constantLhs = false;
  problem.element = Element::F32;
  EXPECT_EQ(chooseStrategy(target, problem).error(),
            "target 'sm_80': found no kernel for f32 operands and a lhs that "
            "is no constant, expected f16, bf16, or f32 with a constant lhs "
            "and a dense result");
  problem.constantLhs = true;
  problem.element = Element::F64;
  EXPECT_FALSE(chooseStrategy(target, problem));
  ProductProblem scores = makeOutProblem(full, 64, Element::F16);
  scores.element = Element::F32;
  scores.allowTF32 = true;
  EXPECT_FALSE(chooseStrategy(target, scores));
}

TEST(GpuSpace, UnusableStrategiesAreNeverCheap) {
  Mask full(256, 256, true);
  ProductProblem problem = makeProblem(full, 64, Element::F16);
  Target target = getTarget("sm_90a");
  Strategy good{
      lookupIntrinsic("mma-f16"), 64, 64, 8, 0, 1, false, 64, 3, 2, 2};
  EXPECT_TRUE(std::isfinite(predict(target, problem, good, 64).total));
  auto expectNever = [&](auto change) {
    Strategy bad = good;
    change(bad);
    EXPECT_TRUE(std::isinf(predict(target, problem, bad, 64).total))
        << bad.str();
  };
  expectNever([](Strategy &s) { s.intrinsic = nullptr; });
  expectNever([](Strategy &s) { s.intrinsic = lookupIntrinsic("avx2-f32"); });
  expectNever([](Strategy &s) { s.rows = 0; });
  expectNever([](Strategy &s) { s.rows = 24; });
  expectNever([](Strategy &s) { s.vectors = 1 << 30; });
  expectNever([](Strategy &s) { s.step = 0; });
  expectNever([](Strategy &s) { s.step = 24; });
  expectNever([](Strategy &s) { s.stages = 1; });
  expectNever([](Strategy &s) { s.stages = -1; });
  expectNever([](Strategy &s) { s.warpsI = 3; });
  expectNever([](Strategy &s) { s.warpsJ = 64; });
  expectNever([](Strategy &s) { s.split = 2; });
  expectNever([](Strategy &s) { s.phase = 64; });
  expectNever([](Strategy &s) { s.depth = 512, s.step = 512; });
  expectNever([](Strategy &s) {
    s.intrinsic = lookupIntrinsic("wgmma-f16");
    s.depth = 16;
  });
}
