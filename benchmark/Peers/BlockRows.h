//===- BlockRows.h - Compressed rows of blocks ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_BLOCKROWS_H
#define SPMMPLU_BENCHMARK_PEERS_BLOCKROWS_H

#include "Harness/AlignedBuffer.h"
#include "Harness/Problem.h"

#include <cstdint>

namespace spmmplu::bench {

/// BSR with 32-bit indices, the form that the libraries take; CSR if blocks
/// are 1x1. `starts` has one entry a block row and one more; `columns` counts
/// in blocks; `values` holds the blocks one after another, each row-major.
struct BlockRows {
  AlignedBuffer<int32_t> starts, columns;
  AlignedBuffer<float> values;
};

/// The blocks of A that hold any non-zero. Requires that the blocks tile A and
/// that A has less than 2^31 elements.
BlockRows toBlockRows(const Problem &problem, int64_t blockRows,
                      int64_t blockCols);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_BLOCKROWS_H
