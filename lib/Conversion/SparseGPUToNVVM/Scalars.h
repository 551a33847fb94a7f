//===- Scalars.h - What is no matrix product, to LLVM -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_SCALARS_H
#define SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_SCALARS_H

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::spmmplu {

/// Each replaces its op by what NVPTX has; the arithmetic is of f32 or vectors
/// of it, anything else is an error.
LogicalResult convertExp2(math::Exp2Op op);
LogicalResult convertFma(math::FmaOp op);
LogicalResult convertRound(RoundTF32Op op);
LogicalResult convertAtomic(LLVM::AtomicRMWOp op);
LogicalResult convertGridDependency(NVVM::GriddepcontrolOp op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_SCALARS_H
