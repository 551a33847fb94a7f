//===- Emitter.h - Short names for the ops of device kernels ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The vocabulary of docs/gpu.md, "Device kernels". Integers are i32 unless a
// name says otherwise; offsets of `at` are in bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EMITTER_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::spmmplu {

class DeviceEmitter {
public:
  DeviceEmitter(OpBuilder &builder, Location loc) : b(builder), loc(loc) {}

  using ForBody = function_ref<void(Value index)>;
  using CarryBody =
      function_ref<SmallVector<Value>(Value index, ValueRange carried)>;
  using Body = function_ref<void()>;

  // Integer arithmetic, folded where operands are constant. Division and
  // remainder are unsigned.
  Value i32(int64_t value);
  Value i64(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, like(lhs, rhs)); }
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs) { return mul(lhs, like(lhs, rhs)); }
  Value div(Value lhs, int64_t rhs);
  Value rem(Value lhs, int64_t rhs);
  Value bitAnd(Value lhs, int64_t rhs);
  Value bitXor(Value lhs, Value rhs);
  Value min(Value lhs, Value rhs);
  Value max(Value lhs, Value rhs);
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs);
  Value less(Value lhs, Value rhs) {
    return compare(arith::CmpIPredicate::slt, lhs, rhs);
  }
  Value less(Value lhs, int64_t rhs) { return less(lhs, like(lhs, rhs)); }
  Value equal(Value lhs, int64_t rhs) {
    return compare(arith::CmpIPredicate::eq, lhs, like(lhs, rhs));
  }
  Value both(Value lhs, Value rhs);
  Value select(Value condition, Value yes, Value no);
  /// i32 to i64, sign-extended.
  Value widen(Value value);

  // Control flow.
  void forRange(Value lo, Value hi, int64_t step, ForBody body);
  SmallVector<Value> forRange(Value lo, Value hi, int64_t step,
                              ValueRange carried, CarryBody body);
  void ifThen(Value condition, Body then, Body otherwise = nullptr);
  /// A value of either branch.
  Value ifValue(Value condition, function_ref<Value()> then,
                function_ref<Value()> otherwise);
  SmallVector<Value> ifValues(Value condition,
                              function_ref<SmallVector<Value>()> then,
                              function_ref<SmallVector<Value>()> otherwise);

  // Threads.
  Value threadId();
  Value blockX();
  Value blockY();
  /// Thread / 32, known to be the same in all lanes.
  Value warpId(Value thread);
  /// What the lane numbered `lane` has (i32).
  Value shuffle(Value value, Value lane);
  void barrier();
  void syncWarp();
  /// From when all threads have called it (or ended) on, the next launch may
  /// begin, if it waits itself.
  void launchNext();
  /// Until the launches before this one have ended: only constants are read
  /// before it, and nothing is written. Every thread that does either calls it.
  void waitForEarlier();
  /// What this thread has written is seen by all of the device before what it
  /// writes next.
  void fenceDevice();

  // Memory.
  /// The block's shared memory.
  Value shared();
  Value at(Value pointer, Value bytes);
  Value at(Value pointer, int64_t bytes) { return at(pointer, i32(bytes)); }
  Value load(Type type, Value pointer, int64_t alignment = 0);
  /// The i32 at `index` of a table in device memory.
  Value loadWord(Value table, Value index);
  void store(Value value, Value pointer, int64_t alignment = 0);
  /// Adds to an i32 in device memory, as one operation that orders memory for
  /// all of the device; returns what was there.
  Value atomicAdd(Value pointer, Value value);
  /// 16 bytes from device to shared memory, of which the first `bytes` are
  /// read and the rest are zeros.
  void copyAsync(Value shared, Value global, Value bytes);
  void copyAsync(Value shared, Value global) {
    copyAsync(shared, global, i32(16));
  }
  /// Asks the L2 for the line of an address in device memory, also where an
  /// earlier launch may still write it: nothing is read.
  void prefetch(Value global);
  void commitCopies();
  /// Until at most `pending` groups of this thread's copies are in flight.
  void waitCopies(int64_t pending);
  /// `count` (1, 2 or 4) 8 x 8 matrices of 16-bit elements, a register each.
  SmallVector<Value> loadMatrix(Value pointer, int64_t count, bool transpose);

  // Vectors.
  Value zero(Type type);
  VectorType vector(int64_t size, Type element) {
    return VectorType::get({size}, element);
  }
  /// i32 registers as one vector of a narrower or equal element type.
  Value pack(ValueRange registers, Type element);
  Value fromElements(ValueRange elements);
  Value extract(Value vector, int64_t position);
  /// `count` elements from `from` on.
  Value slice(Value vector, int64_t from, int64_t count) {
    return vector::ExtractStridedSliceOp::create(b, loc, vector, from, count,
                                                 1);
  }
  /// The sum of floats or of integers, or of vectors of them.
  Value addNumbers(Value lhs, Value rhs);
  /// Float scalars and vectors in another element type.
  Value convert(Value value, Type element);

  OpBuilder &b;
  Location loc;

private:
  Value like(Value value, int64_t constant);
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EMITTER_H
