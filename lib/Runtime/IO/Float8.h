//===- Float8.h - 8-bit floats ----------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two types of the OCP 8-bit Floating Point Specification: E4M3, which has
// no infinities and one magnitude that is a NaN, and E5M2, the upper half of an
// f16.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_IO_FLOAT8_H
#define SPMMPLU_LIB_RUNTIME_IO_FLOAT8_H

#include "spmmplu/Runtime/IO/Tensor.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace spmmplu::io {

/// Storage with `kMantissa` explicit bits, an exponent biased by `kBias`, and
/// the largest finite magnitude `kMost`, whose bits are `kMostBits`.
struct F8E4M3 {
  static constexpr int kMantissa = 3, kBias = 7;
  static constexpr float kMost = 448;
  static constexpr uint8_t kMostBits = 0x7e;
  uint8_t bits;
};
struct F8E5M2 {
  static constexpr int kMantissa = 2, kBias = 15;
  static constexpr float kMost = 57344;
  static constexpr uint8_t kMostBits = 0x7b;
  uint8_t bits;
};

/// Exact.
inline float toFloat(F8E5M2 value) {
  return f16ToFloat(uint16_t(value.bits << 8));
}
inline float toFloat(F8E4M3 value) {
  uint32_t magnitude = value.bits & 0x7f;
  float real = magnitude == 0x7f ? std::numeric_limits<float>::quiet_NaN()
                                 : f16ToFloat(uint16_t(magnitude << 7)) * 256;
  return std::copysign(real, value.bits & 0x80 ? -1.0f : 1.0f);
}

/// To the nearest, ties to even; what is larger than all finite numbers, also
/// infinities, becomes the largest. A NaN stays one.
template <typename T> T toFloat8(float value) {
  uint8_t sign = std::signbit(value) ? 0x80 : 0;
  if (value != value)
    return {uint8_t(sign | 0x7f)};
  float magnitude = std::fabs(value);
  if (magnitude >= T::kMost)
    return {uint8_t(sign | T::kMostBits)};
  // Subnormals have the exponent of the least normal number.
  int exponent = 1 - T::kBias;
  if (magnitude >= std::ldexp(1.0f, exponent))
    exponent = std::ilogb(magnitude);
  // In units of the last place: a carry goes into the exponent.
  int units =
      int(std::nearbyint(std::ldexp(magnitude, T::kMantissa - exponent)));
  return {uint8_t(sign |
                  ((exponent + T::kBias - 1) * (1 << T::kMantissa) + units))};
}

} // namespace spmmplu::io

#endif // SPMMPLU_LIB_RUNTIME_IO_FLOAT8_H
