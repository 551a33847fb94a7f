//===- Bench.h - Times a program --------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_BENCH_H
#define SPMMPLU_TOOLS_SPARSERUN_BENCH_H

#include "spmmplu/Runtime/Runtime.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace spmmplu {

/// Times in microseconds.
struct Timing {
  double median = 0, min = 0;
  /// The interquartile range, in percent of the median.
  double spread = 0;
  int64_t runs = 0;
};

/// Calls `run` for about `seconds`, at least five times, after a warm-up. An
/// error where `run` returns false.
Result<Timing> measure(const std::function<bool()> &run, double seconds);

/// Median, least and spread of samples in microseconds, at least one.
Timing summarize(std::vector<double> samples);

/// The time on the GPU of `program`, loaded for it: for about `seconds`, at
/// least five runs, each with its data out of the L2 cache.
Result<Timing> measureOnGpu(const Program &program,
                            std::span<const Tensor> inputs,
                            std::span<const Tensor> outputs, double seconds);

/// One line of the table; `timing.runs` is 0 where there is nothing to measure,
/// and `implementation` says why.
struct BenchRow {
  std::string name, implementation;
  Timing timing;
};

/// Our program, then, on the CPU, dense products by F32 and BF16 of what the
/// package's check says the program computes (without bias and activation).
Result<std::vector<BenchRow>> runBench(const Program &program,
                                       std::span<const Tensor> inputs,
                                       std::span<const Tensor> outputs,
                                       int threads, double seconds);

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_BENCH_H
