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
                        std::span<const BufferRef> buffers, size_t alignment) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const BufferRef &buffer = buffers[i];
    if (numElements(buffer.shape) == 0)
      continue;
    std::string label = std::string(what) + " '" + specs[i].name + "'";
    if (!buffer.data)
      return Error{label + " has no data"};
    size_t width = byteWidth(buffer.dtype);
    if (reinterpret_cast<uintptr_t>(buffer.data) % std::max(width, alignment))
      return Error{label +
                   (width >= alignment ? " is not aligned to its elements of "
                                       : " is not aligned to ") +
                   std::to_string(std::max(width, alignment)) + " bytes"};
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

Status Program::checkBuffers(std::span<const BufferRef> inputs,
                             std::span<const BufferRef> outputs,
                             size_t alignment) const {
  const ProgramSpec &program = manifest().program;
  Result<SymbolBinding> binding = bindShapes(inputs);
  if (!binding)
    return Error{binding.error()};
  if (Status status = bindAll("output", program.outputs, outputs, *binding);
      !status)
    return status;
  if (Status status = checkData("input", program.inputs, inputs, alignment);
      !status)
    return status;
  if (Status status = checkData("output", program.outputs, outputs, alignment);
      !status)
    return status;
  for (const MatrixSpec &matrix : manifest().matrices)
    if (matrix.deferred && !replaced.count(matrix.values) &&
        !contents->tensor(matrix.values))
      return Error{"matrix '" + matrix.name + "' has no values yet"};
  return Success{};
}

std::vector<KernelArgument>
Program::makeArguments(std::span<const BufferRef> inputs,
                       std::span<const BufferRef> outputs) const {
  std::vector<KernelArgument> arguments;
  arguments.reserve(inputs.size() + outputs.size() + constants.size());
  for (const BufferRef &input : inputs)
    arguments.push_back({input.data, input.shape});
  for (const BufferRef &output : outputs)
    arguments.push_back({output.data, output.shape});
  for (const Constant &constant : constants)
    arguments.push_back({constant.data, constant.shape});
  return arguments;
}

static bool anyElement(std::span<const BufferRef> outputs) {
  return std::any_of(
      outputs.begin(), outputs.end(),
      [](const BufferRef &output) { return numElements(output.shape) > 0; });
}

Status Program::runInto(std::span<const BufferRef> inputs,
                        std::span<const BufferRef> outputs, int threads) const {
  if (Status status = checkBuffers(inputs, outputs, /*alignment=*/1); !status)
    return status;
  if (!anyElement(outputs))
    return Success{};
  if (cudaExecutor)
    return runOnCopies(inputs, outputs);
  cpuExecutor->call(makeArguments(inputs, outputs), threads);
  return Success{};
}

Status Program::runInto(std::span<const BufferRef> inputs,
                        std::span<const BufferRef> outputs,
                        cuda::Stream stream) const {
  // What the widest load or store of a kernel, and a tensor map, want.
  constexpr size_t alignment = 16;
  if (!cudaExecutor)
    return Error{"the program was loaded for the CPU, expected one for a GPU "
                 "as the memory is"};
  if (Status status = checkBuffers(inputs, outputs, alignment); !status)
    return status;
  if (!anyElement(outputs))
    return Success{};
  return cudaExecutor->call(makeArguments(inputs, outputs), stream);
}

Status Program::runOnCopies(std::span<const BufferRef> inputs,
                            std::span<const BufferRef> outputs) const {
  const CudaDevice &device = cudaExecutor->device();
  std::vector<CudaBuffer> buffers;
  auto copyIn = [&](std::span<const BufferRef> refs,
                    std::vector<BufferRef> &copies) -> Status {
    for (const BufferRef &ref : refs) {
      size_t bytes = numElements(ref.shape) * byteWidth(ref.dtype);
      auto buffer = CudaBuffer::allocate(device, bytes);
      if (!buffer)
        return Error{buffer.error()};
      copies.push_back({ref.dtype, buffer->data(), ref.shape});
      Status status =
          device.copyToDevice(buffer->address(), ref.data, bytes, nullptr);
      buffers.push_back(std::move(*buffer));
      if (!status)
        return status;
    }
    return Success{};
  };
  std::vector<BufferRef> deviceInputs, deviceOutputs;
  Status status = copyIn(inputs, deviceInputs);
  // Kernels may leave elements of outputs as they are.
  if (status)
    status = copyIn(outputs, deviceOutputs);
  if (status)
    status = runInto(deviceInputs, deviceOutputs, cuda::Stream(nullptr));
  for (size_t i = 0; status && i < outputs.size(); ++i) {
    const CudaBuffer &from = buffers[inputs.size() + i];
    status = device.copyToHost(
        outputs[i].data, from.address(),
        numElements(outputs[i].shape) * byteWidth(outputs[i].dtype), nullptr);
  }
  // Before the buffers go, whatever was started is done.
  Status done = device.synchronize(nullptr);
  return status ? done : status;
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
