//===- RuntimeCalls.cpp - Calls of the runtime ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeCalls.h"

#include "mlir/Dialect/LLVMIR/FunctionCallUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

static int64_t getElementBytes(Type type) {
  return type.isIndex() ? 8 : llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

RuntimeCalls::RuntimeCalls(OpBuilder &builder, Operation *op)
    : builder(builder), loc(op->getLoc()),
      module(op->getParentOfType<ModuleOp>()),
      pointer(LLVM::LLVMPointerType::get(op->getContext())),
      function(op->getParentOfType<FunctionOpInterface>()) {}

Value RuntimeCalls::constant(Type type, int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, type,
                                  builder.getIntegerAttr(type, value));
}

Value RuntimeCalls::constant(int64_t value) {
  return constant(builder.getI64Type(), value);
}

FailureOr<LLVM::CallOp> RuntimeCalls::call(StringRef name, Type result,
                                           ValueRange arguments) {
  FailureOr<LLVM::LLVMFuncOp> callee = LLVM::lookupOrCreateFn(
      builder, module, name, llvm::to_vector(arguments.getTypes()),
      result ? result : LLVM::LLVMVoidType::get(builder.getContext()));
  if (failed(callee))
    return failure();
  return LLVM::CallOp::create(builder, loc, *callee, arguments);
}

Value RuntimeCalls::cast(LLVM::CallOp call, Type type) {
  Value result = call.getResult();
  if (result.getType() == type)
    return result;
  return LLVM::AddrSpaceCastOp::create(builder, loc, type, result);
}

Value RuntimeCalls::stack(Type type, int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&function.getFunctionBody().front());
  return LLVM::AllocaOp::create(builder, loc, pointer, type,
                                constant(std::max<int64_t>(count, 1)));
}

Value RuntimeCalls::array(Type type, ValueRange values) {
  Value base = stack(type, values.size());
  for (auto [n, value] : llvm::enumerate(values)) {
    Value at =
        LLVM::GEPOp::create(builder, loc, pointer, type, base, LLVM::GEPArg(n));
    LLVM::StoreOp::create(builder, loc, value, at);
  }
  return base;
}

Value RuntimeCalls::string(StringRef text) {
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

Value RuntimeCalls::bytes(MemRefType type, Value memref) {
  MemRefDescriptor descriptor(memref);
  SmallVector<Value> sizes;
  for (auto [n, size] : llvm::enumerate(type.getShape()))
    if (ShapedType::isDynamic(size))
      sizes.push_back(descriptor.size(builder, loc, n));
  return bytes(type, ValueRange(sizes));
}

Value RuntimeCalls::bytes(MemRefType type, ValueRange dynamicSizes) {
  int64_t fixed = getElementBytes(type.getElementType());
  for (int64_t size : type.getShape())
    fixed *= ShapedType::isDynamic(size) ? 1 : size;
  Value product = constant(fixed);
  for (Value size : dynamicSizes)
    product = LLVM::MulOp::create(builder, loc, product, size);
  return product;
}
