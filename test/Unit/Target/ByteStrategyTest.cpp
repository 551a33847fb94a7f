//===- ByteStrategyTest.cpp - Strategies of 8-bit elements -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <gtest/gtest.h>

using namespace mlir::spmmplu;

TEST(GpuStrategy, BytesAreMultipliedByWarps) {
  Mask half = makeTwoOfFour(1024, 1024);
  for (Element element : {Element::I8, Element::F8E4M3, Element::F8E5M2})
    for (int64_t n : {16, 4096}) {
      StrategyChoice choice =
          choose(getTarget("sm_89"), makeProblem(half, n, element));
      EXPECT_TRUE(choice.best.strategy.intrinsic->sparse) << n;
      for (const Candidate &c : choice.candidates) {
        // Fragments of the rhs are of sixteen columns.
        EXPECT_EQ(c.strategy.intrinsic->unit, IntrinsicUnit::WarpMatrix);
        EXPECT_EQ(c.strategy.vectors % 2, 0);
        // A step has whole instructions.
        EXPECT_EQ(c.strategy.step % c.strategy.intrinsic->k, 0);
      }
    }
}

TEST(GpuStrategy, BytesOfAChip) {
  Mask half = makeTwoOfFour(1024, 1024);
  // An i8 takes half the bytes of an f16.
  auto time = [&](Element element) {
    return choose(getTarget("sm_80"), makeProblem(half, 16, element))
        .best.predicted.total;
  };
  EXPECT_LT(time(Element::I8), time(Element::F16));
  ProductProblem floats = makeProblem(half, 16, Element::F8E4M3);
  EXPECT_FALSE(chooseStrategy(getTarget("sm_80"), floats)) << "no instruction";
  // A Hopper's warps have i8 with 2:4, of f8 only without.
  Target hopper = getTarget("sm_90a");
  EXPECT_TRUE(choose(hopper, makeProblem(half, 16, Element::I8))
                  .best.strategy.intrinsic->sparse);
  for (const Candidate &c : choose(hopper, floats).candidates)
    EXPECT_FALSE(c.strategy.intrinsic->sparse);
}
