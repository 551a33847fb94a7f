//===- sparse-opt.cpp - mlir-opt with sparse_ir ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#include "TestDeviceEmitter.h"
#include "TestEmulator.h"
#include "TestEvaluator.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  mlir::spmmplu::registerDialect(registry);
  mlir::spmmplu::registerPasses();
  mlir::spmmplu::registerTestDeviceEmitter();
  mlir::spmmplu::registerTestEmulator();
  mlir::spmmplu::registerTestEvaluator();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "SpMMPlu: sparse products as meta-ops\n", registry));
}
