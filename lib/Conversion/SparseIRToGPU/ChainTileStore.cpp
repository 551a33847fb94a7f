//===- ChainTileStore.cpp - The store of a chain's tile --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

/// Whether panel p holds the rows p * rows and following, in order.
static bool isNaturalOrder(ChainsAttr chains) {
  SmallVector<char> storage;
  for (auto [at, row] :
       llvm::enumerate(getValues<int32_t>(chains.getPanelRows(), storage)))
    if (row != -1 && row != int32_t(at))
      return false;
  return true;
}

/// The same, and no row is missing.
static bool holdsAllRows(ChainsAttr chains, int64_t extent) {
  SmallVector<char> storage;
  for (auto [at, row] :
       llvm::enumerate(getValues<int32_t>(chains.getPanelRows(), storage)))
    if (row != (int64_t(at) < extent ? int32_t(at) : -1))
      return false;
  return true;
}

TileStore::TileStore(KernelBuilder &k, const KernelContext &,
                     const ChainTile &tile, DeviceOperand out)
    : k(k), e(k.e), tile(tile), out(out), byRow(!out.contiguousInX()),
      accumulate(k.op.getAccumulate()), panelRows(k.table(0)), epilogue(k) {}

void TileStore::begin(Value ofPanel, Value firstOfTile, Value cols) {
  panel = ofPanel;
  firstCol = firstOfTile;
  epilogue.begin(cols);
}

Value TileStore::outputRow(Value row) {
  return e.load(e.b.getI32Type(),
                e.at(panelRows, e.mul(e.add(e.mul(panel, tile.rows), row), 4)));
}

int64_t TileStore::pitch() const {
  // A chunk more than the line, so that lines start in different banks.
  return (byRow ? tile.cols : tile.rows) + kChunk / out.width();
}

int64_t TileStore::bytes() const {
  return (byRow ? tile.rows : tile.cols) * pitch() * out.width();
}

void TileStore::write(ValueRange accumulators, Value lane, Value warpI,
                      Value warpJ) {
  int64_t tilesJ = tile.warpCols() / 8;
  Value row = e.add(e.mul(warpI, tile.warpRows()), e.div(lane, 4));
  Value col = e.add(e.mul(warpJ, tile.warpCols()), e.mul(e.rem(lane, 4), 2));
  Value line = byRow ? row : col, within = byRow ? col : row;
  Value base =
      e.at(e.shared(), e.mul(e.add(e.mul(line, pitch()), within), out.width()));
  SmallVector<Value> rows, cols;
  if (epilogue.exists()) {
    for (int64_t at = 0; at < tile.warpRows(); at += 8)
      rows.push_back(outputRow(e.add(row, at)));
    for (int64_t at = 0; at < tile.warpCols(); at += 8)
      for (int64_t n = 0; n < 2; ++n)
        cols.push_back(outputCol(e.add(col, at + n)));
  }
  for (auto [n, sum] : llvm::enumerate(accumulators)) {
    int64_t i = n / tilesJ * 16, j = n % tilesJ * 8;
    SmallVector<ElementPlace> places;
    for (int64_t at = 0; at < 4 && epilogue.exists(); ++at)
      places.push_back({rows[i / 8 + at / 2], cols[j / 4 + at % 2]});
    Value values = e.convert(epilogue.apply(sum, places), out.element);
    for (int64_t half = 0; half < 2; ++half) {
      int64_t lineAt = byRow ? i + 8 * half : j;
      int64_t withinAt = byRow ? j : i + 8 * half;
      Value to = e.at(base, (lineAt * pitch() + withinAt) * out.width());
      Value low = e.extract(values, 2 * half);
      Value high = e.extract(values, 2 * half + 1);
      if (byRow) {
        e.store(e.fromElements({low, high}), to, 2 * out.width());
        continue;
      }
      e.store(low, to, out.width());
      e.store(high, e.at(to, pitch() * out.width()), out.width());
    }
  }
}

void TileStore::put(Value row, Value col, Value value) {
  if (epilogue.exists())
    value = epilogue.apply(value, ElementPlace{outputRow(row), outputCol(col)});
  Value line = byRow ? row : col, within = byRow ? col : row;
  e.store(
      e.convert(value, out.element),
      e.at(e.shared(), e.mul(e.add(e.mul(line, pitch()), within), out.width())),
      out.width());
}

void TileStore::flush(Value thread, Value panel, Value firstCol, Value cols) {
  auto walk = [&](int64_t size) {
    int64_t perLine = (byRow ? tile.cols : tile.rows) / size;
    int64_t count = (byRow ? tile.rows : tile.cols) * perLine;
    e.forRange(thread, e.i32(count), tile.threads(), [&](Value at) {
      Value line = e.div(at, perLine);
      Value within = e.mul(e.rem(at, perLine), size);
      if (byRow)
        flushByRow(line, within, size, panel, firstCol, cols);
      else
        flushByColumn(line, within, size, panel, firstCol, cols);
    });
  };
  int64_t size = kChunk / out.width();
  bool isLine = byRow ? out.contiguousInY() : out.contiguousInX();
  if (!isLine || accumulate)
    return walk(size);
  // Where chunks would be cut into elements, lanes take one each.
  e.ifThen(out.isAligned(e), [&] { walk(size); }, [&] { walk(1); });
}

/// Writes `count` elements of scratch from (line, from) on to `target`,
/// `stride` elements apart; null: next to each other and 16 bytes aligned
/// where all are there.
void TileStore::storeChunk(Value line, Value from, Value count, int64_t size,
                           Value target, Value stride) {
  int64_t width = out.width();
  Value source =
      e.at(e.shared(), e.mul(e.add(e.mul(line, pitch()), from), width));
  auto single = [&] {
    e.forRange(e.i32(0), count, 1, [&](Value n) {
      Value at = e.widen(n);
      Value to =
          e.at(target, e.mul(stride ? e.mul(at, e.widen(stride)) : at, width));
      Value value = e.load(out.element, e.at(source, e.mul(n, width)), width);
      if (accumulate)
        value = arith::AddFOp::create(e.b, e.loc, value,
                                      e.load(out.element, to, width));
      e.store(value, to, width);
    });
  };
  if (stride || size == 1)
    return single();
  e.ifThen(
      e.equal(count, size),
      [&] {
        VectorType chunk = e.vector(size, out.element);
        Value values = e.load(chunk, source, kChunk);
        if (accumulate)
          values = arith::AddFOp::create(e.b, e.loc, values,
                                         e.load(chunk, target, kChunk));
        e.store(values, target, kChunk);
      },
      single);
}

void TileStore::flushByRow(Value line, Value within, int64_t size, Value panel,
                           Value firstCol, Value cols) {
  Value at = e.add(e.mul(panel, tile.rows), line);
  int64_t extent = k.op.getExtent(Axis::I);
  Value row;
  if (holdsAllRows(cast<ChainsAttr>(k.op.getTable()), extent))
    row = e.select(e.less(at, e.i32(extent)), at, e.i32(-1));
  else
    row = e.load(e.b.getI32Type(), e.at(panelRows, e.mul(at, 4)));
  Value j = e.add(firstCol, within);
  Value count = e.min(e.sub(cols, j), e.i32(size));
  Value inside = e.both(e.less(e.i32(-1), row), e.less(e.i32(0), count));
  e.ifThen(inside, [&] {
    if (out.contiguousInY())
      return storeChunk(line, within, count, size, out.address(e, row, j),
                        Value());
    // A map that only permutes gives a stride; any other, element by element.
    if (out.yStride)
      return storeChunk(line, within, count, size, out.address(e, row, j),
                        out.yStride);
    e.forRange(e.i32(0), count, 1, [&](Value n) {
      storeChunk(line, e.add(within, n), e.i32(1), 1,
                 out.address(e, row, e.add(j, n)), e.i32(1));
    });
  });
}

void TileStore::flushByColumn(Value line, Value within, int64_t size,
                              Value panel, Value firstCol, Value cols) {
  Value j = e.add(firstCol, line);
  Value first = e.add(e.mul(panel, tile.rows), within);
  auto chains = cast<ChainsAttr>(k.op.getTable());
  if (isNaturalOrder(chains)) {
    Value count =
        e.min(e.sub(e.i32(k.op.getExtent(Axis::I)), first), e.i32(size));
    e.ifThen(e.both(e.less(j, cols), e.less(e.i32(0), count)), [&] {
      storeChunk(line, within, count, size, out.address(e, first, j), Value());
    });
    return;
  }
  e.ifThen(e.less(j, cols), [&] {
    e.forRange(e.i32(0), e.i32(size), 1, [&](Value n) {
      Value row =
          e.load(e.b.getI32Type(), e.at(panelRows, e.mul(e.add(first, n), 4)));
      e.ifThen(e.less(e.i32(-1), row), [&] {
        storeChunk(line, e.add(within, n), e.i32(1), 1, out.address(e, row, j),
                   e.i32(1));
      });
    });
  });
}
