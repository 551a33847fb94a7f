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
#include "spmmplu/Runtime/CUDA/Device.h"
#include "spmmplu/Runtime/CUDA/Executor.h"
#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spmmplu {

/// Where a program runs; `automatic` takes the first kernel of the package that
/// this machine can run.
enum class DeviceKind : uint8_t { automatic, cpu, cuda };

/// "auto", "cpu", "cuda".
std::string_view name(DeviceKind device);
/// The inverse of `name`; nothing for any other string.
std::optional<DeviceKind> parseDeviceKind(std::string_view name);

/// A row-major tensor in the caller's memory, on the host aligned to its
/// element size, on a GPU to 16 bytes. Inputs are only read.
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
  /// Opens the package and loads the first kernel that this machine can run on
  /// a device of that kind. Errors start with the path.
  static Result<Program> load(const std::string &path,
                              DeviceKind device = DeviceKind::automatic);
  static Result<Program> create(Package package,
                                DeviceKind device = DeviceKind::automatic);

  const Package &package() const { return *contents; }
  const Manifest &manifest() const { return contents->manifest(); }
  /// The kernel that was chosen.
  const KernelSpec &kernel() const { return manifest().kernels[kernelIndex]; }
  /// The GPU it runs on with the code that was loaded; null: it runs on the
  /// CPU.
  const CudaExecutor *cuda() const { return cudaExecutor.get(); }
  DeviceKind device() const {
    return cudaExecutor ? DeviceKind::cuda : DeviceKind::cpu;
  }

  /// The package's tensors, with what `setMatrix` replaced. Refers to this
  /// object.
  TensorLookup lookup() const;

  /// Binds the symbols, from the shapes of inputs in the manifest's order. An
  /// error where number, type or shape of an input is not the manifest's. Data
  /// is not looked at and may be null.
  Result<SymbolBinding> bindShapes(std::span<const BufferRef> inputs) const;

  /// Allocates the outputs, in the manifest's order, and runs; on a GPU with
  /// copies to and from it. `threads` 0: OpenMP's default.
  Result<std::vector<Tensor>> run(std::span<const Tensor *const> inputs,
                                  int threads = 0) const;

  /// Runs on host memory without allocating tensors. Outputs are overwritten
  /// and must not overlap anything else. A kernel writes every element, except
  /// of a result whose type is sparse: elements outside of its mask are left as
  /// they are, so such a buffer comes in with zeros. Nothing runs where all
  /// outputs are empty.
  Status runInto(std::span<const BufferRef> inputs,
                 std::span<const BufferRef> outputs, int threads = 0) const;

  /// The same on memory of the GPU the program was loaded for, ordered by
  /// `stream` (null: the legacy default stream). Returns before it is done: the
  /// error is of starting it.
  Status runInto(std::span<const BufferRef> inputs,
                 std::span<const BufferRef> outputs, cuda::Stream stream) const;

  /// Replaces the values of matrix `name`, in all its forms, by those of
  /// `dense`; see `packMatrix` for what they must obey. Not while the program
  /// runs. On an error the matrix is as before.
  Status setMatrix(std::string_view name, const TensorView &dense);

private:
  /// A constant argument of the kernel: memory of the mapped file, of one of
  /// `copies` where the file's alignment is less than the 64 bytes kernels rely
  /// on, or of the GPU. Null where it is deferred and not given yet.
  struct Constant {
    void *data;
    std::vector<int64_t> shape;
  };

  Program(std::unique_ptr<Package> contents, size_t kernelIndex)
      : contents(std::move(contents)), kernelIndex(kernelIndex) {}
  Status loadKernel();
  Status loadConstants();
  Status deriveForms();
  Status setForms(const std::vector<const MatrixSpec *> &forms,
                  const TensorView &dense);
  Status setConstant(std::string_view name, const TensorView &view);
  Status checkBuffers(std::span<const BufferRef> inputs,
                      std::span<const BufferRef> outputs,
                      size_t alignment) const;
  std::vector<KernelArgument>
  makeArguments(std::span<const BufferRef> inputs,
                std::span<const BufferRef> outputs) const;
  Status runOnCopies(std::span<const BufferRef> inputs,
                     std::span<const BufferRef> outputs) const;

  /// On the heap: views into the mapping stay valid when a program moves.
  std::unique_ptr<Package> contents;
  size_t kernelIndex;
  std::optional<CpuExecutor> cpuExecutor;
  std::unique_ptr<CudaExecutor> cudaExecutor;
  std::vector<Constant> constants;
  std::map<std::string, Tensor, std::less<>> copies;
  std::vector<CudaBuffer> deviceConstants; ///< one a constant, on a GPU
  /// What `setMatrix` made, by the tensor's name.
  std::map<std::string, Tensor, std::less<>> replaced;
};

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_RUNTIME_H
