//===- ChainWarpgroupKernelCopies.cpp - Tiles and their copies -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::spmmplu;

/// Multiprocessors of H100 and H200: so many blocks are launched at most, and
/// a block's tiles are so many apart. Others only see more or fewer waves.
static constexpr int64_t kBlocks = 132;

//===----------------------------------------------------------------------===//
// TileWalk
//===----------------------------------------------------------------------===//

TileWalk::TileWalk(KernelBuilder &k, const WarpgroupTile &tile)
    : k(k), e(k.e), tile(tile),
      panels(cast<ChainsAttr>(k.op.getTable()).getNumPanels()) {
  chainPtr = k.table(1);
  order = k.table(3);
  cols = k.number(k.hostExtent(Axis::J));
  colTiles = e.div(e.add(cols, tile.cols - 1), tile.cols);
}

Value TileWalk::blocks() {
  Value tiles = k.hostMul(k.hostIndex(panels),
                          k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
  return k.host.createOrFold<arith::MinSIOp>(k.op.getLoc(), tiles,
                                             k.hostIndex(kBlocks));
}

int64_t TileWalk::panelsTogether() const {
  // P panels by kBlocks / P column tiles run at a time: what they read, P *
  // lhs + kBlocks / P * rhs a step, is least where both parts are equal.
  double lhs = double(tile.lhsBytes() + tile.metadataBytes());
  double best = std::sqrt(double(kBlocks) * double(tile.rhsBytes()) / lhs);
  return std::clamp<int64_t>(std::llround(best), 1, panels);
}

std::pair<Value, Value> TileWalk::locate(Value index) {
  auto divide = [&](Value lhs, Value rhs) {
    return e.b.createOrFold<arith::DivUIOp>(e.loc, lhs, rhs);
  };
  int64_t together = panelsTogether();
  // Past the end: any tile that exists.
  index = e.min(index, e.sub(e.mul(colTiles, panels), e.i32(1)));
  Value first = e.mul(divide(index, e.mul(colTiles, together)), together);
  Value within = e.sub(index, e.mul(first, colTiles));
  // The last group has what is left.
  Value count = panels % together == 0
                    ? e.i32(together)
                    : e.min(e.sub(e.i32(panels), first), e.i32(together));
  Value col = divide(within, count);
  Value position = e.add(first, e.sub(within, e.mul(col, count)));
  return {e.loadWord(order, position), e.mul(col, tile.cols)};
}

void TileWalk::forEach(ValueRange carried, Body body) {
  // A panel is loaded two tiles ahead and its chain one, so that no tile waits
  // for either.
  Value first = e.blockX();
  auto [panel, col] = locate(first);
  auto [panelAhead, colAhead] = locate(e.add(first, kBlocks));
  SmallVector<Value> state = {panel,
                              col,
                              e.loadWord(chainPtr, panel),
                              e.loadWord(chainPtr, e.add(panel, 1)),
                              panelAhead,
                              colAhead};
  llvm::append_range(state, carried);
  e.forRange(
      first, e.mul(colTiles, panels), kBlocks, state,
      [&](Value index, ValueRange values) {
        Value begin = values[2], next = values[4];
        TilePlace here{values[0], values[1], begin,
                       e.div(e.sub(values[3], begin), tile.step / tile.depth)};
        auto [panelAhead, colAhead] = locate(e.add(index, 2 * kBlocks));
        SmallVector<Value> yields = {next,
                                     values[5],
                                     e.loadWord(chainPtr, next),
                                     e.loadWord(chainPtr, e.add(next, 1)),
                                     panelAhead,
                                     colAhead};
        llvm::append_range(yields, body(here, values.drop_front(6)));
        return yields;
      });
}

//===----------------------------------------------------------------------===//
// StageRing
//===----------------------------------------------------------------------===//

Value StageRing::barrier(int64_t first, Value slot) {
  return e.at(e.shared(), e.add(e.mul(slot, 8), barriers + first * 8));
}

void StageRing::init(int64_t warps, int64_t producers) {
  for (int64_t slot = 0; slot < stages; ++slot) {
    async.initBarrier(full(e.i32(slot)), producers);
    async.initBarrier(empty(e.i32(slot)), warps);
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
}

void LhsCopies::emit(TileWalk &walk, StageRing &ring) {
  RingState begin = ring.begin();
  auto body = [&](const TilePlace &place, Value step, ValueRange values) {
    RingState state{values[0], values[1]};
    Value full = ring.acquire(state);
    request(place, step, e.at(e.shared(), ring.stage(state.slot)), full);
    state = ring.next(state);
    return SmallVector<Value>{state.slot, state.phase};
  };
  walk.forEach({begin.slot, begin.phase},
               [&](const TilePlace &place, ValueRange carried) {
                 return e.forRange(e.i32(0), place.steps, 1, carried,
                                   [&](Value step, ValueRange values) {
                                     return body(place, step, values);
                                   });
               });
}

void LhsCopies::request(const TilePlace &place, Value step, Value to,
                        Value full) {
  // The chain's values and metadata are contiguous, step by step.
  Value columns = e.add(e.mul(e.widen(place.firstEntry), tile.depth),
                        e.mul(e.widen(step), tile.step));
  async.copyBulk(to, e.at(values, e.mul(columns, tile.lhsBytes() / tile.step)),
                 tile.lhsBytes(), full);
  if (tile.sparse)
    async.copyBulk(
        e.at(to, tile.lhsBytes()),
        e.at(metadata, e.mul(columns, tile.metadataBytes() / tile.step)),
        tile.metadataBytes(), full);
}

//===----------------------------------------------------------------------===//
// EntryTable
//===----------------------------------------------------------------------===//

EntryTable::EntryTable(KernelBuilder &k)
    : e(k.e),
      count(cast<MemRefType>(k.op.getTables()[2].getType()).getNumElements()),
      entries(k.table(2)) {}

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
        lhsCopies(k, tile), entries(k),
        map(k.tensorMap(
            rhs.describe(tile.rhsByRow ? boxDepth() : boxCols(), 64))) {}

  void emit(Value warp, Value lane, TileWalk &walk, StageRing &lhsRing,
            StageRing &rhsRing) override {
    auto inOneLaneOf = [&](int64_t number, DeviceEmitter::Body body) {
      e.ifThen(e.equal(warp, number), [&] { e.ifThen(async.elect(), body); });
    };
    inOneLaneOf(0, [&] { lhsCopies.emit(walk, lhsRing); });
    inOneLaneOf(1, [&] { emitRhs(walk, rhsRing); });
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
  /// The first k of the boxes of a step.
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
  auto body = [&](const TilePlace &place, Value step, ValueRange values) {
    RingState state{values[0], values[1]};
    // Before the waits, so that nothing waits for them.
    SmallVector<Value> ahead = loadEntries(place, e.add(step, 1));
    for (int64_t part = 0; part < tile.rhsParts(); ++part) {
      Value full = ring.acquire(state);
      copyRhs(place, values.drop_front(2), part, walk.cols,
              e.at(e.shared(), ring.stage(state.slot)), full);
      state = ring.next(state);
    }
    SmallVector<Value> yields = {state.slot, state.phase};
    llvm::append_range(yields, ahead);
    return yields;
  };
  RingState begin = ring.begin();
  walk.forEach({begin.slot, begin.phase},
               [&](const TilePlace &place, ValueRange carried) {
                 SmallVector<Value> state = llvm::to_vector(carried);
                 llvm::append_range(state, loadEntries(place, e.i32(0)));
                 state = e.forRange(e.i32(0), place.steps, 1, state,
                                    [&](Value step, ValueRange values) {
                                      return body(place, step, values);
                                    });
                 state.resize(2);
                 return state;
               });
}

SmallVector<Value> BoxProducer::loadEntries(const TilePlace &place,
                                            Value step) {
  int64_t count = tile.step / tile.depth;
  SmallVector<Value> loaded;
  for (int64_t n = 0; n < count; ++n)
    loaded.push_back(
        entries.load(e.add(e.add(place.firstEntry, e.mul(step, count)), n)));
  return loaded;
}

void BoxProducer::copyRhs(const TilePlace &place, ValueRange entries,
                          int64_t part, Value end, Value to, Value full) {
  int64_t depth = boxDepth(), cols = boxCols();
  for (int64_t at = 0; at < WarpgroupTile::kRhsDepth; at += depth)
    for (int64_t j = 0; j < tile.cols; j += cols) {
      int64_t local = part * WarpgroupTile::kRhsDepth + at;
      Value row = e.add(entries[local / tile.depth], local % tile.depth);
      // A box behind the last column would be zeros, which take longer than the
      // tile's first box again.
      Value col = e.add(place.firstCol, j);
      col = e.select(e.less(col, end), col, place.firstCol);
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
