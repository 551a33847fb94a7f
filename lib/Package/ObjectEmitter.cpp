//===- ObjectEmitter.cpp - The LLVM dialect to machine code ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Package/ObjectEmitter.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/OptimizationLevel.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using mlir::spmmplu::CodeKind;
using mlir::spmmplu::Target;

static std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target, std::string &error) {
  static bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  std::string features = llvm::join(target.features(), ",");
  // Kernels are written for the vectors of their intrinsic.
  features += ",-prefer-256-bit";
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.llvmCpu(), features, options, llvm::Reloc::PIC_,
      llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

/// void spmmplu_main(void **args): loads each argument and calls the C
/// interface of `function`.
static LogicalResult addEntry(llvm::Module &module, StringRef function) {
  llvm::Function *callee =
      module.getFunction(("_mlir_ciface_" + function).str());
  if (!callee)
    return failure();
  llvm::IRBuilder<> builder(module.getContext());
  llvm::Type *pointer = builder.getPtrTy();
  auto *type = llvm::FunctionType::get(builder.getVoidTy(), {pointer}, false);
  auto *entry = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                       mlir::spmmplu::kEntryName, module);
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "entry", entry));
  SmallVector<llvm::Value *> arguments;
  for (unsigned n = 0; n < callee->arg_size(); ++n)
    arguments.push_back(builder.CreateLoad(
        pointer, builder.CreateConstGEP1_64(pointer, entry->getArg(0), n)));
  builder.CreateCall(callee, arguments);
  builder.CreateRetVoid();
  // Only the entry is visible: everything else may be inlined and dropped.
  for (llvm::Function &other : module)
    if (!other.isDeclaration() && &other != entry)
      other.setLinkage(llvm::GlobalValue::InternalLinkage);
  return success();
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

/// The attributes that describe arguments to the package mean nothing to LLVM.
static void stripArgumentAttributes(ModuleOp module) {
  module.walk([](FunctionOpInterface function) {
    for (unsigned n = 0; n < function.getNumArguments(); ++n)
      for (NamedAttribute attribute : llvm::to_vector(function.getArgAttrs(n)))
        if (attribute.getName().getValue().starts_with("sparse_ir."))
          function.removeArgAttr(n, attribute.getName());
  });
}

FailureOr<std::string> mlir::spmmplu::emitCode(ModuleOp module,
                                               StringRef function,
                                               const Target &target,
                                               CodeKind kind) {
  DialectRegistry registry;
  registerAllToLLVMIRTranslations(registry);
  module.getContext()->appendDialectRegistry(registry);
  stripArgumentAttributes(module);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context);
  if (!code)
    return failure();
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(target, error);
  if (!machine)
    return module.emitError("cannot generate code: ") << error;
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  code->setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : *code) {
    function.addFnAttr("target-cpu", machine->getTargetCPU());
    function.addFnAttr("target-features", machine->getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", "512");
    function.setUWTableKind(llvm::UWTableKind::None);
  }
  if (failed(addEntry(*code, function)))
    return module.emitError("has no function '")
           << function << "' with a C interface";
  optimize(*code, *machine);

  llvm::SmallString<0> buffer;
  llvm::raw_svector_ostream stream(buffer);
  if (kind == CodeKind::LLVMIR) {
    code->print(stream, nullptr);
  } else {
    llvm::legacy::PassManager passes;
    auto type = kind == CodeKind::Object ? llvm::CodeGenFileType::ObjectFile
                                         : llvm::CodeGenFileType::AssemblyFile;
    if (machine->addPassesToEmitFile(passes, stream, nullptr, type))
      return module.emitError("this LLVM cannot emit x86-64 code");
    passes.run(*code);
  }
  return std::string(buffer);
}
