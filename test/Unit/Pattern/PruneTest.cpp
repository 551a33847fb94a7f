//===- PruneTest.cpp - Tests of pruning and checking ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Pattern/Random.h"

#include "gtest/gtest.h"

#include <cmath>
#include <functional>
#include <limits>
#include <set>

using namespace mlir::spmmplu;

namespace {

const std::pair<int64_t, int64_t> shapes[] = {
    {0, 9},  {9, 0},   {1, 1},   {1, 9},   {1, 130},   {130, 1},
    {7, 27}, {64, 64}, {65, 63}, {33, 72}, {128, 129}, {100, 198}};

const std::string_view patterns[] = {"unstructured<0.9>",
                                     "unstructured<0>",
                                     "unstructured<1>",
                                     "block<4x4,0.5>",
                                     "block<16x3,0.9>",
                                     "block<1000x1000,0>",
                                     "channel<0.7>",
                                     "channel<0.7,9>",
                                     "filter<0.64>",
                                     "nm<2:4>",
                                     "nm<1:1>",
                                     "nm<3:100>",
                                     "vector-nm<1:4,l=8>",
                                     "vector-nm<5:32,l=32>",
                                     "vector-nm<2:4,l=1>",
                                     "hinm<v=16,vector=0.5,2:4>",
                                     "hinm<v=64,vector=0,2:4>",
                                     "hinm<v=100,vector=0.75,1:4>",
                                     "hinm<v=8,vector=1,2:4>",
                                     "vnm<v=16,2:8>",
                                     "vnm<v=64,1:3>",
                                     "pcnn<n=4,patterns=8>",
                                     "pcnn<n=2,patterns=1>"};

/// Numbers of (0, 1], or exact zeros with probability `zeros`.
std::vector<float> randomValues(int64_t count, uint64_t seed,
                                double zeros = 0) {
  RandomGenerator random(seed);
  std::vector<float> values(count);
  for (float &value : values) {
    value = float(random.below(1000) + 1) / 1000;
    if (random.fraction() < zeros)
      value = 0;
  }
  return values;
}

double kept(const Saliency &saliency, const Mask &mask) {
  double sum = 0;
  for (int64_t r = 0; r < mask.rows(); ++r)
    mask.forEachInRow(r, [&](int64_t c) { sum += saliency.at(r, c); });
  return sum;
}

bool applies(std::string_view pattern, int64_t cols) {
  return pattern.substr(0, 4) != "pcnn" || cols % 9 == 0;
}

PatternRef parse(std::string_view text) {
  auto pattern = parsePattern(text);
  EXPECT_TRUE(pattern) << pattern.error();
  return *pattern;
}

Mask maskOf(const std::vector<std::string> &rows) {
  Mask mask(int64_t(rows.size()), int64_t(rows[0].size()));
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c)
      mask.set(int64_t(r), int64_t(c), rows[r][c] == '1');
  return mask;
}

TEST(PruneTest, ResultObeysAndPruningAgainChangesNothing) {
  for (std::string_view text : patterns) {
    PatternRef pattern = parse(text);
    for (auto [rows, cols] : shapes)
      for (double zeros : {0.0, 0.6, 0.97, 1.0}) {
        if (!applies(text, cols))
          continue;
        SCOPED_TRACE(std::string(text) + " of " + std::to_string(rows) + "x" +
                     std::to_string(cols) + ", zeros " + std::to_string(zeros));
        std::vector<float> values = randomValues(rows * cols, 1, zeros);
        auto mask = pattern->prune({rows, cols, values});
        ASSERT_TRUE(mask) << mask.error();
        auto violation = pattern->check(*mask);
        ASSERT_FALSE(violation) << violation->message;
        EXPECT_EQ(pattern->completed(*mask), *mask);
        // A matrix with exactly these non-zeros stays as it is.
        std::vector<float> pruned(values.size(), 0.f);
        for (int64_t r = 0; r < rows; ++r)
          mask->forEachInRow(r, [&](int64_t c) {
            pruned[r * cols + c] = values[r * cols + c] + 1;
          });
        auto again = pattern->prune({rows, cols, pruned});
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(*again, *mask);
      }
  }
}

TEST(PruneTest, AnEmptyMaskObeysEveryPrunedPattern) {
  for (std::string_view text : patterns)
    for (auto [rows, cols] : shapes)
      if (applies(text, cols)) {
        EXPECT_FALSE(parse(text)->check(Mask(rows, cols))) << text;
      }
}

TEST(PruneTest, KeepsTheExactCount) {
  const std::tuple<const char *, int64_t, int64_t, int64_t> cases[] = {
      {"unstructured<0.9>", 100, 100, 1000},
      {"unstructured<0.7>", 10, 1, 3},
      {"unstructured<0.29>", 10, 10, 71},
      {"unstructured<1>", 5, 5, 0},
      {"block<4x4,0.9>", 40, 40, 10 * 16},
      {"channel<0.7>", 11, 100, 30 * 11},
      {"channel<0.7,9>", 4, 90, 3 * 9 * 4},
      {"filter<0.64>", 50, 7, 18 * 7},
      {"nm<2:4>", 3, 16, 3 * 8},
      // The tail of 2 keeps 1, that of 3 keeps 2.
      {"nm<2:4>", 3, 18, 3 * 9},
      {"nm<2:4>", 3, 19, 3 * 10},
      {"vector-nm<1:4,l=32>", 64, 64, 64 * 16},
      {"vector-nm<1:4,l=32>", 40, 5, 40 * 2},
      {"hinm<v=64,vector=0.5,2:4>", 128, 64, 128 * 16},
      // 30 columns at 0.5 are 3.75 groups of 4, so 4 groups.
      {"hinm<v=64,vector=0.5,2:4>", 65, 30, 65 * 8},
      {"hinm<v=4,vector=0,2:4>", 4, 6, 4 * 3},
      {"vnm<v=16,2:8>", 33, 32, 33 * 8},
      // The tail of 4 keeps 2 columns, that of 5 keeps 3: 1 and 2 a row.
      {"vnm<v=16,2:8>", 16, 20, 16 * 5},
      {"vnm<v=16,2:8>", 16, 21, 16 * 6},
      {"pcnn<n=4,patterns=8>", 20, 90, 20 * 10 * 4},
  };
  for (auto [text, rows, cols, expected] : cases) {
    std::vector<float> values = randomValues(rows * cols, 2);
    auto mask = parse(text)->prune({rows, cols, values});
    ASSERT_TRUE(mask) << mask.error();
    EXPECT_EQ(mask->count(), expected) << text << " " << rows << "x" << cols;
  }
}

TEST(PruneTest, TiesGoToTheFirst) {
  std::vector<float> ones(64, 1.f);
  EXPECT_EQ(*parse("nm<2:4>")->prune({2, 6, {ones.data(), 12}}),
            maskOf({"110010", "110010"}));
  EXPECT_EQ(*parse("unstructured<0.5>")->prune({2, 4, {ones.data(), 8}}),
            maskOf({"1111", "0000"}));
  EXPECT_EQ(*parse("channel<0.5>")->prune({2, 4, {ones.data(), 8}}),
            maskOf({"1100", "1100"}));
  EXPECT_EQ(*parse("hinm<v=2,vector=0.5,1:2>")->prune({2, 4, {ones.data(), 8}}),
            maskOf({"1000", "1000"}));
}

/// The most saliency of all masks of at most 16 elements that obey.
double bestByTrial(const Pattern &pattern, const Saliency &saliency) {
  double best = 0;
  int64_t size = saliency.rows * saliency.cols;
  for (uint64_t bits = 0; bits < 1ull << size; ++bits) {
    Mask mask(saliency.rows, saliency.cols);
    for (int64_t i = 0; i < size; ++i)
      mask.set(i / saliency.cols, i % saliency.cols, bits >> i & 1);
    double sum = kept(saliency, mask);
    if (sum > best && !pattern.check(mask))
      best = sum;
  }
  return best;
}

TEST(PruneTest, KeepsTheMostSaliency) {
  for (std::string_view text :
       {"unstructured<0.6>", "block<2x2,0.5>", "channel<0.5>", "channel<0.5,2>",
        "filter<0.5>", "nm<1:2>", "nm<2:3>", "vector-nm<1:2,l=2>"})
    for (auto [rows, cols] :
         {std::pair<int64_t, int64_t>{2, 5}, {3, 4}, {4, 3}, {1, 8}})
      for (uint64_t seed = 0; seed < 2; ++seed) {
        std::vector<float> values = randomValues(rows * cols, seed, 0.1);
        Saliency saliency{rows, cols, values};
        Mask mask = *parse(text)->prune(saliency);
        EXPECT_NEAR(kept(saliency, mask), bestByTrial(*parse(text), saliency),
                    1e-9)
            << text << " of " << rows << "x" << cols;
      }
  // One kernel, one pattern: the largest n elements.
  std::vector<float> values = randomValues(9, 5);
  Saliency saliency{1, 9, values};
  PatternRef pcnn = parse("pcnn<n=3,patterns=1>");
  EXPECT_NEAR(kept(saliency, *pcnn->prune(saliency)),
              bestByTrial(*pcnn, saliency), 1e-9);
}

TEST(PruneTest, PCNNSharesItsPatterns) {
  const int64_t rows = 40, cols = 36;
  std::vector<float> values = randomValues(rows * cols, 6);
  double before = 0;
  for (int64_t limit : {1, 4, 16, 126}) {
    PatternRef pattern =
        parse("pcnn<n=4,patterns=" + std::to_string(limit) + ">");
    Saliency saliency{rows, cols, values};
    Mask mask = *pattern->prune(saliency);
    std::set<std::vector<bool>> seen;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; c += 9) {
        std::vector<bool> way;
        for (int64_t i = 0; i < 9; ++i)
          way.push_back(mask.get(r, c + i));
        seen.insert(way);
      }
    EXPECT_LE(int64_t(seen.size()), limit);
    EXPECT_GT(kept(saliency, mask), before);
    before = kept(saliency, mask);
  }
  // With every pattern allowed, each kernel keeps its largest.
  EXPECT_NEAR(
      before,
      kept({rows, cols, values},
           *parse("pcnn<n=4,patterns=512>")->prune({rows, cols, values})),
      1e-9);
  EXPECT_NEAR(
      before,
      [&] {
        double sum = 0;
        for (int64_t k = 0; k < rows * cols; k += 9) {
          std::vector<float> kernel(values.begin() + k, values.begin() + k + 9);
          std::sort(kernel.rbegin(), kernel.rend());
          sum += double(kernel[0]) + kernel[1] + kernel[2] + kernel[3];
        }
        return sum;
      }(),
      1e-6);
}

TEST(PruneTest, ChecksNameTheFirstOffence) {
  auto message = [](std::string_view text, const Mask &mask) {
    auto violation = parse(text)->check(mask);
    return violation ? violation->message : "obeys";
  };
  EXPECT_EQ(message("nm<2:4>", maskOf({"110011000000", "000000001011"})),
            "window at row 1, columns 8..11: expected at most 2 non-zeros, "
            "found 3");
  EXPECT_EQ(message("nm<2:4>", maskOf({"110011"})),
            "window at row 0, columns 4..5: expected at most 1 non-zeros, "
            "found 2");
  EXPECT_EQ(message("nm<1:4>", maskOf({"10001"})), "obeys");
  EXPECT_EQ(message("block<2x2>", maskOf({"11000", "11001", "00000"})),
            "block at rows 0..1, column 4: expected 2 non-zeros or none, found "
            "1");
  EXPECT_EQ(message("block<2x2,0.5>", maskOf({"1111", "1111", "1100", "1100"})),
            "block at rows 2..3, columns 0..1: expected at most 2 that are not "
            "empty, found one more");
  EXPECT_EQ(message("filter", maskOf({"11", "00", "01"})),
            "filter at row 2, columns 0..1: expected 2 non-zeros or none, "
            "found 1");
  EXPECT_EQ(message("channel<0.5,2>", maskOf({"1100", "1100"})), "obeys");
  EXPECT_EQ(message("unstructured<0.5>", maskOf({"0110", "0111"})),
            "matrix: expected at most 4 non-zeros, found 5, the first too many "
            "at row 1, column 3");
  EXPECT_EQ(message("vector-nm<1:4,l=2>", maskOf({"1000", "1000", "0110"})),
            "window at row 2, columns 0..3: expected at most 1 vectors, found "
            "2");
  EXPECT_EQ(message("vector-nm<1:4,l=2>", maskOf({"1000", "0000"})),
            "vector at rows 0..1, column 0: expected 2 non-zeros or none, "
            "found 1");
  EXPECT_EQ(message("pcnn<n=1>", maskOf({"1000000001"})),
            "matrix: expected a multiple of 9 columns for 3x3 kernels, found "
            "10");
  EXPECT_EQ(message("pcnn<n=1>", maskOf({"000000000110000000"})),
            "kernel at row 0, columns 9..17: expected 1 non-zeros or none, "
            "found 2");
  EXPECT_EQ(message("pcnn<n=1,patterns=1>",
                    maskOf({"100000000100000000", "000000000010000000"})),
            "kernel at row 1, columns 9..17: expected one of 1 patterns, found "
            "one more");
  EXPECT_EQ(message("dense", maskOf({"10"})),
            "element at row 0, column 1: expected 1, found 0");
}

TEST(PruneTest, CompletionMakesUnitsWhole) {
  Mask stray = maskOf({"10000", "00000", "00001"});
  EXPECT_EQ(parse("block<2x2>")->completed(stray),
            maskOf({"11000", "11000", "00001"}));
  EXPECT_EQ(parse("channel")->completed(stray),
            maskOf({"10001", "10001", "10001"}));
  EXPECT_EQ(parse("filter")->completed(stray),
            maskOf({"11111", "00000", "11111"}));
  EXPECT_EQ(parse("vector-nm<1:4,l=2>")->completed(stray),
            maskOf({"10000", "10000", "00001"}));
  EXPECT_EQ(parse("nm<1:4>")->completed(stray), stray);
  EXPECT_EQ(
      parse("pcnn<n=2>")
          ->completed(maskOf({"000000101000000001", "010000000000000000"})),
      maskOf({"000000101000000101", "110000000000000000"}));
  EXPECT_TRUE(parse("dense")->completed(stray).all());
  for (std::string_view text : {"block<2x2>", "channel", "filter"}) {
    EXPECT_TRUE(parse(text)->check(stray)) << text;
    EXPECT_FALSE(parse(text)->check(parse(text)->completed(stray))) << text;
  }
}

TEST(PruneTest, HiNMListsItsColumns) {
  HiNMPattern pattern(4, 0.5, {2, 4});
  std::vector<float> values = randomValues(10 * 32, 7);
  Mask mask = *pattern.prune({10, 32, values});
  auto lists = pattern.columnLists(mask);
  ASSERT_TRUE(lists) << lists.error();
  ASSERT_EQ(lists->size(), 3u);
  for (int64_t r = 0; r < 10; ++r) {
    const std::vector<int32_t> &list = (*lists)[r / 4];
    ASSERT_EQ(list.size(), 16u);
    int64_t listed = 0;
    for (size_t group = 0; group < list.size(); group += 4) {
      int64_t inGroup = 0;
      for (size_t i = group; i < group + 4; ++i)
        inGroup += list[i] >= 0 && mask.get(r, list[i]);
      EXPECT_LE(inGroup, 2);
      listed += inGroup;
    }
    EXPECT_EQ(listed, mask.countRow(r));
  }
  // Three in a group of four do not fit, unless the group is filled up.
  HiNMPattern small(1, 0.5, {2, 4});
  EXPECT_EQ((*small.columnLists(maskOf({"0111000000000000"})))[0],
            (std::vector<int32_t>{1, 2, -1, -1, 3, -1, -1, -1}));
  auto failed = small.columnLists(maskOf({"0111001100000000"}));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(),
            "tile at row 0: expected its columns to fit in 8 kept ones at 2:4, "
            "found 5 of which column 7 is the first not to fit");
}

TEST(PruneTest, HiNMKeepsTheColumnsOfLargestSum) {
  // Columns 1, 2, 5, 6 have the largest sums; 2:4 keeps two in each row.
  std::vector<float> values = {1, 9, 5, 1, 0, 6, 4, 0, //
                               1, 2, 6, 0, 1, 5, 7, 1};
  EXPECT_EQ(*parse("hinm<v=2,vector=0.5,2:4>")->prune({2, 8, values}),
            maskOf({"01000100", "00100010"}));
}

TEST(PruneTest, RefusesWhatIsNoSaliency) {
  PatternRef pattern = parse("nm<2:4>");
  std::vector<float> values(6, 1.f);
  EXPECT_EQ(pattern->prune({2, 4, values}).error(),
            "saliency: expected 2 x 4 values, found 6");
  EXPECT_FALSE(pattern->prune({-2, -3, values}));
  EXPECT_FALSE(pattern->prune({0, 4, values}));
  values[4] = -1;
  EXPECT_EQ(
      pattern->prune({2, 3, values})
          .error()
          .find(
              "saliency at row 1, column 1: expected a number >= 0, found -1"),
      0u);
  values[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(pattern->prune({2, 3, values}));
  values[4] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(pattern->prune({2, 3, values}));
  // A full block would obey, and be kept.
  EXPECT_TRUE(parse("block<4x4>")->prune({2, 3, values}));
  values[0] = 0;
  EXPECT_EQ(
      parse("block<4x4>")->prune({2, 3, values}).error(),
      "pattern 'block<4x4>': expected a sparsity to prune to, found none");
  EXPECT_EQ(
      parse("pcnn")->prune({2, 3, values}).error(),
      "matrix: expected a multiple of 9 columns for 3x3 kernels, found 3");
}

TEST(PruneTest, DeterminedPatternsKeepTheirMask) {
  std::vector<float> values = randomValues(100, 8);
  for (std::string_view text :
       {"window<2>", "random<density=0.3>", "dense", "gst<window=1,stride=3>"})
    EXPECT_EQ(*parse(text)->prune({10, 10, values}),
              *parse(text)->mask(10, 10));
}

} // namespace
