//===- OutputTileFeed.cpp - What a table says of a block's tiles *- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputTileFeed.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Multiprocessors of H100 and H200. Others only see more or fewer waves.
static constexpr int64_t kMultiprocessors = 132;
/// So many turns a block are enough for turns of two tiles.
static constexpr int64_t kTurnsWorth = 2;

TileFeed::TileFeed(KernelBuilder &k, const KernelContext &c, Shape shape)
    : k(k), e(k.e), shape(shape) {
  auto lengthOf = [&](int64_t table) {
    return cast<MemRefType>(k.op.getTables()[table].getType()).getDimSize(0);
  };
  tiles = lengthOf(Tiles);
  panelRows = k.table(PanelRows);
  granuleCols = k.table(GranuleCols);
  if (shape.hasRuns)
    runsTable = k.table(Masks + 1);
  recordTable = k.table(k.op.getTables().size() - 1);

  Value hostTotal = k.hostIndex(tiles);
  if (c.batch.count)
    hostTotal = k.hostMul(hostTotal, c.batch.count);
  int64_t most = kMultiprocessors * c.strategy.getSplit();
  hostBlocks =
      k.host.createOrFold<arith::MinUIOp>(e.loc, hostTotal, k.hostIndex(most));
  total = k.number(hostTotal);
  blocks = k.number(hostBlocks);
  // Turns of two tiles only where they leave no block without work.
  turnBits =
      e.select(e.less(total, most * 2 * kTurnsWorth), e.i32(0), e.i32(1));
}

/// Of `turnBits`: 2 to its power.
static Value power(DeviceEmitter &e, Value bits) {
  return arith::ShLIOp::create(e.b, e.loc, e.i32(1), bits);
}

Value TileFeed::begin(Value chunksOfTile) {
  chunks = chunksOfTile;
  // Turns of this block: all are of `size` tiles, but for the very last one.
  Value size = power(e, turnBits), block = k.block();
  auto turnsOf = [&](Value number) {
    return arith::ShRUIOp::create(e.b, e.loc, number, turnBits).getResult();
  };
  Value all = turnsOf(e.sub(e.add(total, size), e.i32(1)));
  Value mine = e.sub(e.add(all, blocks), e.add(block, 1));
  mine = arith::DivUIOp::create(e.b, e.loc, mine, blocks).getResult();
  Value last = e.sub(mine, e.i32(1));
  Value lastTile = arith::ShLIOp::create(
      e.b, e.loc, e.add(block, e.mul(last, blocks)), turnBits);
  count = arith::ShLIOp::create(e.b, e.loc, last, turnBits);
  count = e.add(count, e.min(e.sub(total, lastTile), size));
  steps = e.mul(count, chunks);
  return steps;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// Of the block's tiles.
Value TileFeed::tileNumber(Value step) {
  return arith::DivUIOp::create(e.b, e.loc, step, chunks).getResult();
}

Value TileFeed::placeInTurn(Value number) {
  return e.both(number, e.sub(power(e, turnBits), e.i32(1)));
}

TileFeed::Step TileFeed::find(Value step) {
  Value number = tileNumber(step);
  Value turn = arith::ShRUIOp::create(e.b, e.loc, number, turnBits);
  Value at = arith::ShLIOp::create(
      e.b, e.loc, e.add(k.block(), e.mul(turn, blocks)), turnBits);
  at = e.add(at, placeInTurn(number));
  int64_t ofSlice = std::max<int64_t>(tiles, 1);
  return {e.div(at, ofSlice), e.rem(at, ofSlice)};
}

Value TileFeed::isFirstTile(Value step) {
  return e.equal(placeInTurn(tileNumber(step)), 0);
}

Value TileFeed::isLastTile(Value step) {
  Value next = e.add(tileNumber(step), 1);
  return arith::OrIOp::create(e.b, e.loc, e.equal(placeInTurn(next), 0),
                              e.less(e.sub(count, e.i32(1)), next));
}

/// Beyond the end the last step's, so that no read leads out of a table.
Value TileFeed::clamp(Value step) {
  return e.min(step, e.sub(steps, e.i32(1)));
}

Value TileFeed::recordAt(Value step) {
  return e.at(memory, e.mul(e.rem(step, recordSlots()), kChunkBytes));
}

Value TileFeed::columns(Value step) {
  Value lists = e.at(memory, recordSlots() * kChunkBytes);
  return e.at(lists, e.mul(e.rem(step, listSlots()), listBytes()));
}

TileFeed::Record TileFeed::record(Value step) {
  Value words = e.load(e.vector(kRecordWords, e.b.getI32Type()), recordAt(step),
                       kChunkBytes);
  auto flag = [&](int64_t word) {
    return e.compare(arith::CmpIPredicate::ne, e.extract(words, word),
                     e.i32(0));
  };
  return {e.extract(words, 0), e.extract(words, 1), flag(2), flag(3)};
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

TileFeed::Copy TileFeed::copyRecord(Value step) {
  Value tile = find(clamp(step)).tile;
  return {recordAt(step), e.at(recordTable, e.mul(tile, kChunkBytes)), 1};
}

void TileFeed::appendLists(Value step, SmallVectorImpl<Copy> &copies) {
  Record names = record(step);
  copies.push_back({columns(step),
                    e.at(granuleCols, e.mul(names.granule, columnsBytes())),
                    columnsBytes() / kChunkBytes});
  copies.push_back({rows(step),
                    e.at(panelRows, e.mul(names.panel, rowsBytes())),
                    rowsBytes() / kChunkBytes});
}

/// A chunk a thread, one copy after the other.
void TileFeed::issue(Value thread, ArrayRef<Copy> copies) {
  int64_t total = 0;
  for (const Copy &copy : copies)
    total += copy.chunks;
  for (int64_t from = 0; from < total; from += shape.threads) {
    Value at = e.add(thread, from);
    Value shared = copies[0].shared, global = copies[0].global, chunk = at;
    int64_t begin = 0;
    for (const Copy &copy : copies) {
      if (begin) {
        Value isHere = e.less(e.i32(begin - 1), at);
        shared = e.select(isHere, copy.shared, shared);
        global = e.select(isHere, copy.global, global);
        chunk = e.select(isHere, e.sub(at, e.i32(begin)), chunk);
      }
      begin += copy.chunks;
    }
    Value byte = e.mul(chunk, kChunkBytes);
    auto copy = [&] { e.copyAsync(e.at(shared, byte), e.at(global, byte)); };
    if (from + shape.threads <= total)
      copy();
    else
      e.ifThen(e.less(at, total), copy);
  }
}

void TileFeed::prologue(Value thread, Value ownMemory) {
  memory = ownMemory;
  auto land = [&] {
    e.commitCopies();
    e.waitCopies(0);
    e.barrier();
  };
  int64_t ahead = shape.stages - 1;
  e.ifThen(e.less(thread, 2 * ahead), [&] {
    Copy copy = copyRecord(thread);
    e.copyAsync(copy.shared, copy.global);
  });
  land();
  SmallVector<Copy> lists;
  for (int64_t s = 0; s < ahead; ++s)
    appendLists(e.i32(s), lists);
  issue(thread, lists);
  land();
}

void TileFeed::request(Value thread, Value step, Value runs) {
  int64_t ahead = shape.stages - 1;
  SmallVector<Copy> copies;
  if (shape.hasRuns) {
    Value at = e.mul(find(step).tile, stageBytes());
    copies.push_back({runs, e.at(runsTable, at), stageBytes() / kChunkBytes});
  }
  appendLists(e.add(step, ahead), copies);
  copies.push_back(copyRecord(e.add(step, 2 * ahead)));
  issue(thread, copies);
}
