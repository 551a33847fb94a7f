//===- IntegerOps.cpp - Scalar ops on integers, indices --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::spmmplu;

using llvm::APInt;
using Arguments = ArrayRef<Number>;
namespace APIntOps = llvm::APIntOps;

/// All arithmetic is on bits of the type's width: it wraps, and is defined.
template <auto function>
static FailureOr<Number> binary(Operation *op, Arguments args) {
  Type type = op->getResult(0).getType();
  return Number{0, fromBits(type, function(toBits(type, args[0].integer),
                                           toBits(type, args[1].integer)))};
}

template <auto function>
static FailureOr<Number> division(Operation *op, Arguments args) {
  if (args[1].integer == 0)
    return op->emitError("division by zero");
  return binary<function>(op, args);
}

static FailureOr<Number> compare(Operation *op, Arguments args) {
  Type type = op->getOperand(0).getType();
  bool holds = arith::applyCmpPredicate(cast<arith::CmpIOp>(op).getPredicate(),
                                        toBits(type, args[0].integer),
                                        toBits(type, args[1].integer));
  return Number{0, holds};
}

/// A change of width.
template <bool isSigned>
static FailureOr<Number> resize(Operation *op, Arguments args) {
  Type type = op->getResult(0).getType();
  APInt bits = toBits(op->getOperand(0).getType(), args[0].integer);
  unsigned width = getIntegerWidth(type);
  return Number{0, fromBits(type, isSigned ? bits.sextOrTrunc(width)
                                           : bits.zextOrTrunc(width))};
}

static void addArithmetic(llvm::StringMap<ScalarHandler> &table) {
  using I = const APInt &;
  table["arith.addi"] = binary<[](I a, I b) { return a + b; }>;
  table["arith.subi"] = binary<[](I a, I b) { return a - b; }>;
  table["arith.muli"] = binary<[](I a, I b) { return a * b; }>;
  table["arith.andi"] = binary<[](I a, I b) { return a & b; }>;
  table["arith.ori"] = binary<[](I a, I b) { return a | b; }>;
  table["arith.xori"] = binary<[](I a, I b) { return a ^ b; }>;
  table["arith.shli"] = binary<[](I a, I b) { return a.shl(b); }>;
  table["arith.shrsi"] = binary<[](I a, I b) { return a.ashr(b); }>;
  table["arith.shrui"] = binary<[](I a, I b) { return a.lshr(b); }>;
  table["arith.maxsi"] = binary<[](I a, I b) { return APIntOps::smax(a, b); }>;
  table["arith.minsi"] = binary<[](I a, I b) { return APIntOps::smin(a, b); }>;
  table["arith.maxui"] = binary<[](I a, I b) { return APIntOps::umax(a, b); }>;
  table["arith.minui"] = binary<[](I a, I b) { return APIntOps::umin(a, b); }>;
  table["arith.divsi"] = division<[](I a, I b) { return a.sdiv(b); }>;
  table["arith.divui"] = division<[](I a, I b) { return a.udiv(b); }>;
  table["arith.remsi"] = division<[](I a, I b) { return a.srem(b); }>;
  table["arith.remui"] = division<[](I a, I b) { return a.urem(b); }>;
  table["arith.ceildivsi"] = division<[](I a, I b) {
    return APIntOps::RoundingSDiv(a, b, APInt::Rounding::UP);
  }>;
  table["arith.floordivsi"] = division<[](I a, I b) {
    return APIntOps::RoundingSDiv(a, b, APInt::Rounding::DOWN);
  }>;
  table["arith.ceildivui"] = division<[](I a, I b) {
    return APIntOps::RoundingUDiv(a, b, APInt::Rounding::UP);
  }>;
  table["math.absi"] = [](Operation *op, Arguments args) -> FailureOr<Number> {
    Type type = op->getResult(0).getType();
    return Number{0, fromBits(type, toBits(type, args[0].integer).abs())};
  };
}

//===----------------------------------------------------------------------===//
// Affine maps on indices
//===----------------------------------------------------------------------===//

static FailureOr<SmallVector<int64_t>> applyMap(Interpreter &interpreter,
                                                Operation *op, AffineMap map) {
  SmallVector<int64_t> operands;
  for (Value operand : op->getOperands())
    operands.push_back(interpreter.getInteger(operand));
  ArrayRef<int64_t> all = operands;
  FailureOr<SmallVector<int64_t>> results = evaluateAffine(
      map, all.take_front(map.getNumDims()), all.drop_front(map.getNumDims()));
  if (failed(results))
    return op->emitError("division by zero or less");
  return results;
}

static LogicalResult runApply(Interpreter &interpreter,
                              affine::AffineApplyOp op) {
  FailureOr<SmallVector<int64_t>> results =
      applyMap(interpreter, op, op.getAffineMap());
  return failed(results)
             ? failure()
             : interpreter.setInteger(op, op.getResult(), results->front());
}
static LogicalResult runMin(Interpreter &interpreter, affine::AffineMinOp op) {
  FailureOr<SmallVector<int64_t>> results =
      applyMap(interpreter, op, op.getAffineMap());
  return failed(results) ? failure()
                         : interpreter.setInteger(op, op.getResult(),
                                                  *llvm::min_element(*results));
}
static LogicalResult runMax(Interpreter &interpreter, affine::AffineMaxOp op) {
  FailureOr<SmallVector<int64_t>> results =
      applyMap(interpreter, op, op.getAffineMap());
  return failed(results) ? failure()
                         : interpreter.setInteger(op, op.getResult(),
                                                  *llvm::max_element(*results));
}

void mlir::spmmplu::addIntegerHandlers(HandlerTable &table) {
  addArithmetic(table.scalars);
  table.scalars["arith.cmpi"] = compare;
  for (StringRef name : {"arith.index_cast", "arith.extsi", "arith.trunci"})
    table.scalars[name] = resize<true>;
  for (StringRef name : {"arith.index_castui", "arith.extui"})
    table.scalars[name] = resize<false>;
  table.add<affine::AffineApplyOp, runApply>();
  table.add<affine::AffineMinOp, runMin>();
  table.add<affine::AffineMaxOp, runMax>();
}
