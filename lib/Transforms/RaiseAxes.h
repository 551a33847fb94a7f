//===- RaiseAxes.h - The axes of a contraction ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every linalg op that multiplies two tensors and adds up, named or generic, is
// read by its indexing maps. Its loops are of four kinds (batch, m, n, k);
// neighbours of one kind are fused to one axis; of m, n and k one axis each
// makes the matrix product, and loops run over what is left.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_RAISEAXES_H
#define SPMMPLU_LIB_TRANSFORMS_RAISEAXES_H

#include "RaiseProducts.h"

namespace mlir::spmmplu {

/// What a loop of a contraction runs over: all operands, lhs and out, rhs and
/// out, lhs and rhs.
enum class LoopKind { Batch, M, N, K };

/// No axis: its operand is a vector, a matrix with one row or column.
inline constexpr int kNone = -1;

/// Consecutive loops of one kind that are neighbours in every operand.
struct LoopAxis {
  LoopKind kind;
  SmallVector<unsigned> loops;
  int64_t size; ///< kDynamic if it is not known.
  bool isIterated = false;

  bool needsLoop() const { return isIterated && size != 1; }
};

/// The axes of a contraction and how its operands lie along them.
class Contraction {
public:
  explicit Contraction(linalg::LinalgOp op) : op(op) {
    for (OpOperand &operand : op->getOpOperands())
      values.push_back(operand.get());
  }

  /// Why the op is no product; empty if it is.
  std::string analyze();

  bool isInLoop(unsigned operand) const {
    return llvm::any_of(dims[operand],
                        [&](unsigned axis) { return axes[axis].needsLoop(); });
  }
  /// The dimensions of `operand` along `axis`.
  SmallVector<int64_t> getDims(unsigned operand, int axis) const;
  /// The two matrix axes in the order in which `operand` is stored.
  std::pair<int, int> getStoredOrder(unsigned operand) const;
  MatrixLayout getLayout(unsigned operand) const;
  int64_t getSize(int axis) const {
    return axis == kNone ? 1 : axes[axis].size;
  }

  linalg::LinalgOp op;
  SmallVector<Value> values; ///< lhs, rhs, out
  SmallVector<LoopAxis> axes;
  SmallVector<unsigned> dims[3]; ///< The axes of each operand, in its order.
  int m = kNone, n = kNone, k = kNone;

private:
  std::string findAxes();
  void fuseAxes();
  bool areNeighbours(unsigned a, unsigned b) const;
  void removeAxis(unsigned axis);
  int chooseAxis(LoopKind kind);
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_RAISEAXES_H
