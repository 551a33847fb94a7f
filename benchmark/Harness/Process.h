//===- Process.h - Other programs and files for them ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_PROCESS_H
#define SPMMPLU_BENCHMARK_HARNESS_PROCESS_H

#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace spmmplu::bench {

struct ProcessResult {
  /// The exit code, or 128 + the signal that ended it.
  int exitCode = 0;
  /// From its start to its end.
  double seconds = 0.0;
  /// The largest resident set. Never less than what this process held when the
  /// other was started: the kernel counts the moment before exec too.
  int64_t peakBytes = 0;
  /// What it wrote to standard error, at most 64 KiB.
  std::string errors;
};

/// Runs the program at `arguments[0]` (no search path) to its end; its standard
/// output is dropped. It is ended after ten minutes of CPU time. Fails where it
/// could not be started.
Result<ProcessResult> runProcess(const std::vector<std::string> &arguments);

/// As `runProcess`; also fails, with the first line of its standard error,
/// where the exit code is not zero.
Result<ProcessResult> runChecked(const std::vector<std::string> &arguments);

/// The path of `name` in the folder of the running program.
std::string besideThisProgram(const std::string &name);

/// A new folder for temporary files, gone with this object. In TMPDIR, or /tmp.
class ScratchFolder {
public:
  static Result<ScratchFolder> create();
  ~ScratchFolder();
  ScratchFolder(ScratchFolder &&other) noexcept;
  ScratchFolder &operator=(ScratchFolder &&) = delete;

  std::string file(const std::string &name) const { return path + "/" + name; }

private:
  explicit ScratchFolder(std::string path) : path(std::move(path)) {}
  std::string path;
};

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_PROCESS_H
