//===- TestEvaluator.h - Passes that run the evaluator ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_REFERENCE_TESTEVALUATOR_H
#define SPMMPLU_TEST_LIB_REFERENCE_TESTEVALUATOR_H

namespace mlir::spmmplu {

/// Registers `test-sparse-ir-evaluate` and `test-sparse-ir-equivalence`.
void registerTestEvaluator();

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_REFERENCE_TESTEVALUATOR_H
