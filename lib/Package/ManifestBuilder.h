//===- ManifestBuilder.h - What a package says of its program ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PACKAGE_MANIFESTBUILDER_H
#define SPMMPLU_LIB_PACKAGE_MANIFESTBUILDER_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Runtime/Manifest.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::spmmplu {

/// Asks sparse-ir-select-strategy for explanations.
inline constexpr StringLiteral kExplainAttr = "sparse_ir.explain";

/// The type of elements in a package; packages have no others.
FailureOr<::spmmplu::DType> getDType(Type type);

/// Reads the manifest off the IR as it passes by.
class ManifestBuilder {
public:
  ManifestBuilder(ModuleOp module, ::spmmplu::Manifest &manifest)
      : module(module), manifest(manifest) {}

  /// After phase sparse-ir: what was decided.
  void readDecisions();
  /// After phase sparse-ir: takes the explanations away.
  std::string takeExplanations();
  /// After phase kernels: arguments, and the matrices that were packed.
  LogicalResult readKernels(func::FuncOp function);

private:
  void report(const std::string &key, std::string value);
  void reportPrediction(const std::string &prefix, Operation *op);
  LogicalResult readArgument(func::FuncOp function, BlockArgument argument);
  /// A product's strategies may share what is packed. What is packed otherwise
  /// is another form of the product's matrix.
  void readMatrix(func::FuncOp function, KernelOp op, int64_t product);

  ModuleOp module;
  ::spmmplu::Manifest &manifest;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PACKAGE_MANIFESTBUILDER_H
