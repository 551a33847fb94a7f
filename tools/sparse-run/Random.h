//===- Random.h - Random values, the same everywhere ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_RANDOM_H
#define SPMMPLU_TOOLS_SPARSERUN_RANDOM_H

#include <cstdint>

namespace spmmplu {

inline uint64_t nextRandom(uint64_t &state) { // SplitMix64
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

/// Uniform in [-1, 1), exact in F32.
inline float randomValue(uint64_t &state) {
  return float(int64_t(nextRandom(state) >> 40) - (1 << 23)) * 0x1p-23f;
}

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_RANDOM_H
