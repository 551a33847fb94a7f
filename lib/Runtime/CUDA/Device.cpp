//===- Device.cpp - One GPU -----------------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Runtime/CUDA/Device.h"

#include <charconv>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

using namespace spmmplu;
using namespace spmmplu::cuda;

std::string CudaProperties::architecture() const {
  return "sm_" + std::to_string(major) + std::to_string(minor);
}

bool spmmplu::runsOn(std::string_view chip, DeviceCodeFormat format, int major,
                     int minor) {
  if (!chip.starts_with("sm_"))
    return false;
  chip.remove_prefix(3);
  int number = 0;
  auto [end, error] =
      std::from_chars(chip.data(), chip.data() + chip.size(), number);
  if (error != std::errc() || number < 10)
    return false;
  std::string_view suffix(end, chip.data() + chip.size() - end);
  int found = 10 * major + minor;
  if (suffix == "a")
    return found == number;
  if (!suffix.empty())
    return false;
  return found >= number &&
         (format == DeviceCodeFormat::ptx || major == number / 10);
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

Status CudaDevice::readProperties() {
  const Api &api = owner->api();
  char name[256] = {};
  if (Status status = owner->check(
          api.deviceGetName(name, sizeof(name) - 1, handle), "cuDeviceGetName");
      !status)
    return status;
  facts.name = name;
  size_t memory = 0;
  if (Status status =
          owner->check(api.deviceTotalMem(&memory, handle), "cuDeviceTotalMem");
      !status)
    return status;
  facts.memoryBytes = int64_t(memory);
  int l2 = 0;
  for (auto [value, attribute] : std::initializer_list<std::pair<int *, int>>{
           {&facts.major, capabilityMajor},
           {&facts.minor, capabilityMinor},
           {&facts.multiprocessors, multiprocessors},
           {&facts.maxThreads, maxThreadsPerBlock},
           {&facts.sharedBytes, sharedBytesPerBlockOptin},
           {&facts.maxGrid[0], maxGridX},
           {&facts.maxGrid[1], maxGridY},
           {&facts.maxGrid[2], maxGridZ},
           {&facts.clockMhz, clockKhz},
           {&facts.memoryClockMhz, memoryClockKhz},
           {&l2, l2Bytes}})
    if (Status status =
            owner->check(api.deviceGetAttribute(value, attribute, handle),
                         "cuDeviceGetAttribute");
        !status)
      return status;
  facts.l2Bytes = l2;
  facts.clockMhz /= 1000;
  facts.memoryClockMhz /= 1000;
  return Success{};
}

Result<const CudaDevice *> CudaDevice::open(const CudaDriver &driver,
                                            int ordinal) {
  const Api &api = driver.api();
  auto device = std::make_unique<CudaDevice>();
  device->owner = &driver;
  if (Status status =
          driver.check(api.deviceGet(&device->handle, ordinal), "cuDeviceGet");
      !status)
    return Error{status.error()};
  if (Status status = device->readProperties(); !status)
    return Error{status.error()};
  if (Status status =
          driver.check(api.primaryCtxRetain(&device->context, device->handle),
                       "cuDevicePrimaryCtxRetain");
      !status)
    return Error{status.error()};
  Scope scope(*device);
  PoolProperties properties;
  properties.locationId = ordinal;
  if (Status status = driver.check(
          api.memPoolCreate(&device->pool, &properties), "cuMemPoolCreate");
      !status)
    return Error{status.error()};
  uint64_t keepAll = UINT64_MAX;
  if (Status status = driver.check(
          api.memPoolSetAttribute(device->pool, poolReleaseThreshold, &keepAll),
          "cuMemPoolSetAttribute");
      !status)
    return Error{status.error()};
  return device.release();
}

Result<const CudaDevice *> CudaDevice::get() {
  Result<const CudaDriver *> driver = CudaDriver::get();
  if (!driver)
    return Error{driver.error()};
  const Api &api = (*driver)->api();
  int count = 0, ordinal = 0;
  if (Status status =
          (*driver)->check(api.deviceGetCount(&count), "cuDeviceGetCount");
      !status)
    return Error{status.error()};
  if (count == 0)
    return Error{"no CUDA device: the driver lists none"};
  Context current = nullptr;
  if (api.ctxGetCurrent(&current) == 0 && current)
    if (Status status =
            (*driver)->check(api.ctxGetDevice(&ordinal), "cuCtxGetDevice");
        !status)
      return Error{status.error()};
  static std::mutex mutex;
  // Never destroyed: programs may be freed after static objects are.
  static auto &all =
      *new std::map<std::pair<const CudaDriver *, int>, const CudaDevice *>();
  std::lock_guard lock(mutex);
  auto it = all.find({*driver, ordinal});
  if (it != all.end())
    return it->second;
  Result<const CudaDevice *> device = open(**driver, ordinal);
  if (device)
    all.emplace(std::pair(*driver, ordinal), *device);
  return device;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

static Error withSize(const Status &status, size_t bytes) {
  return Error{status.error() + ", of " + std::to_string(bytes) + " bytes"};
}

Result<DevicePointer> CudaDevice::allocate(size_t bytes) const {
  DevicePointer memory = 0;
  if (bytes == 0)
    return memory;
  Scope scope(*this);
  if (Status status =
          owner->check(api().memAlloc(&memory, bytes), "cuMemAlloc");
      !status)
    return withSize(status, bytes);
  return memory;
}

void CudaDevice::release(DevicePointer memory) const {
  if (!memory)
    return;
  Scope scope(*this);
  api().memFree(memory);
}

Result<DevicePointer> CudaDevice::allocateAsync(size_t bytes,
                                                Stream stream) const {
  DevicePointer memory = 0;
  if (bytes == 0)
    return memory;
  Scope scope(*this);
  if (Status status = owner->check(
          api().memAllocFromPoolAsync(&memory, bytes, pool, stream),
          "cuMemAllocFromPoolAsync");
      !status)
    return withSize(status, bytes);
  return memory;
}

Status CudaDevice::releaseAsync(DevicePointer memory, Stream stream) const {
  if (!memory)
    return Success{};
  Scope scope(*this);
  return owner->check(api().memFreeAsync(memory, stream), "cuMemFreeAsync");
}

Status CudaDevice::copyToDevice(DevicePointer to, const void *from,
                                size_t bytes, Stream stream) const {
  if (bytes == 0)
    return Success{};
  Scope scope(*this);
  return owner->check(api().memcpyHtoDAsync(to, from, bytes, stream),
                      "cuMemcpyHtoDAsync");
}

Status CudaDevice::copyToHost(void *to, DevicePointer from, size_t bytes,
                              Stream stream) const {
  if (bytes == 0)
    return Success{};
  Scope scope(*this);
  return owner->check(api().memcpyDtoHAsync(to, from, bytes, stream),
                      "cuMemcpyDtoHAsync");
}

Status CudaDevice::copyOnDevice(DevicePointer to, DevicePointer from,
                                size_t bytes, Stream stream) const {
  if (bytes == 0)
    return Success{};
  Scope scope(*this);
  return owner->check(api().memcpyDtoDAsync(to, from, bytes, stream),
                      "cuMemcpyDtoDAsync");
}

Status CudaDevice::zero(DevicePointer to, size_t bytes, Stream stream) const {
  if (bytes == 0)
    return Success{};
  Scope scope(*this);
  return owner->check(api().memsetD8Async(to, 0, bytes, stream),
                      "cuMemsetD8Async");
}

Status CudaDevice::synchronize(Stream stream) const {
  Scope scope(*this);
  return owner->check(api().streamSynchronize(stream), "cuStreamSynchronize");
}
