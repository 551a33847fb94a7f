//===- Floats.h - Bits and values of small floats ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_FLOATS_H
#define SPMMPLU_LIB_EMULATOR_FLOATS_H

#include "llvm/ADT/bit.h"

#include <cstdint>

namespace mlir::spmmplu::emulator {

/// f16 and bf16 as registers hold them.
struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

/// 8-bit floats: they are operands of matrix products only.
struct F8E4M3 {
  uint8_t bits;
};
struct F8E5M2 {
  uint8_t bits;
};

inline float toFloat(float value) { return value; }

inline float toFloat(Half half) {
  uint32_t magnitude = half.bits & 0x7fff;
  // The exponents' biases differ by 112; the product is exact for subnormals.
  float scaled = llvm::bit_cast<float>(magnitude << 13) * 0x1p112f;
  uint32_t bits = llvm::bit_cast<uint32_t>(scaled);
  bits |= magnitude >= 0x7c00 ? 0x7f800000 : 0;
  return llvm::bit_cast<float>(bits | uint32_t(half.bits & 0x8000) << 16);
}

inline float toFloat(BFloat value) {
  return llvm::bit_cast<float>(uint32_t(value.bits) << 16);
}

/// The upper half of an f16.
inline float toFloat(F8E5M2 value) {
  return toFloat(Half{uint16_t(value.bits << 8)});
}

/// The magnitude's bits are those of an f16 but for the exponent's bias, 7
/// instead of 15. There are no infinities; the largest magnitude is a NaN.
inline float toFloat(F8E4M3 value) {
  uint32_t magnitude = value.bits & 0x7f, sign = uint32_t(value.bits & 0x80)
                                                 << 24;
  float real = toFloat(Half{uint16_t(magnitude << 7)}) * 0x1p8f;
  uint32_t bits =
      magnitude == 0x7f ? 0x7fc00000 : llvm::bit_cast<uint32_t>(real);
  return llvm::bit_cast<float>(bits | sign);
}

/// To the nearest, ties to even.
template <typename T> T fromFloat(float value);

template <> inline float fromFloat<float>(float value) { return value; }

template <> inline Half fromFloat<Half>(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint16_t sign = (bits >> 16) & 0x8000;
  bits &= 0x7fffffff;
  uint32_t result;
  if (bits > 0x7f800000) {
    result = 0x7e00;
  } else if (bits >= 0x477ff000) { // 65520, half way to what would be 65536
    result = 0x7c00;
  } else if (bits < 0x38800000) { // 2^-14, the least normal number
    // In a sum with 0.5 the last bit of f32 is the last bit of the result.
    float shifted = llvm::bit_cast<float>(bits) + 0.5f;
    result = llvm::bit_cast<uint32_t>(shifted) - 0x3f000000;
  } else {
    result = (bits - 0x38000000 + 0xfff + ((bits >> 13) & 1)) >> 13;
  }
  return {uint16_t(sign | result)};
}

template <> inline BFloat fromFloat<BFloat>(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return {uint16_t((bits >> 16) | 0x40)};
  return {uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

/// What a tensor core reads of an f32 operand: the low 13 bits do not count.
inline float toTF32(float value) {
  return llvm::bit_cast<float>(llvm::bit_cast<uint32_t>(value) & 0xffffe000);
}

/// cvt.rna.tf32.f32: to the nearest, ties away from zero. Of a NaN only the low
/// bits are dropped, as an H100 does it: it may become infinite.
inline float roundToTF32(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  // A carry out of the mantissa belongs into the exponent.
  uint32_t half = (bits & 0x7f800000) == 0x7f800000 ? 0 : 0x1000;
  return llvm::bit_cast<float>((bits + half) & 0xffffe000);
}

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_FLOATS_H
