//===- RadixSort.h - Sorting packed coordinates in linear time --*- C++ -*-===//
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

#ifndef SPMMPLU_LIB_SEGMENTATION_RADIXSORT_H
#define SPMMPLU_LIB_SEGMENTATION_RADIXSORT_H

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace mlir::spmmplu {

/// Sorts `keys` ascending. Passes over digits in which all keys agree are
/// skipped, so the time follows the bits that vary, not the width of the key.
/// `scratch` is working memory to be reused between calls.
inline void radixSort(std::vector<uint64_t> &keys,
                      std::vector<uint64_t> &scratch) {
  constexpr int digitBits = 11;
  constexpr size_t radix = size_t(1) << digitBits;
  // Below this, clearing and scanning the histogram costs more than sorting.
  if (keys.size() < radix / 4) {
    std::sort(keys.begin(), keys.end());
    return;
  }
  uint64_t varying = 0;
  for (uint64_t key : keys)
    varying |= key ^ keys.front();
  scratch.resize(keys.size());
  for (int shift = 0; shift < 64; shift += digitBits) {
    if (!(varying >> shift & (radix - 1)))
      continue;
    std::array<size_t, radix> start{};
    for (uint64_t key : keys)
      ++start[key >> shift & (radix - 1)];
    size_t sum = 0;
    for (size_t &bucket : start)
      sum += std::exchange(bucket, sum);
    for (uint64_t key : keys)
      scratch[start[key >> shift & (radix - 1)]++] = key;
    keys.swap(scratch);
  }
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_SEGMENTATION_RADIXSORT_H
