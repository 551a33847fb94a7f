//===- Api.h - The part of the CUDA driver API that is used -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declared here, so that building needs no CUDA and running needs the driver's
// library only where a GPU program is loaded. Numbers and layouts are the
// driver's binary interface, which NVIDIA keeps stable.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CUDA_API_H
#define SPMMPLU_RUNTIME_CUDA_API_H

#include <cstddef>
#include <cstdint>

namespace spmmplu::cuda {

using Code = int; ///< CUresult; 0 is success
using DeviceHandle = int;
using DevicePointer = uint64_t;
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *; ///< null: the legacy default stream
using Event = struct EventTag *;
using MemoryPool = struct MemoryPoolTag *;

enum DeviceAttribute : int {
  maxThreadsPerBlock = 1,
  maxGridX = 5,
  maxGridY = 6,
  maxGridZ = 7,
  clockKhz = 13,
  multiprocessors = 16,
  memoryClockKhz = 36,
  l2Bytes = 38,
  capabilityMajor = 75,
  capabilityMinor = 76,
  sharedBytesPerBlockOptin = 97
};

enum FunctionAttribute : int {
  functionMaxThreads = 0,
  functionSharedBytes = 1, ///< static
  functionMaxDynamicSharedBytes = 8
};

enum JitOption : int { jitErrorLog = 5, jitErrorLogBytes = 6 };

enum PoolAttribute : int { poolReleaseThreshold = 4 };

/// CUtensorMapDataType.
enum class TensorMapElement : int { f16 = 6, f32 = 7, bf16 = 9 };
/// CUtensorMapSwizzle, CUtensorMapL2promotion.
inline constexpr int swizzle128Bytes = 3, promoteTo256Bytes = 3;

/// CUtensorMap: opaque, encoded by the driver.
struct alignas(64) TensorMap {
  uint64_t opaque[16];
};

/// CUmemPoolProps.
struct PoolProperties {
  int allocationType = 1; ///< pinned to the device
  int handleTypes = 0;
  int locationType = 1; ///< a device
  int locationId = 0;
  void *securityAttributes = nullptr;
  size_t maxBytes = 0;
  unsigned char reserved[56] = {};
};
static_assert(sizeof(PoolProperties) == 88);

/// CUlaunchAttribute.
struct LaunchAttribute {
  int id = 0;
  int padding = 0;
  union {
    int value;
    char bytes[64] = {};
  };
};
static_assert(sizeof(LaunchAttribute) == 72);
/// The kernel may begin when the one before it allows it, and waits itself.
inline constexpr int launchProgrammatic = 6;

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned grid[3];
  unsigned block[3];
  unsigned sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  unsigned attributeCount;
};
static_assert(sizeof(LaunchConfig) == 56);

/// X(member, exported name, result type, parameters): every entry point used.
#define SPMMPLU_CUDA_ENTRY_POINTS(X)                                           \
  X(init, "cuInit", (unsigned))                                                \
  X(driverGetVersion, "cuDriverGetVersion", (int *))                           \
  X(getErrorName, "cuGetErrorName", (Code, const char **))                     \
  X(getErrorString, "cuGetErrorString", (Code, const char **))                 \
  X(deviceGetCount, "cuDeviceGetCount", (int *))                               \
  X(deviceGet, "cuDeviceGet", (DeviceHandle *, int))                           \
  X(deviceGetName, "cuDeviceGetName", (char *, int, DeviceHandle))             \
  X(deviceGetAttribute, "cuDeviceGetAttribute", (int *, int, DeviceHandle))    \
  X(deviceGetPciBusId, "cuDeviceGetPCIBusId", (char *, int, DeviceHandle))     \
  X(deviceTotalMem, "cuDeviceTotalMem_v2", (size_t *, DeviceHandle))           \
  X(primaryCtxRetain, "cuDevicePrimaryCtxRetain", (Context *, DeviceHandle))   \
  X(ctxGetCurrent, "cuCtxGetCurrent", (Context *))                             \
  X(ctxGetDevice, "cuCtxGetDevice", (DeviceHandle *))                          \
  X(ctxPushCurrent, "cuCtxPushCurrent_v2", (Context))                          \
  X(ctxPopCurrent, "cuCtxPopCurrent_v2", (Context *))                          \
  X(moduleLoadDataEx, "cuModuleLoadDataEx",                                    \
    (Module *, const void *, unsigned, int *, void **))                        \
  X(moduleUnload, "cuModuleUnload", (Module))                                  \
  X(moduleGetFunction, "cuModuleGetFunction",                                  \
    (Function *, Module, const char *))                                        \
  X(funcGetAttribute, "cuFuncGetAttribute", (int *, int, Function))            \
  X(funcSetAttribute, "cuFuncSetAttribute", (Function, int, int))              \
  X(launchKernel, "cuLaunchKernel",                                            \
    (Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,     \
     unsigned, Stream, void **, void **))                                      \
  X(launchKernelEx, "cuLaunchKernelEx",                                        \
    (const LaunchConfig *, Function, void **, void **))                        \
  X(memAlloc, "cuMemAlloc_v2", (DevicePointer *, size_t))                      \
  X(memFree, "cuMemFree_v2", (DevicePointer))                                  \
  X(memPoolCreate, "cuMemPoolCreate", (MemoryPool *, const PoolProperties *))  \
  X(memPoolSetAttribute, "cuMemPoolSetAttribute", (MemoryPool, int, void *))   \
  X(memAllocFromPoolAsync, "cuMemAllocFromPoolAsync",                          \
    (DevicePointer *, size_t, MemoryPool, Stream))                             \
  X(memFreeAsync, "cuMemFreeAsync", (DevicePointer, Stream))                   \
  X(memcpyHtoDAsync, "cuMemcpyHtoDAsync_v2",                                   \
    (DevicePointer, const void *, size_t, Stream))                             \
  X(memcpyDtoHAsync, "cuMemcpyDtoHAsync_v2",                                   \
    (void *, DevicePointer, size_t, Stream))                                   \
  X(memcpyDtoDAsync, "cuMemcpyDtoDAsync_v2",                                   \
    (DevicePointer, DevicePointer, size_t, Stream))                            \
  X(memsetD8Async, "cuMemsetD8Async",                                          \
    (DevicePointer, unsigned char, size_t, Stream))                            \
  X(streamSynchronize, "cuStreamSynchronize", (Stream))                        \
  X(streamCreate, "cuStreamCreate", (Stream *, unsigned))                      \
  X(streamDestroy, "cuStreamDestroy_v2", (Stream))                             \
  X(eventCreate, "cuEventCreate", (Event *, unsigned))                         \
  X(eventDestroy, "cuEventDestroy_v2", (Event))                                \
  X(eventRecord, "cuEventRecord", (Event, Stream))                             \
  X(eventSynchronize, "cuEventSynchronize", (Event))                           \
  X(eventElapsedTime, "cuEventElapsedTime", (float *, Event, Event))           \
  X(tensorMapEncodeTiled, "cuTensorMapEncodeTiled",                            \
    (TensorMap *, int, uint32_t, void *, const uint64_t *, const uint64_t *,   \
     const uint32_t *, const uint32_t *, int, int, int, int))

/// The entry points as pointers.
struct Api {
#define SPMMPLU_CUDA_MEMBER(member, name, parameters)                          \
  Code(*member) parameters = nullptr;
  SPMMPLU_CUDA_ENTRY_POINTS(SPMMPLU_CUDA_MEMBER)
#undef SPMMPLU_CUDA_MEMBER
};

} // namespace spmmplu::cuda

#endif // SPMMPLU_RUNTIME_CUDA_API_H
