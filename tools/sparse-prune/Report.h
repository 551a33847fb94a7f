//===- Report.h - The report of sparse-prune --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSEPRUNE_REPORT_H
#define SPMMPLU_TOOLS_SPARSEPRUNE_REPORT_H

#include "Layers.h"

#include <chrono>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// Lines of cells as a table: the first column to the left, others to the
/// right.
std::string alignCells(const std::vector<std::vector<std::string>> &rows);

/// A table, one line a layer, and their mean.
std::string printTable(const PruneOptions &options,
                       const std::vector<LayerReport> &reports);
/// What is proposed for one layer, as a table and as JSON.
struct LayerProposals {
  std::string name;
  int64_t rows = 0, cols = 0;
  std::vector<Proposal> proposals;
};
std::string printProposals(const PruneOptions &options,
                           const std::vector<LayerProposals> &layers);
std::string printProposalsJson(const PruneOptions &options,
                               const std::vector<LayerProposals> &layers);

std::string printJson(const PruneOptions &options,
                      const std::vector<LayerReport> &reports);

/// A bar on standard error, if that is a terminal; gone when it is destroyed.
class ProgressBar {
public:
  explicit ProgressBar(size_t layers);
  ~ProgressBar();

  void show(size_t layer, const std::string &name, double fraction);

private:
  size_t layers;
  bool isTerminal, isShown = false;
  std::chrono::steady_clock::time_point last;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSEPRUNE_REPORT_H
