//===- LayoutMap.cpp - Layout transformations as index maps ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayoutMap.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// The two maps between an expanded and a collapsed shape: `collapse` takes
/// expanded coordinates to collapsed ones, `expand` is its inverse. Only the
/// first dimension of a group may be dynamic.
static std::optional<std::pair<AffineMap, AffineMap>>
getReshapeMaps(RankedTensorType expanded,
               ArrayRef<ReassociationIndices> groups) {
  MLIRContext *context = expanded.getContext();
  SmallVector<AffineExpr> collapse, expand(expanded.getRank());
  for (auto [at, group] : llvm::enumerate(groups)) {
    AffineExpr sum = getAffineConstantExpr(0, context);
    AffineExpr whole = getAffineDimExpr(at, context);
    int64_t stride = 1;
    for (int64_t dim : llvm::reverse(group)) {
      bool outermost = dim == group.front();
      int64_t size = expanded.getDimSize(dim);
      if (!outermost && ShapedType::isDynamic(size))
        return std::nullopt;
      sum = sum + getAffineDimExpr(dim, context) * stride;
      AffineExpr digit = whole.floorDiv(stride);
      expand[dim] = outermost ? digit : digit % size;
      stride *= outermost ? 1 : size;
    }
    collapse.push_back(sum);
  }
  return std::make_pair(
      AffineMap::get(expanded.getRank(), 0, collapse, context),
      AffineMap::get(groups.size(), 0, expand, context));
}

static std::optional<LayoutTransformation> getSlice(tensor::ExtractSliceOp op) {
  // A dropped dimension sits at its offset.
  llvm::SmallBitVector dropped = op.getDroppedDims();
  SmallVector<AffineExpr> exprs;
  unsigned next = 0;
  MLIRContext *context = op.getContext();
  for (auto [dim, offset, stride] :
       llvm::enumerate(op.getStaticOffsets(), op.getStaticStrides())) {
    if (ShapedType::isDynamic(offset) || ShapedType::isDynamic(stride))
      return std::nullopt;
    AffineExpr expr = getAffineConstantExpr(offset, context);
    if (!dropped.test(dim))
      expr = expr + getAffineDimExpr(next++, context) * stride;
    exprs.push_back(expr);
  }
  return LayoutTransformation{op.getSource(), op.getResult(),
                              AffineMap::get(next, 0, exprs, context),
                              AffineMap()};
}

/// A structured op that only yields its one input, a tensor (a fill's is not).
static std::optional<LayoutTransformation> getCopy(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op->getNumResults() != 1 || op.getNumReductionLoops() != 0 ||
      !isa<RankedTensorType>(op.getDpsInputs()[0].getType()))
    return std::nullopt;
  Block *body = op.getBlock();
  if (!llvm::hasSingleElement(*body) ||
      body->getTerminator()->getNumOperands() != 1 ||
      body->getTerminator()->getOperand(0) != body->getArgument(0))
    return std::nullopt;
  AffineMap in = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!out.isPermutation())
    return std::nullopt;
  AffineMap toSource = in.compose(inversePermutation(out));
  AffineMap toResult;
  if (in.isPermutation())
    toResult = out.compose(inversePermutation(in));
  return LayoutTransformation{op.getDpsInputs()[0], op->getResult(0), toSource,
                              toResult};
}

std::optional<LayoutTransformation>
mlir::spmmplu::getLayoutTransformation(Operation *op) {
  if (!op)
    return std::nullopt;
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    auto maps = getReshapeMaps(collapse.getSrcType(),
                               collapse.getReassociationIndices());
    if (!maps)
      return std::nullopt;
    return LayoutTransformation{collapse.getSrc(), collapse.getResult(),
                                maps->second, maps->first};
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    auto maps = getReshapeMaps(expand.getResultType(),
                               expand.getReassociationIndices());
    if (!maps)
      return std::nullopt;
    return LayoutTransformation{expand.getSrc(), expand.getResult(),
                                maps->first, maps->second};
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return getSlice(slice);
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return getCopy(structured);
  return std::nullopt;
}
