//===- ChainGatherKernel.cpp - Chains of gathered k on AMX -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where rows of the lhs share columns that do not follow each other, an entry
// is one k, and 32 entries of a chain are a step of tile products. The packed
// lhs is tiles of 16 rows by a step; one that is the values of a mask's places
// is filled into such tiles step by step. The rows of the rhs that a step names
// are gathered and interleaved to pairs in scratch memory while the step before
// it is multiplied. One gathered step is 32 columns and serves all rows of a
// panel.
//
//===----------------------------------------------------------------------===//

#include "TileOperands.h"
#include "ValueCells.h"

#include "mlir/Dialect/AMX/AMXDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

constexpr int64_t kWidth = 2 * kTileLines; ///< columns that are gathered
constexpr int64_t kStepElements = kTileDepth * kWidth;

class ChainGatherKernel {
public:
  ChainGatherKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), tables(c.op.getTables()),
        chains(cast<ChainsAttr>(c.op.getTable())), rows(c.strategy.getRows()),
        accType(amx::TileType::get({kTileLines, kTileLines}, c.accumulateType)),
        inType(amx::TileType::get({kTileLines, kTileDepth}, c.inputType)) {}

  void emit() {
    auto copied = [&] {
      Value packed = emitPackRhs(e, c, kWidth, c.inputType);
      emitParallel(packed);
      e.free(packed);
    };
    if (c.strategy.getPackRhs() || !c.rhs.contiguous)
      return copied();
    // Rows are read where they lie if none ends within a panel of columns.
    Value rest =
        e.sub(c.colExtent, e.mul(e.floorDiv(c.colExtent, kWidth), kWidth));
    e.ifThen(
        e.compare(arith::CmpIPredicate::eq, rest, 0),
        [&] { emitParallel(Value()); }, copied);
  }

private:
  /// `packed`: the panels of the rhs, or null where it is read in place.
  void emitParallel(Value packed) {
    e.parallel({e.ceilDiv(c.colExtent, kWidth), c.tasks(e)},
               [&](ValueRange at) {
                 Worker w;
                 w.j0 = e.mul(at[0], kWidth);
                 w.rhs = packed ? packed : c.rhs.data;
                 w.base = packed ? e.mul(w.j0, c.depthExtent) : w.j0;
                 w.stride = packed ? e.index(kWidth) : c.rhs.xStride;
                 w.steps = e.alloc(c.inputType, e.index(2 * kStepElements));
                 w.sums = e.alloc(c.accumulateType, e.index(rows * kWidth));
                 if (c.op.getLhsPlaces())
                   w.cells.emplace(e, c, rows, kTileDepth, kTileDepth);
                 emitPanels(at[1], w);
                 if (w.cells)
                   w.cells->free();
                 e.free(w.sums);
                 e.free(w.steps);
               });
  }

  /// What a worker has at hand for its panel of columns.
  struct Worker {
    Value j0;                ///< first column
    Value rhs, base, stride; ///< row k of the panel is at base + k * stride
    Value steps; ///< the gathered step that is multiplied, and the next one
    Value sums;  ///< [rows][kWidth]
    std::optional<CellQueue> cells; ///< of a lhs that is values
  };

  void emitPanels(Value task, Worker &w) {
    auto phase = [&](Value phase, bool initIsZero) {
      if (w.cells) {
        Value first = e.loadIndex(tables.back(), task);
        first = e.add(e.mul(phase, chains.getNumPanels()), first);
        w.cells->start(e.loadIndex(tables[1], first));
      }
      c.forEachPanel(e, task, [&](Value panel) {
        walk(e.add(e.mul(phase, chains.getNumPanels()), panel), w);
        storeRows(panel, w, initIsZero);
      });
    };
    phase(e.index(0), !c.op.getAccumulate());
    if (chains.getPhases() > 1)
      e.forRange(e.index(1), e.index(chains.getPhases()), 1,
                 [&](Value f) { phase(f, false); });
  }

  void walk(Value chain, Worker &w) {
    Value begin = e.loadIndex(tables[1], chain);
    Value end = e.loadIndex(tables[1], e.add(chain, 1));
    int64_t products = rows / kTileLines * 2;
    e.ifThen(e.compare(arith::CmpIPredicate::slt, begin, end),
             [&] { gather(begin, 0, kTileLines, w, e.index(0)); });
    SmallVector<Value> carried = {e.index(0)};
    for (int64_t t = 0; t < products; ++t)
      carried.push_back(amx::TileZeroOp::create(e.b, e.loc, accType));
    Value last = e.sub(end, e.index(kTileDepth));
    carried = e.forRange(
        begin, end, kTileDepth, carried, [&](Value entry, ValueRange a) {
          SmallVector<Value> next(a);
          Value here = next[0];
          next[0] = e.sub(e.index(kStepElements), here);
          // (The last step is gathered twice: no branch is cheaper.)
          Value following = e.min(e.add(entry, kTileDepth), last);
          int64_t pairs = kTileLines / products;
          multiply(entry, w, here, MutableArrayRef(next).drop_front(),
                   [&](int64_t product) {
                     gather(following, product * pairs, pairs, w, next[0]);
                   });
          return next;
        });
    for (auto [n, tile] : llvm::enumerate(ArrayRef(carried).drop_front()))
      amx::TileStoreOp::create(
          e.b, e.loc, w.sums,
          ValueRange{e.index(int64_t(n / 2) * kTileLines * kWidth +
                             int64_t(n % 2) * kTileLines)},
          tile, e.index(kWidth));
  }

  /// Rows k0 and k1 of a pair of entries, 32 columns, give two tiles' pairs.
  /// Interleaving stays within 128 bits, where it is cheapest: the first tile
  /// has columns 0 to 3, 8 to 11 and so on, the second one the others.
  void gather(Value entry, int64_t firstPair, int64_t pairs, const Worker &w,
              Value to) {
    auto type = VectorType::get({kWidth}, c.inputType);
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < kWidth; ++lane) {
      int64_t from = lane / 8 * 8 + lane % 8 / 2 + lane % 2 * kWidth;
      low.push_back(from);
      high.push_back(from + 4);
    }
    auto load = [&](int64_t n) {
      Value k = e.loadIndex(tables[2], e.add(entry, n));
      return e.loadVector(type, w.rhs, e.add(w.base, e.mul(k, w.stride)));
    };
    for (int64_t pair = firstPair; pair < firstPair + pairs; ++pair) {
      Value even = load(2 * pair), odd = load(2 * pair + 1);
      auto store = [&](ArrayRef<int64_t> lanes, int64_t tile) {
        e.storeVector(vector::ShuffleOp::create(e.b, e.loc, even, odd, lanes),
                      w.steps,
                      e.add(to, tile * kTileElements + pair * kTileDepth));
      };
      store(low, 0);
      store(high, 1);
    }
  }

  /// One step. Calls `before` before each product, for what the core can do
  /// while the tile unit is busy.
  void multiply(Value entry, Worker &w, Value step, MutableArrayRef<Value> sums,
                function_ref<void(int64_t product)> before) {
    auto load = [&](Value from, Value at) -> Value {
      return amx::TileLoadOp::create(e.b, e.loc, inType, from, ValueRange{at},
                                     e.index(kTileDepth));
    };
    Value lhs = w.cells ? w.cells->getMemory() : c.lhs.data;
    Value at = w.cells ? w.cells->advance(entry) : e.mul(entry, rows);
    SmallVector<Value> a;
    for (int64_t r = 0; r < rows / kTileLines; ++r)
      a.push_back(load(lhs, e.add(at, r * kTileElements)));
    for (int64_t t = 0; t < 2; ++t) {
      Value b = load(w.steps, e.add(step, t * kTileElements));
      for (auto [r, tile] : llvm::enumerate(a)) {
        before(t * a.size() + r);
        Value &sum = sums[r * 2 + t];
        sum = amx::TileMulFOp::create(e.b, e.loc, accType, tile, b, sum);
      }
    }
  }

  void storeRows(Value panel, const Worker &w, bool initIsZero) {
    e.forRange(e.index(0), e.index(rows), 1, [&](Value r) {
      Value row = e.loadIndex(tables[0], e.add(e.mul(panel, rows), r));
      e.ifThen(e.compare(arith::CmpIPredicate::sge, row, 0), [&] {
        Value at = e.mul(r, kWidth);
        VectorType type = c.vector(c.accumulateType);
        Value first = e.loadVector(type, w.sums, at);
        Value second = e.loadVector(type, w.sums, e.add(at, kTileLines));
        for (int64_t half = 0; half < 2; ++half)
          storeHalf(first, second, half, row, e.add(w.j0, half * kTileLines),
                    initIsZero);
      });
    });
  }

  /// Columns [16 half, 16 half + 16) of a row of two tiles, see `gather`.
  void storeHalf(Value first, Value second, int64_t half, Value row, Value j,
                 bool initIsZero) {
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < kTileLines; ++lane)
      lanes.push_back(8 * half + lane / 8 * 4 + lane % 4 +
                      lane % 8 / 4 * kTileLines);
    Value sum = vector::ShuffleOp::create(e.b, e.loc, first, second, lanes);
    VectorType out = c.vector(c.outType);
    Value mask = e.laneMask(kTileLines, e.sub(c.colExtent, j));
    Value at = c.out.offset(e, row, j);
    if (!initIsZero)
      sum = arith::AddFOp::create(
          e.b, e.loc, sum,
          e.convert(e.maskedLoad(out, c.out.data, at, mask),
                    c.vector(c.accumulateType)));
    sum = c.finish(e, sum, row, j, mask);
    e.maskedStore(e.convert(sum, out), c.out.data, at, mask);
  }

  Emitter &e;
  const KernelContext &c;
  ValueRange tables;
  ChainsAttr chains;
  int64_t rows;
  amx::TileType accType, inType;
};

} // namespace

LogicalResult mlir::spmmplu::emitChainGatherKernel(Emitter &e,
                                                   const KernelContext &c) {
  int64_t rows = c.strategy.getRows();
  bool fitsLhs = c.op.getPackedLhs() || c.op.getLhsPlaces();
  if (!fitsLhs || c.strategy.getDepth() != 1 || c.strategy.getVectors() != 2 ||
      (rows != 16 && rows != 32))
    return c.op.emitOpError("expects a packed lhs or values of places, panels "
                            "of 16 or 32 rows and two vectors to gather k for "
                            "AMX tiles, found rows = ")
           << rows << ", vectors = " << c.strategy.getVectors();
  ChainGatherKernel(e, c).emit();
  return success();
}
