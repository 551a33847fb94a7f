//===- TileTable.cpp - The table of a group with output sparsity ----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Tables.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace mlir::spmmplu;

static std::vector<int32_t> orderOrNatural(const std::vector<int32_t> &order,
                                           int64_t count) {
  if (!order.empty())
    return order;
  std::vector<int32_t> natural(count);
  std::iota(natural.begin(), natural.end(), 0);
  return natural;
}

namespace {

/// Reads rows of a mask as granules: `width` columns each, in a given order,
/// one word a granule.
class GranuleReader {
public:
  GranuleReader(const Mask &mask, const TileTableOptions &options)
      : mask(mask), width(options.cols),
        order(orderOrNatural(options.colOrder, mask.cols())),
        isNatural(options.colOrder.empty()) {
    assert(width >= 1 && width <= 64 && "a granule's mask is one word");
    if (isNatural)
      return;
    place.assign(mask.cols(), -1);
    for (size_t n = 0; n < order.size(); ++n) {
      assert(place[order[n]] < 0 && "the column order repeats a column");
      place[order[n]] = int32_t(n);
    }
  }

  int64_t granules() const {
    return (int64_t(order.size()) + width - 1) / width;
  }
  int64_t column(int64_t granule, int64_t bit) const {
    int64_t at = granule * width + bit;
    return at < int64_t(order.size()) ? order[at] : -1;
  }

  /// Writes the word of granule g of `row` to `words[g * stride]`, which must
  /// be zero.
  void read(int64_t row, uint64_t *words, int64_t stride) const {
    if (isNatural) {
      readNatural(mask.row(row), words, stride);
      return;
    }
    mask.forEachInRow(row, [&](int64_t column) {
      assert(place[column] >= 0 && "a column that is not listed has a set bit");
      if (place[column] >= 0)
        words[place[column] / width * stride] |= uint64_t(1)
                                                 << place[column] % width;
    });
  }

private:
  void readNatural(std::span<const uint64_t> row, uint64_t *words,
                   int64_t stride) const {
    uint64_t low = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
    for (int64_t g = 0, count = granules(); g < count; ++g) {
      int64_t word = g * width / 64, shift = g * width % 64;
      uint64_t bits = row[word] >> shift;
      if (shift + width > 64 && word + 1 < int64_t(row.size()))
        bits |= row[word + 1] << (64 - shift);
      words[g * stride] = bits & low;
    }
  }

  const Mask &mask;
  int64_t width;
  std::vector<int32_t> order;
  std::vector<int32_t> place; ///< of a column in the order, -1 = not listed
  bool isNatural;
};

/// Collects tiles; granules keep their place in the order until `finish`.
class TileTableBuilder {
public:
  TileTableBuilder(const Mask &mask, const TileTableOptions &options)
      : reader(mask, options), words(size_t(reader.granules()) * options.rows),
        keepEmpty(options.keepEmpty) {
    table.rows = options.rows;
    table.cols = options.cols;
    table.matrixRows = mask.rows();
    table.matrixCols = mask.cols();
    table.tilePtr = {0};
    fullWord =
        options.cols == 64 ? ~uint64_t(0) : (uint64_t(1) << options.cols) - 1;
  }

  void addPanel(std::span<const int32_t> rows);
  TileTable finish();

private:
  GranuleReader reader;
  std::vector<uint64_t> words; ///< [granules][rows] of the current panel
  uint64_t fullWord;
  bool keepEmpty;
  TileTable table;
};

} // namespace

/// Adds a panel of `rows`, fewer than table.rows at the end of the order.
void TileTableBuilder::addPanel(std::span<const int32_t> rows) {
  bool hasColumns = !words.empty();
  if (!hasColumns && !keepEmpty) // no column, no tile
    return;
  std::fill(words.begin(), words.end(), 0);
  for (size_t r = 0; hasColumns && r < rows.size(); ++r)
    reader.read(rows[r], words.data() + r, table.rows);
  for (int64_t g = 0; g < reader.granules(); ++g) {
    const uint64_t *tile = words.data() + g * table.rows;
    uint64_t any = 0, all = fullWord;
    for (int32_t r = 0; r < table.rows; ++r) {
      any |= tile[r];
      all &= tile[r];
    }
    if (!any)
      continue;
    table.tiles.push_back(int32_t(g));
    if (all == fullWord) {
      table.maskOffset.push_back(-1);
      continue;
    }
    assert(table.masks.size() + table.rows <= INT32_MAX &&
           "mask words are counted in 32 bits");
    table.maskOffset.push_back(int32_t(table.masks.size()));
    table.masks.insert(table.masks.end(), tile, tile + table.rows);
  }
  if (!keepEmpty && table.tiles.size() == size_t(table.tilePtr.back()))
    return;
  table.tilePtr.push_back(int32_t(table.tiles.size()));
  table.panelRows.insert(table.panelRows.end(), rows.begin(), rows.end());
  table.panelRows.resize((table.tilePtr.size() - 1) * table.rows, -1);
}

/// Drops the granules without a tile and renumbers the others.
TileTable TileTableBuilder::finish() {
  std::vector<int32_t> number(reader.granules(), -1);
  for (int32_t granule : table.tiles)
    number[granule] = 0;
  int32_t count = 0;
  for (int64_t g = 0; g < reader.granules(); ++g) {
    if (number[g] < 0)
      continue;
    number[g] = count++;
    for (int32_t bit = 0; bit < table.cols; ++bit)
      table.granuleCols.push_back(int32_t(reader.column(g, bit)));
  }
  for (int32_t &granule : table.tiles)
    granule = number[granule];
  return std::move(table);
}

/// What `TileTableOptions` requires of a row order.
[[maybe_unused]] static bool isRowOrderOf(const Mask &mask,
                                          std::span<const int32_t> order) {
  std::vector<bool> isListed(mask.rows(), false);
  for (int32_t row : order) {
    if (row < 0 || row >= mask.rows() || isListed[row])
      return false;
    isListed[row] = true;
  }
  for (int64_t row = 0; row < mask.rows(); ++row)
    if (!isListed[row] && mask.countRow(row))
      return false;
  return true;
}

/// Appends the rows that `order` does not list.
static void appendOthers(std::vector<int32_t> &order, int64_t rows) {
  std::vector<bool> isListed(rows, false);
  for (int32_t row : order)
    isListed[row] = true;
  for (int32_t row = 0; row < rows; ++row)
    if (!isListed[row])
      order.push_back(row);
}

TileTable mlir::spmmplu::buildTileTable(const Mask &mask,
                                        const TileTableOptions &options) {
  assert(options.rows >= 1 && "a panel has rows");
  std::vector<int32_t> order = orderOrNatural(options.rowOrder, mask.rows());
  assert(isRowOrderOf(mask, order) &&
         "a row order lists rows once, and all that have a set bit");
  if (options.keepEmpty)
    appendOthers(order, mask.rows());
  TileTableBuilder builder(mask, options);
  std::span<const int32_t> rest = order;
  while (!rest.empty()) {
    auto panel = rest.first(std::min<size_t>(options.rows, rest.size()));
    builder.addPanel(panel);
    rest = rest.subspan(panel.size());
  }
  return builder.finish();
}

void mlir::spmmplu::appendTiles(TileTable &table, const TileTable &more) {
  assert(table.rows == more.rows && table.cols == more.cols &&
         "tables of one kernel have tiles of one size");
  auto append = [](std::vector<int32_t> &to, const std::vector<int32_t> &from,
                   size_t by) {
    for (int32_t value : from)
      to.push_back(value < 0 ? value : value + int32_t(by));
  };
  int64_t granules = table.granules();
  size_t tiles = table.tiles.size(), masks = table.masks.size();
  append(table.panelRows, more.panelRows, 0);
  append(table.granuleCols, more.granuleCols, 0);
  table.tilePtr.pop_back(); // the next part begins where this one ends
  append(table.tilePtr, more.tilePtr, tiles);
  append(table.tiles, more.tiles, granules);
  append(table.maskOffset, more.maskOffset, masks);
  table.masks.insert(table.masks.end(), more.masks.begin(), more.masks.end());
}

void mlir::spmmplu::sortLongestFirst(TileTable &table) {
  std::vector<int32_t> order(table.panels());
  std::iota(order.begin(), order.end(), 0);
  auto count = [&](int32_t panel) {
    return table.tilePtr[panel + 1] - table.tilePtr[panel];
  };
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return std::pair(-count(a), a) < std::pair(-count(b), b);
  });
  TileTable sorted = table;
  sorted.panelRows.clear();
  sorted.tiles.clear();
  sorted.maskOffset.clear();
  sorted.tilePtr = {0};
  auto append = [](std::vector<int32_t> &to, const std::vector<int32_t> &from,
                   int64_t begin, int64_t end) {
    to.insert(to.end(), from.begin() + begin, from.begin() + end);
  };
  for (int32_t panel : order) {
    int32_t first = table.tilePtr[panel], last = table.tilePtr[panel + 1];
    append(sorted.panelRows, table.panelRows, int64_t(panel) * table.rows,
           int64_t(panel + 1) * table.rows);
    append(sorted.tiles, table.tiles, first, last);
    append(sorted.maskOffset, table.maskOffset, first, last);
    sorted.tilePtr.push_back(int32_t(sorted.tiles.size()));
  }
  table = std::move(sorted);
}
