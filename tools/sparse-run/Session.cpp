//===- Session.cpp - Inputs and outputs of one run ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Session.h"

#include "Random.h"
#include "spmmplu/Runtime/IO/Npy.h"
#include "spmmplu/Runtime/IO/Open.h"
#include "spmmplu/Runtime/IO/Safetensors.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

using namespace spmmplu;

static std::string listNames(const std::vector<TensorSpec> &specs) {
  std::string text;
  for (const TensorSpec &spec : specs)
    text += (text.empty() ? "" : ", ") + spec.name;
  return text.empty() ? "none" : text;
}

/// The file of each tensor of `specs`, empty where none is given.
static Result<std::vector<std::string>>
assignFiles(const char *what, const std::vector<TensorSpec> &specs,
            const std::vector<TensorFile> &files) {
  std::vector<std::string> paths(specs.size());
  for (const TensorFile &file : files) {
    auto matches = [&](const TensorSpec &spec) {
      size_t index = &spec - specs.data();
      return file.tensor.empty() ? paths[index].empty()
                                 : spec.name == file.tensor;
    };
    auto it = std::find_if(specs.begin(), specs.end(), matches);
    if (it == specs.end())
      return Error{"option '--" + std::string(what) + "': no " + what +
                   (file.tensor.empty() ? " is left for '" + file.path + "'"
                                        : " '" + file.tensor + "'") +
                   ", the program has " + listNames(specs)};
    std::string &path = paths[it - specs.begin()];
    if (!path.empty())
      return Error{"option '--" + std::string(what) + "': " + what + " '" +
                   it->name + "' is given twice"};
    path = file.path;
  }
  return paths;
}

static bool endsWith(const std::string &path, std::string_view extension) {
  return path.size() > extension.size() && path.ends_with(extension);
}

static bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16 || dtype == DType::F8_E4M3 ||
         dtype == DType::F8_E5M2;
}

/// A float of another width is converted: NumPy writes F64 unless told not to.
static Result<Tensor> readInput(const TensorSpec &spec,
                                const std::string &path) {
  Result<Tensor> tensor = openTensor(path);
  if (!tensor)
    return tensor;
  if (tensor->dtype != spec.dtype && isFloat(tensor->dtype) &&
      isFloat(spec.dtype))
    return convert(*tensor, spec.dtype);
  return tensor;
}

static Status bindInput(const TensorSpec &spec, const std::string &path,
                        const Tensor &tensor, SymbolBinding &binding) {
  if (tensor.dtype != spec.dtype || tensor.shape.size() != spec.shape.size())
    return Error{path + ": is " + std::string(name(tensor.dtype)) + " " +
                 shapeToString(tensor.shape) + ", expected " +
                 std::string(name(spec.dtype)) + " " +
                 shapeToString(spec.shape)};
  for (size_t axis = 0; axis < spec.shape.size(); ++axis) {
    const Extent &extent = spec.shape[axis];
    int64_t found = tensor.shape[axis], expected = extent.value;
    if (extent.isDynamic())
      expected = binding.try_emplace(extent.symbol, found).first->second;
    if (found != expected)
      return Error{path + ": has " + std::to_string(found) + " along axis " +
                   std::to_string(axis) + ", expected " +
                   std::to_string(expected) + " as of input '" + spec.name +
                   "' " + shapeToString(spec.shape)};
  }
  return Success{};
}

static Result<Tensor> randomInput(const TensorSpec &spec,
                                  std::vector<int64_t> shape, uint64_t &state) {
  bool isInteger = spec.dtype == DType::I8;
  if (!isFloat(spec.dtype) && !isInteger)
    return Error{"input '" + spec.name + "' is " +
                 std::string(name(spec.dtype)) +
                 ", of which there are no random values: give --input"};
  Result<Tensor> tensor = Tensor::allocate(DType::F32, std::move(shape));
  if (!tensor)
    return Error{"input '" + spec.name + "': " + tensor.error()};
  for (float &value : tensor->as<float>())
    value = isInteger ? std::trunc(randomValue(state) * 8) : randomValue(state);
  return spec.dtype == DType::F32 ? std::move(tensor)
                                  : convert(*tensor, spec.dtype);
}

/// The columns of the right-hand side, where they are fixed.
static std::optional<int64_t> fixedColumns(const ProgramSpec &program) {
  if (program.inputs.empty() || program.inputs[0].shape.empty() ||
      program.inputs[0].shape.back().isDynamic())
    return std::nullopt;
  return program.inputs[0].shape.back().value;
}

/// The values that the options give to symbols of the program.
static Result<SymbolBinding> bindDims(const Manifest &manifest,
                                      const RunOptions &options) {
  std::set<std::string> known;
  for (const TensorSpec &input : manifest.program.inputs)
    for (const Extent &extent : input.shape)
      if (extent.isDynamic())
        known.insert(extent.symbol);
  SymbolBinding binding;
  for (const auto &[symbol, value] : options.dims) {
    if (known.count(symbol)) {
      binding.emplace(symbol, value);
      continue;
    }
    // --cols says again what the package was compiled for.
    std::optional<int64_t> columns = fixedColumns(manifest.program);
    if (symbol == "n" && columns == value)
      continue;
    if (symbol == "n" && columns)
      return Error{"option '--cols': found " + std::to_string(value) +
                   ", the package was compiled for " +
                   std::to_string(*columns)};
    std::string list;
    for (const std::string &name : known)
      list += (list.empty() ? "" : ", ") + name;
    return Error{"symbol '" + symbol +
                 "' is not one of the program, whose symbols are " +
                 (list.empty() ? "none" : list)};
  }
  return binding;
}

Result<Session> spmmplu::prepareSession(const Manifest &manifest,
                                        const RunOptions &options) {
  const ProgramSpec &program = manifest.program;
  auto inputPaths = assignFiles("input", program.inputs, options.inputs);
  auto outputPaths = assignFiles("output", program.outputs, options.outputs);
  if (!inputPaths || !outputPaths)
    return Error{!inputPaths ? inputPaths.error() : outputPaths.error()};
  for (const std::string &path : *outputPaths)
    if (!path.empty() && !endsWith(path, ".npy") &&
        !endsWith(path, ".safetensors"))
      return Error{"option '--output': found '" + path +
                   "', expected a .npy or .safetensors file"};
  Result<SymbolBinding> binding = bindDims(manifest, options);
  if (!binding)
    return Error{binding.error()};
  Session session;
  session.outputPaths = std::move(*outputPaths);
  session.binding = std::move(*binding);
  session.inputs.resize(program.inputs.size());
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    const std::string &path = (*inputPaths)[i];
    if (path.empty())
      continue;
    Result<Tensor> tensor = readInput(program.inputs[i], path);
    if (!tensor)
      return Error{tensor.error()};
    if (Status status =
            bindInput(program.inputs[i], path, *tensor, session.binding);
        !status)
      return Error{status.error()};
    session.inputs[i] = std::move(*tensor);
  }
  uint64_t state = uint64_t(options.seed);
  for (size_t i = 0; i < program.inputs.size(); ++i) {
    if (!(*inputPaths)[i].empty())
      continue;
    auto shape = resolveShape(program.inputs[i], session.binding);
    if (!shape)
      return Error{shape.error() + ": give --dim"};
    auto tensor = randomInput(program.inputs[i], std::move(*shape), state);
    if (!tensor)
      return Error{tensor.error()};
    session.inputs[i] = std::move(*tensor);
  }
  return session;
}

Status spmmplu::writeOutputs(const Manifest &manifest, const Session &session,
                             const std::vector<Tensor> &outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string &path = session.outputPaths[i];
    if (path.empty())
      continue;
    NamedTensor named{manifest.program.outputs[i].name, outputs[i].view()};
    Status status = endsWith(path, ".npy")
                        ? writeNpy(path, named.tensor)
                        : writeSafetensors(path, std::span(&named, 1));
    if (!status)
      return status;
  }
  return Success{};
}
