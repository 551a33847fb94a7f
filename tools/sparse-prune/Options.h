//===- Options.h - The command line of sparse-prune -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H
#define SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H

#include "spmmplu/Pruning/Layer.h"
#include "spmmplu/Support/Result.h"
#include "spmmplu/Target/Proposal.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mlir::spmmplu {

struct PruneOptions : LayerOptions {
  std::string input, output, saliency;
  /// Names of tensors, `*` for any text; empty: every matrix of floats.
  std::vector<std::string> tensors;
  bool json = false, help = false;
  /// Propose patterns within it instead of pruning, for this machine and width.
  std::optional<Budget> budget;
  std::string target = "host";
  std::optional<int64_t> cols;  ///< nothing: any number
  std::optional<Element> dtype; ///< of the kernel; nothing: the weights'
};

/// `arguments` without the program's name. The pattern is set unless `help` is.
::spmmplu::Result<PruneOptions>
parseOptions(std::span<const char *const> arguments);

std::string helpText();

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSEPRUNE_OPTIONS_H
