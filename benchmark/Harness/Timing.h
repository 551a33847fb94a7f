//===- Timing.h - Repeated timing of functions side by side -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How times are taken, so that numbers can be compared:
// - the steady clock, around one call at a time;
// - several functions take turns within one run, since a shared machine drifts
//   over seconds: the drift then hits all of them, and ratios hold;
// - each turn starts with an untimed call, which brings that function's own
//   weights back into the caches. Caches are not flushed: in the use case the
//   weights stay hot between calls;
// - medians are reported with minima and the 10th and 90th percentile.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_TIMING_H
#define SPMMPLU_BENCHMARK_HARNESS_TIMING_H

#include <functional>
#include <span>
#include <vector>

namespace spmmplu::bench {

/// Times of single calls in seconds, in the order taken.
struct Samples {
  std::vector<double> seconds;

  /// Linear interpolation between the order statistics; `q` in [0, 1]. NaN
  /// without samples.
  double quantile(double q) const;
  double median() const { return quantile(0.5); }
  double minimum() const { return quantile(0.0); }
};

struct TimingOptions {
  /// Each function is called until both are reached ...
  double minSeconds = 0.3;
  int minIterations = 7;
  /// ... or this much time has gone into it, warm-up calls included, after at
  /// least one timed call.
  double maxSeconds = 10.0;
  /// One turn of a function lasts about this long.
  double turnSeconds = 0.01;
};

using TimedFunction = std::function<void()>;

Samples time(const TimedFunction &function, const TimingOptions &options = {});

/// Times all functions in turns; one `Samples` a function, in order.
std::vector<Samples> timeInterleaved(std::span<const TimedFunction> functions,
                                     const TimingOptions &options = {});

/// Index of the function with the least time in a short interleaved run: to
/// choose between the ways in which one library can do a problem. `functions`
/// must not be empty.
size_t fastest(std::span<const TimedFunction> functions);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_TIMING_H
