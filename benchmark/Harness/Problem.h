//===- Problem.h - One multiplication to be timed ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plain description that every peer gets. It owns no data: a `Case` owns
// the buffers.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_PROBLEM_H
#define SPMMPLU_BENCHMARK_HARNESS_PROBLEM_H

#include <cstdint>
#include <string>

namespace spmmplu::bench {

enum class ProblemKind {
  /// Y[m,n] = A[m,k] * B[k,n], A sparse, all row-major. A is constant unless
  /// `constantA` says otherwise: then its non-zeros' places alone are.
  Spmm,
  /// S[m,n] = mask .* (A[m,k] * B[n,k]^T), A and B dense and both change from
  /// call to call; only S where the mask is set counts.
  Sddmm,
  /// Y[batch,outChannels,outHeight,outWidth] = conv(B, A), B an NCHW image and
  /// A sparse, constant weights [outChannels,inChannels,kernelHeight,
  /// kernelWidth]. m, n and k are those of the product it equals.
  Conv2d,
};

/// Type of the inputs; results are f32 in both cases.
enum class DataType { F32, BF16 };

struct ConvShape {
  int64_t batch = 1;
  int64_t inChannels = 0, height = 0, width = 0;
  int64_t outChannels = 0, kernelHeight = 0, kernelWidth = 0;
  /// The same in both directions.
  int64_t stride = 1, padding = 0;

  int64_t outHeight() const {
    return (height + 2 * padding - kernelHeight) / stride + 1;
  }
  int64_t outWidth() const {
    return (width + 2 * padding - kernelWidth) / stride + 1;
  }
};

struct Problem {
  ProblemKind kind = ProblemKind::Spmm;
  DataType dtype = DataType::F32;
  int64_t m = 0, k = 0, n = 0;
  /// Conv2d only.
  ConvShape conv;
  /// The blocks that A's non-zeros come in, aligned to their own size; 1x1
  /// when they come singly.
  int64_t blockRows = 1, blockCols = 1;
  int threads = 1;
  /// Spmm only. False where A is computed anew for each call, as attention
  /// scores are: no dense peer may pack it ahead.
  bool constantA = true;
  /// The pattern that determines which elements of the mask (Sddmm), or of A,
  /// are kept, in the pattern library's words; empty if none does.
  std::string pattern;

  /// A with its zeros written out, and B, in the layouts above. For BF16 every
  /// value is a bf16 number, so that an f32 peer solves the same problem.
  const float *a = nullptr;
  const float *b = nullptr;
  /// The same values as bf16 bits; null for F32.
  const uint16_t *aBf16 = nullptr;
  const uint16_t *bBf16 = nullptr;
  /// Sddmm only: m * n bytes, 0 or 1, row-major.
  const uint8_t *mask = nullptr;

  int64_t aSize() const { return m * k; }
  int64_t bSize() const {
    return kind == ProblemKind::Conv2d
               ? conv.batch * conv.inChannels * conv.height * conv.width
               : k * n;
  }
  int64_t resultSize() const { return m * n; }
};

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_PROBLEM_H
