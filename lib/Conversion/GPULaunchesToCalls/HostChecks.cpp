//===- HostChecks.cpp - What host code can be calls -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostChecks.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// What `spmmplu_device_alloc` promises, in bytes.
static constexpr uint64_t kDeviceAlignment = 256;

/// The elements of `type` lie without gaps in row-major order.
static bool isContiguous(MemRefType type) {
  if (type.getLayout().isIdentity())
    return true;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)))
    return false;
  int64_t expected = 1;
  for (auto [size, stride] :
       llvm::reverse(llvm::zip_equal(type.getShape(), strides))) {
    if (size != 1 && stride != expected)
      return false;
    expected *= size;
  }
  return true;
}

static LogicalResult checkContiguous(Operation *op, Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || !isContiguous(type))
    return op->emitOpError("expects contiguous device memory, found ")
           << memref.getType();
  if (!type.getElementType().isIntOrIndexOrFloat())
    return op->emitOpError("expects elements of numbers, found ")
           << type.getElementType();
  return success();
}

static LogicalResult checkAlloc(memref::AllocOp op) {
  if (!op.getType().getLayout().isIdentity() || !op.getSymbolOperands().empty())
    return op.emitOpError("expects the identity layout, found ")
           << op.getType();
  if (op.getAlignment().value_or(1) > kDeviceAlignment)
    return op.emitOpError("expects an alignment of at most ")
           << kDeviceAlignment << " bytes, found " << *op.getAlignment();
  return checkContiguous(op, op.getMemref());
}

static LogicalResult checkFill(linalg::FillOp op) {
  Value value = op.getInputs()[0];
  // Negative zero has a bit set.
  if (!matchPattern(value, m_PosZeroFloat()) && !matchPattern(value, m_Zero()))
    return op.emitOpError("fills device memory by something else than the "
                          "constant zero");
  if (!isa<MemRefType>(op.getOutputs()[0].getType()))
    return op.emitOpError("expects a memref, found ")
           << op.getOutputs()[0].getType();
  return checkContiguous(op, op.getOutputs()[0]);
}

bool mlir::spmmplu::isByValue(gpu::GPUFuncOp kernel, unsigned number) {
  return bool(kernel.getArgAttr(number, LLVM::LLVMDialect::getByValAttrName()));
}

static LogicalResult checkLaunch(gpu::LaunchFuncOp op) {
  if (op.hasClusterSize() || op.getAsyncToken() || op.getAsyncObject() ||
      !op.getAsyncDependencies().empty())
    return op.emitOpError("expects a launch without clusters and tokens");
  auto kernel =
      SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(op, op.getKernel());
  if (!kernel)
    return op.emitOpError("launches ")
           << op.getKernel() << ", which is no gpu.func of this module";
  for (auto [number, operand] : llvm::enumerate(op.getKernelOperands())) {
    Type type = operand.getType();
    auto pointer = dyn_cast<LLVM::LLVMPointerType>(type);
    if (!pointer && !type.isIntOrFloat())
      return op.emitOpError("argument ")
             << number << " expects a number or a pointer, found " << type;
    if (isByValue(kernel, number) && !(pointer && !pointer.getAddressSpace()))
      return op.emitOpError("argument ")
             << number << " is passed by value and expects !llvm.ptr, found "
             << type;
  }
  return success();
}

/// Ops that describe memory, or pass it on, say so by having no effect on it.
static LogicalResult checkOther(Operation *op) {
  Dialect *dialect = op->getDialect();
  if (isa_and_nonnull<gpu::GPUDialect, SparseGPUDialect>(dialect))
    return op->emitOpError("has no call of the runtime on the host");
  if (isa<memref::GetGlobalOp>(op))
    return op->emitOpError("expects device memory, found a global of the host");
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects)
    return success();
  SmallVector<MemoryEffects::EffectInstance> instances;
  effects.getEffects(instances);
  for (const MemoryEffects::EffectInstance &instance : instances)
    if (Value value = instance.getValue();
        value && isa<BaseMemRefType>(value.getType()))
      return op->emitOpError("accesses device memory from the host");
  return success();
}

LogicalResult mlir::spmmplu::checkHostOp(Operation *op) {
  if (auto alloc = dyn_cast<memref::AllocOp>(op))
    return checkAlloc(alloc);
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return checkFill(fill);
  if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
    return checkLaunch(launch);
  if (auto dealloc = dyn_cast<memref::DeallocOp>(op))
    return isa<MemRefType>(dealloc.getMemref().getType())
               ? success()
               : checkContiguous(op, dealloc.getMemref());
  if (auto copy = dyn_cast<memref::CopyOp>(op))
    return failed(checkContiguous(op, copy.getSource()))
               ? failure()
               : checkContiguous(op, copy.getTarget());
  if (isa<ScratchOp, TensorMapOp>(op))
    return success();
  return checkOther(op);
}
