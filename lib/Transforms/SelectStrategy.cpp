//===- SelectStrategy.cpp - Chooses how a product is computed --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "LayoutMap.h"
#include "Remarks.h"
#include "SpaceMasks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Target/Explain.h"
#include "spmmplu/Target/Strategy.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSELECTSTRATEGY
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static std::optional<Element> getElement(Type type) {
  if (type.isF64())
    return Element::F64;
  if (type.isF32())
    return Element::F32;
  if (type.isBF16())
    return Element::BF16;
  if (type.isF16())
    return Element::F16;
  return std::nullopt;
}

/// The order in which grouping will fill panels, as far as it is known before
/// the strategy is: for panels of a usual height.
static std::vector<int32_t> getRowOrder(MatmulOp op, const Mask &mask,
                                        const Target &machine) {
  std::vector<MaskPart> parts;
  if (SparsityAttr sparsity = op.getSparsity(Role::Lhs))
    parts = sparsity.decompose(mask);
  ChainTableOptions options;
  options.rows = machine.kind == TargetKind::Gpu ? 64 : 8;
  return chooseRowOrder(mask, options, parts);
}

/// Whether the rhs still is a matrix in memory when layout elimination is done:
/// what makes it of another tensor only permutes the axes.
static bool isMatrixInMemory(Value rhs) {
  AffineMap map = AffineMap::getMultiDimIdentityMap(2, rhs.getContext());
  while (auto layout = getLayoutTransformation(rhs.getDefiningOp())) {
    map = simplifyAffineMap(layout->toSource.compose(map));
    rhs = layout->source;
  }
  return map.isPermutation();
}

namespace {

struct SelectStrategyPass
    : mlir::spmmplu::impl::SparseIRSelectStrategyBase<SelectStrategyPass> {
  using SparseIRSelectStrategyBase::SparseIRSelectStrategyBase;

  void runOnOperation() override {
    auto found = lookupTarget(target.getValue());
    if (!found) {
      getOperation()->emitError("in target '")
          << target << "': " << found.error();
      return signalPassFailure();
    }
    if (accumulate != "f32" && accumulate != "f16") {
      getOperation()->emitError("expected accumulate=f32 or f16, found '")
          << accumulate << "'";
      return signalPassFailure();
    }
    StrategyAttr given;
    if (!strategy.empty()) {
      given = dyn_cast_or_null<StrategyAttr>(
          parseAttribute(strategy, &getContext()));
      if (!given) {
        getOperation()->emitError("expected a '#sparse_ir.strategy', found '")
            << strategy << "'";
        return signalPassFailure();
      }
    }
    WalkResult result = getOperation()->walk([&](MatmulOp op) {
      if (given && !op.getStrategy())
        op.setStrategyAttr(given);
      return op.getStrategy() || succeeded(select(op, *found))
                 ? WalkResult::advance()
                 : WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult select(MatmulOp op, const Target &machine) {
    SpaceMasks masks(op);
    ProductProblem problem;
    auto element = getElement(op.getLhs().getType().getElementType());
    bool isStatic = !ShapedType::isDynamic(masks.extent[0]) &&
                    !ShapedType::isDynamic(masks.extent[2]);
    if (!element || !isStatic) {
      emitRemark(op, "sparse-ir-select-strategy", /*taken=*/false)
          << remark::reason("{0}", element ? "the size of the lhs is dynamic"
                                           : "no kernel has this type");
      return success();
    }
    problem.m = masks.extent[0];
    problem.k = masks.extent[2];
    if (!ShapedType::isDynamic(masks.extent[1]))
      problem.n = masks.extent[1];
    problem.element = *element;
    problem.role = masks.out && !masks.lhs ? SparseRole::Out : SparseRole::Lhs;
    Mask full;
    const Mask *mask = problem.role == SparseRole::Out ? &*masks.out
                       : masks.lhs ? &*masks.lhs
                                   : &(full = Mask(problem.m, problem.k, true));
    problem.mask = mask;
    if (problem.role == SparseRole::Lhs)
      problem.rowOrder = getRowOrder(op, *mask, machine);
    problem.constantLhs = matchPattern(op.getLhs(), m_Constant());
    problem.matrixRhs = isMatrixInMemory(op.getRhs());
    problem.threads = threads;
    problem.allowTF32 = allowTF32;
    problem.halfSums = accumulate == "f16";
    auto choice = chooseStrategy(machine, problem);
    if (!choice)
      return op.emitOpError("has no strategy on target '")
             << target << "': " << choice.error();
    apply(op, machine, problem, *choice);
    return success();
  }

  void apply(MatmulOp op, const Target &machine, const ProductProblem &problem,
             const StrategyChoice &choice) {
    bool dense = allowDense && choice.denseWins() &&
                 problem.role == SparseRole::Lhs && op.getLhsSparsity() &&
                 !op.getOutSparsity() && !op.getRhsSparsity();
    const Strategy &best = dense ? choice.dense.strategy : choice.best.strategy;
    MLIRContext *context = op.getContext();
    op.setStrategyAttr(StrategyAttr::get(
        context, StringRef(best.intrinsic->name), best.rows, best.depth,
        best.vectors, best.phase, best.tasks, best.packRhs, best.step,
        best.stages, best.warpsI, best.warpsJ, best.split));
    // Not a decision but its grounds: what reports show.
    Builder builder(context);
    op->setAttr(
        "sparse_ir.predicted_us",
        builder.getDictionaryAttr(
            {builder.getNamedAttr("dense", builder.getF64FloatAttr(
                                               choice.dense.predicted.total)),
             builder.getNamedAttr(
                 "sparse",
                 builder.getF64FloatAttr(choice.best.predicted.total))}));
    if (dense)
      op.setLhsSparsityAttr(SparsityAttr::get(
          context, PatternAttr::get(context, **parsePattern("dense")), {}));
    // Asked for by what runs the pass, which shows it and takes it away.
    if (auto module = op->getParentOfType<ModuleOp>();
        module && module->hasAttr("sparse_ir.explain"))
      op->setAttr("sparse_ir.explanation",
                  builder.getStringAttr(
                      explainChoice(machine, problem, choice, dense)));
    const Candidate *runnerUp = findRunnerUp(choice);
    emitRemark(op, "sparse-ir-select-strategy")
        << remark::metric("chosen", dense ? "dense" : "sparse")
        << remark::metric("strategy", best.str())
        << remark::metric("sparse-us", choice.best.predicted.total)
        << remark::metric("dense-us", choice.dense.predicted.total)
        << remark::metric("density", problem.mask->density())
        << remark::metric("candidates", choice.candidates.size())
        << remark::metric("runner-up",
                          runnerUp ? runnerUp->strategy.str() : "none")
        << remark::metric("runner-up-us",
                          runnerUp ? runnerUp->predicted.total : 0.0)
        << remark::metric("over-runner-up",
                          runnerUp ? runnerUp->predicted.total /
                                         choice.best.predicted.total
                                   : 0.0)
        << remark::metric("over-dense", choice.dense.predicted.total /
                                            choice.best.predicted.total);
  }
};

} // namespace
