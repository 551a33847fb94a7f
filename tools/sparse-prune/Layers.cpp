//===- Layers.cpp - The layers that are pruned ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include "spmmplu/Pattern/Compact.h"
#include "spmmplu/Pattern/Dense.h"
#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Transposed.h"
#include "spmmplu/Runtime/IO/Open.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

using ::spmmplu::DType;
using ::spmmplu::Error;
using ::spmmplu::NamedTensor;
using ::spmmplu::Result;
using ::spmmplu::SafetensorsFile;
using ::spmmplu::Status;
using ::spmmplu::Success;
using ::spmmplu::Tensor;
using ::spmmplu::TensorView;

namespace mlir::spmmplu {

static bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

static bool isSafetensors(std::string_view path) {
  return path.ends_with(".safetensors");
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// Whether `name` is `glob`, in which every `*` stands for any text.
static bool matches(std::string_view glob, std::string_view name) {
  // The last `*` seen, and where its text would end if it were one longer.
  size_t star = std::string_view::npos, retry = 0, g = 0;
  for (size_t n = 0; n < name.size();) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      retry = n;
    } else if (g < glob.size() && glob[g] == name[n]) {
      ++g;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

/// Whether an earlier run wrote `name` beside a layer.
static bool isWrittenBeside(const PruneInput &input, const std::string &name) {
  if (!input.file->metadata().count("spmmplu.pattern"))
    return false;
  return std::any_of(input.tensors.begin(), input.tensors.end(),
                     [&](const NamedTensor &t) {
                       return ::spmmplu::isPruningCompanion(name, t.name);
                     });
}

static Status pickLayers(const PruneOptions &options, PruneInput &input) {
  std::vector<bool> used(options.tensors.size(), false);
  for (size_t i = 0; i < input.tensors.size(); ++i) {
    const TensorView &tensor = input.tensors[i].tensor;
    bool isMatrix = tensor.shape.size() >= 2 && isFloat(tensor.dtype) &&
                    !isWrittenBeside(input, input.tensors[i].name);
    bool picked =
        options.tensors.empty() && isMatrix && tensor.shape.size() == 2;
    for (size_t g = 0; g < options.tensors.size(); ++g) {
      // A name is taken at its word; a glob may match biases too.
      bool isGlob = options.tensors[g].find('*') != std::string::npos;
      if ((isMatrix || !isGlob) &&
          matches(options.tensors[g], input.tensors[i].name))
        picked = used[g] = true;
    }
    if (picked)
      input.layers.push_back(i);
  }
  for (size_t g = 0; g < used.size(); ++g)
    if (!used[g])
      return Error{options.input + ": expected a matrix of floats '" +
                   options.tensors[g] + "', found none"};
  if (input.layers.empty())
    return Error{options.input +
                 ": expected a matrix (rank 2) of floats, found none"};
  return Success{};
}

Result<PruneInput> openInput(const PruneOptions &options) {
  PruneInput input;
  if (!isSafetensors(options.input)) {
    if (!options.tensors.empty())
      return Error{options.input + ": --tensor is for .safetensors files"};
    auto tensor = ::spmmplu::openTensor(options.input);
    if (!tensor)
      return Error{tensor.error()};
    input.single = std::move(*tensor);
    input.tensors.push_back({"weight", input.single->view()});
    input.layers.push_back(0);
    return input;
  }
  auto file = SafetensorsFile::open(options.input);
  if (!file)
    return Error{file.error()};
  for (const std::string &name : file->names()) {
    auto view = file->view(name);
    if (!view)
      return Error{view.error()};
    input.tensors.push_back({name, *view});
  }
  input.file = std::move(*file);
  if (Status status = pickLayers(options, input); !status)
    return Error{status.error()};
  return input;
}

//===----------------------------------------------------------------------===//
// Saliency
//===----------------------------------------------------------------------===//

static Result<Tensor> toFloats(const TensorView &view) {
  auto copy = Tensor::copyOf(view);
  if (!copy)
    return copy;
  return convert(*copy, DType::F32);
}

static Result<Tensor> loadSaliency(const NamedTensor &layer,
                                   const PruneOptions &options) {
  if (options.saliency.empty()) {
    auto floats = toFloats(layer.tensor);
    if (floats)
      for (float &value : floats->as<float>())
        value = std::fabs(value);
    return floats;
  }
  auto tensor = ::spmmplu::openTensor(
      options.saliency, isSafetensors(options.saliency) ? layer.name : "");
  if (!tensor)
    return tensor;
  if (tensor->shape != layer.tensor.shape)
    return Error{options.saliency + ": expected shape " +
                 ::spmmplu::shapeToString(layer.tensor.shape) + ", found " +
                 ::spmmplu::shapeToString(tensor->shape)};
  return convert(*tensor, DType::F32);
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

static PermutationOptions getPermutation(const PruneOptions &options,
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
  double total = pruned.total > 0 ? pruned.total : 1;
  report.unpermuted = pruned.unpermuted / total;
  report.outputOnly = pruned.outputOnly / total;
  report.retained = pruned.retained / total;
  UnstructuredPattern anything(1 - report.density);
  if (auto mask = anything.prune(saliency))
    report.unstructured = retainedSaliency(saliency, *mask) / total;
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
                         const PruneOptions &options) {
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

static Result<PrunedLayer> pruneNamed(const NamedTensor &layer,
                                      const PruneOptions &options,
                                      std::function<void(double)> progress) {
  const TensorView &weights = layer.tensor;
  if (!isFloat(weights.dtype) || weights.shape.size() < 2)
    return Error{"expected a matrix of floats, found " +
                 std::string(::spmmplu::name(weights.dtype)) + " " +
                 ::spmmplu::shapeToString(weights.shape)};
  auto start = std::chrono::steady_clock::now();
  auto floats = loadSaliency(layer, options);
  if (!floats)
    return Error{floats.error()};
  int64_t rows = weights.shape[0], cols = 1;
  for (size_t axis = 1; axis < weights.shape.size(); ++axis)
    cols *= weights.shape[axis];
  if (std::max(rows, cols) > maxExtent)
    return Error{"expected at most " + std::to_string(maxExtent) +
                 " rows and columns, found " +
                 ::spmmplu::shapeToString(weights.shape)};
  Saliency saliency{rows, cols, floats->as<float>()};
  auto pruned = pruneToLayout(*options.pattern, saliency,
                              getPermutation(options, std::move(progress)));
  if (!pruned)
    return Error{pruned.error()};
  PrunedLayer result;
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  result.report = makeReport(layer.name, saliency, *pruned);
  result.report.seconds = time.count();
  if (!options.output.empty())
    if (Status status = addTensors(result, *pruned, weights, options); !status)
      return Error{status.error()};
  return result;
}

Result<PrunedLayer> pruneLayer(const NamedTensor &layer,
                               const PruneOptions &options,
                               std::function<void(double)> progress) {
  auto result = pruneNamed(layer, options, std::move(progress));
  if (!result)
    return Error{options.input + ": tensor '" + layer.name +
                 "': " + result.error()};
  return result;
}

} // namespace mlir::spmmplu
