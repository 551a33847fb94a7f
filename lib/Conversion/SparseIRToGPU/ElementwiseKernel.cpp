//===- ElementwiseKernel.cpp - Elementwise ops that no kernel took ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most elementwise ops are part of a kernel's epilogue. What is left, between
// results of several kernels or with several uses, is a kernel of its own: one
// thread an element, consecutive threads along the last loop. It computes in
// f32 like an epilogue. Transposes and broadcasts are the same with no op.
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kThreads = 256;

/// Whether all numbers of `body` are floats of at most 32 bits, or conditions,
/// and its ops those of epilogues and casts.
static bool isEpilogueLike(Block &body) {
  auto fits = [](Type type) {
    return type.isF32() || type.isF16() || type.isBF16() || type.isInteger(1);
  };
  for (Operation &op : body.without_terminator())
    if ((!isEpilogueOp(&op) && !isa<arith::ExtFOp, arith::TruncFOp>(op)) ||
        !llvm::all_of(op.getOperandTypes(), fits) ||
        !llvm::all_of(op.getResultTypes(), fits))
      return false;
  FloatAttr constant;
  for (Operation &op : body)
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body &&
          !matchPattern(operand, m_Constant(&constant)))
        return false;
  return true;
}

/// A number that kernels know: a float, or an i32 that is only moved.
static bool isKnownConstant(Value value) {
  FloatAttr real;
  IntegerAttr integer;
  return matchPattern(value, m_Constant(&real)) ||
         (value.getType().isInteger(32) &&
          matchPattern(value, m_Constant(&integer)));
}

bool mlir::spmmplu::isElementwiseKernel(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || op.getNumReductionLoops() ||
      op.getNumDpsInits() != 1 || op.getNumLoops() == 0 ||
      !isEpilogueLike(*op.getBlock()))
    return false;
  bool isMove = llvm::hasSingleElement(*op.getBlock());
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type && isKnownConstant(operand.get()))
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!type || !map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return false;
    Type element = type.getElementType();
    if (!element.isF32() && !element.isF16() && !element.isBF16() &&
        !(isMove && element.isInteger(32)))
      return false;
  }
  return op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation();
}

namespace {

class ElementwiseKernel {
public:
  ElementwiseKernel(linalg::LinalgOp op, gpu::GPUModuleOp module)
      : op(op), k(op, module), e(k.e) {}

  void emit() {
    SmallVector<Value> hostSizes = getSizes();
    Value hostTotal = k.hostIndex(1);
    SmallVector<Value> sizes;
    Value total = e.i64(1);
    for (Value size : hostSizes) {
      hostTotal = k.hostMul(hostTotal, size);
      sizes.push_back(e.widen(k.number(size)));
      total = e.mul(total, sizes.back());
    }
    Value id =
        e.add(e.mul(e.widen(e.blockX()), kThreads), e.widen(e.threadId()));
    for (OpOperand &operand : op->getOpOperands())
      operands.push_back(
          isa<MemRefType>(operand.get().getType())
              ? k.operand(operand.get(), op.getMatchingIndexingMap(&operand))
              : DeviceOperand());
    e.ifThen(e.less(id, total), [&] { emitElement(split(id, sizes)); });
    k.launch(k.hostCeilDiv(hostTotal, kThreads), k.hostIndex(1), kThreads, 0);
  }

private:
  /// The loops' sizes, as the host reads them off the result: its map only
  /// permutes.
  SmallVector<Value> getSizes() {
    Value result = op.getDpsInits()[0];
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    SmallVector<Value> sizes(map.getNumDims());
    for (unsigned dim = 0; dim < map.getNumResults(); ++dim)
      sizes[map.getDimPosition(dim)] =
          k.host.createOrFold<memref::DimOp>(e.loc, result, int64_t(dim));
    return sizes;
  }

  /// The iteration of a linear index, the last loop innermost.
  SmallVector<Value> split(Value id, ArrayRef<Value> sizes) {
    SmallVector<Value> iteration(sizes.size());
    for (size_t at = sizes.size(); at-- > 1;) {
      iteration[at] = e.b.createOrFold<arith::RemUIOp>(e.loc, id, sizes[at]);
      id = e.b.createOrFold<arith::DivUIOp>(e.loc, id, sizes[at]);
    }
    iteration[0] = id;
    return iteration;
  }

  Value address(const DeviceOperand &operand, ArrayRef<Value> iteration) {
    Value offset = e.i64(0);
    for (auto [result, stride] :
         llvm::zip(operand.map.getResults(), operand.strides))
      if (auto dim = dyn_cast<AffineDimExpr>(result))
        offset =
            e.add(offset, e.mul(iteration[dim.getPosition()], e.widen(stride)));
    return e.at(operand.pointer, e.mul(offset, operand.width()));
  }

  Value constant(Value value) {
    IntegerAttr integer;
    if (matchPattern(value, m_Constant(&integer)))
      return e.i32(integer.getInt());
    FloatAttr attribute;
    matchPattern(value, m_Constant(&attribute));
    return arith::ConstantOp::create(
        e.b, e.loc,
        e.b.getF32FloatAttr(attribute.getValue().convertToDouble()));
  }

  /// Floats as f32.
  Value load(const DeviceOperand &operand, ArrayRef<Value> iteration) {
    Value value =
        e.load(operand.element, address(operand, iteration), operand.width());
    return operand.element.isInteger() ? value
                                       : e.convert(value, e.b.getF32Type());
  }

  void emitElement(ArrayRef<Value> iteration) {
    Block &body = *op.getBlock();
    IRMapping mapping;
    for (BlockArgument argument : body.getArguments()) {
      if (argument.use_empty())
        continue;
      const DeviceOperand &operand = operands[argument.getArgNumber()];
      mapping.map(argument,
                  operand.pointer
                      ? load(operand, iteration)
                      : constant(op->getOperand(argument.getArgNumber())));
    }
    auto lookup = [&](Value value) {
      Value known = mapping.lookupOrNull(value);
      return known ? known : constant(value);
    };
    for (Operation &inner : body.without_terminator()) {
      SmallVector<Value> inputs =
          llvm::map_to_vector(inner.getOperands(), lookup);
      Value result;
      if (isa<arith::ExtFOp, arith::TruncFOp>(inner))
        result = inputs[0];
      else if (isa<arith::ConstantOp>(inner) &&
               isa<FloatType>(inner.getResult(0).getType()))
        result = constant(inner.getResult(0));
      else
        result = emitScalarOp(e, inner, inputs);
      mapping.map(inner.getResult(0), result);
    }
    const DeviceOperand &out = operands.back();
    Value value = lookup(body.getTerminator()->getOperand(0));
    e.store(e.convert(value, out.element), address(out, iteration),
            out.width());
  }

  linalg::LinalgOp op;
  KernelBuilder k;
  DeviceEmitter &e;
  SmallVector<DeviceOperand> operands; ///< no pointer: a constant
};

} // namespace

void mlir::spmmplu::emitElementwiseKernel(linalg::LinalgOp op,
                                          gpu::GPUModuleOp module) {
  ElementwiseKernel(op, module).emit();
}
