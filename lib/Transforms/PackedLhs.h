//===- PackedLhs.h - A constant lhs as kernels read it ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_PACKEDLHS_H
#define SPMMPLU_LIB_TRANSFORMS_PACKEDLHS_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/TensorPacking.h"

namespace mlir::spmmplu {

/// A constant lhs as a kernel reads it.
struct PackedLhs {
  std::vector<char> values;
  std::vector<uint32_t> metadata; ///< of a sparse intrinsic
};

/// The matrix of `rows` x `cols` that a kernel sees through its lhs map,
/// row-major, of elements of `width` bytes. Fails where the map leads out of
/// the constant.
FailureOr<std::vector<char>> readThroughMap(ArrayRef<char> raw, size_t width,
                                            ArrayRef<int64_t> shape,
                                            AffineMap map, int64_t rows,
                                            int64_t cols);

// Elements are of `width` bytes; an error is at `op` where a non-zero lies
// outside of the table.

/// Packs for units without tensor cores: 2, 4 or 8 bytes.
FailureOr<PackedLhs> packPlain(KernelOp op, const ChainTable &table,
                               PackedLayout layout, unsigned width,
                               ArrayRef<char> matrix);
/// Packs for tensor cores: 2 bytes, or f32 rounded to tf32.
FailureOr<PackedLhs> packForTensorCores(KernelOp op, const ChainTable &table,
                                        TensorFormat format, unsigned width,
                                        ArrayRef<char> matrix);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_PACKEDLHS_H
