//===- Attention.h - Strategies of sparse attention -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention under a mask as GPUs compute it: one kernel a table of tiles, that
// multiplies by the keys, takes the softmax and multiplies by the values.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_ATTENTION_H
#define SPMMPLU_TARGET_ATTENTION_H

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Target/Strategy.h"

#include <vector>

namespace mlir::spmmplu {

/// Softmax(Q K^T under a mask) V. Q is [batch, rows, depth], K [batch, cols,
/// depth], V [batch, cols, width].
struct AttentionProblem {
  int64_t batch = 1, rows = 0, cols = 0, depth = 0, width = 0;
  Element element = Element::F16;
  int64_t nonZeros = 0; ///< of the mask
};

/// In microseconds: all in one kernel a table, and as two products with the
/// scores in memory and a softmax between them.
struct AttentionPrediction {
  double fused = 0, separate = 0;
};

/// The largest depth and width that kernels take.
inline constexpr int64_t kMaxAttentionWidth = 128;

/// The strategies that the kernel takes: tiles of `rows` x `vectors` * 8. Empty
/// where the target has no kernel for the types or sizes.
std::vector<Strategy> enumerateAttention(const Target &target,
                                         const AttentionProblem &problem);

/// The time of `strategy`, with whose tile size `parts` were made.
AttentionPrediction predictAttention(const Target &target,
                                     const AttentionProblem &problem,
                                     const Strategy &strategy,
                                     std::span<const TileTable> parts);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_ATTENTION_H
