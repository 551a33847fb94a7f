//===- ChainTable.cpp - The table of a group with input sparsity ----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Tables.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <unordered_map>
#include <utility>

using namespace mlir::spmmplu;

namespace {

/// Yields, panel by panel, the columns in which any row of the panel is
/// non-zero: the or of its rows, 64 columns at a time.
class PanelUnion {
public:
  PanelUnion(const Mask &mask, const ChainTableOptions &options)
      : mask(mask), rows(options.rows), order(options.rowOrder),
        words(mask.wordsPerRow()) {
    assert(rows >= 1 && "a panel has rows");
    assert(options.depth >= 1 &&
           (options.depth <= mask.cols() || mask.cols() == 0) &&
           "an entry must fit into a row");
    assert((order.empty() || int64_t(order.size()) == mask.rows()) &&
           "the row order must list every row");
  }

  int64_t panels() const { return (mask.rows() + rows - 1) / rows; }
  /// The matrix row in `slot` of the concatenated panels.
  int64_t rowAt(int64_t slot) const {
    return order.empty() ? slot : order[slot];
  }

  std::span<const uint64_t> operator()(int64_t panel) {
    int64_t begin = panel * rows, end = std::min(begin + rows, mask.rows());
    if (end - begin == 1)
      return mask.row(rowAt(begin));
    std::ranges::copy(mask.row(rowAt(begin)), words.begin());
    for (int64_t slot = begin + 1; slot < end; ++slot) {
      std::span<const uint64_t> row = mask.row(rowAt(slot));
      for (size_t w = 0; w < words.size(); ++w)
        words[w] |= row[w];
    }
    return words;
  }

private:
  const Mask &mask;
  int64_t rows;
  const std::vector<int32_t> &order;
  std::vector<uint64_t> words;
};

/// Reduces cells of `depth` bits, a power of two of at most 64, to one bit at
/// the place of their first: cells then do not straddle words.
struct WordFold {
  explicit WordFold(int32_t depth) : depth(depth) {
    for (int32_t bit = 0; bit < 64; bit += depth)
      firstBits |= uint64_t(1) << bit;
  }
  static bool applies(int32_t depth) {
    return depth <= 64 && std::has_single_bit(uint32_t(depth));
  }
  uint64_t operator()(uint64_t word) const {
    for (int32_t shift = 1; shift < depth; shift *= 2)
      word |= word >> shift;
    return word & firstBits;
  }

  int32_t depth;
  uint64_t firstBits = 0;
};

} // namespace

/// Calls `visit(cell)`, ascending, for every cell of `depth` columns with a set
/// bit.
template <typename Visitor>
static void forEachCell(std::span<const uint64_t> words, int32_t depth,
                        Visitor &&visit) {
  if (WordFold::applies(depth)) {
    WordFold fold(depth);
    int shift = std::countr_zero(uint32_t(depth));
    for (size_t w = 0; w < words.size(); ++w)
      for (uint64_t word = fold(words[w]); word; word &= word - 1)
        visit(int64_t(64 * w + std::countr_zero(word)) >> shift);
    return;
  }
  // The columns below `next` belong to cells that were visited.
  int64_t next = 0;
  for (int64_t w = 0; w < int64_t(words.size()); ++w) {
    while (next < 64 * (w + 1)) {
      uint64_t rest = words[w];
      if (next > 64 * w)
        rest &= ~uint64_t(0) << (next - 64 * w);
      if (!rest)
        break;
      int64_t cell = (64 * w + std::countr_zero(rest)) / depth;
      visit(cell);
      next = (cell + 1) * depth;
    }
  }
}

int64_t mlir::spmmplu::countEntries(const Mask &mask,
                                    const ChainTableOptions &options) {
  PanelUnion panelUnion(mask, options);
  int64_t count = 0;
  if (WordFold::applies(options.depth)) {
    WordFold fold(options.depth);
    for (int64_t p = 0; p < panelUnion.panels(); ++p)
      for (uint64_t word : panelUnion(p))
        count += std::popcount(fold(word));
    return count;
  }
  for (int64_t p = 0; p < panelUnion.panels(); ++p)
    forEachCell(panelUnion(p), options.depth, [&](int64_t) { ++count; });
  return count;
}

ChainTable mlir::spmmplu::buildChainTable(const Mask &mask,
                                          const ChainTableOptions &options) {
  PanelUnion panelUnion(mask, options);
  int64_t panels = panelUnion.panels(), depth = options.depth;
  assert(options.phaseDepth >= 0 && options.phaseDepth % depth == 0 &&
         "a phase is a multiple of the depth");
  ChainTable table;
  table.rows = options.rows;
  table.depth = options.depth;
  table.matrixRows = mask.rows();
  table.matrixCols = mask.cols();
  int64_t phaseCells = INT64_MAX;
  if (options.phaseDepth > 0 && mask.cols() > 0) {
    phaseCells = options.phaseDepth / depth;
    table.phases = int32_t((mask.cols() - 1) / options.phaseDepth + 1);
  }
  table.panelRows.assign(panels * table.rows, -1);
  for (int64_t slot = 0; slot < mask.rows(); ++slot)
    table.panelRows[slot] = int32_t(panelUnion.rowAt(slot));

  // Calls `visit(chain, cell)`, a panel's chains and their cells ascending.
  auto forEachEntry = [&](auto &&visit) {
    for (int64_t p = 0; p < panels; ++p) {
      int64_t chain = p, phaseEnd = phaseCells;
      forEachCell(panelUnion(p), table.depth, [&](int64_t cell) {
        for (; cell >= phaseEnd; phaseEnd += phaseCells)
          chain += panels;
        visit(chain, cell);
      });
    }
  };
  // Chains are stored by phase but found by panel: count first, then place.
  std::vector<int64_t> next(table.phases * panels + 1, 0);
  forEachEntry([&](int64_t chain, int64_t) { ++next[chain + 1]; });
  std::partial_sum(next.begin(), next.end(), next.begin());
  assert(next.back() <= INT32_MAX && "entries are counted in 32 bits");
  table.chainPtr.assign(next.begin(), next.end());
  table.entries.resize(next.back());
  int64_t lastEntry = mask.cols() - depth;
  forEachEntry([&](int64_t chain, int64_t cell) {
    table.entries[next[chain]++] = int32_t(std::min(cell * depth, lastEntry));
  });
  return table;
}

std::vector<int32_t> mlir::spmmplu::groupEqualRows(const Mask &mask) {
  // Classes of equal rows by first appearance. Hashes only narrow the search:
  // `sameHash` chains the classes of one hash.
  struct RowClass {
    std::vector<int32_t> rows;
    int32_t sameHash;
  };
  std::vector<RowClass> classes;
  std::unordered_map<uint64_t, int32_t> lastOfHash;
  std::vector<int32_t> empty;
  for (int32_t r = 0; r < mask.rows(); ++r) {
    std::span<const uint64_t> row = mask.row(r);
    uint64_t hash = 0, any = 0;
    for (uint64_t word : row) {
      any |= word;
      hash = (std::rotl(hash, 5) ^ word) * 0x9E3779B97F4A7C15u;
    }
    if (!any) {
      empty.push_back(r);
      continue;
    }
    int32_t &last = lastOfHash.try_emplace(hash, -1).first->second;
    int32_t at = last;
    while (at >= 0 && !std::ranges::equal(mask.row(classes[at].rows[0]), row))
      at = classes[at].sameHash;
    if (at < 0) {
      at = int32_t(classes.size());
      classes.push_back({{}, std::exchange(last, at)});
    }
    classes[at].rows.push_back(r);
  }
  std::vector<int32_t> order;
  order.reserve(mask.rows());
  for (const RowClass &rowClass : classes)
    order.insert(order.end(), rowClass.rows.begin(), rowClass.rows.end());
  order.insert(order.end(), empty.begin(), empty.end());
  return order;
}

std::vector<int32_t>
mlir::spmmplu::chooseRowOrder(const Mask &mask, ChainTableOptions options,
                              std::span<const MaskPart> parts) {
  if (options.rows == 1 || options.depth > mask.cols())
    return {};
  options.rowOrder.clear();
  std::vector<int32_t> best;
  int64_t fewest = countEntries(mask, options);
  auto consider = [&](std::vector<int32_t> order) {
    options.rowOrder = std::move(order);
    int64_t count = countEntries(mask, options);
    if (count < fewest) {
      fewest = count;
      best = options.rowOrder;
    }
  };
  consider(groupEqualRows(mask));
  for (const MaskPart &part : parts)
    if (int64_t(part.rowOrder.size()) == mask.rows())
      consider(part.rowOrder);
  return best;
}

/// Calls `visit(matrix offset, packed offset, stride of packed, count)` for the
/// owned values of every row of every entry.
template <typename Visitor>
static void forEachPackedRow(const ChainTable &table, PackedLayout layout,
                             Visitor &&visit) {
  int64_t panels = table.panels(), rows = table.rows, depth = table.depth;
  bool isRowMajor = layout == PackedLayout::rowMajor;
  bool isGathered = layout == PackedLayout::gathered;
  assert((!isGathered || (depth == 1 && rows % kGatherRows == 0 &&
                          table.entries.size() % kGatherStep == 0)) &&
         "gathered entries are steps of tiles");
  int64_t rowStride = isGathered ? kGatherStep : isRowMajor ? depth : 1;
  int64_t kStride = isRowMajor ? 1 : rows;
  for (int64_t chain = 0; chain < table.phases * panels; ++chain) {
    const int32_t *panelRows = table.panelRows.data() + chain % panels * rows;
    for (int64_t e = table.chainPtr[chain]; e < table.chainPtr[chain + 1];
         ++e) {
      if (table.isPadding(e, table.chainPtr[chain]))
        continue;
      int64_t first = table.firstOwned(e), skipped = first - table.entries[e];
      int64_t packed = isGathered ? getGatheredOffset(e, 0, rows)
                                  : e * rows * depth + skipped * kStride;
      for (int64_t r = 0; r < rows; ++r)
        if (panelRows[r] >= 0)
          visit(panelRows[r] * table.matrixCols + first, packed + r * rowStride,
                kStride, depth - skipped);
    }
  }
}

template <typename T>
std::vector<T> mlir::spmmplu::pack(const ChainTable &table, PackedLayout layout,
                                   std::span<const T> values) {
  assert(int64_t(values.size()) == table.matrixRows * table.matrixCols &&
         "the values must be the matrix of the table");
  std::vector<T> packed(table.entries.size() * table.rows * table.depth);
  const T *from = values.data();
  T *to = packed.data();
  forEachPackedRow(table, layout,
                   [=](int64_t matrixOffset, int64_t packedOffset,
                       int64_t stride, int64_t count) {
                     for (int64_t n = 0; n < count; ++n)
                       to[packedOffset + n * stride] = from[matrixOffset + n];
                   });
  return packed;
}

template <typename T>
std::vector<T> mlir::spmmplu::unpack(const ChainTable &table,
                                     PackedLayout layout,
                                     std::span<const T> packed) {
  assert(packed.size() == table.entries.size() * table.rows * table.depth &&
         "the packed values must be those of the table");
  std::vector<T> values(table.matrixRows * table.matrixCols);
  const T *from = packed.data();
  T *to = values.data();
  forEachPackedRow(table, layout,
                   [=](int64_t matrixOffset, int64_t packedOffset,
                       int64_t stride, int64_t count) {
                     for (int64_t n = 0; n < count; ++n)
                       to[matrixOffset + n] = from[packedOffset + n * stride];
                   });
  return values;
}

#define SPMMPLU_INSTANTIATE_PACK(T)                                            \
  template std::vector<T> mlir::spmmplu::pack(                                 \
      const ChainTable &, PackedLayout, std::span<const T>);                   \
  template std::vector<T> mlir::spmmplu::unpack(                               \
      const ChainTable &, PackedLayout, std::span<const T>);
SPMMPLU_INSTANTIATE_PACK(float)
SPMMPLU_INSTANTIATE_PACK(double)
SPMMPLU_INSTANTIATE_PACK(uint16_t)
SPMMPLU_INSTANTIATE_PACK(uint8_t)
SPMMPLU_INSTANTIATE_PACK(int8_t)
#undef SPMMPLU_INSTANTIATE_PACK
