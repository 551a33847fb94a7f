//===- Device.h - One GPU ---------------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work happens in the device's primary context, which libraries built on the
// CUDA runtime share: device memory and streams of PyTorch can be handed in.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CUDA_DEVICE_H
#define SPMMPLU_RUNTIME_CUDA_DEVICE_H

#include "spmmplu/Runtime/CUDA/Driver.h"
#include "spmmplu/Runtime/Manifest.h"
#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace spmmplu {

struct CudaProperties {
  std::string name; ///< "NVIDIA H100 80GB HBM3"
  int major = 0, minor = 0;
  int multiprocessors = 0;
  int maxThreads = 0;  ///< of a block
  int sharedBytes = 0; ///< of a block, static and dynamic together
  int maxGrid[3] = {};
  int clockMhz = 0, memoryClockMhz = 0; ///< the highest
  int64_t l2Bytes = 0, memoryBytes = 0;

  /// "sm_90".
  std::string architecture() const;
};

/// Whether code for `chip` ("sm_80", "sm_90a") runs on a device of this compute
/// capability. A cubin runs on its major version from its minor on, PTX on
/// every later capability; a name that ends with `a` on that capability only.
bool runsOn(std::string_view chip, DeviceCodeFormat format, int major,
            int minor);

/// A device whose context is alive for the rest of the process.
class CudaDevice {
public:
  /// The device of the calling thread's context, or the first. One object a
  /// device; errors: no driver, no device.
  static Result<const CudaDevice *> get();

  const CudaDriver &driver() const { return *owner; }
  const cuda::Api &api() const { return owner->api(); }
  const CudaProperties &properties() const { return facts; }
  /// The SM clock of now in MHz, as the management library reports it; 0 where
  /// it does not.
  int currentClockMhz() const;

  /// Makes the device's context current on this thread while it lives.
  class Scope {
  public:
    explicit Scope(const CudaDevice &device) : device(device) {
      device.api().ctxPushCurrent(device.context);
    }
    ~Scope() {
      cuda::Context previous;
      device.api().ctxPopCurrent(&previous);
    }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    const CudaDevice &device;
  };

  // Memory. Sizes in bytes; a size of zero gives null. All but `allocate` and
  // `release` are ordered by the stream; copies from and to pageable host
  // memory have read respectively written it when `synchronize` returns.
  Result<cuda::DevicePointer> allocate(size_t bytes) const;
  void release(cuda::DevicePointer memory) const;
  Result<cuda::DevicePointer> allocateAsync(size_t bytes,
                                            cuda::Stream stream) const;
  Status releaseAsync(cuda::DevicePointer memory, cuda::Stream stream) const;
  Status copyToDevice(cuda::DevicePointer to, const void *from, size_t bytes,
                      cuda::Stream stream) const;
  Status copyToHost(void *to, cuda::DevicePointer from, size_t bytes,
                    cuda::Stream stream) const;
  Status copyOnDevice(cuda::DevicePointer to, cuda::DevicePointer from,
                      size_t bytes, cuda::Stream stream) const;
  Status zero(cuda::DevicePointer to, size_t bytes, cuda::Stream stream) const;
  /// Waits for the stream; the error of anything that went wrong on it.
  Status synchronize(cuda::Stream stream) const;

private:
  static Result<const CudaDevice *> open(const CudaDriver &driver, int ordinal);
  Status readProperties();

  const CudaDriver *owner = nullptr;
  cuda::DeviceHandle handle = 0;
  cuda::Context context = nullptr;
  /// Keeps freed temporaries, so that the next run's cost nothing. Of its own:
  /// the device's default pool is the process's.
  cuda::MemoryPool pool = nullptr;
  CudaProperties facts;
};

/// Owned memory of a device. Movable.
class CudaBuffer {
public:
  static Result<CudaBuffer> allocate(const CudaDevice &device, size_t bytes) {
    Result<cuda::DevicePointer> memory = device.allocate(bytes);
    if (!memory)
      return Error{memory.error()};
    CudaBuffer buffer;
    buffer.device = &device;
    buffer.memory = *memory;
    return buffer;
  }

  CudaBuffer() = default;
  CudaBuffer(CudaBuffer &&other) noexcept { *this = std::move(other); }
  CudaBuffer &operator=(CudaBuffer &&other) noexcept {
    std::swap(device, other.device);
    std::swap(memory, other.memory);
    return *this;
  }
  ~CudaBuffer() {
    if (device)
      device->release(memory);
  }

  cuda::DevicePointer address() const { return memory; }
  void *data() const { return reinterpret_cast<void *>(memory); }

private:
  const CudaDevice *device = nullptr;
  cuda::DevicePointer memory = 0;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CUDA_DEVICE_H
