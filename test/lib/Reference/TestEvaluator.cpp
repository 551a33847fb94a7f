//===- TestEvaluator.cpp - Passes that run the evaluator -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEvaluator.h"

#include "PipelineUnderTest.h"
#include "PrintTensor.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Reference/Evaluator.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

using Tensors = SmallVector<ReferenceTensor>;

/// The index of a row-major element, "[0, 1]".
static void printIndex(raw_ostream &os, ArrayRef<int64_t> shape, int64_t flat) {
  SmallVector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; flat /= shape[dim])
    index[dim] = flat % shape[dim];
  os << "[";
  llvm::interleaveComma(index, os);
  os << "]";
}

static std::string formatReal(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

//===----------------------------------------------------------------------===//
// test-sparse-ir-evaluate
//===----------------------------------------------------------------------===//

namespace {

struct TestEvaluatePass
    : PassWrapper<TestEvaluatePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestEvaluatePass)

  TestEvaluatePass() = default;
  TestEvaluatePass(const TestEvaluatePass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-sparse-ir-evaluate"; }
  StringRef getDescription() const override {
    return "Prints what each public function returns for random inputs";
  }

  void runOnOperation() override {
    EvaluatorOptions options;
    options.roundResults = round;
    options.maxSteps = maxSteps;
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func.isPublic() || func.isExternal())
        continue;
      FailureOr<Tensors> inputs = randomInputs(func, dynamic, seed);
      if (failed(inputs))
        return signalPassFailure();
      FailureOr<Tensors> results = Evaluator(options).evaluate(func, *inputs);
      if (failed(results))
        return signalPassFailure();
      for (auto [number, result] : llvm::enumerate(*results))
        print(func.getSymName(), number, result);
    }
    llvm::outs().flush();
    markAllAnalysesPreserved();
  }

  void print(StringRef name, size_t number, const ReferenceTensor &tensor) {
    constexpr int64_t kMaxPrinted = 64;
    raw_ostream &os = llvm::outs();
    double sum = 0;
    for (int64_t flat = 0; flat < tensor.size(); ++flat)
      sum += getValue(tensor, flat);
    os << name << "#" << number << ": ";
    llvm::interleave(tensor.shape, os, "x");
    os << (tensor.shape.empty() ? "" : " ") << llvm::format("sum %.6g", sum);
    printElements(os, tensor, kMaxPrinted, /*digits=*/6);
    os << "\n";
  }

  Option<uint64_t> seed{*this, "seed", llvm::cl::init(1),
                        llvm::cl::desc("Seed of the inputs")};
  Option<int64_t> dynamic{*this, "dynamic", llvm::cl::init(5),
                          llvm::cl::desc("Size of dynamic dimensions")};
  Option<bool> round{*this, "round", llvm::cl::init(false),
                     llvm::cl::desc("Round results to their type")};
  Option<int64_t> maxSteps{*this, "max-steps",
                           llvm::cl::init(EvaluatorOptions().maxSteps),
                           llvm::cl::desc("Budget of one evaluation")};
};

//===----------------------------------------------------------------------===//
// test-sparse-ir-equivalence
//===----------------------------------------------------------------------===//

struct TestEquivalencePass
    : PassWrapper<TestEquivalencePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestEquivalencePass)

  TestEquivalencePass() = default;
  TestEquivalencePass(const TestEquivalencePass &other) : PassWrapper(other) {}

  StringRef getArgument() const override {
    return "test-sparse-ir-equivalence";
  }
  StringRef getDescription() const override {
    return "Fails if a pipeline changes what a public function computes";
  }

  /// The pipeline with or without its `builtin.module(...)`. A text with it
  /// must not go into a pass manager on modules: it nests there, and runs on
  /// nothing.
  void getDependentDialects(DialectRegistry &registry) const override {
    PipelineUnderTest(pipeline).getDependentDialects(registry);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    OwningOpRef<ModuleOp> after = getOperation().clone();
    if (failed(PipelineUnderTest(pipeline).run(*after, getOperation())))
      return signalPassFailure();
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal() && failed(check(func, *after)))
        return signalPassFailure();
  }

  LogicalResult check(func::FuncOp before, ModuleOp module) {
    auto after = module.lookupSymbol<func::FuncOp>(before.getSymName());
    if (!after)
      return before.emitError("the pipeline removed '")
             << before.getSymName() << "'";
    FailureOr<Tensors> inputs = randomInputs(before, dynamic, seed);
    if (failed(inputs))
      return failure();
    FailureOr<Tensors> expected = Evaluator().evaluate(before, *inputs);
    if (failed(expected) || failed(addConstants(after, module, *inputs)))
      return failure();
    FailureOr<Tensors> found = Evaluator().evaluate(after, *inputs);
    if (failed(found))
      return before.emitError("cannot evaluate '")
             << before.getSymName() << "' after the pipeline";
    if (expected->size() != found->size())
      return before.emitError("expected ")
             << expected->size() << " results, found " << found->size();
    for (size_t number = 0; number < found->size(); ++number)
      if (failed(
              compare(before, number, (*expected)[number], (*found)[number])))
        return failure();
    return success();
  }

  /// Arguments that the pipeline made of constants
  /// (`sparse-ir-externalize-constants`) take their values from the module.
  LogicalResult addConstants(func::FuncOp after, ModuleOp module,
                             Tensors &inputs) {
    auto constants =
        module->getAttrOfType<DictionaryAttr>("sparse_ir.constants");
    for (unsigned n = inputs.size(); n < after.getNumArguments(); ++n) {
      auto name = after.getArgAttrOfType<StringAttr>(n, "sparse_ir.constant");
      auto elements = name && constants
                          ? constants.getAs<ElementsAttr>(name.getValue())
                          : ElementsAttr();
      FailureOr<ReferenceTensor> tensor = failure();
      if (elements)
        tensor = toReferenceTensor(elements);
      if (failed(tensor))
        return after.emitError("the pipeline added argument ")
               << n << ", which no constant of the module gives";
      inputs.push_back(std::move(*tensor));
    }
    return success();
  }

  /// An element may differ by `tolerance` of the sum of both magnitudes and the
  /// result's mean magnitude: where large terms cancel, the element itself says
  /// nothing about their rounding. What is undefined before may be anything.
  LogicalResult compare(func::FuncOp func, size_t number,
                        const ReferenceTensor &expected,
                        const ReferenceTensor &found) {
    if (expected.shape != found.shape ||
        expected.isInteger != found.isInteger) {
      InFlightDiagnostic error = func.emitError("result ") << number;
      error << ": expected shape (";
      llvm::interleaveComma(expected.shape, error);
      error << "), found (";
      llvm::interleaveComma(found.shape, error);
      return error << ")";
    }
    double mean = 0;
    for (double real : expected.reals)
      mean += std::isfinite(real) ? std::fabs(real) : 0;
    mean /= std::max<double>(1, expected.reals.size());
    for (int64_t flat = 0; flat < expected.size(); ++flat) {
      double a = getValue(expected, flat), b = getValue(found, flat);
      double allowed = expected.isInteger
                           ? 0
                           : tolerance * (std::fabs(a) + std::fabs(b) + mean);
      // A NaN that is found fails the comparison of the difference.
      if (std::isnan(a) || a == b || std::fabs(a - b) <= allowed)
        continue;
      std::string index;
      llvm::raw_string_ostream os(index);
      printIndex(os, expected.shape, flat);
      return func.emitError("result ")
             << number << index << " of '" << func.getSymName()
             << "': expected " << formatReal(a) << ", found " << formatReal(b);
    }
    return success();
  }

  Option<std::string> pipeline{*this, "pipeline",
                               llvm::cl::desc("The pipeline to check")};
  Option<uint64_t> seed{*this, "seed", llvm::cl::init(1),
                        llvm::cl::desc("Seed of the inputs")};
  Option<int64_t> dynamic{*this, "dynamic", llvm::cl::init(5),
                          llvm::cl::desc("Size of dynamic dimensions")};
  Option<double> tolerance{*this, "tolerance", llvm::cl::init(1e-12),
                           llvm::cl::desc("Relative difference allowed")};
};

} // namespace

void mlir::spmmplu::registerTestEvaluator() {
  PassRegistration<TestEvaluatePass>();
  PassRegistration<TestEquivalencePass>();
}
