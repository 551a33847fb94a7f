//===- Safetensors.h - Safetensors files ------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A safetensors file is an 8-byte little-endian header size, a JSON header that
// gives each tensor its name, type, shape and byte range, and the data.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_SAFETENSORS_H
#define SPMMPLU_RUNTIME_IO_SAFETENSORS_H

#include "spmmplu/Runtime/IO/File.h"
#include "spmmplu/Runtime/IO/Tensor.h"
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

using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

/// One tensor of a file; [begin, end) are bytes of the data section.
struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

/// An opened file: validated as a whole, tensors read on demand.
///
/// Opening fails unless: the header is at most 100 MB, lies within the file,
/// starts with '{' and is UTF-8 JSON; every tensor has exactly dtype, shape and
/// data_offsets, a type that `DType` has and at most `maxRank` axes; no name or
/// key repeats; metadata maps strings to strings; every byte range is as long
/// as type and shape say; and the ranges cover the data without hole or
/// overlap. So a file that opens can be read in full.
class SafetensorsFile {
public:
  /// Maps the file (see `MappedFile`). Errors, of this and of the members
  /// below, start with the path.
  static Result<SafetensorsFile> open(const std::string &path);
  /// Refers to `bytes`, which must outlive the object.
  static Result<SafetensorsFile> fromMemory(std::span<const std::byte> bytes);

  /// All tensors in the order of their data; empty tensors that share an offset
  /// in the order of the header.
  const std::vector<SafetensorsEntry> &entries() const { return tensors; }
  std::vector<std::string> names() const;
  const SafetensorsMetadata &metadata() const { return metadataMap; }

  /// The tensor in place, valid as long as this object. Its data is as aligned
  /// as the file makes it, perhaps not at all. For an unknown name the error
  /// suggests a near one or lists the first few.
  Result<TensorView> view(std::string_view name) const;
  /// An aligned copy.
  Result<Tensor> read(std::string_view name) const;

private:
  static Result<SafetensorsFile> parse(std::span<const std::byte> bytes);
  std::string unknownName(std::string_view name) const;

  MappedFile file;
  std::string path; ///< empty for memory
  std::span<const std::byte> data;
  std::vector<SafetensorsEntry> tensors;
  std::vector<uint32_t> byName; ///< indices into `tensors`, sorted by name
  SafetensorsMetadata metadataMap;
};

struct NamedTensor {
  std::string name;
  TensorView tensor;
};

/// Writes a file that `SafetensorsFile::open` accepts; atomically (see File.h).
/// An error where it would not: a repeated name, the name "__metadata__",
/// strings that are not UTF-8, data that does not match type and shape.
///
/// Alignment. The format allows no hole between tensors, so they are ordered:
/// those whose byte size is a multiple of 64 first, then of 32, ..., of 1, each
/// in the given order; the header is padded with spaces so that the data starts
/// at a multiple of 64. Hence in the file every tensor whose size is a multiple
/// of 64 bytes is 64-byte aligned, the one after them too, and every other at
/// least to the largest power of two that divides its size, which its element
/// size does. A caller who needs 64 for all pads the tensors. The output
/// depends on the arguments alone.
Status writeSafetensors(const std::string &path,
                        std::span<const NamedTensor> tensors,
                        const SafetensorsMetadata &metadata = {});

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_SAFETENSORS_H
