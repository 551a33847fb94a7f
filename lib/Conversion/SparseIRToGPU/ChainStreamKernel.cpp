//===- ChainStreamKernel.cpp - Chains with few columns ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With few columns (decode) a product is bound by the bytes of its packed
// values. They go from memory straight into fragments, one 16-byte load a lane,
// a step ahead of their use; the block's part of the rhs waits in shared
// memory. The warps of a block take its steps in turn, and `split` blocks share
// a chain: the last of them to finish adds up what all have left in scratch
// memory, always in the same order.
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Shared memory for the rhs; longer parts of a chain take several rounds.
static constexpr int64_t kRhsBytes = 64 * 1024;

/// Tiles of a launch whose chains may be shared.
static constexpr int64_t kCounters = 16 * 1024;

namespace {

class ChainStreamKernel {
public:
  ChainStreamKernel(KernelBuilder &k, const KernelContext &c, ChainTile tile)
      : k(k), e(k.e), c(c), tile(tile), copies(k, c, tile),
        rhs(e, c, tile, copies), split(c.strategy.getSplit()),
        round(std::max<int64_t>(1, kRhsBytes / tile.rhsBytes())) {}

  void emit() {
    begin();
    SmallVector<Value> sums(tiles() * (tile.cols / 8),
                            e.zero(e.vector(4, c.accumulate)));
    sums =
        e.forRange(first, last, round, sums, [&](Value at, ValueRange carried) {
          return walkRound(at, carried);
        });
    e.barrier();
    TileStore store(k, c, tile, copies.out);
    leavePartials(sums, store.bytes());
    e.barrier();
    e.ifThen(
        e.equal(parts, 1), [&] { reduceWarps(store); },
        [&] {
          if (split > 1)
            reduceBlocks(store);
        });
    int64_t partials = tile.warpsK * tile.rows * tile.cols * 4;
    k.launch(blocks, hostParts, tile.threads(),
             std::max(round * tile.rhsBytes(), store.bytes() + partials));
  }

private:
  int64_t tiles() const { return tile.warpRows() / 16; }
  int64_t elements() const { return tile.rows * tile.cols; }

  void begin() {
    thread = e.threadId();
    Value id = e.warpId(thread);
    lane = e.rem(thread, 32);
    warpI = e.rem(id, tile.warpsI);
    warpK = e.div(id, tile.warpsI);
    copies.begin(thread);
    rhs.begin(lane, e.i32(0));
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
    first = e.min(e.mul(e.blockY(), part), copies.steps());
    last = e.min(e.add(first, part), copies.steps());
  }

  SmallVector<Value> walkRound(Value at, ValueRange carried) {
    Value end = e.min(e.add(at, round), last);
    // Values first: they come from farthest away.
    Value mine = e.add(at, warpK);
    SmallVector<Value> state = llvm::to_vector(carried);
    llvm::append_range(state, loadStep(mine, end));
    e.barrier(); // the round before is done with shared memory
    e.forRange(at, end, 1, [&](Value step) {
      copies.copyRhs(step, e.at(e.shared(), rhsAt(step, at)));
    });
    e.commitCopies();
    e.waitCopies(0);
    e.barrier();
    SmallVector<Value> results = e.forRange(
        mine, end, tile.warpsK, state, [&](Value step, ValueRange values) {
          SmallVector<Value> next = llvm::to_vector(values);
          SmallVector<Value> fragments(next.begin() + carried.size(),
                                       next.end());
          next.truncate(carried.size());
          SmallVector<Value> ahead = loadStep(e.add(step, tile.warpsK), end);
          multiply(e.at(e.shared(), rhsAt(step, at)), fragments, next);
          llvm::append_range(next, ahead);
          return next;
        });
    results.truncate(carried.size());
    return results;
  }

  Value rhsAt(Value step, Value at) {
    return e.mul(e.sub(step, at), tile.rhsBytes());
  }

  /// The warp's packed values and metadata of a step; of the round's last one
  /// where `step` is beyond it, which nobody uses.
  SmallVector<Value> loadStep(Value step, Value end) {
    Value wide = e.widen(e.max(e.min(step, e.add(end, -1)), e.i32(0)));
    Value from = e.at(copies.values, e.mul(wide, tile.lhsBytes()));
    from = e.at(from, e.add(e.mul(warpI, tiles() * 512), e.mul(lane, 16)));
    SmallVector<Value> loaded;
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
      for (int64_t i = 0; i < tiles(); ++i)
        loaded.push_back(e.load(
            e.vector(tile.perChunk(), c.input),
            e.at(from, at / c.intrinsic.k * (tile.rows / 16) * 512 + i * 512),
            16));
    if (!tile.sparse)
      return loaded;
    Value meta = e.at(copies.metadata, e.mul(wide, tile.metadataBytes()));
    Value word = e.mul(warpI, tiles());
    meta = e.at(meta, e.add(e.add(e.mul(e.div(word, 4), 512),
                                  e.mul(e.bitAnd(word, 3), 4)),
                            e.mul(lane, 16)));
    for (int64_t at = 0; at < tile.step / tile.metadataStep(); ++at)
      loaded.push_back(e.load(e.vector(tiles(), e.b.getI32Type()),
                              e.at(meta, at * (tile.rows / 64) * 512),
                              std::min<int64_t>(tiles(), 4) * 4));
    return loaded;
  }

  void multiply(Value rhsTile, ArrayRef<Value> fragments,
                SmallVectorImpl<Value> &sums) {
    int64_t lhsCount = tile.step / c.intrinsic.k * tiles();
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k) {
      SmallVector<Value> columns = rhs.load(rhsTile, at);
      for (int64_t i = 0; i < tiles(); ++i) {
        Value a = fragments[at / c.intrinsic.k * tiles() + i], word;
        if (tile.sparse)
          word = e.extract(fragments[lhsCount + at / tile.metadataStep()], i);
        int32_t selector = tile.sparse ? at / c.intrinsic.k % 2 : 0;
        for (auto [j, b] : llvm::enumerate(columns)) {
          Value &sum = sums[i * columns.size() + j];
          sum = MmaOp::create(e.b, e.loc, sum.getType(), a, b, sum, word,
                              selector);
        }
      }
    }
  }

  /// Every warp's sums, [warpK][row][col] in f32, after the store's scratch.
  void leavePartials(ValueRange sums, int64_t base) {
    partialBase = base;
    Value row = e.add(e.mul(warpI, tile.warpRows()), e.div(lane, 4));
    Value at = e.add(e.mul(e.add(e.mul(warpK, tile.rows), row), tile.cols),
                     e.mul(e.rem(lane, 4), 2));
    Value to = e.at(e.at(e.shared(), base), e.mul(at, 4));
    for (auto [n, small] : llvm::enumerate(sums)) {
      int64_t i = n / (tile.cols / 8) * 16, j = n % (tile.cols / 8) * 8;
      Value sum = e.convert(small, e.b.getF32Type());
      for (int64_t half = 0; half < 2; ++half)
        e.store(e.fromElements(
                    {e.extract(sum, 2 * half), e.extract(sum, 2 * half + 1)}),
                e.at(to, ((i + 8 * half) * tile.cols + j) * 4), 8);
    }
  }

  /// The sum of the warps at element `at` of the tile.
  Value sumWarps(Value at) {
    Value from = e.at(e.at(e.shared(), partialBase), e.mul(at, 4)), sum;
    for (int64_t w = 0; w < tile.warpsK; ++w) {
      Value value = e.load(e.b.getF32Type(), e.at(from, w * elements() * 4), 4);
      sum = sum ? arith::AddFOp::create(e.b, e.loc, sum, value) : value;
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
  /// [tile][split][row][col] in f32.
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
          Value value =
              e.load(e.b.getF32Type(), e.at(from, part * elements() * 4), 4);
          sum = sum ? arith::AddFOp::create(e.b, e.loc, sum, value) : value;
        }
        return sum;
      });
    });
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  ChainCopies copies;
  RhsFragments rhs;
  int64_t split, round; ///< `round`: steps whose rhs fits
  int64_t partialBase = 0;
  Value thread, lane, warpI, warpK, first, last;
  Value blocks, hostParts; ///< of the host: tiles, and blocks that share one
  Value parts;             ///< the same as `hostParts`
};

} // namespace

LogicalResult mlir::spmmplu::emitChainStreamKernel(KernelBuilder &k,
                                                   const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  if (failed(verifyFragments(k.op, c, tile)))
    return failure();
  ChainStreamKernel(k, c, tile).emit();
  return success();
}
