//===- Reference.h - What a program should have computed --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A package carries what it takes to check itself: the sparse matrix is decoded
// from its tables and multiplied in f64, without any of the kernel's code.
//
// The tolerance. Let y = act(sum_k a_ik b_kj + bias_i) be exact, m_ij =
// sum_k |a_ik| |b_kj| + |bias_i|, n_i the number of non-zeros of row i, and
// gamma(n, u) = n u / (1 - n u). A kernel that accumulates in a type of unit
// roundoff u, in any order, with or without fused multiply-add, is off by at
// most gamma(n_i + 2, u) m_ij before rounding to the output type (Higham,
// Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1; the two
// are the product's rounding and the bias). An activation `relu` does not make
// it larger. So an element passes iff
//
//   |found - y| <= T + u_out (|y| + T) + s,
//   T = (g + u_op (1 + g) + gamma(n_i + 2, 2^-53)) m_ij,
//   g = gamma(n_i + 2, u_acc)
//
// u_acc is 2^-53 where both operands are F64, 2^-23 in the layouts of tensor
// cores, whose sums are cut off and not rounded, else 2^-24; u_out the output's
// unit roundoff where the output is F16 or BF16, else 0; u_op that of the
// matrix's type where it is F16 or BF16 and the right-hand side is wider (a
// kernel for the matrix unit rounds the right-hand side to the matrix's type),
// 2 * 2^-11 + 2^-22 where tensor cores read F32 as TF32, to which both operands
// are rounded, else 0; the last gamma is the reference's own
// error. s covers underflow:
// (n_i + 2) times the least normal number of the accumulator's type, for
// units that flush subnormal numbers, plus the least subnormal of the output's.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_REFERENCE_H
#define SPMMPLU_RUNTIME_REFERENCE_H

#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <vector>

namespace spmmplu {

/// Columns ascend in a row. Explicit zeros are dropped.
struct CsrMatrix {
  int64_t rows = 0, cols = 0;
  std::vector<int64_t> rowPtr; ///< [rows + 1]
  std::vector<int32_t> columns;
  std::vector<double> values;
};

/// Decodes the packed matrix. A position that several entries cover (the cell
/// moved back at the end of a row of cells) is the sum, of which the packing
/// leaves one term that is not zero.
Result<CsrMatrix> decodeMatrix(const MatrixSpec &matrix,
                               const TensorLookup &lookup);

struct CheckReport {
  bool passed = true;
  /// |found - y|_F / |y|_F; the numerator where y is zero.
  double relativeFrobenius = 0;
  /// The largest |found - y| over what is allowed there; passed iff <= 1.
  double maxRatio = 0;
  /// Where that is, and the values. Zero for an empty output.
  int64_t row = 0, col = 0;
  double found = 0, expected = 0;
};

/// Compares `output` with activation(matrix * rhs + bias). An error where the
/// package has no check, a shape is not the manifest's, or `rhs` holds a value
/// that is not finite, for which the tolerance says nothing.
Result<CheckReport> checkOutput(const Package &package, const TensorView &rhs,
                                const TensorView &output);
/// The same with the tensors that `lookup` finds: those of a program whose
/// matrices were replaced.
Result<CheckReport> checkOutput(const Manifest &manifest,
                                const TensorLookup &lookup,
                                const TensorView &rhs,
                                const TensorView &output);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_REFERENCE_H
