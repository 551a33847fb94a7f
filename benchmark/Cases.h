//===- Cases.h - What spmmplu-bench runs, one row each ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_CASES_H
#define SPMMPLU_BENCHMARK_CASES_H

#include "Harness/Case.h"
#include "spmmplu/Support/Result.h"

#include <span>
#include <string>

namespace spmmplu::bench {

enum class CaseSource {
  Random,  ///< blocks of A are kept at random
  Lyra,    ///< the weights of a real pruned layer, from a file
  Pattern, ///< a pattern says which elements are kept
  Pruned,  ///< random weights, pruned to a pattern
  /// No product is timed: the compiler's time and memory for the weights of
  /// `spec`, or the time to segment a space.
  CompileCost,
  SegmentationCost,
};

struct BenchmarkCase {
  const char *name;
  const char *description;
  CaseSource source = CaseSource::Random;
  /// `threads` is ignored. A BF16 problem shows the bf16 peers too.
  CaseSpec spec = {};
  const char *pattern = "";
  /// The bars are for our rows of this type. F32 is compared with f32 dense
  /// peers; BF16 with dense peers of any type.
  DataType judged = DataType::F32;
  /// Least speed over the best dense and the best other sparse peer; 0: none.
  double denseBar = 0.0, sparseBar = 0.0;
  /// Our peer that is judged; empty: the one where the compiler chooses.
  const char *peer = "";
};

/// All cases. Those that measure memory come first, while this process is
/// small (see ProcessResult::peakBytes).
std::span<const BenchmarkCase> caseTable();

/// The problem of a case that times a product. `lyraPath`: a .npy file.
Result<Case> makeCase(const BenchmarkCase &row, int threads,
                      const std::string &lyraPath);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_CASES_H
