//===- ChainBandKernel.cpp - Chains on bands of the rhs --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For panels of few rows. A block has several of them, a warp each or some
// beside each other, and walks all of k, band by band (Bands.h): the copy unit
// brings a band's rows of the rhs, all of them, so that they come from the L2
// once for all panels. A warp multiplies what its panel has of a band, in steps
// of 16 k: ldmatrix takes a row's address from each lane, so it gathers. Packed
// values go from memory straight to registers, some steps ahead.
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

#include "spmmplu/GPU/SparseGPU.h"
#include "spmmplu/Segmentation/Bands.h"
#include "spmmplu/Segmentation/PanelPairs.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kLanes = 32;

namespace {

/// A block's tile: `panels` panels of `rows` rows. Shared memory holds the ring
/// of bands, a scratch for the store of each warp, and the barriers.
struct BandTile : ChainTile {
  /// Columns of a box: a line of 128 bytes.
  static constexpr int64_t kBoxCols = 64;
  static constexpr int64_t kLineBytes = 128;
  static constexpr int64_t kScratchBytes = 2048;
  int64_t panels;

  int64_t band() const { return step; }
  /// Of the lhs, and of the rhs that one ldmatrix brings.
  int64_t tilesI() const { return rows / 16; }
  int64_t pairsJ() const { return warpCols() / 16; }
  int64_t warps() const { return panels * warpsJ; }
  /// Four warps each, and one that requests copies: registers move between
  /// warpgroups.
  int64_t groups() const { return warps() / 4; }
  int64_t blockThreads() const { return 128 * (groups() + 1); }
  /// Registers of a thread that multiplies.
  int64_t consumerRegisters() const {
    constexpr int64_t counts[] = {0, 232, 240, 160, 112};
    return counts[groups()];
  }
  int64_t accumulators() const { return rows * warpCols() / kLanes; }
  int64_t boxBytes() const { return band() * kLineBytes; }
  int64_t bandBytes() const { return cols / kBoxCols * boxBytes(); }
  int64_t stepBytes() const { return rows * kBandStep * width; }
  int64_t scratchOffset() const { return stages * bandBytes(); }
  int64_t barrierOffset() const {
    return scratchOffset() + warps() * kScratchBytes;
  }
  int64_t blockBytes() const { return barrierOffset() + stages * 16; }
};

/// The packed values of a step and the k of its rows, in a warp's registers.
class StepLoads {
public:
  /// `uniform`: steps that are unrolled together, or 0.
  StepLoads(KernelBuilder &k, const KernelContext &c, const BandTile &tile,
            int64_t steps, int64_t uniform)
      : ahead(getAhead(uniform)), e(k.e), tile(tile), steps(steps),
        values(k.pointer(k.op.getLhs())), entries(k.table(2)),
        fragment(e.vector(tile.perChunk(), c.input)) {}

  void begin(Value lane) {
    values = e.at(values, e.mul(lane, 16));
    entries = e.at(entries, e.mul(e.rem(lane, kBandStep), 4));
  }
  /// Values and k of a step: `count()` registers or vectors. Behind the last
  /// step: any.
  SmallVector<Value> load(Value step) {
    SmallVector<Value> loaded;
    if (steps == 0) { // nothing is there, and nobody multiplies
      loaded.assign(tile.tilesI(), e.zero(fragment));
      loaded.push_back(e.i32(0));
      return loaded;
    }
    Value at = e.widen(e.min(step, e.i32(steps - 1)));
    Value from = e.at(values, e.mul(at, tile.stepBytes()));
    for (int64_t i = 0; i < tile.tilesI(); ++i)
      loaded.push_back(e.load(fragment, e.at(from, i * 512), 16));
    loaded.push_back(
        e.load(e.b.getI32Type(), e.at(entries, e.mul(at, kBandStep * 4)), 4));
    return loaded;
  }
  /// The first steps of a panel.
  SmallVector<Value> loadFirst(Value step) {
    SmallVector<Value> loaded;
    for (int64_t n = 0; n < ahead; ++n)
      llvm::append_range(loaded, load(e.add(step, n)));
    return loaded;
  }
  int64_t count() const { return tile.tilesI() + 1; }

  /// Steps whose values are on their way while one is multiplied.
  const int64_t ahead;

private:
  /// As many as divide those of a round, so that each has its registers and
  /// values need not be moved; more leave too few registers.
  static int64_t getAhead(int64_t uniform) {
    return uniform % 2 != 0 && uniform % 3 == 0 ? 3 : 2;
  }

  DeviceEmitter &e;
  BandTile tile;
  int64_t steps; ///< of all panels
  Value values, entries;
  VectorType fragment;
};

/// What a warp carries from step to step.
struct BandState {
  SmallVector<Value> sums;
  RingState ring;
  Value before;             ///< the slot of the band before this one
  Value step;               ///< of all panels' steps
  SmallVector<Value> loads; ///< those of the next steps

  SmallVector<Value> flatten() const {
    SmallVector<Value> values = sums;
    values.append({ring.slot, ring.phase, before, step});
    llvm::append_range(values, loads);
    return values;
  }
  static BandState get(ValueRange values, size_t sums) {
    ValueRange rest = values.drop_front(sums);
    return {llvm::to_vector(values.take_front(sums)),
            {rest[0], rest[1]},
            rest[2],
            rest[3],
            llvm::to_vector(rest.drop_front(4))};
  }
};

class ChainBandKernel {
public:
  ChainBandKernel(KernelBuilder &k, const KernelContext &c,
                  const BandTile &tile)
      : k(k), e(k.e), async(e), c(c), tile(tile),
        chains(cast<ChainsAttr>(k.op.getTable())),
        bands(llvm::divideCeil(k.op.getExtent(Axis::K), tile.band())),
        groups(llvm::divideCeil(chains.getNumPanels(), tile.panels)),
        steps(getBandSteps(
            chains.getTable(k.op.getExtent(Axis::I), k.op.getExtent(Axis::K)),
            tile.band())),
        uniform(getUniformSteps()),
        rhs(k, k.op.getRhs(), isRhsByColumn(k.op),
            k.op.getStrategy().getPackRhs() ? AlignedMatrix::Reads::Sectors
                                            : AlignedMatrix::Reads::Elements),
        map(k.tensorMap(rhs.describe(tile.band(), BandTile::kBoxCols))),
        loads(k, c, tile, steps.back(), uniform), order(k.table(3)),
        bandSteps(k.table(4)),
        ring(e, 0, tile.bandBytes(), tile.stages, tile.barrierOffset()),
        storer(k, {1, tile.warpCols(), BandTile::kScratchBytes}) {
    cols = k.number(k.hostExtent(Axis::J));
    colTiles = e.div(e.add(cols, tile.cols - 1), tile.cols);
  }

  void emit() {
    k.getFunction()->setAttr("nvvm.minctasm", e.b.getI32IntegerAttr(1));
    Value thread = e.threadId();
    Value warp = e.warpId(thread);
    e.launchNext();
    e.ifThen(e.equal(thread, 0), [&] {
      ring.init(tile.warps());
      async.fenceBarriers();
    });
    e.barrier();
    e.ifThen(
        e.less(warp, tile.warps()),
        [&] { consume(e.rem(thread, kLanes), warp); }, [&] { produce(warp); });
    Value tiles = k.hostMul(k.hostIndex(groups),
                            k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
    Value blocks = k.host.createOrFold<arith::MinSIOp>(
        k.op.getLoc(), tiles, k.hostIndex(kTurnBlocks));
    k.launch(blocks, k.hostIndex(1), tile.blockThreads(), tile.blockBytes());
    rhs.release();
  }

private:
  /// Steps that every panel has of every band; 0 where they differ, or are too
  /// many for one stretch of code.
  int64_t getUniformSteps() const {
    constexpr int64_t kMostSteps = 8;
    int64_t count = steps.size() > 1 ? steps[1] : 0;
    for (size_t at = 0; at < steps.size(); ++at)
      if (steps[at] != int64_t(at) * count)
        return 0;
    return count <= kMostSteps ? count : 0;
  }

  using TileBody = function_ref<SmallVector<Value>(Value index, Value firstCol,
                                                   ValueRange carried)>;
  /// All panels of a column tile follow each other: what one reads of the rhs
  /// others find in the L2.
  SmallVector<Value> forEachTile(ValueRange carried, TileBody body) {
    return e.forRange(e.blockX(), e.mul(colTiles, groups), kTurnBlocks, carried,
                      [&](Value index, ValueRange values) {
                        Value col = e.div(index, groups);
                        return body(index, e.mul(col, tile.cols), values);
                      });
  }

  /// One warpgroup that multiplies may have all that a thread can name.
  void setRegisters(int64_t count) {
    if (tile.groups() > 1)
      async.setRegisters(count, 65536 / tile.blockThreads());
  }

  void produce(Value warp) {
    setRegisters(24);
    e.ifThen(e.equal(warp, tile.warps()),
             [&] { e.ifThen(async.elect(), [&] { copyBands(); }); });
  }

  void copyBands() {
    e.waitForEarlier();
    RingState begin = ring.begin();
    forEachTile({begin.slot, begin.phase}, [&](Value, Value firstCol,
                                               ValueRange carried) {
      return e.forRange(e.i32(0), e.i32(bands), 1, carried,
                        [&](Value band, ValueRange values) {
                          RingState state{values[0], values[1]};
                          copyBand(band, firstCol, state);
                          state = ring.next(state);
                          return SmallVector<Value>{state.slot, state.phase};
                        });
    });
  }

  void copyBand(Value band, Value firstCol, RingState state) {
    Value full = ring.acquire(state);
    Value to = e.at(e.shared(), ring.stage(state.slot));
    for (int64_t box = 0; box < tile.cols / BandTile::kBoxCols; ++box) {
      // A box behind the last column: the tile's first again.
      Value col = e.add(firstCol, box * BandTile::kBoxCols);
      col = e.select(e.less(col, cols), col, firstCol);
      async.copyBox(e.at(to, box * tile.boxBytes()), map,
                    e.mul(band, tile.band()), col, full);
    }
  }

  /// A block's panel may be beyond the last one: its warp does what the last
  /// one's does, but for the store.
  Value panelOf(Value index) {
    Value slot = e.add(e.mul(e.rem(index, groups), tile.panels), warpI);
    return e.loadWord(order, e.min(slot, e.i32(chains.getNumPanels() - 1)));
  }
  Value exists(Value index) {
    Value slot = e.add(e.mul(e.rem(index, groups), tile.panels), warpI);
    return e.less(slot, chains.getNumPanels());
  }
  Value firstStep(Value panel) {
    return uniform ? e.mul(panel, bands * uniform)
                   : e.loadWord(bandSteps, e.mul(panel, bands));
  }

  void consume(Value ofLane, Value warp) {
    setRegisters(tile.consumerRegisters());
    lane = ofLane;
    warpI = e.rem(warp, tile.panels);
    firstOfWarp = e.mul(e.div(warp, tile.panels), tile.warpCols());
    loads.begin(lane);
    storer.begin(lane, e.add(e.mul(warp, BandTile::kScratchBytes),
                             tile.scratchOffset()));
    Value panel = panelOf(e.blockX());
    Value step = firstStep(panel);
    RingState begin = ring.begin();
    SmallVector<Value> carried = {panel, step, begin.slot, begin.phase};
    llvm::append_range(carried, loads.loadFirst(step));
    e.waitForEarlier();
    forEachTile(carried, [&](Value index, Value firstCol, ValueRange values) {
      return multiplyTile(index, firstCol, values);
    });
  }

  /// Carries the tile's panel and first step, the ring, and the loads of the
  /// first steps; the next tile's are requested before this one is stored.
  SmallVector<Value> multiplyTile(Value index, Value firstCol,
                                  ValueRange carried) {
    Value panel = carried[0];
    int64_t count = tile.tilesI() * tile.pairsJ() * 2;
    BandState state{
        SmallVector<Value>(count, e.zero(e.vector(4, c.accumulate))),
        {carried[2], carried[3]},
        e.i32(0),
        carried[1],
        llvm::to_vector(carried.drop_front(4))};
    Value next = panelOf(e.add(index, kTurnBlocks));
    state = uniform ? walkUniform(state) : walkBands(panel, state);
    release(state.before, e.equal(lane, 0));
    Value nextStep = firstStep(next);
    SmallVector<Value> after = {next, nextStep, state.ring.slot,
                                state.ring.phase};
    llvm::append_range(after, loads.loadFirst(nextStep));
    e.ifThen(exists(index), [&] { store(state.sums, panel, firstCol); });
    return after;
  }

  BandState walkUniform(const BandState &start) {
    size_t sums = start.sums.size();
    auto walked = e.forRange(e.i32(0), e.i32(bands), 1, start.flatten(),
                             [&](Value band, ValueRange values) {
                               BandState state = BandState::get(values, sums);
                               enterBand(band, state);
                               for (int64_t n = 0; n < uniform; ++n)
                                 takeStep(state);
                               leaveBand(state);
                               return state.flatten();
                             });
    return BandState::get(walked, sums);
  }

  /// Where bands have their own numbers of steps: where one ends is loaded
  /// while the one before is walked.
  BandState walkBands(Value panel, const BandState &start) {
    size_t sums = start.sums.size();
    Value first = e.mul(panel, bands);
    auto endOf = [&](Value band) {
      Value at = e.add(e.add(first, band), 1);
      return e.loadWord(bandSteps, e.min(at, e.i32(int64_t(steps.size()) - 1)));
    };
    SmallVector<Value> carried = start.flatten();
    carried.push_back(endOf(e.i32(0)));
    carried = e.forRange(
        e.i32(0), e.i32(bands), 1, carried, [&](Value band, ValueRange values) {
          Value endAhead = endOf(e.add(band, 1));
          BandState state = BandState::get(values.drop_back(), sums);
          enterBand(band, state);
          state = BandState::get(
              e.forRange(state.step, values.back(), 1, state.flatten(),
                         [&](Value, ValueRange inner) {
                           BandState here = BandState::get(inner, sums);
                           takeStep(here);
                           return here.flatten();
                         }),
              sums);
          leaveBand(state);
          SmallVector<Value> yields = state.flatten();
          yields.push_back(endAhead);
          return yields;
        });
    carried.pop_back();
    return BandState::get(carried, sums);
  }

  /// A band is given back once the next one is there: ptxas lets an arrival
  /// overtake the ldmatrix before it, but here all products of that band have
  /// been started, which waited for what they read.
  void enterBand(Value band, const BandState &state) {
    ring.waitFull(state.ring);
    release(state.before, e.both(e.equal(lane, 0), e.less(e.i32(0), band)));
  }

  void leaveBand(BandState &state) {
    state.before = state.ring.slot;
    state.ring = ring.next(state.ring);
  }

  void release(Value slot, Value leads) {
    e.ifThen(leads, [&] { ring.release(slot); });
  }

  /// Multiplies one step, whose operands are the first of `loads`.
  void takeStep(BandState &state) {
    int64_t count = loads.count();
    SmallVector<Value> here(ArrayRef<Value>(state.loads).take_front(count));
    state.loads.erase(state.loads.begin(), state.loads.begin() + count);
    llvm::append_range(state.loads, loads.load(e.add(state.step, loads.ahead)));
    state.step = e.add(state.step, 1);
    multiply(ring.stage(state.ring.slot), here.back(),
             ArrayRef<Value>(here).drop_back(), state.sums);
  }

  void multiply(Value stage, Value row, ArrayRef<Value> lhs,
                SmallVectorImpl<Value> &sums) {
    // The lane's row of a box, a line of the swizzle, and its half of 16
    // columns; a pair further on changes two bits of the address.
    row = e.bitAnd(row, tile.band() - 1);
    Value chunk = e.bitXor(e.bitAnd(row, 7), e.div(lane, 16));
    Value place = e.add(e.mul(row, BandTile::kLineBytes), e.mul(chunk, 16));
    int64_t perBox = BandTile::kBoxCols / 16;
    Value boxes = e.add(
        stage, e.mul(e.div(firstOfWarp, BandTile::kBoxCols), tile.boxBytes()));
    for (int64_t pair = 0; pair < tile.pairsJ(); ++pair) {
      Value at = e.add(boxes, e.bitXor(place, e.i32(pair % perBox * 32)));
      SmallVector<Value> words = e.loadMatrix(
          e.at(e.at(e.shared(), at), pair / perBox * tile.boxBytes()), 4,
          /*transpose=*/true);
      for (int64_t half = 0; half < 2; ++half) {
        Value b = e.pack(ValueRange(words).slice(2 * half, 2), c.input);
        for (auto [i, a] : llvm::enumerate(lhs)) {
          Value &sum = sums[(i * tile.pairsJ() + pair) * 2 + half];
          sum = MmaOp::create(e.b, e.loc, sum.getType(), a, b, sum, Value(), 0);
        }
      }
    }
  }

  void store(ArrayRef<Value> sums, Value panel, Value firstCol) {
    int64_t perSlab = tile.pairsJ() * 2;
    for (int64_t i = 0; i < tile.tilesI(); ++i) {
      SmallVector<Value> elements;
      for (Value sum : sums.slice(i * perSlab, perSlab))
        for (int64_t n = 0; n < 4; ++n)
          elements.push_back(e.extract(sum, n));
      storer.store(e.fromElements(elements),
                   e.add(e.mul(panel, tile.rows), i * 16),
                   e.add(firstCol, firstOfWarp), cols);
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const KernelContext &c;
  BandTile tile;
  ChainsAttr chains;
  int64_t bands, groups;
  std::vector<int32_t> steps; ///< `getBandSteps`
  int64_t uniform;
  AlignedMatrix rhs;
  Value map;
  StepLoads loads;
  Value order, bandSteps;
  StageRing ring;
  SlabStore storer;
  Value cols, colTiles; ///< N, i32
  Value lane, warpI, firstOfWarp;
};

} // namespace

/// What the emission above relies on.
static LogicalResult verify(KernelOp op, const KernelContext &c,
                            const BandTile &tile) {
  // Operands and addresses beside the accumulators.
  constexpr int64_t kOther = 32, kMostWarps = 16;
  bool fits = !tile.sparse && tile.width == 2 && c.accumulate.isF32() &&
              tile.depth == 1 && tile.stages >= 2 && tile.warpsI == 1 &&
              c.strategy.getSplit() == 1 && tile.rows % 16 == 0 &&
              tile.cols % (BandTile::kBoxCols * tile.warpsJ) == 0 &&
              tile.band() % kBandStep == 0 && tile.warps() % 4 == 0 &&
              tile.warps() <= kMostWarps &&
              tile.accumulators() + kOther <= tile.consumerRegisters();
  if (!fits)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy();
  if (tile.blockBytes() > WarpgroupTile::kSharedBytes)
    return op.emitOpError("has stages that take ")
           << tile.blockBytes() << " bytes of shared memory, expected at most "
           << WarpgroupTile::kSharedBytes;
  return success();
}

LogicalResult mlir::spmmplu::emitChainBandKernel(KernelBuilder &k,
                                                 const KernelContext &c) {
  BandTile tile{ChainTile::get(k.op, c), c.strategy.getPanels()};
  tile.rhsByRow = true; // if need be of a transposed copy
  if (failed(verify(k.op, c, tile)) || failed(verifyRhsLines(k.op)))
    return failure();
  ChainBandKernel(k, c, tile).emit();
  return success();
}
