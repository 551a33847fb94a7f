//===- Random.h - Random masks, the same on every machine -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_RANDOM_H
#define SPMMPLU_PATTERN_RANDOM_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

#include <limits>
#include <random>

namespace mlir::spmmplu {

inline constexpr int64_t maxSeed = std::numeric_limits<int64_t>::max();

/// The 64-bit Mersenne twister, which the C++ standard defines to the bit, with
/// mappings to ranges of our own, as those of the standard library differ
/// between implementations.
class RandomGenerator {
public:
  explicit RandomGenerator(uint64_t seed) : engine(seed) {}

  /// A number of [0, bound), bound >= 1: the high half of the 128-bit
  /// product of a draw and the bound. The bias is below bound / 2^64.
  int64_t below(int64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return int64_t(Wide(engine()) * Wide(bound) >> 64);
  }

  /// A number of [0, 1): the upper 53 bits of a draw over 2^53.
  double fraction() { return double(engine() >> 11) * 0x1p-53; }

private:
  std::mt19937_64 engine;
};

/// `random<density=D[,seed=S]>`: the nearest number of elements to D * rows *
/// cols, drawn evenly. Determines its mask.
class RandomPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "random";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  RandomPattern(double density, int64_t seed);
  double density() const { return part; }
  int64_t seed() const { return start; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;
  double nominalDensity() const override { return part; }

private:
  double part;
  int64_t start;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_RANDOM_H
