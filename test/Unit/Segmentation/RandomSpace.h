//===- RandomSpace.h - Random masks and spaces for tests --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_SEGMENTATION_RANDOMSPACE_H
#define SPMMPLU_TEST_UNIT_SEGMENTATION_RANDOMSPACE_H

#include "spmmplu/Segmentation/MetaOps.h"

#include <memory>
#include <random>

namespace mlir::spmmplu::test {

using Random = std::mt19937;

inline int32_t randomIn(Random &random, int32_t low, int32_t high) {
  return std::uniform_int_distribution<int32_t>(low, high)(random);
}

inline Mask randomMask(Random &random, int64_t rows, int64_t cols,
                       double density) {
  Mask mask(rows, cols);
  std::bernoulli_distribution isSet(density);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      if (isSet(random))
        mask.set(r, c);
  return mask;
}

/// A mask in which rectangles are set, so that larger meta-ops arise.
inline Mask randomBlocks(Random &random, int64_t rows, int64_t cols,
                         int32_t blocks) {
  Mask mask(rows, cols);
  for (int32_t n = 0; n < blocks; ++n) {
    int32_t r0 = randomIn(random, 0, int32_t(rows) - 1);
    int32_t r1 = randomIn(random, r0, int32_t(rows) - 1);
    int32_t c0 = randomIn(random, 0, int32_t(cols) - 1);
    int32_t c1 = randomIn(random, c0, int32_t(cols) - 1);
    for (int32_t r = r0; r <= r1; ++r)
      mask.setRange(r, c0, c1 + 1);
  }
  return mask;
}

/// A space that owns its masks; any of them may be absent.
struct OwnedSpace {
  CellSpace space;
  std::unique_ptr<Mask> lhs, rhs, out;

  explicit OwnedSpace(Cell extent) { space.extent = extent; }
  void setLhs(Mask mask) {
    lhs = std::make_unique<Mask>(std::move(mask));
    space.lhs = lhs.get();
  }
  void setRhs(Mask mask) {
    rhs = std::make_unique<Mask>(std::move(mask));
    space.rhs = rhs.get();
  }
  void setOut(Mask mask) {
    out = std::make_unique<Mask>(std::move(mask));
    space.out = out.get();
  }
};

inline OwnedSpace randomSpace(Random &random, int32_t maxExtent) {
  Cell extent;
  for (int32_t &axis : extent)
    axis = randomIn(random, 1, maxExtent);
  OwnedSpace owned(extent);
  auto mask = [&](int32_t rows, int32_t cols) {
    return randomIn(random, 0, 1)
               ? randomBlocks(random, rows, cols, randomIn(random, 0, 3))
               : randomMask(random, rows, cols, 0.1 * randomIn(random, 0, 10));
  };
  int32_t present = randomIn(random, 0, 7);
  if (present & 1)
    owned.setLhs(mask(extent[0], extent[2]));
  if (present & 2)
    owned.setRhs(mask(extent[2], extent[1]));
  if (present & 4)
    owned.setOut(mask(extent[0], extent[1]));
  return owned;
}

} // namespace mlir::spmmplu::test

#endif // SPMMPLU_TEST_UNIT_SEGMENTATION_RANDOMSPACE_H
