//===- Attention.h - Attention under a mask --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_ATTENTION_H
#define SPMMPLU_IR_ATTENTION_H

#include "spmmplu/IR/SparseIR.h"

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRAttention.h.inc"

namespace mlir::spmmplu {

/// Operands of `sparse_ir.attention` that are parts of one table.
inline constexpr int64_t kAttentionTableParts = 6;

} // namespace mlir::spmmplu

#endif // SPMMPLU_IR_ATTENTION_H
