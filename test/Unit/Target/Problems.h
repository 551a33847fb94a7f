//===- Problems.h - Masks and products to choose strategies for -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_TARGET_PROBLEMS_H
#define SPMMPLU_TEST_UNIT_TARGET_PROBLEMS_H

#include "spmmplu/Target/Strategy.h"

namespace mlir::spmmplu {

/// The target of that name; a failure of the test if there is none.
Target getTarget(std::string_view name);

// Masks. Each call gives the same one.

/// Blocks of `height` x `width`, each set with the given probability.
Mask makeBlocks(int64_t rows, int64_t cols, int64_t height, int64_t width,
                double density);

Mask makeTwoOfFour(int64_t rows, int64_t cols);

/// Vectors of `length` rows, `kept` of every `window` columns.
Mask makeVectors(int64_t rows, int64_t cols, int64_t length, int64_t kept,
                 int64_t window);

/// Every other column, on average, of a tile of rows, and 2:4 along those.
Mask makeHiNM(int64_t rows, int64_t cols, int64_t height);

/// `mask` times a dense operand of `n` columns.
ProductProblem makeProblem(const Mask &mask, std::optional<int64_t> n,
                           Element element = Element::F32);

/// A product of dense operands, `k` deep, of which `mask` is wanted.
ProductProblem makeOutProblem(const Mask &mask, int64_t k,
                              Element element = Element::F32);

/// A failure of the test if there is no strategy.
StrategyChoice choose(const Target &target, const ProductProblem &problem);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_UNIT_TARGET_PROBLEMS_H
