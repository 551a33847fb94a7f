//===- VerifyTable.h - What ops check of their tables ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_IR_VERIFYTABLE_H
#define SPMMPLU_LIB_IR_VERIFYTABLE_H

#include "spmmplu/IR/SparseIR.h"

namespace mlir::spmmplu {

/// Whether `attribute` is a resource without its data. The parser comes to the
/// data of a file's resources after the attributes that name them, so that
/// attributes accept this and leave the contents to the verifiers of ops.
bool isAwaitingData(ElementsAttr attribute);

/// Checks that the data of `table` has come, that it is a valid table, and that
/// no meta-op lies outside of a computational space of `extents` (kDynamic or
/// -1 where an extent is not known).
LogicalResult verifyTable(Operation *op, TableAttrInterface table,
                          ArrayRef<int64_t> extents);

/// (C7) of a kernel, of one of its operands.
LogicalResult verifyKernelPlaces(KernelOp op, Role role);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_IR_VERIFYTABLE_H
