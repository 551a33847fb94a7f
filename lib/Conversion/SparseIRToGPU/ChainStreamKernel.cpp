//===- ChainStreamKernel.cpp - Chains with few columns ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With few columns (decode) a product is bound by the bytes of its packed
// values. The warps of a block take its steps in turn, each with a ring of
// stages of its own in shared memory, so that none waits for another before the
// end; then the block adds up their sums. Where there are too few panels for
// all SMs, `split` blocks share a chain: the last of them to finish adds up
// what all have left in scratch memory, always in the same order.
//
// The first stages' values are requested while the launch before may still
// run: nobody writes them.
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Shared memory for the rings of all warps, times the strategy's `tasks`. With
/// 1, three blocks find room on an SM, so that one begins while another ends;
/// with more, only one: where there are no more blocks than SMs, each then has
/// one for itself, instead of meeting those that came early.
static constexpr int64_t kRingBytes = 72 * 1024;

/// What one warp copies and multiplies: all of the tile, for a step.
static ChainTile getWarpTile(ChainTile tile) {
  tile.warpsK = 1;
  return tile;
}

namespace {

class ChainStreamKernel {
public:
  ChainStreamKernel(KernelBuilder &k, const KernelContext &c, ChainTile tile)
      : k(k), e(k.e), tile(tile), warpTile(getWarpTile(tile)),
        copies(k, c, warpTile),
        product(createWarpProduct(k, c, warpTile, copies)), sumType(c.sum()),
        split(c.strategy.getSplit()),
        stages(std::clamp<int64_t>(c.strategy.getTasks() * kRingBytes /
                                       (tile.warpsK * tile.stageBytes()),
                                   2, 8)) {}

  void emit() {
    begin();
    SmallVector<Value> sums = walk();
    e.waitCopies(0);
    e.barrier(); // the rings become scratch of the sums
    TileStore store(k, tile, copies.out);
    leavePartials(sums, store.bytes());
    e.barrier();
    e.ifThen(
        e.equal(parts, 1), [&] { reduceWarps(store); },
        [&] {
          if (split > 1)
            reduceBlocks(store);
        });
    int64_t partials = tile.warpsK * elements() * 4;
    k.launch(blocks, hostParts, tile.threads(),
             std::max(tile.warpsK * ringBytes(), store.bytes() + partials));
    copies.finish();
  }

private:
  int64_t elements() const { return tile.rows * tile.cols; }
  int64_t ringBytes() const { return stages * tile.stageBytes(); }

  void begin() {
    e.launchNext();
    thread = e.threadId();
    warp = e.warpId(thread);
    lane = e.rem(thread, 32);
    copies.begin(lane);
    // From memory, before the next launch's values are in the way.
    copies.prefetchRhs(thread, tile.threads());
    product->begin(lane, e.i32(0), e.i32(0));
    blocks = k.hostMul(k.hostIndex(copies.panels()),
                       k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
    // With so many tiles that counters run out, no chain needs to be shared.
    Value isFew = k.host.createOrFold<arith::CmpIOp>(
        e.loc, arith::CmpIPredicate::sle, blocks, k.hostIndex(kCounters));
    hostParts = k.host.createOrFold<arith::SelectOp>(
        e.loc, isFew, k.hostIndex(split), k.hostIndex(1));
    parts = k.number(hostParts);
    // The block's part of the chain.
    Value part = e.b.createOrFold<arith::DivUIOp>(
        e.loc, e.add(copies.steps(), e.add(parts, -1)), parts);
    Value begin = e.min(e.mul(e.blockY(), part), copies.steps());
    last = e.min(e.add(begin, part), copies.steps());
    first = e.add(begin, warp);
    ring = e.mul(warp, ringBytes());
  }

  /// The warp's sums over its steps. A group of copies is what one stage of the
  /// ring needs; as many as there are stages are in flight at first, and a
  /// stage is filled again when it has been read. Entries are loaded a step
  /// before the copies that they say.
  SmallVector<Value> walk() {
    auto stepOf = [&](int64_t s) { return e.add(first, s * tile.warpsK); };
    auto stageOf = [&](int64_t s) {
      return e.add(ring, s * tile.stageBytes());
    };
    SmallVector<SmallVector<Value>> entries;
    for (int64_t s = 0; s <= stages; ++s)
      entries.push_back(copies.loadEntries(stepOf(s)));
    for (int64_t s = 0; s < stages; ++s)
      e.ifThen(e.less(stepOf(s), last),
               [&] { copies.requestLhs(stepOf(s), stageOf(s)); });
    e.waitForEarlier();
    for (int64_t s = 0; s < stages; ++s) {
      e.ifThen(e.less(stepOf(s), last),
               [&] { copies.requestRhs(stepOf(s), stageOf(s), entries[s]); });
      e.commitCopies();
    }
    SmallVector<Value> state = product->getZeros();
    size_t sums = state.size();
    state.push_back(e.i32(0));
    llvm::append_range(state, entries[stages]);
    state = e.forRange(
        first, last, tile.warpsK, state,
        [&](Value step, ValueRange values) { return walkStep(step, values); });
    state.truncate(sums);
    return state;
  }

  /// Carries the sums, the byte of the step's stage in the ring, and the
  /// entries of the step that is to be requested.
  SmallVector<Value> walkStep(Value step, ValueRange values) {
    int64_t held = copies.heldEntries();
    ValueRange entries = values.take_back(held);
    SmallVector<Value> state = llvm::to_vector(values.drop_back(held));
    Value at = state.pop_back_val();
    Value stage = e.add(ring, at);
    Value ahead = e.add(step, stages * tile.warpsK);
    SmallVector<Value> next = copies.loadEntries(e.add(ahead, tile.warpsK));
    e.waitCopies(stages - 1);
    e.syncWarp(); // other lanes' copies have landed too
    product->multiply(e.at(e.shared(), stage), state);
    e.syncWarp(); // all lanes have read the stage
    e.ifThen(e.less(ahead, last),
             [&] { copies.request(ahead, stage, entries); });
    e.commitCopies();
    Value after = e.add(at, tile.stageBytes());
    state.push_back(e.select(e.equal(after, ringBytes()), e.i32(0), after));
    llvm::append_range(state, next);
    return state;
  }

  /// Every warp's sums, [warpK][row][col] in 32 bits, after the store's
  /// scratch.
  void leavePartials(ValueRange sums, int64_t base) {
    partialBase = base;
    Value firstRow = e.mul(warp, tile.rows);
    Value to = e.at(e.shared(), base);
    product->forEachRun(sums, [&](Value row, Value col, Value values) {
      Value at = e.add(e.mul(e.add(firstRow, row), tile.cols), col);
      int64_t count = cast<VectorType>(values.getType()).getNumElements();
      Value wide = e.convert(values, sumType);
      e.store(wide, e.at(to, e.mul(at, 4)), count * 4);
    });
  }

  /// The sum of the warps at element `at` of the tile.
  Value sumWarps(Value at) {
    Value from = e.at(e.at(e.shared(), partialBase), e.mul(at, 4)), sum;
    for (int64_t w = 0; w < tile.warpsK; ++w) {
      Value value = e.load(sumType, e.at(from, w * elements() * 4), 4);
      sum = sum ? e.addNumbers(sum, value) : value;
    }
    return sum;
  }

  void forEachElement(function_ref<void(Value)> body) {
    e.forRange(thread, e.i32(elements()), tile.threads(), body);
  }

  void putAndFlush(TileStore &store, function_ref<Value(Value)> valueAt) {
    forEachElement([&](Value at) {
      store.begin(copies.panel, copies.firstCol, copies.cols);
      store.put(e.div(at, tile.cols), e.rem(at, tile.cols), valueAt(at));
    });
    e.barrier();
    store.flush(thread, copies.panel, copies.firstCol, copies.cols);
  }

  void reduceWarps(TileStore &store) {
    putAndFlush(store, [&](Value at) { return sumWarps(at); });
  }

  /// Scratch memory holds a counter a tile (zero between launches), as many in
  /// every kernel, since kernels share it; then the blocks' sums
  /// [tile][split][row][col] in 32 bits.
  void reduceBlocks(TileStore &store) {
    Value sumBytes = k.hostMul(blocks, k.hostIndex(split * elements() * 4));
    Value scratch = k.scratch(arith::AddIOp::create(
        k.host, e.loc, k.hostIndex(kCounters * 4), sumBytes));
    Value sums = e.at(scratch, e.i64(kCounters * 4));
    Value tileAt = e.mul(e.widen(e.blockX()), split * elements() * 4);
    Value mine =
        e.at(sums, e.add(tileAt, e.mul(e.widen(e.blockY()), elements() * 4)));
    forEachElement(
        [&](Value at) { e.store(sumWarps(at), e.at(mine, e.mul(at, 4)), 4); });
    // The partials have been read: their place is free.
    Value flag = e.at(e.shared(), partialBase);
    Value counter = e.at(scratch, e.mul(e.blockX(), 4));
    e.fenceDevice();
    e.barrier();
    e.ifThen(e.equal(thread, 0), [&] {
      Value before = e.atomicAdd(counter, e.i32(1));
      e.ifThen(e.equal(before, split - 1),
               [&] { e.store(e.i32(0), counter, 4); });
      e.store(before, flag, 4);
    });
    e.barrier();
    Value isLast = e.equal(e.load(e.b.getI32Type(), flag, 4), split - 1);
    e.ifThen(isLast, [&] {
      e.fenceDevice();
      putAndFlush(store, [&](Value at) {
        Value from = e.at(e.at(sums, tileAt), e.mul(at, 4)), sum;
        for (int64_t part = 0; part < split; ++part) {
          Value value = e.load(sumType, e.at(from, part * elements() * 4), 4);
          sum = sum ? e.addNumbers(sum, value) : value;
        }
        return sum;
      });
    });
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  ChainTile tile, warpTile;
  ChainCopies copies; ///< of a warp
  std::unique_ptr<WarpProduct> product;
  Type sumType;
  int64_t split, stages;
  int64_t partialBase = 0;
  Value thread, warp, lane;
  Value first, last; ///< steps: the warp's first, the end of the block's part
  Value ring;        ///< byte of shared memory
  Value blocks, hostParts; ///< of the host: tiles, and blocks that share one
  Value parts;             ///< the same as `hostParts`
};

} // namespace

LogicalResult mlir::spmmplu::emitChainStreamKernel(KernelBuilder &k,
                                                   const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  if (failed(verifyWarpProduct(k.op, c, tile)))
    return failure();
  if (tile.warpsI != 1 || tile.rows > 64)
    return k.op.emitOpError("streams panels of at most 64 rows, all of them in "
                            "each warp, found ")
           << tile.rows << " rows and " << tile.warpsI << " warps along them";
  ChainStreamKernel(k, c, tile).emit();
  return success();
}
