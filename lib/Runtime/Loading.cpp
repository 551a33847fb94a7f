//===- Loading.cpp - Loads a program and its constants --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Matrix.h"
#include "spmmplu/Runtime/Runtime.h"

#include <set>

using namespace spmmplu;

static constexpr std::string_view cpuTarget = "x86_64";
/// What kernels may assume about constants.
static constexpr uintptr_t constantAlignment = 64;

static constexpr std::pair<DeviceKind, std::string_view> deviceNames[] = {
    {DeviceKind::automatic, "auto"},
    {DeviceKind::cpu, "cpu"},
    {DeviceKind::cuda, "cuda"}};

std::string_view spmmplu::name(DeviceKind device) {
  return deviceNames[size_t(device)].second;
}

std::optional<DeviceKind> spmmplu::parseDeviceKind(std::string_view name) {
  for (auto [device, known] : deviceNames)
    if (name == known)
      return device;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

Status Program::loadKernel() {
  Result<TensorView> object = contents->tensor(kernel().object);
  if (!object)
    return Error{object.error()};
  const CudaDevice *device = nullptr;
  if (kernel().isForGpu()) {
    Result<const CudaDevice *> found = CudaDevice::get();
    if (!found)
      return Error{"kernel for " + kernel().target + ": " + found.error()};
    device = *found;
  }
  auto host =
      CpuExecutor::create(object->data, kernel().symbol, kernel().features);
  if (!host)
    return Error{host.error()};
  if (!device) {
    cpuExecutor = std::move(*host);
    return Success{};
  }
  std::vector<DeviceCode> code;
  for (const DeviceCodeSpec &spec : kernel().device) {
    Result<TensorView> view = contents->tensor(spec.tensor);
    if (!view)
      return Error{view.error()};
    code.push_back({spec.chip, spec.format, view->data});
  }
  auto executor = CudaExecutor::create(*device, code, std::move(*host));
  if (!executor)
    return Error{executor.error()};
  cudaExecutor = std::move(*executor);
  return Success{};
}

static std::string listTargets(const std::vector<KernelSpec> &kernels) {
  std::set<std::string> targets;
  for (const KernelSpec &kernel : kernels)
    targets.insert(kernel.target);
  std::string text;
  for (const std::string &target : targets)
    text += (text.empty() ? "" : ", ") + target;
  return text.empty() ? "nothing" : text;
}

Result<Program> Program::create(Package package, DeviceKind device) {
  Program program(std::make_unique<Package>(std::move(package)), 0);
  const std::vector<KernelSpec> &kernels = program.manifest().kernels;
  std::string reason;
  for (size_t i = 0; i < kernels.size(); ++i) {
    bool isCandidate = kernels[i].isForGpu() ? device != DeviceKind::cpu
                                             : kernels[i].target == cpuTarget &&
                                                   device != DeviceKind::cuda;
    if (!isCandidate)
      continue;
    program.kernelIndex = i;
    if (Status status = program.loadKernel(); !status) {
      reason = status.error();
      continue;
    }
    if (Status status = program.loadConstants(); !status)
      return Error{status.error()};
    return program;
  }
  if (!reason.empty())
    return Error{reason};
  std::string wanted = device == DeviceKind::cuda ? "NVIDIA GPUs"
                       : device == DeviceKind::cpu
                           ? std::string(cpuTarget)
                           : std::string(cpuTarget) + " or NVIDIA GPUs";
  return Error{"has no kernel for " + wanted + ", found kernels for " +
               listTargets(kernels)};
}

Result<Program> Program::load(const std::string &path, DeviceKind device) {
  Result<Package> package = Package::load(path);
  if (!package)
    return Error{package.error()};
  Result<Program> program = create(std::move(*package), device);
  if (!program)
    return Error{path + ": " + program.error()};
  return program;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

TensorLookup Program::lookup() const {
  return [this](std::string_view name) -> Result<TensorView> {
    if (auto it = replaced.find(name); it != replaced.end())
      return it->second.view();
    return contents->lookup()(name);
  };
}

Status Program::setConstant(std::string_view name, const TensorView &view) {
  const std::vector<std::string> &names = manifest().program.constants;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != name)
      continue;
    auto *data = const_cast<std::byte *>(view.data.data());
    if (cudaExecutor) {
      const CudaDevice &device = cudaExecutor->device();
      auto buffer = CudaBuffer::allocate(device, view.data.size());
      if (!buffer)
        return Error{"constant '" + names[i] + "': " + buffer.error()};
      Status status = device.copyToDevice(buffer->address(), data,
                                          view.data.size(), nullptr);
      // Streams that do not wait for the default one may use it at once.
      if (status)
        status = device.synchronize(nullptr);
      if (!status)
        return Error{"constant '" + names[i] + "': " + status.error()};
      deviceConstants[i] = std::move(*buffer);
      constants[i] = {deviceConstants[i].data(), view.shape};
      continue;
    }
    if (reinterpret_cast<uintptr_t>(data) % constantAlignment != 0) {
      Result<Tensor> copy = Tensor::copyOf(view);
      if (!copy)
        return Error{copy.error()};
      data = copy->bytes().data();
      copies[names[i]] = std::move(*copy);
    }
    constants[i] = {data, view.shape};
  }
  return Success{};
}

Status Program::loadConstants() {
  const std::vector<std::string> &names = manifest().program.constants;
  constants.assign(names.size(), {nullptr, {}});
  deviceConstants.resize(names.size());
  for (const std::string &name : names) {
    Result<TensorView> view = contents->tensor(name);
    if (!view && manifest().findDeferred(name))
      continue;
    if (!view)
      return Error{view.error()};
    if (Status status = setConstant(name, *view); !status)
      return status;
  }
  return deriveForms();
}

Status Program::setForms(const std::vector<const MatrixSpec *> &forms,
                         const TensorView &dense) {
  std::vector<PackedMatrix> packed;
  for (const MatrixSpec *form : forms) {
    Result<MatrixTables> tables = readTables(*form, lookup());
    if (!tables)
      return Error{tables.error()};
    Result<PackedMatrix> made = packMatrix(*form, *tables, dense);
    if (!made)
      return Error{made.error()};
    packed.push_back(std::move(*made));
  }
  // The old tensors go when nothing points to them any more.
  auto replace = [&](const std::string &name, Tensor tensor) {
    if (Status status = setConstant(name, tensor.view()); !status)
      return status;
    replaced[name] = std::move(tensor);
    return Status(Success{});
  };
  for (size_t i = 0; i < forms.size(); ++i) {
    if (Status status = replace(forms[i]->values, std::move(packed[i].values));
        !status)
      return status;
    if (!packed[i].metadata)
      continue;
    if (Status status =
            replace(*forms[i]->metadata, std::move(*packed[i].metadata));
        !status)
      return status;
  }
  return Success{};
}

Status Program::setMatrix(std::string_view name, const TensorView &dense) {
  const MatrixSpec *matrix = manifest().findMatrix(name);
  if (matrix && matrix->of)
    matrix = manifest().findMatrix(*matrix->of);
  if (!matrix)
    return Error{"no matrix '" + std::string(name) + "' in the package"};
  std::vector<const MatrixSpec *> forms = {matrix};
  for (const MatrixSpec &form : manifest().matrices)
    if (form.of == matrix->name)
      forms.push_back(&form);
  return setForms(forms, dense);
}

/// Further forms that the package leaves out, from the matrices that it has.
Status Program::deriveForms() {
  std::string unpacked;
  Tensor dense;
  for (const MatrixSpec &form : manifest().matrices) {
    if (!form.of || !form.deferred)
      continue;
    const MatrixSpec &matrix = *manifest().findMatrix(*form.of);
    if (matrix.deferred)
      continue;
    if (unpacked != matrix.name) {
      Result<MatrixTables> tables = readTables(matrix, lookup());
      if (!tables)
        return Error{tables.error()};
      Result<Tensor> made = unpackMatrix(matrix, *tables);
      if (!made)
        return Error{made.error()};
      dense = std::move(*made);
      unpacked = matrix.name;
    }
    if (Status status = setForms({&form}, dense.view()); !status)
      return status;
  }
  return Success{};
}
