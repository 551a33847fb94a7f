//===- OutputTileKernel.cpp - Output tiles on mma.sync ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block walks its part of all tiles (`TileFeed`). The granules' columns come
// by cp.async into a ring of stages, `step` k each. Where one step is all of k
// the panel's rows come with its first tile and stay in registers for the next
// ones; else their part of the step comes with each stage.
//
//===----------------------------------------------------------------------===//

#include "AsyncEmitter.h"
#include "CopyRing.h"
#include "OutputTileFeed.h"
#include "ValuesOperand.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Sizes in elements, bytes where the name says so.
struct OutputTile {
  /// The first records of a block are read by a thread each.
  static constexpr int64_t kMaxStages = 16;

  int64_t rows, cols, step, stages, warpsI, warpsJ;
  bool isResident;  ///< one step is all of k
  bool rhsByRow;    ///< the rhs tile is [k][j]; else [j][k]
  bool isWarpgroup; ///< products are of wgmma, whose rhs is in shared memory

  static OutputTile get(KernelOp op, GranuleShape granules, IntrinsicUnit unit);

  int64_t threads() const { return warpsI * warpsJ * 32; }
  int64_t warpRows() const { return rows / warpsI; }
  int64_t warpCols() const { return cols / warpsJ; }
  int64_t lhsBytes() const { return rows * step * 2; }
  int64_t rhsBytes() const { return cols * step * 2; }
  /// What a stage has of the operands: columns, then rows.
  int64_t operandBytes() const { return rhsBytes() + lhsBytes(); }
};

} // namespace

OutputTile OutputTile::get(KernelOp op, GranuleShape granules,
                           IntrinsicUnit unit) {
  auto table = cast<TilesAttr>(op.getTable());
  StrategyAttr s = op.getStrategy();
  int64_t depth = op.getExtent(Axis::K);
  AffineMap map = op.getMap(Role::Rhs);
  bool contiguousInJ =
      map.getNumResults() > 0 && map.getResult(map.getNumResults() - 1) ==
                                     getAffineDimExpr(1, op.getContext());
  return {table.getRows(),
          table.getCols(),
          s.getStep(),
          s.getStages(),
          s.getWarpsI(),
          s.getWarpsJ(),
          !ShapedType::isDynamic(depth) && depth <= s.getStep(),
          contiguousInJ && granules.runs && granules.aligned,
          unit == IntrinsicUnit::WarpgroupMatrix};
}

namespace {

class OutputTileKernel {
public:
  OutputTileKernel(KernelBuilder &k, const KernelContext &c, OutputTile tile,
                   GranuleShape granules)
      : k(k), e(k.e), async(e), c(c), tile(tile), place(TilePlace::get(e)),
        lhs(k.e, SlicedOperand(k, c, Role::Lhs, SlicedOperand::All),
            {/*listsX=*/true, tile.rows, tile.step, tile.threads()}),
        rhs(k.e, SlicedOperand(k, c, Role::Rhs, SlicedOperand::All),
            {/*listsX=*/false, tile.cols, tile.step, tile.threads(),
             tile.rhsByRow}),
        feed(k, c,
             {tile.rows, tile.cols, tile.stages, tile.threads(),
              bool(k.op.getOutPlaces())}),
        ring(e, tile.stages, tile.operandBytes() + feed.stageBytes(),
             [this](Value step, ValueRange, Value stage) {
               request(step, stage);
             }) {
    MaskedStore::Shape shape{tile.rows, tile.cols, tile.warpRows(),
                             tile.warpCols(), tile.warpsI * tile.warpsJ};
    if (k.op.getOutPlaces())
      values.emplace(k, c, shape);
    else
      store.emplace(k, c, shape, granules, readTables(k));
  }

  void emit() {
    // So many blocks share an SM, as far as its registers allow.
    constexpr int64_t kRegisters = 64 * 1024, kOfThread = 128;
    int64_t fit = std::clamp<int64_t>(kRegisters / kOfThread / tile.threads(),
                                      1, c.strategy.getSplit());
    k.getFunction()->setAttr("nvvm.minctasm",
                             e.b.getI32IntegerAttr(int32_t(fit)));
    e.launchNext();
    depth = k.number(k.hostExtent(Axis::K));
    cols = k.number(k.hostExtent(Axis::J));
    rows = k.number(k.hostExtent(Axis::I));
    chunks = e.i32(1);
    if (!tile.isResident)
      chunks = e.max(e.div(e.add(depth, tile.step - 1), tile.step), chunks);
    place.row = e.mul(e.rem(place.warp, tile.warpsI), tile.warpRows());
    place.col = e.mul(e.div(place.warp, tile.warpsI), tile.warpCols());
    Value steps = feed.begin(chunks);
    Value memory = e.at(e.shared(), ring.bytes());
    scratch = e.at(memory, feed.bytes());
    if (values)
      values->clear(scratch, place.warp, place.lane);
    feed.prologue(place.thread, memory);
    e.waitForEarlier(); // which may write the operands, or read the result
    if (tile.isWarpgroup)
      ring.onLanding([this] { async.fenceProxy(); });
    ring.begin(steps);
    if (tile.isResident)
      walkResident();
    else
      walkSteps();
    e.waitCopies(0);
    k.launch(feed.launched(), k.hostIndex(1), tile.threads(),
             ring.bytes() + feed.bytes() +
                 (values ? values->bytes() : store->bytes()));
  }

private:
  static SmallVector<Value> readTables(KernelBuilder &k) {
    SmallVector<Value> tables;
    for (int64_t part = PanelRows; part <= Masks; ++part)
      tables.push_back(k.table(part));
    return tables;
  }

  struct Place : TilePlace {
    Place(TilePlace place) : TilePlace(place) {}
    Value row, col; ///< of the warp's part of the tile
  };

  //===--------------------------------------------------------------------===//
  // The pipeline
  //===--------------------------------------------------------------------===//

  Value chunkOf(Value step) {
    return arith::RemUIOp::create(e.b, e.loc, step, chunks).getResult();
  }

  /// Whether the panel's rows come with the tile, and stay for the next ones.
  Value bringsPanel(Value step) {
    Value isFirst = feed.record(step).isFirst;
    return arith::OrIOp::create(e.b, e.loc, isFirst, feed.isFirstTile(step));
  }

  void request(Value step, Value offset) {
    Value slice = feed.find(step).slice;
    Value first = tile.isResident ? e.i32(0) : e.mul(chunkOf(step), tile.step);
    Value to = e.at(e.shared(), offset);
    rhs.moveTo(slice);
    rhs.request(place.thread, rhs.fetch(place.thread, feed.columns(step)),
                first, depth, cols, to);
    auto requestLhs = [&] {
      lhs.moveTo(slice);
      lhs.request(place.thread, lhs.fetch(place.thread, feed.rows(step)), first,
                  depth, rows, e.at(to, tile.rhsBytes()));
    };
    if (tile.isResident)
      e.ifThen(bringsPanel(step), requestLhs);
    else
      requestLhs();
    feed.request(place.thread, step, e.at(to, tile.operandBytes()));
  }

  //===--------------------------------------------------------------------===//
  // Products
  //===--------------------------------------------------------------------===//

  /// The panel's rows of all of k: [k][row].
  SmallVector<Value> loadPanel(Value stage) {
    SmallVector<Value> fragments;
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
      for (int64_t i = 0; i < tile.warpRows(); i += 16)
        fragments.push_back(loadLhs(stage, i, at));
    return fragments;
  }

  void walkResident() {
    int64_t tilesI = tile.warpRows() / 16;
    SmallVector<Value> none(tile.step / c.intrinsic.k * tilesI,
                            e.zero(e.vector(8, c.input)));
    ring.walk(none,
              [&](Value step, Value stage, SmallVectorImpl<Value> &fragments) {
                fragments = e.ifValues(
                    bringsPanel(step), [&] { return loadPanel(stage); },
                    [&] { return llvm::to_vector(fragments); });
                SmallVector<Value> sums = zeros();
                multiply(fragments, stage, sums);
                finish(step, stage, sums);
              });
  }

  void walkSteps() {
    ring.walk(zeros(),
              [&](Value step, Value stage, SmallVectorImpl<Value> &sums) {
                multiply(loadPanel(stage), stage, sums);
                Value isLast = e.compare(arith::CmpIPredicate::eq,
                                         e.add(chunkOf(step), 1), chunks);
                e.ifThen(isLast, [&] { finish(step, stage, sums); });
                for (auto [sum, none] : llvm::zip(sums, zeros()))
                  sum = e.select(isLast, none, sum);
              });
  }

  /// A warp's sums: [16 rows][8 columns] fragments, of wgmma as one vector.
  SmallVector<Value> zeros() {
    int64_t count = tile.warpRows() / 16 * (tile.warpCols() / 8);
    if (tile.isWarpgroup)
      return {e.zero(e.vector(4 * count, c.accumulate))};
    return SmallVector<Value>(count, e.zero(e.vector(4, c.accumulate)));
  }

  SmallVector<Value> getFragments(ValueRange sums) {
    if (!tile.isWarpgroup)
      return llvm::to_vector(sums);
    SmallVector<Value> fragments;
    for (int64_t j = 0; j < tile.cols; j += 8)
      fragments.push_back(e.slice(sums[0], j / 2, 4));
    return fragments;
  }

  Value loadLhs(Value stage, int64_t i, int64_t at) {
    return loadLhsFragment(e, lhs, e.at(stage, tile.rhsBytes()), place.lane,
                           e.add(place.row, i), at / 8, c.input);
  }

  /// Adds the products of a step with what `loadPanel` loaded.
  void multiply(ArrayRef<Value> fragments, Value stage,
                SmallVectorImpl<Value> &sums) {
    int64_t tilesI = tile.warpRows() / 16;
    if (tile.isWarpgroup)
      return multiplyByWarpgroup(fragments, stage, sums);
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
      multiplyFragments(e, fragments.slice(at / c.intrinsic.k * tilesI, tilesI),
                        rhs, stage, place.lane, place.col, at, c.input,
                        rhs.isRun(), sums);
  }

  /// Lines of a tile are 128 bytes, in the order of its swizzle of 128 bytes.
  void multiplyByWarpgroup(ArrayRef<Value> fragments, Value stage,
                           SmallVectorImpl<Value> &sums) {
    Value address =
        LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI32Type(), stage);
    Value columns = async.descriptor(address, 16, 1024);
    async.fenceWgmma();
    for (auto [n, rows] : llvm::enumerate(fragments)) {
      int64_t at = int64_t(n) * c.intrinsic.k;
      Value from = e.add(columns, at * (rhs.isRun() ? 128 : 2) / 16);
      sums[0] = WgmmaOp::create(e.b, e.loc, sums[0].getType(), c.input, rows,
                                from, sums[0], Value(), uint32_t(0),
                                /*transpose_b=*/rhs.isRun());
    }
    async.commitWgmma();
    sums[0] = async.waitWgmma(0, sums)[0];
  }

  void finish(Value step, Value stage, ValueRange products) {
    SmallVector<Value> sums = getFragments(products);
    auto [slice, at] = feed.find(step);
    TileFeed::Record record = feed.record(step);
    if (values) {
      Value runs = e.at(stage, tile.operandBytes());
      return values->write(
          sums, scratch, place.warp, place.lane, slice, record.areRanges,
          values->fetch(runs, place.lane, place.row, place.col,
                        feed.isFirstTile(step), feed.isLastTile(step)));
    }
    store->write(sums, scratch, place.warp, place.lane,
                 {slice, at, record.panel, record.granule}, place.row,
                 place.col);
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const KernelContext &c;
  OutputTile tile;
  Place place;
  LineTile lhs, rhs;
  TileFeed feed;
  CopyRing ring;
  std::optional<MaskedStore> store; ///< into a matrix
  std::optional<ValueStore> values; ///< or into values of places
  Value depth, rows, cols;          ///< K, M and N
  Value chunks, scratch;
};

} // namespace

/// What the emission above relies on.
static LogicalResult verify(KernelOp op, const KernelContext &c,
                            const OutputTile &tile) {
  auto isSwizzled = [](int64_t chunks) {
    return chunks > 0 && (chunks % 8 == 0 || llvm::isPowerOf2_64(chunks));
  };
  bool fits = tile.rows % (16 * tile.warpsI) == 0 &&
              tile.cols % (16 * tile.warpsJ) == 0 &&
              tile.step % c.intrinsic.k == 0 && tile.stages >= 2 &&
              tile.stages <= OutputTile::kMaxStages &&
              isSwizzled(tile.step / 8) &&
              isSwizzled(tile.rhsByRow ? tile.cols / 8 : 1);
  if (tile.isWarpgroup)
    fits &= tile.rows == 64 && tile.cols == 64 && tile.step == 64 &&
            tile.warpsI == 4 && tile.warpsJ == 1;
  if (!fits)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy() << " with tiles of " << tile.rows << "x"
           << tile.cols;
  if (c.input.isF32() || c.intrinsic.sparse)
    return op.emitOpError("has no kernel for output tiles with the intrinsic '")
           << op.getStrategy().getIntrinsic() << "'";
  return success();
}

LogicalResult mlir::spmmplu::emitOutputTileKernel(KernelBuilder &k,
                                                  const KernelContext &c) {
  GranuleShape granules = GranuleShape::get(cast<TilesAttr>(k.op.getTable()));
  OutputTile tile = OutputTile::get(k.op, granules, c.intrinsic.unit);
  if (failed(verify(k.op, c, tile)))
    return failure();
  k.takeBatch(Value()); // blocks take tiles of any slice
  OutputTileKernel(k, c, tile, granules).emit();
  return success();
}
