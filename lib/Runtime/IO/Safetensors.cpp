//===- Safetensors.cpp - Reading safetensors files ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Safetensors.h"
#include "Message.h"
#include "SafetensorsHeader.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace spmmplu {

using io::makeError;
using io::quote;

Result<SafetensorsFile>
SafetensorsFile::parse(std::span<const std::byte> bytes) {
  uint64_t headerSize = 0;
  if (bytes.size() < sizeof(headerSize))
    return makeError(bytes.size(), " bytes, expected at least ",
                     sizeof(headerSize), " for the header size");
  std::memcpy(&headerSize, bytes.data(), sizeof(headerSize));
  bytes = bytes.subspan(sizeof(headerSize));
  if (headerSize > io::maxSafetensorsHeader)
    return makeError("header of ", headerSize, " bytes, expected at most ",
                     io::maxSafetensorsHeader);
  if (headerSize > bytes.size())
    return makeError("header of ", headerSize, " bytes, but only ",
                     bytes.size(), " follow");
  std::string_view json(reinterpret_cast<const char *>(bytes.data()),
                        size_t(headerSize));
  SafetensorsFile result;
  result.data = bytes.subspan(size_t(headerSize));
  Result<io::SafetensorsHeader> header =
      io::parseSafetensorsHeader(json, result.data.size());
  if (!header)
    return Error{header.error()};
  result.tensors = std::move(header->entries);
  result.byName = std::move(header->byName);
  result.metadataMap = std::move(header->metadata);
  return result;
}

Result<SafetensorsFile>
SafetensorsFile::fromMemory(std::span<const std::byte> bytes) {
  return parse(bytes);
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string &path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return Error{file.error()};
  Result<SafetensorsFile> result = io::prefixed(path, parse(file->bytes()));
  if (result) {
    // The mapping keeps its address when the object moves.
    result->file = std::move(*file);
    result->path = path;
  }
  return result;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const SafetensorsEntry &entry : tensors)
    names.push_back(entry.name);
  return names;
}

/// Levenshtein distance, or `limit` where it is at least that.
static size_t editDistance(std::string_view a, std::string_view b,
                           size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) >= limit)
    return limit;
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      size_t substituted = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return std::min(row.back(), limit);
}

std::string SafetensorsFile::unknownName(std::string_view name) const {
  constexpr size_t maxListed = 8, maxCompared = 4096, maxLength = 256;
  std::string message = "no tensor " + quote(name);
  // A suggestion differs by at most a third of the name.
  size_t best = std::min<size_t>(name.size() / 3, 4) + 1;
  const SafetensorsEntry *nearest = nullptr;
  for (size_t i = 0; i < std::min(tensors.size(), maxCompared); ++i) {
    if (std::max(name.size(), tensors[i].name.size()) > maxLength)
      continue;
    size_t distance = editDistance(name, tensors[i].name, best);
    if (distance < best) {
      best = distance;
      nearest = &tensors[i];
    }
  }
  if (nearest)
    return message + ", did you mean " + quote(nearest->name);
  if (tensors.empty())
    return message + ", the file has none";
  for (size_t i = 0; i < std::min(tensors.size(), maxListed); ++i)
    message += (i ? ", " : ", the file has ") + quote(tensors[i].name);
  if (tensors.size() > maxListed)
    message += " and " + std::to_string(tensors.size() - maxListed) + " more";
  return message;
}

Result<TensorView> SafetensorsFile::view(std::string_view name) const {
  auto found = std::lower_bound(byName.begin(), byName.end(), name,
                                [&](uint32_t index, std::string_view n) {
                                  return tensors[index].name < n;
                                });
  if (found == byName.end() || tensors[*found].name != name)
    return makeError(path, path.empty() ? "" : ": ", unknownName(name));
  const SafetensorsEntry &entry = tensors[*found];
  return TensorView{
      entry.dtype, entry.shape,
      data.subspan(size_t(entry.begin), size_t(entry.end - entry.begin))};
}

Result<Tensor> SafetensorsFile::read(std::string_view name) const {
  Result<TensorView> found = view(name);
  if (!found)
    return Error{found.error()};
  Result<Tensor> tensor = Tensor::copyOf(*found);
  return path.empty() ? std::move(tensor)
                      : io::prefixed(path, std::move(tensor));
}

} // namespace spmmplu
