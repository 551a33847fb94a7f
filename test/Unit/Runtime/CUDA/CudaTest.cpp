//===- CudaTest.cpp - Tests of GPU programs on a fake driver --------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuPackage.h"

#include "Bench.h"
#include "spmmplu-c/Runtime.h"

#include <thread>
#include <utility>

using namespace spmmplu;
using namespace spmmplu::testing;

static bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

//===----------------------------------------------------------------------===//
// Chips
//===----------------------------------------------------------------------===//

TEST(CudaChips, CodeRunsWhereItFits) {
  constexpr auto cubin = DeviceCodeFormat::cubin, ptx = DeviceCodeFormat::ptx;
  EXPECT_TRUE(runsOn("sm_80", cubin, 8, 0));
  EXPECT_TRUE(runsOn("sm_80", cubin, 8, 6));
  EXPECT_FALSE(runsOn("sm_86", cubin, 8, 0));
  EXPECT_FALSE(runsOn("sm_80", cubin, 9, 0));
  EXPECT_TRUE(runsOn("sm_80", ptx, 9, 0));
  EXPECT_TRUE(runsOn("sm_90a", cubin, 9, 0));
  EXPECT_FALSE(runsOn("sm_90a", ptx, 10, 0));
  EXPECT_TRUE(runsOn("sm_100a", cubin, 10, 0));
  EXPECT_FALSE(runsOn("sm_100a", cubin, 9, 0));
  for (const char *name : {"", "sm_", "sm_9", "sm_90b", "sm_90aa", "x86_64"})
    EXPECT_FALSE(runsOn(name, ptx, 9, 0)) << name;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

class CudaLoading : public CudaTest {
protected:
  std::string errorOf(DeviceKind device = DeviceKind::automatic) {
    auto program = package.load(device);
    return program ? "" : program.error();
  }
  GpuPackage package;
};

TEST_F(CudaLoading, TheCubinIsPreferredToThePtx) {
  auto program = package.load();
  ASSERT_TRUE(program) << program.error();
  ASSERT_NE(program->cuda(), nullptr);
  EXPECT_EQ(program->device(), DeviceKind::cuda);
  EXPECT_EQ(program->cuda()->format(), DeviceCodeFormat::cubin);
  EXPECT_EQ(program->cuda()->chip(), "sm_90a");
  EXPECT_EQ(program->cuda()->device().properties().name, "Fake H100");
  EXPECT_EQ(program->cuda()->device().properties().clockMhz, 1980);
  EXPECT_EQ(fake->modules, std::vector<std::string>{"cubin"});
}

TEST_F(CudaLoading, PtxIsCompiledWhereNoCubinFits) {
  package.manifest.kernels[0].device[1].chip = "sm_80";
  auto program = package.load();
  ASSERT_TRUE(program) << program.error();
  EXPECT_EQ(program->cuda()->format(), DeviceCodeFormat::ptx);
  EXPECT_EQ(fake->modules, std::vector<std::string>{"// ptx"});
  package.ptx = "a syntax error";
  EXPECT_TRUE(contains(errorOf(),
                       "ptx for sm_90a: cuModuleLoadDataEx: "
                       "CUDA_ERROR_INVALID_PTX: ptxas fatal: line 3"))
      << errorOf();
}

TEST_F(CudaLoading, ErrorsSayWhatIsMissing) {
  setenv("SPMMPLU_LIBCUDA", "/does/not/exist", 1);
  EXPECT_TRUE(contains(errorOf(), "kernel for sm_90a: no NVIDIA driver: cannot "
                                  "open /does/not/exist"))
      << errorOf();
  // A library that is none of a driver.
  setenv("SPMMPLU_LIBCUDA", "libm.so.6", 1);
  EXPECT_TRUE(contains(errorOf(), "libm.so.6 has no cuInit, expected a driver"))
      << errorOf();
  setenv("SPMMPLU_LIBCUDA", SPMMPLU_FAKE_DRIVER, 1);
  fake->deviceCount = 0;
  EXPECT_TRUE(contains(errorOf(), "no CUDA device")) << errorOf();
  fake->deviceCount = 2;
  fake->currentDevice = 1;
  EXPECT_TRUE(contains(errorOf(),
                       "Fake A100 is sm_80, the package has code for "
                       "sm_90a (ptx), sm_90a (cubin)"))
      << errorOf();
  EXPECT_TRUE(contains(errorOf(DeviceKind::cpu),
                       "has no kernel for x86_64, found kernels for sm_90a"));
  fake->currentDevice = -1;
  EXPECT_EQ(errorOf(), "");
}

TEST_F(CudaLoading, TheCpuServesWhereThereIsNoGpu) {
  KernelSpec cpu = package.manifest.kernels[0];
  cpu.target = "x86_64";
  cpu.device.clear();
  package.manifest.kernels.push_back(cpu);
  auto program = package.load();
  ASSERT_TRUE(program) << program.error();
  EXPECT_EQ(program->device(), DeviceKind::cuda);
  program = package.load(DeviceKind::cpu);
  ASSERT_TRUE(program) << program.error();
  EXPECT_EQ(program->cuda(), nullptr);
  fake->deviceCount = 0;
  program = package.load();
  ASSERT_TRUE(program) << program.error();
  EXPECT_EQ(program->device(), DeviceKind::cpu);
  EXPECT_TRUE(contains(errorOf(DeviceKind::cuda), "no CUDA device"));
}

TEST_F(CudaLoading, DamagedCubinsDoNotReachTheDriver) {
  std::string good = package.cubin;
  package.manifest.kernels[0].device.erase(
      package.manifest.kernels[0].device.begin()); // the ptx
  package.cubin.resize(60);
  EXPECT_TRUE(contains(errorOf(), "is no complete elf file")) << errorOf();
  package.cubin = good;
  package.cubin[60] = 2; // sections behind the end
  package.cubin[40] = 64;
  EXPECT_TRUE(contains(errorOf(), "is no complete elf file"));
  package.cubin = good;
  package.cubin[18] = 62; // x86-64
  EXPECT_TRUE(contains(errorOf(), "is no complete elf file"));
  EXPECT_TRUE(fake->modules.empty());
}

TEST_F(CudaLoading, ConstantsThatDoNotFitAreAnError) {
  fake->failingCall = "cuMemAlloc";
  fake->failingCode = 2;
  EXPECT_TRUE(contains(errorOf(),
                       "constant 'c': cuMemAlloc: "
                       "CUDA_ERROR_OUT_OF_MEMORY (out of memory), of "
                       "16 bytes"))
      << errorOf();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

class CudaRunning : public CudaTest {
protected:
  Program &load(const std::string &symbol = "add_main") {
    package = std::make_unique<GpuPackage>(symbol);
    auto loaded = package->load();
    EXPECT_TRUE(loaded) << loaded.error();
    program = std::make_unique<Program>(std::move(*loaded));
    return *program;
  }
  std::string errorOf(int64_t n) {
    Tensor x = makeRhs(4, n);
    const Tensor *inputs[] = {&x};
    auto outputs = program->run(inputs);
    return outputs ? "" : outputs.error();
  }
  void TearDown() override {
    program.reset();
    EXPECT_TRUE(fake->allocations.empty());
    CudaTest::TearDown();
  }
  std::unique_ptr<GpuPackage> package;
  std::unique_ptr<Program> program;
};

TEST_F(CudaRunning, HostTensorsGoToTheDeviceAndBack) {
  Program &program = load();
  Tensor x = makeRhs(4, 32);
  const Tensor *inputs[] = {&x};
  for (int round = 0; round < 2; ++round) {
    auto outputs = program.run(inputs);
    ASSERT_TRUE(outputs) << outputs.error();
    for (int i = 0; i < 4 * 32; ++i)
      ASSERT_EQ(std::as_const((*outputs)[0]).as<float>()[i],
                std::as_const(x).as<float>()[i] + float(i / 32 + 1));
  }
  ASSERT_EQ(fake->launches.size(), 2u);
  const FakeLaunch &launch = fake->launches[0];
  EXPECT_EQ(launch.grid, (std::array<unsigned, 3>{32, 2, 1}));
  EXPECT_EQ(launch.block, (std::array<unsigned, 3>{128, 1, 1}));
  EXPECT_EQ(launch.sharedBytes, 100000u);
  EXPECT_EQ(fake->sharedLimits["add"], 100000);
}

TEST_F(CudaRunning, DeviceMemoryAndStreamsArePassedOn) {
  Program &program = load();
  Tensor x = makeRhs(4, 32);
  auto y = Tensor::allocate(DType::F32, {4, 32});
  ASSERT_TRUE(y);
  // The fake's device memory is the host's.
  BufferRef input = BufferRef::of(x), output = BufferRef::of(*y);
  auto stream = reinterpret_cast<cuda::Stream>(uintptr_t(5));
  int before = fake->synchronizations;
  bool seen = false;
  fake->kernels["add"] = [&](void **arguments) {
    EXPECT_NE(*static_cast<void **>(arguments[0]), input.data); // the copy
    EXPECT_EQ(*static_cast<void **>(arguments[1]), output.data);
    EXPECT_EQ(*static_cast<int64_t *>(arguments[3]), 32);
    cuda::TensorMap map;
    std::memcpy(&map, arguments[4], sizeof(map));
    EXPECT_EQ(map.opaque[0], FakeDriver::mapMark);
    EXPECT_EQ(map.opaque[1], uint64_t(cuda::TensorMapElement::f32));
    EXPECT_EQ(map.opaque[2], reinterpret_cast<uint64_t>(input.data));
    EXPECT_EQ(map.opaque[3], 32u);
    EXPECT_EQ(map.opaque[4], 4u);
    EXPECT_EQ(map.opaque[5], 32u * 4);
    auto *counters = *static_cast<uint64_t **>(arguments[5]);
    EXPECT_EQ(counters[0] + counters[7], 0u);
    seen = true;
  };
  Status status =
      program.runInto(std::span(&input, 1), std::span(&output, 1), stream);
  ASSERT_TRUE(status) << status.error();
  EXPECT_TRUE(seen);
  EXPECT_EQ(fake->launches.at(0).stream, stream);
  EXPECT_EQ(fake->lastBox[0], 32u);
  EXPECT_EQ(fake->lastBox[1], 4u);
  // Only scratch memory, once, waits.
  EXPECT_EQ(fake->synchronizations, before + 1);
  int64_t shape[] = {4, 24};
  BufferRef shifted = {DType::F32, static_cast<char *>(input.data) + 4, shape};
  BufferRef smaller = {DType::F32, output.data, shape};
  status =
      program.runInto(std::span(&shifted, 1), std::span(&smaller, 1), stream);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error(), "input 'x' is not aligned to 16 bytes");
}

TEST_F(CudaRunning, TensorMapsAreEncodedOnce) {
  Program &program = load();
  Tensor x = makeRhs(4, 32), other = makeRhs(4, 32);
  auto y = Tensor::allocate(DType::F32, {4, 32});
  ASSERT_TRUE(y);
  BufferRef output = BufferRef::of(*y);
  for (const Tensor *tensor : {&x, &x, &other, &x}) {
    BufferRef input = BufferRef::of(*tensor);
    ASSERT_TRUE(program.runInto(std::span(&input, 1), std::span(&output, 1),
                                cuda::Stream(nullptr)));
  }
  EXPECT_EQ(fake->tensorMaps, 2);
}

TEST_F(CudaRunning, BadTensorMapsAreErrors) {
  load();
  EXPECT_EQ(errorOf(3),
            "tensor map of 4x3, stride 3, box 4x32: found a base "
            "at 0 modulo 16 bytes and rows 12 bytes apart, expected "
            "multiples of 16");
  EXPECT_TRUE(fake->launches.empty());
}

TEST_F(CudaRunning, LaunchesAreCheckedAgainstTheDevice) {
  load("large_main");
  fake->kernels["add"] = [](void **) {};
  EXPECT_EQ(errorOf(24), "");
  EXPECT_EQ(errorOf(4), "kernel 'add': found 65536 blocks along axis 1, "
                        "expected at most 65535 on Fake H100");
  EXPECT_EQ(errorOf(8), "kernel 'add': found 1024 threads along axis 0 of a "
                        "block, expected at most 512 on Fake H100");
  EXPECT_EQ(errorOf(12), "kernel 'add': found 300000 bytes of shared memory a "
                         "block, expected at most 231424 on Fake H100");
  EXPECT_EQ(errorOf(16), "cuMemAllocFromPoolAsync: CUDA_ERROR_OUT_OF_MEMORY "
                         "(out of memory), of 1099511627776 bytes");
  EXPECT_EQ(errorOf(20), "kernel 'missing': cuModuleGetFunction: "
                         "CUDA_ERROR_NOT_FOUND (named symbol not found)");
  EXPECT_EQ(fake->launches.size(), 1u);
}

TEST_F(CudaRunning, FailuresOfTheDriverComeBack) {
  load();
  for (const char *call :
       {"cuLaunchKernel", "cuMemcpyDtoDAsync", "cuMemsetD8Async",
        "cuMemFreeAsync", "cuTensorMapEncodeTiled", "cuStreamSynchronize",
        "cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuFuncSetAttribute"}) {
    load(); // nothing is cached
    fake->failingCall = call;
    fake->failingCode = 719;
    std::string error = errorOf(32);
    EXPECT_TRUE(contains(error, std::string(call) + ": error 719")) << error;
    fake->failingCall.clear();
    EXPECT_EQ(errorOf(32), "") << call;
  }
}

TEST_F(CudaRunning, KernelsThatWaitThemselvesMayBeginEarly) {
  load("early_main");
  fake->kernels["add"] = [](void **) {};
  EXPECT_EQ(errorOf(8), "");
  ASSERT_EQ(fake->launches.size(), 1u);
  const FakeLaunch &launch = fake->launches[0];
  EXPECT_TRUE(launch.isEarly);
  EXPECT_EQ(launch.grid, (std::array<unsigned, 3>{3, 2, 1}));
  EXPECT_EQ(launch.block, (std::array<unsigned, 3>{64, 1, 1}));
  EXPECT_EQ(launch.sharedBytes, 60000u);
  fake->failingCall = "cuLaunchKernelEx";
  fake->failingCode = 719;
  EXPECT_EQ(errorOf(8), "kernel 'add': cuLaunchKernelEx: error 719");
  fake->failingCall.clear();
  // The others never do.
  load();
  EXPECT_EQ(errorOf(32), "");
  EXPECT_FALSE(fake->launches.back().isEarly);
}

TEST_F(CudaRunning, LaunchesAreSerialWhereNothingCanWait) {
  auto isEarly = [&] {
    EXPECT_EQ(errorOf(8), "");
    return fake->launches.back().isEarly;
  };
  fake->kernels["add"] = [](void **) {};
  setenv("SPMMPLU_SERIAL_LAUNCHES", "1", 1);
  load("early_main");
  EXPECT_FALSE(isEarly());
  unsetenv("SPMMPLU_SERIAL_LAUNCHES");
  load("early_main");
  EXPECT_TRUE(isEarly());
  // Code for older chips.
  package->manifest.kernels[0].device[0].chip = "sm_80";
  package->manifest.kernels[0].device.pop_back();
  auto older = package->load();
  ASSERT_TRUE(older) << older.error();
  program = std::make_unique<Program>(std::move(*older));
  fake->kernels["add"] = [](void **) {};
  EXPECT_FALSE(isEarly());
}

TEST_F(CudaRunning, NothingIsLaunchedForNothing) {
  Program &program = load("empty_main");
  EXPECT_EQ(errorOf(8), "");
  EXPECT_EQ(errorOf(0), "");
  EXPECT_TRUE(fake->launches.empty());
  (void)program;
}

TEST_F(CudaRunning, ThreadsDoNotMixTheirLaunches) {
  Program &program = load();
  Tensor x = makeRhs(4, 32);
  auto y = Tensor::allocate(DType::F32, {4, 32});
  ASSERT_TRUE(y);
  BufferRef input = BufferRef::of(x), output = BufferRef::of(*y);
  auto stream = [](uintptr_t n) { return reinterpret_cast<cuda::Stream>(n); };
  // A launch inside of another's kernel, as a callback could start it.
  bool isOuter = true;
  fake->kernels["add"] = [&](void **) {
    if (!std::exchange(isOuter, false))
      return;
    std::thread([&] {
      EXPECT_TRUE(program.runInto(std::span(&input, 1), std::span(&output, 1),
                                  stream(2)));
    }).join();
  };
  ASSERT_TRUE(
      program.runInto(std::span(&input, 1), std::span(&output, 1), stream(1)));
  ASSERT_EQ(fake->launches.size(), 2u);
  EXPECT_EQ(fake->launches[0].stream, stream(1));
  EXPECT_EQ(fake->launches[1].stream, stream(2));
}

//===----------------------------------------------------------------------===//
// sparse-run
//===----------------------------------------------------------------------===//

TEST_F(CudaRunning, BenchTakesTheGpusTime) {
  Program &program = load();
  Tensor x = makeRhs(4, 32), y = makeRhs(4, 32);
  auto rows = runBench(program, std::span(&x, 1), std::span(&y, 1),
                       /*threads=*/1, /*seconds=*/0);
  ASSERT_TRUE(rows) << rows.error();
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().timing.median, 250);
  EXPECT_GE(rows->front().timing.runs, 5);
  EXPECT_GT(fake->launches.size(), size_t(rows->front().timing.runs));
  fake->failingCall = "cuEventRecord";
  fake->failingCode = 1;
  rows = runBench(program, std::span(&x, 1), std::span(&y, 1), 1, 0);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error(), "cuEventRecord: CUDA_ERROR_INVALID_VALUE");
}

//===----------------------------------------------------------------------===//
// The C interface
//===----------------------------------------------------------------------===//

TEST_F(CudaRunning, CInterfaceRunsOnTheDevice) {
  TemporaryFolder folder;
  GpuPackage test;
  ASSERT_TRUE(test.save(folder.path("a.spmm")));
  std::string path = folder.path("a.spmm");
  spmmplu_program *loaded = nullptr;
  EXPECT_EQ(spmmplu_program_load_on(path.c_str(), "tpu", &loaded), -1);
  EXPECT_STREQ(spmmplu_last_error(),
               "found device 'tpu', expected 'auto', 'cpu' or 'cuda'");
  EXPECT_EQ(spmmplu_program_load_on(path.c_str(), "cpu", &loaded), -1);
  ASSERT_EQ(spmmplu_program_load_on(path.c_str(), "cuda", &loaded), 0)
      << spmmplu_last_error();
  EXPECT_STREQ(spmmplu_program_device(loaded), "cuda");
  Tensor x = makeRhs(4, 8);
  int64_t bytes = int64_t(x.bytes().size());
  void *in = nullptr, *out = nullptr, *stream = nullptr;
  ASSERT_EQ(spmmplu_cuda_alloc(bytes, &in), 0) << spmmplu_last_error();
  ASSERT_EQ(spmmplu_cuda_alloc(bytes, &out), 0);
  ASSERT_EQ(spmmplu_cuda_stream_create(&stream), 0);
  ASSERT_EQ(spmmplu_cuda_copy_to_device(in, x.bytes().data(), bytes, stream),
            0);
  spmmplu_tensor input = {in, "F32", 2, x.shape.data()};
  spmmplu_tensor output = {out, "F32", 2, x.shape.data()};
  ASSERT_EQ(
      spmmplu_program_run_on_device(loaded, &input, 1, &output, 1, stream), 0)
      << spmmplu_last_error();
  std::vector<float> y(4 * 8);
  ASSERT_EQ(spmmplu_cuda_copy_to_host(y.data(), out, bytes, stream), 0);
  EXPECT_EQ(y[9], std::as_const(x).as<float>()[9] + 2);
  EXPECT_EQ(spmmplu_cuda_alloc(-1, &out), -1);
  EXPECT_EQ(spmmplu_cuda_free(in), 0);
  EXPECT_EQ(spmmplu_cuda_free(output.data), 0);
  EXPECT_EQ(spmmplu_cuda_free(nullptr), 0);
  EXPECT_EQ(spmmplu_cuda_stream_destroy(stream), 0);
  spmmplu_cuda_info info;
  ASSERT_EQ(spmmplu_cuda_describe(&info), 0);
  EXPECT_STREQ(info.name, "Fake H100");
  EXPECT_EQ(info.multiprocessors, 132);
  double microseconds = 0;
  EXPECT_EQ(spmmplu_cuda_elapsed_us(nullptr, nullptr, &microseconds), 0);
  EXPECT_EQ(microseconds, 250);
  spmmplu_program_free(loaded);
  fake->deviceCount = 0;
  EXPECT_EQ(spmmplu_cuda_describe(&info), -1);
  EXPECT_TRUE(contains(spmmplu_last_error(), "no CUDA device"));
}
