//===- EmulationJson.h - What an emulation did, as JSON ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All that it takes to repeat an emulation on a GPU: `hardware.py` in
// test/Emulator reads it.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_EMULATOR_EMULATIONJSON_H
#define SPMMPLU_TEST_LIB_EMULATOR_EMULATIONJSON_H

#include "spmmplu/Emulator/Emulator.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/JSON.h"

namespace mlir::spmmplu {

/// Collects `{"launches": [...], "arguments": [...]}`.
class EmulationJson {
public:
  /// `arguments` before the emulation.
  explicit EmulationJson(ArrayRef<EmulatedTensor> arguments);

  void addLaunch(const EmulatedLaunch &launch);

  /// One line, with `arguments` as the emulation left them. Memory that it
  /// wrote is that of arguments with `test.output`.
  void print(func::FuncOp func, ArrayRef<EmulatedTensor> arguments,
             raw_ostream &os) const;

private:
  llvm::json::Array launches;
  SmallVector<std::string> inputs; ///< bytes in hexadecimal
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_EMULATOR_EMULATIONJSON_H
