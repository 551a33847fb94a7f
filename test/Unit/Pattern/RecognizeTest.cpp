//===- RecognizeTest.cpp - Tests of pattern recognition -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Recognize.h"
#include "spmmplu/Pattern/Random.h"

#include "gtest/gtest.h"

#include <chrono>

using namespace mlir::spmmplu;

namespace {

Mask pruned(std::string_view text, int64_t rows, int64_t cols, uint64_t seed) {
  RandomGenerator random(seed);
  std::vector<float> values(rows * cols);
  for (float &value : values)
    value = float(random.fraction()) + 0.01f;
  auto pattern = parsePattern(text);
  EXPECT_TRUE(pattern) << pattern.error();
  auto mask = (*pattern)->prune({rows, cols, values});
  EXPECT_TRUE(mask) << mask.error();
  return *mask;
}

std::string recognized(const Mask &mask) {
  PatternRef pattern = recognizePattern(mask);
  auto violation = pattern->check(mask);
  EXPECT_FALSE(violation) << pattern->str() << ": " << violation->message;
  return pattern->str();
}

// The sparsity itself may come back in fewer digits than were asked for, so
// only what stands before and after it is compared.
TEST(RecognizeTest, FindsWhatPruningMade) {
  struct Case {
    std::string_view text, before, after;
    int64_t divisor = 1; ///< Groups are recognised in whole channels only.
  };
  const Case cases[] = {{"dense", "dense", ""},
                        {"filter<0.64>", "filter<0.", ">"},
                        {"channel<0.7>", "channel<0.", ">"},
                        {"channel<0.7,9>", "channel<0.", ",9>", 9},
                        {"channel<0.5,25>", "channel<0.", ",25>", 25},
                        {"block<4x4,0.9>", "block<4x4,0.", ">"},
                        {"block<16x8,0.75>", "block<16x8,0.", ">"},
                        {"block<64x4,0.5>", "block<64x4,0.", ">"},
                        {"block<8x1,0.9>", "block<8x1,0.", ">"},
                        {"block<2x4,0.8>", "block<2x4,0.", ">"},
                        {"block<1x16,0.8>", "block<1x16,0.", ">"},
                        {"unstructured<0.9>", "unstructured<0.", ">"},
                        {"unstructured<0.5>", "unstructured<0.", ">"},
                        {"unstructured<0.999>", "unstructured<0.99", ">"}};
  for (auto [rows, cols] :
       {std::pair<int64_t, int64_t>{256, 288}, {130, 261}, {320, 450}}) {
    for (const Case &c : cases) {
      if (cols % c.divisor != 0)
        continue;
      std::string found = recognized(pruned(c.text, rows, cols, 1));
      EXPECT_TRUE(found.starts_with(c.before) && found.ends_with(c.after))
          << c.text << " gave " << found << ", " << rows << "x" << cols;
    }
    for (std::string_view text :
         {"nm<2:4>", "nm<1:4>", "nm<3:8>", "nm<5:32>", "vector-nm<1:4,l=32>",
          "vector-nm<2:4,l=4>", "vector-nm<5:32,l=64>", "vector-nm<3:16,l=128>",
          "vector-nm<4:32,l=8>"})
      EXPECT_EQ(recognized(pruned(text, rows, cols, 1)), text)
          << rows << "x" << cols;
  }
}

TEST(RecognizeTest, FindsListsOfColumns) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{256, 288}, {130, 261}})
    for (std::string_view text :
         {"hinm<v=64,vector=0.5,2:4>", "hinm<v=32,vector=0.75,2:4>",
          "hinm<v=128,vector=0.25,2:4>", "vnm<v=64,2:8>", "vnm<v=128,2:16>",
          "vnm<v=32,2:32>"}) {
      Mask mask = pruned(text, rows, cols, 1);
      auto pattern = parsePattern(text);
      std::string found = recognized(mask);
      EXPECT_EQ(found.substr(0, found.find(',')),
                std::string(text.substr(0, text.find(','))))
          << text << " gave " << found << ", " << rows << "x" << cols;
      // A third element in a group of four is no longer one of either.
      int64_t seen = 0;
      for (int64_t c = 0; c < cols; ++c)
        if (mask.countRange(0, c, c + 1) == 0 && seen++ < 60)
          mask.set(0, c);
      EXPECT_TRUE(recognized(mask).starts_with("unstructured")) << text;
    }
  // Nine tenths of the columns is no list.
  EXPECT_EQ(recognized(pruned("hinm<v=64,vector=0,2:4>", 256, 288, 1)),
            "nm<2:4>");
}

TEST(RecognizeTest, GivesTheSparsityInFewDigits) {
  EXPECT_EQ(recognized(pruned("block<4x4,0.9>", 400, 400, 2)),
            "block<4x4,0.9>");
  EXPECT_EQ(recognized(pruned("unstructured<0.95>", 400, 400, 2)),
            "unstructured<0.95>");
  EXPECT_EQ(recognized(pruned("channel<0.7,9>", 3, 90, 2)), "channel<0.7,9>");
  EXPECT_EQ(recognized(pruned("filter<0.64>", 100, 3, 2)), "filter<0.64>");
  Mask mask = pruned("unstructured<0.95>", 400, 400, 2);
  for (int64_t r = 0; r < 400; ++r)
    mask.set(r, r, r % 3 == 0);
  recognized(mask);
}

TEST(RecognizeTest, OneStrayElementChangesTheAnswer) {
  auto name = [](const Mask &mask) {
    std::string text = recognized(mask);
    return text.substr(0, text.find('<'));
  };
  for (std::string_view text :
       {"filter<0.5>", "channel<0.5>", "block<8x8,0.5>", "vector-nm<1:8,l=8>"})
    for (auto [r, c] : {std::pair<int64_t, int64_t>{0, 0}, {69, 133}}) {
      Mask mask = pruned(text, 70, 134, 3);
      mask.set(r, c, !mask.get(r, c));
      EXPECT_EQ(name(mask), "unstructured") << text << " at " << r << "," << c;
    }
  // One less in a window is still 2:4, one more is not.
  Mask mask = pruned("nm<2:4>", 70, 134, 4);
  for (int64_t c = 130; c < 134; ++c)
    mask.set(69, c, false);
  EXPECT_EQ(recognized(mask), "nm<2:4>");
  mask.set(69, 132);
  mask.set(69, 133);
  EXPECT_EQ(name(mask), "unstructured");
}

TEST(RecognizeTest, SmallAndDegenerateMasks) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{0, 0},
                            {0, 5},
                            {5, 0},
                            {1, 1},
                            {1, 100},
                            {100, 1}})
    EXPECT_EQ(recognized(Mask(rows, cols, true)), "dense");
  EXPECT_EQ(recognized(Mask(1, 1)), "filter<1>");
  EXPECT_EQ(recognized(Mask(70, 70)), "filter<1>");
  Mask row(1, 10), column(10, 1);
  row.set(0, 3);
  column.set(3, 0);
  EXPECT_EQ(recognized(row), "channel<0.9>");
  EXPECT_EQ(recognized(column), "filter<0.9>");
  // Every mask of up to 12 elements has a pattern that accepts it.
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{3, 4}, {4, 3}, {2, 6}})
    for (uint64_t bits = 0; bits < 1u << 12; ++bits) {
      Mask mask(rows, cols);
      for (int64_t i = 0; i < 12; ++i)
        mask.set(i / cols, i % cols, bits >> i & 1);
      auto again = parsePattern(recognized(mask));
      ASSERT_TRUE(again) << again.error();
    }
}

TEST(RecognizeTest, ALargeMaskTakesLittleTime) {
  Mask mask = pruned("nm<1:4>", 2048, 4096, 5);
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(recognized(mask), "nm<1:4>");
  std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - start;
  // A tenth of this suffices; the rest is for loaded machines.
  EXPECT_LT(taken.count(), 2.0);
}

TEST(RecognizeTest, Summary) {
  Mask mask(4, 100);
  mask.setRange(1, 0, 10);
  mask.setRange(3, 5, 35);
  MaskSummary summary = summarize(mask);
  EXPECT_EQ(summary.emptyRows, 2);
  EXPECT_EQ(summary.emptyCols, 65);
  EXPECT_EQ(summary.minPerRow, 0);
  EXPECT_EQ(summary.maxPerRow, 30);
  EXPECT_EQ(summary.meanPerRow, 10);
  EXPECT_EQ(summary.str(), "4 x 100, density 10 %, 2 empty rows, 65 empty "
                           "columns, non-zeros a row: 0 min, 10 mean, 30 max");
  EXPECT_EQ(summarize(Mask(0, 3)).emptyCols, 3);
  EXPECT_EQ(summarize(Mask(3, 0)).emptyRows, 3);
  EXPECT_EQ(summarize(Mask(2, 3, true)).minPerRow, 3);
}

} // namespace
