//===- Emulator.h - Device kernels on the CPU, checked ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes the GPU path's device kernels (docs/gpu.md) and the host function
// that launches them, one warp at a time, on the CPU. It is exact where the
// hardware is (fragments, swizzles, rounding of operands) and strict where the
// hardware is silent: an access out of bounds or misaligned, a read of what was
// never written, a data race, a deadlock, a barrier that part of a warp reaches
// and a kernel that ends with copies in flight are errors at the op.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_EMULATOR_EMULATOR_H
#define SPMMPLU_EMULATOR_EMULATOR_H

#include "spmmplu/Reference/Evaluator.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mlir::spmmplu {

/// A memref argument's elements, row-major and little-endian as in memory, or a
/// scalar argument as a tensor of rank 0 (an index takes 8 bytes).
struct EmulatedTensor {
  Type element;
  SmallVector<int64_t> shape;
  std::vector<char> data;
  /// What the function has to write: reading an element before is an error, and
  /// those it never writes come back as bytes 0xff (NaN for floats). `data` is
  /// ignored but for its size.
  bool isUninitialized = false;
};

/// A launch as a driver would be asked for it.
struct EmulatedLaunch {
  /// Memory is that of a memref argument of the host function: `bits` is the
  /// offset into it in bytes.
  struct Argument {
    /// The host function's argument; none for a number, whose bits are `bits`.
    std::optional<unsigned> memory;
    uint64_t bits = 0;
    /// Size of a number in bytes.
    unsigned bytes = 8;
    /// Of a tensor map: rows, columns and stride of the matrix, rows and
    /// columns of the box, in elements of `mapElement` bytes.
    SmallVector<int64_t, 5> map;
    unsigned mapElement = 0;
  };
  StringRef kernel;
  std::array<int64_t, 2> grid;
  int64_t threads;
  int64_t sharedBytes;
  SmallVector<Argument> arguments;
};

struct EmulatorOptions {
  /// Instructions of one launch (a warp's execution of one op is one) before
  /// the emulation is given up with a diagnostic.
  int64_t maxSteps = int64_t(1) << 32;
  /// Dynamic shared memory that a block may have, in bytes.
  int64_t maxSharedBytes = 227 * 1024;
  /// Total size of the memory that a function allocates, in bytes.
  int64_t maxGlobalBytes = int64_t(1) << 31;
  /// Told of every launch before it runs; arguments that point to memory that
  /// the function allocated itself have neither memory nor bits.
  std::function<void(const EmulatedLaunch &)> onLaunch;
};

/// Runs the function `function` of `module`, one tensor an argument, and writes
/// what it stored in its memref arguments back to `arguments`. Whatever is
/// wrong is a diagnostic at the op, and a failure.
LogicalResult emulate(ModuleOp module, StringRef function,
                      MutableArrayRef<EmulatedTensor> arguments,
                      const EmulatorOptions &options = {});

/// The elements of a tensor, rounded to `element`; fails for types that memory
/// does not hold and where one is of integers and the other of floats.
FailureOr<EmulatedTensor> toEmulatedTensor(const ReferenceTensor &tensor,
                                           Type element);
ReferenceTensor toReferenceTensor(const EmulatedTensor &tensor);

} // namespace mlir::spmmplu

#endif // SPMMPLU_EMULATOR_EMULATOR_H
