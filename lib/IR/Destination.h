//===- Destination.h - Ops that write one operand, init ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_IR_DESTINATION_H
#define SPMMPLU_LIB_IR_DESTINATION_H

#include "mlir/IR/Operation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::spmmplu {

/// An op has one result of init's type where init is a tensor, and none where
/// it is a memref.
LogicalResult verifyDestination(Operation *op, Value init);

using MemoryEffect = SideEffects::EffectInstance<MemoryEffects::Effect>;

/// Operands that are memrefs are read, and init is written; `readsInit` says
/// whether it is read too.
void addDestinationEffects(Operation *op, OpOperand &init, bool readsInit,
                           SmallVectorImpl<MemoryEffect> &effects);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_IR_DESTINATION_H
