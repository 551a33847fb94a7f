//===- Layers.cpp - The layers that are pruned ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include "spmmplu/Runtime/IO/Open.h"

#include <algorithm>

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

/// What is pruned without being named: integers may be anything.
static bool isFloat(DType dtype) {
  return isPrunable(dtype) && dtype != DType::I8;
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
// Pruning
//===----------------------------------------------------------------------===//

Result<std::optional<Tensor>> loadSaliency(const NamedTensor &layer,
                                           const PruneOptions &options) {
  if (options.saliency.empty())
    return std::optional<Tensor>();
  auto saliency = ::spmmplu::openTensor(
      options.saliency, isSafetensors(options.saliency) ? layer.name : "");
  if (!saliency)
    return Error{saliency.error()};
  if (saliency->shape != layer.tensor.shape)
    return Error{options.saliency + ": expected shape " +
                 ::spmmplu::shapeToString(layer.tensor.shape) + ", found " +
                 ::spmmplu::shapeToString(saliency->shape)};
  auto floats = convert(*saliency, DType::F32);
  if (!floats)
    return Error{options.saliency + ": " + floats.error()};
  return std::optional<Tensor>(std::move(*floats));
}

static Result<PrunedLayer> pruneNamed(const NamedTensor &layer,
                                      const PruneOptions &options,
                                      std::function<void(double)> progress) {
  auto saliency = loadSaliency(layer, options);
  if (!saliency)
    return Error{saliency.error()};
  return pruneLayer(layer, *saliency ? &**saliency : nullptr, options,
                    std::move(progress));
}

Result<PrunedLayer> pruneInput(const NamedTensor &layer,
                               const PruneOptions &options,
                               std::function<void(double)> progress) {
  auto result = pruneNamed(layer, options, std::move(progress));
  if (!result)
    return Error{options.input + ": tensor '" + layer.name +
                 "': " + result.error()};
  return result;
}

} // namespace mlir::spmmplu
