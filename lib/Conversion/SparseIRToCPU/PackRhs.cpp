//===- PackRhs.cpp - Copies the rhs into contiguous panels -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

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

Value mlir::spmmplu::emitPackRhs(Emitter &e, const KernelContext &c,
                                 int64_t width, Type element) {
  Value panels = e.ceilDiv(c.colExtent, width);
  Value panelSize = e.mul(c.depthExtent, width);
  Value packed = e.alloc(element, e.mul(panels, panelSize));
  Value chunks = e.ceilDiv(c.depthExtent, kRowsPerTask);
  e.parallel({panels, chunks}, [&](ValueRange at) {
    Value j0 = e.mul(at[0], width), base = e.mul(at[0], panelSize);
    Value first = e.mul(at[1], kRowsPerTask);
    Value last = e.min(e.add(first, kRowsPerTask), c.depthExtent);
    e.forRange(first, last, 1, [&](Value k) {
      Value to = e.add(base, e.mul(k, width));
      (c.rhs.contiguous ? copyRow : gatherRow)(e, c, width, element, k, j0,
                                               packed, to);
    });
  });
  return packed;
}
