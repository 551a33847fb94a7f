//===- Emitter.cpp - Terse construction of kernel code ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value Emitter::add(Value lhs, Value rhs) {
  return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
}
Value Emitter::sub(Value lhs, Value rhs) {
  return b.createOrFold<arith::SubIOp>(loc, lhs, rhs);
}
Value Emitter::mul(Value lhs, Value rhs) {
  return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
}
Value Emitter::floorDiv(Value lhs, int64_t rhs) {
  return b.createOrFold<arith::DivUIOp>(loc, lhs, index(rhs));
}
Value Emitter::ceilDiv(Value lhs, int64_t rhs) {
  return floorDiv(add(lhs, rhs - 1), rhs);
}
Value Emitter::min(Value lhs, Value rhs) {
  return b.createOrFold<arith::MinSIOp>(loc, lhs, rhs);
}
Value Emitter::compare(arith::CmpIPredicate predicate, Value lhs, Value rhs) {
  return b.createOrFold<arith::CmpIOp>(loc, predicate, lhs, rhs);
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

void Emitter::forRange(Value lo, Value hi, int64_t step, ForBody body) {
  scf::ForOp::create(b, loc, lo, hi, index(step), ValueRange(),
                     [&](OpBuilder &, Location, Value iv, ValueRange) {
                       body(iv);
                       scf::YieldOp::create(b, loc);
                     });
}

SmallVector<Value> Emitter::forRange(Value lo, Value hi, int64_t step,
                                     ValueRange carried, CarryBody body) {
  auto loop =
      scf::ForOp::create(b, loc, lo, hi, index(step), carried,
                         [&](OpBuilder &, Location, Value iv, ValueRange args) {
                           scf::YieldOp::create(b, loc, body(iv, args));
                         });
  return loop.getResults();
}

void Emitter::parallel(ArrayRef<Value> sizes,
                       function_ref<void(ValueRange)> body) {
  SmallVector<Value> zeros(sizes.size(), index(0)),
      ones(sizes.size(), index(1));
  scf::ParallelOp::create(
      b, loc, zeros, sizes, ones,
      [&](OpBuilder &, Location, ValueRange indices) { body(indices); });
}

void Emitter::ifThen(Value condition, Body then, Body otherwise) {
  auto emit = [&](Body body) {
    return [this, body](OpBuilder &, Location) {
      body();
      scf::YieldOp::create(b, loc);
    };
  };
  if (otherwise)
    scf::IfOp::create(b, loc, condition, emit(then), emit(otherwise));
  else
    scf::IfOp::create(b, loc, condition, emit(then));
}

SmallVector<Value>
Emitter::ifChanged(Value condition, ValueRange values,
                   function_ref<SmallVector<Value>(ValueRange)> body) {
  auto choice = scf::IfOp::create(
      b, loc, condition,
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(b, loc, body(values));
      },
      [&](OpBuilder &, Location) { scf::YieldOp::create(b, loc, values); });
  return choice.getResults();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

FlatMemRef Emitter::flatten(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, memref);
  FlatMemRef flat;
  // The elements that the strides reach, so that the view has an honest size.
  Value size = index(1);
  SmallVector<int64_t> strides;
  int64_t offset;
  bool isStrided = succeeded(type.getStridesAndOffset(strides, offset));
  assert(isStrided && "kernels take strided memrefs");
  (void)isStrided;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    Value stride = ShapedType::isDynamic(strides[d])
                       ? Value(metadata.getStrides()[d])
                       : index(strides[d]);
    Value extent = type.isDynamicDim(d) ? Value(metadata.getSizes()[d])
                                        : index(type.getDimSize(d));
    flat.strides.push_back(stride);
    size = add(size, mul(sub(extent, index(1)), stride));
  }
  auto flatType = MemRefType::get(
      {ShapedType::kDynamic}, type.getElementType(),
      StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1}));
  OpFoldResult start = ShapedType::isDynamic(offset)
                           ? OpFoldResult(metadata.getOffset())
                           : OpFoldResult(b.getIndexAttr(offset));
  if (!ShapedType::isDynamic(offset))
    flatType =
        MemRefType::get({ShapedType::kDynamic}, type.getElementType(),
                        StridedLayoutAttr::get(b.getContext(), offset, {1}));
  flat.data = memref::ReinterpretCastOp::create(
      b, loc, flatType, metadata.getBaseBuffer(), start,
      ArrayRef<OpFoldResult>{getAsOpFoldResult(size)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
  return flat;
}

Value Emitter::loadIndex(Value table, Value at) {
  Value word = memref::LoadOp::create(b, loc, table, at);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), word);
}

Value Emitter::load(Value flat, Value at) {
  return memref::LoadOp::create(b, loc, flat, at);
}

Value Emitter::alloc(Type element, Value size) {
  return memref::AllocOp::create(
      b, loc, MemRefType::get({ShapedType::kDynamic}, element), size,
      b.getI64IntegerAttr(64));
}

void Emitter::free(Value memref) { memref::DeallocOp::create(b, loc, memref); }

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value Emitter::zero(Type type) {
  return arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
}
Value Emitter::loadVector(VectorType type, Value flat, Value at) {
  return vector::LoadOp::create(b, loc, type, flat, at);
}
Value Emitter::maskedLoad(VectorType type, Value flat, Value at, Value mask) {
  return vector::MaskedLoadOp::create(b, loc, type, flat, at, mask, zero(type));
}
void Emitter::storeVector(Value vector, Value flat, Value at) {
  vector::StoreOp::create(b, loc, vector, flat, at);
}
void Emitter::maskedStore(Value vector, Value flat, Value at, Value mask) {
  vector::MaskedStoreOp::create(b, loc, flat, at, mask, vector);
}
Value Emitter::splat(VectorType type, Value scalar) {
  return vector::BroadcastOp::create(b, loc, type, scalar);
}
Value Emitter::fma(Value x, Value y, Value z) {
  return vector::FMAOp::create(b, loc, x, y, z);
}
Value Emitter::laneMask(int64_t lanes, Value count) {
  auto type = VectorType::get({lanes}, b.getI1Type());
  return vector::CreateMaskOp::create(b, loc, type, count);
}

Value Emitter::convert(Value value, Type type) {
  Type from = getElementTypeOrSelf(value.getType());
  Type to = getElementTypeOrSelf(type);
  if (from == to)
    return value;
  Type result = to;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    result = vector.clone(to);
  if (from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(b, loc, result, value);
  return arith::TruncFOp::create(b, loc, result, value);
}
