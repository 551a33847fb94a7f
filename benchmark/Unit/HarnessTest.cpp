//===- HarnessTest.cpp - Cases, checks and timing -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Case.h"
#include "Harness/Check.h"
#include "Harness/Threads.h"
#include "Harness/Timing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::bench;

static CaseSpec spmmSpec(int64_t m, int64_t k, int64_t n, double density) {
  CaseSpec spec;
  spec.m = m;
  spec.k = k;
  spec.n = n;
  spec.density = density;
  return spec;
}

static std::vector<float> copyOfA(const Case &theCase) {
  const Problem &problem = theCase.problem();
  return {problem.a, problem.a + problem.aSize()};
}

TEST(Bf16, RoundsToNearestEven) {
  EXPECT_EQ(toBf16(1.0f), 0x3f80);
  // Half-way cases go to the even neighbour, above and below.
  EXPECT_EQ(toBf16(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(toBf16(1.0f + 3 * 0x1p-8f), 0x3f82);
  EXPECT_EQ(toBf16(1.0f + 0x1p-8f + 0x1p-20f), 0x3f81);
  EXPECT_EQ(toBf16(-2.5f), 0xc020);
  EXPECT_TRUE(std::isnan(fromBf16(toBf16(std::nanf("")))));
  EXPECT_TRUE(std::isinf(fromBf16(toBf16(std::numeric_limits<float>::max()))));
}

TEST(Case, SameSpecSameProblem) {
  CaseSpec spec = spmmSpec(32, 48, 8, 0.3);
  Result<Case> first = Case::random(spec), second = Case::random(spec);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(copyOfA(*first), copyOfA(*second));
  spec.seed = 2;
  Result<Case> other = Case::random(spec);
  ASSERT_TRUE(other);
  EXPECT_NE(copyOfA(*first), copyOfA(*other));
  EXPECT_EQ(first->nonZeros(), other->nonZeros());
}

TEST(Case, KeepsWholeBlocksAndTheExactCount) {
  CaseSpec spec = spmmSpec(24, 40, 3, 0.25);
  spec.blockRows = 4;
  spec.blockCols = 2;
  Result<Case> made = Case::random(spec);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->nonZeros(), 6 * 20 / 4 * 8);
  std::vector<float> a = copyOfA(*made);
  for (int64_t r = 0; r < 24; ++r)
    for (int64_t c = 0; c < 40; ++c)
      EXPECT_EQ(a[r * 40 + c] == 0, a[r / 4 * 4 * 40 + c / 2 * 2] == 0);
}

TEST(Case, SpreadsNonZerosOverTheWholeMatrix) {
  Result<Case> made = Case::random(spmmSpec(64, 64, 1, 0.5));
  ASSERT_TRUE(made);
  std::vector<float> a = copyOfA(*made);
  int64_t lower = std::count_if(a.begin() + 32 * 64, a.end(),
                                [](float value) { return value != 0; });
  // 2048 of 4096 are kept; half of these, give or take five deviations.
  EXPECT_NEAR(double(lower), 1024, 5 * 16);
}

TEST(Case, Bf16ValuesAreTheSameInBothTypes) {
  CaseSpec spec = spmmSpec(16, 16, 16, 0.5);
  spec.dtype = DataType::BF16;
  Result<Case> made = Case::random(spec);
  ASSERT_TRUE(made);
  const Problem &problem = made->problem();
  for (int64_t i = 0; i < problem.aSize(); ++i)
    ASSERT_EQ(fromBf16(problem.aBf16[i]), problem.a[i]);
  for (int64_t i = 0; i < problem.bSize(); ++i)
    ASSERT_EQ(fromBf16(problem.bBf16[i]), problem.b[i]);
}

TEST(Case, RefusesWhatIsNotAProblem) {
  EXPECT_FALSE(Case::random(spmmSpec(0, 4, 4, 1.0)));
  EXPECT_FALSE(Case::random(spmmSpec(4, 4, 4, 1.5)));
  EXPECT_FALSE(Case::random(spmmSpec(4, 4, 4, std::nan(""))));
  EXPECT_FALSE(Case::random(spmmSpec(int64_t(1) << 40, 1 << 20, 4, 1.0)));
  EXPECT_FALSE(
      Case::random(spmmSpec(std::numeric_limits<int64_t>::max(), 2, 2, 1.0)));
  CaseSpec spec = spmmSpec(6, 8, 4, 1.0);
  spec.blockRows = 4;
  Result<Case> blocks = Case::random(spec);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error(), "problem: block 4x1 does not tile 6x8");
  CaseSpec conv;
  conv.kind = ProblemKind::Conv2d;
  conv.conv = {1, 1, 2, 2, 1, 3, 3, 1, 0};
  EXPECT_FALSE(Case::random(conv));
  EXPECT_FALSE(Case::withMatrix(spmmSpec(2, 2, 2, 1.0), std::vector<float>(3)));
}

TEST(Check, SpmmByHand) {
  std::vector<float> a = {1, 0, 2, 0, 0, -3};
  Result<Case> made = Case::withMatrix(spmmSpec(2, 3, 1, 1.0), a);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->nonZeros(), 3);
  const float *b = made->problem().b;
  std::vector<double> y = referenceResult(made->problem());
  EXPECT_DOUBLE_EQ(y[0], double(b[0]) + 2.0 * b[2]);
  EXPECT_DOUBLE_EQ(y[1], -3.0 * b[2]);
}

TEST(Check, ConvolutionWithOneTapShiftsTheImage) {
  // One weight at the top left of a 3x3 kernel with padding 1: the output is
  // the image moved down and right by one.
  CaseSpec spec;
  spec.kind = ProblemKind::Conv2d;
  spec.conv = {1, 1, 4, 4, 1, 3, 3, 1, 1};
  std::vector<float> weights(9, 0.0f);
  weights[0] = 2.0f;
  Result<Case> made = Case::withMatrix(spec, weights);
  ASSERT_TRUE(made);
  std::vector<double> y = referenceResult(made->problem());
  const float *image = made->problem().b;
  EXPECT_EQ(y[0], 0.0);
  EXPECT_EQ(y[3], 0.0);
  EXPECT_DOUBLE_EQ(y[5], 2.0 * image[0]);
  EXPECT_DOUBLE_EQ(y[15], 2.0 * image[10]);
}

TEST(Check, MeasuresTheRelativeError) {
  Result<Case> made = Case::random(spmmSpec(8, 8, 8, 1.0));
  ASSERT_TRUE(made);
  std::vector<double> reference = referenceResult(made->problem());
  std::vector<float> result(reference.begin(), reference.end());
  EXPECT_LT(checkAgainst(made->problem(), reference, result), 1e-7);
  for (float &value : result)
    value *= 1.5f;
  EXPECT_NEAR(checkAgainst(made->problem(), reference, result), 0.5, 1e-6);
  result[3] = std::nanf("");
  EXPECT_TRUE(std::isinf(checkAgainst(made->problem(), reference, result)));
  result.pop_back();
  EXPECT_TRUE(std::isinf(checkAgainst(made->problem(), reference, result)));
}

TEST(Check, SddmmCountsOnlyTheMask) {
  CaseSpec spec = spmmSpec(6, 4, 10, 0.5);
  spec.kind = ProblemKind::Sddmm;
  Result<Case> made = Case::random(spec);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->nonZeros(), 30);
  std::vector<double> reference = referenceResult(made->problem());
  std::vector<float> result(reference.begin(), reference.end());
  for (size_t i = 0; i < result.size(); ++i)
    if (!made->problem().mask[i])
      result[i] = 1e6f;
  EXPECT_LT(checkAgainst(made->problem(), reference, result), 1e-6);
}

TEST(Timing, QuantilesInterpolate) {
  Samples samples{{4.0, 1.0, 3.0, 2.0}};
  EXPECT_DOUBLE_EQ(samples.median(), 2.5);
  EXPECT_DOUBLE_EQ(samples.minimum(), 1.0);
  EXPECT_DOUBLE_EQ(samples.quantile(1.0), 4.0);
  EXPECT_DOUBLE_EQ(samples.quantile(0.1), 1.3);
  EXPECT_TRUE(std::isnan(Samples().median()));
}

TEST(Timing, TakesTurnsUntilAllHaveEnough) {
  int calls[2] = {0, 0};
  TimedFunction functions[] = {[&] { ++calls[0]; }, [&] { ++calls[1]; }};
  TimingOptions options;
  options.minSeconds = 0.0;
  options.minIterations = 20;
  options.turnSeconds = 0.0;
  std::vector<Samples> samples = timeInterleaved(functions, options);
  ASSERT_EQ(samples.size(), 2u);
  for (int i : {0, 1}) {
    EXPECT_EQ(samples[i].seconds.size(), 20u);
    // One call ahead of all, and one untimed call a turn.
    EXPECT_EQ(calls[i], 41);
  }
}

TEST(Timing, StopsAtTheLimit) {
  TimingOptions options;
  options.minIterations = 1 << 30;
  options.maxSeconds = 0.02;
  EXPECT_FALSE(time([] {}, options).seconds.empty());
}

TEST(Threads, EachRunsOnce) {
  std::atomic<int> sum = 0;
  parallelRegion(3, [&](int thread) { sum += 1 << (4 * thread); });
  EXPECT_EQ(sum, 0x111);
}
