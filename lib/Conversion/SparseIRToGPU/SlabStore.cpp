//===- SlabStore.cpp - Sums of matrix instructions -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Threads put some columns of a slab into their scratch, as lines of the
// output: a line is 128 bytes of a row, or a column's rows. 16-byte chunk c of
// line l lies at chunk c xor (l mod 8), of shorter lines the same of as many as
// have 128 bytes, so that neither the matrices written nor the lines read meet
// in a bank. Then 16 bytes a thread go out.
//
//===----------------------------------------------------------------------===//

#include "SlabStore.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

SlabStore::SlabStore(KernelBuilder &k, SlabShape shape)
    : ScratchStore(k, k.operand(Role::Out)), async(e), shape(shape) {}

void SlabStore::begin(Value threadOfSlab, Value scratchByte, Value barrierId) {
  thread = threadOfSlab;
  barrier = barrierId;
  scratch = e.at(e.shared(), scratchByte);
  ScratchStore::begin();
}

int64_t SlabStore::storeCols() const {
  return shape.scratchBytes / shape.rows() / out.width();
}

int64_t SlabStore::lineChunks() const {
  return (byRow ? storeCols() : shape.rows()) * out.width() / kChunk;
}

Value SlabStore::chunkAddress(Value line, Value chunk) {
  constexpr int64_t kSwizzled = 8; // chunks of all banks
  int64_t count = lineChunks();
  Value twist = count >= kSwizzled
                    ? e.rem(line, kSwizzled)
                    : e.rem(e.div(line, kSwizzled / count), count);
  Value place = e.bitXor(chunk, twist);
  return e.at(scratch, e.mul(e.add(e.mul(line, count), place), kChunk));
}

void SlabStore::meet() {
  if (shape.warps == 1)
    e.syncWarp();
  else
    async.barrier(barrier, shape.threads());
}

void SlabStore::store(Value accumulators, Value firstRow, Value firstOfSlab,
                      Value cols) {
  if (epilogue.exists()) {
    epilogue.begin(cols);
    Value mine = e.add(firstRow, e.add(e.mul(e.div(thread, 32), 16),
                                       e.div(e.rem(thread, 32), 4)));
    for (int64_t half = 0; half < 2; ++half)
      rows[half] = outputRow(e.add(mine, half * 8));
    firstCol = e.add(firstOfSlab, e.mul(e.rem(thread, 4), 2));
  }
  for (int64_t at = 0; at < shape.cols; at += storeCols()) {
    int64_t count = std::min(storeCols(), shape.cols - at);
    meet(); // scratch has been read
    write(accumulators, at, count);
    meet();
    flush(shape.rows(), count, thread, shape.threads(), firstRow,
          e.add(firstOfSlab, at), cols);
  }
}

Value SlabStore::finish(Value accumulators, int64_t from, int64_t count) {
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

void SlabStore::write(Value accumulators, int64_t firstCol, int64_t count) {
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
void SlabStore::writeMatrices(Value accumulators, int64_t from, int64_t tiles,
                              int64_t col) {
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
void SlabStore::writeSingles(Value accumulators, int64_t from, int64_t col) {
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

Value SlabStore::placeOf(Value line, Value within, int64_t size) {
  int64_t perChunk = kChunk / out.width();
  Value chunk = chunkAddress(line, e.div(within, perChunk));
  if (size == perChunk)
    return chunk;
  return e.at(chunk, e.mul(e.rem(within, perChunk), out.width()));
}
