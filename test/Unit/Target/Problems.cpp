//===- Problems.cpp - Masks and products for tests --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Problems.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace mlir::spmmplu;

Target mlir::spmmplu::getTarget(std::string_view name) {
  auto target = lookupTarget(name);
  EXPECT_TRUE(target) << target.error();
  return target ? *target : Target();
}

Mask mlir::spmmplu::makeBlocks(int64_t rows, int64_t cols, int64_t height,
                               int64_t width, double density) {
  Mask mask(rows, cols);
  std::mt19937 random(1);
  std::bernoulli_distribution isSet(density);
  for (int64_t r = 0; r < rows; r += height)
    for (int64_t c = 0; c < cols; c += width)
      if (isSet(random))
        for (int64_t i = r; i < std::min(r + height, rows); ++i)
          mask.setRange(i, c, c + width);
  return mask;
}

Mask mlir::spmmplu::makeTwoOfFour(int64_t rows, int64_t cols) {
  Mask mask(rows, cols);
  std::mt19937 random(1);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c + 4 <= cols; c += 4) {
      uint32_t first = random() % 4, other = (first + 1 + random() % 3) % 4;
      mask.set(r, c + first);
      mask.set(r, c + other);
    }
  return mask;
}

Mask mlir::spmmplu::makeVectors(int64_t rows, int64_t cols, int64_t length,
                                int64_t kept, int64_t window) {
  Mask mask(rows, cols);
  std::mt19937 random(1);
  std::vector<int64_t> places(window);
  for (int64_t r = 0; r < rows; r += length)
    for (int64_t c = 0; c < cols; c += window) {
      std::iota(places.begin(), places.end(), c);
      std::ranges::shuffle(places, random);
      for (int64_t n = 0; n < kept; ++n)
        for (int64_t i = r; i < std::min(r + length, rows); ++i)
          mask.set(i, places[n]);
    }
  return mask;
}

Mask mlir::spmmplu::makeHiNM(int64_t rows, int64_t cols, int64_t height) {
  Mask mask(rows, cols);
  std::mt19937 random(1);
  std::vector<int64_t> places(cols);
  for (int64_t r = 0; r < rows; r += height) {
    std::iota(places.begin(), places.end(), 0);
    std::ranges::shuffle(places, random);
    std::sort(places.begin(), places.begin() + cols / 2);
    for (int64_t i = r; i < std::min(r + height, rows); ++i)
      for (int64_t c = 0; c < cols / 2; c += 4) {
        uint32_t first = random() % 4, other = (first + 1 + random() % 3) % 4;
        mask.set(i, places[c + first]);
        mask.set(i, places[c + other]);
      }
  }
  return mask;
}

ProductProblem mlir::spmmplu::makeProblem(const Mask &mask,
                                          std::optional<int64_t> n,
                                          Element element) {
  ProductProblem problem;
  problem.m = mask.rows();
  problem.k = mask.cols();
  problem.n = n;
  problem.element = element;
  problem.mask = &mask;
  return problem;
}

ProductProblem mlir::spmmplu::makeOutProblem(const Mask &mask, int64_t k,
                                             Element element) {
  ProductProblem problem = makeProblem(mask, mask.cols(), element);
  problem.k = k;
  problem.role = SparseRole::Out;
  problem.constantLhs = false;
  return problem;
}

StrategyChoice mlir::spmmplu::choose(const Target &target,
                                     const ProductProblem &problem) {
  auto choice = chooseStrategy(target, problem);
  EXPECT_TRUE(choice) << choice.error();
  return choice ? *choice : StrategyChoice();
}
