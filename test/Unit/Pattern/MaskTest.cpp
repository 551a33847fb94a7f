//===- MaskTest.cpp - Tests of bit masks ----------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Pattern/Random.h"

#include "gtest/gtest.h"

#include <limits>
#include <random>

using namespace mlir::spmmplu;

namespace {

Mask randomMask(int64_t rows, int64_t cols, double density, uint64_t seed) {
  RandomGenerator random(seed);
  Mask mask(rows, cols);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      mask.set(r, c, random.fraction() < density);
  return mask;
}

const std::pair<int64_t, int64_t> shapes[] = {
    {0, 0},  {0, 5},   {5, 0},    {1, 1},    {1, 200},   {200, 1},
    {3, 64}, {64, 65}, {65, 127}, {130, 63}, {128, 256}, {77, 301}};

TEST(MaskTest, FillsAndCounts) {
  for (auto [rows, cols] : shapes) {
    Mask full(rows, cols, true);
    EXPECT_EQ(full.count(), rows * cols);
    EXPECT_TRUE(full.all());
    EXPECT_EQ(full.density(), rows * cols ? 1.0 : 0.0);
    EXPECT_TRUE(Mask(rows, cols).none());
    full -= full;
    EXPECT_EQ(full, Mask(rows, cols));
  }
}

TEST(MaskTest, SetsRangesLikeSingleBits) {
  for (int64_t cols : {1, 63, 64, 65, 200})
    for (int64_t begin : {-3, 0, 1, 62, 63, 64, 65, 199})
      for (int64_t end : {-1, 0, 1, 63, 64, 65, 128, 200, 999}) {
        Mask mask(3, cols), expected(3, cols);
        mask.setRange(1, begin, end);
        for (int64_t c = std::max<int64_t>(begin, 0); c < std::min(end, cols);
             ++c)
          expected.set(1, c);
        ASSERT_EQ(mask, expected) << cols << ": " << begin << ".." << end;
      }
}

TEST(MaskTest, CountsRangesAndVisitsInOrder) {
  Mask mask = randomMask(4, 201, 0.3, 1);
  for (int64_t begin = 0; begin <= 201; begin += 7)
    for (int64_t end = begin; end <= 201; end += 13) {
      int64_t expected = 0;
      for (int64_t c = begin; c < end; ++c)
        expected += mask.get(2, c);
      ASSERT_EQ(mask.countRange(2, begin, end), expected);
    }
  std::vector<int64_t> visited, expected;
  mask.forEachInRow(3, [&](int64_t c) { visited.push_back(c); });
  for (int64_t c = 0; c < 201; ++c)
    if (mask.get(3, c))
      expected.push_back(c);
  EXPECT_EQ(visited, expected);
  EXPECT_EQ(mask.countRow(3), int64_t(expected.size()));
}

TEST(MaskTest, FindsFullerWindows) {
  std::mt19937_64 random(3);
  for (int64_t m = 1; m <= 64; m *= 2)
    for (int64_t n = 1; n <= m; ++n)
      for (int trial = 0; trial < 50; ++trial) {
        // Sparse, even and dense words, and those without an empty bit.
        uint64_t word = random();
        if (trial % 4 == 0)
          word &= random() & random();
        if (trial % 4 == 1)
          word |= random();
        if (trial == 49)
          word = ~uint64_t(0);
        bool expected = false;
        for (int64_t at = 0; at < 64; at += m)
          expected |= countBits({&word, 1}, at, at + m) > n;
        EXPECT_EQ(hasFullerWindow(word, n, m), expected)
            << n << ":" << m << " of " << word;
      }
}

TEST(MaskTest, TransposesEveryElement) {
  for (auto [rows, cols] : shapes) {
    Mask mask = randomMask(rows, cols, 0.4, 2), turned = mask.transposed();
    ASSERT_EQ(turned.rows(), cols);
    ASSERT_EQ(turned.cols(), rows);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c)
        ASSERT_EQ(turned.get(c, r), mask.get(r, c));
    EXPECT_EQ(turned.count(), mask.count());
    EXPECT_EQ(turned.transposed(), mask);
  }
}

TEST(MaskTest, CoarsensToTilesWithTails) {
  const int64_t extents[] = {1, 2, 3, 8, 9, 16, 64, 65, 100, 128, 1000};
  for (auto [rows, cols] : shapes) {
    Mask mask = randomMask(rows, cols, 0.02, 3);
    for (int64_t rowTile : {1, 5, 16, 1000})
      for (int64_t colTile : extents) {
        Mask expected((rows + rowTile - 1) / rowTile,
                      (cols + colTile - 1) / colTile);
        for (int64_t r = 0; r < rows; ++r)
          mask.forEachInRow(
              r, [&](int64_t c) { expected.set(r / rowTile, c / colTile); });
        ASSERT_EQ(mask.coarsened(rowTile, colTile), expected)
            << rows << "x" << cols << " by " << rowTile << "x" << colTile;
      }
  }
}

TEST(MaskTest, BytesRoundTripAndIgnorePadding) {
  for (auto [rows, cols] : shapes) {
    Mask mask = randomMask(rows, cols, 0.5, 4);
    std::vector<uint8_t> bytes = mask.toBytes();
    ASSERT_EQ(int64_t(bytes.size()), rows * ((cols + 7) / 8));
    EXPECT_EQ(Mask::fromBytes(rows, cols, bytes), mask);
  }
  const uint8_t bytes[] = {0xff, 0xff};
  Mask mask = Mask::fromBytes(2, 3, bytes);
  EXPECT_EQ(mask, Mask(2, 3, true));
  EXPECT_EQ(mask.toBytes(), (std::vector<uint8_t>{7, 7}));
}

TEST(MaskTest, FindsNonZeros) {
  const float values[] = {0.f, -0.f,
                          1.f, std::numeric_limits<float>::min(),
                          0.f, std::numeric_limits<float>::quiet_NaN()};
  Mask mask = Mask::ofNonZeros<float>(values, 2, 3);
  EXPECT_EQ(mask.toBytes(), (std::vector<uint8_t>{4, 5}));
}

TEST(MaskTest, FindsNonZerosOfEveryWidth) {
  const double wide[] = {-0., 1e-300, 2.};
  const float single[] = {-0.f, 1e-40f, 2.f};
  const uint16_t half[] = {0x8000, 1, 0x7e00};
  auto find = [](auto &values) {
    return Mask::ofNonZeroFloats(std::as_bytes(std::span(values)),
                                 sizeof(values[0]), 1, 3)
        .toBytes();
  };
  for (const auto &found : {find(wide), find(single), find(half)})
    EXPECT_EQ(found, (std::vector<uint8_t>{6}));
}

TEST(MaskTest, CombinesAsSets) {
  Mask a = randomMask(9, 130, 0.5, 5), b = randomMask(9, 130, 0.5, 6);
  Mask both = a, either = a, rest = a;
  both &= b;
  either |= b;
  rest -= b;
  EXPECT_EQ(both.count() + either.count(), a.count() + b.count());
  EXPECT_EQ(rest.count() + both.count(), a.count());
  rest |= both;
  EXPECT_EQ(rest, a);
  EXPECT_NE(a, b);
}

} // namespace
