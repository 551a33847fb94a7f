//===- RuntimeTest.cpp - Tests of running programs ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/Runtime.h"

#include "TestPackage.h"
#include "spmmplu/Runtime/CPU/HostCpu.h"
#include "spmmplu/Runtime/Reference.h"

#include <cstdlib>
#include <cstring>
#include <omp.h>
#include <thread>

using namespace spmmplu;
using namespace spmmplu::testing;

/// Writes the package of `test` and loads it.
static Result<Program> loadProgram(const TestPackage &test) {
  TemporaryFolder folder; // the mapping outlives the file's name
  if (Status saved = test.save(folder.path("a.spmm")); !saved)
    return Error{saved.error()};
  return Program::load(folder.path("a.spmm"));
}

struct Shape {
  int64_t rows, cols, panel, depth, n;
  double density;
};

class ProgramShapes : public ::testing::TestWithParam<Shape> {};

TEST_P(ProgramShapes, MatchesTheDenseProduct) {
  auto [rows, cols, panel, depth, n, density] = GetParam();
  TestPackage test(TestMatrix(rows, cols, panel, depth, density));
  auto program = loadProgram(test);
  ASSERT_TRUE(program) << program.error();
  Tensor rhs = makeRhs(cols, n);
  const Tensor *inputs[] = {&rhs};
  for (int threads : {1, 2}) {
    auto outputs = program->run(inputs, threads);
    ASSERT_TRUE(outputs) << outputs.error();
    ASSERT_EQ(outputs->size(), 1u);
    const Tensor &out = (*outputs)[0];
    ASSERT_EQ(out.shape, (std::vector{rows, n}));
    std::span<const float> y = out.as<float>();
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double expected = 0;
        for (int64_t k = 0; k < cols; ++k)
          expected += double(test.matrix.dense[i * cols + k]) *
                      std::as_const(rhs).as<float>()[k * n + j];
        ASSERT_NEAR(y[i * n + j], expected, 1e-4) << i << " " << j;
      }
    auto check = checkOutput(program->package(), rhs.view(), out.view());
    ASSERT_TRUE(check) << check.error();
    EXPECT_TRUE(check->passed) << check->maxRatio;
    EXPECT_LT(check->relativeFrobenius, 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProgramShapes,
                         ::testing::Values(Shape{64, 64, 4, 4, 37, 0.25},
                                           Shape{10, 22, 4, 4, 5, 0.5},
                                           Shape{7, 5, 8, 1, 1, 1.0},
                                           Shape{16, 16, 4, 4, 3, 0.0},
                                           Shape{1, 1, 1, 1, 1, 1.0},
                                           Shape{12, 9, 4, 4, 0, 0.5}));

TEST(Program, ConstantsAreAligned) {
  // 3 entries of 1x1 are 12 bytes: what follows them in the file is not
  // aligned, and the loader has to copy.
  TestPackage test(TestMatrix(3, 1, 1, 1, 1.0));
  auto program = loadProgram(test);
  ASSERT_TRUE(program) << program.error();
  Program moved = std::move(*program);
  Tensor rhs = makeRhs(1, 2);
  const Tensor *inputs[] = {&rhs};
  auto outputs = moved.run(inputs);
  ASSERT_TRUE(outputs);
  auto check = checkOutput(moved.package(), rhs.view(), (*outputs)[0].view());
  ASSERT_TRUE(check);
  EXPECT_TRUE(check->passed);
}

class ProgramArguments : public ::testing::Test {
protected:
  void SetUp() override {
    test.manifest.program.inputs.push_back(
        {"second", DType::F32, {Extent::dynamic("n"), Extent::fixed(2)}});
    auto loaded = loadProgram(test);
    ASSERT_TRUE(loaded) << loaded.error();
    program = std::make_unique<Program>(std::move(*loaded));
  }
  std::string errorOf(std::vector<const Tensor *> inputs) {
    auto outputs = program->run(inputs);
    return outputs ? "" : outputs.error();
  }
  TestPackage test{TestMatrix(8, 8, 4, 4, 0.5)};
  std::unique_ptr<Program> program;
};

TEST_F(ProgramArguments, ErrorsNameTheInput) {
  Tensor rhs = makeRhs(8, 3), second = makeRhs(3, 2), other = makeRhs(4, 2);
  auto half = convert(rhs, DType::BF16);
  ASSERT_TRUE(half);
  Tensor flat = makeRhs(1, 24);
  flat.shape = {24};
  EXPECT_EQ(errorOf({&rhs}), "found 1 inputs, expected 2");
  EXPECT_EQ(errorOf({&*half, &second}), "input 'rhs' is BF16, expected F32");
  EXPECT_EQ(errorOf({&flat, &second}),
            "input 'rhs' has shape [24], expected [8, n]");
  EXPECT_EQ(errorOf({&other, &second}),
            "input 'rhs' has 4 along axis 0, expected 8 as of shape [8, n]");
  EXPECT_EQ(errorOf({&rhs, &other}),
            "input 'second' has 4 along axis 0, expected 3, what symbol 'n' is "
            "already");
}

TEST_F(ProgramArguments, BuffersAreChecked) {
  Tensor rhs = makeRhs(8, 3), second = makeRhs(3, 2), out = makeRhs(8, 4);
  BufferRef inputs[] = {BufferRef::of(rhs), BufferRef::of(second)};
  BufferRef output = BufferRef::of(out);
  Status status = program->runInto(inputs, std::span(&output, 1));
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().find("output 'out' has 4 along axis 1"),
            std::string::npos)
      << status.error();
  inputs[0].data = static_cast<char *>(inputs[0].data) + 1;
  int64_t shape[] = {8, 3};
  output.shape = shape;
  status = program->runInto(inputs, std::span(&output, 1));
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().find("not aligned"), std::string::npos);
}

TEST(Program, SymbolsResolve) {
  TensorSpec spec{"x", DType::F32, {Extent::fixed(3), Extent::dynamic("n")}};
  auto shape = resolveShape(spec, {{"n", 37}});
  ASSERT_TRUE(shape);
  EXPECT_EQ(*shape, (std::vector<int64_t>{3, 37}));
  auto missing = resolveShape(spec, {{"m", 37}});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), "symbol 'n' of 'x' [3, n] has no value");
}

TEST(Program, TheFirstKernelThatThisMachineCanRunIsTaken) {
  TestPackage test(TestMatrix(8, 8, 4, 4, 0.5));
  KernelSpec good = test.manifest.kernels[0], bad = good;
  bad.features = {"sse2", "warp-drive"};
  KernelSpec gpu = good;
  gpu.target = "sm_90a";
  gpu.device = {{"sm_90a", DeviceCodeFormat::ptx, gpu.object}};
  setenv("SPMMPLU_LIBCUDA", "/does/not/exist", /*overwrite=*/1);
  test.manifest.kernels = {gpu, bad, good};
  auto program = loadProgram(test);
  ASSERT_TRUE(program) << program.error();
  EXPECT_EQ(&program->kernel(), &program->manifest().kernels[2]);
  test.manifest.kernels = {gpu, bad};
  auto none = loadProgram(test);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("kernel needs warp-drive"), std::string::npos);
  test.manifest.kernels = {gpu};
  none = loadProgram(test);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("kernel for sm_90a: no NVIDIA driver"),
            std::string::npos);
  unsetenv("SPMMPLU_LIBCUDA");
  test.manifest.kernels[0].target = "arm";
  test.manifest.kernels[0].device.clear();
  none = loadProgram(test);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("no kernel for x86_64 or NVIDIA GPUs, found "
                              "kernels for arm"),
            std::string::npos);
  good.symbol = "other";
  test.manifest.kernels = {good};
  none = loadProgram(test);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().find("defines no function 'other'"),
            std::string::npos);
}

TEST(Program, RunsFromSeveralThreadsAndKeepsTheirSetting) {
  TestPackage test(TestMatrix(64, 64, 4, 4, 0.3));
  auto program = loadProgram(test);
  ASSERT_TRUE(program);
  Tensor rhs = makeRhs(64, 16);
  const Tensor *inputs[] = {&rhs};
  auto expected = program->run(inputs, 1);
  ASSERT_TRUE(expected);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        int before = omp_get_max_threads();
        auto outputs = program->run(inputs, 2);
        ASSERT_TRUE(outputs);
        EXPECT_EQ(omp_get_max_threads(), before);
        EXPECT_EQ(std::memcmp((*outputs)[0].bytes().data(),
                              (*expected)[0].bytes().data(),
                              (*expected)[0].bytes().size()),
                  0);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(HostCpu, KnowsTheBaselineAndNamesWhatIsMissing) {
  const HostCpu &cpu = HostCpu::get();
  EXPECT_TRUE(cpu.has("sse2")); // part of x86-64
  EXPECT_FALSE(cpu.has("sse"));
  EXPECT_EQ(cpu.has("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(cpu.has("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_TRUE(cpu.require({}));
  std::string features[] = {"sse2", "a", "b"};
  Status status = cpu.require(features);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().find("kernel needs a, b, which"), std::string::npos);
}

TEST(HostCpu, AmxPermissionIsGivenWhereAmxIs) {
  if (!HostCpu::get().has("amx-tile"))
    GTEST_SKIP() << "no AMX";
  EXPECT_TRUE(requestAmxPermission());
  EXPECT_TRUE(requestAmxPermission());
}
