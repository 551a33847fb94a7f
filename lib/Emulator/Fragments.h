//===- Fragments.h - Matrix operands in the lanes of a warp -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which lane holds which element of a 16-row matrix operand, and which logical
// columns a sparse operand's metadata names (PTX ISA, "Matrix fragments for
// mma" and "for sparse mma").
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_FRAGMENTS_H
#define SPMMPLU_LIB_EMULATOR_FRAGMENTS_H

#include "Program.h"

namespace mlir::spmmplu::emulator {

/// Largest number of stored columns of A, and of logical ones.
constexpr uint32_t kMaxStored = 16;
constexpr uint32_t kMaxDepth = 32;

/// An element type of tensor-core operands: 16-bit floats, or f32 read as tf32.
template <typename T> struct Operand {
  static constexpr uint32_t kStored = 16; ///< columns of A of one instruction
  static constexpr uint32_t kRun = 2;     ///< consecutive k of a register
  static constexpr uint32_t kGroup = 4;   ///< logical columns of a nibble
  static constexpr uint32_t kKept = 2;    ///< of them, with metadata
  static float read(T value) { return toFloat(value); }
};
template <> struct Operand<float> {
  static constexpr uint32_t kStored = 8;
  static constexpr uint32_t kRun = 1;
  static constexpr uint32_t kGroup = 2;
  static constexpr uint32_t kKept = 1;
  static float read(float value) { return toTF32(value); }
};

/// Row and column of a lane's element of a 16 x 8 matrix of sums.
inline std::pair<uint32_t, uint32_t> getSum(uint32_t element, uint32_t lane) {
  return {lane / 4 + 8 * (element / 2), 2 * (lane % 4) + element % 2};
}

/// A's 16 rows of stored columns from a register of 8 (f32: 4) elements.
template <typename T>
void unpackA(const T *registers, float (&to)[16][kMaxStored]) {
  constexpr uint32_t run = Operand<T>::kRun;
  for (uint32_t element = 0; element < 4 * run; ++element) {
    uint32_t part = element / run; // rows r, r + 8, r, r + 8
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      to[lane / 4 + 8 * (part % 2)]
        [run * (lane % 4) + element % run + 4 * run * (part / 2)] =
            Operand<T>::read(registers[element * kLanes + lane]);
  }
}

/// The two kept positions of a nibble, or for f32 the one; none where the
/// nibble has no meaning.
template <typename T>
std::optional<std::pair<uint32_t, uint32_t>> readNibble(uint32_t nibble) {
  uint32_t first = nibble & 3, second = nibble >> 2;
  if constexpr (Operand<T>::kKept == 1) {
    // An element is two halves, of which both are kept.
    if (nibble != 0x4 && nibble != 0xe)
      return std::nullopt;
    return std::pair(first / 2, first / 2);
  }
  if (first >= second)
    return std::nullopt;
  return std::pair(first, second);
}

/// The logical column of every stored one of every row. Without metadata they
/// are the same. Of the metadata of 32 lanes, the pair of lanes 2 * selector
/// and the next of every four count: lane l has rows l / 4 and l / 4 + 8, in
/// its low and high half, of the half l % 2 of the columns. Returns what is
/// wrong, if something is.
template <typename T>
std::optional<std::string> getColumns(const uint32_t *metadata,
                                      uint32_t selector,
                                      uint8_t (&columns)[16][kMaxStored]) {
  if (!metadata) {
    for (uint32_t row = 0; row < 16; ++row)
      for (uint32_t stored = 0; stored < Operand<T>::kStored; ++stored)
        columns[row][stored] = stored;
    return std::nullopt;
  }
  constexpr uint32_t group = Operand<T>::kGroup, kept = Operand<T>::kKept;
  for (uint32_t row = 0; row < 16; ++row) {
    for (uint32_t number = 0; number < 8; ++number) {
      uint32_t lane = row % 8 * 4 + 2 * selector + number / 4;
      uint32_t shift = row / 8 * 16 + number % 4 * 4;
      uint32_t nibble = metadata[lane] >> shift & 15;
      auto positions = readNibble<T>(nibble);
      if (!positions)
        return "metadata of row " + std::to_string(row) + ", columns " +
               std::to_string(number * group) + " to " +
               std::to_string(number * group + group - 1) + " (lane " +
               std::to_string(lane) + "): nibble " + std::to_string(nibble) +
               " names no ascending positions";
      columns[row][number * kept] = number * group + positions->first;
      columns[row][number * kept + kept - 1] =
          number * group + positions->second;
    }
  }
  return std::nullopt;
}

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_FRAGMENTS_H
