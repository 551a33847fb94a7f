//===- Options.h - The command line of sparse-prune -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H
#define SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Support/Result.h"

#include <span>
#include <string>
#include <vector>

namespace mlir::spmmplu {

struct PruneOptions {
  std::string input, output, saliency;
  PatternRef pattern;
  /// Names of tensors, `*` for any text; empty: every matrix of floats.
  std::vector<std::string> tensors;
  bool permuteOutput = false, permuteInput = false;
  int64_t seed = 0;
  int64_t threads = 0; ///< 0: what the machine has
  bool compact = false, json = false, help = false;

  bool permutes() const { return permuteOutput || permuteInput; }
};

/// `arguments` without the program's name. The pattern is set unless `help` is.
::spmmplu::Result<PruneOptions>
parseOptions(std::span<const char *const> arguments);

std::string helpText();

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H
