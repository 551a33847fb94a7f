//===- HostChecks.h - What host code can be calls ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_HOSTCHECKS_H
#define SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_HOSTCHECKS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::spmmplu {

/// Whether argument `number` is a structure that its pointer stands for.
bool isByValue(gpu::GPUFuncOp kernel, unsigned number);

/// An error if an op of the host can be neither left alone nor converted.
LogicalResult checkHostOp(Operation *op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_HOSTCHECKS_H
