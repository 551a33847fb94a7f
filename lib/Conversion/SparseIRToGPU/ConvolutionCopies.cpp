//===- ConvolutionCopies.cpp - Images and filters ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where there is no pixel, zeros are written: padding costs no memory traffic.
// Listed channels come through registers, a lane one channel of a pixel, so
// that a warp reads what lies together.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access
/// Channels that a lane asks for together: their latency is what counts.
static constexpr int64_t kChannelsTogether = 8;

ConvolutionCopies::ConvolutionCopies(KernelBuilder &k, ConvolutionOp op,
                                     const ConvolutionSizes &sizes)
    : e(k.e), sizes(sizes), image(k.pointer(op.getImage())),
      filters(k.pointer(op.getFilters())),
      channels(k.pointer(op.getChannels())) {}

void ConvolutionCopies::begin(Value threadId, Value position, Value panel) {
  thread = threadId;
  firstPosition = position;
  const ConvolutionTile &tile = sizes.tile;
  filters = e.at(filters,
                 e.mul(e.widen(panel), tile.steps() * tile.filterStageBytes()));
  Value table = e.at(e.shared(), tile.tableOffset());
  e.forRange(thread, e.i32(tile.readPositions()), tile.threads(),
             [&](Value position) {
               e.store(findPixel(position), e.at(table, e.mul(position, 4)), 4);
             });
  e.barrier();
}

void ConvolutionCopies::requestFirst() {
  gatherChannels(e.i32(0), e.i32(0), e.i32(sizes.tile.readPositions()));
}

void ConvolutionCopies::request(Value step) {
  const ConvolutionTile &tile = sizes.tile;
  copyFilters(step);
  int64_t perBlock = tile.stepsPerBlock();
  // Whole lines of eight positions.
  int64_t share =
      (tile.readPositions() + perBlock * 8 - 1) / (perBlock * 8) * 8;
  Value block = e.add(e.div(step, perBlock), tile.blocksAhead());
  Value from = e.mul(e.rem(step, perBlock), share);
  Value to = e.min(e.add(from, share), e.i32(tile.readPositions()));
  e.ifThen(e.less(block, tile.blocks()),
           [&] { gatherChannels(block, from, to); });
}

void ConvolutionCopies::copyFilters(Value step) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t bytes = tile.filterStageBytes();
  Value slot = e.rem(step, tile.filterStages());
  Value to = e.at(e.shared(), e.add(e.mul(slot, bytes), tile.filterOffset()));
  Value from = e.at(filters, e.mul(e.widen(step), bytes));
  int64_t sweep = tile.threads() * kChunk;
  for (int64_t at = 0; at < bytes; at += sweep) {
    Value offset = e.add(e.mul(thread, kChunk), at);
    auto copy = [&] { e.copyAsync(e.at(to, offset), e.at(from, offset)); };
    if (at + sweep <= bytes)
      copy();
    else
      e.ifThen(e.less(offset, bytes), copy);
  }
}

Value ConvolutionCopies::findPixel(Value position) {
  const ConvolutionShape &shape = sizes.shape;
  PixelPlace place = splitPosition(e, shape, e.add(firstPosition, position));
  auto inside = [&](Value at, int64_t size) {
    // Unsigned: what is below zero is larger than any size.
    return e.compare(arith::CmpIPredicate::ult, at, e.i32(size));
  };
  Value row = e.sub(place.row, e.i32(shape.pad[0]));
  Value col = e.sub(place.col, e.i32(shape.pad[1]));
  Value exists =
      e.both(e.both(inside(row, shape.image[0]), inside(col, shape.image[1])),
             inside(place.batch, shape.batch));
  Value line = e.add(e.mul(place.batch, shape.image[0]), row);
  Value pixel = e.add(e.mul(line, shape.image[1]), col);
  return e.select(exists, pixel, e.i32(-1));
}

void ConvolutionCopies::forPositions(
    Value from, Value to, int64_t stride, int64_t count,
    function_ref<SmallVector<Value>(Value pixel)> read,
    function_ref<void(Value position, ValueRange)> write) {
  const ConvolutionTile &tile = sizes.tile;
  Value table = e.at(e.shared(), tile.tableOffset());
  Value last = e.sub(to, e.i32(1));
  e.forRange(from, to, stride * count, [&](Value position) {
    SmallVector<Value> pixels;
    for (int64_t n = 0; n < count; ++n) {
      Value here = e.min(e.add(position, n * stride), last);
      pixels.push_back(e.loadWord(table, here));
    }
    SmallVector<SmallVector<Value>> values;
    for (Value pixel : pixels)
      values.push_back(read(pixel));
    for (int64_t n = 0; n < count; ++n) {
      Value here = e.add(position, n * stride);
      auto put = [&] { write(here, values[n]); };
      if (n == 0)
        put();
      else
        e.ifThen(e.less(here, to), put);
    }
  });
}

void ConvolutionCopies::gatherChannels(Value block, Value from, Value to) {
  const ConvolutionTile &tile = sizes.tile;
  Value stage = e.mul(e.rem(block, tile.imageStages()), tile.imageStageBytes());
  int64_t lanes = tile.block % 32 == 0 ? 32 : 16;
  int64_t together = tile.threads() / lanes;
  Value lane = e.rem(thread, lanes);
  Value first = e.add(from, e.div(thread, lanes));
  for (int64_t at = 0; at < tile.block; at += lanes) {
    Value local = e.add(lane, at);
    Value listed = e.add(e.mul(block, tile.block), local);
    Value channel = e.loadWord(channels, listed);
    Value isChannel = e.less(e.i32(-1), channel);
    Value source = e.at(image, e.mul(e.widen(e.max(channel, e.i32(0))), 2));
    Value plane = e.add(stage, e.mul(e.div(local, 8), tile.planeBytes()));
    Value target = e.at(e.shared(), e.add(plane, e.mul(e.rem(local, 8), 2)));
    auto read = [&](Value pixel) -> SmallVector<Value> {
      Value isThere = e.both(e.less(e.i32(-1), pixel), isChannel);
      Value offset =
          e.mul(e.widen(e.max(pixel, e.i32(0))), sizes.shape.channels * 2);
      Value loaded = e.load(sizes.input, e.at(source, offset), 2);
      return {e.select(isThere, loaded, e.zero(sizes.input))};
    };
    forPositions(first, to, together, kChannelsTogether, read,
                 [&](Value position, ValueRange values) {
                   e.store(values[0], e.at(target, e.mul(position, kChunk)), 2);
                 });
  }
}
