//===- Session.h - Inputs and outputs of one run ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_SESSION_H
#define SPMMPLU_TOOLS_SPARSERUN_SESSION_H

#include "Options.h"
#include "spmmplu/Runtime/Runtime.h"
#include "spmmplu/Support/Result.h"

#include <string>
#include <vector>

namespace spmmplu {

/// Everything that can be refused is refused before anything runs.
struct Session {
  SymbolBinding binding;
  std::vector<Tensor> inputs;           ///< in the manifest's order
  std::vector<std::string> outputPaths; ///< per output, empty: not written
};

/// Reads the inputs the options name, binds the symbols from them and from the
/// options, and makes the other inputs at random: uniform in [-1, 1), the same
/// for the same seed everywhere.
Result<Session> prepareSession(const Manifest &manifest,
                               const RunOptions &options);

/// Writes the outputs that have a path, each file whole or not at all.
Status writeOutputs(const Manifest &manifest, const Session &session,
                    const std::vector<Tensor> &outputs);

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_SESSION_H
