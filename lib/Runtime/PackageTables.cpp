//===- PackageTables.cpp - Tables of the matrices of a package ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackageTables.h"

#include "spmmplu/Runtime/Matrix.h"

#include <algorithm>
#include <cstring>
#include <limits>

using namespace spmmplu;

Error spmmplu::manifestError(const std::string &key,
                             const std::string &message) {
  return Error{"manifest: key '" + key + "': " + message};
}

int64_t spmmplu::numElements(const TensorView &view) {
  return int64_t(view.data.size()) / byteWidth(view.dtype);
}

Result<TensorView> spmmplu::findTensor(const std::string &key,
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

/// Chains follow each other, and each is of one panel and phase.
static Status checkChainPtr(const std::string &path, const MatrixSpec &matrix,
                            const MatrixTables &tables) {
  int64_t panels = int64_t(tables.panelRows.size()) / matrix.panel;
  const std::vector<int32_t> &ptr = tables.chainPtr;
  // Both factors of the product are below 2^31.
  if (int64_t(ptr.size()) != matrix.phases * panels + 1)
    return manifestError(path + ".chainPtr",
                         "tensor '" + matrix.chainPtr + "' has " +
                             std::to_string(ptr.size()) +
                             " elements, expected phases * panels + 1 = " +
                             std::to_string(matrix.phases * panels + 1));
  for (size_t chain = 0; chain < ptr.size(); ++chain) {
    int32_t least = chain ? ptr[chain - 1] : 0;
    if (chain ? ptr[chain] < least : ptr[chain] != 0)
      return manifestError(path + ".chainPtr",
                           elementOf(matrix.chainPtr, chain, ptr[chain]) +
                               (chain ? "at least " : "") +
                               std::to_string(least));
  }
  return Success{};
}

/// Single columns of warps' matrices may stand in any order: kernels take them
/// from shared memory in that of its banks. But only padding, next to the entry
/// that it repeats, comes again.
static Status checkUnordered(const std::string &path, const MatrixSpec &matrix,
                             const MatrixTables &tables) {
  const std::vector<int32_t> &ptr = tables.chainPtr;
  std::vector<int32_t> chain;
  for (size_t at = 0; at + 1 < ptr.size(); ++at) {
    auto begin = tables.entries.begin() + ptr[at];
    chain.assign(begin, tables.entries.begin() + ptr[at + 1]);
    chain.erase(std::unique(chain.begin(), chain.end()), chain.end());
    std::sort(chain.begin(), chain.end());
    auto again = std::adjacent_find(chain.begin(), chain.end());
    if (again != chain.end())
      return manifestError(path + ".entries",
                           "tensor '" + matrix.entries + "' holds " +
                               std::to_string(*again) + " twice in chain " +
                               std::to_string(at) + ", expected it once");
    for (int32_t entry :
         {chain.empty() ? 0 : chain.front(), chain.empty() ? 0 : chain.back()})
      if (!chain.empty() && (entry < 0 || entry >= matrix.cols))
        return manifestError(path + ".entries",
                             "tensor '" + matrix.entries + "' holds " +
                                 std::to_string(entry) + " in chain " +
                                 std::to_string(at) + ", expected from 0 to " +
                                 std::to_string(matrix.cols - 1));
  }
  return Success{};
}

static Status checkChains(const std::string &path, const MatrixSpec &matrix,
                          const MatrixTables &tables) {
  const std::vector<int32_t> &ptr = tables.chainPtr, &entries = tables.entries;
  if (Status status = checkChainPtr(path, matrix, tables); !status)
    return status;
  if (ptr.back() != int64_t(entries.size()))
    return manifestError(path + ".chainPtr",
                         "tensor '" + matrix.chainPtr + "' runs to " +
                             std::to_string(ptr.back()) + ", expected to the " +
                             std::to_string(entries.size()) + " entries");
  if (matrix.layout == ValueLayout::fragment && matrix.depth == 1)
    return checkUnordered(path, matrix, tables);
  for (size_t chain = 0; chain + 1 < ptr.size(); ++chain)
    for (int64_t e = ptr[chain]; e < ptr[chain + 1]; ++e) {
      // An entry that comes again is padding, for kernels that walk whole
      // steps.
      int64_t step = matrix.layout == ValueLayout::rowMajor ? 1 : 0;
      int64_t least = e == ptr[chain] ? 0 : int64_t(entries[e - 1]) + step;
      if (entries[e] < least || entries[e] > matrix.cols - matrix.depth)
        return manifestError(path + ".entries",
                             elementOf(matrix.entries, e, entries[e]) +
                                 "from " + std::to_string(least) + " to " +
                                 std::to_string(matrix.cols - matrix.depth));
    }
  return Success{};
}

bool spmmplu::isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

bool spmmplu::isByteElement(DType dtype) {
  return dtype == DType::I8 || dtype == DType::F8_E4M3 ||
         dtype == DType::F8_E5M2;
}

/// Kernels walk chains in whole steps of so many columns.
static Status checkChainColumns(const MatrixSpec &matrix,
                                const MatrixTables &tables, int64_t multiple) {
  for (size_t chain = 0; chain + 1 < tables.chainPtr.size(); ++chain) {
    int64_t cols =
        int64_t(tables.chainPtr[chain + 1] - tables.chainPtr[chain]) *
        matrix.depth;
    if (cols % multiple != 0)
      return Error{"chain " + std::to_string(chain) + " has " +
                   std::to_string(cols) + " columns, expected a multiple of " +
                   std::to_string(multiple)};
  }
  return Success{};
}

static Status checkGathered(const MatrixSpec &matrix,
                            const MatrixTables &tables) {
  using mlir::spmmplu::kGatherRows, mlir::spmmplu::kGatherStep;
  if (matrix.depth != 1 || matrix.panel % kGatherRows != 0)
    return Error{"entries are " + std::to_string(matrix.panel) + "x" +
                 std::to_string(matrix.depth) + ", expected a multiple of " +
                 std::to_string(kGatherRows) + " rows and depth 1"};
  return checkChainColumns(matrix, tables, kGatherStep);
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
  if (matrix.layout == ValueLayout::gathered)
    if (Status status = checkGathered(matrix, tables); !status)
      return Error{status.error()};
  if (!matrix.isForTensorCores())
    return size;
  auto format = toTensorFormat(matrix);
  int64_t width = byteWidth(dtype);
  bool isFragment = matrix.layout == ValueLayout::fragment;
  bool fits = width == 2 || (width == 1 && isFragment) ||
              (width == 4 && (isFragment || !format.sparse));
  if (!fits)
    return Error{"values are " + std::string(name(dtype)) +
                 ", expected a type of the layout's width"};
  if (int64_t multiple = format.rowMultiple(matrix.panel, width);
      matrix.panel % multiple != 0)
    return Error{"panels have " + std::to_string(matrix.panel) +
                 " rows, expected a multiple of " + std::to_string(multiple)};
  if (Status status =
          checkChainColumns(matrix, tables, format.columnMultiple(width));
      !status)
    return Error{status.error()};
  if (format.sparse) {
    // A word is of 32 (F32: 16) positions.
    size.metadata = size.values / (width == 4 ? 16 : 32);
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
  bool isElement =
      isFloat(dtype) || (isByteElement(dtype) && matrix.isForTensorCores());
  if (!isElement || (values && values->dtype != dtype))
    return manifestError(
        key, "tensor '" + matrix.values + "' is " +
                 std::string(name(values ? values->dtype : dtype)) +
                 ", expected " +
                 (matrix.deferred && isElement ? std::string(name(dtype))
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

//===----------------------------------------------------------------------===//
// Further forms
//===----------------------------------------------------------------------===//

/// What a further form of a matrix names is a matrix of the same size.
Status spmmplu::checkForm(const Manifest &manifest, const MatrixSpec &matrix) {
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

/// The entries of `form`, a further form of `matrix`.
static Result<Tensor> deriveEntries(const MatrixSpec &matrix,
                                    const MatrixSpec &form,
                                    const TensorLookup &lookup) {
  std::string path = "matrices." + form.name;
  Result<MatrixTables> known = readTables(matrix, lookup);
  if (!known)
    return Error{known.error()};
  MatrixTables tables;
  auto rows = readIndices(path + ".panelRows", form.panelRows, lookup);
  if (!rows)
    return Error{rows.error()};
  auto chains = readIndices(path + ".chainPtr", form.chainPtr, lookup);
  if (!chains)
    return Error{chains.error()};
  tables.panelRows = std::move(*rows);
  tables.chainPtr = std::move(*chains);
  if (Status status =
          checkPanelRows(path + ".panelRows", form, tables.panelRows);
      !status)
    return Error{status.error()};
  if (Status status = checkChainPtr(path, form, tables); !status)
    return Error{status.error()};
  auto entries = mlir::spmmplu::deriveEntries(toChainTable(matrix, *known),
                                              toChainTable(form, tables));
  if (!entries)
    return manifestError(path + ".derivesEntries",
                         "chains have other numbers of entries than those of "
                         "matrix '" +
                             matrix.name + "' make");
  Result<Tensor> tensor =
      Tensor::allocate(DType::I32, {int64_t(entries->size())});
  if (tensor && !entries->empty())
    std::memcpy(tensor->bytes().data(), entries->data(),
                entries->size() * sizeof(int32_t));
  return tensor;
}

Result<DerivedTensors> spmmplu::deriveEntries(const Manifest &manifest,
                                              const TensorLookup &lookup) {
  DerivedTensors derived;
  for (const MatrixSpec &form : manifest.matrices) {
    if (!form.derivesEntries)
      continue;
    if (Status status = checkForm(manifest, form); !status)
      return Error{status.error()};
    const MatrixSpec &matrix = *manifest.findMatrix(*form.of);
    Result<Tensor> entries = ::deriveEntries(matrix, form, lookup);
    if (!entries)
      return Error{entries.error()};
    derived[form.entries] = std::move(*entries);
  }
  return derived;
}
