//===- FlatMap.h - Open-addressing hash map on 64-bit keys ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Segmentation and grouping look up millions of packed coordinates; a node per
// point would dominate their time. Private to lib/Segmentation.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_SEGMENTATION_FLATMAP_H
#define SPMMPLU_LIB_SEGMENTATION_FLATMAP_H

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace mlir::spmmplu {

/// Maps keys to values, by linear probing at a load of at most one half. There
/// is no removal. The key ~0 marks a free slot and may not be used.
template <typename Value> class FlatMap {
public:
  FlatMap() : slots(16) {}

  /// The value of `key`, or nullptr.
  const Value *find(uint64_t key) const {
    const Slot &slot = slots[probe(key)];
    return slot.key == key ? &slot.value : nullptr;
  }

  /// The value of `key`, value-initialized if it is new. Invalidated by the
  /// next call.
  Value &operator[](uint64_t key) {
    assert(key != freeKey && "the key is reserved");
    size_t at = probe(key);
    if (slots[at].key == key)
      return slots[at].value;
    if (2 * (used + 1) > slots.size()) {
      grow();
      at = probe(key);
    }
    ++used;
    slots[at].key = key;
    return slots[at].value;
  }

private:
  static constexpr uint64_t freeKey = ~uint64_t(0);
  struct Slot {
    uint64_t key = freeKey;
    Value value{};
  };

  /// The slot of `key`, or the free slot where it belongs.
  size_t probe(uint64_t key) const {
    size_t mask = slots.size() - 1;
    // Fibonacci hashing: the well-mixed bits are the high ones.
    size_t at = size_t((key * 0x9E3779B97F4A7C15u) >> 32) & mask;
    while (slots[at].key != key && slots[at].key != freeKey)
      at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots.size() * 2);
    old.swap(slots);
    for (Slot &slot : old)
      if (slot.key != freeKey)
        slots[probe(slot.key)] = std::move(slot);
  }

  std::vector<Slot> slots;
  size_t used = 0;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_SEGMENTATION_FLATMAP_H
