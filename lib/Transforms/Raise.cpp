//===- Raise.cpp - Sparse products to sparse_ir ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "ProductDescription.h"
#include "RaiseProducts.h"

#include "spmmplu/Transforms/ResolveTarget.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRRAISE
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static bool isConvolution(linalg::LinalgOp op) {
  return isa<linalg::Conv2DNhwcHwcfOp, linalg::Conv2DNchwFchwOp>(op);
}

static bool isProduct(linalg::LinalgOp op) {
  return isConvolution(op) || linalg::isaContractionOpInterface(op);
}

/// Whether someone expects the op to be raised.
static bool isMarked(Operation *op) {
  return llvm::any_of(
      std::array{Role::Lhs, Role::Rhs, Role::Out},
      [&](Role role) { return op->hasAttr(getSparsityAttrName(role)); });
}

/// Erases `values`' definitions that nothing uses any more, and theirs, where
/// they are ops that raising folds into new ones: large constants would
/// otherwise be kept twice. No product is among them, others are still to be
/// visited.
static void eraseUnused(SmallVector<Value> values) {
  while (!values.empty()) {
    Value value = values.pop_back_val();
    if (!value.use_empty())
      continue;
    Operation *op = value.getDefiningOp();
    if (!isa_and_nonnull<arith::ConstantOp, tensor::EmptyOp, tensor::CastOp,
                         linalg::FillOp, linalg::TransposeOp>(op))
      continue;
    llvm::append_range(values, op->getOperands());
    // A value occurs as often as an op used it; its definition goes once.
    llvm::erase_if(values, [&](Value v) { return v.getDefiningOp() == op; });
    op->erase();
  }
}

namespace {

struct SparseIRRaisePass
    : mlir::spmmplu::impl::SparseIRRaiseBase<SparseIRRaisePass> {
  using SparseIRRaiseBase::SparseIRRaiseBase;

  void runOnOperation() override {
    machine.reset();
    if (!target.empty()) {
      FailureOr<Target> found = resolveTarget(getOperation(), target);
      if (failed(found))
        return signalPassFailure();
      machine = std::move(*found);
    }
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (isProduct(op) || isMarked(op))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      if (failed(raise(op)))
        return signalPassFailure();
  }

private:
  /// Elements of more bits are multiplied everywhere.
  bool multiplies(Type element) {
    if (!machine || !element.isIntOrFloat() ||
        element.getIntOrFloatBitWidth() != 8)
      return true;
    return llvm::any_of(machine->rates, [&](const IntrinsicRate &rate) {
      return getElement(element) == rate.intrinsic->input;
    });
  }

  std::optional<Target> machine;

  LogicalResult raise(linalg::LinalgOp op) {
    if (!isProduct(op)) {
      remarkMissed(op, "the op is no product");
      return success();
    }
    Type element = getElementTypeOrSelf(op->getOperand(0).getType());
    if (!multiplies(element)) {
      std::string text;
      llvm::raw_string_ostream(text) << element;
      remarkMissed(op, "target '" + target +
                           "' has no kernels for elements of "
                           "type " +
                           text);
      return success();
    }
    OpBuilder builder(op);
    double least = op->hasAttr(kRaiseAttrName) ? 0 : double(minSparsity);
    FailureOr<Value> result = isConvolution(op)
                                  ? raiseConvolution(builder, op, least)
                                  : raiseContraction(builder, op, least);
    if (failed(result))
      return failure();
    if (!*result)
      return success();
    SmallVector<Value> operands(op->getOperands());
    op->getResult(0).replaceAllUsesWith(*result);
    op->erase();
    eraseUnused(operands);
    return success();
  }
};

} // namespace
