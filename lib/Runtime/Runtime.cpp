//===- Runtime.cpp - Runs a compiled program ------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Runtime.h"

#include <algorithm>

using namespace spmmplu;

static constexpr std::string_view cpuTarget = "x86_64";
/// What kernels may assume about constants.
static constexpr uintptr_t constantAlignment = 64;

Result<std::vector<int64_t>>
spmmplu::resolveShape(const TensorSpec &spec, const SymbolBinding &binding) {
  std::vector<int64_t> shape;
  for (const Extent &extent : spec.shape) {
    if (!extent.isDynamic()) {
      shape.push_back(extent.value);
      continue;
    }
    auto it = binding.find(extent.symbol);
    if (it == binding.end())
      return Error{"symbol '" + extent.symbol + "' of '" + spec.name + "' " +
                   shapeToString(spec.shape) + " has no value"};
    shape.push_back(it->second);
  }
  return shape;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

Result<Program> Program::create(Package package) {
  auto contents = std::make_unique<Package>(std::move(package));
  const std::vector<KernelSpec> &kernels = contents->manifest().kernels;
  std::string reason = "has no kernel for " + std::string(cpuTarget);
  for (size_t i = 0; i < kernels.size(); ++i) {
    if (kernels[i].target != cpuTarget)
      continue;
    Result<TensorView> object = contents->tensor(kernels[i].object);
    if (!object)
      return Error{object.error()};
    auto executor = CpuExecutor::create(object->data, kernels[i].symbol,
                                        kernels[i].features);
    if (!executor) {
      reason = executor.error();
      continue;
    }
    Program program(std::move(contents), std::move(*executor), i);
    if (Status status = program.loadConstants(); !status)
      return Error{status.error()};
    return program;
  }
  return Error{reason};
}

Result<Program> Program::load(const std::string &path) {
  Result<Package> package = Package::load(path);
  if (!package)
    return Error{package.error()};
  Result<Program> program = create(std::move(*package));
  if (!program)
    return Error{path + ": " + program.error()};
  return program;
}

Status Program::loadConstants() {
  for (const std::string &name : manifest().program.constants) {
    Result<TensorView> view = contents->tensor(name);
    if (!view)
      return Error{view.error()};
    auto *data = const_cast<std::byte *>(view->data.data());
    if (reinterpret_cast<uintptr_t>(data) % constantAlignment != 0) {
      Result<Tensor> copy = Tensor::copyOf(*view);
      if (!copy)
        return Error{copy.error()};
      copies.push_back(std::move(*copy));
      data = copies.back().bytes().data();
    }
    constants.push_back({data, std::move(view->shape)});
  }
  return Success{};
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static Status checkCount(const char *what, size_t found, size_t expected) {
  if (found == expected)
    return Success{};
  return Error{"found " + std::to_string(found) + " " + what + ", expected " +
               std::to_string(expected)};
}

static int64_t numElements(std::span<const int64_t> shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

static Status checkType(const std::string &label, const TensorSpec &spec,
                        const BufferRef &buffer) {
  if (buffer.dtype != spec.dtype)
    return Error{label + " is " + std::string(name(buffer.dtype)) +
                 ", expected " + std::string(name(spec.dtype))};
  if (buffer.shape.size() != spec.shape.size())
    return Error{label + " has shape " + shapeToString(buffer.shape) +
                 ", expected " + shapeToString(spec.shape)};
  if (auto bytes = denseByteSize(buffer.dtype, buffer.shape); !bytes)
    return Error{label + ": " + bytes.error()};
  return Success{};
}

static Status checkData(const char *what, const std::vector<TensorSpec> &specs,
                        std::span<const BufferRef> buffers) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const BufferRef &buffer = buffers[i];
    if (numElements(buffer.shape) == 0)
      continue;
    std::string label = std::string(what) + " '" + specs[i].name + "'";
    if (!buffer.data)
      return Error{label + " has no data"};
    int64_t width = byteWidth(buffer.dtype);
    if (reinterpret_cast<uintptr_t>(buffer.data) % width != 0)
      return Error{label + " is not aligned to its elements of " +
                   std::to_string(width) + " bytes"};
  }
  return Success{};
}

/// Matches `shape` with `spec`, giving symbols not yet in `binding` a value.
static Status bindShape(const std::string &label, const TensorSpec &spec,
                        std::span<const int64_t> shape,
                        SymbolBinding &binding) {
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const Extent &extent = spec.shape[axis];
    int64_t expected = extent.value;
    if (extent.isDynamic())
      expected = binding.try_emplace(extent.symbol, shape[axis]).first->second;
    if (shape[axis] == expected)
      continue;
    std::string why = extent.isDynamic()
                          ? ", what symbol '" + extent.symbol + "' is already"
                          : " as of shape " + shapeToString(spec.shape);
    return Error{label + " has " + std::to_string(shape[axis]) +
                 " along axis " + std::to_string(axis) + ", expected " +
                 std::to_string(expected) + why};
  }
  return Success{};
}

static Status bindAll(const char *what, const std::vector<TensorSpec> &specs,
                      std::span<const BufferRef> buffers,
                      SymbolBinding &binding) {
  if (Status status = checkCount((std::string(what) + "s").c_str(),
                                 buffers.size(), specs.size());
      !status)
    return status;
  for (size_t i = 0; i < specs.size(); ++i) {
    std::string label = std::string(what) + " '" + specs[i].name + "'";
    if (Status status = checkType(label, specs[i], buffers[i]); !status)
      return status;
    if (Status status = bindShape(label, specs[i], buffers[i].shape, binding);
        !status)
      return status;
  }
  return Success{};
}

Result<SymbolBinding>
Program::bindShapes(std::span<const BufferRef> inputs) const {
  SymbolBinding binding;
  if (Status status =
          bindAll("input", manifest().program.inputs, inputs, binding);
      !status)
    return Error{status.error()};
  return binding;
}

Status Program::runInto(std::span<const BufferRef> inputs,
                        std::span<const BufferRef> outputs, int threads) const {
  Result<SymbolBinding> binding = bindShapes(inputs);
  if (!binding)
    return Error{binding.error()};
  if (Status status =
          bindAll("output", manifest().program.outputs, outputs, *binding);
      !status)
    return status;
  if (Status status = checkData("input", manifest().program.inputs, inputs);
      !status)
    return status;
  if (Status status = checkData("output", manifest().program.outputs, outputs);
      !status)
    return status;
  bool anyElement =
      std::any_of(outputs.begin(), outputs.end(), [](const BufferRef &output) {
        return numElements(output.shape) > 0;
      });
  if (!anyElement)
    return Success{};
  std::vector<KernelArgument> arguments;
  arguments.reserve(inputs.size() + outputs.size() + constants.size());
  for (const BufferRef &input : inputs)
    arguments.push_back({input.data, input.shape});
  for (const BufferRef &output : outputs)
    arguments.push_back({output.data, output.shape});
  for (const Constant &constant : constants)
    arguments.push_back({constant.data, constant.shape});
  executor.call(arguments, threads);
  return Success{};
}

Result<std::vector<Tensor>> Program::run(std::span<const Tensor *const> inputs,
                                         int threads) const {
  std::vector<BufferRef> inputRefs, outputRefs;
  for (const Tensor *input : inputs)
    inputRefs.push_back(BufferRef::of(*input));
  Result<SymbolBinding> binding = bindShapes(inputRefs);
  if (!binding)
    return Error{binding.error()};
  std::vector<Tensor> outputs;
  for (const TensorSpec &spec : manifest().program.outputs) {
    auto shape = resolveShape(spec, *binding);
    if (!shape)
      return Error{shape.error()};
    Result<Tensor> output = Tensor::allocate(spec.dtype, std::move(*shape));
    if (!output)
      return Error{"output '" + spec.name + "': " + output.error()};
    outputs.push_back(std::move(*output));
  }
  for (const Tensor &output : outputs)
    outputRefs.push_back(BufferRef::of(output));
  if (Status status = runInto(inputRefs, outputRefs, threads); !status)
    return Error{status.error()};
  return outputs;
}
