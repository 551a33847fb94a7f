//===- Manifest.h - What a package says about itself ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest is JSON under the metadata key "spmmplu" of a package, which is
// a safetensors file. docs/package.md describes every key. These structs are
// the manifest one to one; what they say about tensors of the package is
// checked where those are at hand (Package.h).
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_MANIFEST_H
#define SPMMPLU_RUNTIME_MANIFEST_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace spmmplu {

/// One extent of a shape: a number or, where `symbol` is not empty, a name that
/// stands for the same number everywhere in the program.
struct Extent {
  int64_t value = 0;
  std::string symbol;

  static Extent fixed(int64_t value) { return {value, {}}; }
  static Extent dynamic(std::string symbol) { return {0, std::move(symbol)}; }
  bool isDynamic() const { return !symbol.empty(); }
  bool operator==(const Extent &) const = default;
};

/// "[1024, n]", for messages.
std::string shapeToString(const std::vector<Extent> &shape);

/// An input or an output.
struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<Extent> shape;
  bool operator==(const TensorSpec &) const = default;
};

/// The kernel's arguments, in the order inputs, outputs, constants.
struct ProgramSpec {
  std::vector<TensorSpec> inputs, outputs;
  std::vector<std::string> constants; ///< tensors of the package
  bool operator==(const ProgramSpec &) const = default;
};

enum class DeviceCodeFormat : uint8_t { cubin, ptx };

/// Machine code of a program's device kernels.
struct DeviceCodeSpec {
  std::string chip; ///< "sm_90a"
  DeviceCodeFormat format = DeviceCodeFormat::cubin;
  std::string tensor; ///< a U8 tensor of the package
  bool operator==(const DeviceCodeSpec &) const = default;
};

struct KernelSpec {
  std::string target;                ///< "x86_64", or a chip such as "sm_90a"
  std::vector<std::string> features; ///< LLVM's names, all are required
  std::string object;                ///< a U8 tensor of the package
  std::string symbol;                ///< the entry point in it
  /// What the object launches, best first; some iff the target is a GPU.
  std::vector<DeviceCodeSpec> device = {};
  bool operator==(const KernelSpec &) const = default;

  bool isForGpu() const { return target.starts_with("sm_"); }
};

/// Where the values of a chain table lie.
enum class ValueLayout : uint8_t {
  kMajor,   ///< value (r, kk) of an entry at kk * panel + r of the entry's
  rowMajor, ///< at r * depth + kk
  gathered, ///< of depth 1, in tiles of 32 entries (Segmentation/Tables.h)
  /// The layouts of tensor cores, a chain after the other, each padded along k
  /// (Segmentation/TensorPacking.h).
  fragment,
  warpgroup
};

/// A sparse matrix as the chain table of Segmentation/Tables.h; the strings
/// name tensors of the package.
struct MatrixSpec {
  std::string name, pattern;
  int64_t rows = 0, cols = 0;
  double density = 0;
  int64_t panel = 1, depth = 1, phases = 1;
  ValueLayout layout = ValueLayout::kMajor;
  std::string panelRows, chainPtr, entries; ///< I32
  std::string values;                       ///< F64, F32, F16 or BF16
  /// I32, with the indices of the kept values: the matrix is 2:4 (F32: 1:2).
  /// Layouts of tensor cores only.
  std::optional<std::string> metadata = std::nullopt;
  /// Values come when the program runs (`Program::setMatrix`): the package has
  /// no tensors `values` and `metadata`, and this is the values' type.
  std::optional<DType> deferred = std::nullopt;
  /// Another form of the matrix of that name, for kernels that read it packed
  /// otherwise. Deferred values of it come from that matrix.
  std::optional<std::string> of = std::nullopt;
  /// The package has no tensor `entries`: they follow from those of `of`.
  bool derivesEntries = false;
  bool operator==(const MatrixSpec &) const = default;

  bool isForTensorCores() const {
    return layout == ValueLayout::fragment || layout == ValueLayout::warpgroup;
  }
};

enum class Activation : uint8_t { none, relu };

/// What the first output is to be compared with:
/// activation(matrix * inputs[0] + bias), bias per row.
struct CheckSpec {
  std::string matrix;
  std::optional<std::string> bias; ///< a tensor of the package
  Activation activation = Activation::none;
  bool operator==(const CheckSpec &) const = default;
};

using ReportValue = std::variant<std::string, int64_t, double, bool>;

struct Manifest {
  static constexpr int64_t currentFormat = 1;

  std::string producer, source;
  ProgramSpec program;
  std::vector<KernelSpec> kernels;
  std::vector<MatrixSpec> matrices;
  std::optional<CheckSpec> check;
  /// Free-form, for people. A nested object's keys are joined with dots:
  /// ("predicted.sparseUs", 11.5).
  std::map<std::string, ReportValue> report;

  bool operator==(const Manifest &) const = default;

  /// The error names the key. Keys that this format does not have are errors
  /// (a misspelt one would be ignored otherwise), except under "report".
  static Result<Manifest> parse(std::string_view json);
  /// What `parse` reads back as an equal manifest; strings must be UTF-8.
  std::string print() const;

  const MatrixSpec *findMatrix(std::string_view name) const;
  /// The deferred matrix whose values or metadata are the tensor `name`.
  const MatrixSpec *findDeferred(std::string_view name) const;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_MANIFEST_H
