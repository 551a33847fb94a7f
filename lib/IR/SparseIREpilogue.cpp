//===- SparseIREpilogue.cpp - What kernels do to their sums ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::spmmplu;

bool mlir::spmmplu::isEpilogueOp(Operation *op) {
  return isa<arith::AddFOp, arith::CmpFOp, arith::ConstantOp, arith::DivFOp,
             arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp,
             arith::MinNumFOp, arith::MulFOp, arith::NegFOp, arith::SelectOp,
             arith::SubFOp, math::AbsFOp, math::ErfOp, math::ExpOp,
             math::Exp2Op, math::FmaOp, math::TanhOp>(op);
}

AffineMap KernelOp::getEpilogueMap(unsigned operand) {
  return cast<AffineMapAttr>((*getEpilogueMaps())[operand]).getValue();
}

FloatType KernelOp::getSumType() {
  bool isDouble = getElementTypeOrSelf(getRhs().getType()).isF64();
  return isDouble ? FloatType(Float64Type::get(getContext()))
                  : FloatType(Float32Type::get(getContext()));
}

/// The operands and their maps.
static LogicalResult verifyOperands(KernelOp op) {
  size_t maps = op.getEpilogueMaps() ? op.getEpilogueMaps()->size() : 0;
  if (maps != op.getEpilogueOperands().size())
    return op.emitOpError("expects a map for each of the ")
           << op.getEpilogueOperands().size()
           << " operands of its epilogue, found " << maps;
  for (auto [at, operand] : llvm::enumerate(op.getEpilogueOperands())) {
    auto type = cast<ShapedType>(operand.getType());
    AffineMap map = op.getEpilogueMap(at);
    if (!isa<FloatType>(type.getElementType()) || !type.hasRank() ||
        map.getNumDims() != 2 || map.getNumSymbols() ||
        map.getNumResults() != type.getRank())
      return op.emitOpError("expects floats and a map from 2 dimensions for "
                            "operand ")
             << at << " of its epilogue, found " << type << " and "
             << AffineMapAttr::get(map);
  }
  return success();
}

/// (C6)
static LogicalResult verifyBody(KernelOp op) {
  Block &body = op.getEpilogue().front();
  FloatType number = op.getSumType();
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (body.getNumArguments() != op.getEpilogueOperands().size() + 1 ||
      llvm::any_of(body.getArgumentTypes(),
                   [&](Type type) { return type != number; }) ||
      !yield || yield.getValue().getType() != number)
    return op.emitOpError("expects an epilogue that takes the sum and ")
           << op.getEpilogueOperands().size() << " more of " << number
           << " and yields one";
  for (Operation &inner : body.without_terminator())
    for (Type type : inner.getResultTypes())
      if (!isEpilogueOp(&inner) || (type != number && !type.isInteger(1)))
        return inner.emitOpError("is not what an epilogue on ")
               << number << " may hold";
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  if (!hasEpilogue()) {
    if (!getEpilogueOperands().empty() || getEpilogueMaps())
      return emitOpError("has operands of an epilogue, but no epilogue");
    return success();
  }
  auto chains = dyn_cast<ChainsAttr>(getTable());
  if (!chains || chains.getPhases() != 1 || getAccumulate())
    return emitOpError("expects an epilogue with a table of chains of one "
                       "phase, without accumulate");
  if (failed(verifyOperands(*this)))
    return failure();
  return verifyBody(*this);
}
