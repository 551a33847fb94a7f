//===- SpaceMasks.h - The masks of a product and its coarse space ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_SPACEMASKS_H
#define SPMMPLU_LIB_TRANSFORMS_SPACEMASKS_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/MetaOps.h"

#include <optional>

namespace mlir::spmmplu {

/// The masks of a verified product, in elements. A dense pattern is no mask.
struct SpaceMasks {
  explicit SpaceMasks(MatmulOp op);

  bool anySparse() const { return lhs || rhs || out; }

  std::optional<Mask> lhs, rhs, out;
  std::array<int64_t, 3> extent; ///< kDynamic where it is
};

/// The computational space in cells of `cell` elements. An axis that no mask
/// speaks of is one cell, whatever its size: nothing along it is sparse, and it
/// may be dynamic.
struct CoarseSpace {
  CoarseSpace(const SpaceMasks &masks, std::array<int64_t, 3> cell);

  /// Takes the cells of which only a part is in the result's mask out of
  /// `space` and returns the elements of the mask that lie in them: a meta-op
  /// writes all that it covers.
  Mask takePartialOutput(const Mask &elements);

  int64_t countNonZero() const;
  /// Meta-ops of `extent` cells from `lo` on as a table in elements.
  RangesAttr getRanges(MLIRContext *context, Cell extent,
                       ArrayRef<Cell> lo) const;

  std::array<int64_t, 3> cell; ///< -1: the whole axis
  std::optional<Mask> lhs, rhs, out;
  CellSpace space; ///< points into the masks above

  CoarseSpace(const CoarseSpace &) = delete;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_SPACEMASKS_H
