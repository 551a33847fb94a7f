//===- Package.h - The file that carries a compiled program -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A package is one safetensors file: packed values, tables and kernel objects
// are its tensors, the manifest is metadata. docs/package.md is the format.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_PACKAGE_H
#define SPMMPLU_RUNTIME_PACKAGE_H

#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Runtime/Manifest.h"
#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spmmplu {

/// The metadata key under which the manifest stands.
inline constexpr std::string_view manifestKey = "spmmplu";

/// Finds a tensor of the package by name.
using TensorLookup = std::function<Result<TensorView>(std::string_view)>;

/// Tensors that a package leaves out, by name.
using DerivedTensors = std::map<std::string, Tensor, std::less<>>;

/// The tables of a matrix, decoded and checked: what Segmentation/Tables.h
/// calls the invariants of a `ChainTable` holds, so walking them stays inside
/// of the matrix.
struct MatrixTables {
  std::vector<int32_t> panelRows; ///< [panels][panel], -1 = no row
  std::vector<int32_t> chainPtr;  ///< [phases * panels + 1]
  std::vector<int32_t> entries;   ///< first k of each entry
  /// [entries][panel * depth], half of that with metadata. Without data where
  /// the matrix is deferred.
  TensorView values;
  TensorView metadata; ///< I32; without elements where there is none
};

/// An error names the matrix, the tensor and the first offending element.
Result<MatrixTables> readTables(const MatrixSpec &matrix,
                                const TensorLookup &lookup);

/// The shape and type that the values have (or would have, where the matrix is
/// deferred), and the words of metadata, 0 where the matrix has none. An error
/// where the chains are not what the layout wants.
struct PackedSize {
  DType dtype = DType::F32;
  int64_t values = 0, metadata = 0;
};
Result<PackedSize> packedSize(const MatrixSpec &matrix,
                              const MatrixTables &tables, DType dtype);

/// Everything a manifest says about the package's tensors: each is there, with
/// the type and size that the manifest implies, tables are in range, and the
/// check fits the program.
Status validateManifest(const Manifest &manifest, const TensorLookup &lookup);

/// A package that is open and valid. Movable; the tensors it hands out refer to
/// the mapped file and are valid as long as the object is.
class Package {
public:
  /// Errors start with the path.
  static Result<Package> load(const std::string &path);
  /// `bytes` must outlive the package.
  static Result<Package> fromMemory(std::span<const std::byte> bytes);

  const Manifest &manifest() const { return contents; }
  /// Of the file, or derived from others when the package was loaded.
  Result<TensorView> tensor(std::string_view name) const;
  /// The same for the functions above; refers to this object.
  TensorLookup lookup() const;
  const SafetensorsFile &tensors() const { return file; }

private:
  static Result<Package> fromFile(SafetensorsFile file);

  Package(SafetensorsFile file, Manifest manifest)
      : file(std::move(file)), contents(std::move(manifest)) {}

  SafetensorsFile file;
  Manifest contents;
  DerivedTensors derived;
};

/// Writes a package that `Package::load` accepts, whole or not at all; an error
/// where it would not. `tensors` are those of the package, in any order.
Status savePackage(const std::string &path, const Manifest &manifest,
                   std::span<const NamedTensor> tensors);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_PACKAGE_H
