//===- PackedValues.h - What packing must keep ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_PACKEDVALUES_H
#define SPMMPLU_SEGMENTATION_PACKEDVALUES_H

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

namespace mlir::spmmplu {

/// T is what is packed: a number, or, unsigned, the bits of a float of that
/// width. Zeros of floats have a sign: pruning by multiplication leaves
/// negative ones.
template <typename T> bool isNonZero(T value) {
  if constexpr (std::unsigned_integral<T>)
    return value & (std::numeric_limits<T>::max() >> 1);
  else
    return value != 0;
}

/// The place of the first value that did not come back from packing, which
/// keeps bits: it lay outside of the table. (A zero may change its sign.)
template <typename T>
std::optional<int64_t> findLost(std::span<const T> before,
                                std::span<const T> after) {
  auto isKept = [](const T &was, const T &is) {
    return std::memcmp(&was, &is, sizeof(T)) == 0 ||
           (!isNonZero(was) && !isNonZero(is));
  };
  auto [lost, found] = std::ranges::mismatch(before, after, isKept);
  if (lost == before.end())
    return std::nullopt;
  return lost - before.begin();
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_PACKEDVALUES_H
