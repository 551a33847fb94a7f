//===- TableLoop.h - What a loop over a table carries ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_TABLELOOP_H
#define SPMMPLU_LIB_TRANSFORMS_TABLELOOP_H

#include "llvm/ADT/StringRef.h"

namespace mlir::spmmplu {

/// Attributes of the `scf.for` that `sparse-ir-to-meta-dfg` makes of a group
/// and `sparse-ir-fuse-meta-ops` turns into a kernel: the group's policy and
/// the product's strategy.
inline constexpr llvm::StringLiteral kPolicyAttrName = "sparse_ir.policy";
inline constexpr llvm::StringLiteral kStrategyAttrName = "sparse_ir.strategy";

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_TABLELOOP_H
