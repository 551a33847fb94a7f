//===- Options.h - The command line of sparse-compile ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSECOMPILE_OPTIONS_H
#define SPMMPLU_TOOLS_SPARSECOMPILE_OPTIONS_H

#include "spmmplu/Package/Compiler.h"

#include "llvm/Support/CommandLine.h"

namespace mlir::spmmplu {

enum class EmitKind { Package, MLIR, PTX, Cubin, Object };

namespace cli {

extern llvm::cl::opt<std::string> input, output, tensor, shape, pattern, prune,
    dtype, outDtype, plot, calibrate;
extern llvm::cl::opt<bool> remarks, explain, tune, dumpStrategies;
extern llvm::cl::opt<EmitKind> emit;

extern llvm::cl::opt<unsigned> tuneTop;
extern llvm::cl::list<int64_t> tuneColumns;

/// What was compiled: the input, or --shape.
std::string getSource();

/// Exits with 2 after a message where the command line is off.
void parse(int argc, char **argv);
CompileOptions getCompileOptions();
/// N; -1 where it is dynamic.
int64_t getCols();
/// Whether an option was given that makes sense for weights only.
bool hasWeightOptions();

} // namespace cli
} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSECOMPILE_OPTIONS_H
