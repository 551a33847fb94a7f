//===- Npy.cpp - NumPy array files ----------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Npy.h"
#include "Message.h"
#include "spmmplu/Runtime/IO/File.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace spmmplu {

using io::makeError;
using io::quote;

static constexpr std::string_view magic("\x93NUMPY", 6);

//===----------------------------------------------------------------------===//
// The header: a Python dictionary literal
//===----------------------------------------------------------------------===//

namespace {
struct NpyHeader {
  std::string_view descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with the
/// freedom that Python's syntax gives: either quote, any order, white space.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text), rest(text) {}

  Result<NpyHeader> parse();

private:
  void skipSpace() {
    size_t start = rest.find_first_not_of(" \t\r\n\f");
    rest.remove_prefix(std::min(start, rest.size()));
  }
  /// Skips white space, then `token` if it comes next.
  bool consume(std::string_view token) {
    skipSpace();
    if (!rest.starts_with(token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  bool consumeString(std::string_view &value);
  bool consumeBool(bool &value);
  bool consumeShape(std::vector<int64_t> &shape);
  bool consumeField(NpyHeader &header, unsigned &seen);

  Error expected(std::string_view what) const {
    return makeError("header, byte ", text.size() - rest.size(), ": found ",
                     quote(rest.substr(0, 16)), ", expected ", what);
  }

  std::string_view text, rest;
};
} // namespace

bool HeaderParser::consumeString(std::string_view &value) {
  skipSpace();
  if (!rest.starts_with('\'') && !rest.starts_with('"'))
    return false;
  size_t end = rest.find(rest.front(), 1);
  if (end == std::string_view::npos)
    return false;
  value = rest.substr(1, end - 1);
  rest.remove_prefix(end + 1);
  return true;
}

bool HeaderParser::consumeBool(bool &value) {
  value = consume("True");
  return value || consume("False");
}

/// On failure `rest` is left where the trouble is.
bool HeaderParser::consumeShape(std::vector<int64_t> &shape) {
  if (!consume("("))
    return false;
  while (!consume(")")) {
    skipSpace();
    int64_t extent = 0;
    std::from_chars_result parsed =
        std::from_chars(rest.data(), rest.data() + rest.size(), extent);
    if (parsed.ec != std::errc() || extent < 0 || shape.size() == maxRank)
      return false;
    rest.remove_prefix(size_t(parsed.ptr - rest.data()));
    consume("L"); // a long of Python 2
    shape.push_back(extent);
    if (consume(","))
      continue;
    skipSpace();
    // (3) is a number, not a tuple.
    if (!rest.starts_with(')') || shape.size() == 1)
      return false;
  }
  return true;
}

/// One `key: value`; `seen` has a bit for each key met before.
bool HeaderParser::consumeField(NpyHeader &header, unsigned &seen) {
  constexpr std::array<std::string_view, 3> keys = {"descr", "fortran_order",
                                                    "shape"};
  std::string_view before = rest, key;
  if (!consumeString(key))
    return false;
  size_t index = std::find(keys.begin(), keys.end(), key) - keys.begin();
  if (index == keys.size() || (seen >> index & 1)) {
    rest = before;
    return false;
  }
  seen |= 1u << index;
  if (!consume(":"))
    return false;
  if (index == 0)
    return consumeString(header.descr);
  if (index == 1)
    return consumeBool(header.fortranOrder);
  return consumeShape(header.shape);
}

Result<NpyHeader> HeaderParser::parse() {
  NpyHeader header;
  unsigned seen = 0;
  if (!consume("{"))
    return expected("'{'");
  while (!consume("}")) {
    if (!consumeField(header, seen))
      return expected("one each of 'descr' (a simple type), 'fortran_order' "
                      "(True or False) and 'shape' (a tuple)");
    if (consume(","))
      continue;
    skipSpace();
    if (!rest.starts_with('}'))
      return expected("',' or '}'");
  }
  if (seen != 7)
    return expected("all of 'descr', 'fortran_order' and 'shape'");
  skipSpace();
  if (!rest.empty())
    return expected("the end of the header");
  return header;
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
struct ElementType {
  std::string_view descr; ///< without the byte order
  DType dtype;
};
} // namespace

static constexpr ElementType elementTypes[] = {
    {"f8", DType::F64},  {"f4", DType::F32}, {"f2", DType::F16},
    {"V2", DType::BF16}, {"i8", DType::I64}, {"i4", DType::I32},
    {"i2", DType::I16},  {"i1", DType::I8},  {"u8", DType::U64},
    {"u4", DType::U32},  {"u2", DType::U16}, {"u1", DType::U8},
    {"b1", DType::Bool}};

static Result<DType> parseDescr(std::string_view descr) {
  if (!descr.empty() &&
      std::string_view("<>|=").find(descr[0]) != std::string_view::npos)
    for (const ElementType &type : elementTypes)
      if (descr.substr(1) == type.descr)
        return type.dtype;
  return makeError("element type ", quote(descr),
                   ", expected f2, f4, f8, i1 to i8, u1 to u8, b1 or V2 "
                   "(bfloat16) after a byte order");
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

template <typename T> static void swapBytes(std::span<T> elements) {
  for (T &element : elements) {
    if constexpr (sizeof(T) == 2)
      element = __builtin_bswap16(element);
    else if constexpr (sizeof(T) == 4)
      element = __builtin_bswap32(element);
    else if constexpr (sizeof(T) == 8)
      element = __builtin_bswap64(element);
  }
}

/// Copies column-major `source` into row-major `target`. The first axis is
/// contiguous in the source, the last in the target; tiles over these two keep
/// both in cache, an odometer walks the axes between.
template <typename T>
static void copyFortranOrder(const std::byte *source, Tensor &target) {
  std::span<T> out = target.as<T>();
  const std::vector<int64_t> &shape = target.shape;
  size_t rank = shape.size();
  if (rank < 2 || out.empty()) {
    std::memcpy(out.data(), source, out.size_bytes());
    return;
  }
  constexpr int64_t tile = 32;
  int64_t rows = shape.front(), cols = shape.back();
  int64_t count = int64_t(out.size());
  int64_t rowStride = count / rows, colStride = count / cols;
  std::vector<int64_t> index(rank, 0);
  for (int64_t middle = 0; middle < rowStride / cols; ++middle) {
    // `middle` is the row-major number of the index of the axes between.
    int64_t sourceOffset = 0, stride = rows;
    for (size_t axis = 1; axis + 1 < rank; stride *= shape[axis++])
      sourceOffset += index[axis] * stride;
    T *to = out.data() + middle * cols;
    for (int64_t r0 = 0; r0 < rows; r0 += tile)
      for (int64_t c0 = 0; c0 < cols; c0 += tile)
        for (int64_t r = r0; r < std::min(r0 + tile, rows); ++r)
          for (int64_t c = c0; c < std::min(c0 + tile, cols); ++c)
            std::memcpy(to + r * rowStride + c,
                        source + (sourceOffset + r + c * colStride) * sizeof(T),
                        sizeof(T));
    for (size_t axis = rank - 1; axis-- > 1;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

template <typename T>
static void copyElements(std::span<const std::byte> source, bool fortranOrder,
                         bool swapped, Tensor &target) {
  if (fortranOrder)
    copyFortranOrder<T>(source.data(), target);
  else
    std::copy(source.begin(), source.end(), target.bytes().begin());
  if (swapped)
    swapBytes(target.as<T>());
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Cuts the file into header text and data.
static Result<std::pair<std::string_view, std::span<const std::byte>>>
splitFile(std::span<const std::byte> bytes) {
  std::string_view text(reinterpret_cast<const char *>(bytes.data()),
                        bytes.size());
  if (!text.starts_with(magic))
    return makeError("starts with ", quote(text.substr(0, magic.size())),
                     ", expected ", quote(magic));
  if (bytes.size() < 8)
    return makeError("ends within its version");
  int major = int(bytes[6]), minor = int(bytes[7]);
  if (major < 1 || major > 3 || minor != 0)
    return makeError("npy version ", major, ".", minor,
                     ", expected 1.0, 2.0 or 3.0");
  size_t sizeBytes = major == 1 ? 2 : 4;
  if (bytes.size() < 8 + sizeBytes)
    return makeError("ends within its header size");
  uint32_t headerSize = 0;
  std::memcpy(&headerSize, bytes.data() + 8, sizeBytes);
  size_t start = 8 + sizeBytes;
  if (headerSize > bytes.size() - start)
    return makeError("header of ", headerSize, " bytes, but only ",
                     bytes.size() - start, " follow");
  return std::pair(text.substr(start, headerSize),
                   bytes.subspan(start + headerSize));
}

Result<Tensor> parseNpy(std::span<const std::byte> bytes) {
  auto parts = splitFile(bytes);
  if (!parts)
    return Error{parts.error()};
  auto [text, data] = *parts;
  Result<NpyHeader> header = HeaderParser(text).parse();
  if (!header)
    return Error{header.error()};
  Result<DType> dtype = parseDescr(header->descr);
  if (!dtype)
    return Error{dtype.error()};
  Result<int64_t> size = denseByteSize(*dtype, header->shape);
  if (!size)
    return Error{size.error()};
  if (uint64_t(*size) != data.size())
    return makeError(data.size(), " bytes of data, expected ", *size,
                     " for shape ", shapeToString(header->shape), " of ",
                     quote(header->descr));
  Result<Tensor> tensor = Tensor::allocate(*dtype, std::move(header->shape));
  if (!tensor)
    return tensor;
  bool swapped = header->descr[0] == '>';
  switch (byteWidth(*dtype)) {
  case 1:
    copyElements<uint8_t>(data, header->fortranOrder, swapped, *tensor);
    break;
  case 2:
    copyElements<uint16_t>(data, header->fortranOrder, swapped, *tensor);
    break;
  case 4:
    copyElements<uint32_t>(data, header->fortranOrder, swapped, *tensor);
    break;
  default:
    copyElements<uint64_t>(data, header->fortranOrder, swapped, *tensor);
    break;
  }
  return tensor;
}

Result<Tensor> readNpy(const std::string &path) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file)
    return Error{file.error()};
  return io::prefixed(path, parseNpy(file->bytes()));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Magic, version, header size and header.
static Result<std::string> makeHeader(const TensorView &tensor) {
  const ElementType *type = std::find_if(
      std::begin(elementTypes), std::end(elementTypes),
      [&](const ElementType &t) { return t.dtype == tensor.dtype; });
  if (type == std::end(elementTypes))
    return makeError("element type ", name(tensor.dtype),
                     " does not exist in npy files");
  if (tensor.shape.size() > maxRank)
    return makeError("rank ", tensor.shape.size(), ", expected at most ",
                     maxRank);
  std::string text = "{'descr': '";
  text += byteWidth(tensor.dtype) == 1 ? '|' : '<';
  text += type->descr;
  text += "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.shape)
    text += std::to_string(extent) + ", ";
  if (!tensor.shape.empty()) // (3,) needs its comma, (3, 4) is better without
    text.resize(text.size() - (tensor.shape.size() > 1 ? 2 : 1));
  text += "), }";
  size_t prefix = magic.size() + 4;
  size_t padded = (prefix + text.size() + 1 + 63) / 64 * 64;
  text.resize(padded - prefix - 1, ' ');
  text += '\n';
  std::string header(magic);
  header += {'\x01', '\x00', char(text.size() & 0xff), char(text.size() >> 8)};
  return header + text;
}

Status writeNpy(const std::string &path, const TensorView &tensor) {
  Result<std::string> header = io::prefixed(path, makeHeader(tensor));
  if (!header)
    return Error{header.error()};
  Result<int64_t> size =
      io::prefixed(path, denseByteSize(tensor.dtype, tensor.shape));
  if (!size)
    return Error{size.error()};
  if (uint64_t(*size) != tensor.data.size())
    return makeError(path, ": ", tensor.data.size(),
                     " bytes of data, expected ", *size, " for shape ",
                     shapeToString(tensor.shape));
  std::span<const std::byte> pieces[] = {std::as_bytes(std::span(*header)),
                                         tensor.data};
  return writeFileAtomically(path, pieces);
}

} // namespace spmmplu
