//===- Comparison.h - All peers on one problem ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_COMPARISON_H
#define SPMMPLU_BENCHMARK_HARNESS_COMPARISON_H

#include "Harness/Case.h"
#include "Harness/Timing.h"
#include "Peers/Peer.h"

#include <ostream>
#include <string>
#include <vector>

namespace spmmplu::bench {

struct PeerResult {
  const PeerFactory *factory = nullptr;
  /// Why the peer did not run; empty if it did, and the rest holds only then.
  std::string skipped;
  std::string implementation;
  /// What `Peer::prepare` took: compiling, packing, trying variants.
  double prepareSeconds = 0.0;
  Samples samples;
  /// Relative Frobenius error against f64.
  double error = 0.0;
};

struct Comparison {
  std::vector<PeerResult> peers;
  /// The entry that ratios refer to: the dense f32 peer with the least median,
  /// or, if none ran, any dense one; -1 if no dense peer ran with a right
  /// result.
  int baseline = -1;

  /// Speed of `peer` over the baseline, by medians and by minima; NaN without a
  /// baseline. Only for peers that ran.
  double medianRatio(const PeerResult &peer) const;
  double minimumRatio(const PeerResult &peer) const;
  /// Over all that ran, or over ours.
  double largestError() const;
  double largestOwnError() const;
};

/// Prepares the peers of `table` that are in `names` (all if empty), checks
/// each against `reference` (before and after timing), then times those that
/// ran side by side. Peers that cannot do the problem are listed with the
/// reason.
Comparison compare(const Case &problem, std::span<const double> reference,
                   const std::vector<std::string> &names,
                   const PeerOptions &peerOptions, const TimingOptions &timing);

/// `storage` as the tables call it.
const char *storageName(Storage storage);
/// "f32" or "bf16".
const char *typeName(DataType dtype);
/// A JSON string with its quotes; a number, or null for what JSON cannot say.
std::string jsonText(const std::string &text);
std::string jsonNumber(double value);

void printTable(std::ostream &out, const Case &problem,
                const Comparison &comparison);
void printJson(std::ostream &out, const Case &problem,
               const Comparison &comparison);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_COMPARISON_H
