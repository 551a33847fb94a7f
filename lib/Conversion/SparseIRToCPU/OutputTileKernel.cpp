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

#include "Kernels.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// The table's parts, in the order of `TilesAttr`.
enum Part { PanelRows, GranuleCols, TilePtr, Tiles, MaskOffset, Masks };

class OutputTileKernel {
public:
  OutputTileKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), table(cast<TilesAttr>(c.op.getTable())),
        rows(table.getRows()), cols(table.getCols()), vectors(cols / c.lanes()),
        vector(c.vector(c.accumulateType)) {
    contiguous = hasContiguousGranules();
  }

  void emit() {
    Value granules = packGranules();
    e.parallel(c.tasks(e), [&](ValueRange task) {
      // The slack is what `packLines` may store behind the last row.
      Value lhs = e.alloc(c.accumulateType,
                          e.add(e.mul(c.depthExtent, rows), c.lanes()));
      c.forEachPanel(e, task[0], [&](Value panel) {
        SmallVector<Value> rowIndex = packPanel(panel, lhs);
        e.forRange(
            part(TilePtr, panel), part(TilePtr, e.add(panel, 1)), 1,
            [&](Value tile) { emitTile(tile, rowIndex, lhs, granules); });
      });
      e.free(lhs);
    });
    e.free(granules);
  }

private:
  Value part(Part which, Value at) {
    return e.loadIndex(c.op.getTables()[which], at);
  }

  /// Whether every granule is a run of columns (padding last), so that a tile's
  /// row is stored at once instead of scattered.
  bool hasContiguousGranules() {
    SmallVector<char> storage;
    ArrayRef<int32_t> all = getValues<int32_t>(table.getGranuleCols(), storage);
    for (size_t at = 0; at < all.size(); at += cols)
      for (int64_t col = 1; col < cols; ++col)
        if (all[at + col] >= 0 && all[at + col] != all[at] + col)
          return false;
    return true;
  }

  Value packGranules() {
    int64_t count = table.getGranuleCols().getNumElements() / cols;
    Value size = e.mul(c.depthExtent, cols);
    Value packed = e.alloc(c.accumulateType, e.mul(size, count));
    e.parallel(e.index(count), [&](ValueRange granule) {
      Value base = e.mul(granule[0], size);
      e.forRange(e.index(0), e.index(cols), c.lanes(), [&](Value first) {
        SmallVector<Value> columns = loadIndices(
            GranuleCols, e.add(e.mul(granule[0], cols), first), c.lanes());
        packLines(c.rhs, /*alongX=*/true, columns, packed, e.add(base, first),
                  cols);
      });
    });
    return packed;
  }

  /// Copies the panel's rows and returns their indices (0 for padding).
  SmallVector<Value> packPanel(Value panel, Value lhs) {
    SmallVector<Value> indices =
        loadIndices(PanelRows, e.mul(panel, rows), rows);
    packLines(c.lhs, /*alongX=*/false, indices, lhs, e.index(0), rows);
    return indices;
  }

  /// `count` indices of a table. Padding is 0: what it computes is not stored.
  SmallVector<Value> loadIndices(Part which, Value at, int64_t count) {
    SmallVector<Value> indices;
    for (int64_t n = 0; n < count; ++n)
      indices.push_back(arith::MaxSIOp::create(
          e.b, e.loc, part(which, e.add(at, n)), e.index(0)));
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
        transpose(square);
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

  /// Transposes a square of vectors: blocks off the diagonal change places,
  /// halves first, then halves of halves.
  void transpose(SmallVectorImpl<Value> &square) {
    int64_t size = square.size();
    for (int64_t half = size / 2; half; half /= 2) {
      SmallVector<int64_t> upper, lower;
      for (int64_t lane = 0; lane < size; ++lane) {
        bool isSecond = lane & half;
        upper.push_back(isSecond ? size + lane - half : lane);
        lower.push_back(isSecond ? size + lane : lane + half);
      }
      for (int64_t n = 0; n < size; ++n) {
        if (n & half)
          continue;
        Value a = square[n], b = square[n + half];
        square[n] = vector::ShuffleOp::create(e.b, e.loc, a, b, upper);
        square[n + half] = vector::ShuffleOp::create(e.b, e.loc, a, b, lower);
      }
    }
  }

  void copy(const MappedOperand &from, Value offset, Value to, Value at) {
    Value element = e.convert(e.load(from.data, offset), c.accumulateType);
    memref::StoreOp::create(e.b, e.loc, element, to, at);
  }

  void emitTile(Value tile, ArrayRef<Value> rowIndex, Value lhs,
                Value granules) {
    Value granule = part(Tiles, tile);
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
    Value offset = part(MaskOffset, tile);
    Value full = e.compare(arith::CmpIPredicate::slt, offset, 0);
    e.ifThen(
        full, [&] { storeTile(acc, rowIndex, granule, Value()); },
        [&] { storeTile(acc, rowIndex, granule, offset); });
  }

  /// Writes the tile: all of it, or the bits at `maskOffset`.
  void storeTile(ArrayRef<Value> acc, ArrayRef<Value> rowIndex, Value granule,
                 Value maskOffset) {
    for (int64_t r = 0; r < rows; ++r) {
      Value word;
      if (maskOffset)
        word = e.load(c.op.getTables()[Masks], e.add(maskOffset, r));
      for (int64_t v = 0; v < vectors; ++v)
        storeVector(acc[r * vectors + v], rowIndex[r],
                    e.add(e.mul(granule, cols), v * c.lanes()),
                    maskOffset ? lanesOf(word, v) : Value());
    }
  }

  /// Bits [v * lanes, (v + 1) * lanes) of a mask word.
  Value lanesOf(Value word, int64_t v) {
    Value shift = arith::ConstantOp::create(
        e.b, e.loc, e.b.getI64IntegerAttr(v * c.lanes()));
    Value bits = arith::ShRUIOp::create(e.b, e.loc, word, shift);
    Type narrow = e.b.getIntegerType(c.lanes());
    bits = arith::TruncIOp::create(e.b, e.loc, narrow, bits);
    Value one = vector::BroadcastOp::create(e.b, e.loc,
                                            VectorType::get({1}, narrow), bits);
    return vector::BitCastOp::create(
        e.b, e.loc, VectorType::get({c.lanes()}, e.b.getI1Type()), one);
  }

  void storeVector(Value sum, Value row, Value granuleAt, Value mask) {
    VectorType out = c.vector(c.outType);
    if (!mask)
      mask = e.laneMask(c.lanes(), e.index(c.lanes()));
    Value start = e.mul(row, c.out.xStride);
    Value columns;
    if (contiguous)
      start =
          e.add(start, e.loadIndex(c.op.getTables()[GranuleCols], granuleAt));
    else
      columns = e.loadVector(VectorType::get({c.lanes()}, e.b.getI32Type()),
                             c.op.getTables()[GranuleCols], granuleAt);
    if (c.op.getAccumulate()) {
      Value init =
          contiguous
              ? e.maskedLoad(out, c.out.data, start, mask)
              : vector::GatherOp::create(e.b, e.loc, out, c.out.data, start,
                                         columns, mask, e.zero(out))
                    .getResult();
      sum = arith::AddFOp::create(e.b, e.loc, sum, e.convert(init, vector));
    }
    sum = e.convert(sum, out);
    if (contiguous)
      e.maskedStore(sum, c.out.data, start, mask);
    else
      vector::ScatterOp::create(e.b, e.loc, Type(), c.out.data, start, columns,
                                mask, sum);
  }

  Emitter &e;
  const KernelContext &c;
  TilesAttr table;
  int64_t rows, cols, vectors;
  VectorType vector;
  bool contiguous;
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
