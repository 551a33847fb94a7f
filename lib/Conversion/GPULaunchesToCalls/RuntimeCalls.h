//===- RuntimeCalls.h - Calls of the runtime --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_RUNTIMECALLS_H
#define SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_RUNTIMECALLS_H

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::spmmplu {

/// Emits calls of the runtime at one op.
class RuntimeCalls {
public:
  RuntimeCalls(OpBuilder &builder, Operation *op);

  Value constant(Type type, int64_t value);
  /// Of type i64.
  Value constant(int64_t value);

  /// Declares `name` on first use. Without a `result` type it has none.
  FailureOr<LLVM::CallOp> call(StringRef name, Type result,
                               ValueRange arguments);

  /// What a call returned, a plain pointer, as a pointer of `type`.
  Value cast(LLVM::CallOp call, Type type);

  /// The values, of one type, in consecutive memory.
  Value array(Type type, ValueRange values);

  /// A C string, one global for all its uses.
  Value string(StringRef text);

  /// Bytes of the contiguous memref `memref`, of type `type`.
  Value bytes(MemRefType type, Value memref);
  /// The same from its dynamic sizes.
  Value bytes(MemRefType type, ValueRange dynamicSizes);

  OpBuilder &builder;
  Location loc;
  ModuleOp module;
  LLVM::LLVMPointerType pointer;

private:
  /// Memory of `count` values of `type` for the time of the function: in its
  /// first block, so that a launch in a loop takes it once.
  Value stack(Type type, int64_t count);

  FunctionOpInterface function;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_GPULAUNCHESTOCALLS_RUNTIMECALLS_H
