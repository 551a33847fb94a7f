//===- PipelineUnderTest.h - Pipelines that passes run ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_REFERENCE_PIPELINEUNDERTEST_H
#define SPMMPLU_TEST_LIB_REFERENCE_PIPELINEUNDERTEST_H

#include "spmmplu/Reference/Evaluator.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::spmmplu {

/// A pipeline of modules as text, with or without the module's own level.
class PipelineUnderTest {
public:
  explicit PipelineUnderTest(StringRef text) : text(text.trim()) {}

  /// A pass that runs the pipeline may load no dialect while it does, so these
  /// are its own too.
  void getDependentDialects(DialectRegistry &registry) const;

  /// Runs it on `module`; errors are those of `reported`.
  LogicalResult run(ModuleOp module, ModuleOp reported) const;

private:
  StringRef text;
};

/// An element as f64 for printing and comparing; a zero has no sign.
double getValue(const ReferenceTensor &tensor, int64_t flat);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_REFERENCE_PIPELINEUNDERTEST_H
