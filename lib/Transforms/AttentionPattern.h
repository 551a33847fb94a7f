//===- AttentionPattern.h - Attention written with tensors ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds softmax(scale * Q K^T under a mask) V in linalg on tensors. The softmax
// is `linalg.softmax` or its usual expansion: subtract the maximum of a row,
// exp, divide by the sum. The mask is a constant that is added (zeros and
// minus infinities) or selects, or the encoding of the softmax's input.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_ATTENTIONPATTERN_H
#define SPMMPLU_LIB_TRANSFORMS_ATTENTIONPATTERN_H

#include "RaiseAxes.h"

#include "llvm/ADT/SetVector.h"

namespace mlir::spmmplu {

/// Values in elementwise ops are seen as functions of the coordinates (batch
/// ..., query, key) of the probabilities.
///
/// A tensor, read at `map` of those coordinates.
struct TensorAccess {
  Value tensor;
  AffineMap map;
};

/// A value in the body of an op whose loops are `map` of the coordinates, or,
/// with `isLeaf`, the element of a tensor that no elementwise op makes.
struct ScalarAccess {
  Value value;
  AffineMap map;
  bool isLeaf = false;

  template <typename Op> Op getDefiningOp() const {
    return isLeaf ? Op() : value.getDefiningOp<Op>();
  }
};

class AttentionPattern {
public:
  /// `product` is the one with the values.
  explicit AttentionPattern(linalg::LinalgOp product) : product(product) {}

  /// Whether the product is of probabilities at all. If it is and the pattern
  /// is not one that `sparse_ir.attention` computes, `obstacle` says why.
  bool match();

  linalg::LinalgOp product;
  std::string obstacle;
  Value query, key, value; ///< [batch..., rows, columns]
  double scale = 1;
  Mask mask;
  /// Whose pattern says how the mask is best cut; null: none.
  SparsityAttr sparsity;

private:
  // Tensors as functions of coordinates.
  ScalarAccess read(TensorAccess access);
  ScalarAccess operand(const ScalarAccess &scalar, Value value);
  bool areEqual(const ScalarAccess &a, const ScalarAccess &b);

  // The steps, from the last one back. Without an obstacle: no attention.
  bool findSoftmax(ScalarAccess probabilities, ScalarAccess &scores);
  bool isQuotient(const ScalarAccess &quotient, ScalarAccess &scores);
  bool isRowReduction(const ScalarAccess &scalar, bool isSum,
                      ScalarAccess &input);
  bool peel(ScalarAccess &scalar);
  bool takeMask(const ScalarAccess &constant, std::optional<bool> selected);
  bool takeOperands(linalg::LinalgOp scores);
  bool takeMasks(linalg::LinalgOp scores);
  bool haveOtherUsers(linalg::LinalgOp scores);
  bool fail(const Twine &reason) {
    obstacle = reason.str();
    return false;
  }

  unsigned rank = 0;
  llvm::SmallSetVector<Operation *, 16> seen; ///< what the pattern is made of
  bool hasConstantMask = false;
  /// Some masked elements have a finite score, so that a row of nothing else
  /// has a softmax.
  bool isFinite = false;
  SparsityAttr softmaxSparsity; ///< the encoding of the softmax's input
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_ATTENTIONPATTERN_H
