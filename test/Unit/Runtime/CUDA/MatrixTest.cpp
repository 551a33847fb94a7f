//===- MatrixTest.cpp - Tests of packing weights in the runtime -----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Matrix.h"

#include "GpuPackage.h"
#include "Matrices.h"
#include "spmmplu/Runtime/Reference.h"

using namespace spmmplu;
using namespace spmmplu::testing;

/// A 128x256 matrix of f16 in panels of 64 rows; entries of 32 columns, every
/// second one, 2:4 inside, padded to 128 columns a chain.
struct SparsePackage {
  GpuPackage package{"empty_main"};
  std::vector<int32_t> panelRows, chainPtr = {0}, entries;
  std::vector<uint16_t> values;
  std::vector<int32_t> metadata;
  static constexpr int64_t rows = 128, cols = 256, panel = 64, depth = 32;

  explicit SparsePackage(ValueLayout layout, bool deferred = false) {
    for (int64_t row = 0; row < rows; ++row)
      panelRows.push_back(int32_t(row));
    for (int64_t p = 0; p < rows / panel; ++p) {
      for (int64_t k = p * depth; k < cols; k += 2 * depth)
        entries.push_back(int32_t(k));
      chainPtr.push_back(int32_t(entries.size()));
    }
    MatrixSpec spec;
    spec.name = "w0";
    spec.pattern = "nm<2:4>";
    spec.rows = rows;
    spec.cols = cols;
    spec.density = 0.25;
    spec.panel = panel;
    spec.depth = depth;
    spec.layout = layout;
    spec.panelRows = "rows";
    spec.chainPtr = "ptr";
    spec.entries = "entries";
    spec.values = "values";
    spec.metadata = "metadata";
    if (deferred)
      spec.deferred = DType::F16;
    Manifest &manifest = package.manifest;
    manifest.matrices = {spec};
    manifest.program.inputs = {
        {"x", DType::F16, {Extent::fixed(cols), Extent::dynamic("n")}}};
    manifest.program.outputs = {
        {"out", DType::F32, {Extent::fixed(rows), Extent::dynamic("n")}}};
    manifest.program.constants = {"rows", "ptr", "entries", "values",
                                  "metadata"};
    manifest.check = CheckSpec{"w0", std::nullopt, Activation::none};
  }

  /// Values at the pattern's places, 2 of every 4.
  static Tensor makeDense(DType dtype) {
    auto dense = Tensor::allocate(DType::F32, {rows, cols});
    EXPECT_TRUE(dense);
    std::mt19937 random(3);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < cols; k += 4)
        if (k / depth % 2 == r / panel) {
          int64_t first = random() % 4, second = (first + 1 + random() % 3) % 4;
          dense->as<float>()[r * cols + k + first] = float(random() % 64) / 8;
          dense->as<float>()[r * cols + k + second] = -float(random() % 64) / 8;
        }
    auto converted = convert(*dense, dtype);
    EXPECT_TRUE(converted);
    return std::move(*converted);
  }

  /// Packs zeros, which every pattern holds, unless deferred; then loads.
  Result<Program> load() {
    const MatrixSpec &spec = package.manifest.matrices[0];
    TemporaryFolder folder;
    std::string path = folder.path("a.spmm");
    if (Status saved = package.save(path); saved)
      return Error{"saved without tensors"};
    MatrixTables tables;
    tables.panelRows = panelRows;
    tables.chainPtr = chainPtr;
    tables.entries = entries;
    auto size = packedSize(spec, tables, DType::F16);
    if (!size)
      return Error{size.error()};
    values.assign(size->values, 0);
    metadata.assign(size->metadata, 0x44444444);
    package.tensors.push_back(viewOf("rows", DType::I32, {rows}, panelRows));
    package.tensors.push_back(
        viewOf("ptr", DType::I32, {int64_t(chainPtr.size())}, chainPtr));
    package.tensors.push_back(
        viewOf("entries", DType::I32, {int64_t(entries.size())}, entries));
    if (!spec.deferred) {
      package.tensors.push_back(
          viewOf("values", DType::F16, {size->values}, values));
      package.tensors.push_back(
          viewOf("metadata", DType::I32, {size->metadata}, metadata));
    }
    Status saved = savePackage(path, package.manifest, package.tensors);
    if (!saved)
      return Error{saved.error()};
    return Program::load(path);
  }
};

class CudaMatrix : public CudaTest,
                   public ::testing::WithParamInterface<ValueLayout> {};

INSTANTIATE_TEST_SUITE_P(Layouts, CudaMatrix,
                         ::testing::Values(ValueLayout::fragment,
                                           ValueLayout::warpgroup));

TEST_P(CudaMatrix, ReplacedValuesAreWhatTheReferenceReads) {
  SparsePackage test(GetParam());
  auto program = test.load();
  ASSERT_TRUE(program) << program.error();
  for (DType dtype : {DType::F16, DType::F32, DType::F64}) {
    Tensor dense = SparsePackage::makeDense(dtype);
    Status status = program->setMatrix("w0", dense.view());
    ASSERT_TRUE(status) << status.error();
    auto csr = decodeMatrix(program->manifest().matrices[0], program->lookup());
    ASSERT_TRUE(csr) << csr.error();
    Tensor expected = SparsePackage::makeDense(DType::F64);
    for (int64_t r = 0; r < csr->rows; ++r) {
      std::vector<double> row(csr->cols);
      for (int64_t i = csr->rowPtr[r]; i < csr->rowPtr[r + 1]; ++i)
        row[csr->columns[i]] = csr->values[i];
      for (int64_t c = 0; c < csr->cols; ++c)
        ASSERT_EQ(row[c], expected.as<double>()[r * csr->cols + c])
            << r << " " << c;
    }
  }
}

TEST_P(CudaMatrix, ErrorsNameTheFirstElement) {
  SparsePackage test(GetParam());
  auto program = test.load();
  ASSERT_TRUE(program) << program.error();
  Tensor dense = SparsePackage::makeDense(DType::F16);
  auto errorOf = [&](int64_t row, std::vector<int64_t> columns) {
    auto copy = convert(dense, DType::F16);
    EXPECT_TRUE(copy);
    for (int64_t column : columns)
      copy->as<uint16_t>()[row * SparsePackage::cols + column] = 0x3c00;
    Status status = program->setMatrix("w0", copy->view());
    return status ? "" : status.error();
  };
  EXPECT_EQ(errorOf(70, {3}), "matrix 'w0' is not zero at row 70, column 3, "
                              "expected zeros outside of its pattern");
  std::string full = errorOf(5, {8, 9, 10, 11});
  EXPECT_NE(full.find("row 5"), std::string::npos) << full;
  Tensor small = makeRhs(4, 4);
  Status status = program->setMatrix("w0", small.view());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(),
            "matrix 'w0' is [128, 256], found values of [4, 4]");
  status = program->setMatrix("w1", small.view());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(), "no matrix 'w1' in the package");
}

TEST_P(CudaMatrix, DeferredValuesMustBeSet) {
  SparsePackage test(GetParam(), /*deferred=*/true);
  auto program = test.load();
  ASSERT_TRUE(program) << program.error();
  auto x = Tensor::allocate(DType::F16, {SparsePackage::cols, 8});
  ASSERT_TRUE(x);
  const Tensor *inputs[] = {&*x};
  auto outputs = program->run(inputs);
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error(), "matrix 'w0' has no values yet");
  Tensor dense = SparsePackage::makeDense(DType::F16);
  Status status = program->setMatrix("w0", dense.view());
  ASSERT_TRUE(status) << status.error();
  outputs = program->run(inputs);
  ASSERT_TRUE(outputs) << outputs.error();
  auto check = checkOutput(program->manifest(), program->lookup(), x->view(),
                           (*outputs)[0].view());
  ASSERT_TRUE(check) << check.error();
  EXPECT_TRUE(check->passed); // zeros times zeros
}

/// A second form of the matrix, in the other layout, that the package leaves
/// out.
static void addForm(SparsePackage &test, const std::string &of) {
  Manifest &manifest = test.package.manifest;
  MatrixSpec form = manifest.matrices[0];
  form.name = "w0.1";
  form.of = of;
  form.layout = form.layout == ValueLayout::fragment ? ValueLayout::warpgroup
                                                     : ValueLayout::fragment;
  form.values = "values1";
  form.metadata = "metadata1";
  form.deferred = DType::F16;
  manifest.matrices.push_back(form);
  manifest.program.constants.insert(manifest.program.constants.end(),
                                    {"values1", "metadata1"});
}

TEST_P(CudaMatrix, FormsFollowTheFirstOne) {
  SparsePackage test(GetParam());
  addForm(test, "w0");
  auto program = test.load();
  ASSERT_TRUE(program) << program.error();
  const std::vector<MatrixSpec> &matrices = program->manifest().matrices;
  // Packed when it was loaded.
  auto derived = decodeMatrix(matrices[1], program->lookup());
  ASSERT_TRUE(derived) << derived.error();
  for (const char *name : {"w0", "w0.1"}) {
    Tensor dense = SparsePackage::makeDense(DType::F16);
    Status status = program->setMatrix(name, dense.view());
    ASSERT_TRUE(status) << status.error();
    auto first = decodeMatrix(matrices[0], program->lookup());
    auto second = decodeMatrix(matrices[1], program->lookup());
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(first->values.empty());
    EXPECT_EQ(first->columns, second->columns);
    EXPECT_EQ(first->values, second->values);
  }
}

TEST_P(CudaMatrix, FormsAreOfAMatrix) {
  SparsePackage test(GetParam());
  addForm(test, "w9");
  auto program = test.load();
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().find("matrices.w0.1.of"), std::string::npos)
      << program.error();
  EXPECT_NE(program.error().find("'w9'"), std::string::npos);
}

TEST_P(CudaMatrix, SparseRunFillsWhatIsDeferred) {
  SparsePackage test(GetParam(), /*deferred=*/true);
  auto program = test.load();
  ASSERT_TRUE(program) << program.error();
  RunOptions options;
  Status status = setMatrices(*program, options);
  ASSERT_TRUE(status) << status.error();
  auto csr = decodeMatrix(program->manifest().matrices[0], program->lookup());
  ASSERT_TRUE(csr) << csr.error();
  // Two of four columns of every second cell.
  EXPECT_EQ(csr->columns.size(),
            size_t(SparsePackage::rows * SparsePackage::cols / 4));
  options.matrices = {{"w0", "/does/not/exist.npy"}};
  EXPECT_FALSE(setMatrices(*program, options));
}

TEST_P(CudaMatrix, SizesAreChecked) {
  SparsePackage test(GetParam());
  test.entries.pop_back(); // a chain of 96 columns
  test.chainPtr.back() = int32_t(test.entries.size());
  auto program = test.load();
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().find("chain 1 has 96 columns, expected a multiple"),
            std::string::npos)
      << program.error();
}

TEST(CpuMatrix, ValuesOfCpuKernelsAreReplacedToo) {
  TestPackage test(TestMatrix(8, 12, 4, 4, 0.5));
  TemporaryFolder folder;
  ASSERT_TRUE(test.save(folder.path("a.spmm")));
  auto program = Program::load(folder.path("a.spmm"), DeviceKind::cpu);
  ASSERT_TRUE(program) << program.error();
  auto dense = Tensor::allocate(DType::F32, {8, 12});
  ASSERT_TRUE(dense);
  for (int i = 0; i < 8 * 12; ++i)
    dense->as<float>()[i] = -2 * test.matrix.dense[i];
  Status status = program->setMatrix("w0", dense->view());
  ASSERT_TRUE(status) << status.error();
  Tensor rhs = makeRhs(12, 3);
  const Tensor *inputs[] = {&rhs};
  auto outputs = program->run(inputs);
  ASSERT_TRUE(outputs) << outputs.error();
  auto check = checkOutput(program->manifest(), program->lookup(), rhs.view(),
                           (*outputs)[0].view());
  ASSERT_TRUE(check) << check.error();
  EXPECT_TRUE(check->passed);
  check = checkOutput(program->package(), rhs.view(), (*outputs)[0].view());
  ASSERT_TRUE(check);
  EXPECT_FALSE(check->passed); // the package has the old values
  for (float &value : dense->as<float>())
    value = 1; // some where there is no entry
  EXPECT_FALSE(program->setMatrix("w0", dense->view()));
}
