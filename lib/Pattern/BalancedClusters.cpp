//===- BalancedClusters.cpp - Clusters of one size ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BalancedClusters.h"
#include "Parallel.h"
#include "spmmplu/Pattern/Assignment.h"

namespace mlir::spmmplu {

/// Sums are of so many independent parts, in one order on every machine.
/// Products are statements of their own, so that none is fused with a sum where
/// the machine could.
static constexpr int64_t lanes = 16;

static float dotProduct(const float *a, const float *b, int64_t count) {
  float parts[lanes] = {};
  int64_t whole = count / lanes * lanes;
  for (int64_t c = 0; c < whole; c += lanes)
    for (int64_t l = 0; l < lanes; ++l) {
      float product = a[c + l] * b[c + l];
      parts[l] += product;
    }
  float total = 0;
  for (float part : parts)
    total += part;
  for (int64_t c = whole; c < count; ++c) {
    float product = a[c] * b[c];
    total += product;
  }
  return total;
}

static std::vector<float> computeCentroids(const Saliency &matrix,
                                           const std::vector<int32_t> &samples,
                                           int64_t size, int threads) {
  int64_t count = int64_t(samples.size()), clusters = count / size;
  int64_t cols = matrix.cols;
  std::vector<float> centroids(clusters * cols, 0.f);
  parallelFor(clusters, threadsFor(count * matrix.cols, threads),
              [&](int64_t k, int) {
                float *out = centroids.data() + k * cols;
                for (int64_t q = k * size; q < (k + 1) * size; ++q) {
                  const float *in = matrix.values.data() + samples[q] * cols;
                  for (int64_t c = 0; c < cols; ++c)
                    out[c] += in[c];
                }
                for (int64_t c = 0; c < cols; ++c)
                  out[c] /= float(size);
              });
  return centroids;
}

void balanceClusters(const Saliency &matrix, std::vector<int32_t> &samples,
                     int64_t size, int64_t rounds, int threads) {
  int64_t count = int64_t(samples.size()), clusters = count / size;
  threads = threadsFor(count * clusters * matrix.cols, threads);
  std::vector<float> gains(count * count);
  AssignmentSolver solver;
  for (int64_t round = 0; round < rounds; ++round) {
    std::vector<float> centroids =
        computeCentroids(matrix, samples, size, threads);
    std::vector<float> halfNorms(clusters);
    parallelFor(clusters, threads, [&](int64_t k, int) {
      const float *centroid = centroids.data() + k * matrix.cols;
      halfNorms[k] = dotProduct(centroid, centroid, matrix.cols) / 2;
    });
    // The squared distance is the row's norm, which all places share, less
    // twice this. A cluster's places are columns with the same gains.
    parallelFor(count, threads, [&](int64_t q, int) {
      const float *row = matrix.values.data() + samples[q] * matrix.cols;
      for (int64_t k = 0; k < clusters; ++k) {
        const float *centroid = centroids.data() + k * matrix.cols;
        float gain = dotProduct(row, centroid, matrix.cols) - halfNorms[k];
        std::fill_n(gains.begin() + q * count + k * size, size, gain);
      }
    });
    std::span<const int32_t> places = solver.solve(gains, count, count);
    std::vector<int32_t> next(count);
    for (int64_t q = 0; q < count; ++q)
      next[places[q]] = samples[q];
    if (next == samples)
      return;
    samples = std::move(next);
  }
}

} // namespace mlir::spmmplu
