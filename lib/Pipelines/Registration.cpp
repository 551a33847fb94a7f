//===- Registration.cpp - Everything that a tool registers -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Registration.h"

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Pipelines/Pipelines.h"
#include "spmmplu/Transforms/BufferizableOpInterfaceImpl.h"
#include "spmmplu/Transforms/Passes.h"

using namespace mlir;

void mlir::spmmplu::registerDialect(DialectRegistry &registry) {
  registry.insert<SparseIRDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
}

void mlir::spmmplu::registerPasses() {
  registerSparseIRPasses();
  registerSparseIRConversionPasses();
  registerPipelines();
}
