//===- Timing.cpp - Repeated timing of functions side by side -------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Timing.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>

using namespace spmmplu::bench;

double Samples::quantile(double q) const {
  if (seconds.empty())
    return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  double position = std::clamp(q, 0.0, 1.0) * double(sorted.size() - 1);
  size_t below = size_t(position);
  size_t above = std::min(below + 1, sorted.size() - 1);
  double weight = position - double(below);
  return sorted[below] * (1.0 - weight) + sorted[above] * weight;
}

namespace {

double secondsOf(const TimedFunction &function) {
  auto start = std::chrono::steady_clock::now();
  function();
  auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(end - start).count();
}

struct Runner {
  const TimedFunction &function;
  Samples samples;
  double timed = 0.0;
  double untimed = 0.0;

  bool done(const TimingOptions &options) const {
    if (samples.seconds.empty())
      return false;
    bool enough = timed >= options.minSeconds &&
                  int(samples.seconds.size()) >= options.minIterations;
    return enough || timed + untimed >= options.maxSeconds;
  }

  void turn(const TimingOptions &options) {
    untimed += secondsOf(function);
    double start = timed;
    do {
      double seconds = secondsOf(function);
      samples.seconds.push_back(seconds);
      timed += seconds;
    } while (timed - start < options.turnSeconds && !done(options));
  }
};

} // namespace

std::vector<Samples>
spmmplu::bench::timeInterleaved(std::span<const TimedFunction> functions,
                                const TimingOptions &options) {
  std::vector<Runner> runners;
  for (const TimedFunction &function : functions)
    runners.push_back({function, {}});
  // The very first call of each may allocate, generate code or start threads.
  for (Runner &runner : runners)
    runner.untimed += secondsOf(runner.function);
  bool pending = true;
  while (pending) {
    pending = false;
    for (Runner &runner : runners)
      if (!runner.done(options)) {
        runner.turn(options);
        pending = true;
      }
  }
  std::vector<Samples> result;
  for (Runner &runner : runners)
    result.push_back(std::move(runner.samples));
  return result;
}

Samples spmmplu::bench::time(const TimedFunction &function,
                             const TimingOptions &options) {
  return timeInterleaved({&function, 1}, options).front();
}

size_t spmmplu::bench::fastest(std::span<const TimedFunction> functions) {
  assert(!functions.empty());
  if (functions.size() == 1)
    return 0;
  TimingOptions brief;
  brief.minSeconds = 0.01;
  brief.minIterations = 3;
  brief.maxSeconds = 0.1;
  brief.turnSeconds = 0.003;
  std::vector<Samples> samples = timeInterleaved(functions, brief);
  auto byMinimum = [](const Samples &x, const Samples &y) {
    return x.minimum() < y.minimum();
  };
  return size_t(std::min_element(samples.begin(), samples.end(), byMinimum) -
                samples.begin());
}
