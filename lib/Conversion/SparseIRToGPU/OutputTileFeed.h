//===- OutputTileFeed.h - What a table says of a block's tiles --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All tiles of all slices are one sequence, which the blocks take in turns, a
// few tiles at a time: so what they store at one time lies close together, and
// the memory writes whole pages. What a block has to know of its tiles comes by
// cp.async, as the operands do: a tile's record (its panel and granule), then
// the lists of rows and columns that the record names, then, with the operands,
// its runs. So no load from device memory is waited for; loads into registers
// would be, for ptxas moves them down to where they are used.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILEFEED_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILEFEED_H

#include "OutputTile.h"

namespace mlir::spmmplu {

class TileFeed {
public:
  struct Shape {
    int64_t rows, cols;
    int64_t stages, threads;
    bool hasRuns;
  };
  /// Words of a tile in the last table: its panel, its granule, whether it is
  /// the panel's first, and whether its rows are ranges.
  static constexpr int64_t kRecordWords = 4;

  TileFeed(KernelBuilder &k, const KernelContext &c, Shape shape);

  /// Of shared memory: of the feed's own, and of each stage of operands.
  int64_t bytes() const {
    return recordSlots() * kChunkBytes + listSlots() * listBytes();
  }
  int64_t stageBytes() const {
    return shape.hasRuns ? shape.rows * kChunkBytes : 0;
  }
  /// Blocks to launch: of the host.
  Value launched() const { return hostBlocks; }

  /// The number of steps of this block, each tile being `chunks` of them.
  Value begin(Value chunks);
  /// Requests what the first stages - 1 calls of `request` need, and waits for
  /// it.
  void prologue(Value thread, Value ownMemory);
  /// What belongs to the request of a step's operands: its runs, into its part
  /// of the stage, the lists of a later step, the record of a still later one.
  void request(Value thread, Value step, Value runs);

  struct Step {
    Value slice, tile;
  };
  Step find(Value step);
  /// Whether the step is of the first, or last, tile of a turn.
  Value isFirstTile(Value step);
  Value isLastTile(Value step);
  struct Record {
    Value panel, granule;     ///< i32
    Value isFirst, areRanges; ///< i1
  };
  Record record(Value step);
  /// The indices of a step's columns and rows, for its request.
  Value columns(Value step);
  Value rows(Value step) { return e.at(columns(step), columnsBytes()); }

private:
  struct Copy {
    Value shared, global;
    int64_t chunks;
  };
  int64_t columnsBytes() const { return shape.cols * 4; }
  int64_t rowsBytes() const { return shape.rows * 4; }
  int64_t listBytes() const { return columnsBytes() + rowsBytes(); }
  /// Lists are requested stages - 1 steps ahead of the operands, and those of
  /// the first stages - 1 steps are all read before anything is waited for.
  int64_t listSlots() const { return llvm::PowerOf2Ceil(2 * shape.stages - 2); }
  /// A record is requested 2 (stages - 1) steps ahead of its operands, which
  /// are stages - 1 ahead of the step that reads it last.
  int64_t recordSlots() const {
    return llvm::PowerOf2Ceil(3 * shape.stages - 2);
  }
  Value tileNumber(Value step);
  Value placeInTurn(Value number);
  Value clamp(Value step);
  Value recordAt(Value step);
  Copy copyRecord(Value step);
  void appendLists(Value step, SmallVectorImpl<Copy> &copies);
  void issue(Value thread, ArrayRef<Copy> copies);

  KernelBuilder &k;
  DeviceEmitter &e;
  Shape shape;
  int64_t tiles; ///< of a slice
  Value panelRows, granuleCols, runsTable, recordTable;
  Value hostBlocks;
  Value total, blocks, turnBits; ///< tiles, and log2 of those of a turn
  Value chunks, count, steps;    ///< `count`: tiles of this block
  Value memory;                  ///< records, then lists
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_OUTPUTTILEFEED_H
