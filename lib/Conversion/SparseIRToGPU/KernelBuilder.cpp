//===- KernelBuilder.cpp - A device function and its launch ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../KernelOperands.h"
#include "AffineIndex.h"
#include "Kernels.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// DeviceOperand
//===----------------------------------------------------------------------===//

Value DeviceOperand::offset(DeviceEmitter &e, Value x, Value y) const {
  auto term = [&](Value index, Value stride) {
    if (isConstantIntValue(stride, 1))
      return e.widen(index);
    return e.mul(e.widen(index), e.widen(stride));
  };
  if (xStride)
    return e.add(term(x, xStride), term(y, yStride));
  Value sum = e.i64(0);
  for (auto [result, stride] : llvm::zip(map.getResults(), strides))
    sum = e.add(sum, term(evaluateIndex(e, result, x, y), stride));
  return sum;
}

Value DeviceOperand::address(DeviceEmitter &e, Value x, Value y) const {
  return e.at(pointer, e.mul(offset(e, x, y), width()));
}

bool DeviceOperand::contiguousInX() const {
  return xStride && isConstantIntValue(xStride, 1);
}
bool DeviceOperand::contiguousInY() const {
  return yStride && isConstantIntValue(yStride, 1);
}

Value DeviceOperand::isAligned(DeviceEmitter &e) const {
  Value other = contiguousInY() ? xStride : yStride;
  Value aligned = e.equal(e.rem(other, 16 / width()), 0);
  return misalignment ? e.both(aligned, e.equal(misalignment, 0)) : aligned;
}

//===----------------------------------------------------------------------===//
// KernelBuilder
//===----------------------------------------------------------------------===//

static gpu::GPUFuncOp createFunction(Operation *op, gpu::GPUModuleOp module) {
  int64_t number = 0;
  for (auto other : module.getOps<gpu::GPUFuncOp>())
    (void)other, ++number;
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto function = gpu::GPUFuncOp::create(builder, op->getLoc(),
                                         "kernel" + std::to_string(number),
                                         builder.getFunctionType({}, {}));
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  return function;
}

KernelBuilder::KernelBuilder(Operation *op, gpu::GPUModuleOp module)
    : host(op), op(dyn_cast<KernelOp>(op)), device(op->getContext()),
      e(device, op->getLoc()), function(createFunction(op, module)) {
  device.setInsertionPointToStart(&function.getBody().front());
}

Value KernelBuilder::argument(Type type, Value hostValue) {
  hostArguments.push_back(hostValue);
  return function.getBody().front().addArgument(type, e.loc);
}

Value KernelBuilder::pointer(Value memref) {
  Location loc = e.loc;
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(host, loc, memref);
  auto [strides, offset] =
      cast<MemRefType>(memref.getType()).getStridesAndOffset();
  if (offset != 0) {
    auto metadata = memref::ExtractStridedMetadataOp::create(host, loc, memref);
    int64_t width =
        cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
    base = arith::AddIOp::create(
        host, loc, base, hostMul(metadata.getOffset(), hostIndex(width)));
  }
  return address(
      arith::IndexCastOp::create(host, loc, host.getI64Type(), base));
}

Value KernelBuilder::address(Value hostAddress) {
  auto type = LLVM::LLVMPointerType::get(host.getContext(), 1);
  return argument(type,
                  LLVM::IntToPtrOp::create(host, e.loc, type, hostAddress));
}

Value KernelBuilder::number(Value hostIndex) {
  if (auto constant = getConstantIntValue(hostIndex))
    return e.i32(*constant);
  return argument(
      host.getI32Type(),
      arith::IndexCastOp::create(host, e.loc, host.getI32Type(), hostIndex));
}

Value KernelBuilder::tensorMap(Value hostPointer) {
  Value device = argument(hostPointer.getType(), hostPointer);
  unsigned position = cast<BlockArgument>(device).getArgNumber();
  Type bytes = LLVM::LLVMArrayType::get(host.getI8Type(), 128);
  SmallVector<NamedAttribute> attributes = {
      host.getNamedAttr("llvm.byval", TypeAttr::get(bytes)),
      host.getNamedAttr("llvm.align", host.getI64IntegerAttr(64))};
  argumentAttributes.emplace_back(position, host.getDictionaryAttr(attributes));
  return device;
}

DeviceOperand KernelBuilder::operand(Value memref, AffineMap map) {
  auto type = cast<MemRefType>(memref.getType());
  DeviceOperand operand;
  operand.pointer = pointer(memref);
  operand.element = type.getElementType();
  operand.map = map;
  auto [strides, offset] = type.getStridesAndOffset();
  memref::ExtractStridedMetadataOp metadata;
  for (auto [dim, stride] : llvm::enumerate(strides)) {
    if (!ShapedType::isDynamic(stride)) {
      operand.strides.push_back(e.i32(stride));
      continue;
    }
    if (!metadata)
      metadata = memref::ExtractStridedMetadataOp::create(host, e.loc, memref);
    operand.strides.push_back(number(metadata.getStrides()[dim]));
  }
  if (offset != 0) {
    // Memory itself is aligned to more than 16 bytes.
    if (!metadata)
      metadata = memref::ExtractStridedMetadataOp::create(host, e.loc, memref);
    Value bytes = hostMul(metadata.getOffset(), hostIndex(operand.width()));
    operand.misalignment =
        number(host.createOrFold<arith::RemUIOp>(e.loc, bytes, hostIndex(16)));
  }
  if (operand.map.isPermutation() && operand.map.getNumResults() == 2) {
    unsigned x = operand.map.getDimPosition(0) == 0 ? 0 : 1;
    operand.xStride = operand.strides[x];
    operand.yStride = operand.strides[1 - x];
  }
  return operand;
}

void KernelBuilder::takeBatch(Value hostCount) {
  Type word = device.getI32Type();
  blockIndex = e.blockX();
  sliceIndex = e.i32(0);
  if (!hostCount)
    return;
  Value count = number(hostCount);
  Value perSlice = NVVM::GridDimXOp::create(device, e.loc, word);
  Value linear = e.add(e.mul(e.blockY(), perSlice), blockIndex);
  sliceIndex = arith::RemUIOp::create(device, e.loc, linear, count);
  blockIndex = arith::DivUIOp::create(device, e.loc, linear, count);
}

Value KernelBuilder::scratch(Value hostBytes) {
  Location loc = e.loc;
  auto type = LLVM::LLVMPointerType::get(host.getContext(), 1);
  Value bytes =
      arith::IndexCastOp::create(host, loc, host.getI64Type(), hostBytes);
  return argument(type, ScratchOp::create(host, loc, type, bytes));
}

Value KernelBuilder::hostIndex(int64_t value) {
  return arith::ConstantIndexOp::create(host, e.loc, value);
}
Value KernelBuilder::hostCeilDiv(Value value, int64_t by) {
  return host.createOrFold<arith::CeilDivSIOp>(e.loc, value, hostIndex(by));
}
Value KernelBuilder::hostMul(Value lhs, Value rhs) {
  return host.createOrFold<arith::MulIOp>(e.loc, lhs, rhs);
}
Value KernelBuilder::hostExtent(Axis axis) {
  return *getExtent(host, op, axis);
}

void KernelBuilder::launch(Value gridX, Value gridY, int64_t threads,
                           int64_t sharedBytes, int64_t cluster) {
  Location loc = e.loc;
  gpu::ReturnOp::create(device, loc);
  SmallVector<Type> types =
      llvm::to_vector(function.getBody().front().getArgumentTypes());
  function.setFunctionType(host.getFunctionType(types, {}));
  for (auto [position, attributes] : argumentAttributes)
    function.setArgAttrs(position, attributes);
  function.setKnownBlockSizeAttr(
      host.getDenseI32ArrayAttr({int32_t(threads), 1, 1}));
  if (cluster > 1)
    function.setKnownClusterSizeAttr(
        host.getDenseI32ArrayAttr({int32_t(cluster), 1, 1}));
  Value one = hostIndex(1);
  Value bytes = arith::ConstantIntOp::create(host, loc, sharedBytes, 32);
  gpu::LaunchFuncOp::create(
      host, loc, function, gpu::KernelDim3{gridX, gridY, one},
      gpu::KernelDim3{hostIndex(threads), one, one}, bytes, hostArguments);
}
