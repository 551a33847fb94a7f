//===- SparseIRDialect.cpp - The sparse_ir dialect -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::spmmplu;

#include "spmmplu/IR/SparseIRDialect.cpp.inc"

void SparseIRDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "spmmplu/IR/SparseIROps.cpp.inc"
      >();
}
