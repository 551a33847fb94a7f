//===- Epilogue.cpp - What is stored for a sum ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ops of a kernel's epilogue, which are on scalars, become the same ops on
// vectors of sums before these are stored.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// How elements of an operand follow each other along a row of the result.
enum class Along { Same, Consecutive, Apart };

} // namespace

static Along getAlong(const MappedOperand &operand) {
  AffineExpr col = getAffineDimExpr(1, operand.map.getContext());
  int64_t moving = 0, unit = 0;
  for (auto [result, stride] :
       llvm::zip(operand.map.getResults(), operand.strides)) {
    moving += result.isFunctionOfDim(1);
    unit += result == col && isConstantIntValue(stride, 1);
  }
  return moving == 0                ? Along::Same
         : moving == 1 && unit == 1 ? Along::Consecutive
                                    : Along::Apart;
}

/// The operand's numbers for row `row` and the columns of `type`'s lanes from
/// `col` on; a scalar for a scalar `type`.
static Value loadOperand(Emitter &e, const KernelContext &c,
                         const MappedOperand &operand, Type type, Value row,
                         Value col, Value mask) {
  auto vector = dyn_cast<VectorType>(type);
  auto single = [&](Value at) {
    return e.convert(e.load(operand.data, operand.offset(e, row, at)),
                     getElementTypeOrSelf(type));
  };
  Along along = getAlong(operand);
  if (!vector)
    return single(col);
  if (along == Along::Same)
    return e.splat(vector, single(col));
  if (along == Along::Consecutive) {
    VectorType stored =
        vector.clone(getElementTypeOrSelf(operand.data.getType()));
    Value at = operand.offset(e, row, col);
    return e.convert(mask ? e.maskedLoad(stored, operand.data, at, mask)
                          : e.loadVector(stored, operand.data, at),
                     vector);
  }
  // Beyond the last column anything will do: it is not stored.
  Value last = e.sub(c.colExtent, e.index(1)), lanes = e.zero(vector);
  for (int64_t n = 0; n < vector.getNumElements(); ++n)
    lanes = vector::InsertOp::create(
        e.b, e.loc, single(e.min(e.add(col, n), last)), lanes, n);
  return lanes;
}

Value KernelContext::finish(Emitter &e, Value sum, Value row, Value col,
                            Value mask) const {
  if (!op.hasEpilogue())
    return sum;
  Block &body = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  for (auto [at, operand] : llvm::enumerate(epilogue))
    mapping.map(body.getArgument(at + 1),
                loadOperand(e, *this, operand, sum.getType(), row, col, mask));
  auto vector = dyn_cast<VectorType>(sum.getType());
  for (Operation &inner : body.without_terminator()) {
    auto constant = dyn_cast<arith::ConstantOp>(inner);
    if (constant && vector) {
      auto splat = DenseElementsAttr::get(vector.clone(constant.getType()),
                                          constant.getValue());
      mapping.map(constant.getResult(),
                  arith::ConstantOp::create(e.b, e.loc, splat).getResult());
      continue;
    }
    Operation *copy = e.b.clone(inner, mapping);
    if (vector)
      copy->getResult(0).setType(vector.clone(copy->getResult(0).getType()));
  }
  return mapping.lookup(body.getTerminator()->getOperand(0));
}

LogicalResult mlir::spmmplu::expandVectorMath(Operation *root) {
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) {
    if (isa_and_nonnull<math::MathDialect>(op->getDialect()) &&
        isa<VectorType>(op->getResult(0).getType()))
      ops.push_back(op);
  });
  if (ops.empty())
    return success();
  RewritePatternSet patterns(root->getContext());
  math::populateExpansionPatterns(patterns, {"exp2"});
  populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
    return name == math::ExpOp::getOperationName() ||
           name == math::TanhOp::getOperationName() ||
           name == math::ErfOp::getOperationName();
  });
  return applyOpPatternsGreedily(ops, std::move(patterns));
}
