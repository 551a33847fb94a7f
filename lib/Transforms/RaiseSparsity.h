//===- RaiseSparsity.h - Where the sparsity of a product is ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_RAISESPARSITY_H
#define SPMMPLU_LIB_TRANSFORMS_RAISESPARSITY_H

#include "spmmplu/IR/SparseIR.h"

#include "mlir/IR/Builders.h"

#include <optional>
#include <string>

namespace mlir::spmmplu {

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// A constant of f64, f32, bf16 or f16 elements, seen through transposes and
/// casts: dimension d of the value is dimension `permutation[d]` of `elements`.
struct ConstantView {
  ElementsAttr elements;
  SmallVector<int64_t> permutation;

  Type getElementType() const { return elements.getElementType(); }
  /// The size of dimension `dim` of the value, static even where its type is
  /// not.
  int64_t getDimSize(unsigned dim) const {
    return elements.getShapedType().getDimSize(permutation[dim]);
  }
};

/// The constant that `value` is, if its elements are at hand.
std::optional<ConstantView> findConstant(Value value);

/// A constant of the elements of `view` with its dimensions in the order
/// `permutation`, then reshaped to `shape`. Large ones are resources.
Value createConstant(OpBuilder &builder, Location loc, const ConstantView &view,
                     ArrayRef<int64_t> permutation, ArrayRef<int64_t> shape);

/// A constant of `type` with the elements `bytes`, as a resource.
Value createResource(OpBuilder &builder, Location loc, StringRef name,
                     RankedTensorType type, ArrayRef<char> bytes);

//===----------------------------------------------------------------------===//
// Sparsity
//===----------------------------------------------------------------------===//

/// How the dimensions of an operand make a matrix: those of `outer` select one
/// of several matrices, `row` and `col` (slowest first) are its axes. `rows`
/// and `cols` are its size, kDynamic where it is not known.
struct MatrixLayout {
  SmallVector<int64_t> outer, row, col;
  int64_t rows = 1, cols = 1;
};

/// The sparsity of one operand, in the orientation of its layout.
struct FoundSparsity {
  SparsityAttr given; ///< Null where it was found in a constant.
  Mask mask;
};

/// What the search in one operand came to.
struct SparsitySearch {
  std::optional<FoundSparsity> sparsity;
  /// The fraction of zeros, where the operand is a constant.
  std::optional<double> zeros;
  /// Why promised sparsity cannot be used; empty if it can.
  std::string obstacle;
};

/// Looks at the attribute of `op` for `role`, the encoding of the type, and the
/// zeros of a constant, in this order; the first that speaks decides.
/// Matrices of several outer positions share one mask, the union of theirs.
/// Emits an error and fails if an attribute does not fit the operand, or a
/// constant breaks its promise.
FailureOr<SparsitySearch> findSparsity(Operation *op, Role role, Value value,
                                       const MatrixLayout &layout,
                                       double minSparsity);

/// The attribute of `found`, of the transposed matrix if `transposed`.
SparsityAttr getSparsityAttr(MLIRContext *context, const FoundSparsity &found,
                             bool transposed);

/// The name of the discardable attribute that gives the sparsity of `role`.
StringRef getSparsityAttrName(Role role);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_RAISESPARSITY_H
