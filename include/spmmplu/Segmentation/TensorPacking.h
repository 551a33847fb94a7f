//===- TensorPacking.h - Chains as operands of tensor cores -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The entries of a chain, side by side, are its *chain matrix*: the panel's
// rows by depth * entries columns. Tensor cores take it in the layouts that
// docs/gpu.md, "Packed left operands", defines, whole or, under a sparse
// instruction, as the kept half and its indices.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_TENSORPACKING_H
#define SPMMPLU_SEGMENTATION_TENSORPACKING_H

#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace mlir::spmmplu {

/// How the stored matrix of a chain lies in memory.
enum class TensorLayout : uint8_t {
  fragment, ///< tiles in the order of a warp's registers; 8 to 32 bits
  warpgroup ///< blocks as shared memory holds them, swizzled; 32-bit values
            ///< only where all columns are stored
};

struct TensorFormat {
  TensorLayout layout = TensorLayout::fragment;
  /// Of every four columns of the chain matrix two are stored (of 32-bit
  /// values: of every two one), with metadata.
  bool sparse = false;

  /// What the rows of a panel, which are so many, have to be a multiple of, for
  /// values of `bytes` bytes.
  int64_t rowMultiple(int64_t rows, int64_t bytes) const;
  /// What the columns of every chain matrix are a multiple of, for values of
  /// `bytes` bytes.
  int64_t columnMultiple(int64_t bytes) const;
};

/// An operand in a `TensorFormat`: the chains one after the other.
template <typename T> struct TensorOperand {
  std::vector<T> values;
  /// Four words a lane of a warp, 128 words for 64 rows by 64 columns of the
  /// chain matrix (32 columns of 32-bit values); one or two words a lane of
  /// panels of 16 or 32 rows. Of these 128 the layout `fragment` has the words
  /// of a lane together, `warpgroup` those of a warp. None unless sparse.
  std::vector<uint32_t> metadata;
};

/// `table` with padding at the end of every chain that has an entry, so that
/// depth * entries is a multiple of `step`: the last entry again, see
/// `ChainTable::isPadding`. Fails unless `step` is a multiple of the depth, 1
/// to 4096, and on more than 2^31 - 1 entries.
::spmmplu::Result<ChainTable> padChains(const ChainTable &table, int64_t step);

/// Packs the row-major matrix `values` (matrixRows x matrixCols). T is float,
/// uint16_t for the bits of f16 or bf16, uint8_t for those of 8-bit floats, or
/// int8_t. Padding, and columns that an entry
/// does not own, are zeros. Windows with fewer non-zeros than are kept name
/// further indices, the lowest ones; indices always ascend. Fails where rows or
/// chains are no multiples of what the format wants, and where a window has
/// more non-zeros than are kept, naming the first such row and window.
template <typename T>
::spmmplu::Result<TensorOperand<T>> packTensor(const ChainTable &table,
                                               TensorFormat format,
                                               std::span<const T> values);

/// The inverse: a row-major matrix, zero outside of the entries. (A negative
/// zero that was not kept comes back positive.) Fails on sizes that are not
/// those of the table.
template <typename T>
::spmmplu::Result<std::vector<T>>
unpackTensor(const ChainTable &table, TensorFormat format,
             std::span<const T> values, std::span<const uint32_t> metadata);

/// What packing for tensor cores does to f32 values: to the nearest number of
/// 10 explicit bits, ties away from zero, as `sparse_gpu.round_tf32` does.
std::vector<float> roundToTF32(std::span<const float> values);

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_TENSORPACKING_H
