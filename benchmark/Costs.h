//===- Costs.h - What compiling takes ---------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_COSTS_H
#define SPMMPLU_BENCHMARK_COSTS_H

#include "Harness/Case.h"
#include "Peers/Peer.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>

namespace spmmplu::bench {

struct CompileCost {
  double seconds = 0.0;
  int64_t peakBytes = 0;
};

/// Compiles the weights of `spec` `runs` times from a file to a package, for
/// any number of columns: the shortest time, and the largest peak.
Result<CompileCost> measureCompile(const CaseSpec &spec, int runs,
                                   const PeerOptions &options);

/// Seconds to segment the space of `spec`'s product, from the mask of its
/// elements, in cells of 16x16x16: the longest over 10, 50 and 90 % of the
/// 16x16 blocks of A, each the shortest of `runs`.
Result<double> measureSegmentation(const CaseSpec &spec, int runs);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_COSTS_H
