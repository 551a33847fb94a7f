//===- Compiler.cpp - From a program to a package --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Package/Compiler.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/Pipelines/Pipelines.h"
#include "spmmplu/Runtime/Package.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"

#include <cstring>

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::DType;
using ::spmmplu::Extent;
using ::spmmplu::MatrixSpec;

static FailureOr<DType> getDType(Type type) {
  if (type.isF64())
    return DType::F64;
  if (type.isF32())
    return DType::F32;
  if (type.isF16())
    return DType::F16;
  if (type.isBF16())
    return DType::BF16;
  if (type.isInteger(64))
    return DType::I64;
  if (type.isInteger(32))
    return DType::I32;
  if (type.isInteger(16))
    return DType::I16;
  if (type.isInteger(8))
    return DType::I8;
  if (type.isInteger(1))
    return DType::Bool;
  return failure();
}

/// Asks sparse-ir-select-strategy for explanations.
static constexpr StringLiteral kExplainAttr = "sparse_ir.explain";

namespace {

/// Reads the manifest off the IR as it passes by.
class ManifestBuilder {
public:
  ManifestBuilder(ModuleOp module, ::spmmplu::Manifest &manifest)
      : module(module), manifest(manifest) {}

  /// After phase sparse-ir: what was decided.
  void readDecisions() {
    ProductCounter products;
    module.walk([&](MatmulOp op) {
      auto [product, number] = products.count(op);
      std::string prefix = "product" + std::to_string(product) + ".";
      if (number > 0) {
        if (StrategyAttr strategy = op.getStrategyAttr())
          report(prefix + "strategy" + std::to_string(number),
                 describe(strategy));
        return;
      }
      report(prefix + "shape", describeShape(op));
      MaskAttr mask;
      if (SparsityAttr sparsity = op.getLhsSparsityAttr()) {
        report(prefix + "pattern", sparsity.getPattern().getText().str());
        mask = sparsity.getMask();
      }
      // Where dense was chosen there is no mask; the weights are as they were.
      if (std::optional<double> density =
              mask ? mask.getMask().density() : measureDensity(op.getLhs()))
        manifest.report[prefix + "density"] = *density;
      if (StrategyAttr strategy = op.getStrategyAttr())
        report(prefix + "strategy", describe(strategy));
      reportPrediction(prefix, op);
      manifest.report[prefix + "metaOps"] = countMetaOps(op);
    });
    int64_t attention = 0;
    module.walk([&](AttentionOp op) {
      std::string prefix = "attention" + std::to_string(attention++) + ".";
      report(prefix + "strategy", describe(op.getStrategy()));
      manifest.report[prefix + "parts"] = int64_t(op.getParts().size());
      int64_t tiles = 0;
      for (Attribute part : op.getParts())
        tiles += cast<TilesAttr>(part).getNumPositions();
      manifest.report[prefix + "tiles"] = tiles;
      reportPrediction(prefix, op);
    });
  }

  /// After phase sparse-ir: takes the explanations away.
  std::string takeExplanations() {
    std::string text;
    module->removeAttr(kExplainAttr);
    ProductCounter products;
    module.walk([&](MatmulOp op) {
      auto [product, number] = products.count(op);
      std::string label = "product" + std::to_string(product) + ": ";
      auto why =
          dyn_cast_or_null<StringAttr>(op->removeAttr("sparse_ir.explanation"));
      if (why && number == 0)
        text += label + why.getValue().str();
    });
    return text;
  }

  /// After phase kernels: arguments, and the matrices that were packed.
  LogicalResult readKernels(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments())
      if (failed(readArgument(function, argument)))
        return failure();
    ProductCounter products;
    function.walk([&](KernelOp op) {
      if (op.getPackedLhs())
        readMatrix(function, op, products.count(op).first);
    });
    return success();
  }

private:
  /// Numbers the products as they are met, and the strategies of each.
  struct ProductCounter {
    int64_t products = 0, strategies = 0;
    Operation *current = nullptr; ///< the switch of the latest one

    std::pair<int64_t, int64_t> count(Operation *op) {
      Operation *choice = op->getParentOp();
      while (choice && !choice->hasAttr(kProductAttrName))
        choice = choice->getParentOp();
      if (!choice || choice != current) {
        ++products;
        strategies = 0;
      }
      current = choice;
      return {products - 1, strategies++};
    }
  };

  void report(const std::string &key, std::string value) {
    manifest.report[key] = std::move(value);
  }

  void reportPrediction(const std::string &prefix, Operation *op) {
    if (auto predicted =
            op->getAttrOfType<DictionaryAttr>("sparse_ir.predicted_us"))
      for (NamedAttribute entry : predicted)
        manifest.report[prefix + "predictedUs." + entry.getName().str()] =
            cast<FloatAttr>(entry.getValue()).getValueAsDouble();
  }

  /// The fraction of non-zeros of a constant; nothing for anything else.
  static std::optional<double> measureDensity(Value value) {
    ElementsAttr elements;
    SmallVector<char> storage;
    if (!matchPattern(value, m_Constant(&elements)) ||
        !isa<FloatType>(elements.getElementType()))
      return std::nullopt;
    FailureOr<ArrayRef<char>> raw = getRawElements(elements, storage);
    size_t width = elements.getElementType().getIntOrFloatBitWidth() / 8;
    if (failed(raw) || raw->empty() || width == 0)
      return std::nullopt;
    int64_t nonZeros = 0;
    for (size_t at = 0; at + width <= raw->size(); at += width) {
      // The last byte has the sign, which zeros may have too.
      uint64_t bits = 0;
      std::memcpy(&bits, raw->data() + at, width);
      nonZeros += (bits & ~(uint64_t(1) << (8 * width - 1))) != 0;
    }
    return double(nonZeros) / double(raw->size() / width);
  }

  static std::string describeShape(MatmulOp op) {
    std::string text;
    for (Axis axis : {Axis::I, Axis::J, Axis::K}) {
      int64_t extent = op.getExtent(axis);
      text += (text.empty() ? "" : "x") +
              (ShapedType::isDynamic(extent) ? "?" : std::to_string(extent));
    }
    return text;
  }

  static std::string describe(StrategyAttr strategy) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    stream << strategy.getIntrinsic() << " " << strategy.getRows() << "x"
           << strategy.getVectors() << "v x" << strategy.getDepth();
    if (strategy.getPhase())
      stream << ", phase " << strategy.getPhase();
    if (strategy.getPackRhs())
      stream << ", packed rhs";
    return text;
  }

  static int64_t countMetaOps(MatmulOp op) {
    int64_t count = 0;
    op.walk([&](Operation *inner) {
      if (auto metaOps = dyn_cast<MetaOpsOp>(inner)) {
        auto chains = dyn_cast<ChainsAttr>(metaOps.getTable());
        count += chains ? chains.getEntries().getNumElements()
                        : metaOps.getTable().getNumPositions();
      } else if (isa<MetaOpOp>(inner)) {
        ++count;
      }
    });
    return count;
  }

  LogicalResult readArgument(func::FuncOp function, BlockArgument argument) {
    unsigned number = argument.getArgNumber();
    if (auto name = function.getArgAttrOfType<StringAttr>(
            number, "sparse_ir.constant")) {
      manifest.program.constants.push_back(name.str());
      return success();
    }
    auto type = dyn_cast<ShapedType>(argument.getType());
    FailureOr<DType> dtype =
        type ? getDType(type.getElementType()) : FailureOr<DType>(failure());
    if (failed(dtype))
      return function.emitOpError("argument ")
             << number << " of type " << argument.getType()
             << " cannot be passed to a package, expected a tensor of floats "
                "or integers";
    bool isResult = bool(function.getArgAttr(number, "sparse_ir.result"));
    auto &specs = isResult ? manifest.program.outputs : manifest.program.inputs;
    auto given =
        function.getArgAttrOfType<StringAttr>(number, "sparse_ir.name");
    std::string name =
        given ? given.str()
              : (isResult ? "out" : "in") + std::to_string(specs.size());
    ::spmmplu::TensorSpec spec{name, *dtype, {}};
    auto dims = function.getArgAttrOfType<ArrayAttr>(number, "sparse_ir.dims");
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      auto symbol = dims ? dyn_cast<StringAttr>(dims[dim]) : StringAttr();
      spec.shape.push_back(symbol ? Extent::dynamic(symbol.str())
                                  : Extent::fixed(type.getDimSize(dim)));
    }
    specs.push_back(std::move(spec));
    return success();
  }

  /// The name of a constant operand; every packed kernel's are arguments.
  static std::string getName(func::FuncOp function, Value value) {
    unsigned number = cast<BlockArgument>(value).getArgNumber();
    return function.getArgAttrOfType<StringAttr>(number, "sparse_ir.constant")
        .str();
  }

  static ::spmmplu::ValueLayout getLayout(IntrinsicUnit unit) {
    switch (unit) {
    case IntrinsicUnit::VectorFma:
    case IntrinsicUnit::WarpFma:
      return ::spmmplu::ValueLayout::kMajor;
    case IntrinsicUnit::TileMatrix:
      return ::spmmplu::ValueLayout::rowMajor;
    case IntrinsicUnit::WarpMatrix:
      return ::spmmplu::ValueLayout::fragment;
    case IntrinsicUnit::WarpgroupMatrix:
      return ::spmmplu::ValueLayout::warpgroup;
    }
    llvm_unreachable("every unit has a layout");
  }

  /// A product's strategies may share what is packed. What is packed otherwise
  /// is another form of the product's matrix.
  void readMatrix(func::FuncOp function, KernelOp op, int64_t product) {
    std::string values = getName(function, op.getLhs());
    auto isKnown = [&](const MatrixSpec &known) {
      return known.values == values &&
             known.entries == getName(function, op.getTables()[2]);
    };
    if (llvm::any_of(manifest.matrices, isKnown))
      return;
    auto chains = cast<ChainsAttr>(op.getTable());
    MatrixSpec matrix;
    matrix.name = "w" + std::to_string(product);
    auto isForm = [&](const MatrixSpec &known) {
      return known.name == matrix.name || known.of == matrix.name;
    };
    if (int64_t forms = llvm::count_if(manifest.matrices, isForm)) {
      matrix.of = matrix.name;
      matrix.name += "." + std::to_string(forms);
    }
    matrix.rows = op.getExtent(Axis::I);
    matrix.cols = op.getExtent(Axis::K);
    std::string prefix = "product" + std::to_string(product) + ".";
    auto pattern = manifest.report.find(prefix + "pattern");
    matrix.pattern = pattern == manifest.report.end()
                         ? "dense"
                         : std::get<std::string>(pattern->second);
    auto density = manifest.report.find(prefix + "density");
    matrix.density = density == manifest.report.end()
                         ? 1.0
                         : std::get<double>(density->second);
    matrix.panel = chains.getRows();
    matrix.depth = chains.getDepth();
    matrix.phases = chains.getPhases();
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    matrix.layout = getLayout(intrinsic->unit);
    if (intrinsic->sparse)
      matrix.metadata = getName(function, op.getTables()[4]);
    matrix.panelRows = getName(function, op.getTables()[0]);
    matrix.chainPtr = getName(function, op.getTables()[1]);
    matrix.entries = getName(function, op.getTables()[2]);
    matrix.values = std::move(values);
    manifest.matrices.push_back(std::move(matrix));
  }

  ModuleOp module;
  ::spmmplu::Manifest &manifest;
};

} // namespace

static LogicalResult runPhase(ModuleOp module,
                              function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  build(pm);
  return pm.run(module);
}

/// The one function that the package is made of.
static FailureOr<func::FuncOp> getProgram(ModuleOp module) {
  func::FuncOp program;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    if (program)
      return function.emitOpError("is a second public function, '@")
             << program.getName() << "' is the first: a package has one";
    program = function;
  }
  if (!program)
    return module.emitError("expected a public function with a body");
  return program;
}

/// What the machine must have: the target's features, those of tile matrices
/// only if a kernel uses them (vectors are everywhere in the code).
static std::vector<std::string>
getFeatures(const Target &target, const ::spmmplu::Manifest &manifest) {
  bool usesTiles =
      llvm::any_of(manifest.matrices, [](const MatrixSpec &matrix) {
        return matrix.layout == ::spmmplu::ValueLayout::rowMajor;
      });
  std::vector<std::string> features;
  for (const std::string &feature : target.features())
    if (feature[0] == '+' &&
        (usesTiles || !StringRef(feature).starts_with("+amx")))
      features.push_back(feature.substr(1));
  return features;
}

LogicalResult mlir::spmmplu::decide(ModuleOp module,
                                    const CompileOptions &options) {
  ProgramOptions pipeline;
  pipeline.target = options.target;
  pipeline.threads = options.threads;
  pipeline.policy = options.policy;
  pipeline.allowDense = options.allowDense;
  pipeline.minSparsity = options.minSparsity;
  pipeline.allowTF32 = options.allowTF32;
  pipeline.accumulate = options.accumulate;
  pipeline.strategy = options.strategy;
  pipeline.maxKernels = options.maxKernels;
  pipeline.tuning = options.tuning;
  pipeline.tuneTop = options.tuneTop;
  pipeline.dumpStrategies = options.dumpStrategies;
  return runPhase(module,
                  [&](OpPassManager &pm) { buildSparseIRPhase(pm, pipeline); });
}

/// The phases up to kernels; `afterDecisions` sees phase sparse-ir's result.
static LogicalResult lowerToKernels(ModuleOp module,
                                    const CompileOptions &options,
                                    function_ref<void()> afterDecisions) {
  if (failed(decide(module, options)))
    return failure();
  afterDecisions();
  return runPhase(module, [&](OpPassManager &pm) {
    buildMetaDFGPhase(pm);
    buildKernelPhase(pm, options.target);
  });
}

LogicalResult mlir::spmmplu::lowerToKernels(ModuleOp module,
                                            const CompileOptions &options) {
  return ::lowerToKernels(module, options, [] {});
}

bool mlir::spmmplu::isGpuTarget(const Target &target) {
  return StringRef(target.name).starts_with("sm_");
}

static LogicalResult compileForCpu(ModuleOp module, StringRef function,
                                   const Target &target,
                                   CompiledProgram &program) {
  if (failed(runPhase(module, [](OpPassManager &pm) {
        buildBufferPhase(pm);
        buildLoopPhase(pm);
        buildLLVMPhase(pm);
      })))
    return failure();
  FailureOr<std::string> object =
      emitCode(module, function, target, CodeKind::Object);
  if (failed(object))
    return failure();
  program.object = std::move(*object);
  program.manifest.kernels.push_back({"x86_64",
                                      getFeatures(target, program.manifest),
                                      "kernel.cpu", kEntryName});
  return success();
}

/// What ptxas says goes into the report.
static void reportKernels(CompiledProgram &program) {
  auto &report = program.manifest.report;
  for (const KernelReport &kernel : program.device.kernels) {
    std::string prefix = "device." + kernel.name + ".";
    report[prefix + "registers"] = kernel.registers;
    report[prefix + "spillBytes"] =
        kernel.spillStoreBytes + kernel.spillLoadBytes;
    report[prefix + "warnings"] = int64_t(kernel.warnings.size());
  }
}

static LogicalResult compileForGpu(ModuleOp module, StringRef function,
                                   const Target &target,
                                   CompiledProgram &program) {
  if (failed(runPhase(module, [](OpPassManager &pm) {
        buildBufferPhase(pm);
        buildDevicePhase(pm);
      })))
    return failure();
  program.chip = target.name;
  FailureOr<DeviceCode> device = emitDevice(module, program.chip);
  if (failed(device))
    return failure();
  program.device = std::move(*device);
  if (failed(runPhase(module, buildHostPhase)))
    return failure();
  // It only launches, so the least machine that LLVM is asked for will do.
  FailureOr<std::string> object =
      emitCode(module, function, Target(), CodeKind::Object);
  if (failed(object))
    return failure();
  program.object = std::move(*object);
  ::spmmplu::KernelSpec kernel{program.chip, {}, "kernel.host", kEntryName, {}};
  using ::spmmplu::DeviceCodeFormat;
  if (!program.device.cubin.empty())
    kernel.device.push_back(
        {program.chip, DeviceCodeFormat::cubin, "kernel.cubin"});
  kernel.device.push_back({program.chip, DeviceCodeFormat::ptx, "kernel.ptx"});
  program.manifest.kernels.push_back(std::move(kernel));
  reportKernels(program);
  return success();
}

static int64_t getNumBytes(ElementsAttr elements) {
  ShapedType type = elements.getShapedType();
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// The package's tensors, without those that come when it runs.
static void takeConstants(ModuleOp module, bool deferValues,
                          CompiledProgram &program) {
  for (NamedAttribute constant :
       module->getAttrOfType<DictionaryAttr>("sparse_ir.constants"))
    program.constants[constant.getName().str()] =
        cast<ElementsAttr>(constant.getValue());
  module->removeAttr("sparse_ir.constants");
  // Further forms of a matrix come when it is loaded, if they are large: from
  // the first one.
  int64_t further = 0;
  for (const MatrixSpec &matrix : program.manifest.matrices)
    if (auto values = program.constants.find(matrix.values);
        matrix.of && values != program.constants.end())
      further += getNumBytes(values->second);
  constexpr int64_t kMaxFurtherBytes = int64_t(1) << 19;
  for (MatrixSpec &matrix : program.manifest.matrices) {
    auto values = program.constants.find(matrix.values);
    bool isDerived = matrix.of && further > kMaxFurtherBytes;
    if (values == program.constants.end() || !(deferValues || isDerived))
      continue;
    matrix.deferred = *getDType(values->second.getElementType());
    program.constants.erase(values);
    if (matrix.metadata)
      program.constants.erase(*matrix.metadata);
  }
}

FailureOr<CompiledProgram>
mlir::spmmplu::compileProgram(ModuleOp module, const CompileOptions &options,
                              bool checkProduct) {
  auto target = lookupTarget(options.target);
  if (!target)
    return module.emitError("in target '")
           << options.target << "': " << target.error();
  FailureOr<func::FuncOp> function = getProgram(module);
  if (failed(function))
    return failure();
  std::string name = function->getName().str();

  CompiledProgram program;
  program.manifest.producer = "spmmplu 0.1";
  program.manifest.source = options.source;
  ManifestBuilder manifest(module, program.manifest);
  if (options.explain)
    module->setAttr(kExplainAttr, UnitAttr::get(module.getContext()));
  if (failed(::lowerToKernels(module, options, [&] {
        manifest.readDecisions();
        program.explanation = manifest.takeExplanations();
      })))
    return failure();
  function = module.lookupSymbol<func::FuncOp>(name);
  if (failed(manifest.readKernels(*function)))
    return failure();
  int64_t matrices =
      llvm::count_if(program.manifest.matrices,
                     [](const MatrixSpec &matrix) { return !matrix.of; });
  if (checkProduct && matrices == 1)
    program.manifest.check =
        ::spmmplu::CheckSpec{program.manifest.matrices[0].name, std::nullopt};
  takeConstants(module, options.deferValues, program);
  (*function)->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                       UnitAttr::get(module.getContext()));
  auto compile = isGpuTarget(*target) ? compileForGpu : compileForCpu;
  if (failed(compile(module, name, *target, program)))
    return failure();
  return program;
}

::spmmplu::Status mlir::spmmplu::writePackage(const std::string &path,
                                              const CompiledProgram &program) {
  std::vector<::spmmplu::NamedTensor> tensors;
  std::vector<SmallVector<char>> storage(program.constants.size());
  size_t next = 0;
  auto bytesOf = [](ArrayRef<char> raw) {
    return std::span<const std::byte>(
        reinterpret_cast<const std::byte *>(raw.data()), raw.size());
  };
  for (const auto &[name, elements] : program.constants) {
    FailureOr<ArrayRef<char>> raw = getRawElements(elements, storage[next++]);
    FailureOr<DType> dtype = getDType(elements.getElementType());
    if (failed(raw) || failed(dtype))
      return ::spmmplu::Error{"constant '" + name + "' has no readable data"};
    ArrayRef<int64_t> shape = elements.getShapedType().getShape();
    tensors.push_back(
        {name, {*dtype, {shape.begin(), shape.end()}, bytesOf(*raw)}});
  }
  auto addCode = [&](StringRef name, const std::string &code) {
    tensors.push_back({name.str(),
                       {DType::U8,
                        {int64_t(code.size())},
                        bytesOf({code.data(), code.size()})}});
  };
  addCode(program.chip.empty() ? "kernel.cpu" : "kernel.host", program.object);
  if (!program.device.cubin.empty())
    addCode("kernel.cubin", program.device.cubin);
  if (!program.device.ptx.empty())
    addCode("kernel.ptx", program.device.ptx);
  return ::spmmplu::savePackage(path, program.manifest, tensors);
}
