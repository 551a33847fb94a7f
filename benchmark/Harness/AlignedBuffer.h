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
#include <sys/mman.h>
#include <vector>

namespace spmmplu::bench {

/// Starts every buffer on a cache line, so that no peer is slowed by vector
/// accesses that straddle two of them, and asks for huge pages for large ones
/// as the runtime's tensors do.
template <typename T> struct CacheLineAllocator {
  using value_type = T;
  CacheLineAllocator() = default;
  template <typename U>
  explicit CacheLineAllocator(const CacheLineAllocator<U> &) {}

  T *allocate(size_t count) {
    size_t bytes = count * sizeof(T);
    if (!isHuge(count))
      return static_cast<T *>(::operator new(bytes, std::align_val_t(64)));
    bytes = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void *memory = ::operator new(bytes, std::align_val_t(kHugePage));
    (void)::madvise(memory, bytes, MADV_HUGEPAGE);
    return static_cast<T *>(memory);
  }
  void deallocate(T *pointer, size_t count) {
    size_t alignment = isHuge(count) ? kHugePage : 64;
    ::operator delete(pointer, std::align_val_t(alignment));
  }
  bool operator==(const CacheLineAllocator &) const { return true; }

private:
  static constexpr size_t kHugePage = size_t(2) << 20;
  static bool isHuge(size_t count) {
    return count * sizeof(T) >= 2 * kHugePage;
  }
};

template <typename T>
using AlignedBuffer = std::vector<T, CacheLineAllocator<T>>;

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_HARNESS_ALIGNEDBUFFER_H
