//===- ChainTransposedKernel.cpp - Chains of f32 on wgmma ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of 32-bit elements wgmma takes operands from shared memory only where k is
// contiguous, which it is in packed values but not in a rhs along j. So what is
// multiplied are the transposes: packed values are operand B, as they lie, and
// the rhs is A, from registers. A lane loads it from rows that the producing
// warpgroup has asked for, a lane a row, and rounds it to tf32; each element
// once, as the tile has all rows of its panel.
//
// While the instructions of one warpgroup run, the other loads: a warpgroup
// waits for its own before it loads again, so that no register of A is written
// while it is read.
//
//===----------------------------------------------------------------------===//

#include "ChainTransposedKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kLanes = 32;
/// Of the producing warpgroup. Copies are issued lane after lane, so all of
/// them take part.
static constexpr int64_t kWarps = 4;
static constexpr int64_t kChunk = 16; ///< bytes that copies come in

namespace {

/// Warps that request a step's packed values and rows, a lane a row.
class RowProducer {
public:
  RowProducer(KernelBuilder &k, const TransposedTile &tile)
      : e(k.e), async(e), tile(tile), rhs(k, k.op.getRhs(), isRhsByColumn(k.op),
                                          AlignedMatrix::Reads::Chunks),
        lhsCopies(k, tile), entries(k), base(k.address(rhs.getAddress())),
        rowStride(k.number(rhs.getStride())) {}

  void emit(Value warp, Value lane, TileWalk &walk, StageRing &ring);
  void finish() { rhs.release(); }

private:
  /// Lanes of a warp that copy, of each line of k.
  static constexpr int64_t kCopies = TransposedTile::kLineDepth / kWarps;

  /// The rows of the rhs that the lane copies in a step.
  SmallVector<Value> loadRows(const TilePlace &place, Value step);
  void request(const TilePlace &place, Value step, ValueRange rows,
               StageRing &ring, RingState state);
  /// Bytes of the tile's columns in a row.
  Value getRowBytes(const TilePlace &place, Value cols);

  DeviceEmitter &e;
  AsyncEmitter async;
  TransposedTile tile;
  AlignedMatrix rhs;
  LhsCopies lhsCopies;
  EntryTable entries;
  Value base, rowStride;
  Value warp, lane, firstRow; ///< the lane's row of a line of k
  Value stride;               ///< bytes, i64
  Value source, rowBytes;     ///< of the tile at hand
};

} // namespace

SmallVector<Value> RowProducer::loadRows(const TilePlace &place, Value step) {
  SmallVector<Value> rows;
  for (int64_t at = 0; at < tile.step; at += TransposedTile::kLineDepth) {
    Value local = e.add(firstRow, at);
    Value entry =
        e.add(e.mul(step, tile.step / tile.depth), e.div(local, tile.depth));
    rows.push_back(e.add(entries.load(e.add(place.firstEntry, entry)),
                         e.rem(local, tile.depth)));
  }
  return rows;
}

Value RowProducer::getRowBytes(const TilePlace &place, Value cols) {
  int64_t perChunk = kChunk / tile.width;
  Value left = e.sub(cols, place.copiedCol);
  Value chunks = e.div(e.add(left, perChunk - 1), perChunk);
  return e.mul(e.min(chunks, e.i32(tile.cols / perChunk)), kChunk);
}

void RowProducer::request(const TilePlace &place, Value step, ValueRange rows,
                          StageRing &ring, RingState state) {
  Value full = ring.waitEmpty(state);
  Value stage = e.at(e.shared(), ring.stage(state.slot));
  Value own = e.mul(rowBytes, int64_t(rows.size()) * kCopies);
  e.ifThen(e.equal(lane, 0), [&] {
    e.ifThen(
        e.equal(warp, 0),
        [&] {
          async.arriveExpecting(full, e.add(own, tile.lhsBytes()));
          lhsCopies.request(place, step, stage, full);
        },
        [&] { async.arriveExpecting(full, own); });
  });
  e.syncWarp(); // no row lands before the barrier expects it
  Value to =
      e.at(e.at(stage, tile.lhsBytes()), e.mul(firstRow, tile.rowPitch()));
  e.ifThen(e.less(lane, kCopies), [&] {
    for (auto [n, row] : llvm::enumerate(rows)) {
      int64_t line = int64_t(n) * TransposedTile::kLineDepth;
      async.copyBulk(e.at(to, line * tile.rowPitch()),
                     e.at(source, e.mul(e.widen(row), stride)), rowBytes, full);
    }
  });
}

void RowProducer::emit(Value warpOfGroup, Value laneOfWarp, TileWalk &walk,
                       StageRing &ring) {
  warp = warpOfGroup;
  lane = laneOfWarp;
  firstRow = e.add(e.mul(warp, kCopies), e.rem(lane, kCopies));
  stride = e.mul(e.widen(rowStride), tile.width);
  e.waitForEarlier(); // which may write the rhs
  auto begin = [&](const TilePlace &place) {
    rowBytes = getRowBytes(place, walk.cols);
    source = e.at(base, e.mul(place.copiedCol, tile.width));
  };
  auto load = [&](const TilePlace &place, Value step) {
    return loadRows(place, step);
  };
  auto body = [&](const TilePlace &place, Value step, ValueRange carried,
                  ValueRange loaded) {
    RingState state{carried[0], carried[1]}, next = ring.next(state);
    request(place, step, loaded, ring, state);
    return SmallVector<Value>{next.slot, next.phase};
  };
  RingState first = ring.begin();
  SmallVector<Value> end =
      walk.forEachStep({first.slot, first.phase}, load, body, begin);
  ring.drain({end[0], end[1]});
}

namespace {

class ChainTransposedKernel {
public:
  ChainTransposedKernel(KernelBuilder &k, const KernelContext &c,
                        const TransposedTile &tile)
      : k(k), e(k.e), async(e), c(c), tile(tile), walk(k, tile),
        ring(e, 0, tile.slotBytes(), tile.stages, tile.ringBytes(),
             tile.cluster),
        producer(k, tile), storer(k, tile) {}

  void emit() {
    k.getFunction()->setAttr("nvvm.minctasm", e.b.getI32IntegerAttr(1));
    Value thread = e.threadId();
    Value warp = e.warpId(thread);
    e.launchNext();
    e.ifThen(e.equal(thread, 0), [&] {
      ring.init(4 * tile.groups(), kWarps);
      async.fenceBarriers();
    });
    async.meet(tile.cluster);
    e.ifThen(
        e.less(warp, 4), [&] { produce(thread, warp); },
        [&] { consume(thread, warp); });
    k.launch(walk.blocks(), k.hostIndex(1), tile.blockThreads(),
             tile.blockBytes(), tile.cluster);
    producer.finish();
  }

private:
  void setRegisters(int64_t count) {
    if (tile.groups() > 1)
      async.setRegisters(count, 65536 / tile.blockThreads());
  }

  void produce(Value thread, Value warp) {
    setRegisters(40);
    producer.emit(warp, e.rem(thread, kLanes), walk, ring);
  }

  void consume(Value thread, Value warp) {
    setRegisters(232);
    e.waitForEarlier();
    group = e.sub(e.div(warp, 4), e.i32(1));
    local = e.rem(thread, 128);
    lane = e.rem(local, kLanes);
    storer.begin(local);
    RingState begin = ring.begin();
    walk.forEach({begin.slot, begin.phase},
                 [&](const TilePlace &place, ValueRange carried) {
                   return multiply(place, carried);
                 });
  }

  /// A tile: its steps, then its store. Carries the ring's state.
  SmallVector<Value> multiply(const TilePlace &place, ValueRange carried) {
    Value firstCol = e.mul(group, tile.groupCols());
    placeColumns(place, firstCol);
    SmallVector<Value> state(tile.blocks(),
                             e.zero(e.vector(tile.rows / 2, c.accumulate)));
    llvm::append_range(state, carried);
    state =
        e.forRange(e.i32(0), place.steps, 1, state,
                   [&](Value, ValueRange values) { return walkStep(values); });
    SmallVector<Value> after(ArrayRef<Value>(state).drop_front(tile.blocks()));
    state.resize(tile.blocks());
    storer.store(state, place.panel, e.add(place.firstCol, firstCol),
                 walk.cols);
    return after;
  }

  /// Bytes of the lane's first element in a stage's rows, unit by unit. Behind
  /// the last column nothing was copied: any other column takes its place.
  void placeColumns(const TilePlace &place, Value firstCol) {
    columns.clear();
    Value left = e.sub(walk.cols, place.firstCol);
    for (int64_t unit = 0; unit < tile.units(); ++unit) {
      Value col = e.add(firstCol, tile.laneCol(e, local, unit));
      col = e.select(e.less(col, left), col, e.i32(0));
      columns.push_back(e.add(e.mul(e.rem(lane, 4), tile.rowPitch()),
                              e.mul(col, tile.width)));
    }
  }

  SmallVector<Value> walkStep(ValueRange carried) {
    SmallVector<Value> sums =
        llvm::to_vector(carried.take_front(tile.blocks()));
    RingState state{carried[tile.blocks()], carried[tile.blocks() + 1]};
    ring.waitFull(state);
    Value stage = ring.stage(state.slot);
    for (int64_t at = 0; at < tile.step; at += TransposedTile::kLineDepth) {
      SmallVector<Value> fragments = loadFragments(stage, at);
      async.fenceWgmma();
      issue(stage, at, fragments, sums);
      async.commitWgmma();
      sums = async.waitWgmma(0, sums);
    }
    // All lanes of the warp have loaded: they multiplied together.
    e.ifThen(e.equal(lane, 0), [&] { ring.release(state.slot); });
    RingState next = ring.next(state);
    sums.append({next.slot, next.phase});
    return sums;
  }

  /// A of the instructions for `kLineDepth` k from `at` on: k by k, column by
  /// column.
  SmallVector<Value> loadFragments(Value stage, int64_t at) {
    Value rows = e.at(e.at(e.shared(), stage), tile.lhsBytes());
    Type type = e.vector(tile.laneCols(), c.input);
    SmallVector<Value> fragments;
    for (int64_t k = at; k < at + TransposedTile::kLineDepth;
         k += c.intrinsic.k)
      for (Value column : columns) {
        // The lane's columns at its two k.
        Value lines[2];
        for (int64_t half = 0; half < 2; ++half) {
          Value from =
              e.at(e.at(rows, column), (k + 4 * half) * tile.rowPitch());
          Value loaded = e.load(type, from, tile.laneCols() * tile.width);
          lines[half] = RoundTF32Op::create(e.b, e.loc, type, loaded);
        }
        for (int64_t block = 0; block < tile.together(); ++block) {
          SmallVector<Value> words;
          for (Value line : lines)
            for (int64_t half = 0; half < 2; ++half)
              words.push_back(e.extract(line, 2 * block + half));
          fragments.push_back(e.fromElements(words));
        }
      }
    return fragments;
  }

  /// The wgmmas of `kLineDepth` k.
  void issue(Value stage, int64_t at, ArrayRef<Value> fragments,
             SmallVectorImpl<Value> &sums) {
    constexpr int64_t depth = TransposedTile::kLineDepth;
    Value lines = e.add(e.add(async.sharedAddress(), stage),
                        at / depth * tile.rows * depth * tile.width);
    Value values = async.descriptor(lines, 16, 1024);
    for (int64_t n = 0; n < int64_t(fragments.size()); ++n) {
      int64_t line = n / tile.blocks() * c.intrinsic.k * tile.width;
      Value &sum = sums[n % tile.blocks()];
      sum = WgmmaOp::create(e.b, e.loc, sum.getType(),
                            FloatTF32Type::get(e.b.getContext()), fragments[n],
                            e.add(values, line / 16), sum, Value(), 0u, false);
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const KernelContext &c;
  TransposedTile tile;
  TileWalk walk;
  StageRing ring;
  RowProducer producer;
  TransposedStore storer;
  Value group, local, lane;
  SmallVector<Value> columns;
};

} // namespace

/// What the emission above relies on.
static LogicalResult verify(KernelOp op, const TransposedTile &tile) {
  // Accumulators and one group's operands; ptxas keeps some registers.
  constexpr int64_t kMaxRegisters = 200;
  int64_t operands = tile.blocks() * TransposedTile::kLineDepth / 2;
  bool fits = tile.warpsI == 4 && tile.warpsJ >= 1 && tile.warpsJ <= 2 &&
              tile.stages >= 2 && tile.rows % 16 == 0 && tile.rows <= 256 &&
              tile.cols % (64 * tile.warpsJ) == 0 && tile.blocks() >= 1 &&
              tile.blocks() % tile.together() == 0 &&
              tile.step % TransposedTile::kLineDepth == 0 &&
              tile.step % tile.depth == 0 &&
              tile.blocks() * tile.rows / 2 + operands <= kMaxRegisters;
  if (!fits)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy();
  if (tile.blockBytes() > WarpgroupTile::kSharedBytes)
    return op.emitOpError("has stages that take ")
           << tile.blockBytes() << " bytes of shared memory, expected at most "
           << WarpgroupTile::kSharedBytes;
  return success();
}

LogicalResult mlir::spmmplu::emitChainTransposedKernel(KernelBuilder &k,
                                                       const KernelContext &c) {
  TransposedTile tile{
      {ChainTile::get(k.op, c), /*panels=*/1, c.strategy.getCluster()}};
  tile.rhsByRow = true; // if need be of a transposed copy
  if (failed(verify(k.op, tile)) || failed(verifyRhsLines(k.op)))
    return failure();
  ChainTransposedKernel(k, c, tile).emit();
  return success();
}
