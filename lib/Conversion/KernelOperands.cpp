//===- KernelOperands.cpp - What conversions read off a kernel --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelOperands.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;

Type mlir::spmmplu::getType(Element element, MLIRContext *context) {
  switch (element) {
  case Element::F64:
    return Float64Type::get(context);
  case Element::F32:
    return Float32Type::get(context);
  case Element::BF16:
    return BFloat16Type::get(context);
  case Element::F16:
    return Float16Type::get(context);
  case Element::I32:
    return IntegerType::get(context, 32);
  case Element::I8:
    return IntegerType::get(context, 8);
  case Element::F8E4M3:
    return Float8E4M3FNType::get(context);
  case Element::F8E5M2:
    return Float8E5M2Type::get(context);
  }
  llvm_unreachable("element");
}

LogicalResult mlir::spmmplu::verifyTables(KernelOp op, size_t parts) {
  if (op.getTables().size() != parts)
    return op.emitOpError("expects ")
           << parts << " tables, found " << op.getTables().size()
           << ": pack before this conversion";
  for (auto [at, table] : llvm::enumerate(op.getTables())) {
    auto type = dyn_cast<MemRefType>(table.getType());
    // The masks of output tiles are words of 64 bits.
    unsigned width = isa<TilesAttr>(op.getTable()) && at == 5 ? 64 : 32;
    if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity() ||
        !type.getElementType().isInteger(width))
      return op.emitOpError("expects table ")
             << at << " as a static memref of i" << width << ", found "
             << table.getType();
  }
  return success();
}

FailureOr<Value> mlir::spmmplu::getExtent(OpBuilder &builder, KernelOp op,
                                          Axis axis) {
  int64_t extent = op.getExtent(axis);
  if (!ShapedType::isDynamic(extent))
    return Value(arith::ConstantIndexOp::create(builder, op.getLoc(), extent));
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    auto [first, second] = getAxes(role);
    if ((first != axis && second != axis) ||
        (role == Role::Lhs && op.getPackedLhs()))
      continue;
    AffineExpr wanted =
        getAffineDimExpr(first == axis ? 0 : 1, op.getContext());
    for (auto [dim, result] : llvm::enumerate(op.getMap(role).getResults()))
      if (result == wanted)
        return Value(memref::DimOp::create(
            builder, op.getLoc(), op.getOperandOf(role).get(), int64_t(dim)));
  }
  return op.emitOpError("has a dynamic extent that no operand tells");
}
