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
#include "Remarks.h"

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Target/Target.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSPLITPARTS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// Rows of a panel by which parts are judged.
static constexpr int32_t kPanelRows = 64;
/// How many times fewer entries all parts together must have: a further part
/// reads the result and writes it again.
static constexpr double kWorth = 1.5;

static int64_t countPanelEntries(const Mask &mask, ArrayRef<MaskPart> parts) {
  ChainTableOptions options;
  options.rows = kPanelRows;
  options.rowOrder = chooseRowOrder(mask, options, parts);
  return countEntries(mask, options);
}

namespace {

struct SplitPartsPass
    : mlir::spmmplu::impl::SparseIRSplitPartsBase<SplitPartsPass> {
  using SparseIRSplitPartsBase::SparseIRSplitPartsBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    if (found->kind != TargetKind::Gpu)
      return;
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products)
      split(op);
  }

private:
  static void split(MatmulOp op) {
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
    int64_t whole = countPanelEntries(*mask, parts), apart = 0, places = 0;
    for (const MaskPart &part : parts) {
      apart += countPanelEntries(part.mask, part);
      places += part.mask.count();
    }
    // (Parts that overlap are orders of the whole.)
    if (parts.size() < 2 || places != mask->count() ||
        double(apart) * kWorth > double(whole)) {
      emitRemark(op, "sparse-ir-split-parts", /*taken=*/false)
          << remark::reason("panels of the parts have too many columns")
          << remark::metric("parts", parts.size())
          << remark::metric("entries", apart)
          << remark::metric("entries-of-whole", whole);
      return;
    }
    emitRemark(op, "sparse-ir-split-parts")
        << remark::metric("parts", parts.size())
        << remark::metric("entries", apart)
        << remark::metric("entries-of-whole", whole);
    OpBuilder builder(op);
    Value sum = op.getInit();
    for (const MaskPart &part : parts)
      sum = createPart(builder, op, expand, part, sum);
    op.replaceAllUsesWith(sum);
    op.erase();
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
