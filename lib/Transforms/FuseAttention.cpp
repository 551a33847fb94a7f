//===- FuseAttention.cpp - Masked attention as one op ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "AttentionPattern.h"
#include "Remarks.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/Pattern/Attention.h"
#include "spmmplu/Target/Attention.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRFUSEATTENTION
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// A strategy and the tables that go with it.
struct AttentionChoice {
  StrategyAttr strategy;
  std::vector<TileTable> parts;
  AttentionPrediction predicted;
};

} // namespace

/// The tables of `parts`, the longest panels first. The first has all rows, as
/// it is what writes those without an element.
static std::vector<TileTable> makeTables(ArrayRef<MaskPart> parts, int32_t rows,
                                         int32_t cols) {
  std::vector<TileTable> tables;
  for (const MaskPart &part : parts) {
    TileTableOptions options;
    options.rows = rows;
    options.cols = cols;
    options.rowOrder = part.rowOrder;
    options.colOrder = part.colOrder;
    options.keepEmpty = tables.empty();
    tables.push_back(buildTileTable(part.mask, options));
    sortLongestFirst(tables.back());
  }
  return tables;
}

/// The strided pattern whose mask a constant spells out; null if there is none.
/// Its last row has every distance: window and stride are read off there.
static PatternRef recognizeStrided(const Mask &mask) {
  if (mask.rows() == 0 || mask.rows() != mask.cols())
    return {};
  int64_t last = mask.rows() - 1, window = 0;
  while (window <= last && mask.get(last, last - window))
    ++window;
  SmallVector<int64_t> beyond;
  for (int64_t distance = last; distance > window && beyond.size() < 2;
       --distance)
    if (mask.get(last, last - distance))
      beyond.push_back(distance);
  if (beyond.empty())
    return {};
  int64_t stride = beyond.size() > 1 ? beyond[0] - beyond[1] : beyond[0];
  for (bool causal : {false, true}) {
    auto pattern = std::make_shared<GSTPattern>(window, stride, causal);
    if (pattern->mask(mask.rows(), mask.cols()) == mask)
      return pattern;
  }
  return {};
}

/// The ways to cut a mask: whole, and as its pattern says.
static std::vector<std::vector<MaskPart>>
getCuts(const AttentionPattern &found) {
  std::vector<std::vector<MaskPart>> cuts = {{{found.mask, {}, {}}}};
  PatternRef pattern = found.sparsity ? found.sparsity.getPattern().getPattern()
                                      : recognizeStrided(found.mask);
  if (!pattern)
    return cuts;
  std::vector<MaskPart> parts;
  for (MaskPart &part : pattern->decompose(found.mask))
    if (!part.mask.none())
      parts.push_back(std::move(part));
  if (!parts.empty())
    cuts.push_back(std::move(parts));
  return cuts;
}

static StrategyAttr getStrategyAttr(MLIRContext *context, const Strategy &s) {
  return StrategyAttr::get(context, StringRef(s.intrinsic->name), s.rows,
                           s.depth, s.vectors, s.phase, s.tasks, s.packRhs,
                           s.step, s.stages, s.warpsI, s.warpsJ, s.split,
                           s.panels, s.cluster);
}

static AttentionProblem getProblem(const AttentionPattern &pattern) {
  auto query = cast<RankedTensorType>(pattern.query.getType());
  auto value = cast<RankedTensorType>(pattern.value.getType());
  AttentionProblem problem;
  for (int64_t size : query.getShape().drop_back(2))
    problem.batch *= ShapedType::isDynamic(size) ? 1 : size;
  problem.rows = pattern.mask.rows();
  problem.cols = pattern.mask.cols();
  problem.depth = query.getShape().back();
  problem.width = value.getShape().back();
  problem.element =
      query.getElementType().isBF16() ? Element::BF16 : Element::F16;
  problem.nonZeros = pattern.mask.count();
  return problem;
}

/// All leading dimensions but the last two as one, if there are several.
static SmallVector<ReassociationIndices> getGroups(int64_t rank) {
  SmallVector<ReassociationIndices> groups;
  if (rank > 2)
    groups.push_back(llvm::to_vector<2>(llvm::seq<int64_t>(0, rank - 2)));
  groups.push_back({rank - 2});
  groups.push_back({rank - 1});
  return groups;
}

/// Builds the op; the value that replaces the second product's result.
static Value createAttention(OpBuilder &builder,
                             const AttentionPattern &pattern,
                             const AttentionChoice &choice) {
  linalg::LinalgOp product = pattern.product;
  Location loc = product.getLoc();
  Type resultType = product->getResult(0).getType();
  int64_t rank = cast<RankedTensorType>(resultType).getRank();
  // What the zeros are written to, without them: every row is overwritten.
  Value init = findFill(product.getDpsInitOperand(0)->get()).output();
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, init);
  auto groups = getGroups(rank);
  auto collapse = [&](Value value) {
    return createCollapse(builder, loc, dropEncoding(builder, loc, value),
                          groups);
  };
  Value out = collapse(init);
  SmallVector<Attribute> parts;
  for (const TileTable &table : choice.parts)
    parts.push_back(TilesAttr::get(builder.getContext(), table));
  auto op = AttentionOp::create(
      builder, loc, TypeRange{out.getType()}, collapse(pattern.query),
      collapse(pattern.key), collapse(pattern.value), ValueRange(), out,
      builder.getArrayAttr(parts), builder.getF64FloatAttr(pattern.scale),
      choice.strategy);
  op->setAttr(
      "sparse_ir.predicted_us",
      builder.getDictionaryAttr(
          {builder.getNamedAttr(
               "fused", builder.getF64FloatAttr(choice.predicted.fused)),
           builder.getNamedAttr("separate", builder.getF64FloatAttr(
                                                choice.predicted.separate))}));
  Value result = createExpand(builder, loc, op.getResult(0), groups, sizes);
  if (result.getType() != resultType)
    result = tensor::CastOp::create(builder, loc, resultType, result);
  return result;
}

/// Erases what is dead from `values` on back.
static void eraseDead(SmallVector<Value> values) {
  while (!values.empty()) {
    Operation *op = values.pop_back_val().getDefiningOp();
    if (!op || !isOpTriviallyDead(op))
      continue;
    SmallVector<Value> operands(op->getOperands());
    // A value is in the list as often as it was used; its definition goes once.
    llvm::erase_if(values, [&](Value v) { return v.getDefiningOp() == op; });
    op->erase();
    llvm::append_range(values, operands);
  }
}

namespace {

struct FuseAttentionPass
    : mlir::spmmplu::impl::SparseIRFuseAttentionBase<FuseAttentionPass> {
  using SparseIRFuseAttentionBase::SparseIRFuseAttentionBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    if (!strategy.empty()) {
      given = dyn_cast_or_null<StrategyAttr>(
          parseAttribute(strategy, &getContext()));
      if (!given) {
        getOperation()->emitError("expected a '#sparse_ir.strategy', found '")
            << strategy << "'";
        return signalPassFailure();
      }
    }
    // CPUs have no kernel for the op.
    if (found->kind != TargetKind::Gpu)
      return;
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (linalg::isaContractionOpInterface(op) && op.hasPureTensorSemantics())
        products.push_back(op);
    });
    // What was fused goes at the end: later matches read it.
    SmallVector<linalg::LinalgOp> fused;
    for (linalg::LinalgOp op : products)
      if (fuse(op, *found))
        fused.push_back(op);
    for (linalg::LinalgOp op : fused) {
      SmallVector<Value> operands(op->getOperands());
      op->erase();
      eraseDead(operands);
    }
  }

private:
  bool leave(Operation *op, StringRef reason) {
    emitRemark(op, "sparse-ir-fuse-attention", /*taken=*/false)
        << remark::reason("{0}", reason);
    return false;
  }

  /// Whether the result of `op` was replaced.
  bool fuse(linalg::LinalgOp op, const Target &machine) {
    AttentionPattern pattern(op);
    if (!pattern.match())
      return false;
    if (!pattern.obstacle.empty())
      return leave(op, pattern.obstacle);
    std::optional<AttentionChoice> choice = choose(pattern, machine);
    if (!choice)
      return leave(op, "the target has no kernel for these operands");
    OpBuilder builder(op);
    Value result = createAttention(builder, pattern, *choice);
    emitRemark(op, "sparse-ir-fuse-attention")
        << remark::metric("density", pattern.mask.density())
        << remark::metric("parts", choice->parts.size())
        << remark::metric("fused-us", choice->predicted.fused)
        << remark::metric("separate-us", choice->predicted.separate);
    op->getResult(0).replaceAllUsesWith(result);
    return true;
  }

  std::optional<AttentionChoice> choose(const AttentionPattern &pattern,
                                        const Target &machine) {
    AttentionProblem problem = getProblem(pattern);
    std::vector<Strategy> strategies = enumerateAttention(machine, problem);
    if (strategies.empty())
      return std::nullopt;
    std::vector<std::vector<MaskPart>> cuts = getCuts(pattern);
    if (given) {
      Strategy s = strategies.front();
      s.rows = given.getRows();
      s.stages = given.getStages();
      s.warpsI = given.getWarpsI();
      strategies = {s};
    }
    std::optional<AttentionChoice> best;
    for (const std::vector<MaskPart> &cut : cuts)
      for (const Strategy &s : strategies) {
        std::vector<TileTable> tables =
            makeTables(cut, s.rows, s.vectors * s.intrinsic->j);
        AttentionPrediction predicted =
            predictAttention(machine, problem, s, tables);
        if (!best || predicted.fused < best->predicted.fused)
          best = {getStrategyAttr(&getContext(), s), std::move(tables),
                  predicted};
      }
    return best;
  }

  StrategyAttr given;
};

} // namespace
