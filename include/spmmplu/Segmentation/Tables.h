//===- Tables.h - The tables that a fused group's kernel walks --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Real masks have 10^5 to 10^6 meta-ops; their coordinates are data. A group
// under policy `chain` becomes one table: a `ChainTable` for input sparsity
// (the k axis of a meta-op is an index list), a `TileTable` for output sparsity
// (the j axis is). On both the i axis is an index list too: the rows of a
// *panel*. Everything is in elements, not cells.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_TABLES_H
#define SPMMPLU_SEGMENTATION_TABLES_H

#include "spmmplu/Pattern/Pattern.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mlir::spmmplu {

/// Input sparsity. Chain (phase f, panel p) holds the entries
/// [chainPtr[f * panels + p], chainPtr[f * panels + p + 1]); entry e is the
/// meta-op of `rows` panel rows by `depth` consecutive k from `entries[e]` on.
///
/// Invariants: every row of the matrix is in exactly one panel (rows without a
/// non-zero too: their output must be written); entries of a chain ascend;
/// entry + depth <= cols, always: where `depth` does not divide `cols`, the
/// last cell is moved back to cols - depth and its first columns, which an
/// earlier cell owns, are packed as zeros. Requires 1 <= depth <= cols; a
/// matrix without columns has panels but no entry, whatever the depth. An entry
/// that repeats the one before it in its chain is padding (`padChains`) and
/// packed as zeros; `buildChainTable` makes none.
struct ChainTable {
  int32_t rows = 1;   ///< rows of a panel
  int32_t depth = 1;  ///< consecutive k that an entry covers
  int32_t phases = 1; ///< k is cut into this many ranges, walked one by one
  int64_t matrixRows = 0, matrixCols = 0;
  std::vector<int32_t> panelRows; ///< [panels][rows], -1 = no row (padding)
  std::vector<int32_t> chainPtr;  ///< [phases * panels + 1]
  std::vector<int32_t> entries;   ///< first k of each entry

  int64_t panels() const { return int64_t(panelRows.size()) / rows; }
  /// First k that entry `e` owns (see the invariant on the last cell).
  int64_t firstOwned(int64_t entry) const {
    int64_t k = entries[entry];
    return k % depth ? (k / depth + 1) * depth : k;
  }
  /// Whether `entry`, of the chain whose first entry is `chainBegin`, is
  /// padding.
  bool isPadding(int64_t entry, int64_t chainBegin) const {
    return entry > chainBegin && entries[entry] == entries[entry - 1];
  }
};

struct ChainTableOptions {
  int32_t rows = 1;
  int32_t depth = 1;
  /// k elements of a phase (a multiple of depth); 0: one phase.
  int64_t phaseDepth = 0;
  /// The order in which rows fill panels (a permutation of all rows); empty:
  /// natural order.
  std::vector<int32_t> rowOrder;
};

ChainTable buildChainTable(const Mask &mask, const ChainTableOptions &options);

/// The entries of `form`, a table of the same matrix of which all but its
/// entries is known, from those of `known`. Nothing where they cannot be had:
/// where the chains of `form` have place for other numbers of cells, because
/// entries of `known` cover more than the mask that `form` was made of, or
/// because `form` has padding. Takes memory and time in proportion to the
/// entries of both; `known` holds the invariants, `form.chainPtr` ascends.
std::optional<std::vector<int32_t>> deriveEntries(const ChainTable &known,
                                                  const ChainTable &form);

/// The number of entries that `buildChainTable` would make, without making it:
/// what the cost model asks for many candidates.
int64_t countEntries(const Mask &mask, const ChainTableOptions &options);

/// An order that puts rows with equal masks next to each other (empty rows
/// last), stable otherwise: what filter-wise sparsity and row permutations
/// need so that panels do not mix different rows.
std::vector<int32_t> groupEqualRows(const Mask &mask);

/// The order of rows that makes the fewest entries under `options` (whose own
/// order is not looked at): the natural one, which is empty, that of
/// `groupEqualRows`, or one that the mask's pattern knows for a part of it that
/// lists every row. Ties go to the earlier one. Natural where a panel is one
/// row or an entry does not fit.
std::vector<int32_t> chooseRowOrder(const Mask &mask, ChainTableOptions options,
                                    std::span<const MaskPart> parts);

/// Where value (r, kk) of an entry lies among its rows * depth packed values.
enum class PackedLayout : uint8_t {
  kMajor,   ///< kk * rows + r: a column of the panel is contiguous (FMA)
  rowMajor, ///< r * depth + kk: a row of the entry is contiguous (AMX, mma)
  /// Of entries of one k: the values of 32 consecutive entries are together, as
  /// tiles of 16 rows by 32 k (AMX). Chains have whole steps of 32 entries
  /// (`padChains`), panels multiples of 16 rows.
  gathered
};

inline constexpr int64_t kGatherRows = 16, kGatherStep = 32;

/// Where row `row` of entry `entry` is in layout `gathered`.
inline int64_t getGatheredOffset(int64_t entry, int64_t row, int64_t rows) {
  return (entry / kGatherStep * rows + row) * kGatherStep + entry % kGatherStep;
}

/// Packs the row-major matrix `values` in the order of `table.entries`.
/// (Operands of tensor cores: TensorPacking.h.)
/// Padding rows and columns not owned are zero. Element type is any trivially
/// copyable type whose zero is all-bits-zero (bf16 as uint16_t).
template <typename T>
std::vector<T> pack(const ChainTable &table, PackedLayout layout,
                    std::span<const T> values);
/// The inverse: a row-major matrix, zero outside of the entries.
template <typename T>
std::vector<T> unpack(const ChainTable &table, PackedLayout layout,
                      std::span<const T> packed);

/// Cuts the panels into at most `tasks` consecutive ranges of about equal work
/// (entries over all phases + `panelCost` per panel): no other cut has a
/// lighter heaviest range. Returns the boundaries: first 0, last panels(),
/// strictly ascending; `tasks` ranges (at least one), or one a panel where
/// there are fewer panels; {0} for no panel at all.
std::vector<int32_t> balancePanels(const ChainTable &table, int32_t tasks,
                                   double panelCost = 1.0);

/// The panels, those with the longest chains first: what is handed out last is
/// short.
std::vector<int32_t> orderLongestFirst(const ChainTable &table);

/// Output sparsity. Tile t of panel p, for t in [tilePtr[p], tilePtr[p + 1]),
/// computes the panel's rows by the columns of granule `tiles[t]`, over all k.
/// A tile of which only a part is in the mask has its mask words at
/// `masks[maskOffset[t] + r]` for row r, bit c for column c of the granule;
/// a full tile has maskOffset -1. Padding rows and columns are clear bits, so
/// a tile with padding is never full.
struct TileTable {
  int32_t rows = 1;
  int32_t cols = 16; ///< columns of a granule, at most 64
  int64_t matrixRows = 0, matrixCols = 0;
  std::vector<int32_t> panelRows;   ///< [panels][rows], -1 = padding
  std::vector<int32_t> granuleCols; ///< [granules][cols], -1 = padding
  std::vector<int32_t> tilePtr;     ///< [panels + 1]
  std::vector<int32_t> tiles;       ///< granule of each tile
  std::vector<int32_t> maskOffset;  ///< per tile, -1 = full
  std::vector<uint64_t> masks;

  int64_t panels() const { return int64_t(panelRows.size()) / rows; }
  int64_t granules() const { return int64_t(granuleCols.size()) / cols; }
};

struct TileTableOptions {
  int32_t rows = 8;
  int32_t cols = 16;
  /// Orders in which rows fill panels and columns fill granules; empty:
  /// natural order. An order lists nothing twice; it may list a subset: the
  /// rest has no set bit.
  std::vector<int32_t> rowOrder, colOrder;
  /// Every row is in a panel: rows that the order leaves out follow it, and
  /// panels without a tile stay. For kernels that write a row from nothing.
  bool keepEmpty = false;
};

/// Every set bit of `mask` is in exactly one tile. Panels (unless `keepEmpty`)
/// and granules without a tile are dropped.
TileTable buildTileTable(const Mask &mask, const TileTableOptions &options);

/// Adds the panels of a table with tiles of the same size and the same matrix.
void appendTiles(TileTable &table, const TileTable &more);

/// Puts the panels with most tiles first, otherwise in their order: what is
/// handed out last is short.
void sortLongestFirst(TileTable &table);

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_TABLES_H
