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
constexpr uint32_t kMaxStored = 32;
constexpr uint32_t kMaxDepth = 64;

/// An element type of tensor-core operands: 8- and 16-bit floats, f32 read as
/// tf32, or 8-bit integers. Integers are multiplied and added modulo 2^32,
/// which is what sums that wrap are.
template <typename T> struct Operand {
  static constexpr bool kIsInteger = std::is_integral_v<T>;
  /// Of values and sums.
  using Value = std::conditional_t<kIsInteger, uint32_t, float>;
  /// Columns of A of one instruction.
  static constexpr uint32_t kStored = 32 / sizeof(T);
  static constexpr uint32_t kRun = 4 / sizeof(T); ///< k of a register
  static constexpr bool kIsTF32 = std::is_same_v<T, float>;
  static constexpr uint32_t kGroup = kIsTF32 ? 2 : 4; ///< columns of a nibble
  static constexpr uint32_t kKept = kGroup / 2; ///< of them, with metadata

  static Value read(T value) {
    if constexpr (kIsInteger)
      return uint32_t(int32_t(value));
    else if constexpr (kIsTF32)
      return toTF32(value);
    else
      return toFloat(value);
  }
};

/// Calls `visit` with values of the C++ types of a's and b's elements, whose
/// type is `element`. (f32 and tf32 are the same here.)
template <typename Visitor>
Execute dispatchElement(Type element, bool isUnsignedA, bool isUnsignedB,
                        Visitor &&visit) {
  if (element.isF16())
    return visit(Half(), Half());
  if (element.isBF16())
    return visit(BFloat(), BFloat());
  if (isa<Float8E4M3FNType>(element))
    return visit(F8E4M3(), F8E4M3());
  if (isa<Float8E5M2Type>(element))
    return visit(F8E5M2(), F8E5M2());
  if (!element.isInteger(8))
    return visit(float(), float());
  if (isUnsignedA)
    return isUnsignedB ? visit(uint8_t(), uint8_t())
                       : visit(uint8_t(), int8_t());
  return isUnsignedB ? visit(int8_t(), uint8_t()) : visit(int8_t(), int8_t());
}

/// Row and column of a lane's element of a 16 x 8 matrix of sums.
inline std::pair<uint32_t, uint32_t> getSum(uint32_t element, uint32_t lane) {
  return {lane / 4 + 8 * (element / 2), 2 * (lane % 4) + element % 2};
}

/// A's 16 rows of stored columns from registers of 16 bytes.
template <typename T>
void unpackA(const T *registers,
             typename Operand<T>::Value (&to)[16][kMaxStored]) {
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
/// its low and high half, of the half l % 2 of the columns. Of 8-bit elements
/// all lanes count: lane l has row l / 4 + 8 * (l % 2) of the half l / 2 % 2 of
/// the columns. Returns what is wrong, if something is.
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
  constexpr bool isByte = sizeof(T) == 1;
  for (uint32_t row = 0; row < 16; ++row) {
    for (uint32_t number = 0; number < Operand<T>::kStored / kept; ++number) {
      uint32_t lane = row % 8 * 4 + (isByte ? number / 8 * 2 + row / 8
                                            : 2 * selector + number / 4);
      uint32_t shift = isByte ? number % 8 * 4 : row / 8 * 16 + number % 4 * 4;
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
