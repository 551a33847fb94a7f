//===- TensorPacking.cpp - Chains as operands of tensor cores --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/TensorPacking.h"

#include "SparseWindows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;

//===----------------------------------------------------------------------===//
// Padding and checks
//===----------------------------------------------------------------------===//

Result<ChainTable> mlir::spmmplu::padChains(const ChainTable &table,
                                            int64_t step) {
  constexpr int64_t kMaxStep = 4096;
  if (step < 1 || step > kMaxStep || step % table.depth)
    return Error{"chain table: found a step of " + std::to_string(step) +
                 ", expected a multiple of depth " +
                 std::to_string(table.depth) + " of at most " +
                 std::to_string(kMaxStep)};
  int64_t multiple = step / table.depth, total = 0;
  auto padded = [&](size_t chain) {
    int64_t count = table.chainPtr[chain + 1] - table.chainPtr[chain];
    return (count + multiple - 1) / multiple * multiple;
  };
  for (size_t chain = 0; chain + 1 < table.chainPtr.size(); ++chain)
    total += padded(chain);
  if (total > INT32_MAX)
    return Error{"chain table: found " + std::to_string(total) +
                 " entries with padding, expected at most 2^31 - 1"};
  ChainTable result = table;
  result.entries.clear();
  result.entries.reserve(total);
  for (size_t chain = 0; chain + 1 < table.chainPtr.size(); ++chain) {
    auto begin = table.entries.begin() + table.chainPtr[chain];
    auto end = table.entries.begin() + table.chainPtr[chain + 1];
    int64_t padding = padded(chain) - (end - begin);
    result.entries.insert(result.entries.end(), begin, end);
    if (begin != end)
      result.entries.insert(result.entries.end(), padding, end[-1]);
    result.chainPtr[chain + 1] = int32_t(result.entries.size());
  }
  return result;
}

int64_t TensorFormat::rowMultiple(int64_t rows, int64_t bytes) const {
  // Of 32-bit values a warpgroup has columns of the product as its 64 rows.
  bool isWhole = (layout == TensorLayout::warpgroup && bytes == 2) ||
                 (sparse && rows > 32);
  return isWhole ? 64 : 16;
}

int64_t TensorFormat::columnMultiple(int64_t bytes) const {
  if (layout == TensorLayout::warpgroup)
    return (sparse ? 256 : 128) / bytes;
  // Sparse: sixteen windows, of two columns in 32-bit values, else of four.
  return sparse ? (bytes == 4 ? 32 : 64) : 32 / bytes;
}

static Status checkFormat(const ChainTable &table, TensorFormat format,
                          int64_t bytes) {
  if (format.layout == TensorLayout::warpgroup && bytes == 1)
    return Error{"warpgroup layout: found values of 1 byte, expected 2 or 4"};
  if (format.layout == TensorLayout::warpgroup && format.sparse && bytes != 2)
    return Error{"warpgroup layout: found values of " + std::to_string(bytes) +
                 " bytes with metadata, expected 2"};
  if (int64_t multiple = format.rowMultiple(table.rows, bytes);
      table.rows % multiple)
    return Error{"chain table: found panels of " + std::to_string(table.rows) +
                 " rows, expected a multiple of " + std::to_string(multiple)};
  int64_t multiple = format.columnMultiple(bytes);
  for (size_t chain = 0; chain + 1 < table.chainPtr.size(); ++chain) {
    int64_t columns =
        (table.chainPtr[chain + 1] - int64_t(table.chainPtr[chain])) *
        table.depth;
    if (columns % multiple)
      return Error{"chain table: found " + std::to_string(columns) +
                   " columns in chain " + std::to_string(chain) +
                   ", expected a multiple of " + std::to_string(multiple)};
  }
  return ::spmmplu::Success{};
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

/// Rows that are packed at once: those of an instruction.
static constexpr int64_t kGroupRows = 16;

/// Calls `visit(row, column, packed offset)` for every piece of 4 / sizeof(T)
/// values of a group of rows that is one register.
template <typename T, typename Visitor>
static void forEachFragmentPiece(int64_t cols, int64_t groups, int64_t group,
                                 Visitor &&visit) {
  constexpr int64_t piece = 4 / sizeof(T), tileCols = 32 / sizeof(T);
  for (int64_t tile = 0; tile < cols / tileCols; ++tile) {
    int64_t to = (tile * groups + group) * kGroupRows * tileCols;
    for (int64_t lane = 0; lane < 32; ++lane)
      for (int64_t part = 0; part < 4; ++part, to += piece)
        visit(lane / 4 + part % 2 * 8,
              tile * tileCols + lane % 4 * piece + part / 2 * (tileCols / 2),
              to);
  }
}

/// The same for the pieces of 16 bytes of a swizzled block: lines of 128.
template <typename T, typename Visitor>
static void forEachSwizzledPiece(int64_t cols, int64_t groups, int64_t group,
                                 Visitor &&visit) {
  constexpr int64_t piece = 16 / sizeof(T), blockCols = 128 / sizeof(T);
  for (int64_t block = 0; block < cols / blockCols; ++block) {
    int64_t to = (block * groups + group) * kGroupRows * blockCols;
    for (int64_t row = 0; row < kGroupRows; ++row, to += blockCols)
      for (int64_t chunk = 0; chunk < blockCols / piece; ++chunk)
        visit(row, block * blockCols + chunk * piece,
              to + (chunk ^ row % 8) * piece);
  }
}

/// Calls `visit(row, first window, word, shift)` for every four windows of a
/// group of rows: their nibbles are the 16 bits of the word from `shift` on. A
/// lane's words lie together where one warp needs them all; a warpgroup's warps
/// each need a word of every lane. Of 8-bit values a word has eight windows of
/// one row, else four of each of two.
template <typename T, typename Visitor>
static void forEachMetadataHalf(TensorLayout layout, int64_t windows,
                                int64_t groups, int64_t group,
                                Visitor &&visit) {
  // A block of 64 rows, or of all where there are fewer, serves two
  // instructions of eight windows, or one of sixteen.
  constexpr int64_t blockWindows = 16, lanes = 32;
  const int64_t wordsPerLane = std::min<int64_t>(groups, 4);
  const int64_t word = group % wordsPerLane;
  const bool isByWord = layout == TensorLayout::warpgroup;
  for (int64_t block = 0; block < windows / blockWindows; ++block) {
    int64_t at = block * (groups / wordsPerLane) + group / wordsPerLane;
    for (int64_t lane = 0; lane < lanes; ++lane)
      for (int64_t half = 0; half < 2; ++half)
        visit(lane / 4 + 8 * (sizeof(T) == 1 ? lane % 2 : half),
              block * blockWindows +
                  (sizeof(T) == 1 ? lane / 2 % 2 * 8 + half * 4 : lane % 4 * 4),
              isByWord ? (at * wordsPerLane + word) * lanes + lane
                       : (at * lanes + lane) * wordsPerLane + word,
              int(16 * half));
  }
}

namespace {

/// A run of a chain matrix's columns that are consecutive in the matrix.
struct Run {
  int64_t column, k, count;
};

/// What packing and unpacking have in common: the chains of a table in groups
/// of sixteen rows, whose values stand in row-major scratch memory in between.
template <typename T> class GroupWalk {
public:
  GroupWalk(const ChainTable &table, TensorFormat format)
      : table(table), format(format), groups(table.rows / kGroupRows) {}

  int64_t storedSize() const {
    return int64_t(table.entries.size()) * table.depth * table.rows /
           (format.sparse ? 2 : 1);
  }
  int64_t metadataSize() const {
    // A word for 16 stored values, of 32-bit ones for eight.
    return format.sparse ? storedSize() / (sizeof(T) == 4 ? 8 : 16) : 0;
  }

  /// Calls `visit(group)` for the groups of every chain, after setting the
  /// members below; stops at the first failure.
  template <typename Visitor> Status forEachGroup(Visitor &&visit) {
    int64_t panels = table.panels();
    for (int64_t chain = 0; chain < table.phases * panels; ++chain) {
      enterChain(chain);
      for (int64_t group = 0; group < groups && cols; ++group) {
        panelRows = table.panelRows.data() + chain % panels * table.rows +
                    group * kGroupRows;
        if (Status status = visit(group); !status)
          return status;
      }
    }
    return ::spmmplu::Success{};
  }

  /// Calls `visit(row, stored column, offset, count)` for the pieces of a
  /// group.
  template <typename Visitor>
  void forEachPiece(int64_t group, Visitor &&visit) const {
    int64_t base = firstColumn * table.rows / (format.sparse ? 2 : 1);
    if (format.layout == TensorLayout::fragment)
      forEachFragmentPiece<T>(
          storedCols, groups, group, [&](int64_t r, int64_t c, int64_t at) {
            visit(r, c, base + at,
                  std::integral_constant<int64_t, 4 / sizeof(T)>());
          });
    else
      forEachSwizzledPiece<T>(
          storedCols, groups, group, [&](int64_t r, int64_t c, int64_t at) {
            visit(r, c, base + at,
                  std::integral_constant<int64_t, 16 / sizeof(T)>());
          });
  }

  template <typename Visitor>
  void forEachMetadata(int64_t group, Visitor &&visit) const {
    int64_t base = firstColumn / (16 * Window<T>::width) * table.rows * 2;
    forEachMetadataHalf<T>(format.layout, windows, groups, group,
                           [&](int64_t r, int64_t w, int64_t word, int shift) {
                             visit(r, w, base + word, shift);
                           });
  }

  const ChainTable &table;
  TensorFormat format;
  int64_t groups; ///< of rows in a panel

  // The chain at hand.
  int64_t cols = 0, storedCols = 0, windows = 0;
  std::vector<Run> runs;
  std::vector<T> full, stored;        ///< [16][cols], [16][storedCols]
  std::vector<uint8_t> nibbles;       ///< [16][windows]
  const int32_t *panelRows = nullptr; ///< those of the group at hand

private:
  void enterChain(int64_t chain) {
    int64_t begin = table.chainPtr[chain], end = table.chainPtr[chain + 1];
    firstColumn = begin * table.depth;
    cols = (end - begin) * table.depth;
    storedCols = format.sparse ? cols / 2 : cols;
    windows = format.sparse ? cols / Window<T>::width : 0;
    runs.clear();
    for (int64_t e = begin; e < end; ++e) {
      if (table.isPadding(e, begin))
        continue;
      int64_t skipped = table.firstOwned(e) - table.entries[e];
      Run run{(e - begin) * table.depth + skipped, table.entries[e] + skipped,
              table.depth - skipped};
      if (!runs.empty() && runs.back().k + runs.back().count == run.k &&
          runs.back().column + runs.back().count == run.column)
        runs.back().count += run.count;
      else
        runs.push_back(run);
    }
    // Columns outside of the runs stay zero.
    full.assign(kGroupRows * cols, T(0));
    stored.resize(format.sparse ? kGroupRows * storedCols : 0);
    nibbles.resize(kGroupRows * windows);
  }

  int64_t firstColumn = 0; ///< of the chain, in those of all chains
};

} // namespace

//===----------------------------------------------------------------------===//
// Packing and unpacking
//===----------------------------------------------------------------------===//

/// Fills `walk.full` with the group's rows of the matrix.
template <typename T>
static void gatherRows(GroupWalk<T> &walk, std::span<const T> values) {
  for (int64_t r = 0; r < kGroupRows; ++r) {
    T *to = walk.full.data() + r * walk.cols;
    if (walk.panelRows[r] < 0) {
      std::fill_n(to, walk.cols, T(0));
      continue;
    }
    const T *from = values.data() + walk.panelRows[r] * walk.table.matrixCols;
    for (const Run &run : walk.runs)
      std::copy_n(from + run.k, run.count, to + run.column);
  }
}

/// Compresses `walk.full` into `walk.stored` and `walk.nibbles`.
template <typename T> static Status compressRows(GroupWalk<T> &walk) {
  for (int64_t r = 0; r < kGroupRows; ++r) {
    const T *full = walk.full.data() + r * walk.cols;
    int64_t bad = compressRow(full, walk.windows,
                              walk.stored.data() + r * walk.storedCols,
                              walk.nibbles.data() + r * walk.windows);
    if (bad < 0)
      continue;
    constexpr int64_t width = Window<T>::width;
    auto found = std::count_if(full + bad * width, full + (bad + 1) * width,
                               isNonZero<T>);
    auto run = std::ranges::find_if(walk.runs, [&](const Run &each) {
      return each.column + each.count > bad * width;
    });
    int64_t k = run->k + std::max<int64_t>(bad * width - run->column, 0);
    return Error{"packed lhs: found " + std::to_string(found) +
                 " non-zeros in row " + std::to_string(walk.panelRows[r]) +
                 ", window " + std::to_string(bad) +
                 " of its chain (from column " + std::to_string(k) +
                 "), expected at most " + std::to_string(Window<T>::kept) +
                 " of " + std::to_string(width)};
  }
  return ::spmmplu::Success{};
}

template <typename T>
Result<TensorOperand<T>> mlir::spmmplu::packTensor(const ChainTable &table,
                                                   TensorFormat format,
                                                   std::span<const T> values) {
  if (Status status = checkFormat(table, format, sizeof(T)); !status)
    return Error{status.error()};
  if (int64_t(values.size()) != table.matrixRows * table.matrixCols)
    return Error{"packed lhs: found a matrix of " +
                 std::to_string(values.size()) + " values, expected " +
                 std::to_string(table.matrixRows) + "x" +
                 std::to_string(table.matrixCols)};
  GroupWalk<T> walk(table, format);
  TensorOperand<T> operand;
  operand.values.resize(walk.storedSize());
  operand.metadata.resize(walk.metadataSize());
  Status status = walk.forEachGroup([&](int64_t group) -> Status {
    gatherRows(walk, values);
    if (format.sparse)
      if (Status compressed = compressRows(walk); !compressed)
        return compressed;
    const T *from = (format.sparse ? walk.stored : walk.full).data();
    T *to = operand.values.data();
    int64_t cols = walk.storedCols, windows = walk.windows;
    walk.forEachPiece(group, [=](int64_t r, int64_t c, int64_t at, auto count) {
      std::copy_n(from + r * cols + c, count.value, to + at);
    });
    const uint8_t *nibbles = walk.nibbles.data();
    uint32_t *words = operand.metadata.data();
    walk.forEachMetadata(
        group, [=](int64_t r, int64_t w, int64_t word, int shift) {
          for (int j = 0; j < 4; ++j)
            words[word] |= uint32_t(nibbles[r * windows + w + j])
                           << (shift + 4 * j);
        });
    return ::spmmplu::Success{};
  });
  if (!status)
    return Error{status.error()};
  return operand;
}

template <typename T>
Result<std::vector<T>>
mlir::spmmplu::unpackTensor(const ChainTable &table, TensorFormat format,
                            std::span<const T> values,
                            std::span<const uint32_t> metadata) {
  if (Status status = checkFormat(table, format, sizeof(T)); !status)
    return Error{status.error()};
  GroupWalk<T> walk(table, format);
  if (int64_t(values.size()) != walk.storedSize() ||
      int64_t(metadata.size()) != walk.metadataSize())
    return Error{"packed lhs: found " + std::to_string(values.size()) +
                 " values and " + std::to_string(metadata.size()) +
                 " words of metadata, expected " +
                 std::to_string(walk.storedSize()) + " and " +
                 std::to_string(walk.metadataSize())};
  std::vector<T> matrix(table.matrixRows * table.matrixCols);
  Status status = walk.forEachGroup([&](int64_t group) -> Status {
    T *stored = (format.sparse ? walk.stored : walk.full).data();
    int64_t cols = walk.storedCols, windows = walk.windows;
    walk.forEachPiece(group, [=](int64_t r, int64_t c, int64_t at, auto count) {
      std::copy_n(values.data() + at, count.value, stored + r * cols + c);
    });
    uint8_t *nibbles = walk.nibbles.data();
    walk.forEachMetadata(
        group, [=](int64_t r, int64_t w, int64_t word, int shift) {
          for (int j = 0; j < 4; ++j)
            nibbles[r * windows + w + j] =
                uint8_t(metadata[word] >> (shift + 4 * j) & 15);
        });
    for (int64_t r = 0; r < kGroupRows; ++r) {
      if (walk.panelRows[r] < 0)
        continue;
      T *full = walk.full.data() + r * walk.cols;
      if (format.sparse)
        expandRow(stored + r * cols, nibbles + r * windows, windows, full);
      T *to = matrix.data() + walk.panelRows[r] * table.matrixCols;
      for (const Run &run : walk.runs)
        std::copy_n(full + run.column, run.count, to + run.k);
    }
    return ::spmmplu::Success{};
  });
  if (!status)
    return Error{status.error()};
  return matrix;
}

std::vector<float> mlir::spmmplu::roundToTF32(std::span<const float> values) {
  std::vector<float> rounded(values.size());
  std::ranges::transform(values, rounded.begin(), [](float value) {
    auto bits = std::bit_cast<uint32_t>(value);
    // A carry out of the mantissa belongs into the exponent.
    uint32_t half = std::isfinite(value) ? 0x1000 : 0;
    return std::bit_cast<float>((bits + half) & 0xffffe000);
  });
  return rounded;
}

#define SPMMPLU_INSTANTIATE_PACK(T)                                            \
  template Result<TensorOperand<T>> mlir::spmmplu::packTensor(                 \
      const ChainTable &, TensorFormat, std::span<const T>);                   \
  template Result<std::vector<T>> mlir::spmmplu::unpackTensor(                 \
      const ChainTable &, TensorFormat, std::span<const T>,                    \
      std::span<const uint32_t>);
SPMMPLU_INSTANTIATE_PACK(float)
SPMMPLU_INSTANTIATE_PACK(uint16_t)
SPMMPLU_INSTANTIATE_PACK(uint8_t)
SPMMPLU_INSTANTIATE_PACK(int8_t)
#undef SPMMPLU_INSTANTIATE_PACK
