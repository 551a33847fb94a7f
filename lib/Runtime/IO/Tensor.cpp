//===- Tensor.cpp - Owned dense tensors and element types -----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Tensor.h"
#include "Float8.h"
#include "Message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <sys/mman.h>

namespace spmmplu {

static_assert(std::endian::native == std::endian::little,
              "files are little-endian and are used in place");

namespace {
struct TypeInfo {
  std::string_view name;
  int64_t byteWidth;
};
} // namespace

/// Indexed by DType.
static constexpr std::array<TypeInfo, 15> typeInfos = {{{"F64", 8},
                                                        {"F32", 4},
                                                        {"F16", 2},
                                                        {"BF16", 2},
                                                        {"F8_E4M3", 1},
                                                        {"F8_E5M2", 1},
                                                        {"I64", 8},
                                                        {"I32", 4},
                                                        {"I16", 2},
                                                        {"I8", 1},
                                                        {"U64", 8},
                                                        {"U32", 4},
                                                        {"U16", 2},
                                                        {"U8", 1},
                                                        {"BOOL", 1}}};
static_assert(typeInfos.size() == size_t(DType::Bool) + 1);

int64_t byteWidth(DType dtype) { return typeInfos[size_t(dtype)].byteWidth; }

std::string_view name(DType dtype) { return typeInfos[size_t(dtype)].name; }

std::optional<DType> parseDType(std::string_view name) {
  for (size_t i = 0; i < typeInfos.size(); ++i)
    if (typeInfos[i].name == name)
      return DType(i);
  return std::nullopt;
}

std::string shapeToString(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i)
      text += ", ";
    if (i == maxRank)
      return text + "...]";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

Result<int64_t> denseByteSize(DType dtype, std::span<const int64_t> shape) {
  int64_t size = byteWidth(dtype);
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return io::makeError("shape ", shapeToString(shape),
                           " has a negative extent");
    empty |= extent == 0;
    if (__builtin_mul_overflow(size, std::max<int64_t>(extent, 1), &size))
      return io::makeError("shape ", shapeToString(shape), " of ", name(dtype),
                           " has too many bytes for 64 bits");
  }
  return empty ? 0 : size;
}

Result<Tensor> Tensor::allocate(DType dtype, std::vector<int64_t> shape) {
  Result<int64_t> size = denseByteSize(dtype, shape);
  if (!size)
    return Error{size.error()};
  Tensor tensor;
  // calloc, since fresh zero pages cost nothing until they are used.
  size_t alignment = alignmentOf(*size);
  // Whole pages, so that the last elements have a huge one too.
  size_t length = alignment == hugePage
                      ? (size_t(*size) + hugePage - 1) / hugePage * hugePage
                      : size_t(*size);
  tensor.buffer.reset(
      static_cast<std::byte *>(std::calloc(length + alignment, 1)));
  if (!tensor.buffer)
    return io::makeError("out of memory: ", *size, " bytes for shape ",
                         shapeToString(shape), " of ", name(dtype));
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.numBytes = *size;
  // Best effort: small pages do as well, only slower.
  if (alignment == hugePage)
    (void)::madvise(tensor.begin(), length, MADV_HUGEPAGE);
  return tensor;
}

Result<Tensor> Tensor::copyOf(const TensorView &view) {
  Result<int64_t> size = denseByteSize(view.dtype, view.shape);
  if (!size)
    return Error{size.error()};
  if (uint64_t(*size) != view.data.size())
    return io::makeError(view.data.size(), " bytes of data, expected ", *size,
                         " for shape ", shapeToString(view.shape), " of ",
                         name(view.dtype));
  Result<Tensor> tensor = allocate(view.dtype, view.shape);
  if (tensor)
    std::copy(view.data.begin(), view.data.end(), tensor->bytes().begin());
  return tensor;
}

Tensor &Tensor::operator=(Tensor &&other) noexcept {
  dtype = other.dtype;
  shape = std::move(other.shape);
  buffer = std::move(other.buffer);
  numBytes = std::exchange(other.numBytes, 0);
  return *this;
}

float bf16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

uint16_t floatToBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  // Rounding would carry a NaN into infinity; truncation might, too, without
  // the quiet bit.
  if ((bits & 0x7fffffff) > 0x7f800000)
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float f16ToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 0x1f;
  uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0x1f)
    return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) { // zero or subnormal: an integer multiple of 2^-24
    float magnitude = float(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

uint16_t floatToF16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t sign = bits >> 16 & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return uint16_t(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) // 65520, halfway to what would be 65536
    return uint16_t(sign | 0x7c00);
  if (magnitude >= 0x38800000) // 2^-14, the least normal number
    return uint16_t(
        sign | (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13);
  if (magnitude <= 0x33000000) // 2^-25, halfway to the least subnormal
    return uint16_t(sign);
  // In units of 2^-24; rounding up to 0x400 gives the least normal number.
  uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
  uint32_t shift = 126 - (magnitude >> 23);
  uint32_t quotient = significand >> shift;
  uint32_t remainder = significand & ((1u << shift) - 1);
  uint32_t half = 1u << (shift - 1);
  if (remainder > half || (remainder == half && (quotient & 1)))
    ++quotient;
  return uint16_t(sign | quotient);
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

namespace {
/// Storage types, so that elements of equal width are different C++ types.
struct F16 {
  uint16_t bits;
};
struct BF16 {
  uint16_t bits;
};
struct BoolByte {
  uint8_t byte;
};
} // namespace

using io::F8E4M3, io::F8E5M2;

static float widened(F8E4M3 value) { return io::toFloat(value); }
static float widened(F8E5M2 value) { return io::toFloat(value); }
static float widened(F16 value) { return f16ToFloat(value.bits); }
static float widened(BF16 value) { return bf16ToFloat(value.bits); }
static float widened(BoolByte value) { return value.byte ? 1.0f : 0.0f; }
template <typename T>
  requires std::is_arithmetic_v<T>
static T widened(T value) {
  return value;
}

/// A float that rounds to F16 and BF16 as the original does: rounded to odd
/// (an inexact result has its last bit set), which makes the second rounding
/// harmless since a float has more than two bits more than either.
static float roundedToOdd(float value) { return value; }
static float roundedToOdd(double value) {
  float nearest = float(value);
  if (double(nearest) == value || value != value)
    return nearest;
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  if (std::abs(double(nearest)) > std::abs(value))
    --bits; // towards zero
  return std::bit_cast<float>(bits | 1);
}
template <typename T>
  requires std::is_integral_v<T>
static float roundedToOdd(T value) {
  uint64_t magnitude = value < 0 ? -uint64_t(value) : uint64_t(value);
  // Exact as a double afterwards: more than 53 bits lose their last 11, the
  // lowest kept bit standing for them.
  if (magnitude >> 53)
    magnitude = (magnitude & ~uint64_t(0x7ff)) |
                uint64_t((magnitude & 0x7ff) != 0) << 11;
  float result = roundedToOdd(double(magnitude));
  return value < 0 ? -result : result;
}

template <typename To, typename From> static To convertElement(From value) {
  if constexpr (std::is_same_v<To, F16>)
    return {floatToF16(roundedToOdd(widened(value)))};
  else if constexpr (std::is_same_v<To, BF16>)
    return {floatToBf16(roundedToOdd(widened(value)))};
  else if constexpr (std::is_same_v<To, F8E4M3> || std::is_same_v<To, F8E5M2>)
    return io::toFloat8<To>(roundedToOdd(widened(value)));
  else
    return To(widened(value));
}

template <typename To, typename From>
static void convertElements(const Tensor &source, Tensor &target) {
  std::span<const From> from = source.as<From>();
  std::span<To> to = target.as<To>();
  for (size_t i = 0; i < from.size(); ++i)
    to[i] = convertElement<To>(from[i]);
}

/// False where the type of `source` does not convert.
template <typename To>
static bool convertFromAny(const Tensor &source, Tensor &target) {
  switch (source.dtype) {
  case DType::F64:
    return convertElements<To, double>(source, target), true;
  case DType::F32:
    return convertElements<To, float>(source, target), true;
  case DType::F16:
    return convertElements<To, F16>(source, target), true;
  case DType::BF16:
    return convertElements<To, BF16>(source, target), true;
  case DType::I64:
    return convertElements<To, int64_t>(source, target), true;
  case DType::I32:
    return convertElements<To, int32_t>(source, target), true;
  case DType::I16:
    return convertElements<To, int16_t>(source, target), true;
  case DType::I8:
    return convertElements<To, int8_t>(source, target), true;
  case DType::U64:
    return convertElements<To, uint64_t>(source, target), true;
  case DType::U32:
    return convertElements<To, uint32_t>(source, target), true;
  case DType::U16:
    return convertElements<To, uint16_t>(source, target), true;
  case DType::U8:
    return convertElements<To, uint8_t>(source, target), true;
  case DType::Bool:
    return convertElements<To, BoolByte>(source, target), true;
  case DType::F8_E4M3:
    return convertElements<To, F8E4M3>(source, target), true;
  case DType::F8_E5M2:
    return convertElements<To, F8E5M2>(source, target), true;
  }
  return false;
}

static bool convertInto(const Tensor &source, Tensor &target) {
  switch (target.dtype) {
  case DType::F64:
    return convertFromAny<double>(source, target);
  case DType::F32:
    return convertFromAny<float>(source, target);
  case DType::F16:
    return convertFromAny<F16>(source, target);
  case DType::BF16:
    return convertFromAny<BF16>(source, target);
  case DType::F8_E4M3:
    return convertFromAny<F8E4M3>(source, target);
  case DType::F8_E5M2:
    return convertFromAny<F8E5M2>(source, target);
  default:
    return false;
  }
}

/// Nothing is rounded to an integer.
static Result<Tensor> convertToI8(const Tensor &tensor) {
  Result<Tensor> wide = convert(tensor, DType::F64);
  if (!wide)
    return wide;
  Result<Tensor> target = Tensor::allocate(DType::I8, tensor.shape);
  if (!target)
    return target;
  std::span<const double> from = std::as_const(*wide).as<double>();
  std::span<int8_t> to = target->as<int8_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    if (!(from[i] >= -128 && from[i] <= 127) || from[i] != std::trunc(from[i]))
      return io::makeError("element ", i, " is ", std::to_string(from[i]),
                           ", which is no integer of 8 bits");
    to[i] = int8_t(from[i]);
  }
  return target;
}

Result<Tensor> convert(const Tensor &tensor, DType dtype) {
  if (tensor.dtype == dtype)
    return Tensor::copyOf(tensor.view());
  if (dtype == DType::I8)
    return convertToI8(tensor);
  Result<Tensor> target = Tensor::allocate(dtype, tensor.shape);
  if (!target)
    return target;
  if (target->numElements() != tensor.numElements())
    return io::makeError(tensor.numElements(), " elements do not have shape ",
                         shapeToString(tensor.shape));
  if (!convertInto(tensor, *target))
    return io::makeError("no conversion from ", name(tensor.dtype), " to ",
                         name(dtype));
  return target;
}

} // namespace spmmplu
