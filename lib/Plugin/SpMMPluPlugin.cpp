//===- SpMMPluPlugin.cpp - sparse_ir inside stock mlir-opt -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loaded with `mlir-opt --load-dialect-plugin=... --load-pass-plugin=...`; a
// tool that links the dialect itself must not load it.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pipelines/Registration.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "SpMMPlu", "0.1",
          [](mlir::DialectRegistry *registry) {
            mlir::spmmplu::registerDialect(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "SpMMPlu", "0.1",
          [] { mlir::spmmplu::registerPasses(); }};
}
