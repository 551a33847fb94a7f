//===- ValueCells.cpp - Cells of an lhs from values of places -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ValueCells.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// A word of bits as a mask of its lanes.
static Value toMask(Emitter &e, Value bits) {
  unsigned lanes = bits.getType().getIntOrFloatBitWidth();
  Value one = vector::BroadcastOp::create(
      e.b, e.loc, VectorType::get({1}, bits.getType()), bits);
  return vector::BitCastOp::create(
      e.b, e.loc, VectorType::get({lanes}, e.b.getI1Type()), one);
}

/// Values from number `first` on as the lanes whose bits are set. LLVM spreads
/// lanes of 16 bits as it loads them if they are integers.
static Value spreadHalves(Emitter &e, const KernelContext &c, VectorType type,
                          Value first, Value bits) {
  auto raw = VectorType::get(type.getShape(), e.b.getI16Type());
  auto values =
      memref::ExtractStridedMetadataOp::create(e.b, e.loc, c.lhs.data);
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(e.b, e.loc, c.lhs.data);
  Value at = e.add(base, e.mul(e.add(values.getOffset(), first), 2));
  Value pointer = LLVM::IntToPtrOp::create(
      e.b, e.loc, LLVM::LLVMPointerType::get(e.b.getContext()),
      ValueRange{arith::IndexCastOp::create(e.b, e.loc, e.b.getI64Type(), at)});
  Value spread = LLVM::masked_expandload::create(e.b, e.loc, raw, pointer,
                                                 toMask(e, bits), e.zero(raw));
  return vector::BitCastOp::create(e.b, e.loc, type, spread);
}

void mlir::spmmplu::emitFillRow(Emitter &e, const KernelContext &c, Value run,
                                int64_t depth, Value to, Value at) {
  assert(depth <= 32 && "bits of more k are in a second word");
  auto type = VectorType::get({depth}, c.inputType);
  Value runs = c.op.getTables()[3], word = e.mul(run, 4);
  Value first = e.loadIndex(runs, word);
  Value bits = e.load(runs, e.add(word, 2));
  if (depth < 32)
    bits = arith::TruncIOp::create(e.b, e.loc, e.b.getIntegerType(depth), bits);
  Value row;
  if (c.inputType.getIntOrFloatBitWidth() == 16)
    row = spreadHalves(e, c, type, first, bits);
  else
    row = vector::ExpandLoadOp::create(e.b, e.loc, type, c.lhs.data, first,
                                       toMask(e, bits), e.zero(type));
  e.storeVector(row, to, at);
}

CellQueue::CellQueue(Emitter &e, const KernelContext &c, int64_t rows,
                     int64_t depth, int64_t entries)
    : e(e), c(c), rows(rows), depth(depth), entries(entries) {
  auto type = cast<MemRefType>(c.op.getTables()[3].getType());
  cells = type.getDimSize(0) / (4 * rows);
  memory = e.alloc(c.inputType, e.index(2 * rows * depth));
}

void CellQueue::start(Value entry) {
  if (!cells)
    return;
  // (A task may begin at the end.)
  Value cell = e.min(e.floorDiv(entry, entries), e.index(cells - 1));
  e.forRange(e.index(0), e.index(rows), 1,
             [&](Value row) { fillRow(cell, row); });
}

Value CellQueue::advance(Value entry) {
  Value cell = e.floorDiv(entry, entries);
  Value next = e.min(e.add(cell, 1), e.index(cells - 1));
  for (int64_t r = 0; r < rows; ++r)
    fillRow(next, e.index(r));
  return place(cell);
}

void CellQueue::fillRow(Value cell, Value row) {
  emitFillRow(e, c, e.add(e.mul(cell, rows), row), depth, memory,
              e.add(place(cell), e.mul(row, depth)));
}

Value CellQueue::place(Value cell) {
  Value isOdd = e.sub(cell, e.mul(e.floorDiv(cell, 2), 2));
  return e.mul(isOdd, rows * depth);
}
