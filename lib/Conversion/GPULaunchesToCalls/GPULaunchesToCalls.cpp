//===- GPULaunchesToCalls.cpp - Launches to runtime calls -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostChecks.h"
#include "RuntimeCalls.h"

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/GPU/SparseGPU.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_CONVERTGPULAUNCHESTOCALLS
#include "spmmplu/Conversion/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

//===----------------------------------------------------------------------===//
// Patterns: what `check` let through
//===----------------------------------------------------------------------===//

/// The op is a call without a result from here on.
static LogicalResult replaceByCall(ConversionPatternRewriter &rewriter,
                                   Operation *op, RuntimeCalls &calls,
                                   StringRef callee, ValueRange arguments) {
  if (failed(calls.call(callee, Type(), arguments)))
    return failure();
  rewriter.eraseOp(op);
  return success();
}

struct ConvertAlloc : ConvertOpToLLVMPattern<memref::AllocOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::AllocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    MemRefType type = op.getType();
    Value bytes = calls.bytes(type, adaptor.getDynamicSizes());
    FailureOr<LLVM::CallOp> call =
        calls.call("spmmplu_device_alloc", calls.pointer, bytes);
    if (failed(call))
      return failure();
    SmallVector<Value> sizes, strides;
    Value elements;
    getMemRefDescriptorSizes(op.getLoc(), type, adaptor.getDynamicSizes(),
                             rewriter, sizes, strides, elements,
                             /*sizeInBytes=*/false);
    Value data = call->getResult();
    rewriter.replaceOp(op,
                       {createMemRefDescriptor(op.getLoc(), type, data, data,
                                               sizes, strides, rewriter)});
    return success();
  }
};

struct ConvertDealloc : ConvertOpToLLVMPattern<memref::DeallocOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::DeallocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    Value data = MemRefDescriptor(adaptor.getMemref())
                     .allocatedPtr(rewriter, op.getLoc());
    return replaceByCall(rewriter, op, calls, "spmmplu_device_free", data);
  }
};

struct ConvertCopy : ConvertOpToLLVMPattern<memref::CopyOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    auto from = cast<MemRefType>(op.getSource().getType());
    auto to = cast<MemRefType>(op.getTarget().getType());
    auto data = [&](Value memref, MemRefType type) {
      return MemRefDescriptor(memref).bufferPtr(rewriter, op.getLoc(),
                                                *getTypeConverter(), type);
    };
    Value arguments[] = {data(adaptor.getTarget(), to),
                         data(adaptor.getSource(), from),
                         calls.bytes(from, adaptor.getSource())};
    return replaceByCall(rewriter, op, calls, "spmmplu_device_copy", arguments);
  }
};

struct ConvertFill : ConvertOpToLLVMPattern<linalg::FillOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(linalg::FillOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    Value memref = adaptor.getOutputs()[0];
    auto type = cast<MemRefType>(op.getOutputs()[0].getType());
    Value arguments[] = {MemRefDescriptor(memref).bufferPtr(
                             rewriter, op.getLoc(), *getTypeConverter(), type),
                         calls.bytes(type, memref)};
    return replaceByCall(rewriter, op, calls, "spmmplu_device_zero", arguments);
  }
};

struct ConvertTensorMap : ConvertOpToLLVMPattern<TensorMapOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  static ::spmmplu::DType getDType(Type element) {
    if (element.isF16())
      return ::spmmplu::DType::F16;
    return element.isBF16() ? ::spmmplu::DType::BF16 : ::spmmplu::DType::F32;
  }

  LogicalResult
  matchAndRewrite(TensorMapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    Value arguments[] = {calls.constant(rewriter.getI32Type(),
                                        int64_t(getDType(op.getElement()))),
                         adaptor.getBase(),
                         adaptor.getRows(),
                         adaptor.getCols(),
                         adaptor.getStride(),
                         calls.constant(op.getBoxRows()),
                         calls.constant(op.getBoxCols())};
    FailureOr<LLVM::CallOp> call =
        calls.call("spmmplu_tensor_map", calls.pointer, arguments);
    if (failed(call))
      return failure();
    rewriter.replaceOp(op, calls.cast(*call, op.getType()));
    return success();
  }
};

struct ConvertScratch : ConvertOpToLLVMPattern<ScratchOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(ScratchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    FailureOr<LLVM::CallOp> call =
        calls.call("spmmplu_scratch", calls.pointer, adaptor.getBytes());
    if (failed(call))
      return failure();
    rewriter.replaceOp(op, calls.cast(*call, op.getType()));
    return success();
  }
};

struct ConvertLaunch : ConvertOpToLLVMPattern<gpu::LaunchFuncOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  /// Sizes are index, i32 or i64; none is negative.
  static Value toI64(RuntimeCalls &calls, Value value) {
    if (value.getType().isInteger(64))
      return value;
    return LLVM::ZExtOp::create(calls.builder, calls.loc,
                                calls.builder.getI64Type(), value);
  }

  static Value sizes(RuntimeCalls &calls, ValueRange values) {
    SmallVector<Value> wide;
    for (Value value : values)
      wide.push_back(toI64(calls, value));
    return calls.array(calls.builder.getI64Type(), wide);
  }

  /// Whether the kernel waits for the launches before it itself.
  static bool beginsEarly(gpu::GPUFuncOp kernel) {
    return kernel
        .walk([](NVVM::GriddepcontrolOp op) {
          return op.getKind() == NVVM::GridDepActionKind::wait
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  }

  LogicalResult
  matchAndRewrite(gpu::LaunchFuncOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    RuntimeCalls calls(rewriter, op);
    auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        op, op.getKernel());
    SmallVector<Value> addresses;
    for (auto [number, value] : llvm::enumerate(adaptor.getKernelOperands()))
      addresses.push_back(isByValue(kernel, number)
                              ? value
                              : calls.array(value.getType(), value));
    Value shared = adaptor.getDynamicSharedMemorySize();
    Value arguments[] = {
        calls.string(op.getKernelName().getValue()),
        sizes(calls, {adaptor.getGridSizeX(), adaptor.getGridSizeY(),
                      adaptor.getGridSizeZ()}),
        sizes(calls, {adaptor.getBlockSizeX(), adaptor.getBlockSizeY(),
                      adaptor.getBlockSizeZ()}),
        shared ? toI64(calls, shared) : calls.constant(0),
        calls.array(calls.pointer, addresses),
        calls.constant(addresses.size())};
    StringRef callee =
        beginsEarly(kernel) ? "spmmplu_launch_early" : "spmmplu_launch";
    return replaceByCall(rewriter, op, calls, callee, arguments);
  }
};

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct ConvertGPULaunchesToCallsPass
    : mlir::spmmplu::impl::ConvertGPULaunchesToCallsBase<
          ConvertGPULaunchesToCallsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    WalkResult checked =
        module.walk<WalkOrder::PreOrder>([](Operation *op) -> WalkResult {
          if (isa<gpu::GPUModuleOp>(op))
            return WalkResult::skip();
          return checkHostOp(op);
        });
    if (checked.wasInterrupted() || failed(convert(module)))
      return signalPassFailure();
    for (auto device :
         llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>()))
      device.erase();
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }

private:
  LogicalResult convert(ModuleOp module) {
    MLIRContext *context = module.getContext();
    LLVMTypeConverter converter(context);
    ConversionTarget target(*context);
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<gpu::LaunchFuncOp, linalg::FillOp, memref::AllocOp,
                        memref::CopyOp, memref::DeallocOp, ScratchOp,
                        TensorMapOp>();
    target.addLegalOp<gpu::GPUModuleOp>();
    target.markOpRecursivelyLegal<gpu::GPUModuleOp>();
    RewritePatternSet patterns(context);
    patterns.add<ConvertAlloc, ConvertCopy, ConvertDealloc, ConvertFill,
                 ConvertLaunch, ConvertScratch, ConvertTensorMap>(converter);
    return applyPartialConversion(module, target, std::move(patterns));
  }
};

} // namespace
