//===- Grouping.cpp - Grouping of meta-ops --------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/MetaOps.h"

#include "FlatMap.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

using namespace mlir::spmmplu;

/// Group_With_No_Reduce: meta-ops of one extent have an additive relation iff
/// their (i, j) are equal, since both are aligned to it.
static std::vector<MetaOpGroup> splitByRank(const MetaOpSet &set) {
  std::vector<Cell> lo = set.lo;
  if (!std::is_sorted(lo.begin(), lo.end()))
    std::sort(lo.begin(), lo.end());
  std::vector<MetaOpGroup> groups;
  size_t rank = 0;
  for (size_t n = 0; n < lo.size(); ++n) {
    bool sameTile = n && lo[n][0] == lo[n - 1][0] && lo[n][1] == lo[n - 1][1];
    rank = sameTile ? rank + 1 : 0;
    if (rank == groups.size())
      groups.emplace_back();
    groups[rank].metaOps.push_back({lo[n], set.extent});
  }
  return groups;
}

/// Combination_With_No_Additive. Every output tile of the finest granularity
/// counts the groups up to the last one that touches it; a meta-op goes to the
/// first group beyond the counts of all its tiles. By induction the n-th group
/// taken lands in groups 0..n, so their number does not grow.
static std::vector<MetaOpGroup> combine(const std::vector<MetaOpGroup> &small) {
  // Wide tiles first: narrow ones fill up what these leave, whereas a wide one
  // has to wait for the highest of the narrow ones below it.
  std::vector<std::pair<int64_t, size_t>> order;
  for (size_t n = 0; n < small.size(); ++n) {
    const Cell &extent = small[n].metaOps.front().extent;
    order.emplace_back(-int64_t(extent[0]) * extent[1], n);
  }
  std::sort(order.begin(), order.end());
  std::array<int32_t, 2> finest = {0, 0};
  for (const MetaOpGroup &group : small)
    for (int axis = 0; axis < 2; ++axis)
      finest[axis] = std::gcd(finest[axis], group.metaOps.front().extent[axis]);

  FlatMap<uint32_t> counts;
  std::vector<MetaOpGroup> combined;
  for (auto [area, n] : order)
    for (const MetaOp &metaOp : small[n].metaOps) {
      auto forEachTile = [&](auto &&visit) {
        int64_t hiI = int64_t(metaOp.lo[0]) + metaOp.extent[0];
        int64_t hiJ = int64_t(metaOp.lo[1]) + metaOp.extent[1];
        for (int64_t i = metaOp.lo[0] / finest[0]; i * finest[0] < hiI; ++i)
          for (int64_t j = metaOp.lo[1] / finest[1]; j * finest[1] < hiJ; ++j)
            visit(counts[uint64_t(i) << 32 | uint64_t(j)]);
      };
      uint32_t place = 0;
      forEachTile([&](uint32_t &count) { place = std::max(place, count); });
      forEachTile([&](uint32_t &count) { count = place + 1; });
      if (place == combined.size())
        combined.emplace_back();
      combined[place].metaOps.push_back(metaOp);
    }
  return combined;
}

std::vector<MetaOpGroup>
mlir::spmmplu::groupDisjoint(const std::vector<MetaOpSet> &sets,
                             bool outputSparsityOnly, int64_t minGroupSize) {
  std::vector<MetaOpGroup> groups, small;
  for (const MetaOpSet &set : sets) {
    if (set.lo.empty())
      continue;
    if (outputSparsityOnly) {
      MetaOpGroup &group = groups.emplace_back();
      group.metaOps.reserve(set.lo.size());
      for (const Cell &lo : set.lo)
        group.metaOps.push_back({lo, set.extent});
      continue;
    }
    for (MetaOpGroup &group : splitByRank(set)) {
      bool isSmall = int64_t(group.metaOps.size()) < minGroupSize;
      (isSmall ? small : groups).push_back(std::move(group));
    }
  }
  for (MetaOpGroup &group : combine(small))
    groups.push_back(std::move(group));
  return groups;
}

namespace {
/// The part of a meta-op that lies in the output tile (i, j), counted in tiles.
struct Piece {
  int32_t i, j;
  MetaOp metaOp;

  auto key() const {
    const Cell &lo = metaOp.lo;
    return std::make_tuple(i, j, lo[2], lo[0], lo[1]);
  }
};
} // namespace

/// Cuts `metaOp` at the boundaries of output tiles.
static void cutByTile(const MetaOp &metaOp, std::array<int32_t, 2> tile,
                      std::array<int32_t, 2> bound,
                      std::vector<Piece> &pieces) {
  std::array<int64_t, 2> hi, tileEnd;
  for (int axis = 0; axis < 2; ++axis) {
    hi[axis] = int64_t(metaOp.lo[axis]) + metaOp.extent[axis];
    tileEnd[axis] = std::min<int64_t>(hi[axis], bound[axis]);
  }
  for (int64_t i = metaOp.lo[0] / tile[0]; i * tile[0] < tileEnd[0]; ++i)
    for (int64_t j = metaOp.lo[1] / tile[1]; j * tile[1] < tileEnd[1]; ++j) {
      Piece piece = {int32_t(i), int32_t(j), metaOp};
      std::array<int64_t, 2> at = {i, j};
      for (int axis = 0; axis < 2; ++axis) {
        int64_t begin =
            std::max<int64_t>(metaOp.lo[axis], at[axis] * tile[axis]);
        int64_t end = std::min(hi[axis], (at[axis] + 1) * tile[axis]);
        piece.metaOp.lo[axis] = int32_t(begin);
        piece.metaOp.extent[axis] = int32_t(end - begin);
      }
      pieces.push_back(piece);
    }
}

std::vector<Chain>
mlir::spmmplu::groupChains(const std::vector<MetaOpSet> &sets,
                           std::array<int32_t, 2> tile,
                           std::array<int32_t, 2> bound) {
  assert(tile[0] >= 1 && tile[1] >= 1 && "an output tile has cells");
  std::vector<Piece> pieces;
  for (const MetaOpSet &set : sets)
    for (const Cell &lo : set.lo)
      cutByTile({lo, set.extent}, tile, bound, pieces);
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece &a, const Piece &b) { return a.key() < b.key(); });

  std::vector<Chain> chains;
  for (size_t begin = 0, end; begin < pieces.size(); begin = end) {
    const Piece &first = pieces[begin];
    for (end = begin + 1; end < pieces.size() && pieces[end].i == first.i &&
                          pieces[end].j == first.j;
         ++end)
      ;
    Chain &chain = chains.emplace_back();
    chain.i = first.i * tile[0];
    chain.j = first.j * tile[1];
    chain.metaOps.reserve(end - begin);
    for (size_t n = begin; n < end; ++n)
      chain.metaOps.push_back(pieces[n].metaOp);
  }
  return chains;
}
