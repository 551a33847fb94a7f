//===- Emitter.cpp - Short names for the ops of device kernels -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Integer arithmetic
//===----------------------------------------------------------------------===//

Value DeviceEmitter::i32(int64_t value) {
  return arith::ConstantIntOp::create(b, loc, value, 32);
}
Value DeviceEmitter::i64(int64_t value) {
  return arith::ConstantIntOp::create(b, loc, value, 64);
}
Value DeviceEmitter::like(Value value, int64_t constant) {
  return value.getType().isInteger(64) ? i64(constant) : i32(constant);
}
Value DeviceEmitter::add(Value lhs, Value rhs) {
  return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::sub(Value lhs, Value rhs) {
  return b.createOrFold<arith::SubIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::mul(Value lhs, Value rhs) {
  return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::div(Value lhs, int64_t rhs) {
  return b.createOrFold<arith::DivUIOp>(loc, lhs, like(lhs, rhs));
}
Value DeviceEmitter::rem(Value lhs, int64_t rhs) {
  return b.createOrFold<arith::RemUIOp>(loc, lhs, like(lhs, rhs));
}
Value DeviceEmitter::bitAnd(Value lhs, int64_t rhs) {
  return b.createOrFold<arith::AndIOp>(loc, lhs, like(lhs, rhs));
}
Value DeviceEmitter::bitXor(Value lhs, Value rhs) {
  return b.createOrFold<arith::XOrIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::min(Value lhs, Value rhs) {
  return b.createOrFold<arith::MinSIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::max(Value lhs, Value rhs) {
  return b.createOrFold<arith::MaxSIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::compare(arith::CmpIPredicate predicate, Value lhs,
                             Value rhs) {
  return b.createOrFold<arith::CmpIOp>(loc, predicate, lhs, rhs);
}
Value DeviceEmitter::both(Value lhs, Value rhs) {
  return b.createOrFold<arith::AndIOp>(loc, lhs, rhs);
}
Value DeviceEmitter::select(Value condition, Value yes, Value no) {
  return b.createOrFold<arith::SelectOp>(loc, condition, yes, no);
}
Value DeviceEmitter::widen(Value value) {
  return b.createOrFold<arith::ExtSIOp>(loc, b.getI64Type(), value);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void DeviceEmitter::forRange(Value lo, Value hi, int64_t step, ForBody body) {
  forRange(lo, hi, step, {}, [&](Value index, ValueRange) {
    body(index);
    return SmallVector<Value>();
  });
}

SmallVector<Value> DeviceEmitter::forRange(Value lo, Value hi, int64_t step,
                                           ValueRange carried, CarryBody body) {
  auto loop = scf::ForOp::create(
      b, loc, lo, hi, like(lo, step), carried,
      [&](OpBuilder &, Location, Value index, ValueRange arguments) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(index.getParentBlock());
        scf::YieldOp::create(b, loc, body(index, arguments));
      });
  return llvm::to_vector(ValueRange(loop.getResults()));
}

void DeviceEmitter::ifThen(Value condition, Body then, Body otherwise) {
  auto op = scf::IfOp::create(b, loc, condition, bool(otherwise));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.thenBlock());
  then();
  if (!otherwise)
    return;
  b.setInsertionPointToStart(op.elseBlock());
  otherwise();
}

Value DeviceEmitter::ifValue(Value condition, function_ref<Value()> then,
                             function_ref<Value()> otherwise) {
  return ifValues(
      condition, [&] { return SmallVector<Value>{then()}; },
      [&] { return SmallVector<Value>{otherwise()}; })[0];
}

SmallVector<Value>
DeviceEmitter::ifValues(Value condition,
                        function_ref<SmallVector<Value>()> then,
                        function_ref<SmallVector<Value>()> otherwise) {
  auto region = [&](function_ref<SmallVector<Value>()> body) {
    return [&, body](OpBuilder &nested, Location) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(nested.getInsertionBlock(),
                          nested.getInsertionPoint());
      scf::YieldOp::create(b, loc, body());
    };
  };
  auto op =
      scf::IfOp::create(b, loc, condition, region(then), region(otherwise));
  return llvm::to_vector(ValueRange(op.getResults()));
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value DeviceEmitter::threadId() {
  return NVVM::ThreadIdXOp::create(b, loc, b.getI32Type());
}
Value DeviceEmitter::blockX() {
  return NVVM::BlockIdXOp::create(b, loc, b.getI32Type());
}
Value DeviceEmitter::blockY() {
  return NVVM::BlockIdYOp::create(b, loc, b.getI32Type());
}
Value DeviceEmitter::warpId(Value thread) {
  // The shuffle tells ptxas that the value is uniform.
  return shuffle(div(thread, 32), i32(0));
}
Value DeviceEmitter::shuffle(Value value, Value lane) {
  return NVVM::ShflOp::create(b, loc, b.getI32Type(), i32(-1), value, lane,
                              i32(31), NVVM::ShflKind::idx, UnitAttr());
}
void DeviceEmitter::barrier() { NVVM::BarrierOp::create(b, loc); }
void DeviceEmitter::syncWarp() { NVVM::SyncWarpOp::create(b, loc, i32(-1)); }

void DeviceEmitter::launchNext() {
  NVVM::GriddepcontrolOp::create(b, loc,
                                 NVVM::GridDepActionKind::launch_dependents);
}

void DeviceEmitter::waitForEarlier() {
  NVVM::GriddepcontrolOp::create(b, loc, NVVM::GridDepActionKind::wait);
}

void DeviceEmitter::fenceDevice() {
  NVVM::MembarOp::create(b, loc, NVVM::MemScopeKind::GPU);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value DeviceEmitter::shared() {
  return LLVM::AddressOfOp::create(
      b, loc, LLVM::LLVMPointerType::get(b.getContext(), 3), "shared");
}

Value DeviceEmitter::at(Value pointer, Value bytes) {
  if (matchPattern(bytes, m_Zero()))
    return pointer;
  return LLVM::GEPOp::create(b, loc, pointer.getType(), b.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{bytes});
}

Value DeviceEmitter::load(Type type, Value pointer, int64_t alignment) {
  return LLVM::LoadOp::create(b, loc, type, pointer, unsigned(alignment));
}

Value DeviceEmitter::loadWord(Value table, Value index) {
  return load(b.getI32Type(), at(table, mul(index, 4)), 4);
}

void DeviceEmitter::store(Value value, Value pointer, int64_t alignment) {
  LLVM::StoreOp::create(b, loc, value, pointer, unsigned(alignment));
}

Value DeviceEmitter::atomicAdd(Value pointer, Value value) {
  return LLVM::AtomicRMWOp::create(b, loc, LLVM::AtomicBinOp::add, pointer,
                                   value, LLVM::AtomicOrdering::acq_rel,
                                   "device");
}

void DeviceEmitter::prefetch(Value global) {
  auto level = NVVM::PrefetchCacheLevelAttr::get(b.getContext(),
                                                 NVVM::PrefetchCacheLevel::L2);
  NVVM::PrefetchOp::create(b, loc, level, NVVM::CacheEvictionPriorityAttr(),
                           global, Value(), UnitAttr(), UnitAttr(), UnitAttr());
}

void DeviceEmitter::copyAsync(Value shared, Value global, Value bytes) {
  NVVM::CpAsyncOp::create(b, loc, shared, global, b.getI32IntegerAttr(16),
                          NVVM::LoadCacheModifierKindAttr::get(
                              b.getContext(), NVVM::LoadCacheModifierKind::CG),
                          bytes);
}

void DeviceEmitter::commitCopies() {
  NVVM::CpAsyncCommitGroupOp::create(b, loc);
}

void DeviceEmitter::waitCopies(int64_t pending) {
  NVVM::CpAsyncWaitGroupOp::create(b, loc, b.getI32IntegerAttr(pending));
}

SmallVector<Value> DeviceEmitter::loadMatrix(Value pointer, int64_t count,
                                             bool transpose) {
  MLIRContext *context = b.getContext();
  Type result = b.getI32Type();
  if (count > 1)
    result = LLVM::LLVMStructType::getLiteral(
        context, SmallVector<Type>(count, b.getI32Type()));
  Value loaded = NVVM::LdMatrixOp::create(
      b, loc, result, pointer, b.getI32IntegerAttr(count),
      NVVM::MMALayoutAttr::get(context, transpose ? NVVM::MMALayout::col
                                                  : NVVM::MMALayout::row),
      NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
      NVVM::LdStMatrixEltTypeAttr::get(context, NVVM::LdStMatrixEltType::B16));
  if (count == 1)
    return {loaded};
  SmallVector<Value> registers;
  for (int64_t n = 0; n < count; ++n)
    registers.push_back(LLVM::ExtractValueOp::create(b, loc, loaded, n));
  return registers;
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value DeviceEmitter::zero(Type type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}

Value DeviceEmitter::pack(ValueRange registers, Type element) {
  Value words = fromElements(registers);
  int64_t size = registers.size() * 32 / element.getIntOrFloatBitWidth();
  return vector::BitCastOp::create(b, loc, vector(size, element), words);
}

Value DeviceEmitter::fromElements(ValueRange elements) {
  return vector::FromElementsOp::create(
      b, loc, vector(elements.size(), elements[0].getType()), elements);
}

Value DeviceEmitter::extract(Value vector, int64_t position) {
  return vector::ExtractOp::create(b, loc, vector, ArrayRef<int64_t>{position});
}

Value DeviceEmitter::addNumbers(Value lhs, Value rhs) {
  if (getElementTypeOrSelf(lhs.getType()).isInteger())
    return arith::AddIOp::create(b, loc, lhs, rhs);
  return arith::AddFOp::create(b, loc, lhs, rhs);
}

Value DeviceEmitter::convert(Value value, Type element) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == element)
    return value;
  Type type = element;
  if (auto shaped = dyn_cast<VectorType>(value.getType()))
    type = shaped.clone(element);
  if (from.getIntOrFloatBitWidth() < element.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(b, loc, type, value);
  if (from.getIntOrFloatBitWidth() > element.getIntOrFloatBitWidth())
    return arith::TruncFOp::create(b, loc, type, value);
  // Between f16 and bf16.
  return convert(convert(value, b.getF32Type()), element);
}
