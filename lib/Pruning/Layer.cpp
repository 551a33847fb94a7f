//===- Layer.cpp - Pruning one layer --------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pruning/Layer.h"

#include "spmmplu/Pattern/Compact.h"
#include "spmmplu/Pattern/Dense.h"
#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Transposed.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

using ::spmmplu::DType;
using ::spmmplu::Error;
using ::spmmplu::NamedTensor;
using ::spmmplu::Result;
using ::spmmplu::Status;
using ::spmmplu::Success;
using ::spmmplu::Tensor;
using ::spmmplu::TensorView;

namespace mlir::spmmplu {

bool isPrunable(DType dtype) {
  switch (dtype) {
  case DType::F64:
  case DType::F32:
  case DType::F16:
  case DType::BF16:
  case DType::F8_E4M3:
  case DType::F8_E5M2:
  case DType::I8:
    return true;
  default:
    return false;
  }
}

//===----------------------------------------------------------------------===//
// Magnitudes
//===----------------------------------------------------------------------===//

/// The magnitude of an 8-bit float of this many bits of mantissa; the largest
/// exponent is one like others, so that an infinity is only large.
static float magnitudeOfF8(uint8_t bits, int mantissaBits) {
  int exponentBits = 7 - mantissaBits, bias = (1 << (exponentBits - 1)) - 1;
  int exponent = (bits & 0x7f) >> mantissaBits;
  int mantissa = bits & ((1 << mantissaBits) - 1);
  if (exponent)
    mantissa |= 1 << mantissaBits;
  return std::ldexp(float(mantissa),
                    std::max(exponent, 1) - bias - mantissaBits);
}

Result<Tensor> magnitudesOf(const TensorView &view) {
  if (view.dtype == DType::F8_E4M3 || view.dtype == DType::F8_E5M2) {
    int mantissaBits = view.dtype == DType::F8_E4M3 ? 3 : 2;
    auto result = Tensor::allocate(DType::F32, view.shape);
    if (result)
      for (size_t i = 0; i < view.data.size(); ++i)
        result->as<float>()[i] =
            magnitudeOfF8(uint8_t(view.data[i]), mantissaBits);
    return result;
  }
  auto copy = Tensor::copyOf(view);
  if (!copy)
    return copy;
  auto floats = convert(*copy, DType::F32);
  if (floats)
    for (float &value : floats->as<float>())
      value = std::fabs(value);
  return floats;
}

/// The Frobenius norm of what goes over that of all.
static double relativeError(std::span<const float> values, const Mask &mask) {
  double all = 0, kept = 0;
  int64_t cols = mask.cols();
  for (int64_t r = 0; r < mask.rows(); ++r) {
    for (int64_t c = 0; c < cols; ++c)
      all += double(values[r * cols + c]) * values[r * cols + c];
    mask.forEachInRow(r, [&](int64_t c) {
      kept += double(values[r * cols + c]) * values[r * cols + c];
    });
  }
  return all > 0 ? std::sqrt(std::max(all - kept, 0.0) / all) : 0;
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

static PermutationOptions getPermutation(const LayerOptions &options,
                                         std::function<void(double)> progress) {
  PermutationOptions permutation;
  permutation.seed = uint64_t(options.seed);
  permutation.threads = int(options.threads);
  permutation.outputChannels = options.permuteOutput;
  permutation.inputChannels = options.permuteInput;
  permutation.progress = std::move(progress);
  return permutation;
}

static LayerReport makeReport(const std::string &name, const Saliency &saliency,
                              const PermutedMask &pruned) {
  LayerReport report;
  report.name = name;
  report.rows = saliency.rows;
  report.cols = saliency.cols;
  report.density = pruned.mask.density();
  // Of nothing, all is kept.
  auto getPart = [&](double kept) {
    return pruned.total > 0 ? kept / pruned.total : 1;
  };
  report.unpermuted = getPart(pruned.unpermuted);
  report.outputOnly = getPart(pruned.outputOnly);
  report.retained = getPart(pruned.retained);
  UnstructuredPattern anything(1 - report.density);
  if (auto mask = anything.prune(saliency))
    report.unstructured = getPart(retainedSaliency(saliency, *mask));
  return report;
}

template <typename T>
static Status addTensor(PrunedLayer &layer, const std::string &suffix,
                        DType dtype, std::vector<int64_t> shape,
                        const std::vector<T> &data) {
  auto bytes = std::as_bytes(std::span(data));
  auto tensor = Tensor::copyOf({dtype, std::move(shape), bytes});
  if (!tensor)
    return Error{tensor.error()};
  layer.tensors.emplace_back(layer.report.name + suffix, std::move(*tensor));
  return Success{};
}

/// The bytes of the transposed matrix.
static std::vector<std::byte> transposedBytes(const TensorView &weights,
                                              int64_t rows, int64_t cols) {
  int64_t width = ::spmmplu::byteWidth(weights.dtype);
  std::vector<std::byte> result(weights.data.size());
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      std::memcpy(result.data() + (c * rows + r) * width,
                  weights.data.data() + (r * cols + c) * width, width);
  return result;
}

/// The compact form, of the transposed matrix where the pattern is of that.
static Status addCompact(PrunedLayer &layer, const Pattern &pattern,
                         const PermutedMask &pruned,
                         const TensorView &weights) {
  bool isTransposed = pattern.as<TransposedPattern>();
  std::vector<std::byte> transposed;
  if (isTransposed)
    transposed =
        transposedBytes(weights, pruned.mask.rows(), pruned.mask.cols());
  auto compact =
      pack(pruned.layout, isTransposed ? pruned.mask.transposed() : pruned.mask,
           isTransposed ? transposed : weights.data,
           ::spmmplu::byteWidth(weights.dtype));
  if (!compact)
    return Error{compact.error()};
  const GroupedLayout &layout = compact->layout;
  if (Status status = addTensor(layer, ".values", weights.dtype,
                                {layout.rows, layout.slots()}, compact->values);
      !status)
    return status;
  return addTensor(layer, ".indices", DType::U8,
                   {layout.vectorCount(), compact->indexRowBytes()},
                   compact->indices);
}

/// The pruned layer, its mask and its orders.
static Status addTensors(PrunedLayer &layer, const PermutedMask &pruned,
                         const TensorView &weights,
                         const LayerOptions &options) {
  int64_t width = ::spmmplu::byteWidth(weights.dtype);
  int64_t rows = layer.report.rows, cols = layer.report.cols;
  std::vector<std::byte> kept(weights.data.size());
  std::vector<uint8_t> flags(rows * cols);
  for (int64_t r = 0; r < rows; ++r)
    pruned.mask.forEachInRow(r, [&](int64_t c) {
      int64_t at = r * cols + c;
      std::memcpy(kept.data() + at * width, weights.data.data() + at * width,
                  width);
      flags[at] = 1;
    });
  Status status = addTensor(layer, "", weights.dtype, weights.shape, kept);
  if (status)
    status = addTensor(layer, ".mask", DType::Bool, weights.shape, flags);
  const GroupedLayout &layout = pruned.layout;
  if (status && !layout.rowOrder.empty())
    status = addTensor(layer, ".row_order", DType::I32, {layout.rows},
                       layout.rowOrder);
  if (status && !layout.columns.empty())
    status =
        addTensor(layer, ".columns", DType::I32,
                  {layout.tileCount(), layout.keptColumns}, layout.columns);
  if (status && options.compact)
    status = addCompact(layer, *options.pattern, pruned, weights);
  return status;
}

Result<PrunedLayer> pruneLayer(const NamedTensor &layer, const Tensor *saliency,
                               const LayerOptions &options,
                               std::function<void(double)> progress) {
  const TensorView &weights = layer.tensor;
  if (!isPrunable(weights.dtype) || weights.shape.size() < 2)
    return Error{"expected a matrix of floats, found " +
                 std::string(::spmmplu::name(weights.dtype)) + " " +
                 ::spmmplu::shapeToString(weights.shape)};
  if (saliency && saliency->shape != weights.shape)
    return Error{"saliency: expected shape " +
                 ::spmmplu::shapeToString(weights.shape) + ", found " +
                 ::spmmplu::shapeToString(saliency->shape)};
  auto start = std::chrono::steady_clock::now();
  auto magnitudes = magnitudesOf(weights);
  if (!magnitudes)
    return Error{magnitudes.error()};
  int64_t rows = weights.shape[0], cols = 1;
  for (size_t axis = 1; axis < weights.shape.size(); ++axis)
    cols *= weights.shape[axis];
  if (std::max(rows, cols) > maxExtent)
    return Error{"expected at most " + std::to_string(maxExtent) +
                 " rows and columns, found " +
                 ::spmmplu::shapeToString(weights.shape)};
  std::optional<Tensor> given;
  if (saliency) {
    auto floats = convert(*saliency, DType::F32);
    if (!floats)
      return Error{"saliency: " + floats.error()};
    given = std::move(*floats);
  }
  std::span<const float> values = magnitudes->as<float>();
  Saliency worth{rows, cols, values};
  if (given)
    worth.values = given->as<float>();
  auto pruned = pruneToLayout(*options.pattern, worth,
                              getPermutation(options, std::move(progress)));
  if (!pruned)
    return Error{pruned.error()};
  PrunedLayer result;
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  result.report = makeReport(layer.name, worth, *pruned);
  result.report.relativeError = relativeError(values, pruned->mask);
  result.report.seconds = time.count();
  if (options.writes)
    if (Status status = addTensors(result, *pruned, weights, options); !status)
      return Error{status.error()};
  return result;
}

} // namespace mlir::spmmplu
