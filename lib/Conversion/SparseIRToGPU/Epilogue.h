//===- Epilogue.h - What a device kernel stores for a sum -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every store of a chain's sums has them in registers, in f32, before it rounds
// them: there the epilogue is applied, whatever way they then take to memory.
// Elements outside of the result (tails, padding) are computed like others,
// from numbers that lie inside, and are not stored: so nothing branches.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EPILOGUE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EPILOGUE_H

#include "Kernels.h"

#include "llvm/ADT/DenseMap.h"

namespace mlir::spmmplu {

/// Where an element is in the result: a row (none, if it is negative) and a
/// column (none beyond N), both i32.
struct ElementPlace {
  Value row, col;
};

/// The epilogue of a builder's kernel; nothing where the kernel has none.
class Epilogue {
public:
  explicit Epilogue(KernelBuilder &k);

  bool exists() { return k.op && k.op.hasEpilogue(); }
  /// What is loaded from here on is kept for other elements of its row or
  /// column; to be called in a block that dominates their use. `cols` is N.
  void begin(Value cols);
  /// What is stored for `sums`, a number or a vector of numbers at `places`.
  Value apply(Value sums, ArrayRef<ElementPlace> places);

private:
  Value load(unsigned operand, ElementPlace place);
  Value inside(Value index, Value extent);

  KernelBuilder &k;
  DeviceEmitter &e;
  SmallVector<DeviceOperand> operands;
  Value cols;
  /// By operand, row and column; null where the operand does not tell them
  /// apart.
  llvm::DenseMap<std::tuple<unsigned, Value, Value>, Value> loaded;
  llvm::DenseMap<Value, Value> clamped;
};

/// Emits `op`, one that epilogues may hold, on `operands`: numbers of f32 or
/// vectors of them. Functions become `math.exp2` and arithmetic, off by less
/// than 3e-7 (exp: of its value).
Value emitScalarOp(DeviceEmitter &e, Operation &op, ValueRange operands);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_EPILOGUE_H
