//===- FoldPlaces.cpp - Values of places into kernels -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FoldPlaces.h"

#include "Remarks.h"

#include "spmmplu/Segmentation/ValueRuns.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::spmmplu;

ExpandOp mlir::spmmplu::findExpand(Value matrix) {
  while (auto cast = matrix.getDefiningOp<tensor::CastOp>())
    matrix = cast.getSource();
  return matrix.getDefiningOp<ExpandOp>();
}

CompressOp mlir::spmmplu::findCompress(Value matrix) {
  while (matrix.hasOneUse()) {
    Operation *user = *matrix.user_begin();
    if (auto compress = dyn_cast<CompressOp>(user))
      return compress;
    if (!isa<tensor::CastOp>(user))
      return {};
    matrix = user->getResult(0);
  }
  return {};
}

static const Intrinsic *getIntrinsic(KernelOp op) {
  return lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
}

static bool isNatural(ElementsAttr panelRows) {
  SmallVector<char> storage;
  ArrayRef<int32_t> rows = getValues<int32_t>(panelRows, storage);
  return llvm::equal(rows, llvm::seq<int32_t>(0, rows.size()));
}

/// Whether the kernel that `op` becomes can read values of places: on GPUs that
/// of listed k, on CPUs that of single rows, to which they are packed, and
/// those that fill cells from them.
static bool readsValues(KernelOp op, bool isPart) {
  auto chains = dyn_cast<ChainsAttr>(op.getTable());
  const Intrinsic *intrinsic = getIntrinsic(op);
  if (!chains || chains.getPhases() != 1 || !intrinsic)
    return false;
  if (intrinsic->unit == IntrinsicUnit::WarpMatrix)
    return chains.getDepth() == 1;
  ValueSource source =
      getValueSource(*intrinsic, chains.getRows(), chains.getDepth(), isPart);
  return source == ValueSource::Cells ||
         (source == ValueSource::Rows && isNatural(chains.getPanelRows()));
}

static bool writesValues(KernelOp op) {
  const Intrinsic *intrinsic = getIntrinsic(op);
  if (!intrinsic)
    return false;
  IntrinsicUnit unit = intrinsic->unit;
  return isa<TilesAttr>(op.getTable()) && !op.hasEpilogue() &&
         !op.getOutMap() && op.getTables().empty() &&
         (unit == IntrinsicUnit::WarpMatrix ||
          unit == IntrinsicUnit::WarpgroupMatrix ||
          unit == IntrinsicUnit::VectorFma ||
          unit == IntrinsicUnit::TileMatrix);
}

namespace {

struct FoldExpand : OpRewritePattern<KernelOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getPackedLhs() || op.getLhsPlaces() || op.getLhsMap() ||
        !op.getTables().empty() || op.getNumResults() != 1)
      return failure();
    ExpandOp expand = findExpand(op.getLhs());
    if (!expand || expand.getSource().getType().getRank() != 1 ||
        !readsValues(op, expand.getPlaces().has_value()))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.getLhsMutable().assign(expand.getSource());
      op.setLhsPlacesAttr(expand.getSourcePlaces());
      if (expand.getPlaces())
        op.setLhsPartAttr(expand.getResultPlaces());
    });
    emitRemark(op, "sparse-ir-eliminate-layout")
        << remark::metric("operand", stringifyRole(Role::Lhs))
        << remark::metric("folded", expand->getName().getStringRef());
    return success();
  }
};

struct FoldCompress : OpRewritePattern<CompressOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CompressOp op,
                                PatternRewriter &rewriter) const override {
    Value matrix = op.getSource();
    while (auto cast = matrix.getDefiningOp<tensor::CastOp>())
      matrix = cast.getSource();
    auto kernel = matrix.getDefiningOp<KernelOp>();
    if (!kernel || findCompress(matrix) != op || op.getType().getRank() != 1 ||
        !writesValues(kernel))
      return failure();
    ArrayRef<int64_t> size = op.getSource().getType().getShape();
    auto tiles = cast<TilesAttr>(kernel.getTable());
    PlaceNumbers numbers(*op.getPlaces().resolveMask(size[0], size[1]));
    if (!getTileRuns(tiles.getTable(size[0], size[1]), numbers))
      return rewriter.notifyMatchFailure(kernel, "its tiles' rows are no runs");
    rewriter.setInsertionPoint(kernel);
    // What the kernel adds to, or leaves alone.
    Value init = kernel.getInit();
    if (init.getType() != op.getSource().getType())
      init = tensor::CastOp::create(rewriter, op.getLoc(),
                                    op.getSource().getType(), init);
    init = CompressOp::create(rewriter, op.getLoc(), op.getType(), init);
    auto folded = cast<KernelOp>(rewriter.clone(*kernel.getOperation()));
    folded.getInitMutable().assign(init);
    folded.getResult(0).setType(op.getType());
    folded.setOutPlacesAttr(op.getPlaces());
    emitRemark(kernel, "sparse-ir-eliminate-layout")
        << remark::metric("operand", stringifyRole(Role::Out))
        << remark::metric("folded", op->getName().getStringRef());
    Value source = op.getSource();
    rewriter.replaceOp(op, folded.getResult(0));
    while (Operation *producer = source.getDefiningOp()) {
      source =
          isa<tensor::CastOp>(producer) ? producer->getOperand(0) : Value();
      rewriter.eraseOp(producer);
      if (!source)
        break;
    }
    return success();
  }
};

} // namespace

void mlir::spmmplu::populateFoldPlacesPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldExpand, FoldCompress>(patterns.getContext());
  CompressOp::getCanonicalizationPatterns(patterns, patterns.getContext());
}
