//===- Tune.h - Measures strategies on this machine ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSECOMPILE_TUNE_H
#define SPMMPLU_TOOLS_SPARSECOMPILE_TUNE_H

#include "spmmplu/Package/Compiler.h"

namespace mlir::spmmplu {

/// Compiles the `top` best strategies of a product for each of several N by the
/// model, each alone, times them on this machine for all of `columns`, and
/// writes that to the file `options.tuning`, beside what it has of other
/// products. `build` makes the program anew. Errors are diagnostics or lines on
/// stderr.
LogicalResult tune(llvm::function_ref<OwningOpRef<ModuleOp>()> build,
                   const CompileOptions &options, int64_t top,
                   ArrayRef<int64_t> columns);

/// Measures this machine and writes the figures to `path`.
LogicalResult writeCalibration(StringRef path);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSECOMPILE_TUNE_H
