//===- BalancedClusters.h - Clusters of one size ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PATTERN_BALANCEDCLUSTERS_H
#define SPMMPLU_LIB_PATTERN_BALANCEDCLUSTERS_H

#include "spmmplu/Pattern/Pattern.h"

#include <cstdint>
#include <vector>

namespace mlir::spmmplu {

/// Balanced k-means over rows of a matrix: `samples` has clusters of `size`
/// rows one after the other, and is reordered so that rows of a cluster are
/// near each other. Centroids start as those of the clusters given; each of the
/// `rounds` assigns all rows to places in clusters at once, so every cluster
/// keeps its size.
void balanceClusters(const Saliency &matrix, std::vector<int32_t> &samples,
                     int64_t size, int64_t rounds, int threads);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PATTERN_BALANCEDCLUSTERS_H
