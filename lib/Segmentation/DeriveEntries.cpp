//===- DeriveEntries.cpp - One table of a matrix from another -------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Tables.h"

#include <algorithm>

using namespace mlir::spmmplu;

namespace {

/// Columns from `begin` to before `end`.
struct Range {
  int32_t begin, end;
};

/// The columns that the entries of each row own; ascending within a phase.
class RowRanges {
public:
  explicit RowRanges(const ChainTable &table)
      : firstOf(table.matrixRows + 1, 0) {
    forEach(table, [&](int32_t row, Range) { ++firstOf[row + 1]; });
    for (int64_t row = 0; row < table.matrixRows; ++row)
      firstOf[row + 1] += firstOf[row];
    ranges.resize(firstOf.back());
    std::vector<int64_t> next = firstOf;
    forEach(table,
            [&](int32_t row, Range range) { ranges[next[row]++] = range; });
  }

  std::span<const Range> operator[](int32_t row) const {
    return std::span(ranges).subspan(firstOf[row],
                                     firstOf[row + 1] - firstOf[row]);
  }

private:
  template <typename Visitor>
  static void forEach(const ChainTable &table, Visitor &&visit) {
    int64_t panels = table.panels();
    for (int64_t chain = 0; chain < table.phases * panels; ++chain) {
      const int32_t *rows =
          table.panelRows.data() + chain % panels * table.rows;
      int64_t begin = table.chainPtr[chain];
      for (int64_t e = begin; e < table.chainPtr[chain + 1]; ++e) {
        if (table.isPadding(e, begin))
          continue;
        Range range = {int32_t(table.firstOwned(e)),
                       table.entries[e] + table.depth};
        for (int64_t slot = 0; slot < table.rows; ++slot)
          if (rows[slot] >= 0)
            visit(rows[slot], range);
      }
    }
  }

  std::vector<int64_t> firstOf;
  std::vector<Range> ranges;
};

} // namespace

static void sortUnique(std::vector<int32_t> &cells) {
  std::ranges::sort(cells);
  cells.erase(std::ranges::unique(cells).begin(), cells.end());
}

/// The cells of `depth` columns that rows of a panel touch, ascending; nothing
/// if they are not `expected`.
static std::optional<std::vector<int32_t>>
findCells(const RowRanges &ranges, std::span<const int32_t> rows, int32_t depth,
          int64_t expected) {
  std::vector<int32_t> cells;
  for (int32_t row : rows) {
    if (row < 0)
      continue;
    for (Range range : ranges[row]) {
      int32_t first = range.begin / depth, last = (range.end - 1) / depth;
      // One entry may cover the whole row, and many the same columns: not more
      // cells at a time than there is place for.
      if (last - first >= expected)
        return std::nullopt;
      if (int64_t(cells.size()) > 2 * expected) {
        sortUnique(cells);
        if (int64_t(cells.size()) > expected)
          return std::nullopt;
      }
      for (int32_t cell = first; cell <= last; ++cell)
        if (cells.empty() || cells.back() != cell)
          cells.push_back(cell);
    }
  }
  sortUnique(cells);
  if (int64_t(cells.size()) != expected)
    return std::nullopt;
  return cells;
}

std::optional<std::vector<int32_t>>
mlir::spmmplu::deriveEntries(const ChainTable &known, const ChainTable &form) {
  RowRanges ranges(known);
  int64_t panels = form.panels(), lastEntry = form.matrixCols - form.depth;
  std::vector<int32_t> entries(form.chainPtr.back());
  for (int64_t panel = 0; panel < panels; ++panel) {
    auto chainSize = [&](int64_t phase) {
      int64_t chain = phase * panels + panel;
      return form.chainPtr[chain + 1] - form.chainPtr[chain];
    };
    int64_t expected = 0;
    for (int64_t phase = 0; phase < form.phases; ++phase)
      expected += chainSize(phase);
    auto cells = findCells(
        ranges, std::span(form.panelRows).subspan(panel * form.rows, form.rows),
        form.depth, expected);
    if (!cells)
      return std::nullopt;
    // Phases cut the ascending columns: chains take their number in turn.
    auto cell = cells->begin();
    for (int64_t phase = 0; phase < form.phases; ++phase)
      for (int64_t e = 0; e < chainSize(phase); ++e, ++cell)
        entries[form.chainPtr[phase * panels + panel] + e] =
            int32_t(std::min(int64_t(*cell) * form.depth, lastEntry));
  }
  return entries;
}
