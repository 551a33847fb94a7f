//===- DeviceEmitter.h - Device kernels to PTX and cubin --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PACKAGE_DEVICEEMITTER_H
#define SPMMPLU_PACKAGE_DEVICEEMITTER_H

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::spmmplu {

/// What ptxas says about one kernel.
struct KernelReport {
  std::string name;
  int64_t registers = 0; ///< of a thread
  int64_t stackBytes = 0, spillStoreBytes = 0, spillLoadBytes = 0;
  int64_t sharedBytes = 0;           ///< static; the launch adds the rest
  std::vector<std::string> warnings; ///< that name this kernel
};

struct DeviceCode {
  std::string ptx;
  std::string cubin; ///< empty without a ptxas that knows the PTX and the chip
  std::vector<KernelReport> kernels;
  std::vector<std::string> warnings; ///< that name no kernel
};

/// ptxas's path: of PATH, CUDA_HOME, CUDA_PATH or /usr/local/cuda, in this
/// order; empty where there is none.
std::string findPtxas();

/// Generates code for the `gpu.module` of `module`, which stays as it is.
/// `chip` is a name of ptxas and LLVM, such as sm_90a. Errors are diagnostics.
FailureOr<DeviceCode> emitDevice(ModuleOp module, StringRef chip);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PACKAGE_DEVICEEMITTER_H
