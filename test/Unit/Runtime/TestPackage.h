//===- TestPackage.h - A package for tests ----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A package around the kernel Inputs/Matmul.c, built from a small matrix.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_RUNTIME_TESTPACKAGE_H
#define SPMMPLU_TEST_UNIT_RUNTIME_TESTPACKAGE_H

#include "spmmplu/Runtime/IO/File.h"
#include "spmmplu/Runtime/Package.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

namespace spmmplu::testing {

/// The compiled test kernel `name`; SPMMPLU_TEST_OBJECTS is their folder.
inline std::string readObject(const std::string &name) {
  auto object =
      readFile(std::string(SPMMPLU_TEST_OBJECTS) + "/" + name + ".o", 1 << 24);
  EXPECT_TRUE(object) << (object ? "" : object.error());
  return object ? *object : "";
}

inline std::span<const std::byte> bytesOf(const std::string &text) {
  return std::as_bytes(std::span(text));
}

/// A folder that is removed with everything in it.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "spmmplu-XXXXXX").string();
    const char *made = mkdtemp(pattern.data());
    EXPECT_NE(made, nullptr);
    folder = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(folder); }
  std::string path(const std::string &name) const {
    return (folder / name).string();
  }

private:
  std::filesystem::path folder;
};

/// A block-sparse matrix with values 1, 2, 3 ... / 8 and its chain table:
/// panels of consecutive rows, cells of `depth` columns, the last one moved
/// back.
struct TestMatrix {
  int64_t rows, cols, panel, depth;
  std::vector<float> dense;
  std::vector<int32_t> panelRows, chainPtr = {0}, entries;
  std::vector<float> values; ///< kMajor

  TestMatrix(int64_t rows, int64_t cols, int64_t panel, int64_t depth,
             double density, unsigned seed = 1)
      : rows(rows), cols(cols), panel(panel), depth(depth), dense(rows * cols) {
    std::mt19937 random(seed);
    int64_t panels = (rows + panel - 1) / panel;
    for (int64_t p = 0; p < panels; ++p) {
      for (int64_t r = 0; r < panel; ++r)
        panelRows.push_back(p * panel + r < rows ? int32_t(p * panel + r) : -1);
      for (int64_t k = 0; k < cols; k += depth)
        if (random() % 1000 < density * 1000)
          addCell(p, k, random);
      chainPtr.push_back(int32_t(entries.size()));
    }
  }

private:
  void addCell(int64_t p, int64_t k, std::mt19937 &random) {
    int64_t first = std::min(k, cols - depth);
    entries.push_back(int32_t(first));
    for (int64_t kk = 0; kk < depth; ++kk)
      for (int64_t r = 0; r < panel; ++r) {
        bool owned = first + kk >= k && p * panel + r < rows;
        float value = owned ? (float(random() % 32) - 15.5f) / 8 : 0;
        values.push_back(value);
        if (owned)
          dense[(p * panel + r) * cols + first + kk] = value;
      }
  }
};

template <typename T>
NamedTensor viewOf(std::string name, DType dtype, std::vector<int64_t> shape,
                   const std::vector<T> &data) {
  return {std::move(name),
          {dtype, std::move(shape), std::as_bytes(std::span(data))}};
}

/// Manifest and tensors; the tensors point into the members, so it stays put.
struct TestPackage {
  TestMatrix matrix;
  std::string object;
  Manifest manifest;
  std::vector<NamedTensor> tensors;

  explicit TestPackage(TestMatrix m, const std::string &kernel = "Matmul")
      : matrix(std::move(m)), object(readObject(kernel)) {
    int64_t panels = int64_t(matrix.panelRows.size()) / matrix.panel;
    int64_t entries = int64_t(matrix.entries.size());
    tensors = {
        viewOf("w0.panelRows", DType::I32, {panels, matrix.panel},
               matrix.panelRows),
        viewOf("w0.chainPtr", DType::I32, {panels + 1}, matrix.chainPtr),
        viewOf("w0.entries", DType::I32, {entries}, matrix.entries),
        viewOf("w0.values", DType::F32, {entries, matrix.depth, matrix.panel},
               matrix.values),
        {"kernel.cpu", {DType::U8, {int64_t(object.size())}, bytesOf(object)}}};
    manifest.producer = "a test";
    manifest.source = "test.npy";
    manifest.program.inputs = {
        {"rhs",
         DType::F32,
         {Extent::fixed(matrix.cols), Extent::dynamic("n")}}};
    manifest.program.outputs = {
        {"out",
         DType::F32,
         {Extent::fixed(matrix.rows), Extent::dynamic("n")}}};
    manifest.program.constants = {"w0.panelRows", "w0.chainPtr", "w0.entries",
                                  "w0.values"};
    manifest.kernels = {{"x86_64", {"sse2"}, "kernel.cpu", "spmmplu_main"}};
    MatrixSpec spec;
    spec.name = "w0";
    spec.pattern = "block<4x4>";
    spec.rows = matrix.rows;
    spec.cols = matrix.cols;
    spec.density = 0.25;
    spec.panel = matrix.panel;
    spec.depth = matrix.depth;
    spec.panelRows = "w0.panelRows";
    spec.chainPtr = "w0.chainPtr";
    spec.entries = "w0.entries";
    spec.values = "w0.values";
    manifest.matrices = {spec};
    manifest.check = CheckSpec{"w0", std::nullopt, Activation::none};
    manifest.report["predicted.sparseUs"] = 11.5;
    manifest.report["predicted.denseUs"] = int64_t(92);
    manifest.report["strategy"] = std::string("panel 4");
  }
  TestPackage(const TestPackage &) = delete;

  TensorView &tensor(const std::string &name) {
    for (NamedTensor &tensor : tensors)
      if (tensor.name == name)
        return tensor.tensor;
    ADD_FAILURE() << name;
    return tensors[0].tensor;
  }

  Status save(const std::string &path) const {
    return savePackage(path, manifest, tensors);
  }
};

/// Values that differ between elements and are exact in F32.
inline Tensor makeRhs(int64_t rows, int64_t cols) {
  auto tensor = Tensor::allocate(DType::F32, {rows, cols});
  EXPECT_TRUE(tensor);
  std::mt19937 random(7);
  for (float &value : tensor->as<float>())
    value = (float(random() % 2048) - 1023.5f) / 1024;
  return std::move(*tensor);
}

} // namespace spmmplu::testing

#endif // SPMMPLU_TEST_UNIT_RUNTIME_TESTPACKAGE_H
