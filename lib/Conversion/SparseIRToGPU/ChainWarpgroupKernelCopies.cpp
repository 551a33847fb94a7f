//===- ChainWarpgroupKernelCopies.cpp - Tiles and their copies -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

#include "spmmplu/Segmentation/PanelPairs.h"

#include <numeric>

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// StageRing
//===----------------------------------------------------------------------===//

Value StageRing::stage(Value slot) {
  Value at = e.add(e.mul(slot, stageBytes), offset);
  return rings ? e.add(at, e.mul(rings, stages * stageBytes)) : at;
}

Value StageRing::barrier(int64_t first, Value slot) {
  Value at = e.add(e.mul(slot, 8), barriers + first * 8);
  if (rings)
    at = e.add(at, e.mul(rings, stages * 16));
  return e.at(e.shared(), at);
}

void StageRing::init(int64_t warps, int64_t producers) {
  for (int64_t slot = 0; slot < stages; ++slot) {
    async.initBarrier(full(e.i32(slot)), producers);
    async.initBarrier(empty(e.i32(slot)), warps * cluster);
  }
}

void StageRing::release(Value slot) {
  if (cluster == 1)
    return async.arrive(empty(slot));
  for (int64_t rank = 0; rank < cluster; ++rank)
    async.arriveAt(empty(slot), rank);
}

void StageRing::drain(RingState state) {
  for (int64_t slot = 0; slot < stages && cluster > 1; ++slot) {
    waitEmpty(state);
    state = next(state);
  }
}

RingState StageRing::next(RingState state) {
  Value slot = e.add(state.slot, 1);
  Value wraps = e.equal(slot, stages);
  return {e.select(wraps, e.i32(0), slot),
          e.select(wraps, e.bitXor(state.phase, e.i32(1)), state.phase)};
}

Value StageRing::waitEmpty(RingState state) {
  // A stage that was never filled is empty in the phase before.
  async.wait(empty(state.slot), e.bitXor(state.phase, e.i32(1)));
  return full(state.slot);
}

Value StageRing::acquire(RingState state) {
  Value barrier = waitEmpty(state);
  async.arriveExpecting(barrier, stageBytes);
  return barrier;
}

//===----------------------------------------------------------------------===//
// LhsCopies
//===----------------------------------------------------------------------===//

LhsCopies::LhsCopies(KernelBuilder &k, const WarpgroupTile &tile)
    : e(k.e), async(e), tile(tile), values(k.pointer(k.op.getLhs())) {
  if (tile.sparse)
    metadata = k.table(4);
  if (tile.cluster > 1)
    rank = async.clusterRank();
}

void LhsCopies::emit(TileWalk &walk, StageRing ring, Value member) {
  auto body = [&](const TilePlace &place, Value step, ValueRange carried,
                  ValueRange) {
    RingState state{carried[0], carried[1]};
    Value full = ring.acquire(state);
    request(place, step, e.at(e.shared(), ring.stage(state.slot)), full);
    state = ring.next(state);
    return SmallVector<Value>{state.slot, state.phase};
  };
  RingState begin = ring.begin();
  SmallVector<Value> end =
      walk.forEachStep({begin.slot, begin.phase}, /*load=*/{}, body,
                       /*begin=*/{}, member);
  ring.drain({end[0], end[1]});
}

void LhsCopies::request(const TilePlace &place, Value step, Value to,
                        Value full) {
  // The chain's values and metadata are contiguous, step by step.
  Value columns = e.add(e.mul(e.widen(place.firstEntry), tile.depth),
                        e.mul(e.widen(step), tile.step));
  copy(to, e.at(values, e.mul(columns, tile.lhsBytes() / tile.step)),
       tile.lhsBytes(), full);
  if (tile.sparse)
    copy(e.at(to, tile.lhsBytes()),
         e.at(metadata, e.mul(columns, tile.metadataBytes() / tile.step)),
         tile.metadataBytes(), full);
}

void LhsCopies::copy(Value to, Value from, int64_t bytes, Value full) {
  int64_t part = bytes / tile.cluster;
  if (rank) {
    Value first = e.mul(rank, part);
    to = e.at(to, first);
    from = e.at(from, first);
  }
  async.copyBulk(to, from, part, full, tile.cluster);
}

//===----------------------------------------------------------------------===//
// EntryTable
//===----------------------------------------------------------------------===//

EntryTable::EntryTable(KernelBuilder &k, int64_t table)
    : e(k.e),
      count(
          cast<MemRefType>(k.op.getTables()[table].getType()).getNumElements()),
      entries(k.table(table)) {}

Value EntryTable::load(Value at) {
  if (count == 0)
    return e.i32(0); // no chain has a step
  return e.loadWord(entries, e.min(at, e.i32(count - 1)));
}

//===----------------------------------------------------------------------===//
// BoxProducer
//===----------------------------------------------------------------------===//

namespace {

class BoxProducer : public StageProducer {
public:
  BoxProducer(KernelBuilder &k, const WarpgroupTile &tile)
      : e(k.e), async(e), tile(tile),
        rhs(k, k.op.getRhs(), /*transposed=*/false,
            k.op.getStrategy().getPackRhs() ? AlignedMatrix::Reads::Sectors
                                            : AlignedMatrix::Reads::Elements),
        lhsCopies(k, tile), entries(k, tile.isPair() ? 5 : 2),
        map(k.tensorMap(
            rhs.describe(tile.rhsByRow ? boxDepth() : boxCols(), 64))) {}

  void emit(Value warp, Value lane, TileWalk &walk, StageRing &lhsRing,
            StageRing &rhsRing) override {
    auto inOneLaneOf = [&](int64_t number, DeviceEmitter::Body body) {
      e.ifThen(e.equal(warp, number), [&] { e.ifThen(async.elect(), body); });
    };
    if (tile.isPair())
      e.ifThen(e.less(warp, tile.panels), [&] {
        e.ifThen(async.elect(),
                 [&] { lhsCopies.emit(walk, lhsRing.after(warp), warp); });
      });
    else
      inOneLaneOf(0, [&] { lhsCopies.emit(walk, lhsRing); });
    inOneLaneOf(tile.panels, [&] { emitRhs(walk, rhsRing); });
  }
  void finish() override { rhs.release(); }

private:
  /// Columns of j in a box.
  int64_t boxCols() const { return tile.rhsByRow ? 64 : tile.groupCols(); }
  /// Consecutive k in a box: of one entry and one stage.
  int64_t boxDepth() const {
    return std::gcd(tile.depth, WarpgroupTile::kRhsDepth);
  }
  void emitRhs(TileWalk &walk, StageRing &ring);
  /// Of a pair, writes `word` beside the stage first.
  Value acquire(StageRing &ring, RingState state, Value word);
  /// The first k of the boxes of a step; of a pair the step's word.
  SmallVector<Value> loadEntries(const TilePlace &place, Value step);
  /// `part` of the step, to `to`; columns end at `end`.
  void copyRhs(const TilePlace &place, ValueRange entries, int64_t part,
               Value end, Value to, Value full);

  DeviceEmitter &e;
  AsyncEmitter async;
  WarpgroupTile tile;
  AlignedMatrix rhs;
  LhsCopies lhsCopies;
  EntryTable entries;
  Value map;
};

} // namespace

void BoxProducer::emitRhs(TileWalk &walk, StageRing &ring) {
  e.waitForEarlier();
  auto load = [&](const TilePlace &place, Value step) {
    return loadEntries(place, step);
  };
  auto body = [&](const TilePlace &place, Value, ValueRange carried,
                  ValueRange loaded) {
    RingState state{carried[0], carried[1]};
    for (int64_t part = 0; part < tile.rhsParts(); ++part) {
      Value full = acquire(ring, state, loaded[0]);
      copyRhs(place, loaded, part, walk.cols,
              e.at(e.shared(), ring.stage(state.slot)), full);
      state = ring.next(state);
    }
    return SmallVector<Value>{state.slot, state.phase};
  };
  RingState begin = ring.begin();
  walk.forEachStep({begin.slot, begin.phase}, load, body);
}

Value BoxProducer::acquire(StageRing &ring, RingState state, Value word) {
  if (!tile.isPair())
    return ring.acquire(state);
  Value full = ring.waitEmpty(state);
  // Who waits for the stage sees what was written before this arrives.
  e.store(word,
          e.at(e.shared(), e.add(e.mul(state.slot, 4), tile.wordOffset())), 4);
  async.arriveExpecting(full, ring.stageBytes);
  return full;
}

SmallVector<Value> BoxProducer::loadEntries(const TilePlace &place,
                                            Value step) {
  int64_t count = tile.step / tile.depth;
  Value first = tile.isPair() ? place.pairStep : place.firstEntry;
  SmallVector<Value> loaded;
  for (int64_t n = 0; n < count; ++n)
    loaded.push_back(entries.load(e.add(e.add(first, e.mul(step, count)), n)));
  return loaded;
}

void BoxProducer::copyRhs(const TilePlace &place, ValueRange entries,
                          int64_t part, Value end, Value to, Value full) {
  int64_t depth = boxDepth(), cols = boxCols();
  for (int64_t at = 0; at < WarpgroupTile::kRhsDepth; at += depth)
    for (int64_t j = 0; j < tile.cols; j += cols) {
      int64_t local = part * WarpgroupTile::kRhsDepth + at;
      Value row = entries[local / tile.depth];
      if (tile.isPair())
        row = e.div(row, 1 << PanelPairs::kMemberBits);
      row = e.add(row, local % tile.depth);
      // A box behind the last column would be zeros, which take longer than the
      // tile's first box again.
      Value col = e.add(place.firstCol, j);
      col = e.select(e.less(col, end), col, place.copiedCol);
      // Lines of 128 bytes: [64 columns][k], or [column].
      int64_t line = tile.rhsByRow ? j + at : j;
      if (!tile.rhsByRow)
        std::swap(row, col);
      async.copyBox(e.at(to, line * 128), map, row, col, full);
    }
}

std::unique_ptr<StageProducer>
mlir::spmmplu::makeBoxProducer(KernelBuilder &k, const WarpgroupTile &tile) {
  return std::make_unique<BoxProducer>(k, tile);
}
