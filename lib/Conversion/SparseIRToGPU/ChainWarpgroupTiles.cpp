//===- ChainWarpgroupTiles.cpp - The tiles of a block ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

#include "spmmplu/Segmentation/PanelPairs.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

TileWalk::TileWalk(KernelBuilder &k, const WarpgroupTile &tile)
    : k(k), e(k.e), tile(tile),
      panels(llvm::divideCeil(cast<ChainsAttr>(k.op.getTable()).getNumPanels(),
                              tile.panels)),
      turns(getTurns(tile.cluster)) {
  if (tile.isPair()) {
    pairs = k.table(4);
  } else {
    chainPtr = k.table(1);
    order = k.table(3);
  }
  cols = k.number(k.hostExtent(Axis::J));
  int64_t width = tile.cols * tile.cluster;
  colTiles = e.div(e.add(cols, width - 1), width);
  first = e.blockX();
  if (tile.cluster > 1) {
    rank = AsyncEmitter(e).clusterRank();
    first = e.div(first, tile.cluster);
  }
}

Value TileWalk::blocks() {
  Value tiles =
      k.hostMul(k.hostIndex(panels),
                k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols * tile.cluster));
  if (tile.isShared())
    return k.hostMul(tiles, k.hostIndex(tile.split));
  Value clusters = k.host.createOrFold<arith::MinSIOp>(k.op.getLoc(), tiles,
                                                       k.hostIndex(turns));
  return k.hostMul(clusters, k.hostIndex(tile.cluster));
}

int64_t TileWalk::panelsTogether() const {
  if (tile.isPair())
    return getPairsTogether(panels, getLhsBytes());
  // P panels by blocks / P column tiles run at a time: what they read, P * lhs
  // + blocks / P * rhs a step, is least where both parts are equal.
  double lhs = double(tile.lhsBytes() + tile.metadataBytes());
  double best = std::sqrt(double(kTurnBlocks) * double(tile.rhsBytes()) / lhs);
  return std::clamp<int64_t>(std::llround(best), 1, panels);
}

int64_t TileWalk::getLhsBytes() const {
  auto type = cast<MemRefType>(k.op.getLhs().getType());
  return type.getNumElements() * tile.width;
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
  if (rank)
    col = e.add(e.mul(col, tile.cluster), rank);
  return {position, e.mul(col, tile.cols)};
}

Value TileWalk::getCopiedCol(Value firstCol) {
  return rank ? e.select(e.less(firstCol, cols), firstCol, e.i32(0)) : firstCol;
}

Value TileWalk::panelAt(Value position) { return e.loadWord(order, position); }

SmallVector<Value> TileWalk::forEach(ValueRange carried, Body body,
                                     Value member) {
  if (tile.isPair())
    return forEachPair(carried, body, member);
  if (tile.isShared())
    return visitShared(carried, body);
  // A panel is loaded two tiles ahead and its chain one, so that no tile waits
  // for either.
  auto [position, col] = locate(first);
  auto [positionAhead, colAhead] = locate(e.add(first, turns));
  Value panel = panelAt(position);
  SmallVector<Value> state = {panel,
                              col,
                              e.loadWord(chainPtr, panel),
                              e.loadWord(chainPtr, e.add(panel, 1)),
                              panelAt(positionAhead),
                              colAhead};
  llvm::append_range(state, carried);
  Value tiles = e.mul(colTiles, panels);
  state = e.forRange(
      first, tiles, turns, state, [&](Value index, ValueRange values) {
        Value begin = values[2], next = values[4];
        Value entries = e.sub(values[3], begin);
        TilePlace here{values[0],
                       values[1],
                       begin,
                       e.div(entries, tile.step / tile.depth),
                       {},
                       {},
                       getCopiedCol(values[1])};
        auto [positionAhead, colAhead] = locate(e.add(index, 2 * turns));
        SmallVector<Value> yields = {next,
                                     values[5],
                                     e.loadWord(chainPtr, next),
                                     e.loadWord(chainPtr, e.add(next, 1)),
                                     panelAt(positionAhead),
                                     colAhead};
        llvm::append_range(yields, body(here, values.drop_front(6)));
        return yields;
      });
  state.erase(state.begin(), state.end() - carried.size());
  return state;
}

SmallVector<Value>
TileWalk::forEachStep(ValueRange carried, Load load, StepBody body,
                      function_ref<void(const TilePlace &)> begin,
                      Value member) {
  size_t count = carried.size();
  auto walkSteps = [&](const TilePlace &place, ValueRange carried) {
    if (begin)
      begin(place);
    SmallVector<Value> state = llvm::to_vector(carried);
    if (load)
      llvm::append_range(state, load(place, e.i32(0)));
    Value steps = tile.isPair() && !member ? place.pairSteps : place.steps;
    state = e.forRange(
        e.i32(0), steps, 1, state, [&](Value step, ValueRange values) {
          // First, so that it has the whole step to arrive.
          SmallVector<Value> ahead;
          if (load)
            ahead = load(place, e.add(step, 1));
          SmallVector<Value> yields = body(
              place, step, values.take_front(count), values.drop_front(count));
          llvm::append_range(yields, ahead);
          return yields;
        });
    state.resize(count);
    return state;
  };
  return forEach(carried, walkSteps, member);
}

SmallVector<Value> TileWalk::visitShared(ValueRange carried, Body body) {
  auto [position, col] = locate(e.div(e.blockX(), tile.split));
  Value panel = panelAt(position);
  Value chain = e.loadWord(chainPtr, panel);
  Value entries = e.sub(e.loadWord(chainPtr, e.add(panel, 1)), chain);
  int64_t perStep = tile.step / tile.depth;
  Value steps = e.div(entries, perStep);
  Value part = e.div(e.add(steps, tile.split - 1), tile.split);
  Value begin = e.min(e.mul(e.rem(e.blockX(), tile.split), part), steps);
  Value own = e.min(part, e.sub(steps, begin));
  TilePlace here{panel, col, e.add(chain, e.mul(begin, perStep)), own, {},
                 {},    col};
  return body(here, carried);
}

SmallVector<Value> TileWalk::forEachPair(ValueRange carried, Body body,
                                         Value member) {
  // Pairs are in their order; what is known of one is loaded a tile ahead.
  auto load = [&](Value index) {
    auto [pair, col] = locate(index);
    Value record = e.mul(pair, 8);
    Value own = e.add(record, 2);
    if (member)
      own = e.add(own, e.mul(member, 3));
    SmallVector<Value> words = {col};
    for (Value at :
         {record, e.add(record, 1), own, e.add(own, 1), e.add(own, 2)})
      words.push_back(e.loadWord(pairs, at));
    return words;
  };
  SmallVector<Value> state = load(first);
  size_t words = state.size();
  llvm::append_range(state, carried);
  state = e.forRange(first, e.mul(colTiles, panels), turns, state,
                     [&](Value index, ValueRange values) {
                       TilePlace here{values[3],
                                      values[0],
                                      values[4],
                                      values[5],
                                      values[1],
                                      values[2],
                                      getCopiedCol(values[0])};
                       SmallVector<Value> yields = load(e.add(index, turns));
                       llvm::append_range(yields,
                                          body(here, values.drop_front(words)));
                       return yields;
                     });
  state.erase(state.begin(), state.end() - carried.size());
  return state;
}
