//===- Package.cpp - The file that carries a compiled program -------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Package.h"

#include "spmmplu/Runtime/Matrix.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

using namespace spmmplu;

static Error manifestError(const std::string &key, const std::string &message) {
  return Error{"manifest: key '" + key + "': " + message};
}

static int64_t numElements(const TensorView &view) {
  return int64_t(view.data.size()) / byteWidth(view.dtype);
}

static Result<TensorView> findTensor(const std::string &key,
                                     const std::string &name,
                                     const TensorLookup &lookup) {
  Result<TensorView> view = lookup(name);
  if (!view)
    return manifestError(key, view.error());
  return view;
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

static Result<std::vector<int32_t>> readIndices(const std::string &key,
                                                const std::string &name,
                                                const TensorLookup &lookup) {
  Result<TensorView> view = findTensor(key, name, lookup);
  if (!view)
    return Error{view.error()};
  if (view->dtype != DType::I32)
    return manifestError(key, "tensor '" + name + "' is " +
                                  std::string(spmmplu::name(view->dtype)) +
                                  ", expected I32");
  if (numElements(*view) > INT32_MAX)
    return manifestError(key, "tensor '" + name + "' has " +
                                  std::to_string(numElements(*view)) +
                                  " elements, expected less than 2^31");
  std::vector<int32_t> indices(view->data.size() / sizeof(int32_t));
  if (!indices.empty())
    std::memcpy(indices.data(), view->data.data(), view->data.size());
  return indices;
}

static std::string elementOf(const std::string &name, size_t index,
                             int64_t found) {
  return "tensor '" + name + "' holds " + std::to_string(found) +
         " at element " + std::to_string(index) + ", expected ";
}

/// Every row is in exactly one panel.
static Status checkPanelRows(const std::string &key, const MatrixSpec &matrix,
                             const std::vector<int32_t> &panelRows) {
  if (int64_t(panelRows.size()) % matrix.panel != 0)
    return manifestError(key, "tensor '" + matrix.panelRows + "' has " +
                                  std::to_string(panelRows.size()) +
                                  " elements, expected a multiple of " +
                                  std::to_string(matrix.panel));
  // Not one flag for each row the manifest claims before the tensor is known to
  // be as long: that would allocate what a few bytes of JSON ask for.
  if (int64_t(panelRows.size()) < matrix.rows)
    return manifestError(key, "tensor '" + matrix.panelRows + "' has " +
                                  std::to_string(panelRows.size()) +
                                  " elements, expected at least the " +
                                  std::to_string(matrix.rows) + " rows");
  std::vector<bool> seen(matrix.rows);
  int64_t count = 0;
  for (size_t i = 0; i < panelRows.size(); ++i) {
    int64_t row = panelRows[i];
    if (row == -1)
      continue;
    if (row < 0 || row >= matrix.rows)
      return manifestError(key, elementOf(matrix.panelRows, i, row) +
                                    "-1 or a row below " +
                                    std::to_string(matrix.rows));
    if (seen[row])
      return manifestError(key, elementOf(matrix.panelRows, i, row) +
                                    "each row once");
    seen[row] = true;
    ++count;
  }
  if (count != matrix.rows)
    return manifestError(key, "tensor '" + matrix.panelRows + "' holds " +
                                  std::to_string(count) + " of " +
                                  std::to_string(matrix.rows) + " rows");
  return Success{};
}

static Status checkChains(const std::string &path, const MatrixSpec &matrix,
                          const MatrixTables &tables) {
  int64_t panels = int64_t(tables.panelRows.size()) / matrix.panel;
  const std::vector<int32_t> &ptr = tables.chainPtr, &entries = tables.entries;
  // Both factors of the product are below 2^31.
  if (int64_t(ptr.size()) != matrix.phases * panels + 1)
    return manifestError(path + ".chainPtr",
                         "tensor '" + matrix.chainPtr + "' has " +
                             std::to_string(ptr.size()) +
                             " elements, expected phases * panels + 1 = " +
                             std::to_string(matrix.phases * panels + 1));
  if (ptr.front() != 0 || ptr.back() != int64_t(entries.size()))
    return manifestError(path + ".chainPtr",
                         "tensor '" + matrix.chainPtr + "' runs from " +
                             std::to_string(ptr.front()) + " to " +
                             std::to_string(ptr.back()) +
                             ", expected from 0 to the " +
                             std::to_string(entries.size()) + " entries");
  for (size_t chain = 0; chain + 1 < ptr.size(); ++chain)
    if (ptr[chain + 1] < ptr[chain])
      return manifestError(
          path + ".chainPtr",
          elementOf(matrix.chainPtr, chain + 1, ptr[chain + 1]) + "at least " +
              std::to_string(ptr[chain]));
  for (size_t chain = 0; chain + 1 < ptr.size(); ++chain)
    for (int64_t e = ptr[chain]; e < ptr[chain + 1]; ++e) {
      // An entry that comes again is padding, for tensor cores.
      int64_t step = matrix.isForTensorCores() ? 0 : 1;
      int64_t least = e == ptr[chain] ? 0 : int64_t(entries[e - 1]) + step;
      if (entries[e] < least || entries[e] > matrix.cols - matrix.depth)
        return manifestError(path + ".entries",
                             elementOf(matrix.entries, e, entries[e]) +
                                 "from " + std::to_string(least) + " to " +
                                 std::to_string(matrix.cols - matrix.depth));
    }
  return Success{};
}

static bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

Result<PackedSize> spmmplu::packedSize(const MatrixSpec &matrix,
                                       const MatrixTables &tables,
                                       DType dtype) {
  PackedSize size{dtype};
  int64_t entries = int64_t(tables.entries.size()); // below 2^31
  if (__builtin_mul_overflow(entries, matrix.panel * matrix.depth,
                             &size.values) ||
      size.values > std::numeric_limits<int64_t>::max() / 8)
    return Error{std::to_string(entries) + " entries of " +
                 std::to_string(matrix.panel) + "x" +
                 std::to_string(matrix.depth) + " are too many"};
  if (!matrix.isForTensorCores())
    return size;
  auto format = toTensorFormat(matrix);
  int64_t width = byteWidth(dtype);
  bool fits =
      width == 2 || (width == 4 && matrix.layout == ValueLayout::fragment);
  if (!fits)
    return Error{"values are " + std::string(name(dtype)) +
                 ", expected a type of the layout's width"};
  if (matrix.panel % format.rowMultiple(matrix.panel) != 0)
    return Error{"panels have " + std::to_string(matrix.panel) +
                 " rows, expected a multiple of " +
                 std::to_string(format.rowMultiple(matrix.panel))};
  int64_t multiple = format.columnMultiple(width);
  for (size_t chain = 0; chain + 1 < tables.chainPtr.size(); ++chain) {
    int64_t cols =
        int64_t(tables.chainPtr[chain + 1] - tables.chainPtr[chain]) *
        matrix.depth;
    if (cols % multiple != 0)
      return Error{"chain " + std::to_string(chain) + " has " +
                   std::to_string(cols) + " columns, expected a multiple of " +
                   std::to_string(multiple)};
  }
  if (format.sparse) {
    // A word is of 16 values a lane and so of 2^5 (F32: 2^4) positions.
    size.metadata = size.values / (width == 2 ? 32 : 16);
    size.values /= 2;
  }
  return size;
}

static Status checkCount(const std::string &key, const std::string &name,
                         const TensorView &view, int64_t expected,
                         const std::string &what) {
  if (numElements(view) == expected)
    return Success{};
  return manifestError(key, "tensor '" + name + "' has " +
                                std::to_string(numElements(view)) +
                                " elements, expected " + what);
}

/// Reads values and metadata, or what they will be.
static Status readPacked(const std::string &path, const MatrixSpec &matrix,
                         const TensorLookup &lookup, MatrixTables &tables) {
  std::string key = path + ".values";
  Result<TensorView> values = findTensor(key, matrix.values, lookup);
  // Deferred values are there once the program has been given some.
  if (!values && !matrix.deferred)
    return Error{values.error()};
  DType dtype = matrix.deferred.value_or(values ? values->dtype : DType::F32);
  if (!isFloat(dtype) || (values && values->dtype != dtype))
    return manifestError(
        key, "tensor '" + matrix.values + "' is " +
                 std::string(name(values ? values->dtype : dtype)) +
                 ", expected " +
                 (matrix.deferred && isFloat(dtype) ? std::string(name(dtype))
                                                    : "F64, F32, F16 or BF16"));
  Result<PackedSize> size = packedSize(matrix, tables, dtype);
  if (!size)
    return manifestError(path, size.error());
  tables.values = {dtype, {size->values}, {}};
  tables.metadata = {DType::I32, {size->metadata}, {}};
  if (!values)
    return Success{};
  std::string what = std::to_string(tables.entries.size()) + " entries of " +
                     std::to_string(matrix.panel) + "x" +
                     std::to_string(matrix.depth);
  if (matrix.metadata)
    what += ", half of it kept";
  if (Status status =
          checkCount(key, matrix.values, *values, size->values, what);
      !status)
    return status;
  tables.values = std::move(*values);
  if (!matrix.metadata)
    return Success{};
  key = path + ".metadata";
  Result<TensorView> words = findTensor(key, *matrix.metadata, lookup);
  if (!words)
    return Error{words.error()};
  if (Status status = checkCount(key, *matrix.metadata, *words, size->metadata,
                                 std::to_string(size->metadata));
      !status)
    return status;
  if (words->dtype != DType::I32)
    return manifestError(key, "tensor '" + *matrix.metadata + "' is " +
                                  std::string(name(words->dtype)) +
                                  ", expected I32");
  tables.metadata = std::move(*words);
  return Success{};
}

Result<MatrixTables> spmmplu::readTables(const MatrixSpec &matrix,
                                         const TensorLookup &lookup) {
  std::string path = "matrices." + matrix.name;
  MatrixTables tables;
  struct Table {
    const char *key;
    const std::string &name;
    std::vector<int32_t> &out;
  };
  for (const Table &table :
       {Table{".panelRows", matrix.panelRows, tables.panelRows},
        Table{".chainPtr", matrix.chainPtr, tables.chainPtr},
        Table{".entries", matrix.entries, tables.entries}}) {
    auto indices = readIndices(path + table.key, table.name, lookup);
    if (!indices)
      return Error{indices.error()};
    table.out = std::move(*indices);
  }
  if (Status status =
          checkPanelRows(path + ".panelRows", matrix, tables.panelRows);
      !status)
    return Error{status.error()};
  if (Status status = checkChains(path, matrix, tables); !status)
    return Error{status.error()};
  if (Status status = readPacked(path, matrix, lookup, tables); !status)
    return Error{status.error()};
  return tables;
}

/// What a further form of a matrix names is a matrix of the same size.
static Status checkForm(const Manifest &manifest, const MatrixSpec &matrix) {
  if (!matrix.of)
    return Success{};
  const MatrixSpec *first = manifest.findMatrix(*matrix.of);
  if (!first || first->of || first->rows != matrix.rows ||
      first->cols != matrix.cols)
    return manifestError("matrices." + matrix.name + ".of",
                         "found '" + *matrix.of + "', expected a matrix of " +
                             std::to_string(matrix.rows) + "x" +
                             std::to_string(matrix.cols) +
                             " that is no form of another");
  return Success{};
}

//===----------------------------------------------------------------------===//
// The rest of the manifest
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
  if (!isFloat(rhs.dtype) || !isFloat(out.dtype))
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

TensorLookup Package::lookup() const {
  return [this](std::string_view name) -> Result<TensorView> {
    if (Result<TensorView> view = file.view(name))
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
  if (Status status = validateManifest(manifest, lookup); !status)
    return Error{path + ": " + status.error()};
  return writeSafetensors(path, tensors,
                          {{std::string(manifestKey), std::move(text)}});
}
