//===- Compiler.cpp - From a program to a package --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Package/Compiler.h"

#include "ManifestBuilder.h"

#include "spmmplu/Pipelines/Pipelines.h"
#include "spmmplu/Runtime/CPU/ElfObject.h"
#include "spmmplu/Runtime/Matrix.h"
#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::DType;
using ::spmmplu::MatrixSpec;

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
static std::vector<std::string> getFeatures(const Target &target,
                                            bool usesTiles) {
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

/// Whether a kernel needs AMX; to be asked before kernels become code.
static bool usesTileMatrix(ModuleOp module) {
  bool uses = false;
  module.walk([&](KernelOp op) {
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    uses |= intrinsic && intrinsic->unit == IntrinsicUnit::TileMatrix;
  });
  return uses;
}

static LogicalResult compileForCpu(ModuleOp module, StringRef function,
                                   const Target &target,
                                   CompiledProgram &program) {
  bool usesTiles = usesTileMatrix(module);
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
  program.manifest.kernels.push_back(
      {"x86_64", getFeatures(target, usesTiles), "kernel.cpu", kEntryName});
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

/// What the runtime would refuse is an error already now.
static LogicalResult checkObject(ModuleOp module, StringRef object) {
  std::span<const char> bytes(object.data(), object.size());
  auto loaded = ::spmmplu::ElfObject::load(std::as_bytes(bytes));
  if (!loaded)
    return module.emitError("the runtime cannot load what this became: ")
           << loaded.error();
  return success();
}

static int64_t getNumBytes(ElementsAttr elements) {
  ShapedType type = elements.getShapedType();
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// Further forms of a matrix that take more than this together are made from
/// the first one when the package is loaded.
static constexpr int64_t kMaxFurtherBytes = int64_t(1) << 19;

/// The chain table of a matrix, as the program's constants hold it.
static ChainTable readChainTable(const CompiledProgram &program,
                                 const MatrixSpec &matrix) {
  auto read = [&](const std::string &name) {
    SmallVector<char> storage;
    ArrayRef<int32_t> values =
        getValues<int32_t>(program.constants.at(name), storage);
    return std::vector<int32_t>(values.begin(), values.end());
  };
  ::spmmplu::MatrixTables tables;
  tables.panelRows = read(matrix.panelRows);
  tables.chainPtr = read(matrix.chainPtr);
  tables.entries = read(matrix.entries);
  return ::spmmplu::toChainTable(matrix, tables);
}

/// Whether the entries of a further form follow from the first form's, and are
/// no other matrix's.
static bool canDerive(const CompiledProgram &program, const MatrixSpec &form) {
  auto isShared = [&](const MatrixSpec &other) {
    return &other != &form && other.entries == form.entries;
  };
  if (llvm::any_of(program.manifest.matrices, isShared))
    return false;
  ChainTable table = readChainTable(program, form);
  const MatrixSpec *first = program.manifest.findMatrix(*form.of);
  return deriveEntries(readChainTable(program, *first), table) == table.entries;
}

/// The package's tensors, without those that come when it is loaded or runs.
static void takeConstants(ModuleOp module, bool deferValues,
                          CompiledProgram &program) {
  for (NamedAttribute constant :
       module->getAttrOfType<DictionaryAttr>("sparse_ir.constants"))
    program.constants[constant.getName().str()] =
        cast<ElementsAttr>(constant.getValue());
  module->removeAttr("sparse_ir.constants");
  int64_t further = 0;
  for (const MatrixSpec &matrix : program.manifest.matrices)
    if (matrix.of)
      for (const std::string &name : {matrix.values, matrix.entries})
        if (auto known = program.constants.find(name);
            known != program.constants.end())
          further += getNumBytes(known->second);
  for (MatrixSpec &matrix : program.manifest.matrices) {
    bool isDerived = matrix.of && further > kMaxFurtherBytes;
    if (isDerived && canDerive(program, matrix)) {
      matrix.derivesEntries = true;
      program.constants.erase(matrix.entries);
    }
    auto values = program.constants.find(matrix.values);
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
  FailureOr<Target> target = resolveTarget(module, options.target);
  if (failed(target))
    return failure();
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
  if (failed(compile(module, name, *target, program)) ||
      failed(checkObject(module, program.object)))
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
