//===- SplitParts.cpp - A product for each part of a masked lhs -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "FoldPlaces.h"
#include "ProductDescription.h"
#include "Remarks.h"

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Target/Strategy.h"
#include "spmmplu/Target/Target.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSPLITPARTS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// Rows of a GPU's panel by which parts are judged.
static constexpr int32_t kPanelRows = 64;
/// How many times fewer entries all parts together must have: a further part
/// reads the result and writes it again.
static constexpr double kWorth = 1.5;
/// How many times faster all parts together must be by a CPU's model.
static constexpr double kWorthOnCpu = 1.1;

static int64_t countPanelEntries(const Mask &mask, ArrayRef<MaskPart> parts) {
  ChainTableOptions options;
  options.rows = kPanelRows;
  options.rowOrder = chooseRowOrder(mask, options, parts);
  return countEntries(mask, options);
}

/// `tensor`, made right before, with elements of another float type.
static Value castElements(OpBuilder &builder, Location loc, Value tensor,
                          FloatType to) {
  auto type = cast<RankedTensorType>(tensor.getType());
  bool widens = to.getWidth() > type.getElementTypeBitWidth();
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, tensor), to);
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>();
      fill && matchPattern(fill.value(), m_AnyZeroFloat())) {
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(to));
    return linalg::FillOp::create(builder, loc, ValueRange{zero},
                                  ValueRange{empty})
        ->getResult(0);
  }
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(2));
  SmallVector<utils::IteratorType> loops(2, utils::IteratorType::parallel);
  auto body = [&](OpBuilder &nested, Location at, ValueRange elements) {
    Value cast;
    if (widens)
      cast = arith::ExtFOp::create(nested, at, to, elements[0]);
    else
      cast = arith::TruncFOp::create(nested, at, to, elements[0]);
    linalg::YieldOp::create(nested, at, cast);
  };
  return linalg::GenericOp::create(builder, loc, TypeRange{empty.getType()},
                                   ValueRange{tensor}, ValueRange{empty}, maps,
                                   loops, body)
      .getResult(0);
}

namespace {

struct SplitPartsPass
    : mlir::spmmplu::impl::SparseIRSplitPartsBase<SplitPartsPass> {
  using SparseIRSplitPartsBase::SparseIRSplitPartsBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products)
      split(op, *found);
  }

private:
  void split(MatmulOp op, const Target &machine) {
    ExpandOp expand = findExpand(op.getLhs());
    SparsityAttr sparsity = op.getLhsSparsityAttr();
    if (!expand || expand.getPlaces() || !sparsity || op.getOutSparsity() ||
        op.getRhsSparsity() || op.getStrategy() || !op.getGroups().empty() ||
        expand.getSource().getType().getRank() != 1)
      return;
    FailureOr<Mask> mask =
        sparsity.resolveMask(op.getExtent(Axis::I), op.getExtent(Axis::K));
    if (failed(mask))
      return;
    std::vector<MaskPart> parts = sparsity.decompose(*mask);
    llvm::erase_if(parts,
                   [](const MaskPart &part) { return part.mask.none(); });
    int64_t places = 0;
    for (const MaskPart &part : parts)
      places += part.mask.count();
    // (Parts that overlap are orders of the whole.)
    bool isSplit = parts.size() > 1 && places == mask->count();
    bool isWorth = machine.kind == TargetKind::Gpu
                       ? haveFewEntries(op, *mask, parts, isSplit)
                       : areFaster(op, machine, parts, isSplit);
    if (!isSplit || !isWorth)
      return;
    OpBuilder builder(op);
    Value sum = op.getInit();
    auto element = cast<FloatType>(getElementTypeOrSelf(sum.getType()));
    // What is added to the next part's sums is not rounded before. (No kernel
    // of GPUs reads sums of another type than it writes.)
    bool widens = machine.kind == TargetKind::Cpu && element.getWidth() < 32;
    if (widens)
      sum = castElements(builder, op.getLoc(), sum, builder.getF32Type());
    for (const MaskPart &part : parts)
      sum = createPart(builder, op, expand, part, sum);
    if (widens)
      sum = castElements(builder, op.getLoc(), sum, element);
    op.replaceAllUsesWith(sum);
    op.erase();
  }

  /// Whether panels of the parts have far fewer columns than panels of all.
  static bool haveFewEntries(MatmulOp op, const Mask &mask,
                             ArrayRef<MaskPart> parts, bool isSplit) {
    int64_t whole = countPanelEntries(mask, parts), apart = 0;
    for (const MaskPart &part : parts)
      apart += countPanelEntries(part.mask, part);
    bool isWorth = isSplit && double(apart) * kWorth <= double(whole);
    auto remark = emitRemark(op, "sparse-ir-split-parts", isWorth);
    if (!isWorth)
      remark << remark::reason("panels of the parts have too many columns");
    remark << remark::metric("parts", parts.size())
           << remark::metric("entries", apart)
           << remark::metric("entries-of-whole", whole);
    return isWorth;
  }

  /// Whether the model's best strategies for the parts take less time than that
  /// for the whole.
  bool areFaster(MatmulOp op, const Target &machine, ArrayRef<MaskPart> parts,
                 bool isSplit) {
    ProductDescription product(op, machine);
    if (!isSplit || product.obstacle)
      return false;
    product.problem.threads = threads;
    auto whole = chooseStrategy(machine, product.problem);
    if (!whole)
      return false;
    double apart = 0;
    for (const MaskPart &part : parts) {
      auto choice =
          chooseStrategy(machine, describePart(product.problem, machine, part));
      if (!choice)
        return false;
      apart += choice->best.predicted.total;
    }
    double together = whole->best.predicted.total;
    bool isWorth = apart * kWorthOnCpu <= together;
    auto remark = emitRemark(op, "sparse-ir-split-parts", isWorth);
    if (!isWorth)
      remark << remark::reason("the parts are not expected to be faster");
    remark << remark::metric("parts", parts.size())
           << remark::metric("us", apart)
           << remark::metric("us-of-whole", together);
    return isWorth;
  }

  static Value createPart(OpBuilder &builder, MatmulOp op, ExpandOp expand,
                          const MaskPart &part, Value sum) {
    MLIRContext *context = op.getContext();
    std::vector<int32_t> order = part.rowOrder;
    ElementsAttr rows;
    if (int64_t(order.size()) == part.mask.rows())
      rows = getTableElements(context, "rows", {int64_t(order.size())},
                              ArrayRef<int32_t>(order));
    auto sparsity = SparsityAttr::get(
        context, PatternAttr::get(context, **parsePattern("unstructured")),
        MaskAttr::get(context, part.mask), rows, ElementsAttr());
    RankedTensorType type = expand.getType();
    auto matrix =
        RankedTensorType::get(type.getShape(), type.getElementType(), sparsity);
    Value lhs = ExpandOp::create(builder, op.getLoc(), matrix,
                                 expand.getSource(), expand.getSourcePlaces());
    if (op.getLhs().getType() != matrix)
      lhs = tensor::CastOp::create(builder, op.getLoc(), op.getLhs().getType(),
                                   lhs);
    auto product = MatmulOp::create(
        builder, op.getLoc(), sum.getType(), lhs, op.getRhs(), sum, sparsity,
        SparsityAttr(), SparsityAttr(), StrategyAttr(), SelectionAttr());
    return product.getResult();
  }
};

} // namespace
