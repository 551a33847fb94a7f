//===- TestDeviceEmitter.cpp - A pass that emits device code ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestDeviceEmitter.h"

#include "spmmplu/Package/DeviceEmitter.h"

#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

struct TestEmitDevicePass
    : PassWrapper<TestEmitDevicePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestEmitDevicePass)

  TestEmitDevicePass() = default;
  TestEmitDevicePass(const TestEmitDevicePass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "test-emit-device"; }
  StringRef getDescription() const override {
    return "Prints the PTX of the gpu.module, then what ptxas says about it";
  }

  void runOnOperation() override {
    FailureOr<DeviceCode> code = emitDevice(getOperation(), chip);
    if (failed(code))
      return signalPassFailure();
    llvm::outs() << code->ptx;
    for (const KernelReport &kernel : code->kernels) {
      llvm::outs() << "kernel " << kernel.name << ": " << kernel.registers
                   << " registers, " << kernel.stackBytes << " stack, "
                   << kernel.spillStoreBytes + kernel.spillLoadBytes
                   << " spilled, " << kernel.sharedBytes << " shared, "
                   << kernel.warnings.size() << " warnings\n";
      for (const std::string &warning : kernel.warnings)
        llvm::outs() << "warning: " << warning << "\n";
    }
    for (const std::string &warning : code->warnings)
      llvm::outs() << "warning: " << warning << "\n";
    if (!code->cubin.empty())
      llvm::outs() << "cubin " << code->cubin.substr(1, 3) << "\n";
  }

  Option<std::string> chip{*this, "chip", llvm::cl::desc("The GPU's name"),
                           llvm::cl::init("sm_90a")};
};

} // namespace

void mlir::spmmplu::registerTestDeviceEmitter() {
  PassRegistration<TestEmitDevicePass>();
}
