//===- Matrix.cpp - Packs and unpacks the matrices of a package -----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Matrix.h"

#include "spmmplu/Segmentation/PackedValues.h"

#include <cstring>
#include <utility>

using namespace spmmplu;
using mlir::spmmplu::ChainTable;
using mlir::spmmplu::PackedLayout;
using mlir::spmmplu::TensorFormat;
using mlir::spmmplu::TensorLayout;

TensorFormat spmmplu::toTensorFormat(const MatrixSpec &matrix) {
  return {matrix.layout == ValueLayout::warpgroup ? TensorLayout::warpgroup
                                                  : TensorLayout::fragment,
          matrix.metadata.has_value()};
}

ChainTable spmmplu::toChainTable(const MatrixSpec &matrix,
                                 const MatrixTables &tables) {
  ChainTable table;
  table.rows = int32_t(matrix.panel);
  table.depth = int32_t(matrix.depth);
  table.phases = int32_t(matrix.phases);
  table.matrixRows = matrix.rows;
  table.matrixCols = matrix.cols;
  table.panelRows = tables.panelRows;
  table.chainPtr = tables.chainPtr;
  table.entries = tables.entries;
  return table;
}

static PackedLayout toPackedLayout(const MatrixSpec &matrix) {
  switch (matrix.layout) {
  case ValueLayout::rowMajor:
    return PackedLayout::rowMajor;
  case ValueLayout::gathered:
    return PackedLayout::gathered;
  default:
    return PackedLayout::kMajor;
  }
}

/// The elements of `tensor` as a vector, whatever their alignment.
template <typename T> static std::vector<T> elementsOf(const TensorView &view) {
  std::vector<T> elements(view.data.size() / sizeof(T));
  if (!elements.empty())
    std::memcpy(elements.data(), view.data.data(), view.data.size());
  return elements;
}

template <typename T>
static Result<Tensor> toTensor(DType dtype, std::span<const T> elements,
                               std::vector<int64_t> shape) {
  Result<Tensor> tensor = Tensor::allocate(dtype, std::move(shape));
  if (tensor && !elements.empty())
    std::memcpy(tensor->bytes().data(), elements.data(), elements.size_bytes());
  return tensor;
}

/// Every element of `dense` is in `packed`, or zero.
template <typename T>
static Status checkPacked(const MatrixSpec &matrix, std::span<const T> dense,
                          const std::vector<T> &unpacked) {
  if (auto lost = mlir::spmmplu::findLost<T>(dense, unpacked))
    return Error{"matrix '" + matrix.name + "' is not zero at row " +
                 std::to_string(*lost / matrix.cols) + ", column " +
                 std::to_string(*lost % matrix.cols) +
                 ", expected zeros outside of its pattern"};
  return Success{};
}

/// Packs for tensor cores; T is what `TensorPacking.h` takes.
template <typename T>
static Result<PackedMatrix> packForTensorCores(const MatrixSpec &matrix,
                                               const MatrixTables &tables,
                                               std::span<const T> dense) {
  ChainTable table = toChainTable(matrix, tables);
  TensorFormat format = toTensorFormat(matrix);
  std::vector<float> rounded;
  if constexpr (std::is_same_v<T, float>)
    dense = rounded = mlir::spmmplu::roundToTF32(dense);
  auto operand = mlir::spmmplu::packTensor<T>(table, format, dense);
  if (!operand)
    return Error{"matrix '" + matrix.name + "': " + operand.error()};
  auto unpacked = mlir::spmmplu::unpackTensor<T>(table, format, operand->values,
                                                 operand->metadata);
  if (!unpacked)
    return Error{"matrix '" + matrix.name + "': " + unpacked.error()};
  if (Status status = checkPacked<T>(matrix, dense, *unpacked); !status)
    return Error{status.error()};
  Result<Tensor> values =
      toTensor<T>(tables.values.dtype, operand->values, tables.values.shape);
  if (!values)
    return Error{values.error()};
  PackedMatrix packed{std::move(*values), std::nullopt};
  if (matrix.metadata) {
    Result<Tensor> words = toTensor<uint32_t>(DType::I32, operand->metadata,
                                              tables.metadata.shape);
    if (!words)
      return Error{words.error()};
    packed.metadata = std::move(*words);
  }
  return packed;
}

template <typename T>
static Result<PackedMatrix> packForCpu(const MatrixSpec &matrix,
                                       const MatrixTables &tables,
                                       std::span<const T> dense) {
  ChainTable table = toChainTable(matrix, tables);
  PackedLayout layout = toPackedLayout(matrix);
  std::vector<T> values = mlir::spmmplu::pack<T>(table, layout, dense);
  if (Status status = checkPacked<T>(
          matrix, dense, mlir::spmmplu::unpack<T>(table, layout, values));
      !status)
    return Error{status.error()};
  Result<Tensor> tensor =
      toTensor<T>(tables.values.dtype, values, tables.values.shape);
  if (!tensor)
    return Error{tensor.error()};
  return PackedMatrix{std::move(*tensor), std::nullopt};
}

Result<PackedMatrix> spmmplu::packMatrix(const MatrixSpec &matrix,
                                         const MatrixTables &tables,
                                         const TensorView &dense) {
  if (dense.shape != std::vector{matrix.rows, matrix.cols})
    return Error{"matrix '" + matrix.name + "' is " +
                 shapeToString(std::vector{matrix.rows, matrix.cols}) +
                 ", found values of " + shapeToString(dense.shape)};
  Result<Tensor> copy = Tensor::copyOf(dense);
  if (!copy)
    return Error{copy.error()};
  Result<Tensor> values = convert(*copy, tables.values.dtype);
  if (!values)
    return Error{"matrix '" + matrix.name + "': " + values.error()};
  const Tensor &rounded = *values;
  switch (byteWidth(tables.values.dtype)) {
  case 1:
    return tables.values.dtype == DType::I8
               ? packForTensorCores(matrix, tables, rounded.as<int8_t>())
               : packForTensorCores(matrix, tables, rounded.as<uint8_t>());
  case 2:
    return matrix.isForTensorCores()
               ? packForTensorCores(matrix, tables, rounded.as<uint16_t>())
               : packForCpu(matrix, tables, rounded.as<uint16_t>());
  case 4:
    return matrix.isForTensorCores()
               ? packForTensorCores(matrix, tables, rounded.as<float>())
               : packForCpu(matrix, tables, rounded.as<float>());
  default:
    return packForCpu(matrix, tables, rounded.as<double>());
  }
}

template <typename T>
static Result<Tensor> unpackFromTensorCores(const MatrixSpec &matrix,
                                            const MatrixTables &tables) {
  auto dense = mlir::spmmplu::unpackTensor<T>(
      toChainTable(matrix, tables), toTensorFormat(matrix),
      elementsOf<T>(tables.values), elementsOf<uint32_t>(tables.metadata));
  if (!dense)
    return Error{"matrix '" + matrix.name + "': " + dense.error()};
  return toTensor<T>(tables.values.dtype, *dense, {matrix.rows, matrix.cols});
}

template <typename T>
static Result<Tensor> unpackAs(const MatrixSpec &matrix,
                               const MatrixTables &tables) {
  if constexpr (sizeof(T) < sizeof(double))
    if (matrix.isForTensorCores())
      return unpackFromTensorCores<T>(matrix, tables);
  std::vector<T> dense = mlir::spmmplu::unpack<T>(toChainTable(matrix, tables),
                                                  toPackedLayout(matrix),
                                                  elementsOf<T>(tables.values));
  return toTensor<T>(tables.values.dtype, dense, {matrix.rows, matrix.cols});
}

Result<Tensor> spmmplu::unpackMatrix(const MatrixSpec &matrix,
                                     const MatrixTables &tables) {
  std::vector<int64_t> shape = {matrix.rows, matrix.cols};
  auto bytes = denseByteSize(tables.values.dtype, shape);
  // The columns are what the manifest claims, not what the file pays for.
  if (!bytes || *bytes > defaultMaxDenseBytes)
    return Error{"matrix '" + matrix.name + "' is " + shapeToString(shape) +
                 ", too large to be made dense"};
  switch (byteWidth(tables.values.dtype)) {
  case 1:
    return tables.values.dtype == DType::I8
               ? unpackFromTensorCores<int8_t>(matrix, tables)
               : unpackFromTensorCores<uint8_t>(matrix, tables);
  case 2:
    return unpackAs<uint16_t>(matrix, tables);
  case 4:
    return unpackAs<float>(matrix, tables);
  default:
    return unpackAs<double>(matrix, tables);
  }
}
