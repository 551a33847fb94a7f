//===- EliminateLayout.cpp - Folds layout transformations ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "FoldPlaces.h"
#include "LayoutMap.h"
#include "Remarks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRELIMINATELAYOUT
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// slice > matmul > assign at one position of one table is a contract.
namespace {
struct FoldSlices : OpRewritePattern<AssignOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AssignOp op,
                                PatternRewriter &rewriter) const override {
    auto product = op.getTile().getDefiningOp<linalg::MatmulOp>();
    if (!product || !product->hasOneUse() || product.hasUserDefinedMaps())
      return failure();
    auto sliceOf = [&](Value value, Role role) -> SliceOp {
      auto slice = value.getDefiningOp<SliceOp>();
      return slice && slice.getRole() == role &&
                     slice.getTable() == op.getTable() &&
                     slice.getPosition() == op.getPosition()
                 ? slice
                 : SliceOp();
    };
    SliceOp lhs = sliceOf(product.getInputs()[0], Role::Lhs);
    SliceOp rhs = sliceOf(product.getInputs()[1], Role::Rhs);
    SliceOp out = sliceOf(product.getOutputs()[0], Role::Out);
    if (!lhs || !rhs || !out || out.getSource() != op.getDest())
      return failure();
    RankedTensorType a = lhs.getSource().getType(),
                     b = rhs.getSource().getType(), c = op.getDest().getType();
    auto known = [](int64_t x, int64_t y) {
      int64_t size = ShapedType::isDynamic(x) ? y : x;
      return ShapedType::isDynamic(size) ? -1 : size;
    };
    int64_t extents[] = {known(a.getDimSize(0), c.getDimSize(0)),
                         known(b.getDimSize(1), c.getDimSize(1)),
                         known(a.getDimSize(1), b.getDimSize(0))};
    rewriter.replaceOpWithNewOp<ContractOp>(
        op, c, lhs.getSource(), rhs.getSource(), op.getDest(), op.getPosition(),
        op.getTable(), rewriter.getDenseI64ArrayAttr(extents), AffineMapAttr(),
        AffineMapAttr(), AffineMapAttr());
    return success();
  }
};

/// A layout transformation before an operand becomes part of its map.
template <typename OpTy> struct FoldProducer : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    for (Role role : {Role::Lhs, Role::Rhs}) {
      if (isPacked(op) && role == Role::Lhs)
        continue;
      OpOperand &operand = op.getOperandOf(role);
      auto layout = getLayoutTransformation(operand.get().getDefiningOp());
      if (!layout || hidesExtent(op, role) ||
          isBehindPadding(op, role, *layout))
        continue;
      emitRemark(op, "sparse-ir-eliminate-layout")
          << remark::metric("operand", stringifyRole(role))
          << remark::metric(
                 "folded",
                 operand.get().getDefiningOp()->getName().getStringRef());
      rewriter.modifyOpInPlace(op, [&] {
        op.setMap(role,
                  simplifyAffineMap(layout->toSource.compose(op.getMap(role))));
        operand.set(layout->source);
      });
      return success();
    }
    return failure();
  }

  /// Whether folding a slice would leave an extent to be read off its source,
  /// which is larger.
  static bool hidesExtent(OpTy op, Role role) {
    auto [first, second] = getAxes(role);
    return op.getOperandOf(role)
               .get()
               .template getDefiningOp<tensor::ExtractSliceOp>() &&
           (ShapedType::isDynamic(op.getExtent(first)) ||
            ShapedType::isDynamic(op.getExtent(second)));
  }
  /// Coordinates in padding have no digits: only a permutation maps them.
  static bool isBehindPadding(OpTy op, Role role,
                              const LayoutTransformation &layout) {
    return role == Role::Rhs && isPadded(op) &&
           !layout.toSource.isPermutation();
  }
  static bool isPadded(ContractOp) { return false; }
  static bool isPadded(KernelOp op) { return op->hasAttr("rhs_padded"); }
  static bool isPacked(ContractOp) { return false; }
  static bool isPacked(KernelOp op) {
    return op.getPackedLhs() || op.getLhsPlaces();
  }
};

/// Zeros around the rhs of a kernel for GPUs become coordinates outside of it:
/// no padded copy is made. CPUs, which read vectors, keep the copy.
struct FoldPadding : OpRewritePattern<KernelOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getRhs().getDefiningOp<tensor::PadOp>();
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    if (!pad || !isOfGpu(intrinsic) || !isa<ChainsAttr>(op.getTable()))
      return failure();
    Value value = pad.getConstantPaddingValue();
    ArrayRef<int64_t> low = pad.getStaticLow(), high = pad.getStaticHigh();
    auto isNatural = [](int64_t size) { return size >= 0; };
    if (!value || !matchPattern(value, m_AnyZeroFloat()) ||
        !llvm::all_of(low, isNatural) || !llvm::all_of(high, isNatural) ||
        ShapedType::isDynamic(op.getExtent(Axis::J)) ||
        ShapedType::isDynamic(op.getExtent(Axis::K)))
      return failure();
    AffineMap map = op.getMap(Role::Rhs);
    SmallVector<AffineExpr> shifted;
    for (auto [expr, by] : llvm::zip(map.getResults(), low))
      shifted.push_back(expr - by);
    emitRemark(op, "sparse-ir-eliminate-layout")
        << remark::metric("operand", stringifyRole(Role::Rhs))
        << remark::metric("folded", pad->getName().getStringRef());
    rewriter.modifyOpInPlace(op, [&] {
      op.setMap(Role::Rhs, AffineMap::get(2, 0, shifted, op.getContext()));
      op->setAttr("rhs_padded", rewriter.getUnitAttr());
      op.getRhsMutable().assign(pad.getSource());
    });
    return success();
  }
};

/// A layout transformation that is the only use of a kernel's result becomes
/// part of its output map. Needs an init whose contents are not read: it is
/// replaced by one of the other shape.
struct FoldConsumer : OpRewritePattern<KernelOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(KernelOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() != 1 || op.getAccumulate() ||
        !isa<ChainsAttr>(op.getTable()) || !op.getResult(0).hasOneUse())
      return failure();
    Operation *user = *op.getResult(0).getUsers().begin();
    auto layout = getLayoutTransformation(user);
    if (!layout || !layout->toResult || layout->source != op.getResult(0))
      return failure();
    auto type = cast<RankedTensorType>(layout->result.getType());
    SmallVector<OpFoldResult> sizes;
    if (!type.hasStaticShape()) {
      // The sizes of the transformed result, from the kernel's own init.
      AffineMap toSource = layout->toSource;
      if (!toSource.isPermutation())
        return failure();
    }
    rewriter.setInsertionPoint(op);
    AffineMap toResult = layout->toResult;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim)) {
        sizes.push_back(rewriter.getIndexAttr(type.getDimSize(dim)));
        continue;
      }
      unsigned source = toResult.getDimPosition(dim);
      sizes.push_back(
          tensor::DimOp::create(rewriter, op.getLoc(), op.getInit(), source)
              .getResult());
    }
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), sizes,
                                         type.getElementType());
    auto folded = cast<KernelOp>(rewriter.clone(*op.getOperation()));
    folded.getInitMutable().assign(init);
    folded.getResult(0).setType(type);
    folded.setMap(Role::Out,
                  simplifyAffineMap(toResult.compose(op.getMap(Role::Out))));
    emitRemark(op, "sparse-ir-eliminate-layout")
        << remark::metric("operand", "out")
        << remark::metric("folded", user->getName().getStringRef());
    rewriter.replaceOp(user, folded.getResult(0));
    rewriter.eraseOp(op);
    return success();
  }
};

/// A permutation before an input of a structured op becomes part of that
/// input's indexing map.
struct FoldIntoStructured : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    // A copy folds into its consumer, not its producer into it.
    if (!op.hasPureTensorSemantics() || getLayoutTransformation(op))
      return failure();
    for (OpOperand *operand : op.getDpsInputOperands()) {
      // The loops' bounds come from the operands: a slice must keep its own.
      Operation *producer = operand->get().getDefiningOp();
      auto layout = getLayoutTransformation(producer);
      if (!layout || isa<tensor::ExtractSliceOp>(producer) ||
          !layout->toSource.isProjectedPermutation())
        continue;
      AffineMap map =
          layout->toSource.compose(op.getMatchingIndexingMap(operand));
      if (!map.isProjectedPermutation())
        continue;
      FailureOr<linalg::GenericOp> generic = generalize(op, rewriter);
      if (failed(generic))
        return failure();
      unsigned at = operand->getOperandNumber();
      SmallVector<AffineMap> maps = generic->getIndexingMapsArray();
      maps[at] = map;
      if (!concatAffineMapsCoverLoops(maps))
        return failure();
      rewriter.modifyOpInPlace(*generic, [&] {
        generic->getOperation()->setOperand(at, layout->source);
        generic->setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
      });
      return success();
    }
    return failure();
  }

private:
  static FailureOr<linalg::GenericOp> generalize(linalg::LinalgOp op,
                                                 PatternRewriter &rewriter) {
    if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
      return generic;
    return linalg::generalizeNamedOp(rewriter, op);
  }
  /// The loops' bounds must still follow from the operands' shapes.
  static bool concatAffineMapsCoverLoops(ArrayRef<AffineMap> maps) {
    return bool(
        inversePermutation(concatAffineMaps(maps, maps.front().getContext())));
  }
};

struct EliminateLayoutPass
    : mlir::spmmplu::impl::SparseIREliminateLayoutBase<EliminateLayoutPass> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<FoldSlices, FoldProducer<ContractOp>, FoldProducer<KernelOp>,
                 FoldPadding, FoldConsumer, FoldIntoStructured>(context);
    populateFoldPlacesPatterns(patterns);
    // Reshapes and slices around structured ops, and successive ones.
    linalg::ControlFusionFn always = [](OpOperand *) { return true; };
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, always);
    linalg::populateBubbleUpExtractSliceOpPatterns(patterns);
    tensor::populateMergeConsecutiveInsertExtractSlicePatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    linalg::TransposeOp::getCanonicalizationPatterns(patterns, context);
    // A size read off a result is another use, which would keep it as it is.
    tensor::DimOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
  }
};
} // namespace
