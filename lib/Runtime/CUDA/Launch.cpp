//===- Launch.cpp - What host code of GPU programs calls ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CUDA/Launch.h"

#include "spmmplu/Runtime/CUDA/Executor.h"

#include <algorithm>

using namespace spmmplu;
using namespace spmmplu::cuda;

static thread_local CudaLaunch *currentLaunch = nullptr;

CudaLaunch *CudaLaunch::current() { return currentLaunch; }

CudaLaunch::CudaLaunch(const CudaExecutor &executor, Stream stream)
    : executor(executor), stream(stream), outer(currentLaunch) {
  currentLaunch = this;
}

CudaLaunch::~CudaLaunch() { currentLaunch = outer; }

void CudaLaunch::note(const Status &status) {
  if (!status && error.empty())
    error = status.error();
}

static DevicePointer toDevice(const void *pointer) {
  return reinterpret_cast<DevicePointer>(pointer);
}

void CudaLaunch::launch(const char *kernel, const int64_t grid[3],
                        const int64_t block[3], int64_t sharedBytes,
                        void **arguments, bool waitsItself) {
  if (!failed())
    note(executor.launch(kernel, grid, block, sharedBytes, arguments, stream,
                         waitsItself));
}

void *CudaLaunch::tensorMap(int32_t element, int64_t base, int64_t rows,
                            int64_t cols, int64_t stride, int64_t boxRows,
                            int64_t boxCols) {
  tensorMaps.emplace_front();
  if (failed())
    return &tensorMaps.front();
  Result<TensorMap> map =
      executor.tensorMap({DType(element), DevicePointer(base), rows, cols,
                          stride, boxRows, boxCols});
  if (map)
    tensorMaps.front() = *map;
  else
    note(Error{map.error()});
  return &tensorMaps.front();
}

void *CudaLaunch::allocate(int64_t bytes) {
  if (failed() || bytes <= 0)
    return nullptr;
  auto memory = executor.device().allocateAsync(size_t(bytes), stream);
  if (!memory) {
    note(Error{memory.error()});
    return nullptr;
  }
  allocations.push_back(*memory);
  return reinterpret_cast<void *>(*memory);
}

void CudaLaunch::release(void *memory) {
  auto it = std::find(allocations.begin(), allocations.end(), toDevice(memory));
  if (it == allocations.end())
    return;
  note(executor.device().releaseAsync(*it, stream));
  allocations.erase(it);
}

void CudaLaunch::copy(void *to, const void *from, int64_t bytes) {
  if (!failed() && bytes > 0)
    note(executor.device().copyOnDevice(toDevice(to), toDevice(from),
                                        size_t(bytes), stream));
}

void CudaLaunch::zero(void *to, int64_t bytes) {
  if (!failed() && bytes > 0)
    note(executor.device().zero(toDevice(to), size_t(bytes), stream));
}

void *CudaLaunch::scratch(int64_t bytes) {
  if (failed() || bytes <= 0)
    return nullptr;
  Result<DevicePointer> memory = executor.scratch(size_t(bytes));
  if (memory)
    return reinterpret_cast<void *>(*memory);
  note(Error{"scratch memory: " + memory.error()});
  return nullptr;
}

Status CudaLaunch::finish() {
  for (DevicePointer memory : allocations)
    note(executor.device().releaseAsync(memory, stream));
  allocations.clear();
  return failed() ? Status(Error{error}) : Status(Success{});
}

//===----------------------------------------------------------------------===//
// As C functions
//===----------------------------------------------------------------------===//

template <bool waitsItself>
static void launchKernel(const char *kernel, const int64_t grid[3],
                         const int64_t block[3], int64_t sharedBytes,
                         void **arguments, int64_t) {
  if (currentLaunch)
    currentLaunch->launch(kernel, grid, block, sharedBytes, arguments,
                          waitsItself);
}

static void *makeTensorMap(int32_t element, int64_t base, int64_t rows,
                           int64_t cols, int64_t stride, int64_t boxRows,
                           int64_t boxCols) {
  static TensorMap unread{};
  return currentLaunch ? currentLaunch->tensorMap(element, base, rows, cols,
                                                  stride, boxRows, boxCols)
                       : &unread;
}

static void *allocateMemory(int64_t bytes) {
  return currentLaunch ? currentLaunch->allocate(bytes) : nullptr;
}

static void freeMemory(void *memory) {
  if (currentLaunch)
    currentLaunch->release(memory);
}

static void copyMemory(void *to, const void *from, int64_t bytes) {
  if (currentLaunch)
    currentLaunch->copy(to, from, bytes);
}

static void zeroMemory(void *to, int64_t bytes) {
  if (currentLaunch)
    currentLaunch->zero(to, bytes);
}

static void *findScratch(int64_t bytes) {
  return currentLaunch ? currentLaunch->scratch(bytes) : nullptr;
}

std::span<const LaunchFunction> spmmplu::listLaunchFunctions() {
  auto addressOf = [](auto *function) {
    return reinterpret_cast<void *>(function);
  };
  static const LaunchFunction functions[] = {
      {"spmmplu_launch", addressOf(&launchKernel<false>)},
      {"spmmplu_launch_early", addressOf(&launchKernel<true>)},
      {"spmmplu_tensor_map", addressOf(&makeTensorMap)},
      {"spmmplu_device_alloc", addressOf(&allocateMemory)},
      {"spmmplu_device_free", addressOf(&freeMemory)},
      {"spmmplu_device_copy", addressOf(&copyMemory)},
      {"spmmplu_device_zero", addressOf(&zeroMemory)},
      {"spmmplu_scratch", addressOf(&findScratch)}};
  return functions;
}
