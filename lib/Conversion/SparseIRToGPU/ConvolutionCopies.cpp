//===- ConvolutionCopies.cpp - Images and filters to shared memory -*- C++
//-*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where there is no pixel, zeros are written: padding costs no memory traffic.
// All channels come by cp.async, a lane 16 bytes; listed ones through
// registers, a lane one channel of a pixel, so that a warp reads what lies
// together.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access
/// Pixels whose channels a lane reads before it writes the first.
static constexpr int64_t kInFlight = 4;

ConvolutionCopies::ConvolutionCopies(KernelBuilder &k, ConvolutionOp op,
                                     const ConvolutionSizes &sizes)
    : e(k.e), sizes(sizes), image(k.pointer(op.getImage())),
      filters(k.pointer(op.getFilters())) {
  if (sizes.tile.gather)
    channels = k.pointer(op.getChannels());
}

void ConvolutionCopies::begin(Value threadId, Value position, Value panel) {
  thread = threadId;
  firstPosition = position;
  const ConvolutionTile &tile = sizes.tile;
  filters = e.at(filters,
                 e.mul(e.widen(panel), tile.steps() * tile.filterStageBytes()));
}

void ConvolutionCopies::requestFirst() {
  copyImage(e.i32(0), e.i32(0), e.i32(sizes.tile.readPositions()));
}

void ConvolutionCopies::request(Value step) {
  const ConvolutionTile &tile = sizes.tile;
  copyFilters(step);
  int64_t perBlock = tile.stepsPerBlock();
  int64_t share = (tile.readPositions() + perBlock - 1) / perBlock;
  Value block = e.add(e.div(step, perBlock), tile.blocksAhead());
  Value from = e.mul(e.rem(step, perBlock), share);
  Value to = e.min(e.add(from, share), e.i32(tile.readPositions()));
  e.ifThen(e.less(block, tile.blocks()), [&] { copyImage(block, from, to); });
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

void ConvolutionCopies::copyImage(Value block, Value from, Value to) {
  const ConvolutionTile &tile = sizes.tile;
  Value stage = e.mul(e.rem(block, tile.imageStages()), tile.imageStageBytes());
  if (tile.gather)
    gatherChannels(block, stage, from, to);
  else
    copyChunks(block, stage, from, to);
}

std::pair<Value, Value> ConvolutionCopies::locate(Value position) {
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
  // Nothing is read where there is no pixel, but the address must be valid.
  pixel = e.select(exists, pixel, e.i32(0));
  return {e.mul(e.widen(pixel), shape.channels), exists};
}

void ConvolutionCopies::copyChunks(Value block, Value stage, Value from,
                                   Value to) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t chunks = tile.block / 8, together = tile.threads() / chunks;
  Value chunk = e.rem(thread, chunks);
  Value channel = e.add(e.mul(block, tile.block), e.mul(chunk, 8));
  // Channels are a multiple of 8; of the last block some may not be there.
  Value isChannel = e.less(channel, sizes.shape.channels);
  channel = e.select(isChannel, channel, e.i32(0));
  Value plane = e.at(e.shared(), e.add(stage, e.mul(chunk, tile.planeBytes())));
  e.forRange(
      e.add(from, e.div(thread, chunks)), to, together, [&](Value position) {
        auto [element, exists] = locate(position);
        Value source = e.at(image, e.mul(e.add(element, e.widen(channel)), 2));
        Value bytes =
            e.select(e.both(exists, isChannel), e.i32(kChunk), e.i32(0));
        e.copyAsync(e.at(plane, e.mul(position, kChunk)), source, bytes);
      });
}

void ConvolutionCopies::gatherChannels(Value block, Value stage, Value from,
                                       Value to) {
  const ConvolutionTile &tile = sizes.tile;
  int64_t lanes = tile.block % 32 == 0 ? 32 : 16;
  int64_t together = tile.threads() / lanes;
  Value lane = e.rem(thread, lanes);
  Value first = e.add(from, e.div(thread, lanes));
  for (int64_t at = 0; at < tile.block; at += lanes) {
    Value local = e.add(lane, at);
    Value listed = e.add(e.mul(block, tile.block), local);
    Value channel =
        e.load(e.b.getI32Type(), e.at(channels, e.mul(listed, 4)), 4);
    Value isChannel = e.less(e.i32(-1), channel);
    Value source =
        e.at(image, e.mul(e.widen(e.select(isChannel, channel, e.i32(0))), 2));
    Value plane = e.add(stage, e.mul(e.div(local, 8), tile.planeBytes()));
    Value target = e.at(e.shared(), e.add(plane, e.mul(e.rem(local, 8), 2)));
    e.forRange(first, to, together * kInFlight, [&](Value position) {
      SmallVector<Value> values;
      for (int64_t n = 0; n < kInFlight; ++n) {
        Value here = e.add(position, n * together);
        auto [element, exists] = locate(here);
        Value isThere = e.both(exists, isChannel);
        Value loaded = e.load(sizes.input, e.at(source, e.mul(element, 2)), 2);
        values.push_back(e.select(isThere, loaded, e.zero(sizes.input)));
      }
      for (int64_t n = 0; n < kInFlight; ++n) {
        Value here = e.add(position, n * together);
        auto put = [&] {
          e.store(values[n], e.at(target, e.mul(here, kChunk)), 2);
        };
        if (n == 0)
          put();
        else
          e.ifThen(e.less(here, to), put);
      }
    });
  }
}
