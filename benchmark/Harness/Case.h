//===- Case.h - A problem with its buffers, made reproducibly ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_CASE_H
#define SPMMPLU_BENCHMARK_HARNESS_CASE_H

#include "Harness/AlignedBuffer.h"
#include "Harness/Problem.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spmmplu::bench {

/// What to make. For Conv2d, m, n and k are ignored and follow from `conv`.
struct CaseSpec {
  ProblemKind kind = ProblemKind::Spmm;
  DataType dtype = DataType::F32;
  int64_t m = 0, k = 0, n = 0;
  ConvShape conv = {};
  int64_t blockRows = 1, blockCols = 1;
  /// Fraction of the blocks of A (of the mask, for Sddmm) that are kept: the
  /// count is rounded once, so it is the same for every seed.
  double density = 1.0;
  int threads = 1;
  uint64_t seed = 1;
  /// See Problem.
  bool constantA = true;
};

/// Owns the buffers that `problem` points to. Moves keep the pointers valid.
class Case {
public:
  /// A random problem: which blocks are kept, and all values, depend on
  /// nothing but `spec`. Values are uniform in [-1, 1), and no kept value is
  /// zero. Fails on sizes that are not positive, overflow, or are no multiple
  /// of the blocks.
  static Result<Case> random(const CaseSpec &spec);

  /// A given A (row-major, zeros written out, m * k values) with a random B.
  /// `spec.density` is ignored. Not for Sddmm, whose mask is not in A.
  static Result<Case> withMatrix(const CaseSpec &spec,
                                 std::span<const float> a);

  /// A random problem with the non-zeros of A, or for Sddmm the mask, where
  /// `pattern` (such as "longformer<window=64,global=40>") has them. Blocks and
  /// density of `spec` are ignored. Not for Conv2d. Fails where the text is no
  /// pattern, or one that leaves a choice.
  static Result<Case> withPattern(const CaseSpec &spec,
                                  const std::string &pattern);

  /// The same for a constant A that is pruned to `pattern`, by saliency drawn
  /// at random. Spmm only.
  static Result<Case> pruned(const CaseSpec &spec, const std::string &pattern);

  Case(Case &&) = default;
  Case &operator=(Case &&) = default;
  Case(const Case &) = delete;
  Case &operator=(const Case &) = delete;

  const Problem &problem() const { return theProblem; }
  /// Non-zeros of A, or of the mask for Sddmm.
  int64_t nonZeros() const;

private:
  Case() = default;
  void finish();
  /// Random values for all buffers; A's, or the mask's, where `keeps(r, c)`.
  template <typename Keeps> void fill(uint64_t seed, Keeps keeps);

  Problem theProblem;
  AlignedBuffer<float> a, b;
  AlignedBuffer<uint16_t> aBf16, bBf16;
  AlignedBuffer<uint8_t> mask;
};

/// Round to nearest even; NaN stays NaN.
uint16_t toBf16(float value);
float fromBf16(uint16_t bits);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_CASE_H
