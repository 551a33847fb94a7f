//===- Launch.h - What host code of GPU programs calls ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of docs/gpu.md, section Launches. They act on the launch that
// is current on the calling thread; where none is, they do nothing.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CUDA_LAUNCH_H
#define SPMMPLU_RUNTIME_CUDA_LAUNCH_H

#include "spmmplu/Runtime/CUDA/Api.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <forward_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spmmplu {

class CudaExecutor;

/// One call of a program's host code, current on this thread while it lives.
/// After the first failure nothing more is started.
class CudaLaunch {
public:
  CudaLaunch(const CudaExecutor &executor, cuda::Stream stream);
  ~CudaLaunch();
  CudaLaunch(const CudaLaunch &) = delete;
  CudaLaunch &operator=(const CudaLaunch &) = delete;

  /// The calling thread's, or null.
  static CudaLaunch *current();

  void launch(const char *kernel, const int64_t grid[3], const int64_t block[3],
              int64_t sharedBytes, void **arguments, bool waitsItself);
  /// `element` is a `DType`. Never null: after a failure a map that nothing
  /// reads.
  void *tensorMap(int32_t element, int64_t base, int64_t rows, int64_t cols,
                  int64_t stride, int64_t boxRows, int64_t boxCols);
  void *allocate(int64_t bytes);
  void release(void *memory);
  void copy(void *to, const void *from, int64_t bytes);
  void zero(void *to, int64_t bytes);
  void *scratch(int64_t bytes);

  /// Frees what the host code left allocated. The first failure.
  Status finish();

private:
  bool failed() const { return !error.empty(); }
  void note(const Status &status);

  const CudaExecutor &executor;
  cuda::Stream stream;
  CudaLaunch *outer; ///< what was current before
  std::string error;
  std::vector<cuda::DevicePointer> allocations;
  /// Stay where they are until the launches that copy them have begun.
  std::forward_list<cuda::TensorMap> tensorMaps;
};

/// A function of docs/gpu.md for the list of what host code may call.
struct LaunchFunction {
  std::string_view name;
  void *address;
};
std::span<const LaunchFunction> listLaunchFunctions();

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CUDA_LAUNCH_H
