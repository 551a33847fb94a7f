//===- ConvolutionBoxCopies.cpp - Filters and boxes -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the copy unit is asked for, and what shared memory has to hold before.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionBoxKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access

void ConvolutionBoxKernel::clearPadding() {
  int64_t between = tile.boxPitch - tile.boxPixels;
  int64_t boxLines = tile.boxes * tile.boxPitch;
  int64_t rest = tile.boxPlaneBytes() / kLine - boxLines;
  clearLines(tile.boxes * between, [&](Value line) {
    Value box = e.div(line, between), col = e.rem(line, between);
    col = e.select(e.less(col, tile.boxLead), col, e.add(col, tile.boxPixels));
    return e.add(e.mul(box, tile.boxPitch), col);
  });
  if (tile.compact)
    clearLines(rest, [&](Value line) { return e.add(line, boxLines); });
  async.fenceProxy(); // wgmma reads them
}

void ConvolutionBoxKernel::clearLines(int64_t lines,
                                      function_ref<Value(Value)> find) {
  if (lines == 0)
    return;
  Value zeros = e.zero(e.vector(4, e.b.getI32Type()));
  int64_t perLine = kLine / kChunk, perPlane = lines * perLine;
  int64_t planes = boxRing.stages * boxRing.stageBytes / tile.boxPlaneBytes();
  e.forRange(
      thread, e.i32(planes * perPlane), tile.blockThreads(), [&](Value at) {
        Value plane = e.div(at, perPlane), rest = e.rem(at, perPlane);
        Value line = find(e.div(rest, perLine));
        Value to =
            e.add(e.mul(line, kLine), e.mul(e.rem(rest, perLine), kChunk));
        to = e.add(to, e.mul(plane, tile.boxPlaneBytes()));
        to = e.add(boxRing.stage(e.i32(0)), to);
        e.store(zeros, e.at(e.shared(), to), kChunk);
      });
}

void ConvolutionBoxKernel::copyList() {
  e.forRange(thread, e.i32(tile.listed), tile.blockThreads(), [&](Value at) {
    Value offset = e.mul(at, 4);
    Value channel = e.load(e.b.getI32Type(), e.at(channels, offset), 4);
    e.store(channel, e.at(e.at(e.shared(), tile.listOffset()), offset), 4);
  });
}

void ConvolutionBoxKernel::initRings() {
  e.ifThen(e.equal(thread, 0), [&] {
    imageRing.init(tile.threads() / 32,
                   tile.compact ? BoxCompactor::kWarps : 1);
    if (tile.compact)
      sourceRing.init(BoxCompactor::kWarps);
    filterRing.init(tile.threads() / 32);
    async.fenceBarriers();
  });
  e.barrier();
}

void ConvolutionBoxKernel::requestFilters() {
  prefetchFilters();
  RingState begin = filterRing.begin();
  SmallVector<Value> state = {begin.slot, begin.phase};
  if (keepsFilters()) {
    requestPanel(locate(e.blockX()).panel, state);
    return;
  }
  forTiles(state, [&](const BoxTile &place, ValueRange values) {
    return requestPanel(place.panel, values);
  });
}

Value ConvolutionBoxKernel::findPanel(Value panel) {
  int64_t bytes = tile.steps() * tile.filterStageBytes();
  return e.at(filters, e.mul(e.widen(panel), bytes));
}

SmallVector<Value> ConvolutionBoxKernel::requestPanel(Value panel,
                                                      ValueRange ring) {
  int64_t bytes = tile.filterStageBytes();
  Value first = findPanel(panel);
  return e.forRange(
      e.i32(0), e.i32(tile.steps()), 1, ring,
      [&](Value step, ValueRange values) {
        RingState state{values[0], values[1]};
        Value full = filterRing.acquire(state);
        async.copyBulk(e.at(e.shared(), filterRing.stage(state.slot)),
                       e.at(first, e.mul(e.widen(step), bytes)), bytes, full);
        state = filterRing.next(state);
        return SmallVector<Value>{state.slot, state.phase};
      });
}

void ConvolutionBoxKernel::prefetchFilters() {
  constexpr int64_t kMostParts = 64, kUnit = 128;
  int64_t parts = tile.launched ? tile.launched / sizes.panels : tiles();
  parts = std::clamp<int64_t>(parts, 1, kMostParts);
  int64_t units = tile.steps() * tile.filterStageBytes() / kUnit;
  int64_t bytes = (units + parts - 1) / parts * kUnit;
  Value from = e.mul(e.div(e.blockX(), sizes.panels), bytes);
  Value left = e.sub(e.i32(units * kUnit), from);
  Value first = findPanel(e.rem(e.blockX(), sizes.panels));
  e.ifThen(e.less(e.i32(0), left), [&] {
    async.prefetch(e.at(first, e.widen(from)), e.min(left, e.i32(bytes)));
  });
}

void ConvolutionBoxKernel::requestImage() {
  e.ifThen(async.elect(), [&] { async.prefetchMap(map); });
  e.waitForEarlier();
  int64_t stages = tile.compact ? tile.sources : tile.blocks();
  RingState begin = boxRing.begin();
  forTiles({begin.slot, begin.phase}, [&](const BoxTile &place,
                                          ValueRange ring) {
    placeBoxes(place.position);
    SmallVector<Value> state = e.forRange(
        e.i32(0), e.i32(stages), 1, ring, [&](Value block, ValueRange values) {
          RingState state{values[0], values[1]};
          Value full = boxRing.waitEmpty(state);
          e.ifThen(async.elect(), [&] {
            requestStage(block, boxRing.stage(state.slot), full);
          });
          state = boxRing.next(state);
          return SmallVector<Value>{state.slot, state.phase};
        });
    e.syncWarp(); // the table has been read
    return state;
  });
}

void ConvolutionBoxKernel::placeBoxes(Value position) {
  const ConvolutionShape &shape = sizes.shape;
  Value table = e.at(e.shared(), tile.tableOffset());
  Value lane = e.rem(thread, 32);
  e.forRange(lane, e.i32(tile.boxes), 32, [&](Value box) {
    Value pixel = e.add(position, e.mul(box, tile.boxPixels));
    if (!shape.isUnpadded()) {
      Value line = e.add(e.div(position, shape.pitch(1)), box);
      Value batch = e.div(line, shape.pitch(0));
      Value row = e.sub(e.rem(line, shape.pitch(0)), e.i32(shape.pad[0]));
      Value exists = e.both(
          e.compare(arith::CmpIPredicate::ult, row, e.i32(shape.image[0])),
          e.less(batch, shape.batch));
      row = e.add(e.mul(batch, shape.image[0]), row);
      pixel =
          e.select(exists, e.mul(row, shape.image[1]), e.i32(shape.pixels()));
    }
    e.store(pixel, e.at(table, e.mul(box, 4)), 4);
  });
  e.syncWarp();
}

void ConvolutionBoxKernel::requestStage(Value index, Value stage, Value full) {
  async.arriveExpecting(full,
                        stagePlanes() * tile.boxes * tile.boxPixels * kLine);
  for (int64_t plane = 0; plane < stagePlanes(); ++plane)
    requestBoxes(index, plane, stage, full);
}

void ConvolutionBoxKernel::requestBoxes(Value index, int64_t plane, Value stage,
                                        Value full) {
  constexpr int64_t kTogether = 16; // more are a loop
  int64_t perStage =
      tile.compact ? stagePlanes() * ConvolutionTile::kBoxChannels : tile.block;
  Value channel =
      e.add(e.mul(index, perStage), plane * ConvolutionTile::kBoxChannels);
  stage = e.add(stage, plane * tile.boxPlaneBytes());
  Value table = e.at(e.shared(), tile.tableOffset());
  auto request = [&](Value box) {
    Value pixel = e.loadWord(table, box);
    Value line = e.add(e.mul(box, tile.boxPitch), tile.boxLead);
    Value to = e.at(e.shared(), e.add(stage, e.mul(line, kLine)));
    async.copyBox(to, map, pixel, channel, full);
  };
  if (tile.boxes > kTogether)
    return e.forRange(e.i32(0), e.i32(tile.boxes), 1, request);
  for (int64_t box = 0; box < tile.boxes; ++box)
    request(e.i32(box));
}
