//===- GpuBandsTest.cpp - Tests of the strategies of bands ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace mlir::spmmplu;
using namespace mlir::spmmplu;
namespace {

/// 8 panels of 32 rows by 128 columns, in bands of 256 k.
Strategy makeStrategy() {
  Strategy s;
  s.intrinsic = lookupIntrinsic("mma-f16");
  s.rows = 32;
  s.vectors = 16;
  s.step = 256;
  s.stages = 3;
  s.panels = 8;
  return s;
}

// 4096^3 on an H100, in microseconds (docs/performance-gpu.md).
TEST(GpuBands, ShortVectorsTakeRowsFromThem) {
  Target target = getTarget("sm_90a");
  auto expectNear = [&](int64_t kept, double measured) {
    Mask mask = makeVectors(4096, 4096, 32, kept, 32);
    StrategyChoice choice =
        choose(target, makeProblem(mask, 4096, Element::F16));
    const Strategy &s = choice.best.strategy;
    EXPECT_TRUE(usesBands(*s.intrinsic, s.panels)) << s.str();
    EXPECT_EQ(s.rows, 32);
    EXPECT_GT(choice.best.predicted.total, measured / 1.15) << kept;
    EXPECT_LT(choice.best.predicted.total, measured * 1.15) << kept;
    EXPECT_FALSE(usesBands(*choice.dense.strategy.intrinsic,
                           choice.dense.strategy.panels));
  };
  expectNear(16, 174.5);
  expectNear(12, 133.6);
  expectNear(8, 102.6);
  expectNear(4, 73.8);
}

TEST(GpuBands, LongVectorsAndFewColumnsDoNot) {
  Target target = getTarget("sm_90a");
  Mask tall = makeVectors(4096, 4096, 128, 8, 32);
  Mask flat = makeVectors(4096, 4096, 32, 8, 32);
  for (auto &[mask, n] : {std::pair<const Mask &, int64_t>(tall, 4096),
                          std::pair<const Mask &, int64_t>(flat, 16)}) {
    Strategy s =
        choose(target, makeProblem(mask, n, Element::F16)).best.strategy;
    EXPECT_FALSE(usesBands(*s.intrinsic, s.panels)) << s.str();
  }
}

TEST(GpuBands, AreTakenAsTheKernelTakesThem) {
  Mask mask = makeVectors(512, 512, 32, 8, 32);
  auto problem = makeProblem(mask, 512, Element::F16);
  auto time = [&](const Strategy &s, const char *target = "sm_90a") {
    return predict(getTarget(target), problem, s, 512).total;
  };
  EXPECT_TRUE(std::isfinite(time(makeStrategy())));
  // Registers move between warpgroups from sm_90a on.
  EXPECT_TRUE(std::isinf(time(makeStrategy(), "sm_90")));
  EXPECT_TRUE(std::isinf(time(makeStrategy(), "sm_80")));
  for (auto [field, value] : {std::pair(&Strategy::panels, 6),
                              {&Strategy::panels, 20},
                              {&Strategy::warpsI, 2},
                              {&Strategy::warpsJ, 4},
                              {&Strategy::stages, 4},
                              {&Strategy::stages, 1},
                              {&Strategy::step, 96},
                              {&Strategy::step, 512},
                              {&Strategy::rows, 24},
                              {&Strategy::rows, 64},
                              {&Strategy::split, 2},
                              {&Strategy::vectors, 12},
                              {&Strategy::depth, 16}}) {
    Strategy s = makeStrategy();
    s.*field = value;
    EXPECT_TRUE(std::isinf(time(s))) << s.str();
  }
  for (const char *name : {"mma.sp-f16", "mma-f16-f16", "mma-bf16"}) {
    Strategy s = makeStrategy();
    s.intrinsic = lookupIntrinsic(name);
    EXPECT_TRUE(std::isinf(time(s))) << name;
  }
}

// What a panel has of a band is padded to whole steps of 16.
TEST(GpuBands, PaddingCosts) {
  Target target = getTarget("sm_90a");
  Mask even(4096, 4096), odd(4096, 4096);
  for (int64_t row = 0; row < 4096; ++row)
    for (int64_t k = 0; k < 4096; ++k) {
      if (k % 256 < 64)
        even.set(row, k);
      if (k % 256 < 65)
        odd.set(row, k);
    }
  auto time = [&](const Mask &mask) {
    return predict(target, makeProblem(mask, 4096, Element::F16),
                   makeStrategy(), 4096)
        .total;
  };
  EXPECT_GT(time(odd), 1.1 * time(even));
}

} // namespace
