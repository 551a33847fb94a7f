//===- RaiseProducts.h - Products in normal form ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The normal form of a product: `sparse_ir.matmul` of matrices, the sparse
// operand on the left.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_RAISEPRODUCTS_H
#define SPMMPLU_LIB_TRANSFORMS_RAISEPRODUCTS_H

#include "RaiseSparsity.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

namespace mlir::spmmplu {

//===----------------------------------------------------------------------===//
// Pieces of IR
//===----------------------------------------------------------------------===//

/// `value` without the encoding of its type.
Value dropEncoding(OpBuilder &builder, Location loc, Value value);

/// `value` with its dimensions in the order `permutation`; a constant is
/// transposed here and now.
Value createTranspose(OpBuilder &builder, Location loc, Value value,
                      ArrayRef<int64_t> permutation);

/// `value` with each group of dimensions as one; a constant is reshaped here
/// and now.
Value createCollapse(OpBuilder &builder, Location loc, Value value,
                     ArrayRef<ReassociationIndices> groups);

/// The reverse, to dimensions of `sizes`.
Value createExpand(OpBuilder &builder, Location loc, Value value,
                   ArrayRef<ReassociationIndices> groups,
                   ArrayRef<OpFoldResult> sizes);

/// The type of one slice of a batch, its last `rank` dimensions.
RankedTensorType getTrailingType(Value batch, int64_t rank);

/// The slice of a batch, a tensor of its last dimensions, at the indices `at`
/// of the first ones; and the batch with that slice replaced.
Value createBatchSlice(OpBuilder &builder, Location loc, Value batch,
                       ArrayRef<Value> at);
Value createBatchInsert(OpBuilder &builder, Location loc, Value slice,
                        Value batch, ArrayRef<Value> at);

/// A tensor of `sizes` filled with what `fill` fills its own with.
Value createFillLike(OpBuilder &builder, Location loc, linalg::FillOp fill,
                     ArrayRef<OpFoldResult> sizes);

/// The fill that `init` is the result of; null if it is none.
linalg::FillOp findFill(Value init);

/// Constant padding of images by zeros, of the dimensions `dims` (height and
/// width) only: its source, and how many come first. Anything else stays part
/// of the images.
Value dropZeroPadding(Value images, std::array<int64_t, 2> dims,
                      std::array<int64_t, 2> &low);

/// On an op that has no other way to the machine: it is raised, dense or not.
inline constexpr StringLiteral kRaiseAttrName = "sparse_ir.raise";

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Why operands of these element types do not make a product that
/// `sparse_ir.matmul` can express; empty if they do.
std::string checkElementTypes(Type lhs, Type rhs, Type out);

/// The searches of the operands of a product, in the order of the roles.
using SparsitySearches = std::array<SparsitySearch, 3>;

/// Whether the product goes on in normal form: some operand is sparse and no
/// promise is unusable. Otherwise a missed remark with the figures.
bool isWorthRaising(Operation *op, const SparsitySearches &searches,
                    double minSparsity);

/// The sparsities of the operands of a product, null where there is none.
struct Sparsities {
  SparsityAttr lhs, rhs, out;
};

/// Builds the product and its remark, which is located at `op`.
Value createMatmul(OpBuilder &builder, Operation *op, Value lhs, Value rhs,
                   Value init, const Sparsities &sparsities);

/// A missed remark.
void remarkMissed(Operation *op, const std::string &reason);

/// Raises a contraction: any linalg op of two inputs that multiplies and adds
/// and whose maps are permutations. Fails if it emitted an error; otherwise the
/// value that replaces the result, null where the op stays.
FailureOr<Value> raiseContraction(OpBuilder &builder, linalg::LinalgOp op,
                                  double minSparsity);

/// The same for `linalg.conv_2d_nhwc_hwcf` and `linalg.conv_2d_nchw_fchw`. The
/// matrix of the filter is [OC, C * KH * KW], which is also what the mask of
/// `sparse_ir.rhs` speaks of.
FailureOr<Value> raiseConvolution(OpBuilder &builder, linalg::LinalgOp op,
                                  double minSparsity);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_RAISEPRODUCTS_H
