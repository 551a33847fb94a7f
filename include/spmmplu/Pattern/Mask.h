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

/// Whether one of a word's windows of `m` bits, a power of two of at most 64,
/// has more than `n` set.
inline bool hasFullerWindow(uint64_t word, int64_t n, int64_t m) {
  if (n >= m)
    return false;
  uint64_t counts = word; // of each window so far, in its bits
  for (int64_t size = 1; size < m; size *= 2) {
    uint64_t low = ~uint64_t(0) / ((uint64_t(1) << size) + 1);
    counts = (counts & low) + (counts >> size & low);
  }
  uint64_t top = uint64_t(1) << (m - 1);
  uint64_t first = m == 64 ? 1 : ~uint64_t(0) / ((uint64_t(1) << m) - 1);
  // Counts above n carry into their window's top bit.
  return (counts + first * (top - 1 - uint64_t(n))) & first * top;
}

/// The bits of a 16-bit float (f16, bf16), of which a zero has but the sign.
struct HalfBits {
  uint16_t bits = 0;

  HalfBits() = default;
  explicit HalfBits(int) {}
  bool operator!=(HalfBits other) const {
    return (bits & 0x7fff) != (other.bits & 0x7fff);
  }
};

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

  /// The same of floats of `width` bytes, of any type of that width.
  static Mask ofNonZeroFloats(std::span<const std::byte> data, int64_t width,
                              int64_t rows, int64_t cols);

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
