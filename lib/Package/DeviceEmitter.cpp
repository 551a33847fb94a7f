//===- DeviceEmitter.cpp - Device kernels to PTX and cubin ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Package/DeviceEmitter.h"

#include "spmmplu/Pipelines/Pipelines.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using mlir::spmmplu::DeviceCode;
using mlir::spmmplu::KernelReport;

//===----------------------------------------------------------------------===//
// PTX
//===----------------------------------------------------------------------===//

/// 90 of "sm_90a"; 0 of what is no chip.
static unsigned getChipNumber(StringRef chip) {
  unsigned number = 0;
  chip.consume_front("sm_");
  chip.consumeInteger(10, number);
  return number;
}

/// The least PTX version that has the chip and what kernels use: ordered
/// metadata is of 8.5, Blackwell of 8.7.
static StringRef getPtxFeature(StringRef chip) {
  return getChipNumber(chip) >= 100 ? "+ptx87" : "+ptx85";
}

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(StringRef chip, std::string &error) {
  static bool initialized = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple("nvptx64-nvidia-cuda");
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  // LLVM only warns about a chip that it does not know.
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      found->createMCSubtargetInfo(triple, "", ""));
  if (!known->isCPUStringValid(chip)) {
    error = ("expected a chip such as sm_90a, found '" + chip + "'").str();
    return nullptr;
  }
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, chip, getPtxFeature(chip), options, std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  // Kernels are unrolled by what emits them, which knows their registers.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

/// The device module alone, in the LLVM dialect.
static FailureOr<OwningOpRef<ModuleOp>> lowerDevice(ModuleOp module,
                                                    StringRef chip) {
  auto devices = module.getOps<gpu::GPUModuleOp>();
  if (!llvm::hasSingleElement(devices))
    return module.emitError("expected one gpu.module, found ")
           << std::distance(devices.begin(), devices.end());
  OwningOpRef<ModuleOp> lowered = ModuleOp::create(module.getLoc());
  OpBuilder::atBlockEnd(lowered->getBody()).clone(**devices.begin());
  // Older chips have no such instruction, and the runtime lets no kernel made
  // for one begin early.
  if (getChipNumber(chip) < 90)
    lowered->walk([](NVVM::GriddepcontrolOp op) { op.erase(); });
  PassManager passes(module.getContext());
  mlir::spmmplu::buildDevicePipeline(passes);
  if (failed(passes.run(*lowered)))
    return failure();
  return lowered;
}

static FailureOr<std::string> emitPtx(ModuleOp module, StringRef chip) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(chip, error);
  if (!machine)
    return module.emitError("cannot generate device code: ") << error;
  FailureOr<OwningOpRef<ModuleOp>> lowered = lowerDevice(module, chip);
  if (failed(lowered))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(
      *(**lowered).getOps<gpu::GPUModuleOp>().begin(), context, "device");
  if (!code)
    return failure();
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  optimize(*code, *machine);
  llvm::SmallString<0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr,
                                   llvm::CodeGenFileType::AssemblyFile))
    return module.emitError("this LLVM cannot emit PTX");
  passes.run(*code);
  return std::string(buffer);
}

//===----------------------------------------------------------------------===//
// ptxas
//===----------------------------------------------------------------------===//

std::string mlir::spmmplu::findPtxas() {
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  std::vector<std::string> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (const char *home = getenv(variable))
      folders.push_back(std::string(home) + "/bin");
  folders.push_back("/usr/local/cuda/bin");
  std::vector<StringRef> paths(folders.begin(), folders.end());
  if (auto found = llvm::sys::findProgramByName("ptxas", paths))
    return *found;
  return "";
}

namespace {

/// A file of our own that goes when we are done with it.
class TemporaryFile {
public:
  explicit TemporaryFile(StringRef suffix)
      : error(llvm::sys::fs::createTemporaryFile("spmmplu", suffix, path)),
        remover(path, !error) {}

  std::error_code getError() const { return error; }
  StringRef getPath() const { return path; }

  std::error_code write(StringRef text) {
    std::error_code failure;
    llvm::raw_fd_ostream stream(path, failure);
    if (failure)
      return failure;
    stream << text;
    stream.close();
    failure = stream.error();
    stream.clear_error();
    return failure;
  }

  /// The content; empty if it cannot be read.
  std::string read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

private:
  llvm::SmallString<128> path;
  std::error_code error;
  llvm::FileRemover remover;
};

/// Reads `ptxas -v`.
class ReportReader {
public:
  explicit ReportReader(DeviceCode &code) : code(code) {}

  void read(StringRef log) {
    for (StringRef line : llvm::split(log, '\n'))
      readLine(line);
  }

private:
  void readLine(StringRef line) {
    StringRef name;
    if (after(line, "Compiling entry function '", name)) {
      kernel = &find(name.take_until([](char c) { return c == '\''; }));
    } else if (line.contains("Potential Performance Loss") ||
               line.contains("warning")) {
      warn(line);
    } else if (kernel) {
      readNumber(line, " bytes stack frame", kernel->stackBytes);
      readNumber(line, " bytes spill stores", kernel->spillStoreBytes);
      readNumber(line, " bytes spill loads", kernel->spillLoadBytes);
      readNumber(line, " registers", kernel->registers);
      readNumber(line, " bytes smem", kernel->sharedBytes);
    }
  }

  void warn(StringRef line) {
    StringRef name;
    std::string text = line.substr(line.find(':') + 1).trim().str();
    if (after(line, "function '", name))
      find(name.take_until([](char c) {
        return c == '\'';
      })).warnings.push_back(std::move(text));
    else
      code.warnings.push_back(std::move(text));
  }

  static bool after(StringRef line, StringRef key, StringRef &rest) {
    size_t at = line.find(key);
    if (at == StringRef::npos)
      return false;
    rest = line.substr(at + key.size());
    return true;
  }

  /// The number before `unit`.
  static void readNumber(StringRef line, StringRef unit, int64_t &number) {
    size_t end = line.find(unit);
    if (end == StringRef::npos)
      return;
    StringRef before = line.take_front(end);
    before
        .take_back(before.size() - (before.find_last_not_of("0123456789") + 1))
        .getAsInteger(10, number);
  }

  KernelReport &find(StringRef name) {
    for (KernelReport &report : code.kernels)
      if (report.name == name)
        return report;
    KernelReport &added = code.kernels.emplace_back();
    added.name = name.str();
    return added;
  }

  DeviceCode &code;
  KernelReport *kernel = nullptr;
};

} // namespace

/// The first line of `log` that says what is wrong.
static StringRef getFirstError(StringRef log) {
  for (StringRef line : llvm::split(log, '\n'))
    if (line.contains("error") || line.contains("fatal"))
      return line.trim();
  return log.take_until([](char c) { return c == '\n'; });
}

/// Whether a ptxas fails for what it is, not for what it is given: one that
/// does not run, or is older than the PTX or the chip. The driver may compile
/// the PTX all the same.
static bool isUnfit(int status, StringRef log) {
  return status < 0 || log.contains("Unsupported .version") ||
         log.contains("is not defined for option 'gpu-name'");
}

/// Assembles `code.ptx`; `ptxas` is its path.
static LogicalResult assemble(ModuleOp module, StringRef ptxas, StringRef chip,
                              DeviceCode &code) {
  TemporaryFile ptx("ptx"), cubin("cubin"), log("log");
  for (const TemporaryFile *file : {&ptx, &cubin, &log})
    if (std::error_code error = file->getError())
      return module.emitError("cannot create a temporary file: ")
             << error.message();
  if (std::error_code error = ptx.write(code.ptx))
    return module.emitError("cannot write '")
           << ptx.getPath() << "': " << error.message();
  std::string arch = ("-arch=" + chip).str();
  StringRef arguments[] = {ptxas,           "-v",         "-O3", arch, "-o",
                           cubin.getPath(), ptx.getPath()};
  std::optional<StringRef> redirects[] = {"", log.getPath(), log.getPath()};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(ptxas, arguments, std::nullopt,
                                         redirects, 0, 0, &message);
  std::string text = log.read();
  if (status) {
    std::string failure =
        ("'" + ptxas + "' failed for " + chip + ": " +
         (message.empty() ? getFirstError(text) : StringRef(message)))
            .str();
    if (!isUnfit(status, text))
      return module.emitError(failure);
    module.emitWarning(failure) << "; there will be PTX only";
    return success();
  }
  ReportReader(code).read(text);
  code.cubin = cubin.read();
  return success();
}

FailureOr<DeviceCode> mlir::spmmplu::emitDevice(ModuleOp module,
                                                StringRef chip) {
  DialectRegistry registry;
  registerAllExtensions(registry);
  registerAllGPUToLLVMIRTranslations(registry);
  module.getContext()->appendDialectRegistry(registry);
  FailureOr<std::string> ptx = emitPtx(module, chip);
  if (failed(ptx))
    return failure();
  DeviceCode code{std::move(*ptx), "", {}, {}};
  if (std::string ptxas = findPtxas(); !ptxas.empty())
    if (failed(assemble(module, ptxas, chip, code)))
      return failure();
  return code;
}
