//===- Passes.h - Conversions out of sparse_ir -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_CONVERSION_PASSES_H
#define SPMMPLU_CONVERSION_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::spmmplu {

#define GEN_PASS_DECL
#include "spmmplu/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "spmmplu/Conversion/Passes.h.inc"

} // namespace mlir::spmmplu

#endif // SPMMPLU_CONVERSION_PASSES_H
