//===- ResolveTarget.h - The machine that a pass compiles for ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_RESOLVETARGET_H
#define SPMMPLU_TRANSFORMS_RESOLVETARGET_H

#include "spmmplu/Target/Target.h"

#include "mlir/IR/Operation.h"

namespace mlir::spmmplu {

/// The target of that name, with its overrides; else an error at `op`.
FailureOr<Target> resolveTarget(Operation *op, StringRef name);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TRANSFORMS_RESOLVETARGET_H
