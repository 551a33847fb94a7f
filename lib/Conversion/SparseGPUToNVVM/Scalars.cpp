//===- Scalars.cpp - What is no matrix product, to LLVM ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scalars.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// Replaces `op` on f32, or on vectors of it, by what `emit` makes of every
/// element's operands.
static LogicalResult
convertElements(Operation *op,
                function_ref<Value(OpBuilder &, ValueRange)> emit) {
  OpBuilder builder(op);
  Type type = op->getResult(0).getType();
  auto vector = dyn_cast<VectorType>(type);
  if (!getElementTypeOrSelf(type).isF32() || (vector && vector.getRank() != 1))
    return op->emitOpError("expects f32 or a vector of it, found ") << type;
  Value result;
  if (!vector) {
    result = emit(builder, op->getOperands());
  } else {
    SmallVector<SmallVector<Value>> operands =
        llvm::map_to_vector(op->getOperands(), [&](Value operand) {
          auto elements =
              vector::ToElementsOp::create(builder, operand.getLoc(), operand);
          return llvm::to_vector_of<Value>(elements.getResults());
        });
    SmallVector<Value> elements;
    for (int64_t n = 0; n < vector.getNumElements(); ++n)
      elements.push_back(emit(
          builder, llvm::map_to_vector(operands, [&](ArrayRef<Value> each) {
            return each[n];
          })));
    result =
        vector::FromElementsOp::create(builder, op->getLoc(), vector, elements);
  }
  op->replaceAllUsesWith(ValueRange(result));
  op->erase();
  return success();
}

static Value callIntrinsic(OpBuilder &builder, Location loc, Type type,
                           StringRef name, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

/// The instruction: upstream calls CUDA's device library. Results below 2^-126
/// are zero.
LogicalResult mlir::spmmplu::convertExp2(math::Exp2Op op) {
  return convertElements(op, [&](OpBuilder &builder, ValueRange operands) {
    return callIntrinsic(builder, op.getLoc(), builder.getF32Type(),
                         "llvm.nvvm.ex2.approx.ftz", operands);
  });
}

/// The instruction, for the same reason.
LogicalResult mlir::spmmplu::convertFma(math::FmaOp op) {
  return convertElements(op, [&](OpBuilder &builder, ValueRange operands) {
    return LLVM::FMAOp::create(builder, op.getLoc(), builder.getF32Type(),
                               operands)
        .getResult();
  });
}

LogicalResult mlir::spmmplu::convertRound(RoundTF32Op op) {
  return convertElements(op, [&](OpBuilder &builder, ValueRange operands) {
    Value bits = callIntrinsic(builder, op.getLoc(), builder.getI32Type(),
                               "llvm.nvvm.f2tf32.rna", operands);
    return LLVM::BitcastOp::create(builder, op.getLoc(), builder.getF32Type(),
                                   bits)
        .getResult();
  });
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

/// LLVM's NVPTX drops the ordering of an atomicrmw, so fences say it.
LogicalResult mlir::spmmplu::convertAtomic(LLVM::AtomicRMWOp op) {
  LLVM::AtomicOrdering ordering = op.getOrdering();
  if (ordering <= LLVM::AtomicOrdering::monotonic)
    return success();
  if (ordering != LLVM::AtomicOrdering::seq_cst)
    ordering = LLVM::AtomicOrdering::acq_rel;
  OpBuilder builder(op);
  StringRef scope = op.getSyncscope().value_or("");
  LLVM::FenceOp::create(builder, op.getLoc(), ordering, scope);
  builder.setInsertionPointAfter(op);
  LLVM::FenceOp::create(builder, op.getLoc(), ordering, scope);
  op.setOrdering(LLVM::AtomicOrdering::monotonic);
  return success();
}

/// To LLVM the intrinsics touch no memory, so that loads could pass them.
LogicalResult mlir::spmmplu::convertGridDependency(NVVM::GriddepcontrolOp op) {
  OpBuilder builder(op);
  StringRef action = NVVM::stringifyGridDepActionKind(op.getKind());
  LLVM::InlineAsmOp::create(
      builder, op.getLoc(), TypeRange(), ValueRange(),
      ("griddepcontrol." + action + ";").str(), "~{memory}",
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
  op.erase();
  return success();
}
