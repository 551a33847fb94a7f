//===- Executor.h - Calls the CPU kernel of a package -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The entry point of a kernel is `void symbol(void **args)`. args[i] points to
// the memref descriptor of argument i: { void *allocated, *aligned; int64_t
// offset, sizes[rank], strides[rank] }, offset 0, strides of a row-major
// tensor in elements. Rank 0 has no sizes.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_CPU_EXECUTOR_H
#define SPMMPLU_RUNTIME_CPU_EXECUTOR_H

#include "spmmplu/Runtime/CPU/ElfObject.h"
#include "spmmplu/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spmmplu {

/// An argument of a kernel: a row-major tensor without its element type.
struct KernelArgument {
  void *data;
  std::span<const int64_t> shape;
};

class CpuExecutor {
public:
  /// Loads `object` and finds the entry point. Errors: the host lacks one of
  /// `features`, the system refuses AMX, the object is malformed.
  static Result<CpuExecutor> create(std::span<const std::byte> object,
                                    const std::string &symbol,
                                    std::span<const std::string> features);

  /// Calls the kernel with `threads` OpenMP threads (0: OpenMP's default; the
  /// caller's setting is as before afterwards). Shapes and types must be those
  /// that the kernel was compiled for: nothing can check that here. May be
  /// called from several threads at once.
  void call(std::span<const KernelArgument> arguments, int threads) const;

private:
  CpuExecutor(ElfObject object, void *entry)
      : object(std::move(object)), entry(entry) {}

  ElfObject object;
  void *entry;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_CPU_EXECUTOR_H
