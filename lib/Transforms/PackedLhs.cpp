//===- PackedLhs.cpp - A constant lhs as kernels read it -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedLhs.h"

#include "spmmplu/Segmentation/PackedValues.h"

#include <cstring>

using namespace mlir;
using namespace mlir::spmmplu;

FailureOr<std::vector<char>>
mlir::spmmplu::readThroughMap(ArrayRef<char> raw, size_t width,
                              ArrayRef<int64_t> shape, AffineMap map,
                              int64_t rows, int64_t cols) {
  if (map.isIdentity() && shape == ArrayRef<int64_t>{rows, cols})
    return std::vector<char>(raw.begin(), raw.end());
  std::vector<char> matrix(rows * cols * width);
  SmallVector<int64_t> at;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      at = map.compose(ArrayRef<int64_t>{r, c});
      int64_t offset = 0;
      for (auto [index, size] : llvm::zip(at, shape)) {
        if (index < 0 || index >= size)
          return failure();
        offset = offset * size + index;
      }
      std::memcpy(matrix.data() + (r * cols + c) * width,
                  raw.data() + offset * width, width);
    }
  return matrix;
}

template <typename T> static std::vector<char> toBytes(ArrayRef<T> values) {
  auto *bytes = reinterpret_cast<const char *>(values.data());
  return std::vector<char>(bytes, bytes + values.size() * sizeof(T));
}

/// Fails, with an error at `op`, if unpacking did not give the matrix back: a
/// non-zero lies outside of the table.
template <typename T>
static LogicalResult checkUnpacked(KernelOp op, std::span<const T> values,
                                   std::span<const T> unpacked) {
  if (findLost<T>(values, unpacked))
    return op.emitOpError("has a non-zero of its lhs outside of its table");
  return success();
}

template <typename T> static std::span<const T> getSpan(ArrayRef<char> matrix) {
  return {reinterpret_cast<const T *>(matrix.data()),
          matrix.size() / sizeof(T)};
}

template <typename T>
static FailureOr<PackedLhs> packElements(KernelOp op, const ChainTable &table,
                                         PackedLayout layout,
                                         ArrayRef<char> matrix) {
  std::span<const T> values = getSpan<T>(matrix);
  std::vector<T> packed = pack<T>(table, layout, values);
  if (failed(checkUnpacked<T>(op, values, unpack<T>(table, layout, packed))))
    return failure();
  return PackedLhs{toBytes<T>(packed), {}};
}

template <typename T>
static FailureOr<PackedLhs>
packTensorElements(KernelOp op, const ChainTable &table, TensorFormat format,
                   ArrayRef<char> matrix) {
  std::span<const T> values = getSpan<T>(matrix);
  std::vector<float> rounded;
  if constexpr (std::is_same_v<T, float>)
    values = rounded = roundToTF32(values);
  auto packed = packTensor<T>(table, format, values);
  if (!packed)
    return op.emitOpError("cannot be packed for its strategy: ")
           << packed.error();
  auto unpacked =
      unpackTensor<T>(table, format, packed->values, packed->metadata);
  if (!unpacked || failed(checkUnpacked<T>(op, values, *unpacked)))
    return failure();
  return PackedLhs{toBytes<T>(packed->values), std::move(packed->metadata)};
}

FailureOr<PackedLhs> mlir::spmmplu::packPlain(KernelOp op,
                                              const ChainTable &table,
                                              PackedLayout layout,
                                              unsigned width,
                                              ArrayRef<char> matrix) {
  if (width == 1)
    return op.emitOpError("expects a lhs of 16, 32 or 64 bits an element off "
                          "tensor cores");
  if (width == 2)
    return packElements<uint16_t>(op, table, layout, matrix);
  return width == 4 ? packElements<float>(op, table, layout, matrix)
                    : packElements<double>(op, table, layout, matrix);
}

FailureOr<PackedLhs> mlir::spmmplu::packForTensorCores(KernelOp op,
                                                       const ChainTable &table,
                                                       TensorFormat format,
                                                       unsigned width,
                                                       ArrayRef<char> matrix) {
  if (width == 1)
    return getElementTypeOrSelf(op.getRhs().getType()).isInteger()
               ? packTensorElements<int8_t>(op, table, format, matrix)
               : packTensorElements<uint8_t>(op, table, format, matrix);
  return width == 2 ? packTensorElements<uint16_t>(op, table, format, matrix)
                    : packTensorElements<float>(op, table, format, matrix);
}
