//===- SparseGPU.h - The dialect sparse_gpu ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_GPU_SPARSEGPU_H
#define SPMMPLU_GPU_SPARSEGPU_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "spmmplu/GPU/SparseGPUDialect.h.inc"
#define GET_OP_CLASSES
#include "spmmplu/GPU/SparseGPUOps.h.inc"

#endif // SPMMPLU_GPU_SPARSEGPU_H
