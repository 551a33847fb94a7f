//===- Kernel.h - Kernels as functions of LLVM ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_KERNEL_H
#define SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_KERNEL_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::spmmplu {

/// Makes a kernel an `llvm.func` around its body, which stays as it is;
/// upstream's conversion of `gpu.func` drops `llvm.byval`. Leaves functions
/// that are no kernels. Errors: attributions, arguments that LLVM does not
/// have.
LogicalResult convertKernel(gpu::GPUFuncOp op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEGPUTONVVM_KERNEL_H
