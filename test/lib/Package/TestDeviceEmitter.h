//===- TestDeviceEmitter.h - A pass that emits device code ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_PACKAGE_TESTDEVICEEMITTER_H
#define SPMMPLU_TEST_LIB_PACKAGE_TESTDEVICEEMITTER_H

namespace mlir::spmmplu {

/// Registers `test-emit-device`.
void registerTestDeviceEmitter();

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_PACKAGE_TESTDEVICEEMITTER_H
