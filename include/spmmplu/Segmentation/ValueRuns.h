//===- ValueRuns.h - Where a tile's values lie among all --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A sparse matrix may be stored as the values at its mask's places alone, in
// row-major order: the values of CSR. A kernel that walks tiles finds the
// values of one row of a tile as a run, at consecutive numbers. So it needs a
// number, a count and the row's bits, whatever the pattern is.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_VALUERUNS_H
#define SPMMPLU_SEGMENTATION_VALUERUNS_H

#include "spmmplu/Segmentation/Tables.h"

#include <optional>

namespace mlir::spmmplu {

/// Numbers the places of a mask row by row.
class PlaceNumbers {
public:
  /// Requires at most 2^31 - 1 places.
  explicit PlaceNumbers(Mask places);

  int64_t count() const { return total; }
  const Mask &places() const { return mask; }
  /// The number of a place; -1 where there is none.
  int64_t at(int64_t row, int64_t col) const;

private:
  Mask mask;
  std::vector<int32_t> before; ///< of the first place of each word of the mask
  int64_t total = 0;
};

/// The values of one row of a tile: `count` of them from number `first` on, of
/// the columns (in the tile's order) whose bits are set.
struct ValueRun {
  int32_t first = 0, count = 0;
  uint64_t bits = 0;
  bool operator==(const ValueRun &other) const = default;
};

/// Run r of tile t at t * rows + r. Nothing where the bits of some row are not
/// at consecutive numbers, or a bit is no place.
std::optional<std::vector<ValueRun>> getTileRuns(const TileTable &table,
                                                 const PlaceNumbers &numbers);

/// What kernels of GPUs find in the bits of a run's count above its value: the
/// values follow those of the same row in the tile before, in the same panel,
/// from the tile's first column on; those of the tile after follow these, of
/// which there are at least `kContinuedValues`.
inline constexpr int32_t kResumes = 1 << 16, kGoesOn = 1 << 17;
inline constexpr int32_t kContinuedValues = 16;

/// Marks the runs of `getTileRuns` of which that holds.
void markContinued(const TileTable &table, std::span<ValueRun> runs);

/// Cuts tiles until all of their rows are runs: copies of a tile follow each
/// other, each with a part of the bits of each row. Every bit must be a place.
TileTable splitIntoRuns(const TileTable &table, const PlaceNumbers &numbers);

/// The cells of chains of single k: `step` entries after each other, and where
/// the values of their rows lie. Run r of cell c is at c * rows + r; its bits
/// are those of the cell's entries.
struct CellTable {
  ChainTable chains;
  std::vector<ValueRun> runs;
};

/// Pads every chain to whole cells of `step` entries, at most 64; where a row's
/// places are no run the cell comes again, with others of them. Requires a
/// depth of 1 and one phase. Of the places those of `part` count (null: all);
/// nothing where one of them is in no entry.
std::optional<CellTable> buildCells(const ChainTable &table, int32_t step,
                                    const PlaceNumbers &numbers,
                                    const Mask *part = nullptr);

/// What one block does of the cells of a panel: [first, end). Where `parts`
/// blocks share the panel this is number `part` of them, and their sums meet at
/// `slot`, which is -1 for a panel of one block.
struct CellTask {
  int32_t panel, first, end, part, parts, slot;
};

/// Shares the longest chain between `split` blocks, others between as many as
/// makes none longer, unless that were more panels than counters are worth.
/// Every panel has a task; the longest come first.
std::vector<CellTask> makeCellTasks(std::span<const int32_t> chainPtr,
                                    int32_t step, int64_t split);

/// The entries as cells: the bits of a run are those of the columns, from the
/// entry's first one on, that the entry owns. An entry comes again where a
/// row's places in it are no run. Of the places those of `part` count (null:
/// all); nothing where one of them is in no entry, or the depth is over 64.
std::optional<CellTable> getEntryCells(const ChainTable &table,
                                       const PlaceNumbers &numbers,
                                       const Mask *part = nullptr);

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_VALUERUNS_H
