//===- ChainWarpgroupKernelStore.cpp - The store of wgmma's sums -*- C++
//-*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warpgroup puts some columns of its 64 rows into its scratch, as lines of
// the output: a line is 128 bytes of a row, or 64 rows of a column. 16-byte
// chunk c of line l lies at chunk c xor (l mod 8), so that neither the matrices
// written nor the lines read meet in a bank. Then 16 bytes a thread go out.
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

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

//===----------------------------------------------------------------------===//
// PanelStore
//===----------------------------------------------------------------------===//

PanelStore::PanelStore(KernelBuilder &k)
    : k(k), e(k.e), out(k.operand(Role::Out)),
      natural(isNaturalOrder(cast<ChainsAttr>(k.op.getTable()),
                             k.op.getExtent(Axis::I))),
      accumulate(k.op.getAccumulate()), panelRows(k.table(0)), epilogue(k) {}

Value PanelStore::outputRow(Value at) {
  if (!natural)
    return e.load(e.b.getI32Type(), e.at(panelRows, e.mul(at, 4)));
  Value extent = e.i32(k.op.getExtent(Axis::I));
  return e.select(e.less(at, extent), at, e.i32(-1));
}

void PanelStore::put(Value value, Value target, int64_t alignment) {
  if (accumulate)
    value = arith::AddFOp::create(e.b, e.loc, value,
                                  e.load(value.getType(), target, alignment));
  e.store(value, target, alignment);
}

//===----------------------------------------------------------------------===//
// WarpgroupStore
//===----------------------------------------------------------------------===//

WarpgroupStore::WarpgroupStore(KernelBuilder &k, const WarpgroupTile &tile)
    : PanelStore(k), async(e), tile(tile), byRow(!out.contiguousInX()) {}

void WarpgroupStore::begin(Value threadOfGroup, Value group) {
  thread = threadOfGroup;
  barrierId = e.add(group, 1);
  scratch = e.at(e.shared(), e.add(e.mul(group, WarpgroupTile::kScratchBytes),
                                   tile.scratchOffset()));
  if (out.contiguousInX() || out.contiguousInY())
    aligned = out.isAligned(e);
}

int64_t WarpgroupStore::storeCols() const {
  return WarpgroupTile::kScratchBytes / 64 / out.width();
}

int64_t WarpgroupStore::lineChunks() const {
  return (byRow ? storeCols() : 64) * out.width() / kChunk;
}

Value WarpgroupStore::chunkAddress(Value line, Value chunk) {
  Value place = e.bitXor(chunk, e.rem(line, 8));
  return e.at(scratch, e.mul(e.add(e.mul(line, lineChunks()), place), kChunk));
}

void WarpgroupStore::store(Value accumulators, const TilePlace &place,
                           Value firstRow, Value firstOfGroup, Value cols) {
  Value row = e.add(e.mul(place.panel, tile.rows), firstRow);
  if (epilogue.exists()) {
    epilogue.begin(cols);
    Value mine = e.add(
        row, e.add(e.mul(e.div(thread, 32), 16), e.div(e.rem(thread, 32), 4)));
    for (int64_t half = 0; half < 2; ++half)
      rows[half] = outputRow(e.add(mine, half * 8));
    firstCol = e.add(firstOfGroup, e.mul(e.rem(thread, 4), 2));
  }
  for (int64_t at = 0; at < tile.groupCols(); at += storeCols()) {
    int64_t count = std::min(storeCols(), tile.groupCols() - at);
    async.barrier(barrierId, 128); // scratch has been read
    write(accumulators, at, count);
    async.barrier(barrierId, 128);
    flush(count, row, e.add(firstOfGroup, at), cols);
  }
}

Value WarpgroupStore::finish(Value accumulators, int64_t from, int64_t count) {
  Value sums = e.slice(accumulators, from, count);
  if (!epilogue.exists())
    return sums;
  SmallVector<ElementPlace> places;
  for (int64_t n = from; n < from + count; n += 4) {
    Value col = e.add(firstCol, n * 2);
    Value cols[] = {col, e.add(col, 1)};
    for (int64_t at = 0; at < 4; ++at)
      places.push_back({rows[at / 2], cols[at % 2]});
  }
  return epilogue.apply(sums, places);
}

//===----------------------------------------------------------------------===//
// Into scratch
//===----------------------------------------------------------------------===//

void WarpgroupStore::write(Value accumulators, int64_t firstCol,
                           int64_t count) {
  if (out.width() != 2) {
    for (int64_t col = 0; col < count; col += 8)
      writeSingles(accumulators, (firstCol + col) / 2, col);
    return;
  }
  for (int64_t col = 0; col < count; col += 16)
    writeMatrices(accumulators, (firstCol + col) / 2,
                  std::min<int64_t>(2, (count - col) / 8), col);
}

/// `tiles` m16n8 tiles, values from `from` on, to columns from `col` on: the
/// matrices are rows 0..7 and 8..15 of each.
void WarpgroupStore::writeMatrices(Value accumulators, int64_t from,
                                   int64_t tiles, int64_t col) {
  Value sums = finish(accumulators, from, tiles * 4);
  Value words = vector::BitCastOp::create(e.b, e.loc,
                                          e.vector(tiles * 2, e.b.getI32Type()),
                                          e.convert(sums, out.element));
  SmallVector<Value> registers;
  for (int64_t n = 0; n < tiles * 2; ++n)
    registers.push_back(e.extract(words, n));
  // A lane names the line of the matrix lane / 8 that lane % 8 counts; lanes
  // of matrices that are not there count as others.
  Value lane = e.rem(thread, 32), matrix = e.div(lane, 8);
  Value half = e.rem(matrix, 2);
  Value second = tiles == 2 ? e.div(matrix, 2) : e.i32(0);
  Value row = e.add(e.mul(e.div(thread, 32), 16), e.mul(half, 8));
  Value line =
      e.add(e.rem(lane, 8), byRow ? row : e.add(e.mul(second, 8), col));
  Value chunk = byRow ? e.add(second, col / 8) : e.div(row, 8);
  async.storeMatrix(chunkAddress(line, chunk), registers, !byRow);
}

/// One m16n8 tile of 32-bit elements.
void WarpgroupStore::writeSingles(Value accumulators, int64_t from,
                                  int64_t col) {
  Value sums = e.convert(finish(accumulators, from, 4), out.element);
  Value lane = e.rem(thread, 32);
  for (int64_t n = 0; n < 4; ++n) {
    Value row =
        e.add(e.add(e.mul(e.div(thread, 32), 16), e.div(lane, 4)), n / 2 * 8);
    Value column = e.add(e.mul(e.rem(lane, 4), 2), col + n % 2);
    Value line = byRow ? row : column, within = byRow ? column : row;
    int64_t perChunk = kChunk / out.width();
    Value to = e.at(chunkAddress(line, e.div(within, perChunk)),
                    e.mul(e.rem(within, perChunk), out.width()));
    e.store(e.extract(sums, n), to, out.width());
  }
}

//===----------------------------------------------------------------------===//
// Out of scratch
//===----------------------------------------------------------------------===//

void WarpgroupStore::flush(int64_t count, Value firstRow, Value firstCol,
                           Value cols) {
  auto walk = [&](int64_t size) {
    int64_t perLine = (byRow ? count : 64) / size;
    int64_t pieces = (byRow ? 64 : count) * perLine;
    e.forRange(thread, e.i32(pieces), 128, [&](Value at) {
      Value line = e.div(at, perLine);
      Value within = e.mul(e.rem(at, perLine), size);
      if (byRow)
        flushByRow(line, within, size, firstRow, firstCol, cols);
      else
        flushByColumn(line, within, size, firstRow, firstCol, cols);
    });
  };
  int64_t size = kChunk / out.width();
  // Where chunks would be cut into elements, lanes take one each.
  if (aligned)
    e.ifThen(aligned, [&] { walk(size); }, [&] { walk(1); });
  else
    walk(size);
}

Value WarpgroupStore::placeOf(Value line, Value within, int64_t size) {
  int64_t perChunk = kChunk / out.width();
  Value chunk = chunkAddress(line, e.div(within, perChunk));
  if (size == perChunk)
    return chunk;
  return e.at(chunk, e.mul(e.rem(within, perChunk), out.width()));
}

void WarpgroupStore::flushByRow(Value line, Value within, int64_t size,
                                Value firstRow, Value firstCol, Value cols) {
  Value row = outputRow(e.add(firstRow, line));
  Value j = e.add(firstCol, within);
  Value count = e.min(e.sub(cols, j), e.i32(size));
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

void WarpgroupStore::flushByColumn(Value line, Value within, int64_t size,
                                   Value firstRow, Value firstCol, Value cols) {
  Value j = e.add(firstCol, line);
  Value first = e.add(firstRow, within);
  Value source = placeOf(line, within, size);
  if (natural) {
    Value count =
        e.min(e.sub(e.i32(k.op.getExtent(Axis::I)), first), e.i32(size));
    e.ifThen(e.both(e.less(j, cols), e.less(e.i32(0), count)), [&] {
      storeChunk(source, count, size, out.address(e, first, j));
    });
    return;
  }
  e.ifThen(e.less(j, cols), [&] {
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
void WarpgroupStore::storeChunk(Value source, Value count, int64_t size,
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

void WarpgroupStore::storeElement(Value source, Value target) {
  put(e.load(out.element, source, out.width()), target, out.width());
}
