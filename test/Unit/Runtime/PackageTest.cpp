//===- PackageTest.cpp - Tests of the package format ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Package.h"

#include "TestPackage.h"
#include "spmmplu/Segmentation/Tables.h"

#include <cstring>
#include <functional>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::testing;

static TestMatrix smallMatrix() { return {10, 22, 4, 4, 0.5}; }

TEST(Package, RoundTrips) {
  TemporaryFolder folder;
  TestPackage test(smallMatrix());
  std::string path = folder.path("a.spmm");
  Status saved = test.save(path);
  ASSERT_TRUE(saved) << saved.error();
  auto package = Package::load(path);
  ASSERT_TRUE(package) << package.error();
  EXPECT_EQ(package->manifest(), test.manifest);
  Package moved = std::move(*package);
  for (const NamedTensor &tensor : test.tensors) {
    auto view = moved.tensor(tensor.name);
    ASSERT_TRUE(view) << view.error();
    EXPECT_EQ(view->dtype, tensor.tensor.dtype);
    EXPECT_EQ(view->shape, tensor.tensor.shape);
    ASSERT_EQ(view->data.size(), tensor.tensor.data.size());
    EXPECT_EQ(std::memcmp(view->data.data(), tensor.tensor.data.data(),
                          view->data.size()),
              0);
  }
}

struct Damage {
  const char *name;
  std::function<void(TestPackage &)> apply;
  const char *message;
};

class PackageDamage : public ::testing::TestWithParam<Damage> {};

TEST_P(PackageDamage, IsNotWrittenAndNotRead) {
  TemporaryFolder folder;
  TestPackage test(smallMatrix());
  GetParam().apply(test);
  std::string path = folder.path("a.spmm");
  Status saved = test.save(path);
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().find(GetParam().message), std::string::npos)
      << saved.error();
  EXPECT_FALSE(std::filesystem::exists(path));
  // The same file, written without the writer's checks.
  ASSERT_TRUE(writeSafetensors(
      path, test.tensors, {{std::string(manifestKey), test.manifest.print()}}));
  auto package = Package::load(path);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().find(path), 0u);
  EXPECT_NE(package.error().find(GetParam().message), std::string::npos)
      << package.error();
}

INSTANTIATE_TEST_SUITE_P(
    All, PackageDamage,
    ::testing::Values(
        Damage{"constant",
               [](TestPackage &t) { t.manifest.program.constants[1] = "x"; },
               "'program.constants[1]': no tensor 'x'"},
        Damage{"object",
               [](TestPackage &t) { t.manifest.kernels[0].object = "x"; },
               "'kernels[0].object': no tensor 'x'"},
        Damage{"objectType",
               [](TestPackage &t) {
                 t.manifest.kernels[0].object = "w0.chainPtr";
               },
               "expected U8"},
        Damage{
            "tableType",
            [](TestPackage &t) { t.tensor("w0.entries").dtype = DType::F32; },
            "'matrices.w0.entries'"},
        Damage{"panelRowsRange",
               [](TestPackage &t) { t.matrix.panelRows[3] = 10; },
               "holds 10 at element 3"},
        Damage{"panelRowsTwice",
               [](TestPackage &t) { t.matrix.panelRows[3] = 1; },
               "each row once"},
        Damage{"panelRowsMissing",
               [](TestPackage &t) { t.matrix.panelRows[3] = -1; },
               "holds 9 of 10 rows"},
        Damage{"rows", [](TestPackage &t) { t.manifest.matrices[0].rows = 13; },
               "'matrices.w0.panelRows'"},
        Damage{"chainPtrStart",
               [](TestPackage &t) { t.matrix.chainPtr[0] = -1; },
               "holds -1 at element 0"},
        Damage{"chainPtrOrder",
               [](TestPackage &t) { t.matrix.chainPtr[1] = 1000; },
               "'matrices.w0.chainPtr'"},
        Damage{"phases",
               [](TestPackage &t) { t.manifest.matrices[0].phases = 2; },
               "phases * panels + 1 = 7"},
        Damage{"entriesRange",
               [](TestPackage &t) { t.matrix.entries.back() = 19; },
               "'matrices.w0.entries'"},
        Damage{"entriesOrder",
               [](TestPackage &t) {
                 std::swap(t.matrix.entries[0], t.matrix.entries[1]);
               },
               "'matrices.w0.entries'"},
        Damage{"valuesSize",
               [](TestPackage &t) { t.manifest.matrices[0].depth = 3; },
               "'matrices.w0.values'"},
        Damage{"valuesType",
               [](TestPackage &t) { t.tensor("w0.values").dtype = DType::I32; },
               "expected F64, F32, F16 or BF16"},
        Damage{"checkMatrix",
               [](TestPackage &t) { t.manifest.check->matrix = "v"; },
               "'check.matrix': found 'v'"},
        Damage{"checkBias",
               [](TestPackage &t) { t.manifest.check->bias = "w0.values"; },
               "'check.bias'"},
        Damage{"checkShape",
               [](TestPackage &t) {
                 t.manifest.program.inputs[0].shape[0] = Extent::fixed(21);
               },
               "key 'check': shapes [21, n] and [10, n]"},
        Damage{"checkDType",
               [](TestPackage &t) {
                 t.manifest.program.outputs[0].dtype = DType::I32;
               },
               "key 'check': types F32 and I32"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Package, WhatCannotBeReadBackIsNotWritten) {
  TemporaryFolder folder;
  TestPackage test(smallMatrix());
  test.manifest.report["predicted"] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(test.save(folder.path("a.spmm")));
  test.manifest.report.clear();
  test.manifest.producer.clear();
  EXPECT_FALSE(test.save(folder.path("a.spmm")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("a.spmm")));
}

/// A package and a further form of its matrix, whose entries it leaves out.
struct FormPackage : TestPackage {
  mlir::spmmplu::ChainTable form;

  FormPackage() : TestPackage(smallMatrix()) {
    mlir::spmmplu::Mask mask(matrix.rows, matrix.cols);
    for (int64_t at = 0; at < mask.rows() * mask.cols(); ++at)
      if (matrix.dense[at] != 0)
        mask.set(at / mask.cols(), at % mask.cols());
    form = mlir::spmmplu::buildChainTable(mask, {4, 2, 8, {}});
    MatrixSpec spec = manifest.matrices[0];
    spec.name = "w0.1";
    spec.of = "w0";
    spec.derivesEntries = true;
    spec.deferred = DType::F32;
    spec.depth = 2;
    spec.phases = form.phases;
    spec.chainPtr = "w0.1.chainPtr";
    spec.entries = "w0.1.entries";
    spec.values = "w0.1.values";
    manifest.matrices.push_back(spec);
    tensors.push_back(viewOf("w0.1.chainPtr", DType::I32,
                             {int64_t(form.chainPtr.size())}, form.chainPtr));
    for (const std::string &name : {spec.chainPtr, spec.entries, spec.values})
      manifest.program.constants.push_back(name);
  }
};

TEST(Package, EntriesOfFurtherFormsAreDerived) {
  TemporaryFolder folder;
  FormPackage test;
  std::string path = folder.path("a.spmm");
  Status saved = test.save(path);
  ASSERT_TRUE(saved) << saved.error();
  auto package = Package::load(path);
  ASSERT_TRUE(package) << package.error();
  EXPECT_EQ(package->manifest(), test.manifest);
  auto tables = readTables(package->manifest().matrices[1], package->lookup());
  ASSERT_TRUE(tables) << tables.error();
  EXPECT_EQ(tables->entries, test.form.entries);
}

TEST(Package, EntriesThatDoNotFollowAreErrors) {
  TemporaryFolder folder;
  auto expectError = [&](const FormPackage &test, const char *message) {
    std::string path = folder.path("a.spmm");
    ASSERT_TRUE(
        writeSafetensors(path, test.tensors,
                         {{std::string(manifestKey), test.manifest.print()}}));
    auto package = Package::load(path);
    ASSERT_FALSE(package);
    EXPECT_NE(package.error().find(message), std::string::npos)
        << package.error();
  };
  FormPackage counts;
  ++counts.form.chainPtr.back();
  expectError(counts, "'matrices.w0.1.derivesEntries'");
  FormPackage order;
  order.form.chainPtr[1] = -1;
  expectError(order, "holds -1 at element 1");
  FormPackage of;
  of.manifest.matrices[1].of = "w1";
  expectError(of, "'matrices.w0.1.of'");
  FormPackage none;
  none.manifest.matrices[1].of.reset();
  expectError(none, "'matrices[1].derivesEntries'");
}

TEST(Package, OtherFilesAreNotPackages) {
  TemporaryFolder folder;
  TestPackage test(smallMatrix());
  std::string path = folder.path("a.safetensors");
  ASSERT_TRUE(writeSafetensors(path, test.tensors));
  auto package = Package::load(path);
  ASSERT_FALSE(package);
  EXPECT_NE(package.error().find("not a package"), std::string::npos);
  EXPECT_FALSE(Package::load(folder.path("missing")));
}

TEST(Package, MutationNeverCrashesTheReader) {
  TemporaryFolder folder;
  TestPackage test(smallMatrix());
  std::string path = folder.path("a.spmm");
  ASSERT_TRUE(test.save(path));
  auto original = readFile(path, 1 << 24);
  ASSERT_TRUE(original);
  std::mt19937 random(3);
  // Mostly in the header, where structure is; the data is large.
  size_t header = original->find("sse2") + 2000;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = *original;
    for (int edits = 1 + random() % 3; edits > 0; --edits)
      bytes[random() % (round % 4 ? std::min(header, bytes.size())
                                  : bytes.size())] = char(random());
    (void)bool(Package::fromMemory(bytesOf(bytes)));
  }
}
