//===- ChainGatherKernel.cpp - Chains of an lhs in place -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For an lhs whose values change from call to call: it stays where it is, and
// of it and of the rhs only the cells that the table lists are read, by
// cp.async into a ring of stages, for mma.sync. A stage has the cells of a
// step, one after the other: the panel's rows by `depth` k, then these k by the
// block's columns. The last step of a chain may have fewer; what is missing is
// zeros.
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"
#include "CopyRing.h"
#include "OutputTile.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class ChainGatherKernel {
public:
  ChainGatherKernel(KernelBuilder &k, const KernelContext &c, ChainTile tile)
      : k(k), e(k.e), c(c), tile(tile), place(TilePlace::get(e)),
        lhs(k.e, SlicedOperand(k, c, Role::Lhs),
            {/*listsX=*/true, tile.rows, tile.depth, tile.threads()}),
        rhs(k.e, SlicedOperand(k, c, Role::Rhs),
            {/*listsX=*/true, tile.depth, tile.cols, tile.threads(),
             /*asRun=*/!tile.rhsByRow}),
        ring(
            e, tile.stages, tile.stageBytes(),
            [this](Value, ValueRange fetched, Value stage) {
              request(fetched, stage);
            },
            [this](Value step) { return fetch(step); }) {}

  void emit() {
    begin();
    ring.begin(steps);
    int64_t count = tile.warpRows() / 16 * (tile.warpCols() / 8);
    SmallVector<Value> sums(count, e.zero(e.vector(4, c.accumulate)));
    sums =
        ring.walk(sums, [&](Value, Value stage, SmallVectorImpl<Value> &state) {
          multiply(stage, state);
        });
    e.waitCopies(0);
    e.barrier(); // the ring becomes the store's scratch
    TileStore store(k, tile, getSlicedOutput(k, c));
    store.begin(panel, firstCol, cols);
    store.write(sums, place.lane, warpI, warpJ);
    e.barrier();
    store.flush(place.thread, panel, firstCol, cols);
    auto chains = cast<ChainsAttr>(k.op.getTable());
    Value grid = k.hostMul(k.hostIndex(chains.getNumPanels()),
                           k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
    k.launch(grid, c.batch.count ? c.batch.count : k.hostIndex(1),
             tile.threads(), std::max(ring.bytes(), store.bytes()));
  }

private:
  /// Cells of a step.
  int64_t cells() const { return tile.step / tile.depth; }
  int64_t cellBytes() const { return tile.stageBytes() / cells(); }

  /// Finds the block's panel, its columns and its chain.
  void begin() {
    rows = k.number(k.hostExtent(Axis::I));
    cols = k.number(k.hostExtent(Axis::J));
    depth = k.number(k.hostExtent(Axis::K));
    entries = k.table(2);
    warpI = e.rem(place.warp, tile.warpsI);
    warpJ = e.div(place.warp, tile.warpsI);
    int64_t panels = cast<ChainsAttr>(k.op.getTable()).getNumPanels();
    Value block = k.block(), chainPtr = k.table(1);
    panel = e.loadWord(k.table(3), e.rem(block, panels));
    firstCol = e.mul(e.div(block, panels), tile.cols);
    firstEntry = e.loadWord(chainPtr, panel);
    entryCount = e.sub(e.loadWord(chainPtr, e.add(panel, 1)), firstEntry);
    steps = e.div(e.add(entryCount, cells() - 1), cells());
    panelIndices =
        lhs.fetch(place.thread, e.at(k.table(0), e.mul(panel, tile.rows * 4)));
  }

  //===--------------------------------------------------------------------===//
  // The pipeline
  //===--------------------------------------------------------------------===//

  /// The first k of each of the step's cells; beyond the chain's end the k
  /// after the last, where everything is zero.
  SmallVector<Value> fetch(Value step) {
    SmallVector<Value> firsts;
    for (int64_t n = 0; n < cells(); ++n) {
      Value at = e.add(e.mul(step, cells()), n);
      Value exists = e.less(at, entryCount);
      firsts.push_back(e.ifValue(
          exists, [&] { return e.loadWord(entries, e.add(firstEntry, at)); },
          [&] { return depth; }));
    }
    return firsts;
  }

  void request(ValueRange firsts, Value stage) {
    for (auto [n, first] : llvm::enumerate(firsts)) {
      Value to = e.at(e.at(e.shared(), stage), n * cellBytes());
      lhs.request(place.thread, panelIndices, first, depth, rows, to);
      rhs.request(place.thread, getLines(first), firstCol, cols, depth,
                  e.at(to, lhs.bytes()));
    }
  }

  /// The k of the chunks of the rhs that this thread copies, -1 beyond the end.
  SmallVector<Value> getLines(Value first) {
    SmallVector<Value> lines;
    int64_t chunks = rhs.bytes() / kChunkBytes;
    for (int64_t at = 0; at < chunks; at += tile.threads()) {
      Value chunk = e.add(place.thread, at);
      Value local = tile.rhsByRow ? e.div(chunk, tile.cols / 8)
                                  : e.mul(e.rem(chunk, tile.depth / 8), 8);
      Value line = e.add(first, local);
      lines.push_back(e.select(e.less(line, depth), line, e.i32(-1)));
    }
    return lines;
  }

  void multiply(Value stage, SmallVectorImpl<Value> &sums) {
    Value row = e.mul(warpI, tile.warpRows());
    Value column = e.mul(warpJ, tile.warpCols());
    for (int64_t n = 0; n < cells(); ++n) {
      Value left = e.at(stage, n * cellBytes());
      Value right = e.at(left, lhs.bytes());
      for (int64_t at = 0; at < tile.depth; at += 16) {
        SmallVector<Value> fragments;
        for (int64_t i = 0; i < tile.warpRows(); i += 16)
          fragments.push_back(loadLhsFragment(e, lhs, left, place.lane,
                                              e.add(row, i), at / 8, c.input));
        multiplyFragments(e, fragments, rhs, right, place.lane, column, at,
                          c.input, tile.rhsByRow, sums);
      }
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  TilePlace place;
  LineTile lhs, rhs; ///< of a cell
  CopyRing ring;
  Value rows, cols, depth, entries; ///< M, N, K and the table of cells
  Value panel, firstCol, firstEntry, entryCount, steps, warpI, warpJ;
  SmallVector<Value> panelIndices;
};

} // namespace

LogicalResult mlir::spmmplu::emitChainGatherKernel(KernelBuilder &k,
                                                   const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  auto chains = cast<ChainsAttr>(k.op.getTable());
  auto isSwizzled = [](int64_t columns) {
    int64_t chunks = columns / 8;
    return chunks > 0 && (chunks % 8 == 0 || llvm::isPowerOf2_64(chunks));
  };
  if (tile.rows != chains.getRows() || tile.depth != chains.getDepth() ||
      tile.rows % (16 * tile.warpsI) || tile.cols % (16 * tile.warpsJ) ||
      tile.depth % 16 || tile.step % tile.depth || tile.stages < 2 ||
      chains.getPhases() != 1 || !isSwizzled(tile.depth) ||
      !isSwizzled(tile.cols))
    return k.op.emitOpError("has a strategy that its kernel cannot take: ")
           << c.strategy << " with cells of " << chains.getRows() << "x"
           << chains.getDepth();
  if (c.input.isF32() || c.intrinsic.sparse)
    return k.op.emitOpError("has no kernel for an lhs that is not packed with "
                            "the intrinsic '")
           << c.strategy.getIntrinsic() << "'";
  k.takeBatch(c.batch.count);
  ChainGatherKernel(k, c, tile).emit();
  return success();
}
