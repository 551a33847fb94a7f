//===- Compiler.h - From a program to a package ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PACKAGE_COMPILER_H
#define SPMMPLU_PACKAGE_COMPILER_H

#include "spmmplu/Package/DeviceEmitter.h"
#include "spmmplu/Package/ObjectEmitter.h"
#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Runtime/Manifest.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <optional>
#include <string>

namespace mlir::spmmplu {

struct CompileOptions {
  std::string target = "host";
  int64_t threads = 1;
  std::string policy = "chain";
  bool allowDense = true;
  double minSparsity = 0.3;
  bool allowTF32 = false;
  std::string accumulate = "f32"; ///< of f16 products on GPUs
  std::string strategy;           ///< a #sparse_ir.strategy; empty: chosen
  int64_t maxKernels = 12;        ///< of a product of dynamic N
  std::string tuning;             ///< a file of measured times; empty: none
  /// Strategies that `decide` notes for each of several N, to be measured.
  int64_t tuneTop = 0;
  bool dumpStrategies = false; ///< print the space of every product
  std::string source; ///< what the manifest says the program was made of
  /// The values of packed matrices are left out of the package: they come when
  /// it runs (`spmmplu::Program::setMatrix`).
  bool deferValues = false;
  /// Say why each strategy was chosen (`CompiledProgram::explanation`).
  bool explain = false;
};

/// Whether `target`, a row of the table of targets, is a GPU.
bool isGpuTarget(const Target &target);

/// Y[M, N] = W[M, K] X[K, N] with a constant W.
struct ProductRequest {
  const ::spmmplu::Tensor *weights = nullptr; ///< rank 2, F64, F32, F16 or BF16
  int64_t cols = -1;                          ///< N; -1: dynamic, named n
  /// Of Y; sums are f32 for half precision all the same. Nothing: f32 for half
  /// precision weights, else theirs.
  std::optional<::spmmplu::DType> result;
  /// What the weights obey, in this order; null: what their zeros show.
  PatternRef pattern;
  ChannelOrder order;
  int64_t columnLists = 0; ///< how many lists `order.columns` holds
};

/// The program of a product: a function `main` with one linalg.matmul.
OwningOpRef<ModuleOp> buildProduct(MLIRContext &context,
                                   const ProductRequest &request);

/// A compiled program before it is written.
struct CompiledProgram {
  ::spmmplu::Manifest manifest;
  std::string object; ///< ELF: the kernel, or the host code of a GPU program
  /// Of a GPU program: its kernels for `chip`.
  std::string chip;
  DeviceCode device;
  /// The package's tensors by name; data lives in the module's attributes.
  std::map<std::string, ElementsAttr> constants;
  std::string explanation; ///< one paragraph a product, where it was asked for
};

/// Runs the phase that decides, and no other.
LogicalResult decide(ModuleOp module, const CompileOptions &options);

/// Lowers `module` to fused and packed kernels on tensors (phase kernels).
LogicalResult lowerToKernels(ModuleOp module, const CompileOptions &options);

/// Compiles the public function of `module`, which is changed into the LLVM
/// dialect. Errors are diagnostics. `checkProduct`: the program is one product
/// of its first input, so that the manifest says how to check it.
FailureOr<CompiledProgram> compileProgram(ModuleOp module,
                                          const CompileOptions &options,
                                          bool checkProduct);

::spmmplu::Status writePackage(const std::string &path,
                               const CompiledProgram &program);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PACKAGE_COMPILER_H
