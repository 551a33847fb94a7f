//===- Report.h - What sparse-run prints ------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_REPORT_H
#define SPMMPLU_TOOLS_SPARSERUN_REPORT_H

#include "Bench.h"
#include "spmmplu/Runtime/Manifest.h"
#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Runtime/Reference.h"
#include "spmmplu/Runtime/Runtime.h"

#include <optional>
#include <string>
#include <vector>

namespace spmmplu {

/// What one run of the tool found out.
struct RunReport {
  std::string package;
  int threads = 0;
  /// On a GPU: what it is, its code ("sm_90a cubin"), the clock of its
  /// multiprocessors after the run and at most, in MHz (0: not known).
  struct Gpu {
    std::string name, code;
    int clockMhz = 0, maxClockMhz = 0;
  };
  std::optional<Gpu> gpu;
  SymbolBinding binding;
  std::optional<CheckReport> check;
  std::vector<BenchRow> bench; ///< empty: not asked for
};

/// Both end with a newline.
std::string printText(const Manifest &manifest, const KernelSpec &kernel,
                      const RunReport &report);
/// One JSON object; times in microseconds, null for what was not measured.
std::string printJson(const Manifest &manifest, const KernelSpec &kernel,
                      const RunReport &report);

/// What --info prints.
std::string printInfo(const std::string &path, const Package &package);

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_REPORT_H
