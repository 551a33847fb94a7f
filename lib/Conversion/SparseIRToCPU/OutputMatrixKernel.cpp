//===- OutputMatrixKernel.cpp - Output tiles on AMX tiles ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Neither operand is constant, so both are copied to the forms that tiles are
// loaded from: the rhs once, granule by granule, the lhs panel by panel. A tile
// of the output is 16 rows by up to four tiles of 16 columns, which stay in
// tile registers over k. Whole tiles of runs of rows and columns are stored as
// they are; others go through scratch memory to what their mask names.
//
//===----------------------------------------------------------------------===//

#include "OutputTileTable.h"
#include "TileOperands.h"

#include "mlir/Dialect/AMX/AMXDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

using Part = OutputTileTable::Part;

class OutputMatrixKernel {
public:
  OutputMatrixKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), table(e, c), cols(table.attr.getCols()),
        tiles(cols / kTileLines),
        rowsAreRuns(areRuns(table.attr.getPanelRows(), kTileLines)),
        accType(amx::TileType::get({kTileLines, kTileLines}, c.accumulateType)),
        inType(amx::TileType::get({kTileLines, kTileDepth}, c.inputType)),
        steps(e.ceilDiv(c.depthExtent, kTileDepth)) {}

  void emit() {
    Value granules = copyGranules();
    e.parallel(c.tasks(e), [&](ValueRange task) {
      Value lhs = e.alloc(c.inputType, e.mul(steps, kTileElements));
      Value sums = e.alloc(c.accumulateType, e.index(kTileLines * cols));
      c.forEachPanel(e, task[0], [&](Value panel) {
        copyPanel(panel, lhs);
        e.forRange(
            table.part(Part::TilePtr, panel),
            table.part(Part::TilePtr, e.add(panel, 1)), 1,
            [&](Value tile) { emitTile(tile, panel, lhs, granules, sums); });
      });
      e.free(sums);
      e.free(lhs);
    });
    e.free(granules);
  }

private:
  /// The granules' columns as [granule][step][tile] of pairs.
  Value copyGranules() {
    int64_t count = table.attr.getGranuleCols().getNumElements() / cols;
    Value size = e.mul(steps, tiles * kTileElements);
    Value copy = e.alloc(c.inputType, e.mul(size, count));
    e.parallel(e.index(count), [&](ValueRange granule) {
      Value base = e.mul(granule[0], size);
      e.forRange(e.index(0), e.index(tiles), 1, [&](Value tile) {
        SmallVector<Value> columns = table.loadIndices(
            Part::GranuleCols,
            e.add(e.mul(granule[0], cols), e.mul(tile, kTileLines)),
            kTileLines);
        TileLines lines{c.rhs, /*ofRhs=*/true, columns, table.granulesAreRuns};
        e.forRange(e.index(0), steps, 1, [&](Value step) {
          Value at = e.add(e.mul(step, tiles), tile);
          emitCopyTile(e, c, lines, e.mul(step, kTileDepth), TileForm::Pairs,
                       copy, e.add(base, e.mul(at, kTileElements)));
        });
      });
    });
    return copy;
  }

  void copyPanel(Value panel, Value lhs) {
    SmallVector<Value> rows = table.loadIndices(
        Part::PanelRows, e.mul(panel, kTileLines), kTileLines);
    TileLines lines{c.lhs, /*ofRhs=*/false, rows, rowsAreRuns};
    e.forRange(e.index(0), steps, 1, [&](Value step) {
      emitCopyTile(e, c, lines, e.mul(step, kTileDepth), TileForm::Lines, lhs,
                   e.mul(step, kTileElements));
    });
  }

  Value loadTile(Value from, Value at) {
    return amx::TileLoadOp::create(e.b, e.loc, inType, from, ValueRange{at},
                                   e.index(kTileDepth));
  }

  void emitTile(Value tile, Value panel, Value lhs, Value granules,
                Value sums) {
    Value granule = table.part(Part::Tiles, tile);
    Value base = e.mul(e.mul(granule, steps), tiles * kTileElements);
    SmallVector<Value> acc;
    for (int64_t t = 0; t < tiles; ++t)
      acc.push_back(amx::TileZeroOp::create(e.b, e.loc, accType));
    acc = e.forRange(
        e.index(0), steps, 1, acc, [&](Value step, ValueRange carried) {
          SmallVector<Value> next(carried);
          Value a = loadTile(lhs, e.mul(step, kTileElements));
          Value from = e.add(base, e.mul(step, tiles * kTileElements));
          for (int64_t t = 0; t < tiles; ++t) {
            Value b = loadTile(granules, e.add(from, t * kTileElements));
            next[t] =
                amx::TileMulFOp::create(e.b, e.loc, accType, a, b, next[t]);
          }
          return next;
        });
    table.withMask(tile, [&](Value maskOffset) {
      if (!maskOffset && canStoreWhole())
        return storeWhole(acc, panel, granule);
      for (int64_t t = 0; t < tiles; ++t)
        storeTile(acc[t], sums, e.index(t * kTileLines), e.index(cols));
      storeRows(panel, granule, sums, maskOffset);
    });
  }

  void storeTile(Value tile, Value to, Value at, Value stride) {
    amx::TileStoreOp::create(e.b, e.loc, to, ValueRange{at}, tile, stride);
  }

  /// Whether a tile whose mask is full lies in the output as in registers.
  bool canStoreWhole() {
    return rowsAreRuns && table.granulesAreRuns && !c.op.getAccumulate() &&
           c.outType == c.accumulateType;
  }

  void storeWhole(ArrayRef<Value> acc, Value panel, Value granule) {
    Value row = table.part(Part::PanelRows, e.mul(panel, kTileLines));
    Value col = table.part(Part::GranuleCols, e.mul(granule, cols));
    Value at = c.out.offset(e, row, col);
    for (auto [t, tile] : llvm::enumerate(acc))
      storeTile(tile, c.out.data, e.add(at, int64_t(t) * kTileLines),
                c.out.xStride);
  }

  void storeRows(Value panel, Value granule, Value sums, Value maskOffset) {
    e.forRange(e.index(0), e.index(kTileLines), 1, [&](Value r) {
      Value row = arith::MaxSIOp::create(
          e.b, e.loc,
          table.part(Part::PanelRows, e.add(e.mul(panel, kTileLines), r)),
          e.index(0));
      SmallVector<Value> rowSums;
      for (int64_t t = 0; t < tiles; ++t)
        rowSums.push_back(e.loadVector(c.vector(c.accumulateType), sums,
                                       e.add(e.mul(r, cols), t * kTileLines)));
      table.storeRow(rowSums, r, row, granule, maskOffset);
    });
  }

  Emitter &e;
  const KernelContext &c;
  OutputTileTable table;
  int64_t cols, tiles;
  bool rowsAreRuns;
  amx::TileType accType, inType;
  Value steps; ///< tile products over k
};

} // namespace

LogicalResult mlir::spmmplu::emitOutputMatrixKernel(Emitter &e,
                                                    const KernelContext &c) {
  auto tiles = cast<TilesAttr>(c.op.getTable());
  if (tiles.getRows() != kTileLines || tiles.getCols() % kTileLines)
    return c.op.emitOpError("expects tiles of 16 rows and a multiple of 16 "
                            "columns for AMX, found ")
           << tiles.getRows() << "x" << tiles.getCols();
  OutputMatrixKernel(e, c).emit();
  return success();
}
