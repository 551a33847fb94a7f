//===- ChainTileKernel.cpp - Reduction chains on AMX tiles -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A chain's output is 16 rows by up to four tiles of 16 columns, which stay in
// tile registers over the chain. A packed lhs is one 16x32 tile an entry. An
// lhs in place is loaded from where its rows lie, if those of every panel
// follow each other, or else copied entry by entry; one that is the values of a
// mask's places is spread to tiles row by row. The rhs is copied into
// panels of k pairs, [K / 2][width][2], the layout that `tdpbf16ps` multiplies
// by (Intel SDM, TDPBF16PS).
//
//===----------------------------------------------------------------------===//

#include "TileOperands.h"
#include "ValueCells.h"

#include "mlir/Dialect/AMX/AMXDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

constexpr int64_t kTile = kTileLines, kDepth = kTileDepth;

/// Where the tile of an entry's lhs comes from.
enum class LhsSource { Packed, Rows, Copy, Values };

class ChainTileKernel {
public:
  ChainTileKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), tables(c.op.getTables()),
        chains(cast<ChainsAttr>(c.op.getTable())),
        maxTiles(c.strategy.getVectors()), width(maxTiles * kTile),
        accType(amx::TileType::get({kTile, kTile}, c.accumulateType)),
        inType(amx::TileType::get({kTile, kDepth}, c.inputType)) {
    rowsAreRuns = areRuns(chains.getPanelRows(), kTile);
    if (c.op.getPackedLhs())
      source = LhsSource::Packed;
    else if (c.op.getLhsPlaces())
      source = LhsSource::Values;
    else if (rowsAreRuns && c.lhs.contiguous &&
             c.op.getExtent(Axis::I) >= kTile)
      source = LhsSource::Rows;
    else
      source = LhsSource::Copy;
  }

  void emit() {
    Value packed = packPairs();
    Value rhs = view(packed, width * 2);
    e.parallel({e.ceilDiv(c.colExtent, width), c.tasks(e)}, [&](ValueRange at) {
      Value j0 = e.mul(at[0], width);
      Value base = e.mul(at[0], e.floorDiv(c.depthExtent, 2));
      Value scratch = e.alloc(c.accumulateType, e.index(kTile * width));
      if (source == LhsSource::Copy)
        lhsCopy = e.alloc(c.inputType, e.index(kTileElements));
      if (source == LhsSource::Values)
        cells.emplace(e, c, kTile, kDepth, /*entries=*/1);
      emitWidths(maxTiles, at[1], j0, base, rhs, view(scratch, width));
      if (cells)
        cells->free();
      if (lhsCopy)
        e.free(lhsCopy);
      e.free(scratch);
    });
    e.free(packed);
  }

private:
  /// A flat buffer as rows of `cols` elements.
  Value view(Value flat, int64_t cols) {
    auto type = cast<MemRefType>(flat.getType());
    Value size = memref::DimOp::create(e.b, e.loc, flat, int64_t(0));
    int64_t offset;
    SmallVector<int64_t> strides;
    (void)type.getStridesAndOffset(strides, offset);
    auto result =
        MemRefType::get({ShapedType::kDynamic, cols}, type.getElementType());
    return memref::ReinterpretCastOp::create(
        e.b, e.loc, result, flat, e.b.getIndexAttr(0),
        ArrayRef<OpFoldResult>{e.floorDiv(size, cols), e.b.getIndexAttr(cols)},
        ArrayRef<OpFoldResult>{e.b.getIndexAttr(cols), e.b.getIndexAttr(1)});
  }

  /// Panels of the rhs, rows k and k + 1 interleaved, padded with zeros.
  Value packPairs() {
    Value panels = e.ceilDiv(c.colExtent, width);
    Value pairs = e.floorDiv(c.depthExtent, 2);
    Value packed = e.alloc(c.inputType, e.mul(e.mul(panels, pairs), width * 2));
    e.parallel({panels, pairs}, [&](ValueRange at) {
      Value j0 = e.mul(at[0], width), k = e.mul(at[1], 2);
      Value to = e.mul(e.add(e.mul(at[0], pairs), at[1]), width * 2);
      for (int64_t t = 0; t < maxTiles; ++t) {
        Value j = e.add(j0, t * kTile);
        Value pair = vector::InterleaveOp::create(e.b, e.loc, loadRow(k, j),
                                                  loadRow(e.add(k, 1), j));
        e.storeVector(pair, packed, e.add(to, t * kTile * 2));
      }
    });
    return packed;
  }

  Value loadRow(Value k, Value j) {
    auto type = VectorType::get({kTile}, c.inputType);
    if (c.rhs.contiguous)
      return e.maskedLoad(type, c.rhs.data, c.rhs.offset(e, k, j),
                          e.laneMask(kTile, e.sub(c.colExtent, j)));
    Value row = e.zero(type);
    Value last = e.sub(c.colExtent, e.index(1));
    for (int64_t n = 0; n < kTile; ++n) {
      // Beyond the last column anything will do: those sums are not stored.
      Value column = e.min(e.add(j, n), last);
      row = vector::InsertOp::create(
          e.b, e.loc, e.load(c.rhs.data, c.rhs.offset(e, k, column)), row, n);
    }
    return row;
  }

  void emitWidths(int64_t tiles, Value task, Value j0, Value base, Value rhs,
                  Value sums) {
    auto loop = [&] { emitPanels(tiles, task, j0, base, rhs, sums); };
    if (tiles == 1)
      return loop();
    Value count = e.sub(c.colExtent, j0);
    e.ifThen(e.compare(arith::CmpIPredicate::sgt, count, (tiles - 1) * kTile),
             loop, [&] { emitWidths(tiles - 1, task, j0, base, rhs, sums); });
  }

  void emitPanels(int64_t tiles, Value task, Value j0, Value base, Value rhs,
                  Value sums) {
    auto phase = [&](Value phase, bool initIsZero) {
      if (cells) {
        Value first = e.loadIndex(c.op.getTables().back(), task);
        first = e.add(e.mul(phase, chains.getNumPanels()), first);
        cells->start(e.loadIndex(tables[1], first));
      }
      c.forEachPanel(e, task, [&](Value panel) {
        Value chain = e.add(e.mul(phase, chains.getNumPanels()), panel);
        PanelRows rows = getRows(panel);
        walk(chain, tiles, base, rows, rhs, sums);
        storeRows(panel, rows, tiles, j0, sums, initIsZero);
      });
    };
    phase(e.index(0), !c.op.getAccumulate());
    if (chains.getPhases() > 1)
      e.forRange(e.index(1), e.index(chains.getPhases()), 1,
                 [&](Value f) { phase(f, false); });
  }

  /// The rows of a panel.
  struct PanelRows {
    Value first;              ///< that tiles are loaded from; `Rows` only
    Value skipped;            ///< rows of the tile before the panel's own
    SmallVector<Value> index; ///< `Copy` only
  };

  PanelRows getRows(Value panel) {
    PanelRows rows{Value(), e.index(0), {}};
    auto load = [&](int64_t n) -> Value {
      Value row = e.loadIndex(tables[0], e.add(e.mul(panel, kTile), n));
      return arith::MaxSIOp::create(e.b, e.loc, row, e.index(0));
    };
    if (source == LhsSource::Copy)
      for (int64_t n = 0; n < kTile; ++n)
        rows.index.push_back(load(n));
    if (source != LhsSource::Rows)
      return rows;
    // A panel that would lead beyond the last row begins earlier: what the rows
    // before its own sum up to is not stored.
    Value own = load(0);
    rows.first = e.min(own, e.sub(c.rowExtent, e.index(kTile)));
    rows.skipped = e.sub(own, rows.first);
    return rows;
  }

  Value loadLhs(Value entry, Value k, const PanelRows &rows) {
    auto load = [&](Value from, Value at, Value stride) -> Value {
      return amx::TileLoadOp::create(e.b, e.loc, inType, from, ValueRange{at},
                                     stride);
    };
    if (source == LhsSource::Packed)
      return load(c.lhs.data, e.mul(entry, kTileElements), e.index(kDepth));
    if (source == LhsSource::Rows)
      return load(c.lhs.data, c.lhs.offset(e, rows.first, k), c.lhs.xStride);
    if (source == LhsSource::Values) {
      Value at = cells->advance(entry);
      return load(cells->getMemory(), at, e.index(kDepth));
    }
    TileLines lines{c.lhs, /*ofRhs=*/false, rows.index, rowsAreRuns};
    emitCopyTile(e, c, lines, k, TileForm::Lines, lhsCopy, e.index(0));
    return load(lhsCopy, e.index(0), e.index(kDepth));
  }

  void walk(Value chain, int64_t tiles, Value base, const PanelRows &rows,
            Value rhs, Value sums) {
    Value begin = e.loadIndex(tables[1], chain);
    Value end = e.loadIndex(tables[1], e.add(chain, 1));
    SmallVector<Value> acc;
    for (int64_t t = 0; t < tiles; ++t)
      acc.push_back(amx::TileZeroOp::create(e.b, e.loc, accType));
    acc = e.forRange(begin, end, 1, acc, [&](Value entry, ValueRange carried) {
      SmallVector<Value> next(carried);
      Value k = e.loadIndex(tables[2], entry);
      Value a = loadLhs(entry, k, rows);
      Value row = e.add(base, e.floorDiv(k, 2));
      for (int64_t t = 0; t < tiles; ++t) {
        Value b = amx::TileLoadOp::create(
            e.b, e.loc, inType, rhs, ValueRange{row, e.index(t * kTile * 2)});
        next[t] = amx::TileMulFOp::create(e.b, e.loc, accType, a, b, next[t]);
      }
      return next;
    });
    for (int64_t t = 0; t < tiles; ++t)
      amx::TileStoreOp::create(
          e.b, e.loc, sums, ValueRange{e.index(0), e.index(t * kTile)}, acc[t]);
  }

  void storeRows(Value panel, const PanelRows &rows, int64_t tiles, Value j0,
                 Value sums, bool initIsZero) {
    VectorType acc = c.vector(c.accumulateType), out = c.vector(c.outType);
    e.forRange(e.index(0), e.index(kTile), 1, [&](Value r) {
      Value row = e.loadIndex(tables[0], e.add(e.mul(panel, kTile), r));
      e.ifThen(e.compare(arith::CmpIPredicate::sge, row, 0), [&] {
        for (int64_t t = 0; t < tiles; ++t) {
          Value j = e.add(j0, t * kTile);
          Value mask = e.laneMask(kTile, e.sub(c.colExtent, j));
          Value sum = vector::LoadOp::create(
              e.b, e.loc, acc, sums,
              ValueRange{e.add(r, rows.skipped), e.index(t * kTile)});
          Value at = c.out.offset(e, row, j);
          if (!initIsZero)
            sum = arith::AddFOp::create(
                e.b, e.loc, sum,
                e.convert(e.maskedLoad(out, c.out.data, at, mask), acc));
          sum = c.finish(e, sum, row, j, mask);
          e.maskedStore(e.convert(sum, out), c.out.data, at, mask);
        }
      });
    });
  }

  Emitter &e;
  const KernelContext &c;
  ValueRange tables;
  ChainsAttr chains;
  int64_t maxTiles, width;
  amx::TileType accType, inType;
  LhsSource source;
  bool rowsAreRuns;
  Value lhsCopy; ///< one tile, of the worker
  std::optional<CellQueue> cells;
};

} // namespace

LogicalResult mlir::spmmplu::emitChainTileKernel(Emitter &e,
                                                 const KernelContext &c) {
  int64_t k = c.op.getExtent(Axis::K);
  // Only a packed lhs has zeros where its last entry covers what another owns.
  bool fits = c.op.getPackedLhs() ? k % 2 == 0 : k % kDepth == 0;
  if (c.strategy.getRows() != kTile || c.strategy.getDepth() != kDepth ||
      ShapedType::isDynamic(k) || !fits)
    return c.op.emitOpError(
               "expects entries of 16x32 and an even K (a multiple "
               "of 32 unless the lhs is packed) for AMX tiles, "
               "found rows = ")
           << c.strategy.getRows() << ", depth = " << c.strategy.getDepth()
           << ", K = " << k;
  ChainTileKernel(e, c).emit();
  return success();
}
