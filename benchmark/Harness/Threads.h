//===- Threads.h - The one OpenMP runtime of the process --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All peers share one OpenMP runtime. Two in one process keep two sets of
// workers; the idle set spins for a while after each region and takes cores
// from whichever peer runs next. LLVM's libomp also answers to GNU's names:
// linking it with an old-style rpath to its directory makes libraries that ask
// for libgomp.so.1 (oneDNN, MKL's GNU layer) share it. `loadedOpenMpRuntimes`
// tells whether that worked.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_THREADS_H
#define SPMMPLU_BENCHMARK_HARNESS_THREADS_H

#include <functional>
#include <string>
#include <vector>

namespace spmmplu::bench {

/// Asks for each OpenMP thread to stay on one core, unless OMP_PROC_BIND is set
/// already. Without it, two threads can share a core for seconds on end while
/// another is idle, which looks like no speed-up at all. To be called before
/// anything uses OpenMP.
void bindThreads();

/// The team size of later parallel regions, in this code and in libraries that
/// share the runtime.
void setThreads(int threads);

/// Calls `body(thread)` for each thread in [0, `threads`), in parallel.
void parallelRegion(int threads, const std::function<void(int)> &body);

/// Paths of the OpenMP runtimes loaded now; more than one disturbs timings
/// with several threads.
std::vector<std::string> loadedOpenMpRuntimes();

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_THREADS_H
