//===- ChainWarpgroupKernel.cpp - Chains on wgmma --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both operands of a wgmma lie in shared memory. Packed values are byte for
// byte what it reads; the rhs comes in boxes that the copy unit swizzles, as
// [j][k] or [k][j] as it lies in memory, or row by row as [k][j] where entries
// are single k. A group of wgmmas is 64 k; one stays
// in flight while the next is issued, so that the stages which a group has read
// are released one group later.
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class ChainWarpgroupKernel {
public:
  ChainWarpgroupKernel(KernelBuilder &k, const KernelContext &c,
                       const WarpgroupTile &tile)
      : k(k), e(k.e), async(e), c(c), tile(tile), walk(k, tile),
        lhsRing(e, tile.lhsOffset(), tile.lhsStageBytes(), tile.stages,
                tile.barrierOffset(), tile.cluster),
        rhsRing(e, 0, tile.rhsStageBytes(), tile.rhsStages(),
                tile.rhsBarriers()),
        producer(tile.gathers() ? makeGatherProducer(k, tile)
                                : makeBoxProducer(k, tile)),
        storer(k, {4, tile.ownCols(), WarpgroupTile::kScratchBytes}),
        shared(k, tile) {}

  void emit() {
    // Register limits of single warpgroups need a known number of blocks.
    k.getFunction()->setAttr("nvvm.minctasm", e.b.getI32IntegerAttr(1));
    Value thread = e.threadId();
    Value id = e.warpId(thread);
    e.launchNext();
    initRings(thread);
    Value isProducer = e.less(id, 4);
    e.ifThen(
        isProducer, [&] { produce(thread, id); }, [&] { consume(thread, id); });
    k.launch(walk.blocks(), k.hostIndex(1), tile.blockThreads(),
             tile.sharedBytes(), tile.blocksTogether());
    producer->finish();
  }

private:
  /// Registers a thread has at launch: the same in all warpgroups. They are
  /// then moved to where the accumulators are; of one computing warpgroup each
  /// thread may have all that it can name.
  void setRegisters(int64_t count) {
    if (tile.groups() > 1)
      async.setRegisters(count, 65536 / tile.blockThreads());
  }

  void initRings(Value thread) {
    e.ifThen(e.equal(thread, 0), [&] {
      if (tile.isPair())
        for (int64_t member = 0; member < tile.panels; ++member)
          lhsRing.after(e.i32(member)).init(4);
      else
        lhsRing.init(4 * tile.groups());
      rhsRing.init(4 * tile.groups(), tile.rhsProducers());
      async.fenceBarriers();
    });
    // Blocks that send their sums to others know that these have begun.
    async.meet(tile.blocksTogether());
  }

  void produce(Value thread, Value warp) {
    setRegisters(tile.producerRegisters());
    producer->emit(warp, e.rem(thread, 32), walk, lhsRing, rhsRing);
    if (tile.isShared())
      shared.meet();
  }

  void consume(Value thread, Value warp) {
    setRegisters(tile.consumerRegisters());
    e.waitForEarlier();
    group = e.sub(e.div(warp, 4), e.i32(1));
    // Of a pair a group is all that its panel has.
    groupI = tile.isPair() ? e.i32(0) : e.rem(group, tile.groupsI());
    groupJ = tile.isPair() ? e.i32(0) : e.div(group, tile.groupsI());
    if (tile.isPair())
      member = group;
    local = e.rem(thread, 128);
    lane = e.rem(local, 32);
    storer.begin(
        local,
        e.add(e.mul(group, WarpgroupTile::kScratchBytes), tile.scratchOffset()),
        e.add(group, 1));
    placeOperands(e.rem(warp, 4));
    RingState lhs = lhsRing.begin(), rhs = rhsRing.begin();
    walk.forEach(
        {lhs.slot, lhs.phase, rhs.slot, rhs.phase},
        [&](const TilePlace &place, ValueRange carried) {
          return tile.isPair() ? multiplyMember(place, carried)
                               : multiply(place, carried);
        },
        member);
  }

  /// Addresses in a stage that no step changes.
  void placeOperands(Value warp) {
    Value base = async.sharedAddress();
    Value block = e.mul(groupI, rowBlocks());
    lhsBase = e.add(base, e.mul(block, WarpgroupTile::kBlockBytes));
    rhsBase = e.add(base, e.mul(groupJ, tile.groupCols() * 128));
    metadataBase = e.add(e.add(e.mul(block, 512), tile.lhsBytes()),
                         e.add(e.mul(warp, 128), e.mul(lane, 4)));
  }

  int64_t rowBlocks() const { return tile.groupRows() / 64; }

  /// A tile: its steps, then its store. Carries the states of both rings.
  SmallVector<Value> multiply(const TilePlace &place, ValueRange rings) {
    SmallVector<Value> zeros(
        rowBlocks(), e.zero(e.vector(tile.groupCols() / 2, c.accumulate)));
    llvm::append_range(zeros, rings);
    // False, but nobody can tell: entries are counted from zero.
    never = e.less(place.firstEntry, 0);
    // Values that are zero without a step may only meet the others after the
    // last wgmma is waited for: until then nothing else may define them.
    SmallVector<Value> sums = e.ifValues(
        e.less(e.i32(0), place.steps),
        [&] { return walkSteps(place.steps, zeros); }, [&] { return zeros; });
    store(ArrayRef<Value>(sums).take_front(rowBlocks()), place);
    return SmallVector<Value>(ArrayRef<Value>(sums).drop_front(rowBlocks()));
  }

  void store(ArrayRef<Value> sums, const TilePlace &place) {
    Value firstCol = e.add(place.firstCol, e.mul(groupJ, tile.groupCols()));
    SmallVector<Value> own;
    if (tile.isShared()) {
      own = shared.exchange(sums, local, group);
      sums = own;
      firstCol = e.add(firstCol, shared.ownCol());
    }
    for (auto [n, sum] : llvm::enumerate(sums)) {
      Value row = e.add(e.mul(groupI, tile.groupRows()), int64_t(n) * 64);
      storer.store(sum, e.add(e.mul(place.panel, tile.rows), row), firstCol,
                   walk.cols);
    }
  }

  /// A tile of the member's panel: all steps of the pair, of which it gives
  /// back those that it has no entry in. Nothing stays in flight, the other
  /// member's products fill the gaps.
  SmallVector<Value> multiplyMember(const TilePlace &place, ValueRange rings) {
    SmallVector<Value> state(
        rowBlocks(), e.zero(e.vector(tile.groupCols() / 2, c.accumulate)));
    llvm::append_range(state, rings);
    state = e.forRange(
        e.i32(0), place.pairSteps, 1, state,
        [&](Value, ValueRange carried) { return walkPairStep(carried); });
    ArrayRef<Value> sums = ArrayRef<Value>(state).take_front(rowBlocks());
    e.ifThen(e.less(e.i32(-1), place.panel), [&] { store(sums, place); });
    return SmallVector<Value>(ArrayRef<Value>(state).drop_front(rowBlocks()));
  }

  SmallVector<Value> walkPairStep(ValueRange carried) {
    size_t own = rowBlocks() + 2;
    RingState rhs{carried[own], carried[own + 1]};
    rhsRing.waitFull(rhs);
    Value at = e.add(e.mul(rhs.slot, 4), tile.wordOffset());
    // Handed around, so that all lanes have read it before one of them gives
    // the stage back.
    Value word =
        e.shuffle(e.load(e.b.getI32Type(), e.at(e.shared(), at), 4), e.i32(0));
    Value takes = e.bitAnd(word, 1);
    takes = e.select(e.equal(member, 0), takes, e.bitAnd(e.div(word, 2), 1));
    SmallVector<Value> after = e.ifValues(
        e.equal(takes, 1),
        [&] { return takePairStep(carried.take_front(own), rhs); },
        [&] { return llvm::to_vector(carried.take_front(own)); });
    e.ifThen(e.equal(lane, 0), [&] { rhsRing.release(rhs.slot); });
    RingState next = rhsRing.next(rhs);
    after.append({next.slot, next.phase});
    return after;
  }

  /// Carries accumulators and the member's ring of the lhs.
  SmallVector<Value> takePairStep(ValueRange carried, RingState rhs) {
    StageRing ring = lhsRing.after(member);
    SmallVector<Value> sums = llvm::to_vector(carried.take_front(rowBlocks()));
    RingState lhs{carried[rowBlocks()], carried[rowBlocks() + 1]};
    ring.waitFull(lhs);
    async.fenceWgmma();
    issue(ring.stage(lhs.slot), rhsRing.stage(rhs.slot), 0, {}, sums);
    async.commitWgmma();
    sums = async.waitWgmma(0, sums);
    e.ifThen(e.equal(lane, 0), [&] { ring.release(lhs.slot); });
    RingState next = ring.next(lhs);
    sums.append({next.slot, next.phase});
    return sums;
  }

  /// Accumulators and rings after one or more steps.
  SmallVector<Value> walkSteps(Value steps, ValueRange start) {
    SmallVector<Value> carried = llvm::to_vector(start);
    carried.append({e.i32(0), e.i32(0)});
    carried.append(wordCount(), e.i32(0));
    carried = e.forRange(
        e.i32(0), steps, 1, carried,
        [&](Value step, ValueRange values) { return walkStep(step, values); });
    carried.pop_back_n(wordCount());
    Value rhsLast = carried.pop_back_val(), lhsLast = carried.pop_back_val();
    ArrayRef<Value> state(carried);
    SmallVector<Value> after =
        async.waitWgmma(0, ValueRange(state.take_front(rowBlocks())));
    e.ifThen(e.equal(lane, 0), [&] {
      lhsRing.release(lhsLast);
      rhsRing.release(rhsLast);
    });
    llvm::append_range(after, state.drop_front(rowBlocks()));
    return after;
  }

  /// Carries accumulators, the rings, and the slots that the group in flight
  /// reads (none in the first step), and the metadata.
  SmallVector<Value> walkStep(Value step, ValueRange carried) {
    SmallVector<Value> sums = llvm::to_vector(carried.take_front(rowBlocks()));
    ValueRange state = carried.drop_front(rowBlocks());
    RingState lhs{state[0], state[1]}, rhs{state[2], state[3]};
    Value lhsBefore = state[4], rhsBefore = state[5];
    lhsRing.waitFull(lhs);
    Value lhsStage = lhsRing.stage(lhs.slot);
    SmallVector<Value> words = llvm::to_vector(state.drop_front(6));
    for (int64_t part = 0; part < tile.rhsParts(); ++part) {
      rhsRing.waitFull(rhs);
      // Threads, not the copy unit, have written it.
      if (tile.gathers())
        async.fenceProxy();
      renewMetadata(lhsStage, part, words);
      async.fenceWgmma();
      issue(lhsStage, rhsRing.stage(rhs.slot), part, words, sums);
      async.commitWgmma();
      sums = async.waitWgmma(1, sums);
      // Each warp for itself, as it read its own metadata.
      Value leads = e.equal(lane, 0);
      if (part == 0)
        leads = e.both(leads, e.less(e.i32(0), step));
      e.ifThen(leads, [&] {
        if (part == 0)
          lhsRing.release(lhsBefore);
        rhsRing.release(rhsBefore);
      });
      rhsBefore = rhs.slot;
      rhs = rhsRing.next(rhs);
    }
    RingState next = lhsRing.next(lhs);
    sums.append(
        {next.slot, next.phase, rhs.slot, rhs.phase, lhs.slot, rhsBefore});
    llvm::append_range(sums, words);
    return sums;
  }

  /// Metadata words of a step: one for 64 columns and a row block, of which an
  /// instruction's selector takes one half.
  int64_t wordCount() const {
    return tile.sparse ? tile.step / 64 * rowBlocks() : 0;
  }

  /// Loads the words of `part`. A group in flight still reads its metadata from
  /// registers, but to ptxas these are free once the group has started: seen on
  /// an H100, the next load then changes the product. So the words of a part
  /// stay in use until the same part of the next step, before which their group
  /// was waited for: by a store that never happens, which the barrier just
  /// passed keeps below that wait.
  void renewMetadata(Value stage, int64_t part, SmallVectorImpl<Value> &words) {
    if (!tile.sparse)
      return;
    Value base = e.at(e.shared(), e.add(stage, metadataBase));
    int64_t first = part * rowBlocks();
    e.ifThen(never, [&] {
      for (int64_t n = 0; n < rowBlocks(); ++n)
        e.store(words[first + n], base, 4);
    });
    for (int64_t n = 0; n < rowBlocks(); ++n)
      words[first + n] = e.load(e.b.getI32Type(),
                                e.at(base, (part * tile.rows + n * 64) * 8), 4);
  }

  /// The wgmmas of 64 k.
  void issue(Value lhsStage, Value rhsStage, int64_t part,
             ArrayRef<Value> words, SmallVectorImpl<Value> &sums) {
    int64_t depth = WarpgroupTile::kRhsDepth;
    Value lhs = async.descriptor(e.add(lhsBase, lhsStage), 16, 1024);
    // As [k][j], boxes of 64 columns follow each other.
    Value rhs = async.descriptor(e.add(rhsBase, rhsStage),
                                 tile.rhsByRow ? depth * 128 : 16, 1024);
    for (int64_t at = 0; at < depth; at += c.intrinsic.k) {
      int64_t stored = (part * depth + at) / (tile.sparse ? 2 : 1);
      int64_t lhsAt = stored / 64 * (tile.rows * 128) + stored % 64 * 2;
      int64_t rhsAt = at * (tile.rhsByRow ? 128 : 2);
      for (int64_t n = 0; n < rowBlocks(); ++n) {
        Value a = e.add(lhs, (lhsAt + n * WarpgroupTile::kBlockBytes) / 16);
        Value word = tile.sparse ? words[part * rowBlocks() + n] : Value();
        sums[n] = WgmmaOp::create(
            e.b, e.loc, sums[n].getType(), c.input, a, e.add(rhs, rhsAt / 16),
            sums[n], word, uint32_t(tile.sparse ? at / 32 : 0), tile.rhsByRow);
      }
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const KernelContext &c;
  WarpgroupTile tile;
  TileWalk walk;
  StageRing lhsRing, rhsRing;
  std::unique_ptr<StageProducer> producer;
  SlabStore storer;
  SharedSums shared;
  Value group, local; ///< the computing warpgroup, and the thread in it
  Value groupI, groupJ, lane, never;
  Value member; ///< of a pair
  Value lhsBase, rhsBase, metadataBase;
};

} // namespace

/// A pair's steps are entries, and a member's warpgroup has all of its panel.
static LogicalResult verifyPair(KernelOp op, const WarpgroupTile &tile) {
  if (tile.isPair() &&
      (tile.sparse || tile.depth != WarpgroupTile::kRhsDepth ||
       tile.step != tile.depth || tile.warpsI != 4 || tile.warpsJ != 1))
    return op.emitOpError("expects panels that share the rhs in entries and "
                          "steps of 64, 4x1 warps each and no sparse "
                          "intrinsic, found ")
           << op.getStrategy();
  return success();
}

/// What blocks send each other comes by 16 bytes.
static LogicalResult verifyShared(KernelOp op, const WarpgroupTile &tile) {
  if (tile.isShared() && (tile.isPair() || tile.split > 8 ||
                          tile.groupCols() % (16 * tile.split) != 0 ||
                          tile.receivedBytes() > tile.scratchOffset()))
    return op.emitOpError("expects a chain shared by up to 8 blocks of single "
                          "panels and tiles, each with a multiple of 16 "
                          "columns of a warpgroup, found ")
           << op.getStrategy();
  return success();
}

/// What the emission above relies on.
static LogicalResult verify(KernelOp op, const WarpgroupTile &tile) {
  bool fits =
      tile.warpsI >= 4 && tile.warpsI % 4 == 0 && tile.warpsJ >= 1 &&
      tile.groups() <= 4 && tile.stages >= 2 &&
      tile.rows % (64 * tile.groupsI()) == 0 &&
      tile.cols % (8 * tile.groupsJ()) == 0 && tile.groupCols() >= 8 &&
      tile.groupCols() <= 256 && tile.step % (tile.sparse ? 128 : 64) == 0 &&
      tile.step % tile.depth == 0 &&
      tile.groupRows() / 64 * (tile.groupCols() / 2) <= tile.maxAccumulators();
  if (!fits)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy();
  if (tile.rhsStages() < 2)
    return op.emitOpError("has stages that leave ")
           << tile.rhsRoom() << " bytes of shared memory for two of the rhs, "
           << "of " << tile.rhsStageBytes() << " bytes each";
  return success();
}

bool mlir::spmmplu::isRhsByColumn(KernelOp op) {
  return op.getMap(Role::Rhs).getResult(1) ==
         getAffineDimExpr(0, op.getContext());
}

LogicalResult mlir::spmmplu::verifyRhsLines(KernelOp op) {
  auto type = cast<MemRefType>(op.getRhs().getType());
  AffineMap map = op.getMap(Role::Rhs);
  auto [strides, offset] = type.getStridesAndOffset();
  if (!map.isPermutation() || map.getNumResults() != 2 || strides[1] != 1)
    return op.emitOpError("expects an rhs with lines of consecutive elements, "
                          "found ")
           << type;
  return success();
}

/// The rhs must be what a tensor map describes, and entries whole boxes.
static LogicalResult verifyRhs(KernelOp op, const WarpgroupTile &tile) {
  if (failed(verifyRhsLines(op)))
    return failure();
  if (tile.rhsByRow && tile.groupCols() % 64 != 0)
    return op.emitOpError("expects a multiple of 64 columns for each warpgroup "
                          "where the rhs lies along j, found ")
           << tile.groupCols();
  if (tile.gathers() && (tile.cols > 256 || !llvm::isPowerOf2_64(tile.cols)))
    return op.emitOpError("expects 64, 128 or 256 columns where entries are "
                          "gathered, found ")
           << tile.cols;
  int64_t depth = tile.gathers() ? 1 : tile.rhsByRow ? 8 : 64;
  if (tile.depth % depth != 0)
    return op.emitOpError("expects entries of a multiple of ")
           << depth << " consecutive k where the rhs lies along "
           << (tile.rhsByRow ? "j" : "k") << ", found " << tile.depth;
  return success();
}

LogicalResult mlir::spmmplu::emitChainWarpgroupKernel(KernelBuilder &k,
                                                      const KernelContext &c) {
  WarpgroupTile tile{ChainTile::get(k.op, c), c.strategy.getPanels(),
                     c.strategy.getCluster(), c.strategy.getSplit()};
  // Gathered rows lie along j, if need be of a transposed copy.
  tile.rhsByRow |= tile.gathers();
  if (failed(verify(k.op, tile)) || failed(verifyPair(k.op, tile)) ||
      failed(verifyShared(k.op, tile)) || failed(verifyRhs(k.op, tile)))
    return failure();
  ChainWarpgroupKernel(k, c, tile).emit();
  return success();
}
