//===- PackRhs.cpp - Copies the rhs into contiguous panels -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// k rows that one iteration copies: enough to pay for a thread's wake-up.
static constexpr int64_t kRowsPerTask = 64;

/// One row of a panel where the rhs lies as the product has it: vectors.
static void copyRow(Emitter &e, const KernelContext &c, int64_t width,
                    Type element, Value k, Value j0, Value packed, Value to) {
  VectorType input = c.vector(c.inputType), out = c.vector(element);
  for (int64_t v = 0; v < width; v += c.lanes()) {
    Value j = e.add(j0, v);
    Value mask = e.laneMask(c.lanes(), e.sub(c.colExtent, j));
    Value from = c.rhs.offset(e, k, j);
    e.storeVector(e.convert(e.maskedLoad(input, c.rhs.data, from, mask), out),
                  packed, e.add(to, v));
  }
}

/// One row of a panel through the map: run by run where the map has runs, else
/// element by element.
static void gatherRow(Emitter &e, const KernelContext &c, int64_t width,
                      Type type, Value k, Value j0, Value packed, Value to) {
  Value end = e.min(e.add(j0, width), c.colExtent);
  auto copyElement = [&](Value from, Value j) {
    Value element = e.convert(e.load(c.rhs.data, from), type);
    memref::StoreOp::create(e.b, e.loc, element, packed,
                            e.add(to, e.sub(j, j0)));
  };
  VectorType input = c.vector(c.inputType), out = c.vector(type);
  if (auto runs = c.rhs.getRuns(e))
    forEachRun(e, *runs, j0, end, [&](Value lo, Value hi) {
      Value base = c.rhs.offset(e, k, lo);
      int64_t step = runs->contiguous ? c.lanes() : 1;
      e.forRange(lo, hi, step, [&](Value j) {
        Value from = e.add(base, e.mul(e.sub(j, lo), runs->stride));
        if (!runs->contiguous)
          return copyElement(from, j);
        Value mask = e.laneMask(c.lanes(), e.sub(hi, j));
        e.maskedStore(
            e.convert(e.maskedLoad(input, c.rhs.data, from, mask), out), packed,
            e.add(to, e.sub(j, j0)), mask);
      });
    });
  else
    e.forRange(j0, end, 1,
               [&](Value j) { copyElement(c.rhs.offset(e, k, j), j); });
  e.forRange(e.sub(end, j0), e.index(width), 1, [&](Value j) {
    memref::StoreOp::create(e.b, e.loc, e.zero(type), packed, e.add(to, j));
  });
}

/// Whether the entries leave enough rows of the rhs out to look which.
static bool skipsRows(const KernelContext &c) {
  constexpr double kMostRows = 0.9;
  auto chains = cast<ChainsAttr>(c.op.getTable());
  int64_t depth = c.op.getExtent(Axis::K);
  if (ShapedType::isDynamic(depth))
    return false;
  SmallVector<char> storage;
  llvm::BitVector isRead(depth);
  for (int32_t entry : getValues<int32_t>(chains.getEntries(), storage))
    isRead.set(entry, entry + chains.getDepth());
  return double(isRead.count()) < kMostRows * double(depth);
}

/// A byte for each k, which is set where an entry reads that row of the rhs.
static Value markRows(Emitter &e, const KernelContext &c) {
  auto chains = cast<ChainsAttr>(c.op.getTable());
  Type byte = e.b.getI8Type();
  auto constant = [&](int8_t value) -> Value {
    return arith::ConstantOp::create(e.b, e.loc, e.b.getI8IntegerAttr(value));
  };
  Value marks = e.alloc(byte, c.depthExtent);
  auto mark = [&](Value k, Value value) {
    memref::StoreOp::create(e.b, e.loc, value, marks, k);
  };
  e.forRange(e.index(0), c.depthExtent, 1,
             [&](Value k) { mark(k, constant(0)); });
  Value entries = c.op.getTables()[2];
  e.forRange(e.index(0), e.index(chains.getEntries().getNumElements()), 1,
             [&](Value entry) {
               Value k = e.loadIndex(entries, entry);
               e.forRange(e.index(0), e.index(chains.getDepth()), 1,
                          [&](Value n) { mark(e.add(k, n), constant(1)); });
             });
  return marks;
}

RhsPacker::RhsPacker(Emitter &e, const KernelContext &c, int64_t width,
                     Type element)
    : e(e), c(c), width(width), element(element) {
  if (skipsRows(c))
    marks = markRows(e, c);
}

void RhsPacker::emitRows(Value first, Value last, Value j0, Value packed,
                         Value base) const {
  e.forRange(first, last, 1, [&](Value k) {
    auto copy = [&] {
      Value to = e.add(base, e.mul(k, width));
      (c.rhs.contiguous ? copyRow : gatherRow)(e, c, width, element, k, j0,
                                               packed, to);
    };
    if (!marks)
      return copy();
    Value none = e.zero(e.b.getI8Type());
    e.ifThen(arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ne,
                                   e.load(marks, k), none),
             copy);
  });
}

void RhsPacker::free() const {
  if (marks)
    e.free(marks);
}

Value mlir::spmmplu::emitPackRhs(Emitter &e, const KernelContext &c,
                                 int64_t width, Type element) {
  Value panels = e.ceilDiv(c.colExtent, width);
  Value panelSize = e.mul(c.depthExtent, width);
  Value packed = e.alloc(element, e.mul(panels, panelSize));
  Value chunks = e.ceilDiv(c.depthExtent, kRowsPerTask);
  RhsPacker packer(e, c, width, element);
  e.parallel({panels, chunks}, [&](ValueRange at) {
    Value first = e.mul(at[1], kRowsPerTask);
    Value last = e.min(e.add(first, kRowsPerTask), c.depthExtent);
    packer.emitRows(first, last, e.mul(at[0], width), packed,
                    e.mul(at[0], panelSize));
  });
  packer.free();
  return packed;
}
