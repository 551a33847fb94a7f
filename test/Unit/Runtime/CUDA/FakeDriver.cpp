//===- FakeDriver.cpp - A CUDA driver without a GPU -----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace spmmplu::testing;
using namespace spmmplu::cuda;

static FakeDriver &fake() {
  static FakeDriver driver;
  return driver;
}

static constexpr Code invalidValue = 1, outOfMemory = 2, invalidPtx = 218,
                      notFound = 500;

/// Whether `call` is to fail; a call that needs a context fails without one.
static Code begin(const char *call, bool needsContext = true) {
  if (fake().failingCall == call)
    return fake().failingCode;
  constexpr Code invalidContext = 201;
  return needsContext && fake().contextDepth == 0 ? invalidContext : 0;
}

static void *toHost(DevicePointer pointer) {
  return reinterpret_cast<void *>(pointer);
}

static Code allocate(DevicePointer *memory, size_t bytes,
                     std::set<uint64_t> &allocations) {
  constexpr size_t most = size_t(1) << 32, alignment = 256;
  if (bytes == 0)
    return invalidValue;
  if (bytes > most)
    return outOfMemory;
  size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *host = std::aligned_alloc(alignment, size);
  std::memset(host, 0xcd, size); // what device memory holds: anything
  *memory = reinterpret_cast<DevicePointer>(host);
  allocations.insert(*memory);
  return 0;
}

static Code release(DevicePointer memory, std::set<uint64_t> &allocations) {
  if (allocations.erase(memory) == 0)
    return invalidValue;
  std::free(toHost(memory));
  return 0;
}

#define ENTRY extern "C" __attribute__((visibility("default"))) Code

extern "C" __attribute__((visibility("default"))) void *fakeDriver() {
  return &fake();
}

ENTRY cuInit(unsigned) { return begin("cuInit", false); }
ENTRY cuDriverGetVersion(int *version) {
  *version = 13000;
  return 0;
}
ENTRY cuGetErrorName(Code code, const char **text) {
  *text = code == invalidValue  ? "CUDA_ERROR_INVALID_VALUE"
          : code == outOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY"
          : code == invalidPtx  ? "CUDA_ERROR_INVALID_PTX"
          : code == notFound    ? "CUDA_ERROR_NOT_FOUND"
                                : nullptr;
  return *text ? 0 : invalidValue;
}
ENTRY cuGetErrorString(Code code, const char **text) {
  *text = code == outOfMemory ? "out of memory"
          : code == notFound  ? "named symbol not found"
                              : nullptr;
  return *text ? 0 : invalidValue;
}

ENTRY cuDeviceGetCount(int *count) {
  *count = fake().deviceCount;
  return begin("cuDeviceGetCount", false);
}
ENTRY cuDeviceGet(DeviceHandle *handle, int ordinal) {
  *handle = ordinal;
  return begin("cuDeviceGet", false);
}
ENTRY cuDeviceGetName(char *name, int size, DeviceHandle handle) {
  std::snprintf(name, size, "%s", fake().devices[handle].name.c_str());
  return begin("cuDeviceGetName", false);
}
ENTRY cuDeviceGetPCIBusId(char *, int, DeviceHandle) { return invalidValue; }
ENTRY cuDeviceTotalMem_v2(size_t *bytes, DeviceHandle) {
  *bytes = size_t(80) << 30;
  return 0;
}
ENTRY cuDeviceGetAttribute(int *value, int attribute, DeviceHandle handle) {
  const FakeDevice &device = fake().devices[handle];
  const std::map<int, int> values = {
      {capabilityMajor, device.major},
      {capabilityMinor, device.minor},
      {multiprocessors, 132},
      {maxThreadsPerBlock, 1024},
      {sharedBytesPerBlockOptin, FakeDriver::sharedBytes},
      {maxGridX, 2147483647},
      {maxGridY, 65535},
      {maxGridZ, 65535},
      {clockKhz, 1980000},
      {memoryClockKhz, 2619000},
      {l2Bytes, 50 << 20}};
  auto it = values.find(attribute);
  if (it == values.end())
    return invalidValue;
  *value = it->second;
  return begin("cuDeviceGetAttribute", false);
}

ENTRY cuDevicePrimaryCtxRetain(Context *context, DeviceHandle handle) {
  *context = reinterpret_cast<Context>(uintptr_t(handle) + 1);
  return begin("cuDevicePrimaryCtxRetain", false);
}
ENTRY cuCtxGetCurrent(Context *context) {
  *context = reinterpret_cast<Context>(uintptr_t(fake().currentDevice + 1));
  return 0;
}
ENTRY cuCtxGetDevice(DeviceHandle *handle) {
  *handle = fake().currentDevice;
  return 0;
}
ENTRY cuCtxPushCurrent_v2(Context) {
  ++fake().contextDepth;
  return 0;
}
ENTRY cuCtxPopCurrent_v2(Context *) {
  --fake().contextDepth;
  return 0;
}

ENTRY cuModuleLoadDataEx(Module *module, const void *image, unsigned count,
                         int *options, void **values) {
  bool isElf = std::memcmp(image, "\177ELF", 4) == 0;
  std::string text = isElf ? "cubin" : static_cast<const char *>(image);
  if (text.find("syntax error") != std::string::npos) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == jitErrorLog)
        std::strcpy(static_cast<char *>(values[i]),
                    "\nptxas fatal: line 3\nmore");
    return invalidPtx;
  }
  fake().modules.push_back(text);
  *module = reinterpret_cast<Module>(fake().modules.size());
  return begin("cuModuleLoadDataEx");
}
ENTRY cuModuleUnload(Module) { return begin("cuModuleUnload"); }
ENTRY cuModuleGetFunction(Function *function, Module, const char *name) {
  auto it = fake().kernels.find(name);
  if (it == fake().kernels.end())
    return notFound;
  *function = reinterpret_cast<Function>(const_cast<std::string *>(&it->first));
  return begin("cuModuleGetFunction");
}
static const std::string &nameOf(Function function) {
  return *reinterpret_cast<const std::string *>(function);
}
ENTRY cuFuncGetAttribute(int *value, int attribute, Function) {
  *value =
      attribute == functionMaxThreads ? 512 : FakeDriver::staticSharedBytes;
  return begin("cuFuncGetAttribute");
}
ENTRY cuFuncSetAttribute(Function function, int attribute, int value) {
  if (attribute == functionMaxDynamicSharedBytes)
    fake().sharedLimits[nameOf(function)] = value;
  return begin("cuFuncSetAttribute");
}
static Code launch(Function function, const LaunchConfig &config,
                   void **arguments) {
  const std::string &name = nameOf(function);
  constexpr unsigned withoutLimit = 48 << 10;
  if (config.sharedBytes > withoutLimit &&
      int(config.sharedBytes) > fake().sharedLimits[name])
    return invalidValue;
  const unsigned *grid = config.grid, *block = config.block;
  bool isEarly = false;
  for (unsigned n = 0; n < config.attributeCount; ++n)
    isEarly |= config.attributes[n].id == launchProgrammatic &&
               config.attributes[n].value;
  fake().launches.push_back({name,
                             {grid[0], grid[1], grid[2]},
                             {block[0], block[1], block[2]},
                             config.sharedBytes,
                             config.stream,
                             isEarly});
  fake().kernels[name](arguments);
  return 0;
}
ENTRY cuLaunchKernel(Function function, unsigned gridX, unsigned gridY,
                     unsigned gridZ, unsigned blockX, unsigned blockY,
                     unsigned blockZ, unsigned sharedBytes, Stream stream,
                     void **arguments, void **) {
  if (Code code = begin("cuLaunchKernel"))
    return code;
  return launch(function,
                {{gridX, gridY, gridZ},
                 {blockX, blockY, blockZ},
                 sharedBytes,
                 stream,
                 nullptr,
                 0},
                arguments);
}
ENTRY cuLaunchKernelEx(const LaunchConfig *config, Function function,
                       void **arguments, void **) {
  Code code = begin("cuLaunchKernelEx");
  return code ? code : launch(function, *config, arguments);
}

ENTRY cuMemAlloc_v2(DevicePointer *memory, size_t bytes) {
  Code code = begin("cuMemAlloc");
  return code ? code : allocate(memory, bytes, fake().allocations);
}
ENTRY cuMemFree_v2(DevicePointer memory) {
  Code code = begin("cuMemFree");
  return code ? code : release(memory, fake().allocations);
}
ENTRY cuMemPoolCreate(MemoryPool *pool, const PoolProperties *properties) {
  *pool = reinterpret_cast<MemoryPool>(uintptr_t(properties->locationId) + 1);
  return begin("cuMemPoolCreate");
}
ENTRY cuMemPoolSetAttribute(MemoryPool, int, void *) {
  return begin("cuMemPoolSetAttribute");
}
ENTRY cuMemAllocFromPoolAsync(DevicePointer *memory, size_t bytes, MemoryPool,
                              Stream) {
  Code code = begin("cuMemAllocFromPoolAsync");
  return code ? code : allocate(memory, bytes, fake().asyncAllocations);
}
ENTRY cuMemFreeAsync(DevicePointer memory, Stream) {
  Code released = release(memory, fake().asyncAllocations);
  Code code = begin("cuMemFreeAsync");
  return code ? code : released;
}
ENTRY cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from, size_t bytes,
                           Stream) {
  std::memcpy(toHost(to), from, bytes);
  return begin("cuMemcpyHtoDAsync");
}
ENTRY cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes, Stream) {
  std::memcpy(to, toHost(from), bytes);
  return begin("cuMemcpyDtoHAsync");
}
ENTRY cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, size_t bytes,
                           Stream) {
  std::memcpy(toHost(to), toHost(from), bytes);
  return begin("cuMemcpyDtoDAsync");
}
ENTRY cuMemsetD8Async(DevicePointer to, unsigned char value, size_t bytes,
                      Stream) {
  std::memset(toHost(to), value, bytes);
  return begin("cuMemsetD8Async");
}

ENTRY cuStreamSynchronize(Stream) {
  ++fake().synchronizations;
  return begin("cuStreamSynchronize");
}
ENTRY cuStreamCreate(Stream *stream, unsigned) {
  *stream = reinterpret_cast<Stream>(uintptr_t(7));
  return begin("cuStreamCreate");
}
ENTRY cuStreamDestroy_v2(Stream) { return begin("cuStreamDestroy"); }
ENTRY cuEventCreate(Event *event, unsigned) {
  *event = reinterpret_cast<Event>(uintptr_t(9));
  return begin("cuEventCreate");
}
ENTRY cuEventDestroy_v2(Event) { return begin("cuEventDestroy"); }
ENTRY cuEventRecord(Event, Stream) { return begin("cuEventRecord"); }
ENTRY cuEventSynchronize(Event) { return begin("cuEventSynchronize"); }
ENTRY cuEventElapsedTime(float *milliseconds, Event, Event) {
  *milliseconds = 0.25f;
  return begin("cuEventElapsedTime");
}

ENTRY cuTensorMapEncodeTiled(TensorMap *map, int element, uint32_t rank,
                             void *base, const uint64_t *extents,
                             const uint64_t *strides, const uint32_t *box,
                             const uint32_t *, int, int swizzle, int, int) {
  ++fake().tensorMaps;
  if (rank != 2 || swizzle != swizzle128Bytes)
    return invalidValue;
  map->opaque[0] = FakeDriver::mapMark;
  map->opaque[1] = uint64_t(element);
  map->opaque[2] = reinterpret_cast<uint64_t>(base);
  map->opaque[3] = extents[0];
  map->opaque[4] = extents[1];
  map->opaque[5] = strides[0];
  std::memcpy(fake().lastBox, box, sizeof(fake().lastBox));
  return begin("cuTensorMapEncodeTiled");
}
