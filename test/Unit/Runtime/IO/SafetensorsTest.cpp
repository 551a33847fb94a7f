//===- SafetensorsTest.cpp - Safetensors files ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/IO/Safetensors.h"
#include "TestFiles.h"

using namespace spmmplu;
using namespace spmmplu::test;

namespace {

class SafetensorsTest : public TempDirTest {};

/// The error of a file with this header and this much data; "" for none.
std::string errorOf(std::string_view json, size_t dataBytes = 0) {
  std::string file = safetensorsFile(json, std::string(dataBytes, 'd'));
  Result<SafetensorsFile> opened = SafetensorsFile::fromMemory(bytesOf(file));
  return opened ? "" : opened.error();
}

testing::AssertionResult refuses(std::string_view json, size_t dataBytes,
                                 std::string_view part) {
  std::string error = errorOf(json, dataBytes);
  if (error.find(part) == std::string::npos)
    return testing::AssertionFailure()
           << json << "\nerror: " << error << "\nexpected in it: " << part;
  return testing::AssertionSuccess();
}

TEST_F(SafetensorsTest, Reads) {
  std::vector<float> a = {1, 2, 3, 4, 5, 6};
  std::string file = safetensorsFile(
      R"({"b":{"dtype":"U8","shape":[],"data_offsets":[24,25]},)"
      R"("__metadata__":{"k":"v","\u00e9":""},)"
      R"("a":{"data_offsets":[0,24],"shape":[2,3],"dtype":"F32"},)"
      R"("e":{"dtype":"I64","shape":[7,0],"data_offsets":[25,25]}}   )",
      rawBytes(a) + "x");
  Result<SafetensorsFile> opened = SafetensorsFile::fromMemory(bytesOf(file));
  ASSERT_OK(opened);
  SafetensorsFile moved = std::move(*opened);
  EXPECT_EQ(moved.names(), (std::vector<std::string>{"a", "b", "e"}));
  EXPECT_EQ(moved.metadata(),
            (SafetensorsMetadata{{"k", "v"}, {"\xc3\xa9", ""}}));
  Result<Tensor> tensor = moved.read("a");
  ASSERT_OK(tensor);
  EXPECT_EQ(tensor->dtype, DType::F32);
  EXPECT_EQ(tensor->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(valuesOf<float>(*tensor), a);
  Result<TensorView> scalar = moved.view("b");
  ASSERT_OK(scalar);
  EXPECT_EQ(char(scalar->data[0]), 'x');
  EXPECT_TRUE(scalar->shape.empty());
  EXPECT_EQ(moved.view("e")->data.size(), 0u);
}

TEST_F(SafetensorsTest, EmptyFile) {
  EXPECT_EQ(errorOf("{}"), "");
  EXPECT_EQ(errorOf(R"({"__metadata__":{}} )"), "");
  EXPECT_TRUE(refuses("{}", 1, "1 bytes of data, expected 0"));
}

TEST_F(SafetensorsTest, RefusesBadSizes) {
  auto open = [](std::string_view file) {
    return SafetensorsFile::fromMemory(bytesOf(file));
  };
  EXPECT_TRUE(failsWith(open("abc"), "3 bytes, expected at least 8"));
  std::string file = safetensorsFile("{}", "");
  file[0] = 3;
  EXPECT_TRUE(failsWith(open(file), "header of 3 bytes, but only 2 follow"));
  file[7] = '\xff';
  EXPECT_TRUE(failsWith(open(file), "expected at most 100000000"));
}

TEST_F(SafetensorsTest, RefusesBadJson) {
  for (std::string_view json :
       {"{", "{}}", "{},", "{\"a\"}", "{'a':{}}", "{\"\xff\":{}}",
        "{\"a\":1e999}", "{\"__metadata__\":{\"a\":\"b\",}}"})
    EXPECT_TRUE(refuses(json, 0, "not valid JSON"));
  using namespace std::string_view_literals;
  EXPECT_TRUE(refuses("{}\0garbage"sv, 0, "not valid JSON"));
  EXPECT_TRUE(refuses("", 0, "expected '{'"));
  EXPECT_TRUE(refuses(" {}", 0, "header starts with ' ', expected '{'"));
  EXPECT_TRUE(refuses("\xef\xbb\xbf{}", 0, "expected '{'"));
}

/// Depth is bounded by the structure, not by the stack.
TEST_F(SafetensorsTest, RefusesDeepNesting) {
  std::string deep(2'000'000, '[');
  EXPECT_NE(errorOf("{\"a\":" + deep), "");
  EXPECT_NE(errorOf("{\"a\":{\"shape\":" + deep), "");
  std::string objects;
  for (int i = 0; i < 200'000; ++i)
    objects += "{\"a\":";
  EXPECT_NE(errorOf(objects), "");
}

TEST_F(SafetensorsTest, RefusesBadStructure) {
  EXPECT_TRUE(refuses(R"({"__metadata__":3})", 0, "metadata is a number"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"a":3}})", 0,
                      "metadata 'a': found a number, expected a string"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"a":{}}})", 0, "found an object"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{"a":"","a":""}})", 0,
                      "metadata 'a' is there twice"));
  EXPECT_TRUE(refuses(R"({"__metadata__":{},"__metadata__":{}})", 0,
                      "metadata is there twice"));
  EXPECT_TRUE(refuses(R"({"a":[]})", 0, "tensor 'a': found an array"));
  EXPECT_TRUE(refuses(R"({"a":null})", 0, "tensor 'a': found null"));
  EXPECT_TRUE(refuses(R"({"a":{}})", 0, "found 0 of them"));
  EXPECT_TRUE(refuses(R"({"a":{"dtype":"U8","shape":[]}})", 0, "found 2"));
  EXPECT_TRUE(refuses(R"({"a":{"x":1}})", 0, "tensor 'a': key 'x', expected"));
  EXPECT_TRUE(refuses(R"({"a":{"dtype":"U8","dtype":"U8"}})", 0,
                      "key 'dtype' is there twice"));
  EXPECT_TRUE(refuses(R"({"a":{"dtype":"C64"}})", 0, "dtype 'C64', expected"));
  EXPECT_TRUE(refuses(R"({"a":{"dtype":[]}})", 0, "found an array"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":"x"}})", 0, "found a string"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":[-1]}})", 0, "found a negative"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":[1.0]}})", 0, "found a fraction"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":[18446744073709551616]}})", 0,
                      "more than 64 bits"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":[9223372036854775808]}})", 0,
                      "expected less than 2^63"));
  EXPECT_TRUE(refuses(R"({"a":{"shape":[[1]]}})", 0, "found an array"));
  EXPECT_TRUE(refuses(R"({"a":{"data_offsets":[1]}})", 0, "1 data offsets"));
  EXPECT_TRUE(refuses(R"({"a":{"data_offsets":[1,2,3]}})", 0, "more than two"));
}

std::string entry(std::string_view name, std::string_view shape, int64_t begin,
                  int64_t end) {
  return "\"" + std::string(name) +
         "\":{\"dtype\":\"U8\",\"shape\":" + std::string(shape) +
         ",\"data_offsets\":[" + std::to_string(begin) + "," +
         std::to_string(end) + "]}";
}

TEST_F(SafetensorsTest, RefusesBadRanges) {
  auto file = [](std::string a, std::string b) {
    return "{" + a + "," + b + "}";
  };
  EXPECT_EQ(errorOf(file(entry("b", "[2]", 4, 6), entry("a", "[4]", 0, 4)), 6),
            "");
  EXPECT_TRUE(refuses(file(entry("a", "[4]", 0, 4), entry("b", "[2]", 5, 7)), 7,
                      "tensor 'b': bytes 5 to 7 of the data, expected them to "
                      "start at 4"));
  EXPECT_TRUE(refuses(file(entry("a", "[4]", 0, 4), entry("b", "[2]", 3, 5)), 5,
                      "expected them to start at 4"));
  EXPECT_TRUE(refuses(file(entry("a", "[4]", 0, 4), entry("b", "[2]", 4, 6)), 5,
                      "but the file has only 5"));
  EXPECT_TRUE(refuses(file(entry("a", "[4]", 0, 4), entry("b", "[2]", 4, 6)), 7,
                      "7 bytes of data, expected 6"));
  EXPECT_TRUE(refuses(file(entry("a", "[4]", 0, 4), entry("a", "[2]", 4, 6)), 6,
                      "tensor 'a' is there twice"));
  EXPECT_TRUE(refuses(file(entry("a", "[3]", 0, 4), entry("b", "[2]", 4, 6)), 6,
                      "expected 3 bytes for shape [3] of U8"));
  EXPECT_TRUE(refuses("{" + entry("a", "[4]", 4, 0) + "}", 4, "ascend"));
  EXPECT_TRUE(
      refuses("{" + entry("a", "[4294967296,4294967296,16]", 0, 0) + "}", 0,
              "too many bytes"));
  std::string axes = "[1";
  for (int i = 1; i < 64; ++i)
    axes += ",1";
  EXPECT_EQ(errorOf("{" + entry("a", axes + "]", 0, 1) + "}", 1), "");
  EXPECT_TRUE(refuses("{" + entry("a", axes + ",1]", 0, 1) + "}", 1,
                      "more than 64 axes"));
}

TEST_F(SafetensorsTest, UnknownNames) {
  std::string json = "{";
  for (int i = 0; i < 12; ++i)
    json += (i ? "," : "") +
            entry("layers." + std::to_string(i) + ".weight", "[1]", i, i + 1);
  std::string path =
      write("m.safetensors", safetensorsFile(json + "}", std::string(12, 'd')));
  Result<SafetensorsFile> file = SafetensorsFile::open(path);
  ASSERT_OK(file);
  EXPECT_TRUE(failsWith(file->read("layers.3.wieght"),
                        path + ": no tensor 'layers.3.wieght', did you mean "
                               "'layers.3.weight'"));
  EXPECT_TRUE(
      failsWith(file->view("bias"), "the file has 'layers.0.weight', "));
  EXPECT_TRUE(failsWith(file->view("bias"), "'layers.7.weight' and 4 more"));
  EXPECT_TRUE(failsWith(file->view(""), "no tensor ''"));
  EXPECT_OK(file->view("layers.11.weight"));
  EXPECT_TRUE(failsWith(SafetensorsFile::open(write("x", "abc")),
                        pathOf("x") + ": 3 bytes, expected"));
}

TEST_F(SafetensorsTest, WritesAlignedWithoutHoles) {
  std::string bytes(1000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = char(i * 31);
  auto tensor = [&](DType dtype, std::vector<int64_t> shape) {
    size_t size = size_t(*denseByteSize(dtype, shape));
    return TensorView{dtype, shape, bytesOf(bytes).first(size)};
  };
  std::vector<NamedTensor> tensors = {
      {"odd", tensor(DType::U8, {3})},
      {"row of f32", tensor(DType::F32, {5})},
      {"whole", tensor(DType::F32, {4, 8})},
      {"empty", tensor(DType::F16, {0, 9})},
      {"scalar", tensor(DType::F64, {})},
      {"whole 2", tensor(DType::BF16, {32})},
      {"quo\"te\\\n\x01\xc3\xa9", tensor(DType::F8_E4M3, {2})}};
  SafetensorsMetadata metadata = {{"format", "pt"}, {"a\tb", "line\nline"}};
  std::string path = pathOf("out.safetensors");
  ASSERT_OK(writeSafetensors(path, tensors, metadata));
  EXPECT_EQ(fileCount(), 1u);

  Result<SafetensorsFile> file = SafetensorsFile::open(path);
  ASSERT_OK(file);
  EXPECT_EQ(file->metadata(), metadata);
  std::string whole = contents(path);
  size_t dataStart = whole.size() - (3 + 20 + 128 + 8 + 64 + 2);
  EXPECT_EQ(dataStart % 64, 0u);
  for (const NamedTensor &item : tensors) {
    Result<TensorView> view = file->view(item.name);
    ASSERT_OK(view);
    EXPECT_EQ(view->dtype, item.tensor.dtype);
    EXPECT_EQ(view->shape, item.tensor.shape);
    EXPECT_TRUE(std::ranges::equal(view->data, item.tensor.data));
    // The mapping is page-aligned, so addresses are aligned as offsets are.
    uint64_t size = view->data.size();
    uint64_t alignment = (size | 64) & -(size | 64);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(view->data.data()) % alignment, 0u)
        << item.name;
  }
  EXPECT_EQ(file->names(),
            (std::vector<std::string>{"whole", "empty", "whole 2", "scalar",
                                      "row of f32", "quo\"te\\\n\x01\xc3\xa9",
                                      "odd"}));
  // The same arguments, the same bytes.
  ASSERT_OK(writeSafetensors(path, tensors, metadata));
  EXPECT_EQ(contents(path), whole);
}

TEST_F(SafetensorsTest, WriterRefusesWhatTheReaderWould) {
  std::string path = pathOf("out.safetensors"), bytes = "abcd";
  TensorView four{DType::U8, {4}, bytesOf(bytes)};
  auto write = [&](std::vector<NamedTensor> tensors,
                   SafetensorsMetadata metadata = {}) {
    return writeSafetensors(path, tensors, metadata);
  };
  EXPECT_TRUE(failsWith(write({{"a", four}, {"a", four}}),
                        path + ": tensor 'a' is there twice"));
  EXPECT_TRUE(failsWith(write({{"__metadata__", four}}), "reserved"));
  EXPECT_TRUE(failsWith(write({{"\xff", four}}), "not valid JSON"));
  EXPECT_TRUE(failsWith(write({}, {{"a", "\xc3"}}), "not valid JSON"));
  TensorView wrong = four;
  wrong.shape = {5};
  EXPECT_TRUE(failsWith(write({{"a", wrong}}), "expected 5 bytes"));
  wrong.shape = {-4};
  EXPECT_TRUE(failsWith(write({{"a", wrong}}), "found a negative number"));
  EXPECT_EQ(fileCount(), 0u);
  EXPECT_OK(write({}));
  EXPECT_OK(SafetensorsFile::open(path));
  EXPECT_TRUE(failsWith(writeSafetensors(pathOf("no/out"), {}),
                        pathOf("no/out") + ": cannot create"));
}

} // namespace
