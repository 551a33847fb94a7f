//===- Runtime.h - Runs a compiled program ----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_RUNTIME_H
#define SPMMPLU_RUNTIME_RUNTIME_H

#include "spmmplu/Runtime/CPU/Executor.h"
#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace spmmplu {

/// A row-major tensor in the caller's memory, aligned to its element size.
/// Inputs are only read.
struct BufferRef {
  DType dtype;
  void *data;
  std::span<const int64_t> shape;

  static BufferRef of(const Tensor &tensor) {
    return {tensor.dtype, const_cast<std::byte *>(tensor.bytes().data()),
            tensor.shape};
  }
};

/// What each symbol of a program's shapes stands for in one call.
using SymbolBinding = std::map<std::string, int64_t, std::less<>>;

/// The extents of `spec` under `binding`; an error for a symbol without value.
Result<std::vector<int64_t>> resolveShape(const TensorSpec &spec,
                                          const SymbolBinding &binding);

/// A package whose kernel is loaded. Movable; `const` members may be called
/// from several threads at once.
class Program {
public:
  /// Opens the package and loads the first kernel that this machine can run.
  /// Errors start with the path.
  static Result<Program> load(const std::string &path);
  static Result<Program> create(Package package);

  const Package &package() const { return *contents; }
  const Manifest &manifest() const { return contents->manifest(); }
  /// The kernel that was chosen.
  const KernelSpec &kernel() const { return manifest().kernels[kernelIndex]; }

  /// Binds the symbols, from the shapes of inputs in the manifest's order. An
  /// error where number, type or shape of an input is not the manifest's. Data
  /// is not looked at and may be null.
  Result<SymbolBinding> bindShapes(std::span<const BufferRef> inputs) const;

  /// Allocates the outputs, in the manifest's order, and runs.
  /// `threads` 0: OpenMP's default.
  Result<std::vector<Tensor>> run(std::span<const Tensor *const> inputs,
                                  int threads = 0) const;

  /// Runs without allocating tensors. Outputs are overwritten and must not
  /// overlap anything else. A kernel writes every element, except of a result
  /// whose type is sparse: elements outside of its mask are left as they are,
  /// so such a buffer comes in with zeros. Nothing runs where all outputs are
  /// empty.
  Status runInto(std::span<const BufferRef> inputs,
                 std::span<const BufferRef> outputs, int threads = 0) const;

private:
  /// The kernel's constant arguments: views of the mapped file, or of a copy
  /// where the file's alignment is less than the 64 bytes kernels rely on.
  struct Constant {
    void *data;
    std::vector<int64_t> shape;
  };

  Program(std::unique_ptr<Package> contents, CpuExecutor executor,
          size_t kernelIndex)
      : contents(std::move(contents)), executor(std::move(executor)),
        kernelIndex(kernelIndex) {}
  Status loadConstants();

  /// On the heap: views into the mapping stay valid when a program moves.
  std::unique_ptr<Package> contents;
  CpuExecutor executor;
  size_t kernelIndex;
  std::vector<Constant> constants;
  std::vector<Tensor> copies;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_RUNTIME_H
