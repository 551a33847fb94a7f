//===- Descriptor.h - Matrices in shared memory -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The 64-bit descriptors by which wgmma finds a matrix (PTX ISA, "Matrix
// descriptor" and "Strides"). A matrix consists of lines of one chunk (16
// bytes) without a swizzle, else of as many bytes as the swizzle spans; eight
// lines lie side by side.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_DESCRIPTOR_H
#define SPMMPLU_LIB_EMULATOR_DESCRIPTOR_H

#include <cstdint>

namespace mlir::spmmplu::emulator {

constexpr uint32_t kChunkBytes = 16;

struct Descriptor {
  uint64_t bits;
  uint32_t start;   ///< address, in bytes
  uint32_t leading; ///< byte offset of the leading dimension
  uint32_t stride;  ///< byte offset of the stride dimension
  uint32_t base;    ///< base offset
  uint32_t span;    ///< bytes of a line: 128, 64, 32; 16 without a swizzle

  explicit Descriptor(uint64_t bits)
      : bits(bits), start((bits & 0x3fff) << 4),
        leading((bits >> 16 & 0x3fff) << 4), stride((bits >> 32 & 0x3fff) << 4),
        base(bits >> 49 & 7), span(getSpan(bits >> 62)) {}

  /// Bytes of k that a line, with what `leading` adds to it, holds.
  uint32_t getLineBytes() const { return span == kChunkBytes ? 256 : span; }

  /// The chunk of a k-major matrix: `line` is a row of A or a column of B.
  uint32_t getAddress(uint32_t line, uint32_t chunk) const {
    uint32_t offset = line % 8 * span + line / 8 * stride;
    return swizzle(start + offset +
                   chunk * (span == kChunkBytes ? leading : kChunkBytes));
  }

  /// The chunk of a matrix whose lines are k.
  uint32_t getTransposedAddress(uint32_t k, uint32_t chunk) const {
    if (span == kChunkBytes)
      return start + k % 8 * span + k / 8 * leading + chunk * stride;
    uint32_t chunks = span / kChunkBytes;
    return swizzle(start + k % 8 * span + k / 8 * stride +
                   chunk % chunks * kChunkBytes + chunk / chunks * leading);
  }

private:
  static uint32_t getSpan(uint64_t mode) {
    return mode == 0 ? kChunkBytes : uint32_t(256 >> mode);
  }

  /// Of the address: bits 4 and up by exclusive or with bits 7 and up.
  uint32_t swizzle(uint32_t address) const {
    return address ^ (address >> 7 & (span / kChunkBytes - 1)) << 4;
  }
};

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_DESCRIPTOR_H
