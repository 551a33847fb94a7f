//===- Assignment.h - The assignment problem --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_ASSIGNMENT_H
#define SPMMPLU_PATTERN_ASSIGNMENT_H

#include <cstdint>
#include <span>
#include <vector>

namespace mlir::spmmplu {

/// The assignment problem: gives every row another column so that the summed
/// gain is the largest. Shortest augmenting paths (Jonker and Volgenant), after
/// a column reduction; O(rows^2 * cols) at worst, in practice near rows * cols.
///
/// An own solver, because it is small, the problems are dense and come by the
/// thousand, and the library at hand (LEMON) is for general graphs: no dense
/// solver, and a dependency for everyone who builds.
///
/// Reused between calls for its buffers.
class AssignmentSolver {
public:
  /// `gains` is rows x cols, row-major, rows <= cols, finite. Returns the
  /// column of every row, valid until the next call. A function of the
  /// arguments alone.
  std::span<const int32_t> solve(std::span<const float> gains, int64_t rows,
                                 int64_t cols);

private:
  void reduceColumns(std::span<const float> gains, int64_t rows, int64_t cols);
  void bid(std::span<const float> gains, int64_t rows, int64_t cols);
  int32_t findShortestPath(std::span<const float> gains, int64_t cols,
                           int32_t start);
  void augment(int32_t start, int32_t end);

  std::vector<int32_t> columnOfRow, rowOfColumn, predecessor, order, freeRows;
  std::vector<double> price, distance;
  /// `order` is columns that are done, then those at the least distance, then
  /// the others.
  int64_t done = 0;
  double shortest = 0;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_ASSIGNMENT_H
