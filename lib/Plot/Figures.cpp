//===- Figures.cpp - What a plot says in numbers --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_map>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

ElementRect mlir::spmmplu::getRect(const PlotInput &input, const Cell &lo,
                                   const Cell &extent) {
  int64_t row = lo[0] * input.cellRows, col = lo[2] * input.cellCols;
  return {row, std::min(input.mask->rows(), row + extent[0] * input.cellRows),
          col, std::min(input.mask->cols(), col + extent[2] * input.cellCols)};
}

static std::string describe(const Cell &lo, const Cell &extent) {
  return "meta-op of extent (" + std::to_string(extent[0]) + ", " +
         std::to_string(extent[2]) + ") at cell (" + std::to_string(lo[0]) +
         ", " + std::to_string(lo[2]) + ")";
}

/// Cells times elements must not overflow: a cuboid beyond this is a mistake.
static constexpr int64_t maxCell = int64_t(1) << 30;

static ::spmmplu::Status checkCells(const PlotInput &input) {
  if (!input.mask)
    return Error{"plot: expected a mask, found none"};
  if (input.cellRows < 1 || input.cellCols < 1 || input.cellRows > maxCell ||
      input.cellCols > maxCell)
    return Error{"plot: expected cells of 1x1 elements or more, found " +
                 formatExtent({input.cellRows, input.cellCols})};
  return ::spmmplu::Success{};
}

static bool isWellPlaced(const PlotInput &input, const Cell &lo,
                         const Cell &extent) {
  return lo[0] >= 0 && lo[2] >= 0 && extent[0] >= 1 && extent[2] >= 1 &&
         lo[0] % extent[0] == 0 && lo[2] % extent[2] == 0 &&
         lo[0] * input.cellRows < input.mask->rows() &&
         lo[2] * input.cellCols < input.mask->cols();
}

static ::spmmplu::Status checkChains(const PlotInput &input) {
  if (!input.chains)
    return ::spmmplu::Success{};
  const ChainTable &table = *input.chains;
  if (table.rows < 1 || table.depth < 1 || table.phases < 1 ||
      int64_t(table.panelRows.size()) % table.rows != 0 ||
      int64_t(table.chainPtr.size()) != table.phases * table.panels() + 1 ||
      table.chainPtr.front() != 0 ||
      table.chainPtr.back() != int64_t(table.entries.size()) ||
      !std::is_sorted(table.chainPtr.begin(), table.chainPtr.end()))
    return Error{"plot: the chain table is not well-formed"};
  if (table.matrixRows != input.mask->rows() ||
      table.matrixCols != input.mask->cols())
    return Error{"plot: expected a chain table of " +
                 formatExtent({input.mask->rows(), input.mask->cols()}) +
                 ", found " +
                 formatExtent({table.matrixRows, table.matrixCols})};
  auto isRow = [&](int32_t row) { return row >= -1 && row < table.matrixRows; };
  auto isCol = [&](int32_t col) { return col >= 0 && col < table.matrixCols; };
  if (!std::all_of(table.panelRows.begin(), table.panelRows.end(), isRow) ||
      !std::all_of(table.entries.begin(), table.entries.end(), isCol))
    return Error{"plot: the chain table has an index outside of the mask"};
  return ::spmmplu::Success{};
}

static SetFigures computeSet(const PlotInput &input, const MetaOpSet &set) {
  SetFigures result;
  result.extent = {set.extent[0] * input.cellRows,
                   set.extent[2] * input.cellCols};
  result.count = int64_t(set.lo.size());
  for (const Cell &lo : set.lo) {
    ElementRect rect = getRect(input, lo, set.extent);
    result.area += rect.area();
    for (int64_t r = rect.rowBegin; r < rect.rowEnd; ++r)
      result.nonZeros += input.mask->countRange(r, rect.colBegin, rect.colEnd);
  }
  return result;
}

/// The group of each meta-op. Lower points tell meta-ops apart: they do not
/// overlap.
static void assignGroups(const PlotInput &input, Figures &figures) {
  auto key = [](const Cell &lo) {
    return uint64_t(uint32_t(lo[0])) << 32 | uint32_t(lo[2]);
  };
  std::vector<std::pair<uint64_t, int32_t>> groups;
  for (size_t g = 0; g < input.groups.size(); ++g)
    for (const MetaOp &op : input.groups[g].metaOps)
      groups.emplace_back(key(op.lo), int32_t(g));
  std::sort(groups.begin(), groups.end());
  figures.groupOf.reserve(figures.metaOps);
  for (const MetaOpSet &set : input.sets)
    for (const Cell &lo : set.lo) {
      auto at = std::lower_bound(groups.begin(), groups.end(),
                                 std::pair(key(lo), int32_t(0)));
      bool found = at != groups.end() && at->first == key(lo);
      figures.groupOf.push_back(found ? at->second : -1);
    }
  for (const MetaOpGroup &group : input.groups) {
    int64_t size = int64_t(group.metaOps.size());
    bool isFirst = &group == &input.groups.front();
    figures.smallestGroup =
        isFirst ? size : std::min(figures.smallestGroup, size);
    figures.largestGroup = std::max(figures.largestGroup, size);
  }
}

Result<Figures> mlir::spmmplu::computeFigures(const PlotInput &input) {
  if (auto checked = checkCells(input); !checked)
    return Error{checked.error()};
  if (auto checked = checkChains(input); !checked)
    return Error{checked.error()};
  Figures figures;
  figures.nonZeros = input.mask->count();
  for (const MetaOpSet &set : input.sets) {
    for (const Cell &lo : set.lo)
      if (!isWellPlaced(input, lo, set.extent))
        return Error{"plot: " + describe(lo, set.extent) +
                     " is not aligned, or outside of the mask"};
    figures.sets.push_back(computeSet(input, set));
    figures.metaOps += figures.sets.back().count;
    figures.area += figures.sets.back().area;
  }
  // Also keeps the time of drawing linear in the mask.
  if (figures.area > input.mask->rows() * input.mask->cols())
    return Error{"plot: expected meta-ops that do not overlap, found " +
                 formatCount(figures.area) + " elements covered in a mask of " +
                 formatCount(input.mask->rows() * input.mask->cols())};
  assignGroups(input, figures);
  return figures;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string mlir::spmmplu::formatCount(int64_t count) {
  std::string digits = std::to_string(count);
  int64_t first = count < 0 ? 1 : 0;
  for (int64_t at = int64_t(digits.size()) - 3; at > first; at -= 3)
    digits.insert(at, ",");
  return digits;
}

std::string mlir::spmmplu::formatExtent(const std::array<int64_t, 2> &extent) {
  return std::to_string(extent[0]) + "x" + std::to_string(extent[1]);
}

std::string mlir::spmmplu::formatNoun(int64_t count, const std::string &noun) {
  return formatCount(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string mlir::spmmplu::formatPercent(double share) {
  double percent = share * 100;
  char text[32];
  std::snprintf(text, sizeof(text),
                percent > 0 && percent < 0.1 ? "%.1g" : "%.2f", percent);
  // Zeros at the end of a fraction tell nothing.
  std::string result = text;
  if (result.find('.') != std::string::npos &&
      result.find('e') == std::string::npos) {
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.')
      result.pop_back();
  }
  return result + " %";
}

//===----------------------------------------------------------------------===//
// Colours
//===----------------------------------------------------------------------===//

template <size_t N>
static Color interpolate(const Color (&stops)[N], double position) {
  double at = std::clamp(position, 0.0, 1.0) * (N - 1);
  size_t low = std::min(size_t(at), N - 2);
  double part = at - double(low);
  auto mix = [&](uint8_t a, uint8_t b) {
    return uint8_t(std::lround(a + (double(b) - a) * part));
  };
  const Color &a = stops[low], &b = stops[low + 1];
  return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

Color mlir::spmmplu::extentColor(int64_t index, int64_t count) {
  static constexpr Color stops[] = {
      {76, 92, 214},  {42, 146, 222}, {24, 170, 164}, {96, 178, 72},
      {226, 168, 38}, {236, 110, 50}, {214, 58, 92},  {168, 56, 164}};
  return interpolate(stops, count > 1 ? double(index) / double(count - 1) : 0);
}

Color mlir::spmmplu::groupColor(int64_t index, int64_t count) {
  static constexpr Color stops[] = {{74, 40, 122},  {62, 86, 158},
                                    {38, 136, 158}, {52, 176, 124},
                                    {150, 202, 78}, {244, 214, 64}};
  // A single group is neither early nor late.
  return interpolate(stops,
                     count > 1 ? double(index) / double(count - 1) : 0.4);
}

Color mlir::spmmplu::chainColor(double position) {
  static constexpr Color stops[] = {
      {246, 196, 92}, {240, 140, 72}, {214, 80, 84}, {148, 44, 110}};
  return interpolate(stops, position);
}
