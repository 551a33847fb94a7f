//===- Kernel.cpp - Kernels as functions of LLVM ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

static LogicalResult checkKernel(gpu::GPUFuncOp op) {
  if (op.getNumWorkgroupAttributions() || op.getNumPrivateAttributions())
    return op.emitOpError("expects shared memory as a global of the module, "
                          "found attributions");
  for (auto [number, type] : llvm::enumerate(op.getArgumentTypes()))
    if (!LLVM::isCompatibleType(type))
      return op.emitOpError("argument ")
             << number << " expects a number or a pointer, found " << type;
  return success();
}

/// Attributes of `op` and its arguments. What is passed by value is constant in
/// the grid: kernels only read it, and without that LLVM would copy a tensor
/// map to the stack, where no bulk copy may find it.
static void copyAttributes(gpu::GPUFuncOp op, LLVM::LLVMFuncOp kernel) {
  Builder builder(op.getContext());
  for (NamedAttribute attribute : op->getDiscardableAttrs())
    if (attribute.getName() != op.getNumWorkgroupAttributionsAttrName())
      kernel->setAttr(attribute.getName(), attribute.getValue());
  kernel->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                  builder.getUnitAttr());
  if (DenseI32ArrayAttr size = op.getKnownBlockSizeAttr())
    kernel->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(), size);
  if (DenseI32ArrayAttr size = op.getKnownClusterSizeAttr())
    kernel->setAttr(NVVM::NVVMDialect::getClusterDimAttrName(), size);
  for (unsigned n = 0; n < op.getNumArguments(); ++n) {
    for (NamedAttribute attribute : op.getArgAttrDict(n)
                                        ? op.getArgAttrDict(n).getValue()
                                        : ArrayRef<NamedAttribute>())
      kernel.setArgAttr(n, attribute.getName(), attribute.getValue());
    if (op.getArgAttr(n, LLVM::LLVMDialect::getByValAttrName()))
      kernel.setArgAttr(n, NVVM::NVVMDialect::getGridConstantAttrName(),
                        builder.getUnitAttr());
  }
}

LogicalResult mlir::spmmplu::convertKernel(gpu::GPUFuncOp op) {
  if (!op.isKernel())
    return success();
  if (failed(checkKernel(op)))
    return failure();
  OpBuilder builder(op);
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(op.getContext()), op.getArgumentTypes());
  auto kernel =
      LLVM::LLVMFuncOp::create(builder, op.getLoc(), op.getName(), type);
  copyAttributes(op, kernel);
  kernel.getBody().takeBody(op.getBody());
  for (auto end : llvm::make_early_inc_range(kernel.getOps<gpu::ReturnOp>())) {
    builder.setInsertionPoint(end);
    LLVM::ReturnOp::create(builder, end.getLoc(), ValueRange());
    end.erase();
  }
  op.erase();
  return success();
}
