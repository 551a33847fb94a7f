//===- OutputTileKernel.cpp - Output tiles on mma.sync ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block takes a task, some tiles of a panel, and walks them. The granules'
// columns come by cp.async into a ring of stages, `step` k each. Where one step
// is all of k the panel's rows stay in registers for all tiles; else their part
// of the step comes with each stage.
//
//===----------------------------------------------------------------------===//

#include "CopyRing.h"
#include "ValuesOperand.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Sizes in elements, bytes where the name says so.
struct OutputTile {
  int64_t rows, cols, step, stages, warpsI, warpsJ;
  bool isResident; ///< one step is all of k
  bool rhsByRow;   ///< the rhs tile is [k][j]; else [j][k]

  static OutputTile get(KernelOp op, GranuleShape granules);

  int64_t threads() const { return warpsI * warpsJ * 32; }
  int64_t warpRows() const { return rows / warpsI; }
  int64_t warpCols() const { return cols / warpsJ; }
  int64_t lhsBytes() const { return rows * step * 2; }
  int64_t rhsBytes() const { return cols * step * 2; }
  int64_t stageBytes() const {
    return rhsBytes() + (isResident ? 0 : lhsBytes());
  }
};

} // namespace

OutputTile OutputTile::get(KernelOp op, GranuleShape granules) {
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
          contiguousInJ && granules.runs && granules.aligned};
}

namespace {

class OutputTileKernel {
public:
  OutputTileKernel(KernelBuilder &k, const KernelContext &c, OutputTile tile,
                   GranuleShape granules)
      : k(k), e(k.e), c(c), tile(tile), place(TilePlace::get(e)),
        tables(readTables(k)),
        lhs(k.e, SlicedOperand(k, c, Role::Lhs),
            {/*listsX=*/true, tile.rows, tile.step, tile.threads()}),
        rhs(k.e, SlicedOperand(k, c, Role::Rhs),
            {/*listsX=*/false, tile.cols, tile.step, tile.threads(),
             tile.rhsByRow}),
        ring(
            e, tile.stages, tile.stageBytes(),
            [this](Value step, ValueRange indices, Value stage) {
              request(step, indices, stage);
            },
            [this](Value step) { return granuleOf(step); },
            [this](Value granule) { return fetch(granule); }) {
    MaskedStore::Shape shape{tile.rows, tile.cols, tile.warpRows(),
                             tile.warpCols(), tile.warpsI * tile.warpsJ};
    if (k.op.getOutPlaces())
      values.emplace(k, c, shape, k.table(Masks + 1));
    else
      store.emplace(k, c, shape, granules, tables);
  }

  void emit() {
    begin();
    scratch = e.at(e.shared(), ring.bytes());
    prologue();
    if (tile.isResident)
      walkResident();
    else
      walkSteps();
    e.waitCopies(0);
    // The panel's rows are in registers before the first tile is stored.
    int64_t extra = std::max(values ? values->bytes() : store->bytes(),
                             tile.isResident ? tile.lhsBytes() : 0);
    int64_t words = cast<MemRefType>(tasks().getType()).getDimSize(0);
    k.launch(k.hostIndex(words / kTaskWords),
             c.batch.count ? c.batch.count : k.hostIndex(1), tile.threads(),
             ring.bytes() + extra);
  }

private:
  /// Of a task: panel, first tile, one past the last.
  static constexpr int64_t kTaskWords = 3;

  Value tasks() { return k.op.getTables().back(); }

  static SmallVector<Value> readTables(KernelBuilder &k) {
    SmallVector<Value> tables;
    for (int64_t part = PanelRows; part <= Masks; ++part)
      tables.push_back(k.table(part));
    return tables;
  }

  Value wordAt(TilePart part, Value index) {
    return e.loadWord(tables[part], index);
  }

  /// Finds the block's panel, its tiles, and the steps of the pipeline.
  void begin() {
    depth = k.number(k.hostExtent(Axis::K));
    cols = k.number(k.hostExtent(Axis::J));
    rows = k.number(k.hostExtent(Axis::I));
    Value task = e.at(k.pointer(tasks()), e.mul(k.block(), kTaskWords * 4));
    auto word = [&](int64_t n) {
      return e.load(e.b.getI32Type(), e.at(task, n * 4), 4);
    };
    panel = word(0);
    firstTile = word(1);
    Value tileCount = e.sub(word(2), firstTile);
    panelList = e.at(tables[PanelRows], e.mul(panel, tile.rows * 4));
    chunks = e.i32(1);
    if (!tile.isResident)
      chunks = e.max(e.div(e.add(depth, tile.step - 1), tile.step), chunks);
    steps = e.mul(tileCount, chunks);
    place.row = e.mul(e.rem(place.warp, tile.warpsI), tile.warpRows());
    place.col = e.mul(e.div(place.warp, tile.warpsI), tile.warpCols());
  }

  struct Place : TilePlace {
    Place(TilePlace place) : TilePlace(place) {}
    Value row, col; ///< of the warp's part of the tile
  };

  //===--------------------------------------------------------------------===//
  // The pipeline
  //===--------------------------------------------------------------------===//

  Value tileOf(Value step) {
    Value within =
        tile.isResident
            ? step
            : arith::DivUIOp::create(e.b, e.loc, step, chunks).getResult();
    return e.add(firstTile, within);
  }

  /// The step's granule; the last step's beyond the end, so that no read leads
  /// out of the table.
  Value granuleOf(Value step) {
    return wordAt(Tiles, tileOf(e.min(step, e.sub(steps, e.i32(1)))));
  }

  /// The granule's columns.
  SmallVector<Value> fetch(Value granule) {
    return rhs.fetch(place.thread,
                     e.at(tables[GranuleCols], e.mul(granule, tile.cols * 4)));
  }

  void request(Value step, ValueRange indices, Value stage) {
    Value first = e.i32(0);
    if (!tile.isResident)
      first =
          e.mul(arith::RemUIOp::create(e.b, e.loc, step, chunks).getResult(),
                tile.step);
    Value to = e.at(e.shared(), stage);
    rhs.request(place.thread, indices, first, depth, cols, to);
    if (!tile.isResident)
      lhs.request(place.thread, panelIndices, first, depth, rows,
                  e.at(to, tile.rhsBytes()));
  }

  void prologue() {
    panelIndices = lhs.fetch(place.thread, panelList);
    if (tile.isResident)
      lhs.request(place.thread, panelIndices, e.i32(0), depth, rows, scratch);
    ring.begin(steps);
  }

  //===--------------------------------------------------------------------===//
  // Products
  //===--------------------------------------------------------------------===//

  void walkResident() {
    ring.wait();
    SmallVector<Value> fragments;
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
      for (int64_t i = 0; i < tile.warpRows(); i += 16)
        fragments.push_back(loadLhs(scratch, i, at));
    ring.walk({}, [&](Value step, Value stage, SmallVectorImpl<Value> &) {
      SmallVector<Value> sums = zeros();
      // Read while the products are computed.
      SmallVector<DeviceRun> runs = fetchRuns(step);
      int64_t tilesI = tile.warpRows() / 16;
      for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
        multiply(ArrayRef<Value>(fragments).slice(at / c.intrinsic.k * tilesI,
                                                  tilesI),
                 stage, at, sums);
      finish(step, sums, runs);
    });
  }

  SmallVector<DeviceRun> fetchRuns(Value step) {
    if (!values)
      return {};
    return values->fetch(tileOf(step), place.lane, place.row, place.col);
  }

  void walkSteps() {
    ring.walk(
        zeros(), [&](Value step, Value stage, SmallVectorImpl<Value> &sums) {
          for (int64_t at = 0; at < tile.step; at += c.intrinsic.k) {
            SmallVector<Value> fragments;
            for (int64_t i = 0; i < tile.warpRows(); i += 16)
              fragments.push_back(loadLhs(e.at(stage, tile.rhsBytes()), i, at));
            multiply(fragments, stage, at, sums);
          }
          Value chunk =
              arith::RemUIOp::create(e.b, e.loc, step, chunks).getResult();
          Value isLast =
              e.compare(arith::CmpIPredicate::eq, e.add(chunk, 1), chunks);
          e.ifThen(isLast, [&] { finish(step, sums, fetchRuns(step)); });
          Value none = e.zero(e.vector(4, c.accumulate));
          for (Value &sum : sums)
            sum = e.select(isLast, none, sum);
        });
  }

  SmallVector<Value> zeros() {
    int64_t count = tile.warpRows() / 16 * (tile.warpCols() / 8);
    return SmallVector<Value>(count, e.zero(e.vector(4, c.accumulate)));
  }

  Value loadLhs(Value shared, int64_t i, int64_t at) {
    return loadLhsFragment(e, lhs, shared, place.lane, e.add(place.row, i),
                           at / 8, c.input);
  }

  void multiply(ArrayRef<Value> fragments, Value stage, int64_t at,
                SmallVectorImpl<Value> &sums) {
    multiplyFragments(e, fragments, rhs, stage, place.lane, place.col, at,
                      c.input, rhs.isRun(), sums);
  }

  void finish(Value step, ValueRange sums, ArrayRef<DeviceRun> runs) {
    Value at = tileOf(step);
    if (values)
      return values->write(sums, scratch, place.warp, place.lane, runs);
    store->write(sums, scratch, place.warp, place.lane, panel, at,
                 wordAt(Tiles, at), place.row, place.col);
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  OutputTile tile;
  Place place;
  SmallVector<Value> tables;
  LineTile lhs, rhs;
  CopyRing ring;
  std::optional<MaskedStore> store; ///< into a matrix
  std::optional<ValueStore> values; ///< or into values of places
  Value depth, rows, cols;          ///< K, M and N
  Value panel, panelList, firstTile, chunks, steps, scratch;
  SmallVector<Value> panelIndices;
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
              isSwizzled(tile.step / 8) &&
              isSwizzled(tile.rhsByRow ? tile.cols / 8 : 1);
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
  OutputTile tile = OutputTile::get(k.op, granules);
  if (failed(verify(k.op, c, tile)))
    return failure();
  k.takeBatch(c.batch.count);
  OutputTileKernel(k, c, tile, granules).emit();
  return success();
}
