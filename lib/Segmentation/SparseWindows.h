//===- SparseWindows.h - Windows of sparse tensor cores ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Segmentation.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_SEGMENTATION_SPARSEWINDOWS_H
#define SPMMPLU_LIB_SEGMENTATION_SPARSEWINDOWS_H

#include "spmmplu/Segmentation/PackedValues.h"

#include <array>
#include <bit>

namespace mlir::spmmplu {

/// The windows of a sparse instruction's lhs: `width` columns, of which `kept`
/// are stored, their indices in a nibble.
template <typename T> struct Window;

/// 2:4. Bits 1..0 are the index of the first kept value, 3..2 of the second.
template <> struct Window<uint16_t> {
  static constexpr int64_t width = 4, kept = 2;

  static std::array<uint8_t, kept> getIndices(uint8_t nibble) {
    return {uint8_t(nibble & 3), uint8_t(nibble >> 2 & 3)};
  }
  /// The nibble for a set of at most two non-zeros.
  static uint8_t getNibble(unsigned nonZeros) {
    // The lowest free indices fill up what is missing.
    while (std::popcount(nonZeros) < kept)
      nonZeros |= nonZeros + 1;
    unsigned first = std::countr_zero(nonZeros);
    return uint8_t(first | std::countr_zero(nonZeros & (nonZeros - 1)) << 2);
  }
};

/// The same of 8-bit floats and integers.
template <> struct Window<uint8_t> : Window<uint16_t> {};
template <> struct Window<int8_t> : Window<uint16_t> {};

/// 1:2. The hardware sees four 16-bit halves, of which a value is two.
template <> struct Window<float> {
  static constexpr int64_t width = 2, kept = 1;

  static std::array<uint8_t, kept> getIndices(uint8_t nibble) {
    return {uint8_t(nibble >> 3 & 1)};
  }
  static uint8_t getNibble(unsigned nonZeros) {
    return nonZeros & 2 ? 0b1110 : 0b0100;
  }
};

/// The nibble of every set of non-zeros; 0xff for sets that are too large.
template <typename T> inline constexpr uint8_t kTooMany = 0xff;
template <typename T> auto makeNibbles() {
  std::array<uint8_t, 1 << Window<T>::width> nibbles;
  for (unsigned set = 0; set < nibbles.size(); ++set)
    nibbles[set] = std::popcount(set) > Window<T>::kept
                       ? kTooMany<T>
                       : Window<T>::getNibble(set);
  return nibbles;
}

/// Compresses `windows` windows of a row. Returns the first with too many
/// non-zeros, or -1.
template <typename T>
int64_t compressRow(const T *row, int64_t windows, T *stored,
                    uint8_t *nibbles) {
  static const auto table = makeNibbles<T>();
  for (int64_t w = 0; w < windows; ++w, row += Window<T>::width) {
    unsigned nonZeros = 0;
    for (int64_t at = 0; at < Window<T>::width; ++at)
      nonZeros |= unsigned(isNonZero(row[at])) << at;
    nibbles[w] = table[nonZeros];
    if (nibbles[w] == kTooMany<T>)
      return w;
    for (uint8_t index : Window<T>::getIndices(nibbles[w]))
      *stored++ = row[index];
  }
  return -1;
}

template <typename T>
void expandRow(const T *stored, const uint8_t *nibbles, int64_t windows,
               T *row) {
  std::fill_n(row, windows * Window<T>::width, T(0));
  for (int64_t w = 0; w < windows; ++w, row += Window<T>::width)
    for (uint8_t index : Window<T>::getIndices(nibbles[w]))
      row[index] = *stored++;
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_SEGMENTATION_SPARSEWINDOWS_H
