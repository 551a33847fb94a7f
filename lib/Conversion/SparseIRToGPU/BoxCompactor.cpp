//===- BoxCompactor.cpp - Listed channels of boxes -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp takes eight lines and eight channels at a time, a lane two channels of
// a line. In the swizzle lane (row, part) reads chunk (c / 8) xor row of its
// line, so the eight lanes of a part read from eight groups of four banks;
// which of the four is the channel's business, and the list has them take turns
// (`listSource`). What is written are eight whole chunks. All stages begin at
// multiples of eight lines, so nothing of this depends on the group of lines.
//
//===----------------------------------------------------------------------===//

#include "BoxCompactor.h"

using namespace mlir;
using namespace mlir::spmmplu;

void BoxCompactor::begin(Value thread) {
  warp = e.warpId(thread);
  lane = e.rem(thread, 32);
  row = e.div(lane, 4);
  part = e.rem(lane, 4);
}

Value BoxCompactor::channelAt(Value position) {
  Value at = e.add(e.mul(position, 4), tile.listOffset());
  return e.load(e.b.getI32Type(), e.at(e.shared(), at), 4);
}

void BoxCompactor::signal(Value barrier) {
  async.fenceProxy(); // wgmma reads what was written
  e.syncWarp();
  e.ifThen(e.equal(lane, 0), [&] { async.arrive(barrier); });
}

BoxCompactor::Source BoxCompactor::advance(const Source &from, Value index) {
  SmallVector<Value> state = e.forRange(
      from.index, index, 1, {from.ring.slot, from.ring.phase},
      [&](Value, ValueRange values) {
        RingState ring{values[0], values[1]};
        e.syncWarp(); // all lanes have read
        e.ifThen(e.equal(lane, 0), [&] { sourceRing.release(ring.slot); });
        ring = sourceRing.next(ring);
        sourceRing.waitFull(ring);
        return SmallVector<Value>{ring.slot, ring.phase};
      });
  return {{state[0], state[1]}, index};
}

BoxCompactor::Channels BoxCompactor::findChannels(Value two) {
  Channels found;
  for (int64_t n = 0; n < 2; ++n) {
    Value listed = e.extract(two, n);
    found.exists[n] = e.less(e.i32(-1), listed);
    Value channel = e.rem(e.max(listed, e.i32(0)),
                          tile.sourcePlanes * ConvolutionTile::kBoxChannels);
    Value plane = e.div(channel, ConvolutionTile::kBoxChannels);
    Value within = e.rem(channel, ConvolutionTile::kBoxChannels);
    Value chunk = e.bitXor(e.div(within, 8), row);
    Value at = e.add(e.mul(row, kLine), e.mul(chunk, 16));
    at = e.add(at, e.mul(e.rem(within, 8), 2));
    found.offset[n] = e.add(at, e.mul(plane, tile.boxPlaneBytes()));
  }
  return found;
}

void BoxCompactor::copyGroups(const Channels &channels, Value from, Value to,
                              Value group, int64_t count, bool areThere) {
  Type element = sizes.input;
  SmallVector<Value> pairs, places;
  for (int64_t n = 0; n < count; ++n) {
    Value mine = e.add(group, n * kWarps);
    if (!areThere)
      mine = e.min(mine, e.i32(groups() - 1));
    places.push_back(e.mul(mine, 8 * kLine));
    Value pair[2];
    for (int64_t at = 0; at < 2; ++at) {
      Value offset = e.add(channels.offset[at], places[n]);
      Value loaded = e.load(element, e.at(from, offset), 2);
      pair[at] = e.select(channels.exists[at], loaded, e.zero(element));
    }
    pairs.push_back(e.fromElements(pair));
  }
  for (int64_t n = 0; n < count; ++n) {
    auto store = [&] { e.store(pairs[n], e.at(to, places[n]), 4); };
    if (areThere)
      store();
    else
      e.ifThen(e.less(e.add(group, n * kWarps), groups()), store);
  }
}

void BoxCompactor::copyChunk(const Channels &channels, Value from,
                             int64_t chunk, Value to) {
  constexpr int64_t kTogether = 8;
  Value place = e.bitXor(row, e.i32(chunk % 8));
  Value at = e.add(e.mul(row, kLine), e.mul(place, 16));
  at = e.add(at, e.mul(part, 4));
  to = e.at(to, e.add(at, chunk / 8 * tile.boxPlaneBytes()));
  // Rounds of all warps, and what is left: a round that not all take.
  int64_t rounds = groups() / kWarps, whole = rounds / kTogether * kTogether;
  if (whole)
    e.forRange(warp, e.i32(whole * kWarps), kTogether * kWarps,
               [&](Value group) {
                 copyGroups(channels, from, to, group, kTogether, true);
               });
  Value next = e.add(warp, whole * kWarps);
  if (int64_t left = rounds - whole)
    copyGroups(channels, from, to, next, left, true);
  if (rounds * kWarps < groups())
    copyGroups(channels, from, to, e.add(warp, rounds * kWarps), 1, false);
}

SmallVector<Value> BoxCompactor::compactTile(ValueRange rings) {
  Source source{{rings[0], rings[1]}, e.i32(0)};
  sourceRing.waitFull(source.ring);
  SmallVector<Value> state = {rings[0], rings[1], e.i32(0), rings[2], rings[3]};
  int64_t perSource = tile.sourcePlanes * ConvolutionTile::kBoxChannels;
  state = e.forRange(
      e.i32(0), e.i32(tile.blocks()), 1, state,
      [&](Value block, ValueRange values) {
        Source source{{values[0], values[1]}, values[2]};
        RingState image{values[3], values[4]};
        Value full = imageRing.waitEmpty(image);
        Value to = e.at(e.shared(), imageRing.stage(image.slot));
        for (int64_t chunk = 0; chunk < tile.block / 8; ++chunk) {
          Value at = e.add(e.mul(block, tile.block), chunk * 8);
          Value first = channelAt(at);
          Value mine = e.add(at, e.mul(part, 2));
          Value address = e.add(e.mul(mine, 4), tile.listOffset());
          Value two = e.load(e.vector(2, e.b.getI32Type()),
                             e.at(e.shared(), address), 8);
          // Only channels that pad the list begin with none.
          source = advance(source, e.select(e.less(first, 0), source.index,
                                            e.div(first, perSource)));
          Value from = e.at(e.shared(), sourceRing.stage(source.ring.slot));
          copyChunk(findChannels(two), from, chunk, to);
        }
        signal(full);
        image = imageRing.next(image);
        return SmallVector<Value>{source.ring.slot, source.ring.phase,
                                  source.index, image.slot, image.phase};
      });
  // Sources without a listed channel come, too.
  source = advance({{state[0], state[1]}, state[2]}, e.i32(tile.sources - 1));
  e.syncWarp();
  e.ifThen(e.equal(lane, 0), [&] { sourceRing.release(source.ring.slot); });
  source.ring = sourceRing.next(source.ring);
  return {source.ring.slot, source.ring.phase, state[3], state[4]};
}
