//===- Layout.cpp - Where N:M matrices keep elements ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Layout.h"
#include "Selection.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/NM.h"
#include "spmmplu/Pattern/VNM.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;
using ::spmmplu::Success;

int64_t GroupedLayout::tileCount() const { return ceilDiv(rows, tileRows); }

int64_t GroupedLayout::vectorCount() const { return ceilDiv(rows, vectorRows); }

int64_t GroupedLayout::groupCount() const {
  return ceilDiv(keptColumns, ratio.m);
}

int64_t GroupedLayout::groupSize(int64_t group) const {
  return std::min(ratio.m, keptColumns - group * ratio.m);
}

int64_t GroupedLayout::slotsOfGroup(int64_t size) const {
  return keptInWindow(ratio.n, ratio.m, size);
}

int64_t GroupedLayout::slots() const {
  return keptColumns / ratio.m * ratio.n + slotsOfGroup(keptColumns % ratio.m);
}

//===----------------------------------------------------------------------===//
// Validation
//===----------------------------------------------------------------------===//

static Error expectedNumber(std::string_view what, std::string_view expected,
                            int64_t found) {
  return Error{"layout: expected " + std::string(what) + " " +
               std::string(expected) + ", found " + std::to_string(found)};
}

static Status validateNumbers(const GroupedLayout &layout) {
  auto inRange = [](int64_t value, int64_t least) {
    return value >= least && value <= maxExtent;
  };
  const std::tuple<std::string_view, int64_t, int64_t> numbers[] = {
      {"rows", layout.rows, 0},
      {"columns", layout.cols, 0},
      {"rows of a tile", layout.tileRows, 1},
      {"rows of a vector", layout.vectorRows, 1},
      {"M", layout.ratio.m, 1},
      {"N", layout.ratio.n, 1},
      {"kept columns", layout.keptColumns, 0}};
  for (auto [what, value, least] : numbers)
    if (!inRange(value, least))
      return expectedNumber(what,
                            "from " + std::to_string(least) + " to " +
                                std::to_string(maxExtent),
                            value);
  if (layout.ratio.n > layout.ratio.m)
    return expectedNumber("N", "of at most M", layout.ratio.n);
  if (layout.tileRows % layout.vectorRows)
    return expectedNumber("rows of a tile", "in whole vectors",
                          layout.tileRows);
  if (layout.columns.empty() && layout.tileCount() != 0 &&
      layout.keptColumns != layout.cols && layout.keptColumns != 0)
    return expectedNumber("all columns kept", "without lists of them",
                          layout.keptColumns);
  return Success{};
}

static Status validateRowOrder(const GroupedLayout &layout) {
  if (layout.rowOrder.empty())
    return Success{};
  if (int64_t(layout.rowOrder.size()) != layout.rows)
    return expectedNumber("entries of the row order",
                          std::to_string(layout.rows),
                          int64_t(layout.rowOrder.size()));
  std::vector<bool> seen(layout.rows, false);
  for (int32_t row : layout.rowOrder) {
    if (row < 0 || row >= layout.rows)
      return expectedNumber("rows of the row order",
                            "from 0 to " + std::to_string(layout.rows - 1),
                            row);
    if (seen[row])
      return Error{"layout: expected each row once in the row order, found " +
                   std::to_string(row) + " twice"};
    seen[row] = true;
  }
  return Success{};
}

static Status validateColumns(const GroupedLayout &layout) {
  if (layout.columns.empty())
    return Success{};
  int64_t tiles = layout.tileCount();
  int64_t size = int64_t(layout.columns.size());
  if (size % layout.keptColumns || size / layout.keptColumns != tiles)
    return expectedNumber("entries of the column lists",
                          std::to_string(tiles) + " x " +
                              std::to_string(layout.keptColumns),
                          size);
  std::vector<int64_t> seenIn(layout.cols, -1);
  for (int64_t at = 0; at < size; ++at) {
    int64_t column = layout.columns[at], tile = at / layout.keptColumns;
    if (column < -1 || column >= layout.cols)
      return expectedNumber(
          "columns in the list of tile " + std::to_string(tile),
          "from -1 to " + std::to_string(layout.cols - 1), column);
    if (column < 0)
      continue;
    if (seenIn[column] == tile)
      return Error{"layout: expected each column once in the list of tile " +
                   std::to_string(tile) + ", found " + std::to_string(column) +
                   " twice"};
    seenIn[column] = tile;
  }
  return Success{};
}

Status GroupedLayout::validate() const {
  if (Status status = validateNumbers(*this); !status)
    return status;
  if (keptColumns == 0 && !columns.empty())
    return expectedNumber("column lists", "to be empty",
                          int64_t(columns.size()));
  if (Status status = validateRowOrder(*this); !status)
    return status;
  return validateColumns(*this);
}

//===----------------------------------------------------------------------===//
// Checking
//===----------------------------------------------------------------------===//

namespace {
/// Checks a mask, vector by vector.
class LayoutChecker {
public:
  LayoutChecker(const GroupedLayout &layout, const Mask &mask)
      : layout(layout), mask(mask), positionOf(layout.cols, -1),
        present(layout.keptColumns) {}

  std::optional<Violation> run() {
    int64_t perTile = layout.tileRows / layout.vectorRows;
    for (int64_t v = 0; v < layout.vectorCount(); ++v) {
      if (v % perTile == 0)
        enterTile(v / perTile);
      if (auto violation = checkVector(v, v / perTile))
        return violation;
    }
    return std::nullopt;
  }

private:
  void enterTile(int64_t tile) {
    std::fill(positionOf.begin(), positionOf.end(), -1);
    for (int64_t k = 0; k < layout.keptColumns; ++k)
      if (int64_t column = layout.columnAt(tile, k); column >= 0)
        positionOf[column] = k;
  }

  std::optional<Violation> checkVector(int64_t v, int64_t tile) {
    int64_t begin = v * layout.vectorRows;
    int64_t end = std::min(layout.rows, begin + layout.vectorRows);
    std::fill(present.begin(), present.end(), 0);
    std::optional<Violation> violation;
    for (int64_t p = begin; p < end && !violation; ++p) {
      int64_t row = layout.rowAt(p);
      mask.forEachInRow(row, [&](int64_t column) {
        if (int64_t position = positionOf[column]; position >= 0)
          present[position] = 1;
        else if (!violation)
          violation = Violation{
              row, column, 1, 0,
              "element at row " + std::to_string(row) + ", column " +
                  std::to_string(column) + ": expected a column that tile " +
                  std::to_string(tile) + " keeps, found another"};
      });
    }
    for (int64_t g = 0; g < layout.groupCount() && !violation; ++g)
      violation = checkGroup(tile, begin, end, g);
    return violation;
  }

  std::optional<Violation> checkGroup(int64_t tile, int64_t begin, int64_t end,
                                      int64_t group) {
    int64_t first = group * layout.ratio.m, size = layout.groupSize(group);
    auto at = present.begin() + first;
    int64_t found = std::count(at, at + size, 1);
    int64_t most = layout.slotsOfGroup(size);
    if (found <= most)
      return std::nullopt;
    int64_t row = layout.rowAt(begin);
    Violation result{row, 0, found, most, ""};
    result.message = "group " + std::to_string(group) + " of tile " +
                     std::to_string(tile) + ", " +
                     (end - begin == 1 ? "row " : "vector from row ") +
                     std::to_string(row) + ", columns";
    for (int64_t k = first; k < first + size; ++k) {
      int64_t column = layout.columnAt(tile, k);
      if (k - first < 8 && column >= 0)
        result.message += " " + std::to_string(column);
      if (k == first)
        result.col = std::max<int64_t>(column, 0);
    }
    result.message += std::string(size > 8 ? " ..." : "") +
                      ": expected at most " + std::to_string(most) +
                      " elements, found " + std::to_string(found);
    return result;
  }

  const GroupedLayout &layout;
  const Mask &mask;
  std::vector<int64_t> positionOf;
  std::vector<uint8_t> present;
};
} // namespace

std::optional<Violation> GroupedLayout::check(const Mask &mask) const {
  if (mask.rows() != rows || mask.cols() != cols)
    return Violation{0, 0, mask.rows() * mask.cols(), rows * cols,
                     "mask: expected " + std::to_string(rows) + " x " +
                         std::to_string(cols) + " elements, found " +
                         std::to_string(mask.rows()) + " x " +
                         std::to_string(mask.cols())};
  return LayoutChecker(*this, mask).run();
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

Mask GroupedLayout::prune(const Saliency &saliency) const {
  assert(saliency.rows == rows && saliency.cols == cols);
  Mask result(rows, cols);
  std::vector<double> scores(keptColumns);
  LargestSelector<double> selector;
  for (int64_t begin = 0; begin < rows; begin += vectorRows) {
    int64_t end = std::min(rows, begin + vectorRows), tile = begin / tileRows;
    std::fill(scores.begin(), scores.end(), 0.0);
    for (int64_t p = begin; p < end; ++p)
      for (int64_t k = 0; k < keptColumns; ++k)
        if (int64_t column = columnAt(tile, k); column >= 0)
          scores[k] += saliency.at(rowAt(p), column);
    for (int64_t g = 0; g < groupCount(); ++g) {
      int64_t first = g * ratio.m, size = groupSize(g);
      selector.select(std::span<const double>(scores).subspan(first, size),
                      slotsOfGroup(size), [&](int64_t k) {
                        for (int64_t p = begin; p < end; ++p)
                          result.set(rowAt(p), columnAt(tile, first + k));
                      });
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Layouts of patterns
//===----------------------------------------------------------------------===//

static GroupedLayout naturalLayout(const Mask &mask, Ratio ratio,
                                   int64_t vectorRows) {
  GroupedLayout layout;
  layout.rows = mask.rows();
  layout.cols = layout.keptColumns = mask.cols();
  layout.tileRows = layout.vectorRows = vectorRows;
  layout.ratio = ratio;
  return layout;
}

static void setLists(GroupedLayout &layout, int64_t tileRows, int64_t kept,
                     const std::vector<std::vector<int32_t>> &lists) {
  layout.tileRows = tileRows;
  layout.vectorRows = 1;
  layout.keptColumns = kept;
  for (const std::vector<int32_t> &list : lists)
    layout.columns.insert(layout.columns.end(), list.begin(), list.end());
}

Result<GroupedLayout> layoutOf(const Pattern &pattern, const Mask &mask) {
  if (const auto *hinm = pattern.as<HiNMPattern>()) {
    auto lists = hinm->columnLists(mask);
    if (!lists)
      return Error{lists.error()};
    GroupedLayout layout = naturalLayout(mask, hinm->ratio(), 1);
    setLists(layout, hinm->tileRows(), hinm->keptColumns(mask.cols()), *lists);
    return layout;
  }
  if (auto violation = pattern.check(mask))
    return Error{violation->message};
  if (const auto *nm = pattern.as<NMPattern>())
    return naturalLayout(mask, nm->ratio(), 1);
  if (const auto *vector = pattern.as<VectorNMPattern>())
    return naturalLayout(mask, vector->ratio(), vector->vectorLength());
  if (const auto *vnm = pattern.as<VNMPattern>()) {
    GroupedLayout layout =
        naturalLayout(mask, Ratio{vnm->ratio().n, 2 * vnm->ratio().n}, 1);
    setLists(layout, vnm->tileRows(), vnm->keptColumns(mask.cols()),
             vnm->columnLists(mask));
    return layout;
  }
  return Error{"pattern '" + pattern.str() +
               "': expected nm, vector-nm, hinm or vnm, found another family"};
}

} // namespace mlir::spmmplu
