//===- Driver.h - The CUDA driver's library ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CUDA_DRIVER_H
#define SPMMPLU_RUNTIME_CUDA_DRIVER_H

#include "spmmplu/Runtime/CUDA/Api.h"
#include "spmmplu/Support/Result.h"

#include <string>

namespace spmmplu {

/// The driver's library, loaded and initialised. Never unloaded: kernels and
/// other users of the process may hold on to it.
class CudaDriver {
public:
  /// Opens `libcuda.so.1`, or what the environment variable SPMMPLU_LIBCUDA
  /// names, once for each name. Errors: no such library, an entry point is
  /// missing (the driver is too old), the driver does not start.
  static Result<const CudaDriver *> get();

  const cuda::Api &api() const { return entries; }

  /// Success where `code` is; else an error such as "cuMemAlloc:
  /// CUDA_ERROR_OUT_OF_MEMORY (out of memory)". `call` is the name without
  /// what follows.
  Status check(cuda::Code code, const char *call) const;

private:
  static Result<const CudaDriver *> open(const std::string &path);

  cuda::Api entries;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CUDA_DRIVER_H
