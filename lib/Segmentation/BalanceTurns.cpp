//===- BalanceTurns.cpp - Pairs of panels in an order that is fair --------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/PanelPairs.h"

#include <algorithm>
#include <random>

using namespace mlir::spmmplu;

/// Bytes of the lhs that the L2 of an H100 keeps beside the rhs.
static constexpr int64_t kKeptBytes = int64_t(16) << 20;
/// What a tile takes beside its steps, in steps.
static constexpr int64_t kTileSteps = 1;

static int64_t ceilDiv(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

int64_t mlir::spmmplu::getPairsTogether(int64_t pairs, int64_t lhsBytes) {
  int64_t groups = std::clamp<int64_t>(ceilDiv(lhsBytes, kKeptBytes), 1,
                                       std::max<int64_t>(pairs, 1));
  return std::max<int64_t>(ceilDiv(pairs, groups), 1);
}

namespace {

/// The steps of each block for one number of column tiles, as positions in the
/// order change places.
class Turns {
public:
  Turns(const std::vector<int64_t> &lengths, int64_t together, int64_t colTiles,
        int64_t blocks)
      : pairs(int64_t(lengths.size())), blocks(blocks),
        taken(pairs * blocks, 0), sums(blocks, 0) {
    for (int64_t tile = 0; tile < pairs * colTiles; ++tile) {
      int64_t first = tile / (colTiles * together) * together;
      int64_t count = std::min(together, pairs - first);
      int64_t position = first + (tile - first * colTiles) % count;
      ++taken[position * blocks + tile % blocks];
      sums[tile % blocks] += lengths[position];
      total += lengths[position];
    }
  }

  /// The length at position `a` becomes so much more, that at `b` less.
  void move(int64_t a, int64_t b, int64_t more) {
    for (int64_t block = 0; block < blocks; ++block)
      sums[block] +=
          more * (taken[a * blocks + block] - taken[b * blocks + block]);
  }
  /// Grows with the longest blocks: a power that others hardly count in.
  double unfairness() const {
    double sum = 0, mean = double(std::max<int64_t>(total, 1)) / double(blocks);
    for (int64_t each : sums) {
      double power = double(each) / mean;
      for (int times = 0; times < 4; ++times)
        power *= power;
      sum += power;
    }
    return sum;
  }

private:
  int64_t pairs, blocks, total = 0;
  std::vector<int32_t> taken; ///< tiles: [position][block]
  std::vector<int64_t> sums;
};

} // namespace

void mlir::spmmplu::balanceTurns(PanelPairs &pairs, int64_t together,
                                 std::span<const int64_t> colTiles,
                                 int64_t blocks) {
  // Two pairs change places if it is no less fair then. More attempts than this
  // gain less than a step.
  constexpr int64_t kAttempts = 4096;
  auto count = int64_t(pairs.pairs.size());
  std::vector<int64_t> lengths;
  for (const PanelPair &pair : pairs.pairs)
    lengths.push_back(pair.steps + kTileSteps);
  std::vector<Turns> turns;
  for (int64_t tiles : colTiles)
    turns.emplace_back(lengths, together, tiles, blocks);
  auto getUnfairness = [&] {
    double sum = 0;
    for (const Turns &each : turns)
      sum += each.unfairness();
    return sum;
  };
  double best = getUnfairness();
  std::mt19937 random(1);
  for (int64_t attempt = 0; attempt < kAttempts && count > 1; ++attempt) {
    int64_t a = random() % count, b = random() % count;
    int64_t more = lengths[b] - lengths[a];
    if (more == 0)
      continue;
    for (Turns &each : turns)
      each.move(a, b, more);
    if (double found = getUnfairness(); found <= best) {
      best = found;
      std::swap(lengths[a], lengths[b]);
      std::swap(pairs.pairs[a], pairs.pairs[b]);
    } else {
      for (Turns &each : turns)
        each.move(a, b, -more);
    }
  }
}
