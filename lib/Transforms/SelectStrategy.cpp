//===- SelectStrategy.cpp - Chooses how a product is computed --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "ProductDescription.h"
#include "Remarks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Explain.h"
#include "spmmplu/Target/Selection.h"
#include "spmmplu/Target/SpaceReport.h"
#include "spmmplu/Target/Strategy.h"
#include "spmmplu/Target/Tuning.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSELECTSTRATEGY
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static StrategyAttr getAttr(MLIRContext *context, const Strategy &s) {
  return StrategyAttr::get(context, StringRef(s.intrinsic->name), s.rows,
                           s.depth, s.vectors, s.phase, s.tasks, s.packRhs,
                           s.step, s.stages, s.warpsI, s.warpsJ, s.split,
                           s.panels, s.cluster);
}

static SelectionAttr getAttr(MLIRContext *context, const Selection &selection) {
  SmallVector<Attribute> strategies;
  for (const Strategy &strategy : selection.strategies)
    strategies.push_back(getAttr(context, strategy));
  auto flatten = [&](const std::vector<SelectionRange> &ranges) {
    SmallVector<int64_t> numbers;
    for (const SelectionRange &range : ranges)
      llvm::append_values(numbers, range.from, int64_t(range.strategy));
    return DenseI64ArrayAttr::get(context, numbers);
  };
  return SelectionAttr::get(context, ArrayAttr::get(context, strategies),
                            selection.modulus, flatten(selection.aligned),
                            flatten(selection.others));
}

/// E.g. `0: a (3.2 us), 65: b (20 us)`, with numbers of strategies.
static std::string describe(const std::vector<SelectionRange> &ranges) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(ranges, stream, [&](const SelectionRange &range) {
    stream << range.from << ": " << range.strategy << " ("
           << llvm::format("%.3g", range.micros) << " us)";
  });
  return text;
}

namespace {

/// What is decided about one product.
struct Decision {
  bool isDense = false;
  Strategy strategy; ///< the best single one
  /// Where N is dynamic: for each N.
  std::optional<Selection> selection;
  double sparseMicros = 0, denseMicros = 0;
};

struct SelectStrategyPass
    : mlir::spmmplu::impl::SparseIRSelectStrategyBase<SelectStrategyPass> {
  using SparseIRSelectStrategyBase::SparseIRSelectStrategyBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    if (accumulate != "f32" && accumulate != "f16") {
      getOperation()->emitError("expected accumulate=f32 or f16, found '")
          << accumulate << "'";
      return signalPassFailure();
    }
    if (failed(loadTuning()))
      return signalPassFailure();
    StrategyAttr given;
    if (!strategy.empty()) {
      FailureOr<StrategyAttr> parsed = parseStrategy(*found);
      if (failed(parsed))
        return signalPassFailure();
      given = *parsed;
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
  /// The option's strategy, of an intrinsic for machines of the target's kind.
  FailureOr<StrategyAttr> parseStrategy(const Target &machine) {
    auto given =
        dyn_cast_or_null<StrategyAttr>(parseAttribute(strategy, &getContext()));
    if (!given)
      return getOperation()->emitError(
                 "expected a '#sparse_ir.strategy', found '")
             << strategy << "'";
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(given.getIntrinsic()));
    if (!intrinsic)
      return getOperation()->emitError("the strategy names the intrinsic '")
             << given.getIntrinsic() << "', which is in no table";
    if (isOfGpu(intrinsic) != (machine.kind == TargetKind::Gpu))
      return getOperation()->emitError("the strategy names the intrinsic '")
             << given.getIntrinsic() << "', which target '" << target
             << "' does not have";
    return given;
  }

  LogicalResult loadTuning() {
    measured = Tuning();
    if (tuning.empty())
      return success();
    auto file = llvm::MemoryBuffer::getFile(tuning.getValue());
    if (!file)
      return getOperation()->emitError("cannot read tuning file '")
             << tuning << "': " << file.getError().message();
    auto parsed = Tuning::parse(std::string_view((*file)->getBuffer()));
    if (!parsed)
      return getOperation()->emitError("in tuning file '")
             << tuning << "': " << parsed.error();
    measured = std::move(*parsed);
    return success();
  }

  LogicalResult select(MatmulOp op, const Target &machine) {
    ProductDescription product(op, machine);
    if (product.obstacle) {
      emitRemark(op, "sparse-ir-select-strategy", /*taken=*/false)
          << remark::reason("{0}", product.obstacle);
      return success();
    }
    ProductProblem &problem = product.problem;
    problem.threads = threads;
    problem.allowTF32 = allowTF32;
    problem.halfSums = accumulate == "f16";
    auto choice = chooseStrategy(machine, problem);
    if (!choice)
      return op.emitOpError("has no strategy on target '")
             << target << "': " << choice.error();
    bool mayBeDense = allowDense && problem.role == SparseRole::Lhs &&
                      op.getLhsSparsity() && !op.getOutSparsity() &&
                      !op.getRhsSparsity() && !problem.valuesLhs;
    Decision decision = decide(machine, problem, *choice, mayBeDense);
    apply(op, machine, problem, *choice, decision);
    report(op, machine, problem, *choice, decision);
    if (tuneTop > 0 && !problem.n)
      noteLeading(op, machine, problem, *choice);
    if (dump)
      dumpSpace(machine, problem, *choice, decision);
    return success();
  }

  Decision decide(const Target &machine, const ProductProblem &problem,
                  const StrategyChoice &choice, bool mayBeDense) {
    Decision decision;
    decision.sparseMicros = choice.best.predicted.total;
    decision.denseMicros = choice.dense.predicted.total;
    bool isDynamic = !problem.n && problem.role == SparseRole::Lhs;
    Selection sparse, dense;
    if (isDynamic) {
      SelectionOptions options;
      options.maxStrategies = maxKernels;
      options.measured = measured.find(getProblemKey(machine, problem));
      sparse =
          makeSelection(machine, problem, choice.candidates, false, options);
      options.measured = nullptr;
      dense = makeSelection(machine, problem, choice.denseCandidates, true,
                            options);
      decision.sparseMicros = sparse.meanMicros;
      decision.denseMicros = dense.meanMicros;
    }
    decision.isDense =
        mayBeDense && decision.denseMicros <= decision.sparseMicros;
    decision.strategy =
        decision.isDense ? choice.dense.strategy : choice.best.strategy;
    if (isDynamic)
      decision.selection = decision.isDense ? dense : sparse;
    // One for all N is no selection.
    if (decision.selection && decision.selection->strategies.size() == 1) {
      decision.strategy = decision.selection->strategies[0];
      decision.selection.reset();
    }
    return decision;
  }

  void dumpSpace(const Target &machine, const ProductProblem &problem,
                 const StrategyChoice &choice, const Decision &decision) {
    std::span<const Candidate> listed =
        decision.isDense ? choice.denseCandidates : choice.candidates;
    if (problem.n && tuneTop > 0)
      listed = listed.first(std::min(listed.size(), size_t(tuneTop)));
    llvm::outs() << describeSpace(machine, problem, listed, decision.isDense,
                                  decision.selection.value_or(Selection()));
  }

  /// What is worth measuring, and under which name times are kept.
  void noteLeading(MatmulOp op, const Target &machine,
                   const ProductProblem &problem,
                   const StrategyChoice &choice) {
    Builder builder(op.getContext());
    SmallVector<Attribute> leading;
    for (const Strategy &strategy :
         getLeading(machine, problem, choice.candidates, kTunedColumns,
                    size_t(tuneTop))) {
      leading.push_back(builder.getStringAttr(toWords(strategy)));
      if (dump)
        llvm::outs() << "leading " << toWords(strategy) << "\n";
    }
    op->setAttr(
        "sparse_ir.tune",
        builder.getDictionaryAttr(
            {builder.getNamedAttr(
                 "key", builder.getStringAttr(getProblemKey(machine, problem))),
             builder.getNamedAttr("strategies",
                                  builder.getArrayAttr(leading))}));
  }

  void apply(MatmulOp op, const Target &machine, const ProductProblem &problem,
             const StrategyChoice &choice, const Decision &decision) {
    MLIRContext *context = op.getContext();
    op.setStrategyAttr(getAttr(context, decision.strategy));
    if (decision.selection)
      op.setSelectionAttr(getAttr(context, *decision.selection));
    // Not a decision but its grounds: what reports show.
    Builder builder(context);
    op->setAttr(
        "sparse_ir.predicted_us",
        builder.getDictionaryAttr(
            {builder.getNamedAttr(
                 "dense", builder.getF64FloatAttr(decision.denseMicros)),
             builder.getNamedAttr(
                 "sparse", builder.getF64FloatAttr(decision.sparseMicros))}));
    if (decision.isDense)
      op.setLhsSparsityAttr(SparsityAttr::get(
          context, PatternAttr::get(context, **parsePattern("dense")), {}));
    // Asked for by what runs the pass, which shows it and takes it away.
    auto module = op->getParentOfType<ModuleOp>();
    if (!module || !module->hasAttr("sparse_ir.explain"))
      return;
    std::string text =
        explainChoice(machine, problem, choice, decision.isDense);
    if (decision.selection)
      text += explainSelection(*decision.selection);
    op->setAttr("sparse_ir.explanation", builder.getStringAttr(text));
  }

  void reportSpace(MatmulOp op, const Target &machine,
                   const ProductProblem &problem) {
    if (!op.getContext()->getRemarkEngine())
      return;
    SpaceCounts counts = countSpace(machine, problem);
    auto remark = emitRemark(op, "sparse-ir-select-strategy");
    remark << remark::metric("made", counts.made)
           << remark::metric("over-capacity", counts.overCapacity)
           << remark::metric("misaligned", counts.misaligned);
    for (const SpaceLevel &level : counts.levels)
      remark << remark::metric(level.name, std::to_string(level.left) + " of " +
                                               std::to_string(level.made));
  }

  void report(MatmulOp op, const Target &machine, const ProductProblem &problem,
              const StrategyChoice &choice, const Decision &decision) {
    const Candidate *runnerUp = findRunnerUp(choice);
    emitRemark(op, "sparse-ir-select-strategy")
        << remark::metric("chosen", decision.isDense ? "dense" : "sparse")
        << remark::metric("strategy", decision.strategy.str())
        << remark::metric("sparse-us", decision.sparseMicros)
        << remark::metric("dense-us", decision.denseMicros)
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
        << remark::metric("over-dense",
                          decision.denseMicros / decision.sparseMicros);
    reportSpace(op, machine, problem);
    if (!decision.selection)
      return;
    const Selection &selection = *decision.selection;
    emitRemark(op, "sparse-ir-select-strategy")
        << remark::metric("kernels", selection.strategies.size())
        << remark::metric("layouts", selection.layouts)
        << remark::metric("bytes", selection.packedBytes)
        << remark::metric("further-bytes", selection.extraBytes)
        << remark::metric("not-dominated", selection.kept)
        << remark::metric("mean-regret", selection.meanRegret)
        << remark::metric("worst-regret", selection.worstRegret)
        << remark::metric("modulus", selection.modulus)
        << remark::metric("aligned", describe(selection.aligned))
        << remark::metric("others", describe(selection.others));
    for (auto [number, strategy] : llvm::enumerate(selection.strategies))
      emitRemark(op, "sparse-ir-select-strategy")
          << remark::metric("number", number)
          << remark::metric("strategy", strategy.str());
  }

  Tuning measured;
};

} // namespace
