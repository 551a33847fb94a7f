//===- SparseIRPlaces.cpp - Values of a mask's places -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerifyTable.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::spmmplu;

static SparsityAttr getSparsity(Value matrix) {
  auto type = cast<RankedTensorType>(matrix.getType());
  return dyn_cast_or_null<SparsityAttr>(type.getEncoding());
}

SparsityAttr CompressOp::getPlaces() { return getSparsity(getSource()); }
SparsityAttr ExpandOp::getResultPlaces() { return getSparsity(getResult()); }
SparsityAttr ExpandOp::getSourcePlaces() {
  return getPlaces() ? getPlacesAttr() : getResultPlaces();
}

/// Of `compress` and `expand`.
static LogicalResult verifyPlaces(Operation *op, RankedTensorType matrix,
                                  RankedTensorType values,
                                  SparsityAttr sparsity) {
  if (!isa_and_nonnull<SparsityAttr>(matrix.getEncoding()))
    return op->emitOpError("expects a tensor with a sparsity, found ")
           << matrix;
  int64_t batch = matrix.getRank() - 2;
  if (batch < 0 || values.getRank() != batch + 1 ||
      matrix.getShape().take_front(std::max<int64_t>(batch, 0)) !=
          values.getShape().drop_back() ||
      matrix.getElementType() != values.getElementType() ||
      values.getEncoding())
    return op->emitOpError("expects values with the matrix' batch and element "
                           "type in one dimension more, found ")
           << values << " beside " << matrix;
  ArrayRef<int64_t> size = matrix.getShape().take_back(2);
  FailureOr<Mask> mask = failure();
  if (!ShapedType::isDynamicShape(size))
    mask = sparsity.resolveMask(size[0], size[1]);
  if (failed(mask))
    return op->emitOpError("expects a sparsity that determines the places of a "
                           "static matrix, found ")
           << matrix;
  if (mask->count() != values.getShape().back())
    return op->emitOpError("expects ")
           << mask->count() << " values, one for each place, found " << values;
  return success();
}

LogicalResult CompressOp::verify() {
  return verifyPlaces(*this, getSource().getType(), getResult().getType(),
                      getPlaces());
}
LogicalResult ExpandOp::verify() {
  RankedTensorType type = getType();
  if (failed(
          verifyPlaces(*this, type, getSource().getType(), getSourcePlaces())))
    return failure();
  if (!getPlaces())
    return success();
  ArrayRef<int64_t> size = type.getShape().take_back(2);
  FailureOr<Mask> part = getResultPlaces().resolveMask(size[0], size[1]);
  if (failed(part))
    return emitOpError("expects a sparsity that determines the places of a "
                       "static matrix, found ")
           << type;
  *part -= *getPlaces()->resolveMask(size[0], size[1]);
  if (!part->none())
    return emitOpError("has ")
           << part->count() << " places that the values do not have";
  return success();
}

OpFoldResult CompressOp::fold(FoldAdaptor) {
  auto expand = getSource().getDefiningOp<ExpandOp>();
  if (expand && !expand.getPlaces() &&
      expand.getSource().getType() == getType())
    return expand.getSource();
  return {};
}

OpFoldResult ExpandOp::fold(FoldAdaptor) {
  auto compress = getSource().getDefiningOp<CompressOp>();
  if (compress && !getPlaces() && compress.getSource().getType() == getType())
    return compress.getSource();
  return {};
}

namespace {

/// What has the same element everywhere has it at the places.
struct CompressFill : OpRewritePattern<CompressOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    Value source = op.getSource();
    while (auto cast = source.getDefiningOp<tensor::CastOp>())
      source = cast.getSource();
    auto fill = source.getDefiningOp<linalg::FillOp>();
    if (!fill && !source.getDefiningOp<tensor::EmptyOp>())
      return failure();
    RankedTensorType type = op.getType();
    SmallVector<OpFoldResult> sizes;
    for (auto [dim, size] : llvm::enumerate(type.getShape()))
      sizes.push_back(ShapedType::isDynamic(size)
                          ? tensor::getMixedSize(rewriter, op.getLoc(), source,
                                                 int64_t(dim))
                          : OpFoldResult(rewriter.getIndexAttr(size)));
    Value values = tensor::EmptyOp::create(rewriter, op.getLoc(), sizes,
                                           type.getElementType());
    if (fill)
      values =
          linalg::FillOp::create(rewriter, op.getLoc(),
                                 ValueRange{fill.value()}, ValueRange{values})
              ->getResult(0);
    rewriter.replaceOp(op, values);
    return success();
  }
};

} // namespace

void CompressOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                             MLIRContext *context) {
  patterns.add<CompressFill>(context);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

SparsityAttr KernelOp::getPlaces(Role role) {
  return role == Role::Lhs   ? getLhsPlacesAttr()
         : role == Role::Out ? getOutPlacesAttr()
                             : SparsityAttr();
}

LogicalResult mlir::spmmplu::verifyKernelPlaces(KernelOp op, Role role) {
  SparsityAttr places = op.getPlaces(role);
  if (!places)
    return success();
  bool fitsTable = role == Role::Lhs ? isa<ChainsAttr>(op.getTable())
                                     : isa<TilesAttr>(op.getTable());
  if (!fitsTable || (role == Role::Lhs && op.getPackedLhs()))
    return op.emitOpError("has values of places as its ")
           << stringifyRole(role) << " with a table or packing of another kind";
  if (role == Role::Lhs ? op.getLhsMap().has_value()
                        : op.getOutMap().has_value())
    return op.emitOpError("has a map of values of places, its ")
           << stringifyRole(role);
  auto [first, second] = getAxes(role);
  int64_t rows = op.getExtent(first), cols = op.getExtent(second);
  FailureOr<Mask> mask = failure();
  if (!ShapedType::isDynamic(rows) && !ShapedType::isDynamic(cols))
    mask = places.resolveMask(rows, cols);
  if (failed(mask))
    return op.emitOpError("expects places of ")
           << stringifyRole(role) << " in a static " << rows << "x" << cols
           << " matrix";
  if (role == Role::Lhs && op.getLhsPart() &&
      failed(op.getLhsPart()->resolveMask(rows, cols)))
    return op.emitOpError("expects a part of a ")
           << rows << "x" << cols << " lhs";
  auto type = cast<ShapedType>(op.getOperandOf(role).get().getType());
  if (!type.hasRank() || type.getRank() != 1 ||
      type.getDimSize(0) != mask->count())
    return op.emitOpError("expects ")
           << mask->count() << " values as its " << stringifyRole(role)
           << ", found " << type;
  return success();
}
