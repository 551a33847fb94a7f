//===- SpaceTimes.h - Predicted times of a space over N --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Target: the candidates of a problem of dynamic N that are
// worth looking at, each judged at every point.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_SPACETIMES_H
#define SPMMPLU_LIB_TARGET_SPACETIMES_H

#include "CostModel.h"

#include "spmmplu/Target/Selection.h"
#include "spmmplu/Target/Tuning.h"

namespace mlir::spmmplu {

/// One that no candidate of its layout beats everywhere.
struct JudgedStrategy {
  size_t candidate;
  Strategy strategy;
  LayoutKey layout;
  int64_t packedBytes;
  std::vector<double> micros; ///< at each point
};

struct SpaceTimes {
  std::vector<int64_t> points;
  std::vector<JudgedStrategy> kept; ///< in the order of the candidates
  std::vector<double> best;         ///< at each point, over all candidates
};

/// `measured`: if not null, only these are candidates, and the model's times
/// are scaled to theirs.
SpaceTimes judgeSpace(const Target &target, const ProductProblem &problem,
                      std::span<const Candidate> candidates, bool isFull,
                      const std::vector<TunedStrategy> *measured = nullptr);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_SPACETIMES_H
