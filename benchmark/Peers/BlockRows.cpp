//===- BlockRows.cpp - Compressed rows of blocks --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Peers/BlockRows.h"

using namespace spmmplu::bench;

static bool hasNonZero(const float *block, int64_t rows, int64_t cols,
                       int64_t stride) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (block[r * stride + c] != 0.0f)
        return true;
  return false;
}

BlockRows spmmplu::bench::toBlockRows(const Problem &problem, int64_t blockRows,
                                      int64_t blockCols) {
  BlockRows result;
  result.starts.push_back(0);
  for (int64_t row = 0; row < problem.m; row += blockRows) {
    for (int64_t col = 0; col < problem.k; col += blockCols) {
      const float *block = problem.a + row * problem.k + col;
      if (!hasNonZero(block, blockRows, blockCols, problem.k))
        continue;
      result.columns.push_back(int32_t(col / blockCols));
      for (int64_t r = 0; r < blockRows; ++r)
        result.values.insert(result.values.end(), block + r * problem.k,
                             block + r * problem.k + blockCols);
    }
    result.starts.push_back(int32_t(result.columns.size()));
  }
  return result;
}
