//===- PruningTest.cpp - Tests of masks with their layouts ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Compact.h"
#include "spmmplu/Pattern/Random.h"
#include "spmmplu/Pattern/Transposed.h"

#include "gtest/gtest.h"

using namespace mlir::spmmplu;

namespace {

std::vector<float> randomValues(int64_t count, uint64_t seed) {
  RandomGenerator random(seed);
  std::vector<float> values(count);
  for (float &value : values)
    value = float(random.fraction()) + 0.01f;
  return values;
}

std::vector<float> transposedValues(const std::vector<float> &values,
                                    int64_t rows, int64_t cols) {
  std::vector<float> result(values.size());
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      result[c * rows + r] = values[r * cols + c];
  return result;
}

PatternRef parse(std::string_view text) {
  auto pattern = parsePattern(text);
  EXPECT_TRUE(pattern) << pattern.error();
  return *pattern;
}

PermutationOptions without() {
  PermutationOptions options;
  options.outputChannels = options.inputChannels = false;
  return options;
}

constexpr std::pair<int64_t, int64_t> shapes[] = {{1, 1},  {1, 40},  {40, 1},
                                                  {7, 27}, {33, 50}, {64, 96}};

TEST(TransposedTest, IsThePatternOfTheTransposedMatrix) {
  for (std::string text :
       {"vector-nm<1:4,l=8>", "vector-nm<3:7,l=5>", "nm<2:4>", "block<4x2,0.5>",
        "hinm<v=16,vector=0.5,1:2>", "vnm<v=8,2:8>", "window<3>"}) {
    PatternRef inner = parse(text), outer = parse("transposed<" + text + ">");
    EXPECT_EQ(outer->str(), "transposed<" + inner->str() + ">");
    EXPECT_EQ(TransposedPattern::of(outer)->str(), inner->str());
    EXPECT_EQ(TransposedPattern::of(inner)->str(), outer->str());
    for (auto [rows, cols] : shapes) {
      auto values = randomValues(rows * cols, 5);
      auto turned = transposedValues(values, rows, cols);
      auto mask = outer->prune({rows, cols, values});
      auto expected = inner->prune({cols, rows, turned});
      ASSERT_TRUE(mask && expected);
      EXPECT_EQ(mask->transposed(), *expected) << text;
      EXPECT_FALSE(outer->check(*mask));
      EXPECT_EQ(outer->completed(*mask), *mask);
    }
  }
}

TEST(TransposedTest, ViolationsNameTheElementOfTheMatrix) {
  Mask mask(8, 3);
  for (int64_t r = 4; r < 7; ++r)
    mask.set(r, 1);
  auto violation = parse("transposed<nm<2:4>>")->check(mask);
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 4);
  EXPECT_EQ(violation->col, 1);
  EXPECT_EQ(violation->found, 3);
  EXPECT_EQ(violation->expected, 2);
  EXPECT_EQ(violation->message,
            "in the transposed matrix: window at row 1, columns 4..7: expected "
            "at most 2 non-zeros, found 3");
}

TEST(TransposedTest, BadTextsAreErrors) {
  for (std::string_view text :
       {"transposed", "transposed<>", "transposed<nm<2:4>",
        "transposed<blok<4x4>>", "transposed< transposed<nm<2:4>> >",
        "transposed<nm<2:4>,v=4>"})
    EXPECT_FALSE(parsePattern(text)) << text;
  EXPECT_EQ(parse(" transposed < nm<2:4> > ")->str(), "transposed<nm<2:4>>");
}

TEST(PruningTest, LayoutsHoldWhatMasksHave) {
  for (std::string text :
       {"nm<2:4>", "vector-nm<3:7,l=5>", "hinm<v=16,vector=0.5,2:4>",
        "hinm<v=16,vector=0.5,1:2>", "vnm<v=8,2:8>",
        "transposed<vector-nm<1:4,l=8>>",
        "transposed<hinm<v=16,vector=0.5,2:4>>"})
    for (auto [rows, cols] : shapes)
      for (bool permutes : {false, true}) {
        PatternRef pattern = parse(text);
        auto values = randomValues(rows * cols, 6);
        PermutationOptions options = without();
        options.outputChannels = options.inputChannels = permutes;
        options.threads = 1;
        auto pruned = pruneToLayout(*pattern, {rows, cols, values}, options);
        if (permutes && !canPermute(*pattern)) {
          EXPECT_FALSE(pruned);
          continue;
        }
        ASSERT_TRUE(pruned) << pruned.error();
        EXPECT_GE(pruned->retained, pruned->unpermuted);
        EXPECT_DOUBLE_EQ(pruned->retained,
                         retainedSaliency({rows, cols, values}, pruned->mask));
        ChannelOrder order{pruned->layout.rowOrder, pruned->layout.columns};
        if (!text.starts_with("vector") && !text.starts_with("transposed<v")) {
          auto layout = layoutInOrder(*pattern, pruned->mask, order);
          ASSERT_TRUE(layout) << text << ": " << layout.error();
          EXPECT_EQ(*layout, pruned->layout) << text;
        }
        auto status = checkInOrder(*pattern, pruned->mask, order);
        EXPECT_TRUE(status) << text << ": " << status.error();
        // The stored matrix comes back, bit for bit.
        bool turned = pattern->as<TransposedPattern>();
        Mask mask = turned ? pruned->mask.transposed() : pruned->mask;
        auto dense = turned ? transposedValues(values, rows, cols) : values;
        auto packed = pack(pruned->layout, mask,
                           std::as_bytes(std::span(dense)), sizeof(float));
        ASSERT_TRUE(packed) << packed.error();
        auto again = pack(packed->layout, storedMask(*packed), unpack(*packed),
                          sizeof(float));
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(*again, *packed);
      }
}

TEST(PruningTest, OrdersAreChecked) {
  PatternRef hinm = parse("hinm<v=2,vector=0.5,1:2>");
  Mask mask(4, 4);
  for (auto [r, c] : {std::pair{0, 0}, {1, 2}, {2, 1}, {3, 3}})
    mask.set(r, c);
  std::vector<int32_t> rows = {0, 2, 1, 3}, columns = {0, 1, 2, 3};
  EXPECT_FALSE(checkInOrder(*hinm, mask, {}) &&
               checkInOrder(*hinm, mask, {{}, columns}));
  EXPECT_TRUE(checkInOrder(*hinm, mask, {rows, {}}));
  EXPECT_TRUE(checkInOrder(*hinm, mask, {rows, columns}));
  auto errorOf = [&](std::vector<int32_t> rows, std::vector<int32_t> columns,
                     std::string_view pattern = "hinm<v=2,vector=0.5,1:2>") {
    auto status = checkInOrder(*parse(pattern), mask, {rows, columns});
    return status ? std::string() : status.error();
  };
  EXPECT_EQ(errorOf({0, 1, 2}, {}), "row order: expected 4 rows, found 3");
  EXPECT_EQ(errorOf({0, 1, 2, 2}, {}),
            "row order: expected each row from 0 to 3 once, found 2 twice");
  EXPECT_EQ(errorOf({0, 1, 2, 4}, {}),
            "row order: expected each row from 0 to 3 once, found 4");
  EXPECT_EQ(errorOf(rows, columns, "nm<2:4>"),
            "column lists: expected a hinm or vnm pattern, found 'nm<2:4>'");
  EXPECT_NE(errorOf(rows, {0, 1, 2}).find("entries of the column lists"),
            std::string::npos);
  EXPECT_NE(errorOf(rows, {0, 2, 1, 3}).find("expected a column that tile 0"),
            std::string::npos);
}

TEST(PruningTest, RowsInOrder) {
  Mask mask(3, 70);
  mask.set(0, 69);
  mask.set(2, 3);
  std::vector<int32_t> order = {2, 0};
  Mask ordered = mask.rowsInOrder(order);
  EXPECT_EQ(ordered.rows(), 2);
  EXPECT_TRUE(ordered.get(0, 3) && ordered.get(1, 69));
  EXPECT_EQ(ordered.count(), 2);
}

} // namespace
