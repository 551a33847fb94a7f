//===- TestEmulator.h - Passes that run the emulator ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_EMULATOR_TESTEMULATOR_H
#define SPMMPLU_TEST_LIB_EMULATOR_TESTEMULATOR_H

namespace mlir::spmmplu {

/// Registers `test-emulate` and `test-gpu-equivalence`.
void registerTestEmulator();

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_EMULATOR_TESTEMULATOR_H
