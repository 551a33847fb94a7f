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
  auto bound = [&](Value at) { return e.loadWord(bounds, at); };
  lo = bound(panel);
  hi = bound(e.add(panel, 1));
}

void ConvolutionStore::sync() {
  // The other barrier is the block's.
  async.barrier(e.i32(1), sizes.tile.threads());
}

Value ConvolutionStore::lines() {
  return e.at(e.shared(), sizes.tile.linesOffset());
}

void ConvolutionStore::clear() {
  if (sizes.natural)
    return;
  const ConvolutionTile &tile = sizes.tile;
  Value zeros = e.zero(e.vector(4, e.b.getI32Type()));
  e.forRange(e.mul(thread, kChunk), e.i32(tile.pixels * tile.lineBytes()),
             tile.threads() * kChunk,
             [&](Value at) { e.store(zeros, e.at(lines(), at), kChunk); });
  sync();
}

void ConvolutionStore::write(Value sums, Value pixel) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t width = tile.resultBytes;
  Value lane = e.rem(thread, 32), warp = e.rem(e.div(thread, 32), 4);
  Value row = e.add(pixel, e.add(e.mul(warp, 16), e.div(lane, 4)));
  Value line = e.at(lines(), e.mul(row, tile.lineBytes()));
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
      // Columns without a filter go to what a line has beside its channels.
      Value aside = e.add(e.i32(tile.span), e.rem(lane, 4));
      Value place = e.select(e.less(channel, 0), aside, e.sub(channel, lo));
      Value to = e.at(line, e.mul(place, width));
      for (int64_t half = 0; half < 2; ++half)
        e.store(e.extract(values, 2 * half + n),
                e.at(to, half * 8 * tile.lineBytes()), width);
    }
  }
}

void ConvolutionStore::flush() {
  constexpr int64_t kTogether = 4;
  const ConvolutionTile &tile = sizes.tile;
  int64_t perLine = tile.span * tile.resultBytes / kChunk;
  int64_t chunks = tile.pixels * perLine, threads = tile.threads();
  // Chunks are there for several rounds of the threads, or some have one more.
  int64_t together = std::min(kTogether, chunks / threads);
  int64_t whole = together ? chunks / (threads * together) : 0;
  auto flushSome = [&](Value at, int64_t count) {
    SmallVector<Value> chunk;
    for (int64_t n = 0; n < count; ++n)
      chunk.push_back(e.add(at, n * threads));
    flushChunks(chunk, perLine);
  };
  int64_t end = whole * threads * together;
  if (whole)
    e.forRange(thread, e.i32(end), threads * together,
               [&](Value at) { flushSome(at, together); });
  if (end < chunks)
    e.forRange(e.add(thread, end), e.i32(chunks), threads,
               [&](Value at) { flushSome(at, 1); });
}

/// The pixel of the result at a position of the tile, and whether it is one.
PixelPlace ConvolutionStore::findPixel(Value pixel) {
  const ConvolutionShape &shape = sizes.shape;
  Value position = e.add(firstPosition, pixel);
  PixelPlace place;
  if (shape.isUnpadded() && shape.result == shape.image) {
    place.pixel = position;
    place.exists = e.less(position, shape.pixels());
    return place;
  }
  place = splitPosition(e, shape, position);
  place.exists = e.both(e.both(e.less(place.row, shape.result[0]),
                               e.less(place.col, shape.result[1])),
                        e.less(place.batch, shape.batch));
  Value line = e.add(e.mul(place.batch, shape.result[0]), place.row);
  place.pixel = e.add(e.mul(line, shape.result[1]), place.col);
  return place;
}

void ConvolutionStore::flushChunks(ArrayRef<Value> chunks, int64_t perLine) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t width = tile.resultBytes, size = kChunk / width;
  // Bounds are multiples of a chunk, but for the last.
  bool isWhole = sizes.filters % size == 0;
  SmallVector<Value> sources, targets, exist, left, values;
  for (Value at : chunks) {
    Value pixel = e.div(at, perLine), chunk = e.rem(at, perLine);
    Value channel = e.add(lo, e.mul(chunk, size));
    PixelPlace place = findPixel(pixel);
    Value line = e.mul(pixel, tile.lineBytes());
    sources.push_back(e.at(lines(), e.add(line, e.mul(chunk, kChunk))));
    Value element =
        e.add(e.mul(e.widen(place.pixel), sizes.filters), e.widen(channel));
    targets.push_back(e.at(result, e.mul(element, width)));
    exist.push_back(e.both(place.exists, e.less(channel, hi)));
    left.push_back(e.min(e.sub(hi, channel), e.i32(size)));
  }
  Type type = e.vector(size, sizes.result);
  if (isWhole)
    for (Value source : sources)
      values.push_back(e.load(type, source, kChunk));
  for (size_t n = 0; n < chunks.size(); ++n)
    e.ifThen(exist[n], [&] {
      if (isWhole)
        return e.store(values[n], targets[n], kChunk);
      e.forRange(e.i32(0), left[n], 1, [&](Value at) {
        Value offset = e.mul(at, width);
        e.store(e.load(sizes.result, e.at(sources[n], offset), width),
                e.at(targets[n], offset), width);
      });
    });
}
