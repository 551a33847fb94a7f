//===- NpyTest.cpp - NumPy array files ------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Npy.h"
#include "TestFiles.h"

#include <algorithm>
#include <numeric>

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

class NpyTest : public TempDirTest {};

Result<Tensor> parse(const std::string &file) {
  return parseNpy(bytesOf(file));
}

/// Each element's bytes reversed.
template <typename T> std::string swappedBytes(const std::vector<T> &values) {
  std::string bytes = rawBytes(values);
  for (size_t i = 0; i < bytes.size(); i += sizeof(T))
    std::reverse(bytes.begin() + i, bytes.begin() + i + sizeof(T));
  return bytes;
}

template <typename T> void expectType(const std::string &descr, DType dtype) {
  std::vector<T> values = {T(1), T(2), T(255), T(100), T(0), T(77)};
  std::string code = descr.substr(1);
  for (const std::string &order : {"<", "|", "="}) {
    Result<Tensor> tensor = parse(npyFile(
        1, npyHeader(order + code, "False", "(2, 3)"), rawBytes(values)));
    ASSERT_OK(tensor);
    EXPECT_EQ(tensor->dtype, dtype);
    EXPECT_EQ(tensor->shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(valuesOf<T>(*tensor), values);
  }
  Result<Tensor> swapped = parse(npyFile(
      1, npyHeader(">" + code, "False", "(2, 3)"), swappedBytes(values)));
  ASSERT_OK(swapped);
  EXPECT_EQ(valuesOf<T>(*swapped), values);
}

TEST_F(NpyTest, ElementTypes) {
  expectType<double>("<f8", DType::F64);
  expectType<float>("<f4", DType::F32);
  expectType<uint16_t>("<f2", DType::F16);
  expectType<uint16_t>("<V2", DType::BF16);
  expectType<int64_t>("<i8", DType::I64);
  expectType<int32_t>("<i4", DType::I32);
  expectType<int16_t>("<i2", DType::I16);
  expectType<int8_t>("|i1", DType::I8);
  expectType<uint64_t>("<u8", DType::U64);
  expectType<uint32_t>("<u4", DType::U32);
  expectType<uint16_t>("<u2", DType::U16);
  expectType<uint8_t>("|u1", DType::U8);
  expectType<uint8_t>("|b1", DType::Bool);
}

TEST_F(NpyTest, Versions) {
  std::string data = rawBytes<float>({1, 2});
  for (int version : {1, 2, 3}) {
    Result<Tensor> tensor =
        parse(npyFile(version, npyHeader("<f4", "False", "(2,)"), data));
    ASSERT_OK(tensor);
    EXPECT_EQ(valuesOf<float>(*tensor), (std::vector<float>{1, 2}));
  }
  EXPECT_TRUE(
      failsWith(parse(npyFile(4, npyHeader("<f4", "False", "(2,)"), data)),
                "npy version 4.0, expected 1.0, 2.0 or 3.0"));
}

TEST_F(NpyTest, FortranOrderBecomesRowMajor) {
  std::string header = npyHeader("<i4", "True", "(2, 3)");
  Result<Tensor> tensor =
      parse(npyFile(1, header, rawBytes<int32_t>({0, 10, 1, 11, 2, 12})));
  ASSERT_OK(tensor);
  EXPECT_EQ(valuesOf<int32_t>(*tensor),
            (std::vector<int32_t>{0, 1, 2, 10, 11, 12}));
}

/// Shapes beyond one tile, with several axes between the first and the last.
template <typename T>
void expectFortran(std::vector<int64_t> shape, const std::string &descr) {
  int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1),
                                  std::multiplies<>());
  std::vector<T> rowMajor(count), columnMajor(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i, offset = 0;
    for (size_t axis = shape.size(); axis-- > 0;) {
      int64_t stride = std::accumulate(shape.begin(), shape.begin() + axis,
                                       int64_t(1), std::multiplies<>());
      offset += rest % shape[axis] * stride;
      rest /= shape[axis];
    }
    rowMajor[i] = T(i);
    columnMajor[offset] = T(i);
  }
  std::string text = "(";
  for (int64_t extent : shape)
    text += std::to_string(extent) + ",";
  Result<Tensor> tensor = parse(
      npyFile(1, npyHeader(descr, "True", text + ")"), rawBytes(columnMajor)));
  ASSERT_OK(tensor);
  EXPECT_EQ(tensor->shape, shape);
  EXPECT_EQ(valuesOf<T>(*tensor), rowMajor);
}

TEST_F(NpyTest, FortranOrderOfAnyRank) {
  expectFortran<double>({}, "<f8");
  expectFortran<double>({5}, "<f8");
  expectFortran<float>({70, 45}, "<f4");
  expectFortran<uint16_t>({1, 33}, "<u2");
  expectFortran<float>({3, 4, 5}, "<f4");
  expectFortran<int64_t>({35, 2, 3, 4, 37}, "<i8");
  expectFortran<uint8_t>({4, 0, 5}, "|u1");
}

TEST_F(NpyTest, HeaderFreedom) {
  std::string data = rawBytes<float>({1, 2, 3});
  for (const char *header :
       {"{\"shape\":(3L,),\"fortran_order\":False,\"descr\":\"<f4\"}",
        " { 'fortran_order' :False , 'descr' : '<f4' , 'shape' : ( 3 , ) } ",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 3)}"})
    EXPECT_OK(parse(npyFile(1, header, data))) << header;
}

TEST_F(NpyTest, RefusesBadHeaders) {
  std::string data = rawBytes<float>({1, 2, 3});
  for (const char *header :
       {"", "{", "{}", "[]", "{'descr': '<f4'", "{'descr' '<f4'}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, "
        "'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x"})
    EXPECT_TRUE(failsWith(parse(npyFile(1, header, data)), "header, byte "))
        << header;
  for (const char *descr : {"<c8", "f4", "<f3", "|O", "<U4", "", "<"})
    EXPECT_TRUE(
        failsWith(parse(npyFile(1, npyHeader(descr, "False", "(3,)"), data)),
                  "element type '" + std::string(descr) + "', expected"));
}

TEST_F(NpyTest, RefusesWrongSizes) {
  std::string data = rawBytes<float>({1, 2, 3});
  auto withShape = [&](std::string_view shape) {
    return parse(npyFile(1, npyHeader("<f4", "False", shape), data));
  };
  EXPECT_TRUE(
      failsWith(withShape("(4,)"),
                "12 bytes of data, expected 16 for shape [4] of '<f4'"));
  EXPECT_TRUE(failsWith(withShape("(2,)"), "12 bytes of data, expected 8"));
  EXPECT_TRUE(failsWith(withShape("(4000000000, 4000000000)"), "too many"));
  EXPECT_TRUE(failsWith(withShape("(99999999999999999999,)"), "header"));
  EXPECT_TRUE(failsWith(parse("PK"), "expected '\\x93NUMPY'"));
  std::string file = npyFile(1, npyHeader("<f4", "False", "(3,)"), data);
  EXPECT_TRUE(failsWith(parse(file.substr(0, 7)), "ends within its version"));
  EXPECT_TRUE(failsWith(parse(file.substr(0, 9)), "ends within its header"));
  EXPECT_TRUE(failsWith(parse(file.substr(0, 60)), "but only 50 follow"));
}

TEST_F(NpyTest, WritesWhatItReads) {
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{}, {3}, {2, 3}, {0, 5}, {2, 1, 2}})
    for (int i = 0; i <= int(DType::Bool); ++i) {
      DType dtype = DType(i);
      if (dtype == DType::F8_E4M3 || dtype == DType::F8_E5M2)
        continue;
      Result<Tensor> tensor = Tensor::allocate(dtype, shape);
      ASSERT_OK(tensor);
      std::span<std::byte> bytes = tensor->bytes();
      for (size_t b = 0; b < bytes.size(); ++b)
        bytes[b] = std::byte(b * 7 + 1);
      std::string path = pathOf("a.npy");
      ASSERT_OK(writeNpy(path, tensor->view()));
      EXPECT_EQ((contents(path).size() - bytes.size()) % 64, 0u);
      Result<Tensor> back = readNpy(path);
      ASSERT_OK(back);
      EXPECT_EQ(back->dtype, dtype);
      EXPECT_EQ(back->shape, shape);
      EXPECT_TRUE(std::ranges::equal(back->bytes(), bytes));
    }
  EXPECT_EQ(fileCount(), 1u);
}

/// The exact bytes, so that files do not change from release to release.
TEST_F(NpyTest, WrittenBytes) {
  std::vector<float> values = {1, 2, 3};
  TensorView view{DType::F32, {3}, std::as_bytes(std::span(values))};
  ASSERT_OK(writeNpy(pathOf("a.npy"), view));
  EXPECT_EQ(contents(pathOf("a.npy")),
            npyFile(1,
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                    rawBytes(values)));
}

TEST_F(NpyTest, FileErrorsStartWithThePath) {
  std::string path = write("bad.npy", "nonsense");
  EXPECT_TRUE(failsWith(readNpy(path), path + ": starts with 'nonsen'"));
  EXPECT_TRUE(failsWith(readNpy(pathOf("none.npy")),
                        pathOf("none.npy") + ": cannot open"));
  std::string out = pathOf("out.npy");
  Result<Tensor> f8 = Tensor::allocate(DType::F8_E4M3, {2});
  EXPECT_TRUE(failsWith(writeNpy(out, f8->view()),
                        out + ": element type F8_E4M3 does not exist"));
  TensorView wrong = f8->view();
  wrong.dtype = DType::I16;
  EXPECT_TRUE(failsWith(writeNpy(out, wrong), "2 bytes of data, expected 4"));
  EXPECT_FALSE(std::filesystem::exists(out));
}

} // namespace
