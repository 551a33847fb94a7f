//===- TensorTest.cpp - Tensors and element types -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Tensor.h"
#include "TestFiles.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

constexpr int64_t big = std::numeric_limits<int64_t>::max();

TEST(DType, NamesRoundTrip) {
  for (int i = 0; i <= int(DType::Bool); ++i) {
    DType dtype = DType(i);
    EXPECT_EQ(parseDType(name(dtype)), dtype);
    EXPECT_TRUE(std::has_single_bit(uint64_t(byteWidth(dtype))));
  }
  EXPECT_EQ(name(DType::Bool), "BOOL");
  EXPECT_EQ(name(DType::F8_E5M2), "F8_E5M2");
  EXPECT_EQ(byteWidth(DType::BF16), 2);
  EXPECT_EQ(byteWidth(DType::U64), 8);
  EXPECT_EQ(parseDType("f32"), std::nullopt);
  EXPECT_EQ(parseDType(""), std::nullopt);
}

TEST(Tensor, AllocatesAlignedZeros) {
  for (int64_t extent : {1, 3, 1000, 100000}) {
    Result<Tensor> tensor = Tensor::allocate(DType::F32, {extent, 3});
    ASSERT_OK(tensor);
    EXPECT_EQ(tensor->numElements(), extent * 3);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->bytes().data()) % 64, 0u);
    for (float value : tensor->as<float>())
      ASSERT_EQ(value, 0.0f);
    tensor->as<float>().back() = 1; // the last byte is ours
  }
}

TEST(Tensor, ScalarAndEmpty) {
  Result<Tensor> scalar = Tensor::allocate(DType::I64, {});
  ASSERT_OK(scalar);
  EXPECT_EQ(scalar->numElements(), 1);
  Result<Tensor> empty = Tensor::allocate(DType::I64, {3, 0});
  ASSERT_OK(empty);
  EXPECT_EQ(empty->numElements(), 0);
  EXPECT_EQ(Tensor().numElements(), 0);
}

TEST(Tensor, RefusesShapesThatOverflow) {
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::F32, {2, -1}),
                        "shape [2, -1] has a negative extent"));
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::F32, {big / 2}),
                        "too many bytes for 64 bits"));
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::U8, {big, 2}), "too many"));
  // Strides of an empty tensor must be numbers, too.
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::U8, {0, big, 2}), "too many"));
}

// The address sanitizer ends the process where malloc would return null.
#if !__has_feature(address_sanitizer)
TEST(Tensor, OutOfMemoryIsAnError) {
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::U8, {big - 64}),
                        "out of memory: 9223372036854775743 bytes"));
  // The bytes of slack must not wrap.
  EXPECT_TRUE(failsWith(Tensor::allocate(DType::U8, {big}), "out of memory"));
}
#endif

TEST(Tensor, MoveEmptiesTheSource) {
  Result<Tensor> tensor = Tensor::allocate(DType::F64, {4});
  ASSERT_OK(tensor);
  const std::byte *data = tensor->bytes().data();
  Tensor moved = std::move(*tensor);
  EXPECT_EQ(moved.bytes().data(), data);
  EXPECT_EQ(moved.numElements(), 4);
  EXPECT_EQ(tensor->numElements(), 0);
  EXPECT_TRUE(tensor->bytes().empty());
}

TEST(Tensor, CopyChecksTheSize) {
  std::vector<float> values = {1, 2, 3, 4};
  TensorView view{DType::F32, {2, 2}, std::as_bytes(std::span(values))};
  Result<Tensor> copy = Tensor::copyOf(view);
  ASSERT_OK(copy);
  EXPECT_EQ(valuesOf<float>(*copy), values);
  view.shape = {2, 3};
  EXPECT_TRUE(failsWith(Tensor::copyOf(view), "16 bytes of data, expected 24"));
}

TEST(Conversion, AllF16RoundTrip) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    float value = f16ToFloat(uint16_t(bits));
    uint16_t back = floatToF16(value);
    if (std::isnan(value)) {
      EXPECT_EQ(back, bits | 0x200) << bits;
      continue;
    }
    ASSERT_EQ(back, bits);
    int exponent = bits >> 10 & 31;
    float mantissa = float(bits & 0x3ff) / 1024;
    float expected = exponent == 31  ? INFINITY
                     : exponent == 0 ? std::ldexp(mantissa, -14)
                                     : std::ldexp(1 + mantissa, exponent - 15);
    ASSERT_EQ(value, bits & 0x8000 ? -expected : expected);
  }
}

TEST(Conversion, AllBf16RoundTrip) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    float value = bf16ToFloat(uint16_t(bits));
    uint16_t back = floatToBf16(value);
    ASSERT_EQ(back, std::isnan(value) ? (bits | 0x40) : bits);
  }
  // A NaN whose payload is in the truncated bits only.
  float nan = std::bit_cast<float>(uint32_t(0xff800001));
  EXPECT_EQ(floatToBf16(nan), 0xffc0);
  EXPECT_EQ(floatToF16(nan), 0xfe00);
}

/// Between any two neighbours: below the middle rounds down, above it up, the
/// middle itself to the even one.
TEST(Conversion, RoundsToNearestEven) {
  auto check = [](float (*widen)(uint16_t), uint16_t (*narrow)(float),
                  uint16_t largest) {
    for (uint16_t low = 0; low < largest; ++low) {
      float middle = float((double(widen(low)) + double(widen(low + 1))) / 2);
      uint16_t even = low % 2 ? low + 1 : low;
      ASSERT_EQ(narrow(middle), even) << low;
      ASSERT_EQ(narrow(-middle), even | 0x8000) << low;
      ASSERT_EQ(narrow(std::nextafter(middle, 0.0f)), low) << low;
      ASSERT_EQ(narrow(std::nextafter(middle, INFINITY)), low + 1) << low;
    }
  };
  check(f16ToFloat, floatToF16, 0x7bff);
  check(bf16ToFloat, floatToBf16, 0x7f7f);
  EXPECT_EQ(floatToF16(65519.996f), 0x7bff);
  EXPECT_EQ(floatToF16(65520.0f), 0x7c00);
  EXPECT_EQ(floatToF16(1e30f), 0x7c00);
  EXPECT_EQ(floatToF16(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(floatToBf16(std::numeric_limits<float>::max()), 0x7f80);
}

template <typename To, typename From>
To convertOne(From value, DType from, DType to) {
  Result<Tensor> source = Tensor::allocate(from, {1});
  source->as<From>()[0] = value;
  Result<Tensor> target = convert(*source, to);
  EXPECT_OK(target);
  EXPECT_EQ(target->dtype, to);
  EXPECT_EQ(target->shape, std::vector<int64_t>{1});
  return target->as<To>()[0];
}

TEST(Conversion, BetweenTensors) {
  EXPECT_EQ(convertOne<double>(1.5f, DType::F32, DType::F64), 1.5);
  EXPECT_EQ(convertOne<float>(uint16_t(0x3e00), DType::F16, DType::F32), 1.5f);
  EXPECT_EQ(convertOne<uint16_t>(uint16_t(0x3e00), DType::F16, DType::BF16),
            0x3fc0);
  EXPECT_EQ(convertOne<float>(int8_t(-3), DType::I8, DType::F32), -3.0f);
  EXPECT_EQ(convertOne<float>(uint8_t(200), DType::U8, DType::F32), 200.0f);
  EXPECT_EQ(convertOne<float>(uint8_t(200), DType::Bool, DType::F32), 1.0f);
  EXPECT_EQ(convertOne<double>(std::numeric_limits<uint64_t>::max(), DType::U64,
                               DType::F64),
            0x1p64);
  EXPECT_EQ(convertOne<float>(std::numeric_limits<int64_t>::min(), DType::I64,
                              DType::F32),
            -0x1p63f);
  EXPECT_EQ(convertOne<uint16_t>(-1e300, DType::F64, DType::F16), 0xfc00);
  EXPECT_EQ(convertOne<uint16_t>(-1e300, DType::F64, DType::BF16), 0xff80);
  EXPECT_EQ(convertOne<uint16_t>(1e-300, DType::F64, DType::BF16), 0);
}

/// Rounding by way of float would lose what decides these ties.
TEST(Conversion, RoundsOnce) {
  double tie = 1 + 0x1p-8; // between the bf16 neighbours 1 and 1 + 2^-7
  EXPECT_EQ(convertOne<uint16_t>(tie, DType::F64, DType::BF16), 0x3f80);
  EXPECT_EQ(convertOne<uint16_t>(tie + 0x1p-40, DType::F64, DType::BF16),
            0x3f81);
  double oddTie = 1 + 3 * 0x1p-8; // between 0x3f81 and 0x3f82
  EXPECT_EQ(convertOne<uint16_t>(oddTie, DType::F64, DType::BF16), 0x3f82);
  EXPECT_EQ(convertOne<uint16_t>(oddTie - 0x1p-40, DType::F64, DType::BF16),
            0x3f81);
  EXPECT_EQ(convertOne<uint16_t>(1 + 0x1p-11 + 0x1p-40, DType::F64, DType::F16),
            0x3c01);
  int64_t integerTie = (int64_t(1) << 62) + (int64_t(1) << 54);
  EXPECT_EQ(convertOne<uint16_t>(integerTie, DType::I64, DType::BF16), 0x5e80);
  EXPECT_EQ(convertOne<uint16_t>(integerTie + 1, DType::I64, DType::BF16),
            0x5e81);
  EXPECT_EQ(convertOne<uint16_t>(-integerTie - 1, DType::I64, DType::BF16),
            0xde81);
}

/// Every number of a type of 8 bits but NaNs comes back, and its neighbours'
/// middles go to the even one.
template <typename Bits> void checkFloat8(DType dtype, float most) {
  float last = 0;
  for (unsigned bits = 0; bits < 256; ++bits) {
    float value = convertOne<float>(uint8_t(bits), dtype, DType::F32);
    if (!std::isfinite(value))
      continue;
    EXPECT_EQ(convertOne<uint8_t>(value, DType::F32, dtype), bits);
    if (bits & 0x7f) {
      unsigned even = bits & 1 ? bits - 1 : bits;
      EXPECT_EQ(convertOne<uint8_t>((value + last) / 2, DType::F32, dtype),
                even);
      EXPECT_LE(std::fabs(value), most);
    }
    last = value;
  }
  EXPECT_EQ(convertOne<float>(convertOne<uint8_t>(-1e9f, DType::F32, dtype),
                              dtype, DType::F32),
            -most);
  float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(convertOne<float>(convertOne<uint8_t>(infinity, DType::F32, dtype),
                              dtype, DType::F32),
            most);
  uint8_t nan = convertOne<uint8_t>(std::nanf(""), DType::F32, dtype);
  EXPECT_TRUE(std::isnan(convertOne<float>(nan, dtype, DType::F32)));
}

TEST(Conversion, OfFloatsOf8Bits) {
  checkFloat8<uint8_t>(DType::F8_E4M3, 448);
  checkFloat8<uint8_t>(DType::F8_E5M2, 57344);
  EXPECT_EQ(convertOne<uint8_t>(1.0f, DType::F32, DType::F8_E4M3), 0x38);
  EXPECT_EQ(convertOne<uint8_t>(-1.5f, DType::F32, DType::F8_E5M2), 0xbe);
  EXPECT_EQ(convertOne<uint8_t>(0x1p-9f, DType::F32, DType::F8_E4M3), 0x01);
}

TEST(Conversion, ToIntegersOf8BitsIsExact) {
  EXPECT_EQ(convertOne<int8_t>(-128.0f, DType::F32, DType::I8), -128);
  EXPECT_EQ(convertOne<int8_t>(int64_t(127), DType::I64, DType::I8), 127);
  for (float wrong : {0.5f, 128.0f, std::nanf("")}) {
    Result<Tensor> tensor = Tensor::allocate(DType::F32, {1});
    tensor->as<float>()[0] = wrong;
    EXPECT_TRUE(failsWith(convert(*tensor, DType::I8),
                          "which is no integer of 8 bits"));
  }
}

TEST(Conversion, RefusesTheRest) {
  Result<Tensor> f32 = Tensor::allocate(DType::F32, {2});
  EXPECT_TRUE(
      failsWith(convert(*f32, DType::I32), "no conversion from F32 to I32"));
  f32->shape = {3};
  EXPECT_FALSE(convert(*f32, DType::F64));
  EXPECT_FALSE(convert(*f32, DType::F32));
}

} // namespace
