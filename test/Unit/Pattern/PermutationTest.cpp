//===- PermutationTest.cpp - Tests of HiNM's permutation ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Permutation.h"
#include "spmmplu/Pattern/Random.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir::spmmplu;

namespace {

std::vector<float> randomValues(int64_t count, uint64_t seed,
                                double zeros = 0) {
  RandomGenerator random(seed);
  std::vector<float> values(count);
  for (float &value : values) {
    float x = float(random.fraction());
    value = random.fraction() < zeros ? 0.f : x * x;
  }
  return values;
}

PermutationOptions withThreads(int threads, uint64_t seed = 0) {
  PermutationOptions options;
  options.threads = threads;
  options.seed = seed;
  return options;
}

struct Shape {
  int64_t rows, cols;
};
// Multiples of nothing too: V = 8 and 16, M = 4.
constexpr Shape shapes[] = {{0, 8},  {8, 0},   {1, 1},   {1, 40},  {40, 1},
                            {7, 27}, {16, 16}, {33, 50}, {64, 64}, {70, 131}};

/// What a result must be whatever the saliency is.
void expectSound(const HiNMPattern &pattern, const Saliency &saliency,
                 const PermutedMask &result) {
  auto valid = result.layout.validate();
  ASSERT_TRUE(valid) << valid.error();
  auto violation = result.layout.check(result.mask);
  EXPECT_FALSE(violation) << violation->message;
  EXPECT_EQ(result.layout.tileRows, pattern.tileRows());
  EXPECT_EQ(result.layout.keptColumns, pattern.keptColumns(saliency.cols));
  EXPECT_GE(result.retained, result.unpermuted);
  EXPECT_DOUBLE_EQ(result.retained, retainedSaliency(saliency, result.mask));
  EXPECT_DOUBLE_EQ(result.unpermuted,
                   retainedSaliency(saliency, *pattern.prune(saliency)));
  EXPECT_LE(result.retained, result.total * (1 + 1e-12));
}

TEST(PermutationTest, NeverKeepsLess) {
  for (HiNMPattern pattern :
       {HiNMPattern(8, 0.5, {2, 4}), HiNMPattern(16, 0.75, {1, 2}),
        HiNMPattern(8, 0, {2, 4}), HiNMPattern(4, 0.5, {3, 7}),
        HiNMPattern(8, 0.5, {4, 4}), HiNMPattern(1, 0.5, {1, 4}),
        HiNMPattern(8, 1, {2, 4}), HiNMPattern(1000, 0.3, {2, 4})})
    for (Shape shape : shapes)
      for (double zeros : {0.0, 0.6, 0.95, 1.0}) {
        SCOPED_TRACE(pattern.str() + " of " + std::to_string(shape.rows) + "x" +
                     std::to_string(shape.cols) + ", zeros " +
                     std::to_string(zeros));
        auto values = randomValues(shape.rows * shape.cols, 3, zeros);
        Saliency saliency{shape.rows, shape.cols, values};
        auto result = permuteAndPrune(pattern, saliency, withThreads(1));
        ASSERT_TRUE(result) << result.error();
        expectSound(pattern, saliency, *result);
      }
}

TEST(PermutationTest, DependsOnTheSeedAndNotOnTheThreads) {
  auto values = randomValues(256 * 192, 4);
  Saliency saliency{256, 192, values};
  HiNMPattern pattern(32, 0.5, {2, 4});
  auto one = permuteAndPrune(pattern, saliency, withThreads(1, 7));
  ASSERT_TRUE(one) << one.error();
  for (int threads : {1, 2, 3, 5}) {
    auto other = permuteAndPrune(pattern, saliency, withThreads(threads, 7));
    ASSERT_TRUE(other) << other.error();
    EXPECT_EQ(other->layout, one->layout) << threads;
    EXPECT_EQ(other->mask, one->mask) << threads;
    EXPECT_EQ(other->retained, one->retained) << threads;
  }
  auto reseeded = permuteAndPrune(pattern, saliency, withThreads(1, 8));
  ASSERT_TRUE(reseeded) << reseeded.error();
  EXPECT_NE(reseeded->layout, one->layout);
}

TEST(PermutationTest, EachAxisGains) {
  // Every row prefers one half of the columns, the halves alternate: tiles of
  // alike rows keep nearly all. In a half, large values stand side by side.
  constexpr int64_t rows = 64, cols = 64;
  auto values = randomValues(rows * cols, 5);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (r % 2 == c / 32)
        values[r * cols + c] += c % 8 < 4 ? 4.8f : 4.f;
  Saliency saliency{rows, cols, values};
  HiNMPattern pattern(16, 0.5, {2, 4});
  PermutationOptions options = withThreads(1);
  auto both = permuteAndPrune(pattern, saliency, options);
  options.inputChannels = false;
  auto output = permuteAndPrune(pattern, saliency, options);
  options.inputChannels = true;
  options.outputChannels = false;
  auto input = permuteAndPrune(pattern, saliency, options);
  ASSERT_TRUE(both && output && input);
  EXPECT_GT(output->retained, 1.3 * output->unpermuted);
  EXPECT_GT(input->retained, 1.05 * input->unpermuted);
  EXPECT_GT(both->retained, 1.05 * output->retained);
  EXPECT_TRUE(input->layout.rowOrder.empty());
  EXPECT_EQ(input->outputOnly, input->unpermuted);
  EXPECT_EQ(output->outputOnly, output->retained);
  // The rows of a tile prefer the same half, but for a few.
  int64_t strays = 0;
  for (int64_t p = 0; p < rows; ++p)
    strays += both->layout.rowAt(p) % 2 != both->layout.rowAt(p / 16 * 16) % 2;
  EXPECT_LE(strays, 4);
}

TEST(PermutationTest, UndoesAColumnOrderOfItsOwn) {
  // A 2:4 matrix whose columns were sorted by group position: the best order
  // puts one of each kind in a group and loses nothing.
  constexpr int64_t rows = 16, cols = 32;
  std::vector<float> values(rows * cols, 0.f);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (c / 16 == r % 2)
        values[r * cols + c] = 1 + float(c);
  Saliency saliency{rows, cols, values};
  HiNMPattern pattern(rows, 0, {2, 4});
  auto result = permuteAndPrune(pattern, saliency, withThreads(1));
  ASSERT_TRUE(result) << result.error();
  EXPECT_LT(result->unpermuted, 0.6 * result->total);
  EXPECT_EQ(result->retained, result->total);
}

TEST(PermutationTest, KeepsWhatObeys) {
  HiNMPattern pattern(8, 0.5, {2, 4});
  auto values = randomValues(24 * 40, 6);
  Mask mask = *pattern.prune({24, 40, values});
  for (int64_t r = 0; r < 24; ++r)
    for (int64_t c = 0; c < 40; ++c)
      if (!mask.get(r, c))
        values[r * 40 + c] = 0;
  auto result = permuteAndPrune(pattern, {24, 40, values}, withThreads(1));
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->layout.rowOrder.empty());
  EXPECT_EQ(result->layout, *layoutOf(pattern, mask));
  EXPECT_EQ(result->retained, result->total);
}

TEST(PermutationTest, TakesExtremeNumbers) {
  HiNMPattern pattern(4, 0.5, {2, 4});
  for (float scale : {std::numeric_limits<float>::max(),
                      std::numeric_limits<float>::denorm_min()}) {
    std::vector<float> values(16 * 24, scale);
    values[5] = 0;
    values[77] = std::numeric_limits<float>::max();
    Saliency saliency{16, 24, values};
    auto result = permuteAndPrune(pattern, saliency, withThreads(1));
    ASSERT_TRUE(result) << result.error();
    expectSound(pattern, saliency, *result);
  }
  std::vector<float> values(16 * 24, 1.f);
  values[30] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(permuteAndPrune(pattern, {16, 24, values}).error(),
            "saliency at row 1, column 6: expected a finite number, found inf");
  values[30] = -1;
  EXPECT_FALSE(permuteAndPrune(pattern, {16, 24, values}));
  EXPECT_FALSE(permuteAndPrune(pattern, {16, 25, values}));
}

TEST(PermutationTest, ReportsProgress) {
  auto values = randomValues(64 * 64, 9);
  std::vector<double> seen;
  PermutationOptions options = withThreads(2);
  options.progress = [&](double fraction) { seen.push_back(fraction); };
  auto result =
      permuteAndPrune(HiNMPattern(8, 0.5, {2, 4}), {64, 64, values}, options);
  ASSERT_TRUE(result) << result.error();
  ASSERT_GE(seen.size(), 3u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_GT(seen.front(), 0);
  EXPECT_EQ(seen.back(), 1);
}

} // namespace
