//===- PanelStore.cpp - Panels' sums to the output -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelStore.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

/// Whether panel p holds the rows p * rows and following, all of them.
static bool isNaturalOrder(ChainsAttr chains, int64_t extent) {
  SmallVector<char> storage;
  for (auto [at, row] :
       llvm::enumerate(getValues<int32_t>(chains.getPanelRows(), storage)))
    if (row != (int64_t(at) < extent ? int64_t(at) : -1))
      return false;
  return true;
}

PanelStore::PanelStore(KernelBuilder &k, DeviceOperand out)
    : k(k), e(k.e), out(out),
      natural(isNaturalOrder(cast<ChainsAttr>(k.op.getTable()),
                             k.op.getExtent(Axis::I))),
      accumulate(k.op.getAccumulate()), panelRows(k.table(0)), epilogue(k) {}

Value PanelStore::outputRow(Value at) {
  if (!natural)
    return e.loadWord(panelRows, at);
  Value extent = e.i32(k.op.getExtent(Axis::I));
  return e.select(e.less(at, extent), at, e.i32(-1));
}

void PanelStore::put(Value value, Value target, int64_t alignment) {
  if (accumulate)
    value = e.addNumbers(value, e.load(value.getType(), target, alignment));
  e.store(value, target, alignment);
}

//===----------------------------------------------------------------------===//
// ScratchStore
//===----------------------------------------------------------------------===//

ScratchStore::ScratchStore(KernelBuilder &k, DeviceOperand out)
    : PanelStore(k, out), byRow(!out.contiguousInX()) {}

void ScratchStore::begin() {
  if (out.contiguousInX() || out.contiguousInY())
    aligned = out.isAligned(e);
}

void ScratchStore::flush(int64_t rows, int64_t cols, Value thread,
                         int64_t threads, Value firstRow, Value firstCol,
                         Value end) {
  auto walk = [&](int64_t size) {
    int64_t perLine = (byRow ? cols : rows) / size;
    int64_t pieces = (byRow ? rows : cols) * perLine;
    e.forRange(thread, e.i32(pieces), threads, [&](Value at) {
      Value line = e.div(at, perLine);
      Value within = e.mul(e.rem(at, perLine), size);
      if (byRow)
        flushByRow(line, within, size, firstRow, firstCol, end);
      else
        flushByColumn(line, within, size, firstRow, firstCol, end);
    });
  };
  int64_t size = kChunk / out.width();
  // Where chunks would be cut into elements, lanes take one each.
  if (aligned)
    e.ifThen(aligned, [&] { walk(size); }, [&] { walk(1); });
  else
    walk(size);
}

void ScratchStore::flushByRow(Value line, Value within, int64_t size,
                              Value firstRow, Value firstCol, Value end) {
  Value row = outputRow(e.add(firstRow, line));
  Value j = e.add(firstCol, within);
  Value count = e.min(e.sub(end, j), e.i32(size));
  Value source = placeOf(line, within, size);
  e.ifThen(e.both(e.less(e.i32(-1), row), e.less(e.i32(0), count)), [&] {
    if (out.contiguousInY())
      return storeChunk(source, count, size, out.address(e, row, j));
    e.forRange(e.i32(0), count, 1, [&](Value n) {
      storeElement(e.at(source, e.mul(n, out.width())),
                   out.address(e, row, e.add(j, n)));
    });
  });
}

void ScratchStore::flushByColumn(Value line, Value within, int64_t size,
                                 Value firstRow, Value firstCol, Value end) {
  Value j = e.add(firstCol, line);
  Value first = e.add(firstRow, within);
  Value source = placeOf(line, within, size);
  if (natural) {
    Value count =
        e.min(e.sub(e.i32(k.op.getExtent(Axis::I)), first), e.i32(size));
    e.ifThen(e.both(e.less(j, end), e.less(e.i32(0), count)), [&] {
      storeChunk(source, count, size, out.address(e, first, j));
    });
    return;
  }
  e.ifThen(e.less(j, end), [&] {
    e.forRange(e.i32(0), e.i32(size), 1, [&](Value n) {
      Value row = outputRow(e.add(first, n));
      e.ifThen(e.less(e.i32(-1), row), [&] {
        storeElement(e.at(source, e.mul(n, out.width())),
                     out.address(e, row, j));
      });
    });
  });
}

/// `count` consecutive elements of up to `size`: at once where all are there.
void ScratchStore::storeChunk(Value source, Value count, int64_t size,
                              Value target) {
  if (size == 1)
    return storeElement(source, target);
  e.ifThen(
      e.equal(count, size),
      [&] {
        put(e.load(e.vector(size, out.element), source, kChunk), target,
            kChunk);
      },
      [&] {
        e.forRange(e.i32(0), count, 1, [&](Value n) {
          Value offset = e.mul(n, out.width());
          storeElement(e.at(source, offset), e.at(target, offset));
        });
      });
}

void ScratchStore::storeElement(Value source, Value target) {
  put(e.load(out.element, source, out.width()), target, out.width());
}
