//===- OutputChannels.cpp - Which rows make a tile ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BalancedClusters.h"
#include "Parallel.h"
#include "PermutationSearch.h"
#include "Selection.h"
#include "spmmplu/Pattern/Assignment.h"
#include "spmmplu/Pattern/Random.h"

#include <numeric>

namespace mlir::spmmplu {

/// Partitions that take part in one round, and rows that are clustered.
static constexpr int64_t poolPartitions = 64, poolRows = 512;
static constexpr int64_t clusterRounds = 2;
/// After some rounds in a row without a gain worth while, fewer rows are
/// sampled; from one row on the search ends. As many rounds as take half of a
/// partition's rows, and a few.
static constexpr int64_t leastIdleRounds = 4;
/// A gain worth while, as a part of what is kept, of a round that samples all
/// rows; less in proportion if it samples fewer.
static constexpr double leastGain = 6e-5;
static constexpr int64_t maxRounds = 1000;
static constexpr int64_t lanes = 16;

namespace {
/// The largest `keep` of some sums: their total, and the least of them.
struct TopSum {
  double total = 0;
  float threshold = 0;
};

/// A round takes a sample of rows out of each partition of a pool, makes
/// clusters of similar ones, and gives each partition a cluster by solving the
/// assignment problem; it stands if all partitions together keep more.
class RowSearch {
public:
  RowSearch(const SearchContext &context, int64_t tileRows, int64_t keep)
      : context(context), matrix(context.saliency), tileRows(tileRows),
        keep(keep), random(mixSeed(context.seed, ~0ull)),
        partitions(ceilDiv(matrix.rows, tileRows)) {}

  std::vector<int32_t> run(double share);

private:
  void loadPartitions();
  void sumRows(std::span<const int32_t> rows, float scale, float *out) const;
  TopSum sumLargest(const float *sums) const;
  double runRound(int64_t sample);
  void takeSamples(int64_t sample);
  void computeGains(int64_t sample);
  double acceptIfBetter(std::span<const int32_t> clusterOf, int64_t sample);

  const SearchContext &context;
  Saliency matrix;
  int64_t tileRows, keep;
  RandomGenerator random;

  std::vector<std::vector<int32_t>> partitions;
  std::vector<float> sums; ///< partitions x cols: each partition's column sums
  std::vector<TopSum> tops;

  std::vector<int64_t> pool;
  std::vector<int32_t> samples;
  std::vector<float> remaining, clusters; ///< pool x cols
  std::vector<float> gains;
  AssignmentSolver solver;
};
} // namespace

void RowSearch::sumRows(std::span<const int32_t> rows, float sign,
                        float *out) const {
  for (int32_t row : rows) {
    const float *in = matrix.values.data() + row * matrix.cols;
    for (int64_t c = 0; c < matrix.cols; ++c)
      out[c] += sign * in[c];
  }
}

TopSum RowSearch::sumLargest(const float *sums) const {
  std::vector<float> copy(sums, sums + matrix.cols);
  auto last = copy.begin() + (keep - 1);
  std::nth_element(copy.begin(), last, copy.end(), std::greater<float>());
  TopSum top{double(keep) * *last, *last};
  for (int64_t c = 0; c < matrix.cols; ++c)
    top.total += std::max(sums[c] - top.threshold, 0.f);
  return top;
}

void RowSearch::loadPartitions() {
  sums.assign(partitions.size() * matrix.cols, 0.f);
  tops.resize(partitions.size());
  parallelFor(int64_t(partitions.size()), context.threads, [&](int64_t i, int) {
    float *out = sums.data() + i * matrix.cols;
    std::fill(out, out + matrix.cols, 0.f);
    sumRows(partitions[i], 1, out);
    tops[i] = sumLargest(out);
  });
}

/// Moves `sample` random rows of each partition of the pool to its end.
void RowSearch::takeSamples(int64_t sample) {
  pool.clear();
  for (int64_t i = 0; i < int64_t(partitions.size()); ++i)
    if (int64_t(partitions[i].size()) >= sample)
      pool.push_back(i);
  for (int64_t i = int64_t(pool.size()) - 1; i > 0; --i)
    std::swap(pool[i], pool[random.below(i + 1)]);
  if (int64_t(pool.size()) > poolPartitions)
    pool.resize(poolPartitions);
  samples.clear();
  for (int64_t i : pool) {
    std::vector<int32_t> &rows = partitions[i];
    for (int64_t k = 0; k < sample; ++k) {
      int64_t last = int64_t(rows.size()) - 1 - k;
      std::swap(rows[random.below(last + 1)], rows[last]);
    }
    samples.insert(samples.end(), rows.end() - sample, rows.end());
  }
}

/// gains[i][j] = what partition i of the pool keeps with cluster j. With t the
/// least sum that is kept, this is keep * t + the sums' excess over t, and for
/// every other t it is less than that: so the least over a few thresholds near
/// the partition's own is as good as exact.
void RowSearch::computeGains(int64_t sample) {
  int64_t count = int64_t(pool.size()), cols = matrix.cols;
  remaining.resize(count * cols);
  clusters.assign(count * cols, 0.f);
  gains.resize(count * count);
  int threads = threadsFor(count * count * cols, context.threads);
  parallelFor(count, threads, [&](int64_t i, int) {
    const float *in = sums.data() + pool[i] * cols;
    std::copy(in, in + cols, remaining.begin() + i * cols);
    const std::vector<int32_t> &rows = partitions[pool[i]];
    sumRows(std::span(rows).last(sample), -1, remaining.data() + i * cols);
    sumRows(std::span<const int32_t>(samples).subspan(i * sample, sample), 1,
            clusters.data() + i * cols);
  });
  parallelFor(count * count, threads, [&](int64_t at, int) {
    const float *a = remaining.data() + at / count * cols;
    const float *b = clusters.data() + at % count * cols;
    float middle = tops[pool[at / count]].threshold;
    float low = middle * 0.98f, high = middle * 1.02f;
    float excess[3][lanes] = {};
    auto add = [&](float x, int64_t l) {
      excess[0][l] += x > low ? x - low : 0.f;
      excess[1][l] += x > middle ? x - middle : 0.f;
      excess[2][l] += x > high ? x - high : 0.f;
    };
    int64_t whole = cols / lanes * lanes;
    for (int64_t c = 0; c < whole; c += lanes)
      for (int64_t l = 0; l < lanes; ++l)
        add(a[c + l] + b[c + l], l);
    for (int64_t c = whole; c < cols; ++c)
      add(a[c] + b[c], c - whole);
    float least = 0;
    const float thresholds[] = {low, middle, high};
    for (int64_t t = 0; t < 3; ++t) {
      float total = float(keep) * thresholds[t];
      for (float part : excess[t])
        total += part;
      least = t == 0 ? total : std::min(least, total);
    }
    gains[at] = least;
  });
}

/// Returns what is gained, 0 if the partitions stay as they are.
double RowSearch::acceptIfBetter(std::span<const int32_t> clusterOf,
                                 int64_t sample) {
  int64_t count = int64_t(pool.size()), cols = matrix.cols;
  std::vector<TopSum> newTops(count);
  parallelFor(
      count, threadsFor(count * cols, context.threads), [&](int64_t i, int) {
        float *out = remaining.data() + i * cols;
        const float *in = clusters.data() + int64_t(clusterOf[i]) * cols;
        for (int64_t c = 0; c < cols; ++c)
          out[c] += in[c];
        newTops[i] = sumLargest(out);
      });
  double gained = 0;
  for (int64_t i = 0; i < count; ++i)
    gained += newTops[i].total - tops[pool[i]].total;
  if (!(gained > 0))
    return 0;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<int32_t> &rows = partitions[pool[i]];
    std::copy_n(samples.begin() + int64_t(clusterOf[i]) * sample, sample,
                rows.end() - sample);
    std::copy_n(remaining.begin() + i * cols, cols,
                sums.begin() + pool[i] * cols);
    tops[pool[i]] = newTops[i];
  }
  return gained;
}

double RowSearch::runRound(int64_t sample) {
  takeSamples(sample);
  int64_t count = int64_t(pool.size());
  if (count < 2)
    return 0;
  if (sample > 1)
    balanceClusters(matrix, samples, sample, clusterRounds, context.threads);
  computeGains(sample);
  return acceptIfBetter(solver.solve(gains, count, count), sample);
}

std::vector<int32_t> RowSearch::run(double share) {
  for (int64_t r = 0; r < matrix.rows; ++r)
    partitions[r / tileRows].push_back(int32_t(r));
  int64_t perPool =
      std::min<int64_t>(poolPartitions, int64_t(partitions.size()));
  int64_t sample =
      std::max<int64_t>(1, std::min(tileRows / 4, poolRows / perPool));
  loadPartitions();
  int64_t idle = 0;
  double total = 0;
  for (const TopSum &top : tops)
    total += top.total;
  for (int64_t round = 0; round < maxRounds; ++round) {
    double part = double(sample) / double(tileRows);
    idle = runRound(sample) > leastGain * part * total ? 0 : idle + 1;
    context.progress.reach(share * double(round + 1) / double(maxRounds));
    if (idle < leastIdleRounds + tileRows / (2 * sample))
      continue;
    if (sample == 1)
      break;
    sample /= 2;
    idle = 0;
    // Sums drift by rounding as rows go and come.
    loadPartitions();
  }
  context.progress.reach(share);
  std::vector<int32_t> order;
  for (const std::vector<int32_t> &rows : partitions)
    order.insert(order.end(), rows.begin(), rows.end());
  return order;
}

std::vector<int32_t> searchOutputChannels(const SearchContext &context,
                                          int64_t tileRows, int64_t keptColumns,
                                          double share) {
  return RowSearch(context, tileRows, keptColumns).run(share);
}

} // namespace mlir::spmmplu
