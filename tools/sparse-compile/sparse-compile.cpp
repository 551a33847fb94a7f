//===- sparse-compile.cpp - Weights or a program to a package --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Tune.h"
#include "Weights.h"

#include "spmmplu/Package/Compiler.h"
#include "spmmplu/Pipelines/Registration.h"
#include "spmmplu/Target/Selection.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Remarks.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Remark/RemarkStreamer.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace mlir::spmmplu;

static int fail(const Twine &message) {
  llvm::errs() << "sparse-compile: " << message << "\n";
  return 2;
}

/// Prints each remark as one line on standard error.
static LogicalResult enableRemarks(MLIRContext &context) {
  remark::RemarkCategories categories;
  // The engine ignores `all` for a kind of remark that has no filter itself.
  categories.passed = categories.missed = categories.analysis =
      categories.failed = "sparse-ir.*";
  return remark::enableOptimizationRemarks(
      context, nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(),
      categories, /*printAsEmitRemarks=*/true);
}

/// Of a product that was made of weights, which have no lines to show.
static LogicalResult reportForWeights(Diagnostic &diagnostic) {
  StringRef kinds[] = {"note", "warning", "error", "remark"};
  llvm::errs() << cli::getSource() << ": "
               << kinds[unsigned(diagnostic.getSeverity())] << ": "
               << diagnostic << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    (void)reportForWeights(note);
  return success();
}

static OwningOpRef<ModuleOp> parseProgram(MLIRContext &context,
                                          llvm::SourceMgr &sources) {
  std::string error;
  auto buffer = openInputFile(cli::input, &error);
  if (!buffer) {
    llvm::errs() << "sparse-compile: " << error << "\n";
    return nullptr;
  }
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, &context);
}

static LogicalResult writeText(StringRef text) {
  std::string error;
  auto file = openOutputFile(cli::output.empty() ? "-" : StringRef(cli::output),
                             &error);
  if (!file) {
    llvm::errs() << "sparse-compile: " << error << "\n";
    return failure();
  }
  file->os() << text;
  file->keep();
  return success();
}

/// --emit=mlir: the fused kernels, which is the last form for people.
static int emitKernels(ModuleOp module, const CompileOptions &options) {
  if (failed(lowerToKernels(module, options)))
    return 1;
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs().elideLargeResourceString();
  module.print(stream, flags);
  return failed(writeText(text));
}

static int emitPackage(ModuleOp module, const CompileOptions &options,
                       bool isProduct) {
  FailureOr<CompiledProgram> program =
      compileProgram(module, options, isProduct);
  if (failed(program))
    return 1;
  llvm::outs() << program->explanation;
  if (cli::emit == EmitKind::Object)
    return failed(writeText(program->object));
  if (cli::emit == EmitKind::PTX)
    return failed(writeText(program->device.ptx));
  if (cli::emit == EmitKind::Cubin && program->device.cubin.empty())
    return fail("--emit=cubin needs ptxas, which is not in PATH, CUDA_HOME or "
                "CUDA_PATH");
  if (cli::emit == EmitKind::Cubin)
    return failed(writeText(program->device.cubin));
  SmallString<128> path(cli::output);
  if (path.empty()) {
    path = cli::shape.empty() ? llvm::sys::path::filename(cli::input)
                              : StringRef(cli::shape);
    llvm::sys::path::replace_extension(path, "spmm");
  }
  auto written = writePackage(path.str().str(), *program);
  if (!written)
    return fail(written.error());
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cli::parse(argc, argv);
  if (!cli::calibrate.empty())
    return failed(writeCalibration(cli::calibrate));

  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerDialect(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  if (cli::remarks && failed(enableRemarks(context)))
    return fail("cannot enable remarks");

  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  std::optional<ScopedDiagnosticHandler> weightDiagnostics;
  CompileOptions options = cli::getCompileOptions();
  bool isProgram = StringRef(cli::input).ends_with(".mlir");
  OwningOpRef<ModuleOp> module;
  Weights weights;
  if (isProgram) {
    if (cli::hasWeightOptions())
      return fail("--prune, --pattern, --tensor, --dtype, --out-dtype, --cols "
                  "and --plot are "
                  "for weights, found a program '" +
                  cli::input + "'");
    if (cli::tune)
      return fail("--tune is for weights, found a program '" + cli::input +
                  "'");
    module = parseProgram(context, sources);
  } else {
    weightDiagnostics.emplace(&context, reportForWeights);
    auto loaded = loadWeights();
    if (!loaded)
      return fail(loaded.error());
    weights = std::move(*loaded);
    auto plotted = plotWeights(weights.tensor);
    if (!plotted)
      return fail(plotted.error());
    auto result = getResultType(weights.tensor.dtype);
    if (!result)
      return fail(result.error());
    if (auto status = checkWeightType(weights.tensor.dtype, options.target);
        !status)
      return fail(status.error());
    auto build = [&] {
      return buildProduct(context, {&weights.tensor,
                                    cli::getCols(),
                                    *result,
                                    weights.pattern,
                                    {weights.rowOrder, weights.columns},
                                    weights.columnLists});
    };
    SmallVector<int64_t> columns(cli::tuneColumns.begin(),
                                 cli::tuneColumns.end());
    if (columns.empty())
      llvm::append_range(columns, kTunedColumns);
    if (cli::tune && failed(tune(build, options, cli::tuneTop, columns)))
      return 1;
    module = build();
  }
  if (!module)
    return 1;
  if (cli::dumpStrategies) {
    if (cli::tuneTop.getNumOccurrences())
      options.tuneTop = cli::tuneTop;
    return failed(decide(*module, options));
  }
  return cli::emit == EmitKind::MLIR
             ? emitKernels(*module, options)
             : emitPackage(*module, options, !isProgram);
}
