//===- TestFiles.h - Files for the readers' tests ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_RUNTIME_IO_TESTFILES_H
#define SPMMPLU_TEST_UNIT_RUNTIME_IO_TESTFILES_H

#include "spmmplu/Runtime/IO/Tensor.h"

#include "gtest/gtest.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace spmmplu::test {

/// A directory that exists as long as the test.
class TempDirTest : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "spmmplu-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override {
    if (!directory.empty())
      std::filesystem::remove_all(directory);
  }

  std::string pathOf(std::string_view file) const {
    return (directory / file).string();
  }
  std::string write(std::string_view file, std::string_view contents) const {
    std::ofstream(directory / file, std::ios::binary) << contents;
    return pathOf(file);
  }
  std::string contents(const std::string &path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  size_t fileCount() const {
    return size_t(std::distance(std::filesystem::directory_iterator(directory),
                                std::filesystem::directory_iterator()));
  }

  std::filesystem::path directory;
};

inline std::span<const std::byte> bytesOf(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// The bytes of `values`, little-endian.
template <typename T> std::string rawBytes(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()),
          values.size() * sizeof(T)};
}

template <typename T> std::vector<T> valuesOf(const Tensor &tensor) {
  std::span<const T> elements = tensor.as<T>();
  return {elements.begin(), elements.end()};
}

/// An npy file of the given version; the header is padded as NumPy does.
inline std::string npyFile(int major, std::string header,
                           std::string_view data) {
  size_t prefix = major == 1 ? 10 : 12;
  while ((prefix + header.size() + 1) % 64 != 0)
    header += ' ';
  header += '\n';
  std::string file("\x93NUMPY", 6);
  file += char(major);
  file += '\0';
  for (size_t i = 0; i < prefix - 8; ++i)
    file += char(header.size() >> (8 * i) & 0xff);
  return file + header + std::string(data);
}

inline std::string npyHeader(std::string_view descr, std::string_view order,
                             std::string_view shape) {
  return "{'descr': '" + std::string(descr) +
         "', 'fortran_order': " + std::string(order) +
         ", 'shape': " + std::string(shape) + ", }";
}

/// A safetensors file with exactly this header text.
inline std::string safetensorsFile(std::string_view json,
                                   std::string_view data) {
  uint64_t size = json.size();
  std::string file(sizeof(size), '\0');
  std::memcpy(file.data(), &size, sizeof(size));
  return file + std::string(json) + std::string(data);
}

template <typename T>
testing::AssertionResult failsWith(const Result<T> &result,
                                   std::string_view part) {
  if (result)
    return testing::AssertionFailure() << "succeeded, expected: " << part;
  if (result.error().find(part) == std::string::npos)
    return testing::AssertionFailure()
           << "error: " << result.error() << "\nexpected in it: " << part;
  return testing::AssertionSuccess();
}

} // namespace spmmplu::test

/// EXPECT that `result` holds a value, printing the error else.
#define EXPECT_OK(result)                                                      \
  EXPECT_TRUE(bool(result)) << ((result) ? "" : (result).error())
#define ASSERT_OK(result)                                                      \
  ASSERT_TRUE(bool(result)) << ((result) ? "" : (result).error())

#endif // SPMMPLU_TEST_UNIT_RUNTIME_IO_TESTFILES_H
