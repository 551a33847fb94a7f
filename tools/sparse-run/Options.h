//===- Options.h - The command line of sparse-run ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_OPTIONS_H
#define SPMMPLU_TOOLS_SPARSERUN_OPTIONS_H

#include "spmmplu/Runtime/Runtime.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace spmmplu {

/// A tensor and the file it is read from or written to. An empty name stands
/// for the next tensor in the program's order.
struct TensorFile {
  std::string tensor, path;
};

struct RunOptions {
  std::string package;
  std::map<std::string, int64_t, std::less<>> dims;
  std::vector<TensorFile> inputs, outputs, matrices;
  int64_t threads = 0; ///< 0: OpenMP's default
  int64_t seed = 0;
  DeviceKind device = DeviceKind::automatic;
  double benchSeconds = 1;
  bool check = false, bench = false, json = false, info = false, help = false;
};

/// `arguments` without the program's name.
Result<RunOptions> parseOptions(std::span<const char *const> arguments);

std::string helpText();

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_OPTIONS_H
