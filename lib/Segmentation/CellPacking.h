//===- CellPacking.h - Cells as 64-bit keys ---------------------*- C++ -*-===//
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

#ifndef SPMMPLU_LIB_SEGMENTATION_CELLPACKING_H
#define SPMMPLU_LIB_SEGMENTATION_CELLPACKING_H

#include "spmmplu/Segmentation/MetaOps.h"

#include <bit>
#include <cassert>

namespace mlir::spmmplu {

/// Packs the cells of a space into integers, so that integer order is the
/// lexicographic order of cells.
class CellPacking {
public:
  explicit CellPacking(const Cell &extent) {
    for (int axis = 0; axis < 3; ++axis)
      bits[axis] = std::bit_width(uint32_t(extent[axis]) - 1);
    assert(bits[0] + bits[1] + bits[2] <= 60 && "space exceeds 2^60 cells");
  }

  uint64_t pack(uint64_t i, uint64_t j, uint64_t k) const {
    return ((i << bits[1] | j) << bits[2]) | k;
  }
  uint64_t pack(const Cell &cell) const {
    return pack(uint64_t(cell[0]), uint64_t(cell[1]), uint64_t(cell[2]));
  }
  Cell unpack(uint64_t key) const {
    uint64_t rest = key >> bits[2];
    return {int32_t(rest >> bits[1]), int32_t(rest & lowBits(bits[1])),
            int32_t(key & lowBits(bits[2]))};
  }

private:
  static uint64_t lowBits(int count) { return (uint64_t(1) << count) - 1; }
  std::array<int, 3> bits;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_SEGMENTATION_CELLPACKING_H
