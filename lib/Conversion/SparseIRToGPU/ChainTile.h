//===- ChainTile.h - A block's tile of a chain ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the kernels on chains share: the tile's sizes as the strategy gives
// them, the copies into the ring's stages, and the store of the accumulators.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTILE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTILE_H

#include "AlignedMatrix.h"
#include "PanelStore.h"

#include <optional>

namespace mlir::spmmplu {

/// Sizes in elements, bytes where the name says so. A stage holds the step's
/// packed values, its metadata, and its part of the rhs, in this order.
struct ChainTile {
  int64_t rows, cols, step, stages, warpsI, warpsJ;
  int64_t warpsK; ///< warps that share the chain's steps
  int64_t depth;  ///< consecutive k of an entry
  bool sparse;
  bool rhsByRow; ///< the rhs tile is [k][j]; else [j][k]
  int64_t width; ///< bytes of an operand's element

  static ChainTile get(KernelOp op, const KernelContext &c);

  int64_t threads() const { return warpsI * warpsJ * warpsK * 32; }
  int64_t warpRows() const { return rows / warpsI; }
  int64_t warpCols() const { return cols / warpsJ; }
  int64_t lhsBytes() const { return rows * step * width / (sparse ? 2 : 1); }
  /// Columns of the chain matrix that a block of metadata is of.
  int64_t metadataStep() const { return width == 4 ? 32 : 64; }
  int64_t metadataBytes() const {
    return sparse ? rows * step / metadataStep() * 8 : 0;
  }
  int64_t rhsBytes() const { return step * cols * width; }
  int64_t stageBytes() const {
    return lhsBytes() + metadataBytes() + rhsBytes();
  }
  /// 16-byte chunks of a row of the rhs tile.
  int64_t rhsChunks() const { return (rhsByRow ? cols : step) / perChunk(); }
  /// Elements of 16 bytes.
  int64_t perChunk() const { return 16 / width; }
  /// Whether fragments of the rhs are made of pairs of columns: of two tiles of
  /// columns one has the even columns and one the odd ones.
  bool pairsColumns() const { return width == 1 && rhsByRow; }
};

/// The block's place in the product, and its copies from device memory.
class ChainCopies {
public:
  ChainCopies(KernelBuilder &k, const KernelContext &c, const ChainTile &tile);

  /// Finds the block's panel, columns and chain. `thread` is one of the tile's
  /// threads, which share the copies.
  void begin(Value thread);
  /// Steps of the block's chain.
  Value steps() const { return stepCount; }
  /// Request what step `step` needs into the stage at byte `stage` of shared
  /// memory; the caller commits.
  void request(Value step, Value stage, ValueRange entries = {});
  void requestLhs(Value step, Value stage);
  void requestRhs(Value step, Value stage, ValueRange entries = {});
  /// Asks the L2 for the rhs: thread `thread` of a block of `threads` for one
  /// row, from the launch's first block on.
  void prefetchRhs(Value thread, int64_t threads);
  /// Where a single warp copies and has to look its entries up: those of a
  /// step, lane by lane, to be loaded before they are needed. Else none.
  SmallVector<Value> loadEntries(Value step);
  /// Registers of `loadEntries`.
  int64_t heldEntries() const;
  /// To be called after the launch.
  void finish();
  /// Byte of chunk (row, chunk) in the rhs part of a stage, swizzled.
  Value chunkOffset(Value row, Value chunk);

  int64_t panels() const { return chains.getNumPanels(); }

  DeviceOperand rhs, out;
  Value panel, firstCol, cols; ///< of the block; `cols` is N
  Value values, metadata;      ///< of the chain's first step

private:
  void placeRhs();
  void copyContiguous(Value from, int64_t bytes, Value shared);
  void copyRhs(Value step, Value shared);
  void copyChunk(Value step, Value at, Value shared);
  /// The k of column `local` of the step.
  Value globalK(Value step, Value local);
  Value gather(Value step, Value row, Value chunk);
  void findSizes();
  int64_t entryCount() const; ///< of the whole table
  /// Whether element (k, j) of the rhs exists, an i1; null: all do.
  Value isInside(Value kAt, Value j);

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  ChainsAttr chains;
  Value thread;
  /// Chunks of the rhs are aligned: they need not be gathered.
  bool chunked = false;
  /// Where the rhs's lines may not be aligned.
  std::optional<AlignedMatrix> alignedRhs;
  /// Sizes of the rhs, i32, where its map may lead out of it; else empty.
  SmallVector<Value> rhsSizes;
  Value chainPtr, entries, order; ///< tables
  /// Entries of a chain where all have as many, and nothing is looked up to
  /// find one; else 0.
  int64_t equalCount;
  /// Whether all chains are the same run of k from 0 on, so that no entry is
  /// read.
  bool isRun;
  /// Whether the last tile of columns may reach beyond the matrix.
  bool isCut;
  Value firstEntry, stepCount;
  /// Entries of the step that is requested, and the register of those of the
  /// chunks at hand.
  ValueRange held;
  int64_t heldAt = 0;
};

/// Accumulators to the output, through shared memory so that a warp writes
/// whole lines. The scratch starts at the block's first shared byte.
class TileStore : ScratchStore {
public:
  TileStore(KernelBuilder &k, const ChainTile &tile, DeviceOperand out);

  /// The tile is that of `panel` and the columns from `firstCol` on, of `cols`;
  /// to be called where what puts values follows, in one block or inside of it.
  void begin(Value panel, Value firstCol, Value cols);
  /// Puts a warp's m16n8 accumulators, row tile by row tile, into scratch; not
  /// those of paired columns.
  void write(ValueRange accumulators, Value lane, Value warpI, Value warpJ);
  /// Puts one f32 value.
  void put(Value row, Value col, Value value);
  /// Copies scratch to the output.
  void flush(Value thread, Value panel, Value firstCol, Value cols);
  int64_t bytes() const;

private:
  int64_t pitch() const; ///< elements from one line of scratch to the next
  Value placeOf(Value line, Value within, int64_t size) override;

  ChainTile tile;
  Value firstRow, firstCol; ///< of the tile, among the panels' rows
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTILE_H
