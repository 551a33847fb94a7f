//===- Package.cpp - The file that carries a compiled program -------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Package.h"

#include "PackageTables.h"

#include <algorithm>
#include <map>

using namespace spmmplu;

//===----------------------------------------------------------------------===//
// The manifest
//===----------------------------------------------------------------------===//

/// out[rows, n] = matrix * rhs[cols, n].
static Status checkOperands(const Manifest &manifest,
                            const MatrixSpec &matrix) {
  const ProgramSpec &program = manifest.program;
  if (program.inputs.empty() || program.outputs.empty())
    return manifestError(
        "check", "the program has " + std::to_string(program.inputs.size()) +
                     " inputs and " + std::to_string(program.outputs.size()) +
                     " outputs, expected one of each");
  const TensorSpec &rhs = program.inputs[0], &out = program.outputs[0];
  bool fits = rhs.shape.size() == 2 && out.shape.size() == 2 &&
              rhs.shape[0] == Extent::fixed(matrix.cols) &&
              out.shape[0] == Extent::fixed(matrix.rows) &&
              rhs.shape[1] == out.shape[1];
  if (!fits)
    return manifestError("check",
                         "shapes " + shapeToString(rhs.shape) + " and " +
                             shapeToString(out.shape) + ", expected [" +
                             std::to_string(matrix.cols) + ", n] and [" +
                             std::to_string(matrix.rows) + ", n]");
  bool isInteger = rhs.dtype == DType::I8 && out.dtype == DType::I32;
  bool isProduct =
      isInteger || (rhs.dtype != DType::I8 && isFloat(out.dtype) &&
                    (isFloat(rhs.dtype) || isByteElement(rhs.dtype)));
  if (!isProduct)
    return manifestError("check", "types " + std::string(name(rhs.dtype)) +
                                      " and " + std::string(name(out.dtype)) +
                                      ", expected F64, F32, F16 or BF16");
  return Success{};
}

static Status validateCheck(const Manifest &manifest,
                            const TensorLookup &lookup) {
  const CheckSpec &check = *manifest.check;
  const MatrixSpec *matrix = manifest.findMatrix(check.matrix);
  if (!matrix)
    return manifestError("check.matrix",
                         "found '" + check.matrix + "', expected a matrix");
  if (Status status = checkOperands(manifest, *matrix); !status)
    return status;
  if (!check.bias)
    return Success{};
  auto bias = findTensor("check.bias", *check.bias, lookup);
  if (!bias)
    return Error{bias.error()};
  if (!isFloat(bias->dtype) || numElements(*bias) != matrix->rows)
    return manifestError("check.bias",
                         "tensor '" + *check.bias + "' is " +
                             std::string(name(bias->dtype)) + " " +
                             shapeToString(bias->shape) + ", expected " +
                             std::to_string(matrix->rows) + " floats");
  return Success{};
}

static Status validateCode(const std::string &key, const std::string &name,
                           const TensorLookup &lookup) {
  auto code = findTensor(key, name, lookup);
  if (!code)
    return Error{code.error()};
  if (code->dtype != DType::U8 || code->shape.size() != 1)
    return manifestError(key, "tensor '" + name + "' is " +
                                  std::string(spmmplu::name(code->dtype)) +
                                  " " + shapeToString(code->shape) +
                                  ", expected U8 of rank 1");
  return Success{};
}

Status spmmplu::validateManifest(const Manifest &manifest,
                                 const TensorLookup &lookup) {
  for (size_t i = 0; i < manifest.program.constants.size(); ++i) {
    std::string key = "program.constants[" + std::to_string(i) + "]";
    if (manifest.findDeferred(manifest.program.constants[i]))
      continue;
    auto constant = findTensor(key, manifest.program.constants[i], lookup);
    if (!constant)
      return Error{constant.error()};
  }
  for (size_t i = 0; i < manifest.kernels.size(); ++i) {
    const KernelSpec &kernel = manifest.kernels[i];
    std::string key = "kernels[" + std::to_string(i) + "]";
    if (Status status = validateCode(key + ".object", kernel.object, lookup);
        !status)
      return status;
    for (const DeviceCodeSpec &code : kernel.device)
      if (Status status = validateCode(key + ".device", code.tensor, lookup);
          !status)
        return status;
  }
  for (const MatrixSpec &matrix : manifest.matrices) {
    if (auto tables = readTables(matrix, lookup); !tables)
      return Error{tables.error()};
    if (Status status = checkForm(manifest, matrix); !status)
      return status;
  }
  return manifest.check ? validateCheck(manifest, lookup) : Status(Success{});
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

Result<TensorView> Package::tensor(std::string_view name) const {
  if (auto it = derived.find(name); it != derived.end())
    return it->second.view();
  return file.view(name);
}

TensorLookup Package::lookup() const {
  return [this](std::string_view name) -> Result<TensorView> {
    if (Result<TensorView> view = tensor(name))
      return view;
    return Error{"no tensor '" + std::string(name) + "' in the package"};
  };
}

Result<Package> Package::fromFile(SafetensorsFile file) {
  auto it = file.metadata().find(manifestKey);
  if (it == file.metadata().end())
    return Error{"has no metadata 'spmmplu', so it is not a package"};
  Result<Manifest> manifest = Manifest::parse(it->second);
  if (!manifest)
    return Error{manifest.error()};
  Package package(std::move(file), std::move(*manifest));
  auto derived = deriveEntries(package.manifest(), package.lookup());
  if (!derived)
    return Error{derived.error()};
  package.derived = std::move(*derived);
  if (Status status = validateManifest(package.manifest(), package.lookup());
      !status)
    return Error{status.error()};
  return package;
}

Result<Package> Package::load(const std::string &path) {
  Result<SafetensorsFile> file = SafetensorsFile::open(path);
  if (!file)
    return Error{file.error()};
  Result<Package> package = fromFile(std::move(*file));
  if (!package)
    return Error{path + ": " + package.error()};
  return package;
}

Result<Package> Package::fromMemory(std::span<const std::byte> bytes) {
  Result<SafetensorsFile> file = SafetensorsFile::fromMemory(bytes);
  if (!file)
    return Error{file.error()};
  return fromFile(std::move(*file));
}

Status spmmplu::savePackage(const std::string &path, const Manifest &manifest,
                            std::span<const NamedTensor> tensors) {
  std::string text = manifest.print();
  // What cannot be read back (a NaN, an empty name) must not be written.
  if (Result<Manifest> again = Manifest::parse(text); !again)
    return Error{path + ": " + again.error()};
  std::map<std::string_view, const TensorView *> byName;
  for (const NamedTensor &tensor : tensors)
    byName.emplace(tensor.name, &tensor.tensor);
  TensorLookup lookup = [&](std::string_view name) -> Result<TensorView> {
    auto it = byName.find(name);
    if (it == byName.end())
      return Error{"no tensor '" + std::string(name) + "'"};
    // The sizes that follow are computed from the data.
    const TensorView &view = *it->second;
    Result<int64_t> size = denseByteSize(view.dtype, view.shape);
    if (!size)
      return Error{size.error()};
    if (*size != int64_t(view.data.size()))
      return Error{"tensor '" + std::string(name) + "' has " +
                   std::to_string(view.data.size()) + " bytes, expected " +
                   std::to_string(*size)};
    return view;
  };
  auto derived = deriveEntries(manifest, lookup);
  if (!derived)
    return Error{path + ": " + derived.error()};
  TensorLookup all = [&](std::string_view name) -> Result<TensorView> {
    auto it = derived->find(name);
    return it == derived->end() ? lookup(name) : it->second.view();
  };
  if (Status status = validateManifest(manifest, all); !status)
    return Error{path + ": " + status.error()};
  return writeSafetensors(path, tensors,
                          {{std::string(manifestKey), std::move(text)}});
}
