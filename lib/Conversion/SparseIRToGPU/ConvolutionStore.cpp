//===- ConvolutionStore.cpp - The store of a convolution -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A line of shared memory has what the panel writes of a pixel. Sums go to the
// channels of their filters; what lies between is zero. So the result is
// written in whole sectors, and channels without a filter take no other pass.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

ConvolutionStore::ConvolutionStore(KernelBuilder &k, ConvolutionOp op,
                                   const ConvolutionSizes &sizes)
    : e(k.e), async(e), sizes(sizes), result(k.pointer(op.getInit())),
      bounds(k.pointer(op.getBounds())) {
  if (!sizes.natural)
    columns = k.pointer(op.getColumns());
}

void ConvolutionStore::begin(Value threadId, Value position, Value panelIndex) {
  thread = threadId;
  firstPosition = position;
  panel = panelIndex;
  auto bound = [&](Value at) {
    return e.load(e.b.getI32Type(), e.at(bounds, e.mul(at, 4)), 4);
  };
  lo = bound(panel);
  hi = bound(e.add(panel, 1));
}

void ConvolutionStore::sync() {
  // The other barrier is the block's.
  async.barrier(e.i32(1), sizes.tile.threads());
}

void ConvolutionStore::clear() {
  if (sizes.natural)
    return;
  const ConvolutionTile &tile = sizes.tile;
  Value zeros = e.zero(e.vector(4, e.b.getI32Type()));
  e.forRange(e.mul(thread, kChunk), e.i32(tile.pixels * tile.lineBytes()),
             tile.threads() * kChunk,
             [&](Value at) { e.store(zeros, e.at(e.shared(), at), kChunk); });
  sync();
}

void ConvolutionStore::write(Value sums, Value pixel) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t width = tile.resultBytes;
  Value lane = e.rem(thread, 32), warp = e.rem(e.div(thread, 32), 4);
  Value row = e.add(pixel, e.add(e.mul(warp, 16), e.div(lane, 4)));
  Value line = e.at(e.shared(), e.mul(row, tile.lineBytes()));
  Value pair = e.mul(e.rem(lane, 4), 2);
  Type word = e.b.getI32Type();
  for (int64_t col = 0; col < tile.cols; col += 8) {
    Value values = e.convert(e.slice(sums, col / 2, 4), sizes.result);
    if (sizes.natural) {
      // Columns beyond the panel's channels have no line to go to.
      if (col >= tile.span)
        continue;
      Value to = e.at(line, e.mul(e.add(pair, col), width));
      for (int64_t half = 0; half < 2; ++half)
        e.store(e.slice(values, 2 * half, 2),
                e.at(to, half * 8 * tile.lineBytes()), 2 * width);
      continue;
    }
    for (int64_t n = 0; n < 2; ++n) {
      Value column = e.add(e.mul(panel, tile.cols), e.add(pair, col + n));
      Value channel = e.load(word, e.at(columns, e.mul(column, 4)), 4);
      e.ifThen(e.less(e.i32(-1), channel), [&] {
        Value to = e.at(line, e.mul(e.sub(channel, lo), width));
        for (int64_t half = 0; half < 2; ++half)
          e.store(e.extract(values, 2 * half + n),
                  e.at(to, half * 8 * tile.lineBytes()), width);
      });
    }
  }
}

void ConvolutionStore::flush() {
  const ConvolutionTile &tile = sizes.tile;
  int64_t perLine = tile.span * tile.resultBytes / kChunk;
  e.forRange(
      thread, e.i32(tile.pixels * perLine), tile.threads(),
      [&](Value at) { flushChunk(e.div(at, perLine), e.rem(at, perLine)); });
}

void ConvolutionStore::flushChunk(Value pixel, Value chunk) {
  const ConvolutionTile &tile = sizes.tile;
  const ConvolutionShape &shape = sizes.shape;
  int64_t width = tile.resultBytes, size = kChunk / width;
  Value channel = e.add(lo, e.mul(chunk, size));
  PixelPlace place = splitPosition(e, shape, e.add(firstPosition, pixel));
  Value exists =
      e.both(e.both(e.less(place.row, shape.result[0]),
                    e.less(place.col, shape.result[1])),
             e.both(e.less(place.batch, shape.batch), e.less(channel, hi)));
  Value source = e.at(
      e.shared(), e.add(e.mul(pixel, tile.lineBytes()), e.mul(chunk, kChunk)));
  e.ifThen(exists, [&] {
    Value line = e.add(e.mul(place.batch, shape.result[0]), place.row);
    Value at = e.add(e.mul(line, shape.result[1]), place.col);
    Value element = e.add(e.mul(e.widen(at), sizes.filters), e.widen(channel));
    Value to = e.at(result, e.mul(element, width));
    // Bounds are multiples of a chunk, but for the last.
    if (sizes.filters % size == 0) {
      Type type = e.vector(size, sizes.result);
      e.store(e.load(type, source, kChunk), to, kChunk);
      return;
    }
    Value count = e.min(e.sub(hi, channel), e.i32(size));
    e.forRange(e.i32(0), count, 1, [&](Value n) {
      Value offset = e.mul(n, width);
      e.store(e.load(sizes.result, e.at(source, offset), width),
              e.at(to, offset), width);
    });
  });
}
