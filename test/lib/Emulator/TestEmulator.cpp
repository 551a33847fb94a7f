//===- TestEmulator.cpp - Passes that run the emulator ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEmulator.h"

#include "EmulationJson.h"
#include "PipelineUnderTest.h"
#include "PrintTensor.h"

#include "spmmplu/Emulator/Emulator.h"
#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

static int64_t getCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

/// A tensor of unwritten elements.
static EmulatedTensor makeOutput(Type element, ArrayRef<int64_t> shape) {
  EmulatedTensor tensor;
  tensor.element = element;
  tensor.shape.assign(shape.begin(), shape.end());
  unsigned bits = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  tensor.data.resize(getCount(shape) * ((bits + 7) / 8));
  tensor.isUninitialized = true;
  return tensor;
}

//===----------------------------------------------------------------------===//
// test-emulate
//===----------------------------------------------------------------------===//

namespace {

struct TestEmulatePass : PassWrapper<TestEmulatePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestEmulatePass)

  TestEmulatePass() = default;
  TestEmulatePass(const TestEmulatePass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-emulate"; }
  StringRef getDescription() const override {
    return "Runs @main and prints its arguments with 'test.output'; the others "
           "are 'test.input' or random";
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    auto func = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!func) {
      getOperation().emitError("no function '") << function << "'";
      return signalPassFailure();
    }
    SmallVector<EmulatedTensor> arguments;
    for (unsigned number = 0; number < func.getNumArguments(); ++number) {
      FailureOr<EmulatedTensor> argument = makeArgument(func, number);
      if (failed(argument))
        return signalPassFailure();
      arguments.push_back(std::move(*argument));
    }
    EmulatorOptions options;
    options.maxSteps = maxSteps;
    EmulationJson record(arguments);
    if (json)
      options.onLaunch = [&](const EmulatedLaunch &launch) {
        record.addLaunch(launch);
      };
    if (failed(emulate(getOperation(), function, arguments, options)))
      return signalPassFailure();
    if (json) {
      record.print(func, arguments, llvm::outs());
      llvm::outs().flush();
      return;
    }
    for (auto [number, argument] : llvm::enumerate(arguments))
      if (func.getArgAttr(number, "test.output"))
        print(number, toReferenceTensor(argument));
    llvm::outs().flush();
  }

  FailureOr<EmulatedTensor> makeArgument(func::FuncOp func, unsigned number) {
    Type type = func.getArgumentTypes()[number];
    Type element = getElementTypeOrSelf(type);
    SmallVector<int64_t> shape;
    if (auto memref = dyn_cast<MemRefType>(type))
      for (int64_t extent : memref.getShape())
        shape.push_back(ShapedType::isDynamic(extent) ? dynamic : extent);
    if (!element.isIntOrIndexOrFloat())
      return func.emitError("no values of type ") << type;
    if (func.getArgAttr(number, "test.output"))
      return makeOutput(element, shape);
    FailureOr<ReferenceTensor> tensor = failure();
    if (auto elements =
            func.getArgAttrOfType<ElementsAttr>(number, "test.input")) {
      tensor = mlir::spmmplu::toReferenceTensor(elements);
    } else if (auto integer =
                   func.getArgAttrOfType<IntegerAttr>(number, "test.input")) {
      tensor = ReferenceTensor(shape, true, {0, integer.getInt()});
    } else {
      tensor = randomTensor(shape, seed + number);
      if (!isa<FloatType>(element)) {
        ReferenceTensor integers(shape, /*isInteger=*/true);
        for (int64_t flat = 0; flat < integers.size(); ++flat)
          integers.integers[flat] = int64_t(tensor->reals[flat] * 4);
        tensor = integers;
      }
    }
    FailureOr<EmulatedTensor> argument = failure();
    if (succeeded(tensor))
      argument = toEmulatedTensor(*tensor, element);
    if (failed(argument))
      return func.emitError("no values for argument ") << number;
    return argument;
  }

  void print(size_t number, const ReferenceTensor &tensor) {
    constexpr int64_t kMaxPrinted = 256;
    raw_ostream &os = llvm::outs();
    double sum = 0;
    for (int64_t flat = 0; flat < tensor.size(); ++flat)
      sum += getValue(tensor, flat) * double(1 + flat % 7);
    os << "argument " << number << ": ";
    llvm::interleave(tensor.shape, os, "x");
    os << llvm::format(" weighted sum %.9g", sum);
    printElements(os, tensor, kMaxPrinted, /*digits=*/10);
    os << "\n";
  }

  Option<std::string> function{*this, "function", llvm::cl::init("main"),
                               llvm::cl::desc("The host function")};
  Option<uint64_t> seed{*this, "seed", llvm::cl::init(1),
                        llvm::cl::desc("Seed of the inputs")};
  Option<int64_t> dynamic{*this, "dynamic", llvm::cl::init(5),
                          llvm::cl::desc("Size of dynamic dimensions")};
  Option<int64_t> maxSteps{*this, "max-steps", llvm::cl::init(int64_t(1) << 32),
                           llvm::cl::desc("Budget of instructions")};
  Option<bool> json{*this, "json", llvm::cl::init(false),
                    llvm::cl::desc("Prints launches, inputs and outputs in one "
                                   "line of JSON, bytes in hexadecimal")};
};

//===----------------------------------------------------------------------===//
// test-gpu-equivalence
//===----------------------------------------------------------------------===//

struct TestGPUEquivalencePass
    : PassWrapper<TestGPUEquivalencePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestGPUEquivalencePass)

  TestGPUEquivalencePass() = default;
  TestGPUEquivalencePass(const TestGPUEquivalencePass &other)
      : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-gpu-equivalence"; }
  StringRef getDescription() const override {
    return "Fails if device kernels compute something else than the public "
           "functions that a pipeline made them of";
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    PipelineUnderTest(pipeline).getDependentDialects(registry);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    OwningOpRef<ModuleOp> after = getOperation().clone();
    if (failed(PipelineUnderTest(pipeline).run(*after, getOperation())))
      return signalPassFailure();
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (int64_t size : sizes)
        if (func.isPublic() && !func.isExternal() &&
            failed(check(func, *after, size)))
          return signalPassFailure();
  }

  LogicalResult check(func::FuncOp before, ModuleOp module, int64_t size) {
    FailureOr<SmallVector<ReferenceTensor>> inputs =
        randomInputs(before, size, seed);
    if (failed(inputs))
      return failure();
    FailureOr<SmallVector<ReferenceTensor>> expected =
        Evaluator().evaluate(before, *inputs);
    auto after = module.lookupSymbol<func::FuncOp>(before.getSymName());
    if (failed(expected))
      return failure();
    if (!after)
      return before.emitError("the pipeline removed '")
             << before.getSymName() << "'";
    SmallVector<EmulatedTensor> arguments;
    SmallVector<unsigned> outputs;
    if (failed(makeArguments(after, module, *inputs, *expected, arguments,
                             outputs)))
      return failure();
    if (failed(emulate(module, before.getSymName(), arguments)))
      return before.emitError("cannot emulate '")
             << before.getSymName() << "' after the pipeline";
    double allowed = getTolerance(before, *inputs);
    for (auto [number, output] : llvm::enumerate(outputs))
      if (failed(compare(before, number, (*expected)[number],
                         toReferenceTensor(arguments[output]), allowed)))
        return failure();
    return success();
  }

  /// Inputs, then what results became, then constants that became arguments.
  LogicalResult makeArguments(func::FuncOp after, ModuleOp module,
                              ArrayRef<ReferenceTensor> inputs,
                              ArrayRef<ReferenceTensor> expected,
                              SmallVectorImpl<EmulatedTensor> &arguments,
                              SmallVectorImpl<unsigned> &outputs) {
    auto constants =
        module->getAttrOfType<DictionaryAttr>("sparse_ir.constants");
    for (unsigned n = 0; n < after.getNumArguments(); ++n) {
      Type element = getElementTypeOrSelf(after.getArgumentTypes()[n]);
      FailureOr<EmulatedTensor> argument = failure();
      auto name = after.getArgAttrOfType<StringAttr>(n, "sparse_ir.constant");
      if (n < inputs.size()) {
        argument = toEmulatedTensor(inputs[n], element);
      } else if (name && constants) {
        auto elements = constants.getAs<ElementsAttr>(name.getValue());
        FailureOr<ReferenceTensor> tensor = failure();
        if (elements)
          tensor = mlir::spmmplu::toReferenceTensor(elements);
        if (succeeded(tensor))
          argument = toEmulatedTensor(*tensor, element);
      } else if (outputs.size() < expected.size()) {
        argument = makeOutput(element, expected[outputs.size()].shape);
        outputs.push_back(n);
      }
      if (failed(argument))
        return after.emitError("the pipeline added argument ")
               << n << ", which is no result and no constant of the module";
      arguments.push_back(std::move(*argument));
    }
    if (outputs.size() == expected.size())
      return success();
    return after.emitError("expected ")
           << expected.size() << " results as arguments, found "
           << outputs.size();
  }

  /// Of the coarsest float type among arguments and results one unit in the
  /// last place, twice; and f32's for every term of the longest reduction.
  double getTolerance(func::FuncOp func, ArrayRef<ReferenceTensor> inputs) {
    if (tolerance > 0)
      return tolerance;
    double unit = 0;
    auto add = [&](Type type) {
      if (auto real = dyn_cast<FloatType>(getElementTypeOrSelf(type)))
        unit =
            std::max(unit, std::ldexp(1.0, 1 - int(real.getFPMantissaWidth())));
    };
    llvm::for_each(func.getArgumentTypes(), add);
    llvm::for_each(func.getResultTypes(), add);
    int64_t longest = 1;
    for (const ReferenceTensor &input : inputs)
      for (int64_t extent : input.shape)
        longest = std::max(longest, extent);
    return 2 * unit + double(longest) * 0x1p-24;
  }

  /// The mask of a sparse result: what is outside of it need not be written.
  static std::optional<Mask> getResultMask(func::FuncOp func, size_t number) {
    auto type = dyn_cast<RankedTensorType>(func.getResultTypes()[number]);
    auto sparsity = type ? dyn_cast_or_null<SparsityAttr>(type.getEncoding())
                         : SparsityAttr();
    if (!sparsity || type.getRank() < 2)
      return std::nullopt;
    FailureOr<Mask> mask = sparsity.resolveMask(
        type.getDimSize(type.getRank() - 2), type.getShape().back());
    return succeeded(mask) ? std::optional<Mask>(std::move(*mask))
                           : std::nullopt;
  }

  /// An element may differ by `allowed` of the sum of both magnitudes and the
  /// result's mean magnitude. What is undefined before may be anything.
  LogicalResult compare(func::FuncOp func, size_t number,
                        const ReferenceTensor &expected,
                        const ReferenceTensor &found, double allowed) {
    if (expected.size() != found.size() ||
        expected.isInteger != found.isInteger)
      return func.emitError("result ") << number << " has another type";
    double mean = 0;
    for (double real : expected.reals)
      mean += std::isfinite(real) ? std::fabs(real) : 0;
    mean /= std::max<double>(1, expected.reals.size());
    std::optional<Mask> mask = getResultMask(func, number);
    for (int64_t flat = 0; flat < expected.size(); ++flat) {
      double a = getValue(expected, flat), b = getValue(found, flat);
      double most = expected.isInteger
                        ? 0
                        : allowed * (std::fabs(a) + std::fabs(b) + mean);
      if (mask && std::isnan(b) &&
          !mask->get(flat / mask->cols() % mask->rows(), flat % mask->cols()))
        continue;
      // A NaN that is found fails the comparison of the difference.
      if (std::isnan(a) || a == b || std::fabs(a - b) <= most)
        continue;
      std::string text;
      llvm::raw_string_ostream os(text);
      os << "result " << number << " element " << flat << " of shape ";
      llvm::interleave(expected.shape, os, "x");
      os << llvm::format(": expected %.9g, found %.9g", a, b);
      return func.emitError(text);
    }
    return success();
  }

  Option<std::string> pipeline{*this, "pipeline",
                               llvm::cl::desc("The pipeline to check")};
  ListOption<int64_t> sizes{*this, "sizes",
                            llvm::cl::desc("Sizes of dynamic dimensions"),
                            llvm::cl::list_init<int64_t>({37})};
  Option<uint64_t> seed{*this, "seed", llvm::cl::init(1),
                        llvm::cl::desc("Seed of the inputs")};
  Option<double> tolerance{*this, "tolerance", llvm::cl::init(0),
                           llvm::cl::desc("Relative difference allowed; 0: by "
                                          "types and sizes")};
};

} // namespace

void mlir::spmmplu::registerTestEmulator() {
  PassRegistration<TestEmulatePass>();
  PassRegistration<TestGPUEquivalencePass>();
}
