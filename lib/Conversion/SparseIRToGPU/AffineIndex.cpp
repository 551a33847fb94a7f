//===- AffineIndex.cpp - Coordinates by affine maps -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AffineIndex.h"

using namespace mlir;
using namespace mlir::spmmplu;

Value mlir::spmmplu::evaluateIndex(DeviceEmitter &e, AffineExpr expr, Value x,
                                   Value y) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dim.getPosition() == 0 ? x : y;
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return e.i32(constant.getValue());
  auto binary = cast<AffineBinaryOpExpr>(expr); // maps of kernels: no symbols
  Value lhs = evaluateIndex(e, binary.getLHS(), x, y);
  if (expr.getKind() == AffineExprKind::Add)
    return e.add(lhs, evaluateIndex(e, binary.getRHS(), x, y));
  if (expr.getKind() == AffineExprKind::Mul)
    return e.mul(lhs, evaluateIndex(e, binary.getRHS(), x, y));
  // Affine division is by positive constants, and what it divides is not
  // negative: padding is subtracted last.
  int64_t by = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  if (expr.getKind() == AffineExprKind::Mod)
    return e.rem(lhs, by);
  if (expr.getKind() == AffineExprKind::CeilDiv)
    lhs = e.add(lhs, by - 1);
  return e.div(lhs, by);
}
