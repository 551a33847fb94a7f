//===- ChainTransposedKernel.h - Parts of the tf32 wgmma kernel -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which columns of a tile a lane has: of 64 or 128 columns, which are the rows
// of one or two instructions, each warp has a quarter, and each lane two or
// four that follow each other. They are one load of the rhs for each k, and one
// store of the result for each row.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTRANSPOSEDKERNEL_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTRANSPOSEDKERNEL_H

#include "ChainWarpgroupKernel.h"

namespace mlir::spmmplu {

/// A tile of f32 whose columns warpgroups share. One ring of stages: a step's
/// packed values, then its rows of the rhs, each a little longer than the tile
/// is wide, so that a lane's neighbours, of four rows, read other banks.
struct TransposedTile : WarpgroupTile {
  /// k of a line of packed values, and of a group of instructions.
  static constexpr int64_t kLineDepth = 32;
  static constexpr int64_t kRowPadding = 32; ///< bytes

  /// Instructions of a warpgroup for one k, and those that share a load.
  int64_t blocks() const { return groupCols() / 64; }
  int64_t together() const { return std::min<int64_t>(blocks(), 2); }
  /// Sets of such instructions, and consecutive columns of a lane in each.
  int64_t units() const { return blocks() / together(); }
  int64_t laneCols() const { return 2 * together(); }
  /// Of the group's columns, the lane's first in a unit.
  Value laneCol(DeviceEmitter &e, Value thread, int64_t unit) const {
    Value inUnit = e.add(e.mul(e.div(thread, 32), 16 * together()),
                         e.mul(e.div(e.rem(thread, 32), 4), laneCols()));
    return e.add(inUnit, unit * 64 * together());
  }

  int64_t rowPitch() const { return cols * width + kRowPadding; }
  int64_t slotBytes() const { return lhsBytes() + step * rowPitch(); }
  int64_t ringBytes() const { return stages * slotBytes(); }
  int64_t blockBytes() const { return ringBytes() + stages * 16; }
};

/// A warpgroup's accumulators straight to the output.
class TransposedStore : PanelStore {
public:
  TransposedStore(KernelBuilder &k, const TransposedTile &tile);
  /// `thread` of the warpgroup.
  void begin(Value thread);
  /// Stores the panel's rows and the group's columns from `firstCol` on;
  /// `accumulators` are of 64 columns each.
  void store(ArrayRef<Value> accumulators, Value panel, Value firstCol,
             Value cols);

private:
  /// The lane's columns in row `at` of the tile, of one unit.
  void storeRow(ArrayRef<Value> accumulators, int64_t at, Value row,
                Value firstCol, Value cols);

  TransposedTile tile;
  bool byRow; ///< elements next to each other are those of a row
  Value thread, whole;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINTRANSPOSEDKERNEL_H
