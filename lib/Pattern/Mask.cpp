//===- Mask.cpp - Which elements of a matrix may be non-zero --------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Mask.h"

#include <algorithm>
#include <bit>

namespace mlir::spmmplu {

/// The low `n` bits, 0 <= n <= 64.
static uint64_t lowBits(int64_t n) { return n >= 64 ? ~0ull : (1ull << n) - 1; }

Mask::Mask(int64_t rows, int64_t cols, bool value)
    : numRows(std::max<int64_t>(rows, 0)), numCols(std::max<int64_t>(cols, 0)),
      words(numRows * wordsPerRow(), 0) {
  assert(rows >= 0 && cols >= 0);
  if (!value)
    return;
  for (int64_t r = 0; r < numRows; ++r)
    setRange(r, 0, numCols);
}

void Mask::set(int64_t row, int64_t col, bool value) {
  assert(row >= 0 && row < numRows && col >= 0 && col < numCols);
  uint64_t &word = words[row * wordsPerRow() + col / 64];
  uint64_t bit = 1ull << (col % 64);
  word = value ? word | bit : word & ~bit;
}

void Mask::setRange(int64_t row, int64_t begin, int64_t end) {
  begin = std::max<int64_t>(begin, 0);
  end = std::min(end, numCols);
  if (row < 0 || row >= numRows || begin >= end)
    return;
  uint64_t *out = words.data() + row * wordsPerRow();
  int64_t first = begin / 64, last = (end - 1) / 64;
  uint64_t head = ~lowBits(begin % 64), tail = lowBits((end - 1) % 64 + 1);
  if (first == last) {
    out[first] |= head & tail;
    return;
  }
  out[first] |= head;
  std::fill(out + first + 1, out + last, ~0ull);
  out[last] |= tail;
}

namespace {
/// The bits of an 8-bit float, of which a zero has but the sign.
struct Float8Bits {
  uint8_t bits = 0;

  explicit Float8Bits(int) {}
  bool operator!=(Float8Bits other) const {
    return (bits & 0x7f) != (other.bits & 0x7f);
  }
};
} // namespace

Mask Mask::ofNonZeroFloats(std::span<const std::byte> data, int64_t width,
                           int64_t rows, int64_t cols) {
  assert(width == 1 || width == 2 || width == 4 || width == 8);
  auto of = [&]<typename T>(const T *values) {
    return ofNonZeros(std::span(values, size_t(rows * cols)), rows, cols);
  };
  if (width == 8)
    return of(reinterpret_cast<const double *>(data.data()));
  if (width == 4)
    return of(reinterpret_cast<const float *>(data.data()));
  if (width == 1)
    return of(reinterpret_cast<const Float8Bits *>(data.data()));
  return of(reinterpret_cast<const HalfBits *>(data.data()));
}

int64_t Mask::count() const {
  int64_t total = 0;
  for (uint64_t word : words)
    total += std::popcount(word);
  return total;
}

int64_t Mask::countRow(int64_t row) const {
  int64_t total = 0;
  for (uint64_t word : this->row(row))
    total += std::popcount(word);
  return total;
}

double Mask::density() const {
  if (numRows == 0 || numCols == 0)
    return 0;
  return double(count()) / (double(numRows) * double(numCols));
}

//===----------------------------------------------------------------------===//
// Transposition
//===----------------------------------------------------------------------===//

/// Transposes a 64 x 64 bit block in place by exchanging off-diagonal squares
/// of side 32, 16, ... 1.
static void transposeBlock(uint64_t (&block)[64]) {
  uint64_t low = lowBits(32);
  for (int side = 32; side; side >>= 1, low ^= low << side)
    for (int r = 0; r < 64; r = (r + side + 1) & ~side) {
      uint64_t swap = (block[r] >> side ^ block[r + side]) & low;
      block[r] ^= swap << side;
      block[r + side] ^= swap;
    }
}

Mask Mask::transposed() const {
  Mask result(numCols, numRows);
  int64_t inStride = wordsPerRow(), outStride = result.wordsPerRow();
  uint64_t block[64];
  for (int64_t r = 0; r < numRows; r += 64) {
    int64_t height = std::min<int64_t>(64, numRows - r);
    for (int64_t w = 0; w < inStride; ++w) {
      const uint64_t *in = words.data() + r * inStride + w;
      uint64_t any = 0;
      for (int64_t i = 0; i < height; ++i)
        any |= block[i] = in[i * inStride];
      if (!any)
        continue;
      std::fill(block + height, block + 64, 0);
      transposeBlock(block);
      int64_t width = std::min<int64_t>(64, numCols - w * 64);
      uint64_t *out = result.words.data() + w * 64 * outStride + r / 64;
      for (int64_t i = 0; i < width; ++i)
        out[i * outStride] = block[i];
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Coarsening
//===----------------------------------------------------------------------===//

/// Ors neighbouring bits: bit i of the result is bit 2i | bit 2i + 1.
static uint64_t halveWord(uint64_t word) {
  word = (word | word >> 1) & 0x5555555555555555ull;
  word = (word | word >> 1) & 0x3333333333333333ull;
  word = (word | word >> 2) & 0x0f0f0f0f0f0f0f0full;
  word = (word | word >> 4) & 0x00ff00ff00ff00ffull;
  word = (word | word >> 8) & 0x0000ffff0000ffffull;
  return (word | word >> 16) & 0x00000000ffffffffull;
}

/// `tile` is a power of two up to 64: every word yields 64 / tile cells.
static void coarsenByHalving(std::span<const uint64_t> in, int64_t tile,
                             uint64_t *out) {
  int64_t cellsPerWord = 64 / tile;
  for (size_t w = 0; w < in.size(); ++w) {
    uint64_t cells = in[w];
    for (int64_t t = tile; t > 1; t /= 2)
      cells = halveWord(cells);
    int64_t cell = int64_t(w) * cellsPerWord;
    out[cell / 64] |= cells << (cell % 64);
  }
}

/// The 64 bits from bit `at` on; `in` must have one more word.
static uint64_t wordFromBit(const uint64_t *in, int64_t at) {
  return in[at / 64] >> (at % 64) | in[at / 64 + 1] << 1 << (63 - at % 64);
}

/// Any tile width; `in` has one zero word beyond the row, where the last cell's
/// reads may end, and padding bits are zero, so the last cell needs no clamp.
static void coarsenByCells(const uint64_t *in, int64_t cols, int64_t tile,
                           uint64_t *out) {
  int64_t cell = 0;
  if (tile <= 64) {
    uint64_t window = lowBits(tile);
    for (int64_t at = 0; at < cols; ++cell, at += tile) {
      bool any = wordFromBit(in, at) & window;
      out[cell / 64] |= uint64_t(any) << (cell % 64);
    }
    return;
  }
  for (int64_t begin = 0; begin < cols; ++cell, begin += tile) {
    uint64_t any = 0;
    int64_t end = std::min(cols, begin + tile);
    for (int64_t at = begin; at < end && !any; at += 64)
      any = wordFromBit(in, at) & lowBits(end - at);
    out[cell / 64] |= uint64_t(any != 0) << (cell % 64);
  }
}

Mask Mask::rowsInOrder(std::span<const int32_t> order) const {
  Mask result(int64_t(order.size()), numCols);
  auto *out = result.words.data();
  for (int32_t at : order) {
    std::span<const uint64_t> in = row(at);
    out = std::copy(in.begin(), in.end(), out);
  }
  return result;
}

Mask Mask::coarsened(int64_t rowTile, int64_t colTile) const {
  assert(rowTile > 0 && colTile > 0);
  // Larger tiles than the matrix are one tile; this also bounds the sums below.
  rowTile = std::clamp<int64_t>(rowTile, 1, std::max<int64_t>(numRows, 1));
  colTile = std::max<int64_t>(colTile, 1);
  if (colTile > numCols && numCols > 0)
    colTile = numCols;
  Mask result((numRows + rowTile - 1) / rowTile,
              numCols ? (numCols - 1) / colTile + 1 : 0);
  int64_t width = wordsPerRow();
  bool halving = colTile <= 64 && std::has_single_bit(uint64_t(colTile));
  std::vector<uint64_t> merged(width + 1);
  for (int64_t tile = 0; tile < result.rows(); ++tile) {
    int64_t end = std::min(numRows, (tile + 1) * rowTile);
    std::fill(merged.begin(), merged.end(), 0);
    for (int64_t r = tile * rowTile; r < end; ++r) {
      const uint64_t *in = words.data() + r * width;
      for (int64_t w = 0; w < width; ++w)
        merged[w] |= in[w];
    }
    uint64_t *out = result.words.data() + tile * result.wordsPerRow();
    if (halving)
      coarsenByHalving({merged.data(), size_t(width)}, colTile, out);
    else
      coarsenByCells(merged.data(), numCols, colTile, out);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Bytes and set operations
//===----------------------------------------------------------------------===//

std::vector<uint8_t> Mask::toBytes() const {
  int64_t bytesPerRow = (numCols + 7) / 8;
  std::vector<uint8_t> bytes(numRows * bytesPerRow);
  for (int64_t r = 0; r < numRows; ++r) {
    const uint64_t *in = words.data() + r * wordsPerRow();
    for (int64_t b = 0; b < bytesPerRow; ++b)
      bytes[r * bytesPerRow + b] = uint8_t(in[b / 8] >> (b % 8 * 8));
  }
  return bytes;
}

Mask Mask::fromBytes(int64_t rows, int64_t cols,
                     std::span<const uint8_t> bytes) {
  Mask mask(rows, cols);
  int64_t bytesPerRow = (mask.numCols + 7) / 8;
  assert(int64_t(bytes.size()) == mask.numRows * bytesPerRow);
  int64_t width = mask.wordsPerRow();
  for (int64_t r = 0; r < mask.numRows; ++r) {
    uint64_t *out = mask.words.data() + r * width;
    for (int64_t b = 0; b < bytesPerRow; ++b)
      out[b / 8] |= uint64_t(bytes[r * bytesPerRow + b]) << (b % 8 * 8);
    if (mask.numCols % 64)
      out[width - 1] &= lowBits(mask.numCols % 64);
  }
  return mask;
}

Mask &Mask::operator&=(const Mask &other) {
  assert(numRows == other.numRows && numCols == other.numCols);
  for (size_t w = 0; w < words.size(); ++w)
    words[w] &= other.words[w];
  return *this;
}

Mask &Mask::operator|=(const Mask &other) {
  assert(numRows == other.numRows && numCols == other.numCols);
  for (size_t w = 0; w < words.size(); ++w)
    words[w] |= other.words[w];
  return *this;
}

Mask &Mask::operator-=(const Mask &other) {
  assert(numRows == other.numRows && numCols == other.numCols);
  for (size_t w = 0; w < words.size(); ++w)
    words[w] &= ~other.words[w];
  return *this;
}

} // namespace mlir::spmmplu
