//===- SparseTables.h - Reading tables and masks ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_REFERENCE_SPARSETABLES_H
#define SPMMPLU_LIB_REFERENCE_SPARSETABLES_H

#include "Interpreter.h"
#include "spmmplu/IR/Attention.h"

namespace mlir::spmmplu {

/// The indices of the meta-op at `position` along an axis of `size` elements;
/// -1 is padding. A table is verified against itself only: a position or an
/// index that lies outside is a diagnostic here.
LogicalResult getTableIndices(Interpreter &interpreter, Operation *op,
                              TableAttrInterface table, int64_t position,
                              Axis axis, int64_t size,
                              SmallVectorImpl<int64_t> &indices);

/// The mask of a tensor of `shape`: the one given, or the one that the pattern
/// determines for its last two dimensions. None if there is neither.
std::optional<Mask> resolveTrailing(SparsityAttr sparsity,
                                    ArrayRef<int64_t> shape);
/// Whether the trailing dimensions of `shape` are the rows and columns of
/// `mask`, fused or not. Leading dimensions repeat it (a batch).
bool fitsTrailing(const Mask &mask, ArrayRef<int64_t> shape);
/// The bit of a row-major element of a tensor that `mask` fits.
inline bool getTrailing(const Mask &mask, int64_t flat) {
  return mask.get(flat / mask.cols() % mask.rows(), flat % mask.cols());
}

LogicalResult runContract(Interpreter &interpreter, ContractOp op);
LogicalResult runKernel(Interpreter &interpreter, KernelOp op);
LogicalResult runAttention(Interpreter &interpreter, AttentionOp op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_REFERENCE_SPARSETABLES_H
