//===- UnshareInits.cpp - Every result starts from its own tensor -*- C++ -*-=//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRUNSHAREINITS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// Whether bufferization may write the operand's buffer.
static bool isInit(OpOperand &use) {
  Operation *op = use.getOwner();
  if (auto destinationStyle = dyn_cast<DestinationStyleOpInterface>(op))
    return destinationStyle.isDpsInit(&use);
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
    return llvm::is_contained(loop.getInits(), use.get());
  return isa<tensor::InsertSliceOp, tensor::InsertOp>(op) &&
         use.getOperandNumber() == 1;
}

/// What costs nothing to make again, or no more than a copy: an empty tensor,
/// or one filled with a scalar.
static bool isCheap(Operation *op) {
  return isa_and_nonnull<tensor::EmptyOp, linalg::FillOp>(op);
}

/// The uses of a value by ops that may write into it.
static SmallVector<OpOperand *> getInits(Value value) {
  SmallVector<OpOperand *> inits;
  for (OpOperand &use : value.getUses())
    if (isInit(use))
      inits.push_back(&use);
  return inits;
}

/// Gives every init that shares `op`'s result a clone next to it.
static void cloneForInits(Operation *op) {
  if (op->getResult(0).hasOneUse())
    return;
  for (OpOperand *use : getInits(op->getResult(0))) {
    OpBuilder builder(use->getOwner());
    use->set(builder.clone(*op)->getResult(0));
  }
  if (op->use_empty())
    op->erase();
}

/// Leaves a value that several ops start from to the last of them, if they are
/// in one block, and gives the others copies.
static void copyForInits(Value value) {
  SmallVector<OpOperand *> inits = getInits(value);
  if (inits.size() < 2)
    return;
  Block *block = inits.front()->getOwner()->getBlock();
  if (llvm::all_of(inits, [&](OpOperand *use) {
        return use->getOwner()->getBlock() == block;
      }))
    inits.erase(llvm::max_element(inits, [](OpOperand *a, OpOperand *b) {
      return a->getOwner()->isBeforeInBlock(b->getOwner());
    }));
  auto type = cast<RankedTensorType>(value.getType());
  for (OpOperand *use : inits) {
    OpBuilder builder(use->getOwner());
    Location loc = use->getOwner()->getLoc();
    Value empty = tensor::EmptyOp::create(
        builder, loc, tensor::getMixedSizes(builder, loc, value),
        type.getElementType(), type.getEncoding());
    use->set(linalg::CopyOp::create(builder, loc, value, empty)->getResult(0));
  }
}

namespace {

struct UnshareInitsPass
    : spmmplu::impl::SparseIRUnshareInitsBase<UnshareInitsPass> {
  void runOnOperation() override {
    SmallVector<Operation *> cheap;
    SmallVector<Value> others;
    getOperation()->walk([&](Operation *op) {
      if (isCheap(op) && op->getNumResults() == 1)
        cheap.push_back(op);
      else
        llvm::copy_if(op->getResults(), std::back_inserter(others),
                      llvm::IsaPred<TypedValue<RankedTensorType>>);
    });
    for (Value value : others)
      copyForInits(value);
    // Users first: a cloned fill is one more init of its empty tensor.
    for (Operation *op : llvm::reverse(cheap))
      cloneForInits(op);
  }
};

} // namespace
