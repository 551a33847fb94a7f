//===- SafetensorsWriter.cpp - Writing safetensors files ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Message.h"
#include "SafetensorsHeader.h"
#include "spmmplu/Runtime/IO/File.h"
#include "spmmplu/Runtime/IO/Safetensors.h"

#include <algorithm>
#include <cstring>

namespace spmmplu {

using io::makeError;

static constexpr uint64_t dataAlignment = 64;

/// The largest power of two, up to `dataAlignment`, that divides `size`.
static uint64_t alignmentOf(uint64_t size) {
  uint64_t bits = size | dataAlignment;
  return bits & -bits;
}

/// As a JSON string. UTF-8 passes unchanged, and so does what is not UTF-8,
/// which the check of the finished header finds.
static void appendString(std::string &out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
      continue;
    }
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  out += '"';
}

static void appendTensor(std::string &out, const NamedTensor &item,
                         uint64_t begin) {
  appendString(out, item.name);
  out += ":{\"dtype\":\"";
  out += name(item.tensor.dtype);
  out += "\",\"shape\":[";
  for (size_t i = 0; i < item.tensor.shape.size(); ++i)
    out += (i ? "," : "") + std::to_string(item.tensor.shape[i]);
  out += "],\"data_offsets\":[" + std::to_string(begin) + "," +
         std::to_string(begin + item.tensor.data.size()) + "]}";
}

/// The JSON for tensors laid out in the order of `items`, padded so that the
/// data that follows it and its size is aligned.
static std::string makeHeader(std::span<const NamedTensor *const> items,
                              const SafetensorsMetadata &metadata) {
  std::string json = "{";
  if (!metadata.empty()) {
    appendString(json, io::safetensorsMetadataKey);
    json += ":{";
    for (const auto &[key, value] : metadata) {
      if (json.back() != '{')
        json += ',';
      appendString(json, key);
      json += ':';
      appendString(json, value);
    }
    json += '}';
  }
  uint64_t offset = 0;
  for (const NamedTensor *item : items) {
    if (json.size() > 1)
      json += ',';
    appendTensor(json, *item, offset);
    offset += item->tensor.data.size();
  }
  json += '}';
  uint64_t prefix = sizeof(uint64_t);
  uint64_t end = (prefix + json.size() + dataAlignment - 1) / dataAlignment *
                 dataAlignment;
  json.resize(size_t(end - prefix), ' ');
  return json;
}

Status writeSafetensors(const std::string &path,
                        std::span<const NamedTensor> tensors,
                        const SafetensorsMetadata &metadata) {
  std::vector<const NamedTensor *> items;
  uint64_t dataBytes = 0;
  for (const NamedTensor &item : tensors) {
    if (item.name == io::safetensorsMetadataKey)
      return makeError(path, ": tensor name '__metadata__' is reserved, "
                             "expected another");
    items.push_back(&item);
    dataBytes += item.tensor.data.size();
  }
  std::sort(items.begin(), items.end(),
            [](const NamedTensor *a, const NamedTensor *b) {
              uint64_t alignmentA = alignmentOf(a->tensor.data.size());
              uint64_t alignmentB = alignmentOf(b->tensor.data.size());
              return alignmentA != alignmentB ? alignmentA > alignmentB : a < b;
            });
  std::string json = makeHeader(items, metadata);
  if (json.size() > io::maxSafetensorsHeader)
    return makeError(path, ": header of ", json.size(),
                     " bytes, expected at most ", io::maxSafetensorsHeader);
  // The reader's checks are the writer's: strings, shapes, sizes.
  Result<io::SafetensorsHeader> checked =
      io::prefixed(path, io::parseSafetensorsHeader(json, dataBytes));
  if (!checked)
    return Error{checked.error()};
  uint64_t headerSize = json.size();
  std::vector<std::span<const std::byte>> pieces = {
      std::as_bytes(std::span(&headerSize, 1)), std::as_bytes(std::span(json))};
  for (const NamedTensor *item : items)
    pieces.push_back(item->tensor.data);
  return writeFileAtomically(path, pieces);
}

} // namespace spmmplu
