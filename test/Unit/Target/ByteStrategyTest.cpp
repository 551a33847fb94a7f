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
          choose(getTarget("sm_90a"), makeProblem(half, n, element));
      EXPECT_TRUE(choice.best.strategy.intrinsic->sparse) << n;
      for (const Candidate &c : choice.candidates) {
        // Fragments of the rhs are of sixteen columns.
        EXPECT_EQ(c.strategy.intrinsic->unit, IntrinsicUnit::WarpMatrix);
        EXPECT_EQ(c.strategy.vectors % 2, 0);
        // A step has whole instructions.
        EXPECT_EQ(c.strategy.step % c.strategy.intrinsic->k, 0);
      }
    }
  // An int8 takes half the bytes of an f16, and half the multiplications.
  Target target = getTarget("sm_80");
  auto time = [&](Element element, int64_t n) {
    return choose(target, makeProblem(half, n, element)).best.predicted.total;
  };
  EXPECT_LT(time(Element::I8, 4096), time(Element::F16, 4096));
  ProductProblem floats = makeProblem(half, 16, Element::F8E4M3);
  EXPECT_FALSE(chooseStrategy(target, floats)) << "no instruction";
}
