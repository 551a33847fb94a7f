//===- SparseTables.h - Reading tables of meta-ops --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_REFERENCE_SPARSETABLES_H
#define SPMMPLU_LIB_REFERENCE_SPARSETABLES_H

#include "Interpreter.h"
#include "spmmplu/IR/SparseIR.h"

namespace mlir::spmmplu {

/// The indices of the meta-op at `position` along an axis of `size` elements;
/// -1 is padding. A table is verified against itself only: a position or an
/// index that lies outside is a diagnostic here.
LogicalResult getTableIndices(Interpreter &interpreter, Operation *op,
                              TableAttrInterface table, int64_t position,
                              Axis axis, int64_t size,
                              SmallVectorImpl<int64_t> &indices);

LogicalResult runContract(Interpreter &interpreter, ContractOp op);
LogicalResult runKernel(Interpreter &interpreter, KernelOp op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_REFERENCE_SPARSETABLES_H
