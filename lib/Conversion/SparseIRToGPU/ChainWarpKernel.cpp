//===- ChainWarpKernel.cpp - Chains on mma.sync ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block computes a panel by a tile of columns and walks the panel's chain
// with its accumulators in registers. Packed values (and metadata) of a step
// are contiguous; rows of the rhs are gathered by the table's entries. Both
// come by cp.async into a ring of stages. The rhs tile lies as the rhs does,
// [k][j] or [j][k], in 16-byte chunks that are swizzled so that the eight rows
// of an ldmatrix fall into different banks.
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"
#include "CopyRing.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Where a warp stands in its block, and a lane in its warp.
struct WarpPlace {
  Value lane, warpI, warpJ;
};

class ChainWarpKernel {
public:
  ChainWarpKernel(KernelBuilder &k, const KernelContext &c, ChainTile tile)
      : k(k), e(k.e), c(c), tile(tile), copies(k, c, tile),
        ring(e, tile.stages, tile.stageBytes(),
             [this](Value step, ValueRange, Value stage) {
               copies.request(step, stage);
             }),
        rhs(e, c, tile, copies) {}

  void emit() {
    place();
    copies.begin(thread);
    ring.begin(copies.steps());
    makeOffsets();
    int64_t count = tile.warpRows() / 16 * (tile.warpCols() / 8);
    SmallVector<Value> accumulators(count, e.zero(e.vector(4, c.accumulate)));
    accumulators = ring.walk(
        accumulators, [&](Value, Value stage, SmallVectorImpl<Value> &sums) {
          multiply(stage, sums);
        });
    e.waitCopies(0);
    e.barrier(); // the ring becomes the store's scratch
    TileStore store(k, c, tile, copies.out);
    store.begin(copies.panel, copies.firstCol, copies.cols);
    store.write(accumulators, warp.lane, warp.warpI, warp.warpJ);
    e.barrier();
    store.flush(thread, copies.panel, copies.firstCol, copies.cols);
    Value grid = k.hostMul(k.hostIndex(copies.panels()),
                           k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
    k.launch(grid, k.hostIndex(1), tile.threads(),
             std::max(ring.bytes(), store.bytes()));
    copies.finish();
  }

private:
  void place() {
    thread = e.threadId();
    Value id = e.warpId(thread);
    warp.lane = e.rem(thread, 32);
    warp.warpI = e.rem(id, tile.warpsI);
    warp.warpJ = e.div(id, tile.warpsI);
  }

  /// Offsets into a stage that no step changes.
  void makeOffsets() {
    lhsOffset = e.add(e.mul(warp.warpI, tile.warpRows() / 16 * 512),
                      e.mul(warp.lane, 16));
    Value firstWord = e.mul(warp.warpI, tile.warpRows() / 16);
    metaOffset = e.add(e.add(e.mul(e.div(firstWord, 4), 512),
                             e.mul(e.bitAnd(firstWord, 3), 4)),
                       e.mul(warp.lane, 16));
    rhs.begin(warp.lane, warp.warpJ);
  }

  void multiply(Value stage, SmallVectorImpl<Value> &accumulators) {
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k) {
      SmallVector<Value> lhs = loadLhs(stage, at);
      Value meta = loadMetadata(stage, at);
      SmallVector<Value> columns =
          rhs.load(e.at(stage, tile.lhsBytes() + tile.metadataBytes()), at);
      for (auto [i, a] : llvm::enumerate(lhs)) {
        Value word = meta ? e.extract(meta, i) : Value();
        for (auto [j, b] : llvm::enumerate(columns)) {
          Value &sum = accumulators[i * columns.size() + j];
          int32_t selector = meta ? at / c.intrinsic.k % 2 : 0;
          sum = MmaOp::create(e.b, e.loc, sum.getType(), a, b, sum, word,
                              selector);
        }
      }
    }
  }

  SmallVector<Value> loadLhs(Value stage, int64_t at) {
    SmallVector<Value> fragments;
    int64_t column = at / c.intrinsic.k * (tile.rows / 16) * 512;
    Value base = e.at(stage, lhsOffset);
    for (int64_t i = 0; i < tile.warpRows() / 16; ++i)
      fragments.push_back(e.load(e.vector(tile.perChunk(), c.input),
                                 e.at(base, column + i * 512), 16));
    return fragments;
  }

  /// The words of the warp's rows for a block of metadata, of which the
  /// instruction's selector takes its half.
  Value loadMetadata(Value stage, int64_t at) {
    if (!c.intrinsic.sparse)
      return Value();
    int64_t words = tile.warpRows() / 16;
    Value base = e.at(e.at(stage, metaOffset), tile.lhsBytes());
    return e.load(e.vector(words, e.b.getI32Type()),
                  e.at(base, at / tile.metadataStep() * (tile.rows / 64) * 512),
                  std::min<int64_t>(words, 4) * 4);
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  ChainCopies copies;
  CopyRing ring;
  Value thread;
  WarpPlace warp;
  Value lhsOffset, metaOffset;
  RhsFragments rhs;
};

} // namespace

LogicalResult mlir::spmmplu::emitChainWarpKernel(KernelBuilder &k,
                                                 const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  if (failed(verifyFragments(k.op, c, tile)))
    return failure();
  ChainWarpKernel(k, c, tile).emit();
  return success();
}
