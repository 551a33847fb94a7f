//===- ValueRuns.cpp - Where a tile's values lie among all ----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/ValueRuns.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <tuple>

using namespace mlir::spmmplu;

PlaceNumbers::PlaceNumbers(Mask places) : mask(std::move(places)) {
  before.reserve(mask.rows() * mask.wordsPerRow());
  for (int64_t row = 0; row < mask.rows(); ++row)
    for (uint64_t word : mask.row(row)) {
      before.push_back(int32_t(total));
      total += std::popcount(word);
    }
  assert(total <= INT32_MAX && "places are numbered in 32 bits");
}

int64_t PlaceNumbers::at(int64_t row, int64_t col) const {
  uint64_t word = mask.row(row)[col / 64];
  if (!(word >> (col % 64) & 1))
    return -1;
  uint64_t below = (uint64_t(1) << (col % 64)) - 1;
  return before[row * mask.wordsPerRow() + col / 64] +
         std::popcount(word & below);
}

static uint64_t getBits(const TileTable &table, int64_t tile, int64_t row) {
  int32_t offset = table.maskOffset[tile];
  if (offset >= 0)
    return table.masks[offset + row];
  return table.cols == 64 ? ~uint64_t(0) : (uint64_t(1) << table.cols) - 1;
}

/// The longest part of `bits` from its lowest one on that is a run. Empty where
/// that bit is no place.
static ValueRun takeRun(std::span<const int32_t> columns, int64_t row,
                        uint64_t bits, const PlaceNumbers &numbers) {
  ValueRun run;
  for (; bits; bits &= bits - 1) {
    int bit = std::countr_zero(bits);
    int64_t number = numbers.at(row, columns[bit]);
    if (number < 0 || (run.count && number != run.first + run.count))
      break;
    if (!run.count)
      run.first = int32_t(number);
    ++run.count;
    run.bits |= uint64_t(1) << bit;
  }
  return run;
}

/// Calls `visit(tile, panel, columns)` for every tile.
template <typename Visitor>
static void forEachTile(const TileTable &table, Visitor &&visit) {
  for (int64_t panel = 0; panel < table.panels(); ++panel)
    for (int64_t tile = table.tilePtr[panel]; tile < table.tilePtr[panel + 1];
         ++tile)
      visit(tile, panel,
            std::span(table.granuleCols)
                .subspan(size_t(table.tiles[tile]) * table.cols, table.cols));
}

std::optional<std::vector<ValueRun>>
mlir::spmmplu::getTileRuns(const TileTable &table,
                           const PlaceNumbers &numbers) {
  std::vector<ValueRun> runs(table.tiles.size() * table.rows);
  bool areRuns = true;
  forEachTile(table, [&](int64_t tile, int64_t panel,
                         std::span<const int32_t> columns) {
    for (int64_t r = 0; r < table.rows; ++r) {
      uint64_t bits = getBits(table, tile, r);
      int32_t row = table.panelRows[panel * table.rows + r];
      ValueRun &run = runs[tile * table.rows + r];
      if (row >= 0)
        run = takeRun(columns, row, bits, numbers);
      areRuns &= run.bits == bits;
    }
  });
  if (!areRuns)
    return std::nullopt;
  return runs;
}

void mlir::spmmplu::markContinued(const TileTable &table,
                                  std::span<ValueRun> runs) {
  auto countOf = [](const ValueRun &run) { return run.count % kResumes; };
  for (size_t panel = 0; panel + 1 < table.tilePtr.size(); ++panel)
    for (int64_t tile = table.tilePtr[panel] + 1;
         tile < table.tilePtr[panel + 1]; ++tile)
      for (int64_t r = 0; r < table.rows; ++r) {
        ValueRun &before = runs[(tile - 1) * table.rows + r];
        ValueRun &after = runs[tile * table.rows + r];
        if (countOf(before) < kContinuedValues || after.bits % 2 == 0 ||
            before.first + countOf(before) != after.first)
          continue;
        before.count |= kGoesOn;
        after.count |= kResumes;
      }
}

TileTable mlir::spmmplu::splitIntoRuns(const TileTable &table,
                                       const PlaceNumbers &numbers) {
  TileTable result = table;
  result.tilePtr = {0};
  result.tiles.clear();
  result.maskOffset.clear();
  result.masks.clear();
  int64_t lastPanel = 0;
  auto endPanels = [&](int64_t panel) {
    for (; lastPanel < panel; ++lastPanel)
      result.tilePtr.push_back(int32_t(result.tiles.size()));
  };
  std::vector<uint64_t> rest(table.rows), part(table.rows);
  forEachTile(table, [&](int64_t tile, int64_t panel,
                         std::span<const int32_t> columns) {
    endPanels(panel);
    for (int64_t r = 0; r < table.rows; ++r)
      rest[r] = getBits(table, tile, r);
    auto isDone = [](uint64_t bits) { return bits == 0; };
    for (bool isFirst = true;; isFirst = false) {
      for (int64_t r = 0; r < table.rows; ++r) {
        int32_t row = table.panelRows[panel * table.rows + r];
        part[r] = row < 0 ? 0 : takeRun(columns, row, rest[r], numbers).bits;
        assert((part[r] || !rest[r]) && "a bit that is no place");
        rest[r] &= ~part[r];
      }
      bool isLast = std::ranges::all_of(rest, isDone);
      result.tiles.push_back(table.tiles[tile]);
      if (isFirst && isLast && table.maskOffset[tile] < 0) {
        result.maskOffset.push_back(-1);
      } else {
        result.maskOffset.push_back(int32_t(result.masks.size()));
        result.masks.insert(result.masks.end(), part.begin(), part.end());
      }
      if (isLast)
        return;
    }
  });
  endPanels(table.panels());
  return result;
}

/// Adds a cell of `columns` that has the places `rest` of its rows, and further
/// ones where those of some row are no run; `addEntries` is called for each.
/// Returns how many places the cells have.
template <typename AddEntries>
static int64_t
addCells(std::span<const int32_t> rows, std::span<const int32_t> columns,
         std::vector<uint64_t> &rest, const PlaceNumbers &numbers,
         std::vector<ValueRun> &runs, AddEntries &&addEntries) {
  int64_t count = 0;
  auto isDone = [](uint64_t bits) { return bits == 0; };
  do {
    addEntries();
    for (size_t r = 0; r < rows.size(); ++r) {
      ValueRun run;
      if (rest[r])
        run = takeRun(columns, rows[r], rest[r], numbers);
      // (A bit that is no place is in no run: the count tells.)
      rest[r] = run.count ? rest[r] & ~run.bits : 0;
      count += run.count;
      runs.push_back(run);
    }
  } while (!std::ranges::all_of(rest, isDone));
  return count;
}

std::optional<CellTable> mlir::spmmplu::buildCells(const ChainTable &table,
                                                   int32_t step,
                                                   const PlaceNumbers &numbers,
                                                   const Mask *part) {
  const Mask &counted = part ? *part : numbers.places();
  assert(table.depth == 1 && table.phases == 1 && step >= 1 && step <= 64 &&
         "cells are of single k");
  CellTable cells;
  cells.chains = table;
  cells.chains.chainPtr = {0};
  std::vector<int32_t> &entries = cells.chains.entries;
  entries.clear();
  std::vector<uint64_t> rest(table.rows);
  int64_t covered = 0;
  for (int64_t panel = 0; panel < table.panels(); ++panel) {
    std::span<const int32_t> rows =
        std::span(table.panelRows).subspan(panel * table.rows, table.rows);
    for (int32_t at = table.chainPtr[panel]; at < table.chainPtr[panel + 1];
         at += step) {
      auto columns =
          std::span(table.entries)
              .subspan(at, std::min(step, table.chainPtr[panel + 1] - at));
      for (int32_t r = 0; r < table.rows; ++r) {
        rest[r] = 0;
        for (size_t bit = 0; rows[r] >= 0 && bit < columns.size(); ++bit)
          if ((bit == 0 || columns[bit] != columns[bit - 1]) &&
              counted.get(rows[r], columns[bit]))
            rest[r] |= uint64_t(1) << bit;
      }
      covered += addCells(rows, columns, rest, numbers, cells.runs, [&] {
        entries.insert(entries.end(), columns.begin(), columns.end());
        entries.insert(entries.end(), step - columns.size(), columns.back());
      });
    }
    cells.chains.chainPtr.push_back(int32_t(entries.size()));
  }
  if (covered != counted.count())
    return std::nullopt;
  return cells;
}

std::optional<CellTable>
mlir::spmmplu::getEntryCells(const ChainTable &table,
                             const PlaceNumbers &numbers, const Mask *part) {
  constexpr int32_t kMaxDepth = 64; // bits of a run
  if (table.depth > kMaxDepth)
    return std::nullopt;
  const Mask &counted = part ? *part : numbers.places();
  CellTable cells;
  cells.chains = table;
  cells.chains.chainPtr = {0};
  cells.chains.entries.clear();
  int64_t panels = table.panels(), covered = 0;
  std::vector<uint64_t> rest(table.rows);
  std::vector<int32_t> columns(table.depth);
  for (int64_t chain = 0; chain < table.phases * panels; ++chain) {
    std::span<const int32_t> rows =
        std::span(table.panelRows)
            .subspan(chain % panels * table.rows, table.rows);
    for (int64_t e = table.chainPtr[chain]; e < table.chainPtr[chain + 1];
         ++e) {
      int32_t first = table.entries[e];
      std::iota(columns.begin(), columns.end(), first);
      std::ranges::fill(rest, 0);
      bool isPadding = table.isPadding(e, table.chainPtr[chain]);
      for (int32_t r = 0; r < table.rows; ++r)
        for (int64_t k = table.firstOwned(e);
             rows[r] >= 0 && !isPadding && k < first + table.depth; ++k)
          if (counted.get(rows[r], k))
            rest[r] |= uint64_t(1) << (k - first);
      covered += addCells(rows, columns, rest, numbers, cells.runs,
                          [&] { cells.chains.entries.push_back(first); });
    }
    cells.chains.chainPtr.push_back(int32_t(cells.chains.entries.size()));
  }
  if (covered != counted.count())
    return std::nullopt;
  return cells;
}

std::vector<CellTask>
mlir::spmmplu::makeCellTasks(std::span<const int32_t> chainPtr, int32_t step,
                             int64_t split) {
  constexpr int32_t kMaxSlots = 256;
  auto panels = int32_t(chainPtr.size()) - 1;
  auto cellsOf = [&](int32_t panel) {
    return (chainPtr[panel + 1] - chainPtr[panel]) / step;
  };
  int32_t longest = 1, shared = 0;
  for (int32_t panel = 0; panel < panels; ++panel)
    longest = std::max(longest, cellsOf(panel));
  auto most = int32_t((longest + split - 1) / split);
  for (int32_t panel = 0; panel < panels; ++panel)
    shared += cellsOf(panel) > most;
  if (shared > kMaxSlots)
    most = longest;
  std::vector<CellTask> tasks;
  int32_t slots = 0;
  for (int32_t panel = 0; panel < panels; ++panel) {
    int32_t count = cellsOf(panel), begin = chainPtr[panel] / step;
    int32_t parts = std::max((count + most - 1) / most, 1);
    int32_t slot = parts > 1 ? slots++ : -1;
    for (int32_t part = 0; part < parts; ++part)
      tasks.push_back({panel, begin + count * part / parts,
                       begin + count * (part + 1) / parts, part, parts, slot});
  }
  std::ranges::sort(tasks, [](const CellTask &a, const CellTask &b) {
    return std::tuple(b.end - b.first, a.panel, a.part) <
           std::tuple(a.end - a.first, b.panel, b.part);
  });
  return tasks;
}
