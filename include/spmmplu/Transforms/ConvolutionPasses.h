//===- ConvolutionPasses.h - Passes on convolutions --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_H
#define SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_H

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace mlir::spmmplu {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "spmmplu/Transforms/ConvolutionPasses.h.inc"

} // namespace mlir::spmmplu

#endif // SPMMPLU_TRANSFORMS_CONVOLUTIONPASSES_H
