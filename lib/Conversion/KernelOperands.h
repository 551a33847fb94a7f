//===- KernelOperands.h - What conversions read off a kernel ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same for every machine: private to the conversions of `sparse_ir.kernel`.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_KERNELOPERANDS_H
#define SPMMPLU_LIB_CONVERSION_KERNELOPERANDS_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/IR/Builders.h"

namespace mlir::spmmplu {

/// The type that the tables of intrinsics mean.
Type getType(Element element, MLIRContext *context);

/// Checks what kernels index by: that the table's parts are there, `parts` of
/// them, as `sparse-ir-pack` leaves them.
LogicalResult verifyTables(KernelOp op, size_t parts);

/// The size along `axis` as an index: static, or the dimension of the operand
/// that a map leaves as it is; fails with a diagnostic if nothing tells.
FailureOr<Value> getExtent(OpBuilder &builder, KernelOp op, Axis axis);

/// Puts what `emit` makes of it in the place of every op of a kind. Ops that
/// appear meanwhile are left alone; one that is not on memrefs is an error.
template <typename OpTy>
LogicalResult lowerAll(Operation *root,
                       function_ref<LogicalResult(OpTy op)> emit) {
  SmallVector<OpTy> ops;
  root->walk([&](OpTy op) { ops.push_back(op); });
  for (OpTy op : ops) {
    if (!isa<MemRefType>(op.getInit().getType()))
      return op.emitOpError(
          "expects memrefs: bufferize before this conversion");
    if (failed(emit(op)))
      return failure();
    op.erase();
  }
  return success();
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_KERNELOPERANDS_H
