//===- Check.h - Results against double precision ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_CHECK_H
#define SPMMPLU_BENCHMARK_HARNESS_CHECK_H

#include "Harness/Problem.h"

#include <span>
#include <vector>

namespace spmmplu::bench {

/// The result of `problem` in f64, row-major, in `Problem`'s result layout;
/// zero where an Sddmm mask is not set. Skips the zeros of A.
std::vector<double> referenceResult(const Problem &problem);

/// Largest relative error of a result that counts as right. Sums in f32 stay
/// near 1e-7, Winograd's transforms near 1e-6.
inline constexpr double kLargestError = 1e-4;

/// Relative Frobenius error |result - reference| / |reference|, over the
/// masked elements for Sddmm. Infinity if the sizes differ or any difference
/// is NaN; if the reference is zero, 0 for a zero result, else infinity.
double checkAgainst(const Problem &problem, std::span<const double> reference,
                    std::span<const float> result);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_CHECK_H
