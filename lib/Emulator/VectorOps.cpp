//===- VectorOps.cpp - Building and taking apart vectors --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

static RegisterType getType(Value value) {
  return *getRegisterType(value.getType());
}

/// The place of `count` elements of `value` from `first` on.
static Place getElements(Decoder &decoder, Value value, uint32_t first,
                         uint32_t count) {
  uint32_t bytes = getBytes(getType(value).kind) * kLanes;
  return {decoder.get(value).begin + first * bytes, count * bytes};
}

/// Position attributes that are in range and static.
static FailureOr<uint32_t>
getPosition(Operation *op, ArrayRef<int64_t> position, uint32_t count) {
  if (position.size() == 1 && position[0] >= 0 && position[0] < count)
    return uint32_t(position[0]);
  return op->emitError("'") << op->getName()
                            << "' in device kernels has one static position, "
                               "within the vector";
}

static LogicalResult decodeExtract(Decoder &decoder, vector::ExtractOp op) {
  FailureOr<uint32_t> position =
      getPosition(op, op.getStaticPosition(), getType(op.getSource()).count);
  if (failed(position))
    return failure();
  decoder.defineView(op.getResult(),
                     getElements(decoder, op.getSource(), *position, 1));
  return success();
}

static LogicalResult decodeExtractValue(Decoder &decoder,
                                        LLVM::ExtractValueOp op) {
  FailureOr<uint32_t> position =
      getPosition(op, op.getPosition(), getType(op.getContainer()).count);
  if (failed(position))
    return failure();
  decoder.defineView(op.getResult(),
                     getElements(decoder, op.getContainer(), *position, 1));
  return success();
}

static LogicalResult decodeToElements(Decoder &decoder,
                                      vector::ToElementsOp op) {
  for (auto [position, result] : llvm::enumerate(op.getResults()))
    decoder.defineView(result,
                       getElements(decoder, op.getSource(), position, 1));
  return success();
}

static LogicalResult decodeFromElements(Decoder &decoder,
                                        vector::FromElementsOp op) {
  if (failed(decoder.define(op.getResult())))
    return failure();
  for (auto [position, element] : llvm::enumerate(op.getElements()))
    decoder.emitCopy(op, getType(element),
                     getElements(decoder, op.getResult(), position, 1).begin,
                     decoder.get(element).begin, /*isMove=*/false);
  return success();
}

static LogicalResult decodeInsert(Decoder &decoder, vector::InsertOp op) {
  FailureOr<uint32_t> position =
      getPosition(op, op.getStaticPosition(), getType(op.getDest()).count);
  if (failed(position) ||
      failed(decoder.defineFrom(op.getResult(), op.getDest())))
    return failure();
  decoder.emitCopy(op, getType(op.getValueToStore()),
                   getElements(decoder, op.getResult(), *position, 1).begin,
                   decoder.get(op.getValueToStore()).begin, /*isMove=*/false);
  return success();
}

/// The first element of a slice; a slice has rank 1 and stride 1.
static FailureOr<uint32_t> getOffset(Operation *op, ArrayAttr offsets,
                                     ArrayAttr strides) {
  if (offsets.size() == 1 && strides.size() == 1 &&
      cast<IntegerAttr>(strides[0]).getInt() == 1)
    return uint32_t(cast<IntegerAttr>(offsets[0]).getInt());
  return op->emitError("'")
         << op->getName() << "' in device kernels is of stride 1 and rank 1";
}

static LogicalResult decodeExtractSlice(Decoder &decoder,
                                        vector::ExtractStridedSliceOp op) {
  FailureOr<uint32_t> offset = getOffset(op, op.getOffsets(), op.getStrides());
  if (failed(offset))
    return failure();
  decoder.defineView(op.getResult(),
                     getElements(decoder, op.getSource(), *offset,
                                 getType(op.getResult()).count));
  return success();
}

static LogicalResult decodeInsertSlice(Decoder &decoder,
                                       vector::InsertStridedSliceOp op) {
  FailureOr<uint32_t> offset = getOffset(op, op.getOffsets(), op.getStrides());
  if (failed(offset) ||
      failed(decoder.defineFrom(op.getResult(), op.getDest())))
    return failure();
  decoder.emitCopy(op, getType(op.getValueToStore()),
                   getElements(decoder, op.getResult(), *offset, 0).begin,
                   decoder.get(op.getValueToStore()).begin, /*isMove=*/false);
  return success();
}

static LogicalResult decodeBroadcast(Decoder &decoder, vector::BroadcastOp op) {
  RegisterType source = getType(op.getSource());
  if (failed(decoder.define(op.getResult())))
    return failure();
  uint32_t count = getType(op.getResult()).count;
  for (uint32_t position = 0; position < count; position += source.count)
    decoder.emitCopy(op, source,
                     getElements(decoder, op.getResult(), position, 0).begin,
                     decoder.get(op.getSource()).begin, /*isMove=*/false);
  return success();
}

static LogicalResult decodeShuffle(Decoder &decoder, vector::ShuffleOp op) {
  if (failed(decoder.define(op.getResult())))
    return failure();
  uint32_t first = getType(op.getV1()).count;
  for (auto [position, index] : llvm::enumerate(op.getMask())) {
    if (index < 0) // poison
      continue;
    bool isSecond = uint32_t(index) >= first;
    Value source = isSecond ? op.getV2() : op.getV1();
    uint32_t from = isSecond ? index - first : index;
    decoder.emitCopy(op, {getType(source).kind, 1},
                     getElements(decoder, op.getResult(), position, 0).begin,
                     getElements(decoder, source, from, 0).begin,
                     /*isMove=*/false);
  }
  return success();
}

static LogicalResult decodeVectorBitcast(Decoder &decoder,
                                         vector::BitCastOp op) {
  return decodeBitcast(decoder, op);
}

void mlir::spmmplu::emulator::addVectorOps(DecodeTable &table) {
  table.add<vector::ExtractOp, decodeExtract>();
  table.add<LLVM::ExtractValueOp, decodeExtractValue>();
  table.add<vector::ToElementsOp, decodeToElements>();
  table.add<vector::FromElementsOp, decodeFromElements>();
  table.add<vector::InsertOp, decodeInsert>();
  table.add<vector::ExtractStridedSliceOp, decodeExtractSlice>();
  table.add<vector::InsertStridedSliceOp, decodeInsertSlice>();
  table.add<vector::BroadcastOp, decodeBroadcast>();
  table.add<vector::ShuffleOp, decodeShuffle>();
  table.add<vector::BitCastOp, decodeVectorBitcast>();
}
