//===- CompactTest.cpp - Tests of layouts and the compact form ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Compact.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/Permutation.h"
#include "spmmplu/Pattern/Random.h"
#include "spmmplu/Pattern/VNM.h"

#include "gtest/gtest.h"

#include <cstring>

using namespace mlir::spmmplu;

namespace {

const std::pair<int64_t, int64_t> shapes[] = {{0, 9},   {9, 0},   {1, 1},
                                              {1, 130}, {130, 1}, {7, 27},
                                              {64, 64}, {33, 72}, {40, 131}};

const std::string_view patterns[] = {
    "nm<2:4>",
    "nm<1:1>",
    "nm<4:4>",
    "nm<3:20>",
    "nm<40:300>",
    "vector-nm<1:4,l=8>",
    "vector-nm<5:32,l=32>",
    "vector-nm<2:7,l=1>",
    "vector-nm<3:100,l=1000>",
    "hinm<v=16,vector=0.5,2:4>",
    "hinm<v=64,vector=0,2:4>",
    "hinm<v=100,vector=0.75,1:2>",
    "hinm<v=8,vector=1,2:4>",
    "vnm<v=16,2:8>",
    "vnm<v=64,1:3>",
    "vnm<v=8,2:5>",
};

/// Random bytes of which a part of the elements is zero.
std::vector<std::byte> randomBytes(int64_t elements, int64_t width,
                                   uint64_t seed, double zeros) {
  RandomGenerator random(seed);
  std::vector<std::byte> bytes(elements * width);
  for (int64_t i = 0; i < elements; ++i)
    if (random.fraction() >= zeros)
      for (int64_t b = 0; b < width; ++b)
        bytes[i * width + b] = std::byte(random.below(256));
  return bytes;
}

PatternRef parse(std::string_view text) {
  auto pattern = parsePattern(text);
  EXPECT_TRUE(pattern) << pattern.error();
  return *pattern;
}

/// A mask of the pattern: what it keeps of a random saliency.
Mask randomMask(const Pattern &pattern, int64_t rows, int64_t cols,
                uint64_t seed, double zeros) {
  RandomGenerator random(seed);
  std::vector<float> values(rows * cols);
  for (float &value : values)
    value = random.fraction() < zeros ? 0.f : float(random.fraction());
  auto mask = pattern.prune({rows, cols, values});
  EXPECT_TRUE(mask) << mask.error();
  return *mask;
}

std::vector<std::byte> masked(std::span<const std::byte> dense,
                              const Mask &mask, int64_t width) {
  std::vector<std::byte> result(dense.size());
  for (int64_t r = 0; r < mask.rows(); ++r)
    mask.forEachInRow(r, [&](int64_t c) {
      int64_t at = (r * mask.cols() + c) * width;
      std::memcpy(result.data() + at, dense.data() + at, width);
    });
  return result;
}

Mask maskOf(const std::vector<std::string> &rows) {
  Mask mask(int64_t(rows.size()), int64_t(rows[0].size()));
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c)
      mask.set(int64_t(r), int64_t(c), rows[r][c] == '1');
  return mask;
}

std::vector<std::byte> bytesOf(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values)
    bytes.push_back(std::byte(value));
  return bytes;
}

TEST(CompactTest, IndexWidthsFollowM) {
  const std::pair<int64_t, int64_t> widths[] = {
      {1, 1},  {2, 1},   {3, 2},    {4, 2},      {5, 4},      {16, 4},
      {17, 8}, {256, 8}, {257, 16}, {65536, 16}, {65537, 32}, {maxExtent, 32}};
  for (auto [m, bits] : widths)
    EXPECT_EQ(indexBits(m), bits) << m;
}

TEST(CompactTest, PackingIsExact) {
  for (std::string_view text : patterns)
    for (auto [rows, cols] : shapes)
      for (double zeros : {0.0, 0.7, 1.0}) {
        SCOPED_TRACE(std::string(text) + " of " + std::to_string(rows) + "x" +
                     std::to_string(cols));
        PatternRef pattern = parse(text);
        Mask mask = randomMask(*pattern, rows, cols, 1, zeros);
        int64_t width = 1 + (rows + cols) % 4;
        auto dense = randomBytes(rows * cols, width, 2, zeros / 2);
        auto compact = pack(*pattern, mask, dense, width);
        ASSERT_TRUE(compact) << compact.error();
        auto valid = compact->validate();
        ASSERT_TRUE(valid) << valid.error();
        EXPECT_EQ(unpack(*compact), masked(dense, mask, width));
        // Back again, to the same bytes.
        auto again = pack(compact->layout, storedMask(*compact),
                          unpack(*compact), width);
        ASSERT_TRUE(again) << again.error();
        EXPECT_EQ(*again, *compact);
        // The elements that are stored are those of the mask that have a bit.
        Mask found = nonZeroMask(*compact);
        Mask wanted = mask;
        for (int64_t r = 0; r < rows; ++r)
          mask.forEachInRow(r, [&](int64_t c) {
            auto at = dense.begin() + (r * cols + c) * width;
            if (std::all_of(at, at + width,
                            [](std::byte b) { return b == std::byte(0); }))
              wanted.set(r, c, false);
          });
        EXPECT_EQ(found, wanted);
      }
}

TEST(CompactTest, PermutedLayoutsPackToo) {
  HiNMPattern pattern(8, 0.5, {2, 4});
  for (auto [rows, cols] : shapes) {
    RandomGenerator random(3);
    std::vector<float> values(rows * cols);
    for (float &value : values)
      value = float(random.fraction());
    auto pruned = permuteAndPrune(pattern, {rows, cols, values});
    ASSERT_TRUE(pruned) << pruned.error();
    auto dense = std::as_bytes(std::span(values));
    auto compact = pack(pruned->layout, pruned->mask, dense, sizeof(float));
    ASSERT_TRUE(compact) << compact.error();
    EXPECT_TRUE(compact->validate());
    EXPECT_EQ(unpack(*compact), masked(dense, pruned->mask, sizeof(float)));
    EXPECT_EQ(nonZeroMask(*compact), pruned->mask);
  }
}

TEST(CompactTest, FillsGroupsAtTheLowestFreePositions) {
  // Group 0 has one element at its end, group 1 two, the tail of 2 none.
  auto compact = pack(*parse("nm<2:4>"), maskOf({"0001101000"}),
                      bytesOf({9, 9, 9, 7, 5, 9, 6, 9, 9, 9}), 1);
  ASSERT_TRUE(compact) << compact.error();
  EXPECT_EQ(compact->layout.slots(), 5);
  EXPECT_EQ(compact->values, bytesOf({0, 7, 5, 6, 0}));
  // Indices 0, 3, 0, 2, 0 of two bits each, from the lowest.
  EXPECT_EQ(compact->indices, (std::vector<uint8_t>{0b10001100, 0}));
  // A vector stores each of its rows, and one row of indices.
  compact =
      pack(*parse("vector-nm<1:32,l=2>"), maskOf({"0100", "0100", "0001"}),
           bytesOf({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 1);
  ASSERT_TRUE(compact) << compact.error();
  EXPECT_EQ(compact->values, bytesOf({2, 6, 12}));
  EXPECT_EQ(compact->indices, (std::vector<uint8_t>{1, 3}));
}

TEST(CompactTest, WindowsFullAtOneEnd) {
  // What is kept crowds at either end of every window.
  for (std::string_view text :
       {"nm<2:4>", "vector-nm<2:4,l=4>", "vnm<v=4,2:4>"})
    for (bool atEnd : {false, true}) {
      Mask mask(8, 16);
      for (int64_t r = 0; r < 8; ++r)
        for (int64_t c = 0; c < 16; ++c)
          mask.set(r, c, (c % 4 >= 2) == atEnd);
      auto dense = randomBytes(8 * 16, 2, 5, 0);
      auto compact = pack(*parse(text), mask, dense, 2);
      ASSERT_TRUE(compact) << compact.error();
      EXPECT_EQ(storedMask(*compact),
                text[0] == 'v' && text[1] == 'n' ? storedMask(*compact) : mask);
      EXPECT_EQ(unpack(*compact), masked(dense, mask, 2));
    }
}

TEST(CompactTest, ConvertsBetweenPatterns) {
  // 1:4 in vectors of 16 obeys all of these.
  PatternRef vector = parse("vector-nm<1:4,l=16>");
  Mask mask = randomMask(*vector, 48, 64, 6, 0);
  auto dense = randomBytes(48 * 64, 4, 7, 0);
  auto compact = pack(*vector, mask, dense, 4);
  ASSERT_TRUE(compact) << compact.error();
  for (std::string_view text :
       {"hinm<v=16,vector=0.5,2:4>", "nm<1:4>", "nm<2:4>", "vector-nm<2:8,l=8>",
        "vnm<v=16,2:8>"}) {
    auto other = convert(*compact, *parse(text));
    ASSERT_TRUE(other) << text << ": " << other.error();
    EXPECT_EQ(unpack(*other), unpack(*compact)) << text;
    auto back = convert(*other, *vector);
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, *compact) << text;
  }
  auto refused = convert(*compact, *parse("vector-nm<1:8,l=16>"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "window at rows 0..15, columns 0..7: expected at most 1 vectors, "
            "found 2");
  EXPECT_FALSE(convert(*compact, *parse("unstructured<0.5>")));
}

TEST(CompactTest, NamesTheFirstOffendingGroup) {
  auto dense = randomBytes(32, 1, 8, 0);
  auto error = [&](std::string_view text, const Mask &mask) {
    auto compact = pack(*parse(text), mask, dense, 1);
    return compact ? "packed" : compact.error();
  };
  Mask three = maskOf({"1000000000000000", "0000000000001110"});
  EXPECT_EQ(error("nm<2:4>", three),
            "window at row 1, columns 12..15: expected at most 2 non-zeros, "
            "found 3");
  EXPECT_EQ(error("vector-nm<1:16,l=2>", three),
            "vector at rows 0..1, column 0: expected 2 non-zeros or none, "
            "found 1");
  EXPECT_EQ(error("vnm<v=2,2:8>", three),
            "window at row 1, columns 8..15: expected at most 2 non-zeros, "
            "found 3");
  EXPECT_EQ(error("vnm<v=2,1:8>", three),
            "window at rows 0..1, columns 8..15: expected at most 2 columns in "
            "use, found 3");
  // In a layout with orders, names are those of the matrix.
  GroupedLayout layout{2, 16, 2, 1, {1, 2}, 4, {1, 0}, {14, 13, 0, -1}};
  EXPECT_EQ(pack(layout, three, dense, 1).error(),
            "element at row 1, column 12: expected a column that tile 0 keeps, "
            "found another");
  EXPECT_EQ(
      pack(layout, maskOf({"0000000000000000", "1000000000000110"}), dense, 1)
          .error(),
      "group 0 of tile 0, row 1, columns 14 13: expected at most 1 "
      "elements, found 2");
  EXPECT_EQ(pack(layout, Mask(2, 15), dense, 1).error(),
            "mask: expected 2 x 16 elements, found 2 x 15");
  EXPECT_EQ(
      pack(layout, Mask(2, 16), dense, 2).error(),
      "dense matrix: expected 2 x 16 elements of 2 bytes, found 32 bytes");
}

TEST(CompactTest, RefusesBrokenLayouts) {
  const GroupedLayout good{
      4, 8, 2, 1, {2, 4}, 4, {3, 2, 1, 0}, {0, 1, 2, 3, 7, -1, -1, 0}};
  ASSERT_TRUE(good.validate());
  auto error = [&](auto &&change) {
    GroupedLayout layout = good;
    change(layout);
    auto status = layout.validate();
    return status ? "valid" : status.error();
  };
  using L = GroupedLayout;
  EXPECT_EQ(error([](L &l) { l.rowOrder[0] = 2; }),
            "layout: expected each row once in the row order, found 2 twice");
  EXPECT_EQ(error([](L &l) { l.rowOrder[0] = 4; }),
            "layout: expected rows of the row order from 0 to 3, found 4");
  EXPECT_EQ(error([](L &l) { l.rowOrder.pop_back(); }),
            "layout: expected entries of the row order 4, found 3");
  EXPECT_EQ(error([](L &l) { l.columns[4] = 0; }),
            "layout: expected each column once in the list of tile 1, found 0 "
            "twice");
  EXPECT_EQ(error([](L &l) { l.columns[4] = 8; }),
            "layout: expected columns in the list of tile 1 from -1 to 7, "
            "found 8");
  EXPECT_EQ(error([](L &l) { l.columns.pop_back(); }),
            "layout: expected entries of the column lists 2 x 4, found 7");
  EXPECT_EQ(error([](L &l) { l.columns.clear(); }),
            "layout: expected all columns kept without lists of them, found 4");
  EXPECT_EQ(error([](L &l) { l.vectorRows = 4; }),
            "layout: expected rows of a tile in whole vectors, found 2");
  for (auto change :
       {+[](L &l) { l.rows = -1; }, +[](L &l) { l.ratio.n = 5; },
        +[](L &l) { l.ratio.m = 0; }, +[](L &l) { l.tileRows = 0; },
        +[](L &l) { l.vectorRows = 0; },
        +[](L &l) { l.keptColumns = maxExtent * 2; },
        +[](L &l) { l.keptColumns = 0; }})
    EXPECT_NE(error(change), "valid");
}

TEST(CompactTest, RefusesBrokenData) {
  HiNMPattern pattern(2, 0.5, {2, 4});
  Mask mask = maskOf({"11000000", "00110000", "10000000", "01000000"});
  auto packed = pack(pattern, mask, randomBytes(32, 1, 9, 0), 1);
  ASSERT_TRUE(packed) << packed.error();
  auto error = [&](auto &&change) {
    CompactMatrix matrix = *packed;
    change(matrix);
    auto status = matrix.validate();
    return status ? "valid" : status.error();
  };
  using C = CompactMatrix;
  EXPECT_EQ(error([](C &) {}), "valid");
  EXPECT_EQ(error([](C &c) { c.values.pop_back(); }),
            "compact matrix: expected 8 bytes of values, found 7");
  EXPECT_EQ(error([](C &c) { c.indices.push_back(0); }),
            "compact matrix: expected 4 bytes of indices, found 5");
  EXPECT_EQ(error([](C &c) { c.indices[1] = 0b0111; }),
            "compact matrix: expected ascending indices below 4 in group 0 of "
            "vector 1, found 1");
  EXPECT_EQ(error([](C &c) { c.indices[1] |= 0x10; }),
            "compact matrix: expected zero bits after the indices of vector 1, "
            "found others");
  // Tile 1 has two columns; its row 2 is filled up with what is at position 1.
  EXPECT_EQ(error([](C &c) { c.indices[2] = 0b1100; }), "valid");
  EXPECT_EQ(error([](C &c) {
              c.indices[2] = 0b1100;
              c.values[5] = std::byte(1);
            }),
            "compact matrix: expected zero in slot 1 of stored row 2, which "
            "has no column, found another value");
  EXPECT_NE(error([](C &c) { c.elementBytes = 0; }), "valid");
}

TEST(CompactTest, VNMListsItsColumns) {
  VNMPattern pattern(2, {2, 8});
  Mask mask = maskOf(
      {"010000100000000000", "000100100000000100", "000000000000000000"});
  EXPECT_EQ(pattern.keptColumns(18), 9);
  ASSERT_FALSE(pattern.check(mask));
  auto lists = pattern.columnLists(mask);
  ASSERT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists[0], (std::vector<int32_t>{1, 3, 6, -1, 15, -1, -1, -1, -1}));
  EXPECT_EQ(lists[1], std::vector<int32_t>(9, -1));
  EXPECT_EQ(pattern.str(), "vnm<v=2,2:8>");
  EXPECT_EQ(parse("vnm<2:8>")->str(), "vnm<v=64,2:8>");
  EXPECT_EQ(parsePattern("vnm<2:3>").error(),
            "pattern 'vnm': expected M of at least 2N in N:M, found 2:3");
}

} // namespace
