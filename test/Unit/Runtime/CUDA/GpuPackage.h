//===- GpuPackage.h - A GPU package for tests -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A package around the host code of Inputs/Launches.c, and the fake driver that
// runs it.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_UNIT_RUNTIME_CUDA_GPUPACKAGE_H
#define SPMMPLU_TEST_UNIT_RUNTIME_CUDA_GPUPACKAGE_H

#include "FakeDriver.h"
#include "TestPackage.h"
#include "spmmplu/Runtime/Runtime.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace spmmplu::testing {

/// An ELF header of a GPU's object without sections.
inline std::string makeCubin() {
  std::string image(64, '\0');
  image.replace(0, 5, "\177ELF\2");
  image[18] = char(190);
  image[58] = 64;
  return image;
}

/// out [4, n] = x [4, n] + c [4].
struct GpuPackage {
  std::string object = readObject("Launches");
  std::string cubin = makeCubin(), ptx = "// ptx";
  std::vector<float> c = {1, 2, 3, 4};
  Manifest manifest;
  std::vector<NamedTensor> tensors;

  explicit GpuPackage(const std::string &symbol = "add_main") {
    manifest.producer = "a test";
    manifest.source = "test.mlir";
    manifest.program.inputs = {
        {"x", DType::F32, {Extent::fixed(4), Extent::dynamic("n")}}};
    manifest.program.outputs = {
        {"out", DType::F32, {Extent::fixed(4), Extent::dynamic("n")}}};
    manifest.program.constants = {"c"};
    KernelSpec kernel{"sm_90a", {"sse2"}, "kernel.host", symbol, {}};
    kernel.device = {{"sm_90a", DeviceCodeFormat::ptx, "kernel.ptx"},
                     {"sm_90a", DeviceCodeFormat::cubin, "kernel.cubin"}};
    manifest.kernels = {kernel};
  }
  GpuPackage(const GpuPackage &) = delete;

  Result<Program> load(DeviceKind device = DeviceKind::automatic) {
    TemporaryFolder folder;
    std::string path = folder.path("a.spmm");
    if (Status saved = save(path); !saved)
      return Error{saved.error()};
    return Program::load(path, device);
  }

  Status save(const std::string &path) {
    auto code = [](std::string name, const std::string &bytes) {
      return NamedTensor{std::move(name),
                         {DType::U8, {int64_t(bytes.size())}, bytesOf(bytes)}};
    };
    tensors = {code("kernel.host", object), code("kernel.cubin", cubin),
               code("kernel.ptx", ptx), viewOf("c", DType::F32, {4}, c)};
    return savePackage(path, manifest, tensors);
  }
};

/// The fake driver as the process's, reset.
class CudaTest : public ::testing::Test {
protected:
  void SetUp() override {
    setenv("SPMMPLU_LIBCUDA", SPMMPLU_FAKE_DRIVER, /*overwrite=*/1);
    void *library = dlopen(SPMMPLU_FAKE_DRIVER, RTLD_NOW);
    ASSERT_NE(library, nullptr) << dlerror();
    auto *getter =
        reinterpret_cast<FakeDriverGetter *>(dlsym(library, "fakeDriver"));
    ASSERT_NE(getter, nullptr);
    fake = static_cast<FakeDriver *>(getter());
    fake->deviceCount = 2;
    fake->currentDevice = -1;
    fake->failingCall.clear();
    fake->kernels.clear();
    fake->launches.clear();
    fake->modules.clear();
    fake->sharedLimits.clear();
    fake->tensorMaps = 0;
    fake->kernels["add"] = [](void **arguments) {
      const float *x = *static_cast<float **>(arguments[0]);
      float *y = *static_cast<float **>(arguments[1]);
      const float *c = *static_cast<float **>(arguments[2]);
      int64_t n = *static_cast<int64_t *>(arguments[3]);
      for (int64_t i = 0; i < 4 * n; ++i)
        y[i] += x[i] + c[i / n];
    };
  }
  void TearDown() override {
    unsetenv("SPMMPLU_LIBCUDA");
    EXPECT_EQ(fake->contextDepth, 0);
    EXPECT_TRUE(fake->asyncAllocations.empty());
  }

  FakeDriver *fake = nullptr;
};

} // namespace spmmplu::testing

#endif // SPMMPLU_TEST_UNIT_RUNTIME_CUDA_GPUPACKAGE_H
