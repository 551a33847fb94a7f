//===- Mask.h - Which elements of a matrix may be non-zero ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_MASK_H
#define SPMMPLU_PATTERN_MASK_H

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <span>
#include <vector>

namespace mlir::spmmplu {

/// The set bits among bits [begin, end) of `words`; the range lies inside.
inline int64_t countBits(std::span<const uint64_t> words, int64_t begin,
                         int64_t end) {
  int64_t total = 0;
  for (int64_t at = begin; at < end;) {
    int64_t length = std::min(end - at, 64 - at % 64);
    uint64_t bits = words[at / 64] >> (at % 64);
    total += std::popcount(length == 64 ? bits : bits & ((1ull << length) - 1));
    at += length;
  }
  return total;
}

/// A `rows` x `cols` bit matrix, row-major, each row padded to 64-bit words
/// (bit c of a row is bit c % 64 of word c / 64). Invariant: padding bits are
/// zero, so words may be counted and compared whole.
class Mask {
public:
  Mask() = default;
  Mask(int64_t rows, int64_t cols, bool value = false);

  int64_t rows() const { return numRows; }
  int64_t cols() const { return numCols; }
  int64_t wordsPerRow() const { return (numCols + 63) / 64; }

  bool get(int64_t row, int64_t col) const {
    assert(row >= 0 && row < numRows && col >= 0 && col < numCols);
    return words[row * wordsPerRow() + col / 64] >> (col % 64) & 1;
  }
  void set(int64_t row, int64_t col, bool value = true);
  /// Sets columns [begin, end) of `row`, clamped to the matrix.
  void setRange(int64_t row, int64_t begin, int64_t end);

  std::span<const uint64_t> row(int64_t row) const {
    return {words.data() + row * wordsPerRow(), size_t(wordsPerRow())};
  }

  /// Calls `visit(col)` for every set column of `row`, ascending.
  template <typename Visitor>
  void forEachInRow(int64_t row, Visitor &&visit) const {
    int64_t base = 0;
    for (uint64_t word : this->row(row)) {
      for (; word; word &= word - 1)
        visit(base + __builtin_ctzll(word));
      base += 64;
    }
  }

  int64_t count() const;
  int64_t countRow(int64_t row) const;
  /// Set bits in columns [begin, end) of `row`; the range lies inside.
  int64_t countRange(int64_t row, int64_t begin, int64_t end) const {
    return countBits(this->row(row), begin, end);
  }
  /// Set bits over all bits; 0 for an empty matrix.
  double density() const;
  bool all() const { return count() == numRows * numCols; }
  bool none() const { return count() == 0; }

  Mask transposed() const;
  /// Row p of the result is row `order[p]`; the order may list a part.
  Mask rowsInOrder(std::span<const int32_t> order) const;
  /// The coarse mask, for tile extents >= 1: cell (I, J) is set iff any element
  /// of the `rowTile` x `colTile` tile at (I * rowTile, J * colTile) is. Tails
  /// are cells too. (SpMMPlu, rewriting the mask by the intrinsic's cuboid.)
  Mask coarsened(int64_t rowTile, int64_t colTile) const;

  /// Bit-packed bytes, little-endian bits, each row padded to a byte:
  /// rows * ceil(cols / 8) bytes. `fromBytes` requires exactly that many and
  /// ignores padding bits.
  std::vector<uint8_t> toBytes() const;
  static Mask fromBytes(int64_t rows, int64_t cols,
                        std::span<const uint8_t> bytes);
  /// The non-zeros of a row-major matrix (NaN counts as a non-zero).
  template <typename T>
  static Mask ofNonZeros(std::span<const T> values, int64_t rows,
                         int64_t cols) {
    assert(int64_t(values.size()) == rows * cols);
    Mask mask(rows, cols);
    for (int64_t r = 0; r < rows; ++r) {
      uint64_t *out = mask.words.data() + r * mask.wordsPerRow();
      const T *in = values.data() + r * cols;
      for (int64_t c = 0; c < cols; ++c)
        out[c / 64] |= uint64_t(in[c] != T(0)) << (c % 64);
    }
    return mask;
  }

  Mask &operator&=(const Mask &other);
  Mask &operator|=(const Mask &other);
  /// Clears what is set in `other`.
  Mask &operator-=(const Mask &other);
  bool operator==(const Mask &other) const = default;

private:
  int64_t numRows = 0, numCols = 0;
  std::vector<uint64_t> words;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_MASK_H
