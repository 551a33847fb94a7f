//===- Parallel.h - A loop over threads -------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PATTERN_PARALLEL_H
#define SPMMPLU_LIB_PATTERN_PARALLEL_H

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace mlir::spmmplu {

/// Calls `body(index, worker)` once for every index of [0, count), on up to
/// `threads` threads; `worker` is in [0, threads). What a body writes must
/// belong to its index or its worker alone, and must not depend on the worker:
/// then the result does not depend on the number of threads.
template <typename Body>
void parallelFor(int64_t count, int threads, Body &&body) {
  std::atomic<int64_t> next = 0;
  auto work = [&](int worker) {
    for (int64_t i = next++; i < count; i = next++)
      body(i, worker);
  };
  std::vector<std::jthread> others;
  for (int worker = 1; worker < threads && worker < count; ++worker)
    others.emplace_back(work, worker);
  work(0);
}

/// Threads that pay for a loop of about so many operations.
inline int threadsFor(int64_t operations, int threads) {
  return operations < int64_t(1) << 19 ? 1 : threads;
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PATTERN_PARALLEL_H
