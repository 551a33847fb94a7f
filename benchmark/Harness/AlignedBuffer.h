//===- AlignedBuffer.h - Memory that starts on a cache line -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_HARNESS_ALIGNEDBUFFER_H
#define SPMMPLU_BENCHMARK_HARNESS_ALIGNEDBUFFER_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

namespace spmmplu::bench {

/// Starts every buffer on a cache line, so that no peer is slowed by vector
/// accesses that straddle two of them.
template <typename T> struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U> &) {}

  T *allocate(size_t count) {
    return static_cast<T *>(
        ::operator new(count * sizeof(T), std::align_val_t(64)));
  }
  void deallocate(T *pointer, size_t) {
    ::operator delete(pointer, std::align_val_t(64));
  }
  bool operator==(const CacheLineAllocator &) const { return true; }
};

template <typename T>
using AlignedBuffer = std::vector<T, CacheLineAllocator<T>>;

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_ALIGNEDBUFFER_H
