//===- PipelineUnderTest.cpp - Pipelines that passes run --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PipelineUnderTest.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::spmmplu;

static FailureOr<OpPassManager> parse(StringRef text, raw_ostream &errors) {
  if (text.starts_with("builtin.module(") || text.starts_with("any("))
    return parsePassPipeline(text, errors);
  OpPassManager manager(ModuleOp::getOperationName());
  if (failed(parsePassPipeline(text, manager, errors)))
    return failure();
  return manager;
}

void PipelineUnderTest::getDependentDialects(DialectRegistry &registry) const {
  if (FailureOr<OpPassManager> manager = parse(text, llvm::nulls());
      succeeded(manager))
    manager->getDependentDialects(registry);
}

LogicalResult PipelineUnderTest::run(ModuleOp module, ModuleOp reported) const {
  std::string message;
  llvm::raw_string_ostream errors(message);
  FailureOr<OpPassManager> parsed = parse(text, errors);
  if (failed(parsed))
    return reported.emitError("cannot parse pipeline '")
           << text << "': " << StringRef(message).trim();
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
  static_cast<OpPassManager &>(manager) = std::move(*parsed);
  if (failed(manager.run(module)))
    return reported.emitError("pipeline '") << text << "' failed";
  return success();
}

double mlir::spmmplu::getValue(const ReferenceTensor &tensor, int64_t flat) {
  Number number = tensor.get(flat);
  return tensor.isInteger ? double(number.integer) : number.real + 0.0;
}
