//===- AssignmentTest.cpp - Tests of the assignment problem ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Assignment.h"
#include "spmmplu/Pattern/Random.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace mlir::spmmplu;

namespace {

double gainOf(std::span<const float> gains, int64_t cols,
              std::span<const int32_t> columns) {
  double total = 0;
  for (size_t i = 0; i < columns.size(); ++i)
    total += gains[int64_t(i) * cols + columns[i]];
  return total;
}

double bestByTrial(std::span<const float> gains, int64_t rows, int64_t cols) {
  std::vector<int32_t> order(cols);
  std::iota(order.begin(), order.end(), 0);
  double best = -std::numeric_limits<double>::infinity();
  do
    best = std::max(best,
                    gainOf(gains, cols, std::span(order).first(size_t(rows))));
  while (std::next_permutation(order.begin(), order.end()));
  return best;
}

bool areDistinct(std::span<const int32_t> columns, int64_t cols) {
  std::set<int32_t> set(columns.begin(), columns.end());
  return set.size() == columns.size() &&
         (set.empty() || (*set.begin() >= 0 && *set.rbegin() < cols));
}

TEST(AssignmentTest, FindsTheLargestGain) {
  RandomGenerator random(1);
  AssignmentSolver solver;
  for (int trial = 0; trial < 1500; ++trial) {
    int64_t rows = 1 + random.below(5), cols = rows + random.below(3);
    // Few values: many ties. Negative ones; large ones beside small ones.
    int64_t values = trial % 3 == 0 ? 3 : 1000;
    std::vector<float> gains(rows * cols);
    for (float &gain : gains) {
      gain = float(random.below(values) - values / 3);
      if (trial % 3 == 2 && random.below(4) == 0)
        gain *= 1e6f;
    }
    std::span<const int32_t> found = solver.solve(gains, rows, cols);
    ASSERT_EQ(int64_t(found.size()), rows);
    ASSERT_TRUE(areDistinct(found, cols));
    EXPECT_EQ(gainOf(gains, cols, found), bestByTrial(gains, rows, cols))
        << rows << "x" << cols << ", trial " << trial;
  }
}

TEST(AssignmentTest, KeepsWhatNothingBeats) {
  // Larger than any trial: a permutation whose gains stand out.
  constexpr int64_t size = 120;
  RandomGenerator random(2);
  std::vector<float> gains(size * size);
  for (float &gain : gains)
    gain = float(random.fraction());
  std::vector<int32_t> hidden(size);
  std::iota(hidden.begin(), hidden.end(), 0);
  for (int64_t i = size - 1; i > 0; --i)
    std::swap(hidden[i], hidden[random.below(i + 1)]);
  for (int64_t i = 0; i < size; ++i)
    gains[i * size + hidden[i]] += 2;
  AssignmentSolver solver;
  std::span<const int32_t> found = solver.solve(gains, size, size);
  EXPECT_TRUE(std::equal(found.begin(), found.end(), hidden.begin()));
}

TEST(AssignmentTest, EndsOnHardNumbers) {
  AssignmentSolver solver;
  for (int64_t size : {1, 2, 65, 128}) {
    std::vector<float> equal(size * size, 1.f);
    EXPECT_TRUE(areDistinct(solver.solve(equal, size, size), size));
    // Blocks of equal columns, as places in clusters are.
    std::vector<float> blocks(size * size), tiny(size * size);
    RandomGenerator random{uint64_t(size)};
    for (int64_t i = 0; i < size * size; ++i) {
      blocks[i] = float((i / size * 7 + i % size / 8 * 3) % 11);
      tiny[i] = 1.f + float(random.below(8)) * 0x1p-23f;
    }
    EXPECT_TRUE(areDistinct(solver.solve(blocks, size, size), size));
    EXPECT_TRUE(areDistinct(solver.solve(tiny, size, size), size));
  }
  EXPECT_TRUE(solver.solve({}, 0, 0).empty());
  EXPECT_TRUE(solver.solve({}, 0, 5).empty());
}

} // namespace
