//===- SafetensorsHeader.cpp - Safetensors JSON header --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SafetensorsHeader.h"
#include "Message.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

namespace spmmplu::io {

namespace {
/// Takes the parser's events. Unlike a document it keeps the order of keys,
/// sees repeated ones, and is done with a wrong structure at once, so nesting
/// cannot go deeper than the format does. Returning false stops the parser.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit HeaderReader(SafetensorsHeader &header) : header(header) {}

  const Error &error() const { return firstError; }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(int64_t) override {
    return unexpected("a negative number");
  }
  bool number_unsigned(uint64_t value) override;
  bool number_float(double, const std::string &) override {
    return unexpected("a fraction or a number of more than 64 bits");
  }
  bool string(std::string &value) override;
  bool binary(binary_t &) override { return unexpected("binary data"); }
  bool start_object(size_t) override;
  bool key(std::string &name) override;
  bool end_object() override;
  bool start_array(size_t) override;
  bool end_array() override;
  bool parse_error(size_t position, const std::string &,
                   const nlohmann::json::exception &) override {
    // The exception's text may hold any amount of the input.
    return fail("header, byte ", position, ": not valid JSON");
  }

private:
  enum class Place { Start, Root, Metadata, Tensor, Shape, Offsets };
  enum Field : unsigned { NoField = 0, Type = 1, Shape = 2, Offsets = 4 };
  static constexpr unsigned allFields = Type | Shape | Offsets;

  template <typename... Parts> bool fail(const Parts &...parts) {
    firstError = makeError(parts...);
    return false;
  }
  template <typename... Parts> bool failTensor(const Parts &...parts) {
    return fail("tensor ", quote(header.entries.back().name), ": ", parts...);
  }
  bool unexpected(std::string_view what);
  bool rootKey(std::string &name);
  bool metadataKey(std::string &name);
  bool tensorKey(std::string_view name);

  SafetensorsHeader &header;
  Error firstError;
  Place place = Place::Start;
  bool sawMetadata = false;
  bool inMetadata = false; ///< the last key of the root
  std::string lastMetadataKey;
  Field field = NoField;   ///< of the current tensor, whose value comes next
  unsigned seenFields = 0; ///< of the current tensor
  size_t offsetCount = 0;  ///< of the current tensor
};
} // namespace

bool HeaderReader::unexpected(std::string_view what) {
  if (place == Place::Start)
    return fail("header is ", what, ", expected an object");
  if (place == Place::Metadata)
    return fail("metadata ", quote(lastMetadataKey), ": found ", what,
                ", expected a string");
  if (inMetadata)
    return fail("metadata is ", what, ", expected an object");
  return failTensor("found ", what,
                    ", expected an object of 'dtype' (a string), 'shape' (an "
                    "array) and 'data_offsets' (a pair of integers)");
}

bool HeaderReader::start_object(size_t) {
  if (place == Place::Start) {
    place = Place::Root;
    return true;
  }
  if (place != Place::Root)
    return unexpected("an object");
  place = inMetadata ? Place::Metadata : Place::Tensor;
  return true;
}

bool HeaderReader::key(std::string &name) {
  switch (place) {
  case Place::Root:
    return rootKey(name);
  case Place::Metadata:
    return metadataKey(name);
  default: // the parser gives keys in objects only
    return tensorKey(name);
  }
}

bool HeaderReader::rootKey(std::string &name) {
  inMetadata = name == safetensorsMetadataKey;
  if (inMetadata) {
    if (sawMetadata)
      return fail("metadata is there twice, expected once");
    sawMetadata = true;
    return true;
  }
  header.entries.emplace_back().name = std::move(name);
  field = NoField;
  seenFields = 0;
  offsetCount = 0;
  return true;
}

bool HeaderReader::metadataKey(std::string &name) {
  if (header.metadata.contains(name))
    return fail("metadata ", quote(name), " is there twice, expected once");
  lastMetadataKey = std::move(name);
  return true;
}

bool HeaderReader::tensorKey(std::string_view name) {
  field = name == "dtype"          ? Type
          : name == "shape"        ? Shape
          : name == "data_offsets" ? Offsets
                                   : NoField;
  if (field == NoField)
    return failTensor("key ", quote(name),
                      ", expected 'dtype', 'shape' or 'data_offsets'");
  if (seenFields & field)
    return failTensor("key ", quote(name), " is there twice, expected once");
  seenFields |= field;
  return true;
}

bool HeaderReader::string(std::string &value) {
  if (place == Place::Metadata) {
    header.metadata.emplace(lastMetadataKey, std::move(value));
    return true;
  }
  if (place != Place::Tensor || field != Type)
    return unexpected("a string");
  std::optional<DType> dtype = parseDType(value);
  if (!dtype)
    return failTensor("dtype ", quote(value),
                      ", expected F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64 "
                      "to I8, U64 to U8 or BOOL");
  header.entries.back().dtype = *dtype;
  return true;
}

bool HeaderReader::start_array(size_t) {
  if (place != Place::Tensor || (field != Shape && field != Offsets))
    return unexpected("an array");
  place = field == Shape ? Place::Shape : Place::Offsets;
  return true;
}

bool HeaderReader::number_unsigned(uint64_t value) {
  if (place == Place::Shape) {
    std::vector<int64_t> &shape = header.entries.back().shape;
    if (value > uint64_t(std::numeric_limits<int64_t>::max()))
      return failTensor("extent ", value, ", expected less than 2^63");
    if (shape.size() == maxRank)
      return failTensor("more than ", maxRank, " axes, expected at most that");
    shape.push_back(int64_t(value));
    return true;
  }
  if (place == Place::Offsets) {
    SafetensorsEntry &entry = header.entries.back();
    if (offsetCount == 2)
      return failTensor("more than two data offsets, expected two");
    (offsetCount++ == 0 ? entry.begin : entry.end) = value;
    return true;
  }
  return unexpected("a number");
}

bool HeaderReader::end_array() {
  if (place == Place::Offsets && offsetCount != 2)
    return failTensor(offsetCount, " data offsets, expected two");
  place = Place::Tensor;
  return true;
}

bool HeaderReader::end_object() {
  if (place == Place::Tensor && seenFields != allFields)
    return failTensor(
        "expected all of 'dtype', 'shape' and 'data_offsets', found ",
        __builtin_popcount(seenFields), " of them");
  place = Place::Root; // after the root itself only the end can come
  return true;
}

//===----------------------------------------------------------------------===//
// What JSON alone does not say
//===----------------------------------------------------------------------===//

/// By range; equal (empty) ranges stay in the order of the header.
static void sortByData(std::vector<SafetensorsEntry> &entries) {
  std::vector<uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tuple(entries[a].begin, entries[a].end, a) <
           std::tuple(entries[b].begin, entries[b].end, b);
  });
  std::vector<SafetensorsEntry> sorted;
  sorted.reserve(entries.size());
  for (uint32_t index : order)
    sorted.push_back(std::move(entries[index]));
  entries = std::move(sorted);
}

/// The ranges, sorted, must cover [0, dataBytes) one after the other.
static Status checkRanges(const SafetensorsHeader &header, uint64_t dataBytes) {
  uint64_t cursor = 0;
  for (const SafetensorsEntry &entry : header.entries) {
    auto fail = [&](const auto &...parts) {
      return makeError("tensor ", quote(entry.name), ": bytes ", entry.begin,
                       " to ", entry.end, " of the data, ", parts...);
    };
    if (entry.end < entry.begin)
      return fail("expected them to ascend");
    if (entry.end > dataBytes)
      return fail("but the file has only ", dataBytes);
    if (entry.begin != cursor)
      return fail("expected them to start at ", cursor,
                  ", where the tensor before ends");
    Result<int64_t> size = denseByteSize(entry.dtype, entry.shape);
    if (!size)
      return prefixed("tensor " + quote(entry.name),
                      Status(Error{size.error()}));
    if (entry.end - entry.begin != uint64_t(*size))
      return fail("expected ", *size, " bytes for shape ",
                  shapeToString(entry.shape), " of ", name(entry.dtype));
    cursor = entry.end;
  }
  if (cursor != dataBytes)
    return makeError(dataBytes, " bytes of data, expected ", cursor,
                     ", where the last tensor ends");
  return Success{};
}

static Status sortByName(SafetensorsHeader &header) {
  const std::vector<SafetensorsEntry> &entries = header.entries;
  header.byName.resize(entries.size());
  std::iota(header.byName.begin(), header.byName.end(), 0);
  std::sort(header.byName.begin(), header.byName.end(),
            [&](uint32_t a, uint32_t b) {
              return entries[a].name < entries[b].name;
            });
  for (size_t i = 1; i < entries.size(); ++i)
    if (entries[header.byName[i]].name == entries[header.byName[i - 1]].name)
      return makeError("tensor ", quote(entries[header.byName[i]].name),
                       " is there twice, expected once");
  return Success{};
}

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json,
                                                 uint64_t dataBytes) {
  if (!json.starts_with('{'))
    return makeError("header starts with ", quote(json.substr(0, 1)),
                     ", expected '{'");
  // The parser would take a NUL byte for the end of the text.
  if (size_t nul = json.find('\0'); nul != std::string_view::npos)
    return makeError("header, byte ", nul, ": not valid JSON");
  SafetensorsHeader header;
  HeaderReader reader(header);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader))
    return reader.error();
  sortByData(header.entries);
  if (Status status = sortByName(header); !status)
    return Error{status.error()};
  if (Status status = checkRanges(header, dataBytes); !status)
    return Error{status.error()};
  return header;
}

} // namespace spmmplu::io
