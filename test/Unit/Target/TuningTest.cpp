//===- TuningTest.cpp - Files of measured times ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Tuning.h"

#include <gtest/gtest.h>

using namespace mlir::spmmplu;

static Strategy makeStrategy() {
  Strategy s;
  s.intrinsic = lookupIntrinsic("mma-f16");
  s.rows = 64;
  s.depth = 32;
  s.vectors = 8;
  s.step = 64;
  s.stages = 3;
  s.warpsI = 2;
  s.split = 4;
  s.packRhs = true;
  return s;
}

TEST(Tuning, StrategiesComeBack) {
  Strategy strategy = makeStrategy();
  auto read = fromWords(toWords(strategy));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, strategy);
}

TEST(Tuning, RefusesWordsThatAreNoStrategy) {
  for (auto [words, part] :
       {std::pair("rows=4", "no intrinsic"),
        std::pair("intrinsic=abacus", "name of an intrinsic"),
        std::pair("intrinsic=mma-f16 rows=0", "'rows=0'"),
        std::pair("intrinsic=mma-f16 rows=4x", "'rows=4x'"),
        std::pair("intrinsic=mma-f16 rows=99999999999", "at least 1"),
        std::pair("intrinsic=mma-f16 cols=4", "field of a strategy"),
        std::pair("intrinsic=mma-f16 pack_rhs=2", "0 or 1")}) {
    auto read = fromWords(words);
    ASSERT_FALSE(read) << words;
    EXPECT_NE(read.error().find(part), std::string::npos) << read.error();
  }
}

TEST(Tuning, FilesComeBack) {
  Tuning tuning;
  tuning.problems["8x?x8 f16"] = {{makeStrategy(), {{1, 2.5}, {64, 10.25}}}};
  auto read = Tuning::parse(tuning.print());
  ASSERT_TRUE(read) << read.error();
  const std::vector<TunedStrategy> *found = read->find("8x?x8 f16");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].strategy, makeStrategy());
  EXPECT_EQ((*found)[0].micros,
            (std::map<int64_t, double>{{1, 2.5}, {64, 10.25}}));
  EXPECT_FALSE(read->find("another"));
}

TEST(Tuning, ErrorsNameTheLine) {
  const std::string header = "spmmplu tuning 1\n";
  const std::string strategy = "strategy " + toWords(makeStrategy()) + "\n";
  for (const auto &[text, line] :
       {std::pair(std::string("tuning\n"), "line 1"),
        std::pair(header + "time 1 2\n", "line 2"),
        std::pair(header + strategy, "line 2"),
        std::pair(header + "problem p\nstrategy rows=1\n", "line 3"),
        std::pair(header + "problem p\n" + strategy + "time 0 1\n", "line 4"),
        std::pair(header + "problem p\n" + strategy + "time 4 -1\n", "line 4"),
        std::pair(header + "problem p\n" + strategy + "time 4 nan\n",
                  "line 4")}) {
    auto read = Tuning::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().substr(0, 6), line) << read.error();
  }
}

TEST(Tuning, WhatHasNoTimeIsForgotten) {
  auto read = Tuning::parse("spmmplu tuning 1\nproblem p\nstrategy " +
                            toWords(makeStrategy()));
  ASSERT_TRUE(read) << read.error();
  EXPECT_FALSE(read->find("p"));
}

TEST(Tuning, CorrectionsLieBetweenMeasuredOnes) {
  TunedStrategy tuned{makeStrategy(), {{4, 8.0}, {64, 64.0}}};
  auto predicted = [](int64_t n) { return double(n); };
  EXPECT_DOUBLE_EQ(getCorrection(tuned, 1, predicted), 2);
  EXPECT_DOUBLE_EQ(getCorrection(tuned, 4, predicted), 2);
  EXPECT_DOUBLE_EQ(getCorrection(tuned, 16, predicted), 1.5);
  EXPECT_DOUBLE_EQ(getCorrection(tuned, 64, predicted), 1);
  EXPECT_DOUBLE_EQ(getCorrection(tuned, 1000, predicted), 1);
}

TEST(Tuning, KeysTellProblemsApart) {
  Mask mask(8, 8);
  mask.set(1, 2);
  Mask otherMask(8, 8);
  otherMask.set(2, 1);
  auto target = lookupTarget("sapphirerapids");
  ASSERT_TRUE(target);
  ProductProblem problem;
  problem.m = problem.k = 8;
  problem.mask = &mask;
  std::string key = getProblemKey(*target, problem);
  EXPECT_EQ(key.find('\n'), key.npos);
  ProductProblem threads = problem, moved = problem, fixed = problem;
  threads.threads = 2;
  moved.mask = &otherMask;
  fixed.n = 16;
  for (const ProductProblem &other : {threads, moved, fixed})
    EXPECT_NE(getProblemKey(*target, other), key);
}
