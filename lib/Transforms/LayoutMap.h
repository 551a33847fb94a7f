//===- LayoutMap.h - Layout transformations as index maps ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_LAYOUTMAP_H
#define SPMMPLU_LIB_TRANSFORMS_LAYOUTMAP_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::spmmplu {

/// An op that only moves elements.
struct LayoutTransformation {
  Value source;
  Value result;
  /// Coordinates of the result to those of the source.
  AffineMap toSource;
  /// Coordinates of the source to those of the result; null where not every
  /// element of the source has exactly one place in the result.
  AffineMap toResult;
};

/// `op` as a layout transformation: transposes, reshapes with static inner
/// sizes, slices with static offsets and strides, and `linalg.generic` (or a
/// named op) that only yields its one input: broadcasts, img2col.
std::optional<LayoutTransformation> getLayoutTransformation(Operation *op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_LAYOUTMAP_H
