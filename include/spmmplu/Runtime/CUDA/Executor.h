//===- Executor.h - Calls the GPU kernels of a package ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A GPU program is host code, called like a CPU kernel but on device memory,
// and device code that it launches through the functions of Launch.h.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CUDA_EXECUTOR_H
#define SPMMPLU_RUNTIME_CUDA_EXECUTOR_H

#include "spmmplu/Runtime/CPU/Executor.h"
#include "spmmplu/Runtime/CUDA/Device.h"
#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace spmmplu {

/// Code of all kernels for one chip ("sm_90a").
struct DeviceCode {
  std::string chip;
  DeviceCodeFormat format = DeviceCodeFormat::cubin;
  std::span<const std::byte> bytes;
};

/// What a tensor map describes: `sparse_gpu.tensor_map` has the meaning.
/// Extents and strides in elements.
struct TensorMapKey {
  DType element; ///< F16, BF16 or F32
  cuda::DevicePointer base;
  int64_t rows, cols, stride, boxRows, boxCols;
  auto operator<=>(const TensorMapKey &) const = default;
};

class CudaExecutor {
public:
  /// Loads the first cubin of `code` that runs on `device`, else the first PTX,
  /// which the driver compiles. Errors: there is none; the driver refuses it,
  /// with what its compiler says. `code` is only read during the call.
  static Result<std::unique_ptr<CudaExecutor>>
  create(const CudaDevice &device, std::span<const DeviceCode> code,
         CpuExecutor host);
  ~CudaExecutor();
  CudaExecutor(const CudaExecutor &) = delete;
  CudaExecutor &operator=(const CudaExecutor &) = delete;

  const CudaDevice &device() const { return owner; }
  /// The chip and the format of the code that was loaded.
  const std::string &chip() const { return loadedChip; }
  DeviceCodeFormat format() const { return loadedFormat; }

  /// Calls the host code: everything it starts is ordered by `stream`. Returns
  /// before that is done; the error is of starting it. `arguments` point to
  /// device memory. May be called from several threads at once; a program with
  /// scratch memory must not run on two streams at once.
  Status call(std::span<const KernelArgument> arguments,
              cuda::Stream stream) const;

  /// For the functions of Launch.h, with the device's context current. Where
  /// `waitsItself`, the kernel may begin before the one ahead of it on the
  /// stream has ended.
  Status launch(const char *kernel, const int64_t grid[3],
                const int64_t block[3], int64_t sharedBytes, void **arguments,
                cuda::Stream stream, bool waitsItself) const;
  /// Encoded once for each key (of the latest ones).
  Result<cuda::TensorMap> tensorMap(const TensorMapKey &key) const;
  /// At least so much memory, zero at first. The same for all calls until one
  /// wants more; what was handed out before stays allocated.
  Result<cuda::DevicePointer> scratch(size_t bytes) const;

private:
  struct Kernel {
    cuda::Function function = nullptr;
    int maxThreads = 0;
    int staticSharedBytes = 0;
    int dynamicSharedBytes = 0; ///< what the driver was told to allow
  };

  CudaExecutor(const CudaDevice &device, CpuExecutor host)
      : owner(device), host(std::move(host)) {}
  Status loadModule(const DeviceCode &code);
  /// A kernel that may take `sharedBytes` of dynamic shared memory.
  Result<Kernel> findKernel(const char *name, int64_t sharedBytes) const;
  Status checkLaunch(const Kernel &kernel, const int64_t grid[3],
                     const int64_t block[3], int64_t sharedBytes) const;
  Result<cuda::TensorMap> encode(const TensorMapKey &key) const;

  const CudaDevice &owner;
  CpuExecutor host;
  cuda::Module module = nullptr;
  std::string loadedChip;
  DeviceCodeFormat loadedFormat = DeviceCodeFormat::cubin;
  /// Whether kernels of the loaded code can wait for earlier ones themselves.
  bool canBeginEarly = false;
  /// Guards what follows.
  mutable std::mutex mutex;
  mutable std::map<std::string, Kernel, std::less<>> kernels;
  mutable std::map<TensorMapKey, cuda::TensorMap> tensorMaps;
  mutable std::vector<CudaBuffer> scratchBuffers; ///< the last is in use
  mutable size_t scratchBytes = 0;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CUDA_EXECUTOR_H
