//===- Occupancy.h - Which cells some meta-op covers ------------*- C++ -*-===//
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

#ifndef SPMMPLU_LIB_SEGMENTATION_OCCUPANCY_H
#define SPMMPLU_LIB_SEGMENTATION_OCCUPANCY_H

#include "CellPacking.h"
#include "FlatMap.h"

#include <algorithm>

namespace mlir::spmmplu {

/// The set of cells that meta-ops cover, stored as hashed 4x4x4 blocks of one
/// 64-bit word: whatever the shape of a box, a look-up answers for several of
/// its cells, and memory follows the cells covered, not the space.
class Occupancy {
public:
  explicit Occupancy(const Cell &spaceExtent)
      : spaceExtent(spaceExtent), packing(spaceExtent) {}

  /// Adds one cell of the space.
  void add(int32_t i, int32_t j, int32_t k) {
    blocks[packing.pack(i / 4, j / 4, k / 4)] |=
        uint64_t(1) << (i % 4 * 16 + j % 4 * 4 + k % 4);
  }

  /// Adds the part of the box [lo, lo + extent) that lies in the space.
  void addBox(const Cell &lo, const Cell &extent) {
    anyBlock(lo, extent, [&](uint64_t block, uint64_t mask) {
      blocks[block] |= mask;
      return false;
    });
  }

  /// Whether no cell of the box is covered. Cells outside of the space are
  /// never covered.
  bool isBoxFree(const Cell &lo, const Cell &extent) const {
    return !anyBlock(lo, extent, [&](uint64_t block, uint64_t mask) {
      const uint64_t *word = blocks.find(block);
      return word && (*word & mask);
    });
  }

private:
  /// The bits [max(begin, 4 * block), min(end, 4 * block + 4)) - 4 * block.
  static uint64_t axisBits(int64_t block, int64_t begin, int64_t end) {
    int64_t first = std::max<int64_t>(begin - 4 * block, 0);
    int64_t last = std::min<int64_t>(end - 4 * block, 4);
    return (uint64_t(1) << last) - (uint64_t(1) << first);
  }

  /// Calls `visit(block key, bits of the box in the block)` until it returns
  /// true; returns whether it did.
  template <typename Visitor>
  bool anyBlock(const Cell &lo, const Cell &extent, Visitor &&visit) const {
    std::array<int64_t, 3> hi;
    for (int axis = 0; axis < 3; ++axis) {
      hi[axis] = std::min<int64_t>(int64_t(lo[axis]) + extent[axis],
                                   spaceExtent[axis]);
      if (hi[axis] <= lo[axis])
        return false;
    }
    for (int64_t i = lo[0] / 4; 4 * i < hi[0]; ++i) {
      // Spreads the four bits of an axis over the word: i to every 16th bit,
      // j to every 4th; the product with the next axis fills the gaps.
      uint64_t iBits = axisBits(i, lo[0], hi[0]);
      uint64_t iWord = (iBits & 1) | (iBits & 2) << 15 | (iBits & 4) << 30 |
                       (iBits & 8) << 45;
      for (int64_t j = lo[1] / 4; 4 * j < hi[1]; ++j) {
        uint64_t jBits = axisBits(j, lo[1], hi[1]);
        uint64_t jWord = (jBits & 1) | (jBits & 2) << 3 | (jBits & 4) << 6 |
                         (jBits & 8) << 9;
        for (int64_t k = lo[2] / 4; 4 * k < hi[2]; ++k)
          if (visit(packing.pack(i, j, k),
                    iWord * jWord * axisBits(k, lo[2], hi[2])))
            return true;
      }
    }
    return false;
  }

  Cell spaceExtent;
  CellPacking packing;
  FlatMap<uint64_t> blocks;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_SEGMENTATION_OCCUPANCY_H
