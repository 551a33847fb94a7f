//===- ReferenceTest.cpp - Tests of the reference -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Reference.h"

#include "TestPackage.h"
#include "spmmplu/Segmentation/Bands.h"
#include "spmmplu/Segmentation/TensorPacking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

using namespace spmmplu;
using namespace spmmplu::testing;

static std::vector<double> toDense(const CsrMatrix &csr) {
  std::vector<double> dense(csr.rows * csr.cols);
  for (int64_t row = 0; row < csr.rows; ++row)
    for (int64_t i = csr.rowPtr[row]; i < csr.rowPtr[row + 1]; ++i)
      dense[row * csr.cols + csr.columns[i]] = csr.values[i];
  return dense;
}

static TensorLookup lookupIn(const TestPackage &test) {
  return [&test](std::string_view name) -> Result<TensorView> {
    for (const NamedTensor &tensor : test.tensors)
      if (tensor.name == name)
        return tensor.tensor;
    return Error{"no tensor"};
  };
}

TEST(Reference, DecodesKMajorWithAMovedBackCell) {
  TestPackage test(TestMatrix(10, 22, 4, 4, 0.6));
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_TRUE(csr) << csr.error();
  std::vector<double> expected(test.matrix.dense.begin(),
                               test.matrix.dense.end());
  EXPECT_EQ(toDense(*csr), expected);
}

TEST(Reference, DecodesRowMajor) {
  TestPackage test(TestMatrix(10, 22, 4, 2, 0.6));
  std::vector<float> transposed;
  for (size_t e = 0; e < test.matrix.entries.size(); ++e)
    for (int r = 0; r < 4; ++r)
      for (int kk = 0; kk < 2; ++kk)
        transposed.push_back(test.matrix.values[e * 8 + kk * 4 + r]);
  test.matrix.values = transposed;
  test.tensor("w0.values").data = std::as_bytes(std::span(test.matrix.values));
  test.manifest.matrices[0].layout = ValueLayout::rowMajor;
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_TRUE(csr) << csr.error();
  std::vector<double> expected(test.matrix.dense.begin(),
                               test.matrix.dense.end());
  EXPECT_EQ(toDense(*csr), expected);
}

/// Makes entries of 16x1 those of layout `gathered`, the chains whole steps.
static void makeGathered(TestPackage &test) {
  TestMatrix &matrix = test.matrix;
  std::vector<int32_t> ptr = {0}, entries;
  std::vector<float> values;
  for (size_t chain = 0; chain + 1 < matrix.chainPtr.size(); ++chain) {
    int32_t begin = matrix.chainPtr[chain], end = matrix.chainPtr[chain + 1];
    for (int32_t step = begin; step < end; step += 32) {
      for (int r = 0; r < 16; ++r)
        for (int32_t e = step; e < step + 32; ++e)
          values.push_back(e < end ? matrix.values[e * 16 + r] : 0);
      for (int32_t e = step; e < step + 32; ++e)
        entries.push_back(matrix.entries[std::min(e, end - 1)]);
    }
    ptr.push_back(int32_t(entries.size()));
  }
  matrix.chainPtr = ptr;
  matrix.entries = entries;
  matrix.values = values;
  auto count = int64_t(entries.size());
  test.tensors[1] =
      viewOf("w0.chainPtr", DType::I32, {int64_t(ptr.size())}, matrix.chainPtr);
  test.tensors[2] = viewOf("w0.entries", DType::I32, {count}, matrix.entries);
  test.tensors[3] =
      viewOf("w0.values", DType::F32, {count * 16}, matrix.values);
  test.manifest.matrices[0].layout = ValueLayout::gathered;
}

TEST(Reference, DecodesGathered) {
  TestPackage test(TestMatrix(40, 70, 16, 1, 0.6));
  makeGathered(test);
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_TRUE(csr) << csr.error();
  std::vector<double> expected(test.matrix.dense.begin(),
                               test.matrix.dense.end());
  EXPECT_EQ(toDense(*csr), expected);
}

// Kernels read whole steps: a chain that ends within one would lead beyond the
// table.
TEST(Reference, GatheredChainsAreWholeSteps) {
  TestPackage test(TestMatrix(40, 70, 16, 1, 0.6));
  makeGathered(test);
  for (int32_t &ptr : test.matrix.chainPtr)
    ptr -= ptr == test.matrix.chainPtr.back() ? 1 : 0;
  test.matrix.entries.pop_back();
  test.matrix.values.resize(test.matrix.values.size() - 16);
  auto count = int64_t(test.matrix.entries.size());
  test.tensors[2] =
      viewOf("w0.entries", DType::I32, {count}, test.matrix.entries);
  test.tensors[3] =
      viewOf("w0.values", DType::F32, {count * 16}, test.matrix.values);
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_FALSE(csr);
  EXPECT_NE(csr.error().find("columns, expected a multiple of 32"),
            std::string::npos)
      << csr.error();

  TestPackage deep(TestMatrix(10, 22, 4, 2, 0.6));
  deep.manifest.matrices[0].layout = ValueLayout::gathered;
  csr = decodeMatrix(deep.manifest.matrices[0], lookupIn(deep));
  ASSERT_FALSE(csr);
  EXPECT_NE(csr.error().find("entries are 4x2, expected a multiple of 16 rows "
                             "and depth 1"),
            std::string::npos)
      << csr.error();
}

/// Makes entries of 16x1 those of bands of 32 columns, in layout `fragment`.
static void makeBands(TestPackage &test) {
  using namespace mlir::spmmplu;
  TestMatrix &matrix = test.matrix;
  ChainTable table;
  table.rows = 16;
  table.matrixRows = matrix.rows;
  table.matrixCols = matrix.cols;
  table.panelRows = matrix.panelRows;
  table.chainPtr = matrix.chainPtr;
  table.entries = matrix.entries;
  table = *padBands(table, 32);
  matrix.values = packTensor<float>(table, {}, matrix.dense)->values;
  matrix.chainPtr = table.chainPtr;
  matrix.entries = table.entries;
  auto count = int64_t(matrix.entries.size());
  test.tensors[1] = viewOf("w0.chainPtr", DType::I32,
                           {int64_t(matrix.chainPtr.size())}, matrix.chainPtr);
  test.tensors[2] = viewOf("w0.entries", DType::I32, {count}, matrix.entries);
  test.tensors[3] =
      viewOf("w0.values", DType::F32, {count * 16}, matrix.values);
  test.manifest.matrices[0].layout = ValueLayout::fragment;
}

// Their entries stand in the order of banks.
TEST(Reference, DecodesBands) {
  TestPackage test(TestMatrix(40, 70, 16, 1, 0.6));
  makeBands(test);
  EXPECT_FALSE(std::ranges::is_sorted(
      std::span(test.matrix.entries).first(test.matrix.chainPtr[1])));
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_TRUE(csr) << csr.error();
  std::vector<double> expected(test.matrix.dense.begin(),
                               test.matrix.dense.end());
  EXPECT_EQ(toDense(*csr), expected);
}

TEST(Reference, BandsHaveAColumnOnce) {
  auto errorWith = [](int32_t entry) {
    TestPackage test(TestMatrix(40, 70, 16, 1, 0.6));
    makeBands(test);
    test.matrix.entries[0] = entry < 0 ? test.matrix.entries[2] : entry;
    auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
    return csr ? "none" : csr.error();
  };
  EXPECT_NE(errorWith(-1).find("twice in chain 0, expected it once"),
            std::string::npos)
      << errorWith(-1);
  EXPECT_NE(errorWith(70).find("holds 70 in chain 0, expected from 0 to 69"),
            std::string::npos)
      << errorWith(70);
}

TEST(Reference, DecodesPhases) {
  // Two phases of two panels of one row: row 0 = (1 2 | 0 3), row 1 = (0 0 | 4
  // 0).
  TestPackage test(TestMatrix(2, 4, 1, 1, 1.0));
  test.matrix.chainPtr = {0, 2, 2, 3, 4};
  test.matrix.entries = {0, 1, 3, 2};
  test.matrix.values = {1, 2, 3, 4};
  test.tensors[1] =
      viewOf("w0.chainPtr", DType::I32, {5}, test.matrix.chainPtr);
  test.tensors[2] = viewOf("w0.entries", DType::I32, {4}, test.matrix.entries);
  test.tensors[3] = viewOf("w0.values", DType::F32, {4}, test.matrix.values);
  test.manifest.matrices[0].phases = 2;
  auto csr = decodeMatrix(test.manifest.matrices[0], lookupIn(test));
  ASSERT_TRUE(csr) << csr.error();
  EXPECT_EQ(toDense(*csr), (std::vector<double>{1, 2, 0, 3, 0, 0, 4, 0}));
}

/// A package on disk with bias and relu, and the right output in F32.
class ReferenceCheck : public ::testing::Test {
protected:
  void SetUp() override {
    test.tensors.push_back(viewOf("b", DType::F32, {10}, bias));
    test.manifest.check->bias = "b";
    test.manifest.check->activation = Activation::relu;
    Status saved = test.save(folder.path("a.spmm"));
    ASSERT_TRUE(saved) << saved.error();
    auto loaded = Package::load(folder.path("a.spmm"));
    ASSERT_TRUE(loaded);
    package = std::make_unique<Package>(std::move(*loaded));
    auto allocated = Tensor::allocate(DType::F32, {10, 3});
    ASSERT_TRUE(allocated);
    out = std::move(*allocated);
    for (int i = 0; i < 10; ++i)
      for (int j = 0; j < 3; ++j) {
        double sum = bias[i];
        magnitudes[i * 3 + j] = std::fabs(bias[i]);
        for (int k = 0; k < 22; ++k) {
          double product = double(test.matrix.dense[i * 22 + k]) *
                           std::as_const(rhs).as<float>()[k * 3 + j];
          sum += product;
          magnitudes[i * 3 + j] += std::fabs(product);
        }
        out.as<float>()[i * 3 + j] = float(std::max(sum, 0.0));
      }
  }
  CheckReport check() {
    auto report = checkOutput(*package, rhs.view(), out.view());
    EXPECT_TRUE(report) << report.error();
    return report ? *report : CheckReport{};
  }

  TemporaryFolder folder;
  TestPackage test{TestMatrix(10, 22, 4, 4, 1.0)};
  std::vector<float> bias = {1, -2, 3, -4, 5, -6, 7, -8, 9, -10};
  std::unique_ptr<Package> package;
  Tensor rhs = makeRhs(22, 3), out;
  double magnitudes[30];
};

TEST_F(ReferenceCheck, AcceptsTheRoundedResult) {
  CheckReport report = check();
  EXPECT_TRUE(report.passed);
  EXPECT_LT(report.maxRatio, 0.2);
  EXPECT_LT(report.relativeFrobenius, 1e-7);
}

TEST_F(ReferenceCheck, RefusesAnErrorJustBeyondTheBound) {
  // All 22 values of a row are there: gamma(24) of F32 is 24 * 2^-24.
  int64_t at = 0;
  while (std::as_const(out).as<float>()[at] == 0)
    ++at;
  double bound = 24 * 0x1p-24 * magnitudes[at];
  float right = out.as<float>()[at];
  out.as<float>()[at] = float(right + 0.8 * bound);
  EXPECT_TRUE(check().passed);
  out.as<float>()[at] = float(right + 1.2 * bound);
  CheckReport report = check();
  EXPECT_FALSE(report.passed);
  EXPECT_NEAR(report.maxRatio, 1.2, 0.1);
  EXPECT_EQ(report.row, at / 3);
  EXPECT_EQ(report.col, at % 3);
  EXPECT_EQ(report.found, out.as<float>()[at]);
}

TEST_F(ReferenceCheck, ANaNFails) {
  out.as<float>()[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(check().passed);
}

TEST_F(ReferenceCheck, RefusesWhatItCannotCompare) {
  Tensor wrong = makeRhs(22, 4);
  EXPECT_FALSE(checkOutput(*package, wrong.view(), out.view()));
  rhs.as<float>()[5] = std::numeric_limits<float>::infinity();
  auto report = checkOutput(*package, rhs.view(), out.view());
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().find("holds inf at element 5"), std::string::npos);
}
