//===- OutputTileKernel.cpp - Output tiles on vector FMA units -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both operands are copied first: the rhs granule by granule, [K][cols] each,
// the lhs panel by panel, [K][rows], so that lists of rows and columns cost
// nothing in the loop over k. A tile writes what its mask names.
//
//===----------------------------------------------------------------------===//

#include "OutputTileTable.h"
#include "TileOperands.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

using Part = OutputTileTable::Part;

class OutputTileKernel {
public:
  OutputTileKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), table(e, c), rows(table.attr.getRows()),
        cols(table.attr.getCols()), vectors(cols / c.lanes()),
        vector(c.vector(c.accumulateType)) {}

  void emit() {
    Value granules = packGranules();
    e.parallel(c.tasks(e), [&](ValueRange task) {
      // The slack is what `packLines` may store behind the last row.
      Value lhs = e.alloc(c.accumulateType,
                          e.add(e.mul(c.depthExtent, rows), c.lanes()));
      c.forEachPanel(e, task[0], [&](Value panel) {
        SmallVector<Value> rowIndex = packPanel(panel, lhs);
        e.forRange(
            table.part(Part::TilePtr, panel),
            table.part(Part::TilePtr, e.add(panel, 1)), 1,
            [&](Value tile) { emitTile(tile, rowIndex, lhs, granules); });
      });
      e.free(lhs);
    });
    e.free(granules);
  }

private:
  Value packGranules() {
    int64_t count = table.attr.getGranuleCols().getNumElements() / cols;
    Value size = e.mul(c.depthExtent, cols);
    Value packed = e.alloc(c.accumulateType, e.mul(size, count));
    e.parallel(e.index(count), [&](ValueRange granule) {
      Value base = e.mul(granule[0], size);
      e.forRange(e.index(0), e.index(cols), c.lanes(), [&](Value first) {
        SmallVector<Value> columns =
            table.loadIndices(Part::GranuleCols,
                              e.add(e.mul(granule[0], cols), first), c.lanes());
        packLines(c.rhs, /*alongX=*/true, columns, packed, e.add(base, first),
                  cols);
      });
    });
    return packed;
  }

  /// Copies the panel's rows and returns their indices (0 for padding).
  SmallVector<Value> packPanel(Value panel, Value lhs) {
    SmallVector<Value> indices =
        table.loadIndices(Part::PanelRows, e.mul(panel, rows), rows);
    packLines(c.lhs, /*alongX=*/false, indices, lhs, e.index(0), rows);
    return indices;
  }

  /// Copies lines along k (columns of the rhs: `alongX`, rows of the lhs):
  /// element k of line n goes to `to + k * stride + n`. Lines that are
  /// contiguous go a square of vectors at a time, transposed in registers. A
  /// vector of fewer lines than lanes is stored whole: what it leaves behind
  /// its lines is overwritten by the next k, or lies in the buffer's slack.
  void packLines(const MappedOperand &from, bool alongX, ArrayRef<Value> lines,
                 Value packed, Value to, int64_t stride) {
    auto offset = [&](Value line, Value k) {
      return alongX ? from.offset(e, k, line) : from.offset(e, line, k);
    };
    Value done = e.index(0);
    bool isContiguous = alongX ? from.isContiguousInX() : from.contiguous;
    if (isContiguous && int64_t(lines.size()) <= c.lanes() &&
        llvm::isPowerOf2_64(c.lanes())) {
      done = e.mul(e.floorDiv(c.depthExtent, c.lanes()), c.lanes());
      e.forRange(e.index(0), done, c.lanes(), [&](Value k) {
        SmallVector<Value> square(c.lanes(), e.zero(vector));
        for (auto [line, out] : llvm::zip(lines, square))
          out = e.convert(
              e.loadVector(c.vector(c.inputType), from.data, offset(line, k)),
              vector);
        emitTranspose(e, square);
        for (int64_t n = 0; n < c.lanes(); ++n)
          e.storeVector(square[n], packed,
                        e.add(to, e.mul(e.add(k, n), stride)));
      });
    }
    e.forRange(done, c.depthExtent, 1, [&](Value k) {
      for (auto [n, line] : llvm::enumerate(lines))
        copy(from, offset(line, k), packed,
             e.add(e.add(to, e.mul(k, stride)), n));
    });
  }

  void copy(const MappedOperand &from, Value offset, Value to, Value at) {
    Value element = e.convert(e.load(from.data, offset), c.accumulateType);
    memref::StoreOp::create(e.b, e.loc, element, to, at);
  }

  void emitTile(Value tile, ArrayRef<Value> rowIndex, Value lhs,
                Value granules) {
    Value granule = table.part(Part::Tiles, tile);
    Value base = e.mul(granule, e.mul(c.depthExtent, cols));
    SmallVector<Value> acc(rows * vectors, e.zero(vector));
    acc = e.forRange(
        e.index(0), c.depthExtent, 1, acc, [&](Value k, ValueRange a) {
          SmallVector<Value> next(a);
          Value from = e.add(base, e.mul(k, cols));
          for (int64_t v = 0; v < vectors; ++v) {
            Value b =
                e.loadVector(vector, granules, e.add(from, v * c.lanes()));
            for (int64_t r = 0; r < rows; ++r) {
              Value x = e.load(lhs, e.add(e.mul(k, rows), r));
              Value &sum = next[r * vectors + v];
              sum = e.fma(e.splat(vector, x), b, sum);
            }
          }
          return next;
        });
    table.withMask(tile, [&](Value maskOffset) {
      for (int64_t r = 0; r < rows; ++r)
        table.storeRow(ArrayRef(acc).slice(r * vectors, vectors), e.index(r),
                       rowIndex[r], granule, maskOffset);
    });
  }

  Emitter &e;
  const KernelContext &c;
  OutputTileTable table;
  int64_t rows, cols, vectors;
  VectorType vector;
};

} // namespace

LogicalResult mlir::spmmplu::emitOutputTileKernel(Emitter &e,
                                                  const KernelContext &c) {
  int64_t cols = cast<TilesAttr>(c.op.getTable()).getCols();
  if (cols % c.lanes())
    return c.op.emitOpError("expects granules of whole vectors of ")
           << c.lanes() << " elements, found " << cols << " columns";
  OutputTileKernel(e, c).emit();
  return success();
}
