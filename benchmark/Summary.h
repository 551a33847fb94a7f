//===- Summary.h - Bars, and whether they are met ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_SUMMARY_H
#define SPMMPLU_BENCHMARK_SUMMARY_H

#include "Cases.h"
#include "Harness/Comparison.h"

#include <optional>
#include <ostream>
#include <span>
#include <string>

namespace spmmplu::bench {

/// The fastest of the other peers of one kind.
struct Rival {
  std::string name; ///< empty: none ran
  /// How many times faster ours is, by medians and by minima.
  double medianRatio = 0.0, minimumRatio = 0.0;
  double bar = 0.0; ///< least ratio wanted; 0: none
};

struct SummaryRow {
  std::string name;
  /// Why there is nothing to say, in place of all below; empty: there is.
  std::string failure;
  /// A failure that is none of ours, such as a missing file.
  bool skipped = false;
  std::string ours; ///< a time, with its unit
  Rival dense, sparse;
  std::string bar;
  /// None where there is no bar, or nobody to compare with.
  std::optional<bool> metByMedian, metByMinimum;
};

/// Our row of the judged type against the best others of `comparison`. A peer
/// with a wrong result is no rival; our own wrong result is a failure.
SummaryRow summarize(const BenchmarkCase &row, const Comparison &comparison);

/// A measured cost that may not exceed its bar.
SummaryRow summarizeCost(const std::string &name, const std::string &measured,
                         const std::string &bar, bool met);

SummaryRow failedRow(const std::string &name, const std::string &message,
                     bool skipped);

void printSummary(std::ostream &out, std::span<const SummaryRow> rows);
void printJson(std::ostream &out, const SummaryRow &row);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_SUMMARY_H
