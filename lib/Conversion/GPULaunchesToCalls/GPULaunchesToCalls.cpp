//===- GPULaunchesToCalls.cpp - Launches to runtime calls -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Conversion/Passes.h"
#include "spmmplu/GPU/SparseGPU.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_CONVERTGPULAUNCHESTOCALLS
#include "spmmplu/Conversion/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// What `spmmplu_device_alloc` promises, in bytes.
static constexpr uint64_t kDeviceAlignment = 256;

//===----------------------------------------------------------------------===//
// What can be converted
//===----------------------------------------------------------------------===//

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

static bool isByValue(gpu::GPUFuncOp kernel, unsigned number) {
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

static LogicalResult check(Operation *op) {
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

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

namespace {

/// Emits calls of the runtime at one op.
class Calls {
public:
  Calls(OpBuilder &builder, Operation *op)
      : builder(builder), loc(op->getLoc()),
        module(op->getParentOfType<ModuleOp>()),
        pointer(LLVM::LLVMPointerType::get(op->getContext())),
        function(op->getParentOfType<FunctionOpInterface>()) {}

  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getIntegerAttr(type, value));
  }
  Value constant(int64_t value) {
    return constant(builder.getI64Type(), value);
  }

  /// Declares `name` on first use.
  FailureOr<LLVM::CallOp> call(StringRef name, Type result,
                               ValueRange arguments) {
    FailureOr<LLVM::LLVMFuncOp> callee = LLVM::lookupOrCreateFn(
        builder, module, name, llvm::to_vector(arguments.getTypes()),
        result ? result : LLVM::LLVMVoidType::get(builder.getContext()));
    if (failed(callee))
      return failure();
    return LLVM::CallOp::create(builder, loc, *callee, arguments);
  }

  /// What a call returned, a plain pointer, as a pointer of `type`.
  Value cast(LLVM::CallOp call, Type type) {
    Value result = call.getResult();
    if (result.getType() == type)
      return result;
    return LLVM::AddrSpaceCastOp::create(builder, loc, type, result);
  }

  /// Memory of `count` values of `type` for the time of the function: in its
  /// first block, so that a launch in a loop takes it once.
  Value stack(Type type, int64_t count) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getFunctionBody().front());
    return LLVM::AllocaOp::create(builder, loc, pointer, type,
                                  constant(std::max<int64_t>(count, 1)));
  }

  /// The values, of one type, in consecutive memory.
  Value array(Type type, ValueRange values) {
    Value base = stack(type, values.size());
    for (auto [n, value] : llvm::enumerate(values)) {
      Value at = LLVM::GEPOp::create(builder, loc, pointer, type, base,
                                     LLVM::GEPArg(n));
      LLVM::StoreOp::create(builder, loc, value, at);
    }
    return base;
  }

  /// A C string, one global for all its uses.
  Value string(StringRef text) {
    std::string name = ("spmmplu_name_" + text).str();
    if (!module.lookupSymbol<LLVM::GlobalOp>(name)) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(module.getBody());
      std::string bytes = text.str() + '\0';
      LLVM::GlobalOp::create(
          builder, loc,
          LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size()),
          /*isConstant=*/true, LLVM::Linkage::Internal, name,
          builder.getStringAttr(bytes));
    }
    return LLVM::AddressOfOp::create(builder, loc, pointer, name);
  }

  /// Bytes of the contiguous memref `memref`, of type `type`.
  Value bytes(MemRefType type, Value memref) {
    MemRefDescriptor descriptor(memref);
    SmallVector<Value> sizes;
    for (auto [n, size] : llvm::enumerate(type.getShape()))
      if (ShapedType::isDynamic(size))
        sizes.push_back(descriptor.size(builder, loc, n));
    return bytes(type, ValueRange(sizes));
  }

  /// The same from its dynamic sizes.
  Value bytes(MemRefType type, ValueRange dynamicSizes) {
    int64_t fixed = getElementBytes(type.getElementType());
    for (int64_t size : type.getShape())
      fixed *= ShapedType::isDynamic(size) ? 1 : size;
    Value product = constant(fixed);
    for (Value size : dynamicSizes)
      product = LLVM::MulOp::create(builder, loc, product, size);
    return product;
  }

  OpBuilder &builder;
  Location loc;
  ModuleOp module;
  LLVM::LLVMPointerType pointer;

private:
  static int64_t getElementBytes(Type type) {
    return type.isIndex() ? 8
                          : llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
  }

  FunctionOpInterface function;
};

//===----------------------------------------------------------------------===//
// Patterns: what `check` let through
//===----------------------------------------------------------------------===//

struct ConvertAlloc : ConvertOpToLLVMPattern<memref::AllocOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::AllocOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Calls calls(rewriter, op);
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
    Calls calls(rewriter, op);
    Value data = MemRefDescriptor(adaptor.getMemref())
                     .allocatedPtr(rewriter, op.getLoc());
    if (failed(calls.call("spmmplu_device_free", Type(), data)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertCopy : ConvertOpToLLVMPattern<memref::CopyOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(memref::CopyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Calls calls(rewriter, op);
    auto from = cast<MemRefType>(op.getSource().getType());
    auto to = cast<MemRefType>(op.getTarget().getType());
    auto data = [&](Value memref, MemRefType type) {
      return MemRefDescriptor(memref).bufferPtr(rewriter, op.getLoc(),
                                                *getTypeConverter(), type);
    };
    Value arguments[] = {data(adaptor.getTarget(), to),
                         data(adaptor.getSource(), from),
                         calls.bytes(from, adaptor.getSource())};
    if (failed(calls.call("spmmplu_device_copy", Type(), arguments)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};

struct ConvertFill : ConvertOpToLLVMPattern<linalg::FillOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(linalg::FillOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Calls calls(rewriter, op);
    Value memref = adaptor.getOutputs()[0];
    auto type = cast<MemRefType>(op.getOutputs()[0].getType());
    Value arguments[] = {MemRefDescriptor(memref).bufferPtr(
                             rewriter, op.getLoc(), *getTypeConverter(), type),
                         calls.bytes(type, memref)};
    if (failed(calls.call("spmmplu_device_zero", Type(), arguments)))
      return failure();
    rewriter.eraseOp(op);
    return success();
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
    Calls calls(rewriter, op);
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
    Calls calls(rewriter, op);
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
  static Value toI64(Calls &calls, Value value) {
    if (value.getType().isInteger(64))
      return value;
    return LLVM::ZExtOp::create(calls.builder, calls.loc,
                                calls.builder.getI64Type(), value);
  }

  static Value sizes(Calls &calls, ValueRange values) {
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
    Calls calls(rewriter, op);
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
    if (failed(calls.call(callee, Type(), arguments)))
      return failure();
    rewriter.eraseOp(op);
    return success();
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
          return check(op);
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
