//===- CAPI.cpp - C interface of GPU memory and time ----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu-c/Runtime.h"

#include "../CAPIError.h"
#include "spmmplu/Runtime/CUDA/Device.h"

using namespace spmmplu;

/// Calls `use(device)`, which returns a `Status`, on the current device.
template <typename Use> static int onDevice(Use &&use) {
  Result<const CudaDevice *> device = CudaDevice::get();
  if (!device)
    return fail(device.error());
  return finish(use(**device));
}

/// The same for one entry point of the driver, in the device's context.
template <typename Call> static int callDriver(const char *name, Call &&call) {
  return onDevice([&](const CudaDevice &device) {
    CudaDevice::Scope scope(device);
    return device.driver().check(call(device.api()), name);
  });
}

static cuda::DevicePointer toDevice(const void *memory) {
  return reinterpret_cast<cuda::DevicePointer>(memory);
}

static cuda::Stream toStream(void *stream) {
  return static_cast<cuda::Stream>(stream);
}

static int negative(int64_t bytes) {
  return fail("found a size of " + std::to_string(bytes) +
              " bytes, expected none or more");
}

extern "C" {

int spmmplu_cuda_alloc(int64_t bytes, void **memory) {
  if (!memory)
    return fail("result is null");
  *memory = nullptr;
  if (bytes < 0)
    return negative(bytes);
  return onDevice([&](const CudaDevice &device) -> Status {
    Result<cuda::DevicePointer> pointer = device.allocate(size_t(bytes));
    if (!pointer)
      return Error{pointer.error()};
    *memory = reinterpret_cast<void *>(*pointer);
    return Success{};
  });
}

int spmmplu_cuda_free(void *memory) {
  if (!memory)
    return 0;
  return callDriver("cuMemFree", [&](const cuda::Api &api) {
    return api.memFree(toDevice(memory));
  });
}

int spmmplu_cuda_copy_to_device(void *to, const void *from, int64_t bytes,
                                void *stream) {
  if (bytes < 0)
    return negative(bytes);
  return onDevice([&](const CudaDevice &device) {
    return device.copyToDevice(toDevice(to), from, size_t(bytes),
                               toStream(stream));
  });
}

int spmmplu_cuda_copy_to_host(void *to, const void *from, int64_t bytes,
                              void *stream) {
  if (bytes < 0)
    return negative(bytes);
  return onDevice([&](const CudaDevice &device) {
    Status status =
        device.copyToHost(to, toDevice(from), size_t(bytes), toStream(stream));
    return status ? device.synchronize(toStream(stream)) : status;
  });
}

int spmmplu_cuda_zero(void *to, int64_t bytes, void *stream) {
  if (bytes < 0)
    return negative(bytes);
  return onDevice([&](const CudaDevice &device) {
    return device.zero(toDevice(to), size_t(bytes), toStream(stream));
  });
}

int spmmplu_cuda_synchronize(void *stream) {
  return onDevice([&](const CudaDevice &device) {
    return device.synchronize(toStream(stream));
  });
}

int spmmplu_cuda_stream_create(void **stream) {
  if (!stream)
    return fail("result is null");
  constexpr unsigned nonBlocking = 1;
  cuda::Stream created = nullptr;
  int failed = callDriver("cuStreamCreate", [&](const cuda::Api &api) {
    return api.streamCreate(&created, nonBlocking);
  });
  *stream = created;
  return failed;
}

int spmmplu_cuda_stream_destroy(void *stream) {
  return callDriver("cuStreamDestroy", [&](const cuda::Api &api) {
    return api.streamDestroy(toStream(stream));
  });
}

int spmmplu_cuda_event_create(void **event) {
  if (!event)
    return fail("result is null");
  cuda::Event created = nullptr;
  int failed = callDriver("cuEventCreate", [&](const cuda::Api &api) {
    return api.eventCreate(&created, /*flags=*/0);
  });
  *event = created;
  return failed;
}

int spmmplu_cuda_event_destroy(void *event) {
  return callDriver("cuEventDestroy", [&](const cuda::Api &api) {
    return api.eventDestroy(static_cast<cuda::Event>(event));
  });
}

int spmmplu_cuda_event_record(void *event, void *stream) {
  return callDriver("cuEventRecord", [&](const cuda::Api &api) {
    return api.eventRecord(static_cast<cuda::Event>(event), toStream(stream));
  });
}

int spmmplu_cuda_elapsed_us(void *begin, void *end, double *microseconds) {
  if (!microseconds)
    return fail("result is null");
  float milliseconds = 0;
  int failed = callDriver("cuEventElapsedTime", [&](const cuda::Api &api) {
    cuda::Code code = api.eventSynchronize(static_cast<cuda::Event>(end));
    return code ? code
                : api.eventElapsedTime(&milliseconds,
                                       static_cast<cuda::Event>(begin),
                                       static_cast<cuda::Event>(end));
  });
  *microseconds = double(milliseconds) * 1000;
  return failed;
}

int spmmplu_cuda_describe(spmmplu_cuda_info *info) {
  if (!info)
    return fail("result is null");
  return onDevice([&](const CudaDevice &device) -> Status {
    const CudaProperties &facts = device.properties();
    *info = {facts.name.c_str(),       facts.major,    facts.minor,
             facts.multiprocessors,    facts.clockMhz, facts.memoryClockMhz,
             device.currentClockMhz(), facts.l2Bytes,  facts.memoryBytes};
    return Success{};
  });
}

} // extern "C"
