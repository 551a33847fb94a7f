//===- PanelPairs.h - Panels that are walked together -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of a GPU that takes two panels reads the rows of the rhs that either
// of them has, once. Which panels go together decides how many these are.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_PANELPAIRS_H
#define SPMMPLU_SEGMENTATION_PANELPAIRS_H

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Support/Result.h"

namespace mlir::spmmplu {

/// A panel's chain: its entries follow each other in the table.
struct PairedPanel {
  int32_t panel = -1; ///< -1: there is none, and no entry
  int32_t firstEntry = 0, entries = 0;
};

/// Eight words, as kernels read them.
struct PanelPair {
  int32_t firstStep = 0, steps = 0;
  PairedPanel members[2];
};
static_assert(sizeof(PanelPair) == 32);

/// All panels of a table, each in one pair; the last may be alone in its. The
/// steps of a pair are the k of its panels' entries, each k once, ascending:
/// k << 2, and bit m where member m has the entry. So a member's entries, which
/// padding is none of, are in order those steps of its pair that have its bit.
struct PanelPairs {
  static constexpr int kMemberBits = 2;

  std::vector<PanelPair> pairs; ///< those with most steps first
  std::vector<int32_t> steps;
};

/// Pairs panels that have many k in common: greedily, which for random chains
/// gains about twice as much as neighbours do. Fails on several phases, and on
/// a k that leaves no room for the bits.
::spmmplu::Result<PanelPairs> pairPanels(const ChainTable &table);

/// Blocks that take the tiles of a product in turns: multiprocessors of H100
/// and H200. Others only see more or fewer waves.
inline constexpr int64_t kTurnBlocks = 132;
/// Clusters of so many blocks that do.
constexpr int64_t getTurns(int64_t cluster) { return kTurnBlocks / cluster; }

/// Pairs whose tiles follow each other, for one column tile after the other: so
/// many that their packed values stay in the L2 all the while, in groups of
/// about equal size. Each group reads all of the rhs.
int64_t getPairsTogether(int64_t pairs, int64_t lhsBytes);

/// Orders the pairs so that `turns` blocks, or clusters, that take tiles in
/// turns have about equally many steps each, for each of these numbers of
/// column tiles (of clusters, of all that one takes at a time).
void balanceTurns(PanelPairs &pairs, int64_t together,
                  std::span<const int64_t> colTiles,
                  int64_t turns = kTurnBlocks);

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_PANELPAIRS_H
