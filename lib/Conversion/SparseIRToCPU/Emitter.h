//===- Emitter.h - Terse construction of kernel code -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels are written with an `Emitter`: index arithmetic folds constants,
// loops take their body as a function of the induction variable and the values
// they carry. Everything it makes is upstream arith, scf, memref and vector.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_EMITTER_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::spmmplu {

/// A contiguous one-dimensional view of a strided memref and its strides, in
/// elements. The view starts at the memref's first element.
struct FlatMemRef {
  Value data;
  SmallVector<Value> strides;
};

class Emitter {
public:
  Emitter(OpBuilder &builder, Location loc) : b(builder), loc(loc) {}

  using ForBody = function_ref<void(Value index)>;
  using CarryBody =
      function_ref<SmallVector<Value>(Value index, ValueRange carried)>;
  using Body = function_ref<void()>;

  // Index arithmetic.
  Value index(int64_t value);
  Value add(Value lhs, Value rhs);
  Value add(Value lhs, int64_t rhs) { return add(lhs, index(rhs)); }
  Value sub(Value lhs, Value rhs);
  Value mul(Value lhs, Value rhs);
  Value mul(Value lhs, int64_t rhs) { return mul(lhs, index(rhs)); }
  Value ceilDiv(Value lhs, int64_t rhs);
  Value floorDiv(Value lhs, int64_t rhs);
  Value min(Value lhs, Value rhs);
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs);
  Value compare(arith::CmpIPredicate predicate, Value lhs, int64_t rhs) {
    return compare(predicate, lhs, index(rhs));
  }

  // Control flow.
  void forRange(Value lo, Value hi, int64_t step, ForBody body);
  SmallVector<Value> forRange(Value lo, Value hi, int64_t step,
                              ValueRange carried, CarryBody body);
  /// Iterations are independent: they become threads.
  void parallel(ArrayRef<Value> sizes,
                function_ref<void(ValueRange indices)> body);
  void ifThen(Value condition, Body then, Body otherwise = nullptr);
  /// `values`, or where `condition` holds what `body` makes of them.
  SmallVector<Value>
  ifChanged(Value condition, ValueRange values,
            function_ref<SmallVector<Value>(ValueRange values)> body);

  // Memory.
  /// The memref as one dimension (`FlatMemRef`).
  FlatMemRef flatten(Value memref);
  /// `memref`'s element at `index` of an i32 table, as an index.
  Value loadIndex(Value table, Value index);
  Value load(Value flat, Value index);
  /// Scratch memory of `size` elements, aligned to a cache line.
  Value alloc(Type element, Value size);
  void free(Value memref);

  // Vectors.
  Value zero(Type type);
  Value loadVector(VectorType type, Value flat, Value index);
  Value maskedLoad(VectorType type, Value flat, Value index, Value mask);
  void storeVector(Value vector, Value flat, Value index);
  void maskedStore(Value vector, Value flat, Value index, Value mask);
  Value splat(VectorType type, Value scalar);
  Value fma(Value a, Value b, Value c);
  /// The first `count` lanes.
  Value laneMask(int64_t lanes, Value count);
  /// `value` in `type`'s element type (float widening or narrowing).
  Value convert(Value value, Type type);

  OpBuilder &b;
  Location loc;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_EMITTER_H
