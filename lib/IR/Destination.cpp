//===- Destination.cpp - Ops that write one operand, init -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Destination.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::spmmplu;

LogicalResult mlir::spmmplu::verifyDestination(Operation *op, Value init) {
  bool onTensors = isa<RankedTensorType>(init.getType());
  if (op->getNumResults() == (onTensors ? 1u : 0u) &&
      (!onTensors || op->getResult(0).getType() == init.getType()))
    return success();
  return op->emitOpError("expects one result of init's type for tensors and "
                         "none for memrefs, found ")
         << op->getNumResults() << " results for " << init.getType();
}

void mlir::spmmplu::addDestinationEffects(
    Operation *op, OpOperand &init, bool readsInit,
    SmallVectorImpl<MemoryEffect> &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    bool isInit = &operand == &init;
    if (!isInit || readsInit)
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (isInit)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}
