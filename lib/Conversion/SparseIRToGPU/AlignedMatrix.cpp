//===- AlignedMatrix.cpp - Matrices that tensor maps take ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AlignedMatrix.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kLineElements = 8; ///< 16 bytes
static constexpr int64_t kThreads = 256;

/// `base` and `offset` elements of 16 bits, as a number.
static Value getAddress(OpBuilder &host, Location loc, Value memref,
                        Value offset) {
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(host, loc, memref);
  Value bytes = host.createOrFold<arith::MulIOp>(
      loc, offset, arith::ConstantIndexOp::create(host, loc, 2));
  base = host.createOrFold<arith::AddIOp>(loc, base, bytes);
  return arith::IndexCastOp::create(host, loc, host.getI64Type(), base);
}

AlignedMatrix::AlignedMatrix(KernelBuilder &k, Value memref)
    : k(k), host(k.host), loc(k.op.getLoc()), memref(memref) {
  auto metadata = memref::ExtractStridedMetadataOp::create(host, loc, memref);
  auto toIndex = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(host, loc, value);
  };
  rows = toIndex(metadata.getConstifiedMixedSizes()[0]);
  cols = toIndex(metadata.getConstifiedMixedSizes()[1]);
  stride = toIndex(metadata.getConstifiedMixedStrides()[0]);
  Value offset = toIndex(metadata.getConstifiedMixedOffset());
  address = getAddress(host, loc, memref, offset);
  auto strideAt = getConstantIntValue(stride);
  auto offsetAt = getConstantIntValue(offset);
  // Memory itself is aligned (docs/gpu.md, "Launches").
  if (strideAt && offsetAt && *strideAt % kLineElements == 0 &&
      *offsetAt % kLineElements == 0)
    return;
  auto multiple = [&](Value value) {
    Value rest = host.createOrFold<arith::RemSIOp>(loc, value,
                                                   k.hostIndex(kLineElements));
    return host.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rest,
                                            k.hostIndex(0));
  };
  copy(host.createOrFold<arith::AndIOp>(loc, multiple(stride),
                                        multiple(offset)));
}

/// A block copies a line.
static void emitCopy(KernelBuilder &k, Value from, Value to, Value cols,
                     Value fromStride, Value toStride, Type element) {
  DeviceEmitter &e = k.e;
  auto lineOf = [&](Value pointer, Value stride) {
    Value at = e.mul(e.widen(e.blockX()), e.widen(stride));
    return e.at(pointer, e.mul(at, 2));
  };
  Value source = lineOf(from, fromStride), target = lineOf(to, toStride);
  e.forRange(e.threadId(), cols, kThreads, [&](Value col) {
    Value at = e.mul(e.widen(col), 2);
    e.store(e.load(element, e.at(source, at), 2), e.at(target, at), 2);
  });
}

void AlignedMatrix::copy(Value aligned) {
  auto select = [&](Value yes, Value no) {
    return host.createOrFold<arith::SelectOp>(loc, aligned, yes, no);
  };
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value padded =
      k.hostMul(k.hostCeilDiv(cols, kLineElements), k.hostIndex(kLineElements));
  Value size = select(k.hostIndex(kLineElements), k.hostMul(rows, padded));
  buffer = memref::AllocOp::create(
      host, loc, MemRefType::get({ShapedType::kDynamic}, element), size);
  KernelBuilder copier(k.op,
                       k.getFunction()->getParentOfType<gpu::GPUModuleOp>());
  emitCopy(copier, copier.pointer(memref), copier.pointer(buffer),
           copier.number(cols), copier.number(stride), copier.number(padded),
           element);
  copier.launch(select(k.hostIndex(0), rows), k.hostIndex(1), kThreads, 0);
  address = select(address, getAddress(host, loc, buffer, k.hostIndex(0)));
  stride = select(stride, padded);
}

Value AlignedMatrix::describe(int64_t boxRows, int64_t boxCols) {
  auto toI64 = [&](Value value) {
    return host.createOrFold<arith::IndexCastOp>(loc, host.getI64Type(), value);
  };
  return TensorMapOp::create(
      host, loc, LLVM::LLVMPointerType::get(host.getContext()),
      cast<MemRefType>(memref.getType()).getElementType(), address, toI64(rows),
      toI64(cols), toI64(stride), boxRows, boxCols);
}

void AlignedMatrix::release() {
  if (buffer)
    memref::DeallocOp::create(host, loc, buffer);
}
