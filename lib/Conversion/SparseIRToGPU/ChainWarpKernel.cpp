//===- ChainWarpKernel.cpp - Chains on warps -------------------*- C++ -*-===//
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

#include "CopyRing.h"
#include "WarpProduct.h"

using namespace mlir;
using namespace mlir::spmmplu;

static void emitKernel(KernelBuilder &k, const KernelContext &c,
                       const ChainTile &tile) {
  DeviceEmitter &e = k.e;
  Value thread = e.threadId(), warp = e.warpId(thread);
  ChainCopies copies(k, c, tile);
  std::unique_ptr<WarpProduct> product = createWarpProduct(k, c, tile, copies);
  CopyRing ring(e, tile.stages, tile.stageBytes(),
                [&](Value step, ValueRange, Value stage) {
                  copies.request(step, stage);
                });
  e.launchNext();
  copies.begin(thread);
  ring.begin(copies.steps(), /*afterEarlier=*/true);
  product->begin(e.rem(thread, 32), e.rem(warp, tile.warpsI),
                 e.div(warp, tile.warpsI));
  SmallVector<Value> sums =
      ring.walk(product->getZeros(),
                [&](Value, Value stage, SmallVectorImpl<Value> &sums) {
                  product->multiply(stage, sums);
                });
  e.waitCopies(0);
  e.barrier(); // the ring becomes the store's scratch
  TileStore store(k, tile, copies.out);
  store.begin(copies.panel, copies.firstCol, copies.cols);
  product->put(store, sums);
  e.barrier();
  store.flush(thread, copies.panel, copies.firstCol, copies.cols);
  Value grid = k.hostMul(k.hostIndex(copies.panels()),
                         k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols));
  k.launch(grid, k.hostIndex(1), tile.threads(),
           std::max(ring.bytes(), store.bytes()));
  copies.finish();
}

LogicalResult mlir::spmmplu::emitChainWarpKernel(KernelBuilder &k,
                                                 const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  if (failed(verifyWarpProduct(k.op, c, tile)))
    return failure();
  if (tile.stages < 2 || c.strategy.getSplit() != 1)
    return k.op.emitOpError("has a strategy that its kernel cannot take: ")
           << k.op.getStrategy();
  emitKernel(k, c, tile);
  return success();
}
