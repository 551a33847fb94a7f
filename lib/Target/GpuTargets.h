//===- GpuTargets.h - The rows of GPUs -------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_GPUTARGETS_H
#define SPMMPLU_LIB_TARGET_GPUTARGETS_H

#include "spmmplu/Target/Target.h"

namespace mlir::spmmplu {

/// One row a chip that code is made for, oldest first.
std::vector<Target> makeGpuRows();

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_GPUTARGETS_H
