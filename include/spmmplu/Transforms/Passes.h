//===- Passes.h - Passes on sparse_ir --------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_PASSES_H
#define SPMMPLU_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <string>

namespace mlir::spmmplu {

#define GEN_PASS_DECL
#include "spmmplu/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "spmmplu/Transforms/Passes.h.inc"

} // namespace mlir::spmmplu

#endif // SPMMPLU_TRANSFORMS_PASSES_H
