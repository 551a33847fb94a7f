//===- WarpProduct.h - What a warp computes of a tile -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels on chains whose warps compute differ in who copies what and when; the
// units that they multiply with differ in how a stage is read and where its
// sums lie. This is the seam between the two.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_WARPPRODUCT_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_WARPPRODUCT_H

#include "ChainTile.h"

#include <memory>

namespace mlir::spmmplu {

/// The product of a stage's lhs and rhs, of one warp's part of the tile.
class WarpProduct {
public:
  /// A run of a lane's sums: the elements of `values`, a vector, are those of
  /// the tile's row `row` from column `col` on.
  using Visit = function_ref<void(Value row, Value col, Value values)>;

  virtual ~WarpProduct() = default;

  /// Computes what no step changes, of part (`warpI`, `warpJ`) of the tile.
  virtual void begin(Value lane, Value warpI, Value warpJ) = 0;
  /// A lane's sums before the first step.
  virtual SmallVector<Value> getZeros() = 0;
  virtual void multiply(Value stage, SmallVectorImpl<Value> &sums) = 0;
  virtual void forEachRun(ValueRange sums, Visit visit) = 0;
  /// Puts the sums into the store's scratch.
  virtual void put(TileStore &store, ValueRange sums) = 0;
};

/// What a product relies on: nothing, or what is wrong.
LogicalResult verifyWarpProduct(KernelOp op, const KernelContext &c,
                                const ChainTile &tile);

/// The product of the context's intrinsic; `copies` has to outlive it.
std::unique_ptr<WarpProduct> createWarpProduct(KernelBuilder &k,
                                               const KernelContext &c,
                                               const ChainTile &tile,
                                               ChainCopies &copies);

// One for each unit.

LogicalResult verifyMatrixProduct(KernelOp op, const KernelContext &c,
                                  const ChainTile &tile);
std::unique_ptr<WarpProduct> createMatrixProduct(KernelBuilder &k,
                                                 const KernelContext &c,
                                                 const ChainTile &tile,
                                                 ChainCopies &copies);
LogicalResult verifyFmaProduct(KernelOp op, const ChainTile &tile);
std::unique_ptr<WarpProduct>
createFmaProduct(KernelBuilder &k, const ChainTile &tile, ChainCopies &copies);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_WARPPRODUCT_H
