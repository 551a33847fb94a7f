//===- ChainKernel.cpp - Reduction chains on vector FMA units --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The register tile is some of the panel's rows by some vectors of columns:
// along k one entry after the other, a vector of the rhs is loaded once and
// multiplied by each row's value, which is broadcast. The accumulators stay in
// registers over the whole chain, and are written once. Where chains have
// several phases of k, a phase's rows of the rhs are copied just before its
// products and stay in the caches (`ChainPhases`). A panel of more rows
// than fit walks its chain once a tile of rows, so that one table serves few
// columns (many rows a tile) and many (few rows). Where a tile has too few
// accumulators to hide the FMA's latency, consecutive k go to separate sets.
// Of an lhs that is the values of a mask's places, cells of the tile's rows by
// a vector of entries are filled from them first.
//
//===----------------------------------------------------------------------===//

#include "ChainPhases.h"
#include "ValueCells.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Emits the walk of one chain for a fixed number of vectors.
class ChainWalk {
public:
  /// `cell`: scratch memory for the cell of a tile, or null.
  ChainWalk(Emitter &e, const KernelContext &c, int64_t vectors, Value cell)
      : e(e), c(c), cell(cell), panelRows(c.strategy.getRows()),
        rows(getRegisterRows(c.intrinsic, panelRows, vectors)),
        depth(c.strategy.getDepth()), vectors(vectors),
        vector(c.vector(c.accumulateType)) {
    // FMAs in flight that fill the pipes, over those of one set. Entries of
    // one k wait for loads instead, and the next chain's overlap with this
    // one's: further sets cost more than they hide.
    int64_t needed = c.intrinsic.latency * c.intrinsic.throughput;
    if (depth == 1)
      needed /= 2;
    sets = std::max<int64_t>(1, needed / (rows * vectors));
    sets = std::min<int64_t>(sets, 4);
    unroll = llvm::divideCeil(sets, depth);
  }

  /// Chain `chain` of panel `panel`, columns [j0, j0 + count). `visit`: of
  /// several, or null.
  void emit(Value chain, Value panel, const RhsPanel &rhs, Value j0,
            Value count, const PanelVisit *visit) {
    auto tile = [&](Value firstRow) {
      emitTile(chain, loadRows(panel, firstRow), rhs, j0, count, visit);
    };
    if (rows == panelRows)
      return tile(e.index(0));
    e.forRange(e.index(0), e.index(panelRows), rows, tile);
  }

private:
  /// The rows of a register tile: their place in the panel and the output.
  struct TileRows {
    Value first;
    SmallVector<Value> index, exists;
    SmallVector<Value> next; ///< of the tile after it, if its lines are fetched
  };

  TileRows loadRows(Value panel, Value firstRow) {
    TileRows tile{firstRow, {}, {}, {}};
    Value base = e.add(e.mul(panel, panelRows), firstRow);
    for (int64_t r = 0; r < rows; ++r) {
      Value row = e.loadIndex(c.op.getTables()[0], e.add(base, r));
      tile.exists.push_back(e.compare(arith::CmpIPredicate::sge, row, 0));
      // A row of padding is never stored; where the lhs is read in place it
      // reads row 0 instead.
      tile.index.push_back(arith::MaxSIOp::create(e.b, e.loc, row, e.index(0)));
    }
    Value table = c.op.getTables()[0];
    int64_t last = cast<MemRefType>(table.getType()).getDimSize(0) - 1;
    for (int64_t r = 0; r < rows && isFarLhs(); ++r) {
      Value at = e.min(e.add(base, rows + r), e.index(last));
      tile.next.push_back(arith::MaxSIOp::create(
          e.b, e.loc, e.loadIndex(table, at), e.index(0)));
    }
    return tile;
  }

  void emitTile(Value chain, const TileRows &tile, const RhsPanel &rhs,
                Value j0, Value count, const PanelVisit *visit) {
    ValueRange tables = c.op.getTables();
    Value begin = e.loadIndex(tables[1], chain);
    Value end = e.loadIndex(tables[1], e.add(chain, 1));
    Value tailMask =
        e.laneMask(c.lanes(), e.sub(count, e.index((vectors - 1) * c.lanes())));
    if (!visit)
      prefetchOutput(tile, j0);
    SmallVector<Value> sums =
        addSets(cell ? walkCells(begin, end, tile, rhs)
                     : walkEntries(begin, end, tile, rhs));
    auto storeTile = [&] {
      for (int64_t r = 0; r < rows; ++r)
        e.ifThen(tile.exists[r],
                 [&] { storeRow(sums, r, tile.index[r], j0, tailMask); });
    };
    if (!visit)
      return storeTile();
    Value isLater = arith::XOrIOp::create(
        e.b, e.loc, visit->isFirst,
        arith::ConstantOp::create(e.b, e.loc, e.b.getBoolAttr(true)));
    sums = e.ifChanged(isLater, sums, [&](ValueRange later) {
      return addEarlier(later, tile, *visit);
    });
    e.ifThen(visit->isLast, storeTile, [&] { keep(sums, tile, *visit); });
  }

  /// The sums of all sets, row by row.
  SmallVector<Value> addSets(ArrayRef<Value> acc) {
    SmallVector<Value> sums(acc.take_front(rows * vectors));
    for (auto [at, value] : llvm::enumerate(acc.drop_front(rows * vectors)))
      sums[at % sums.size()] =
          arith::AddFOp::create(e.b, e.loc, sums[at % sums.size()], value);
    return sums;
  }

  /// Where vector `v` of the tile's row `r` has the sums of earlier phases.
  Value keptAt(int64_t r, int64_t v, const TileRows &tile,
               const PanelVisit &visit) {
    Value row = e.mul(e.add(tile.first, r), visit.width);
    return e.add(e.add(visit.base, row), v * c.lanes());
  }

  SmallVector<Value> addEarlier(ValueRange later, const TileRows &tile,
                                const PanelVisit &visit) {
    SmallVector<Value> sums;
    for (auto [at, value] : llvm::enumerate(later))
      sums.push_back(arith::AddFOp::create(
          e.b, e.loc, value,
          e.loadVector(vector, visit.sums,
                       keptAt(at / vectors, at % vectors, tile, visit))));
    return sums;
  }

  void keep(ArrayRef<Value> sums, const TileRows &tile,
            const PanelVisit &visit) {
    for (auto [at, value] : llvm::enumerate(sums))
      e.storeVector(value, visit.sums,
                    keptAt(at / vectors, at % vectors, tile, visit));
  }

  SmallVector<Value> zeroSums() {
    return SmallVector<Value>(sets * rows * vectors, e.zero(vector));
  }

  SmallVector<Value> walkEntries(Value begin, Value end, const TileRows &tile,
                                 const RhsPanel &rhs) {
    SmallVector<Value> acc = zeroSums();
    // Whole unrolled steps, then the entries left over, into the first sets.
    Value whole = begin;
    if (unroll > 1) {
      whole =
          e.add(begin, e.mul(e.floorDiv(e.sub(end, begin), unroll), unroll));
      acc =
          e.forRange(begin, whole, unroll, acc, [&](Value entry, ValueRange a) {
            SmallVector<Value> next(a);
            for (int64_t u = 0; u < unroll; ++u) {
              prefetchLhs(e.add(entry, u), begin, end, tile);
              step(e.add(entry, u), u * depth, tile, rhs, next);
            }
            return next;
          });
    }
    return e.forRange(whole, end, 1, acc, [&](Value entry, ValueRange a) {
      SmallVector<Value> next(a);
      prefetchLhs(entry, begin, end, tile);
      step(entry, 0, tile, rhs, next);
      return next;
    });
  }

  /// Chains are whole cells: a vector of entries of one k each.
  SmallVector<Value> walkCells(Value begin, Value end, const TileRows &tile,
                               const RhsPanel &rhs) {
    int64_t lanes = c.lanes();
    auto multiplyPiece = [&](Value entry, Value first, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (int64_t n = 0; n < kUnrolledDepth; ++n) {
        Value at = e.add(first, n);
        Value k = e.loadIndex(c.op.getTables()[2], e.add(entry, at));
        multiply(k, n % sets, rhs, next,
                 [&](int64_t r) { return e.load(cell, e.add(at, r * lanes)); });
      }
      return next;
    };
    return e.forRange(
        begin, end, lanes, zeroSums(), [&](Value entry, ValueRange carried) {
          Value run =
              e.add(e.mul(e.floorDiv(entry, lanes), panelRows), tile.first);
          for (int64_t r = 0; r < rows; ++r)
            emitFillRow(e, c, e.add(run, r), lanes, cell, e.index(r * lanes));
          return e.forRange(e.index(0), e.index(lanes), kUnrolledDepth, carried,
                            [&](Value first, ValueRange a) {
                              return multiplyPiece(entry, first, a);
                            });
        });
  }

  /// Fetches the lines that the tile will write while it computes: the output
  /// is larger than a cache where N is large, and a store that misses would
  /// wait for its line (docs/performance.md).
  void prefetchOutput(const TileRows &tile, Value j0) {
    for (Value row : tile.index)
      for (int64_t v = 0; v < vectors; ++v)
        memref::PrefetchOp::create(
            e.b, e.loc, c.out.data,
            ValueRange{c.out.offset(e, row, e.add(j0, v * c.lanes()))},
            /*isWrite=*/true, /*localityHint=*/3, /*isDataCache=*/true);
  }

  /// One entry: `depth` consecutive k, starting in set `firstSet`. Deep entries
  /// loop over pieces: unrolled whole they would be most of the code, and most
  /// of the time that it takes to compile.
  void step(Value entry, int64_t firstSet, const TileRows &tile,
            const RhsPanel &rhs, SmallVectorImpl<Value> &acc) {
    Value k = e.loadIndex(c.op.getTables()[2], entry);
    if (depth <= kUnrolledDepth || depth % kUnrolledDepth)
      return piece(entry, k, e.index(0), depth, firstSet, tile, rhs, acc);
    SmallVector<Value> sums =
        e.forRange(e.index(0), e.index(depth), kUnrolledDepth, acc,
                   [&](Value within, ValueRange carried) {
                     SmallVector<Value> next(carried);
                     piece(entry, k, within, kUnrolledDepth, /*firstSet=*/0,
                           tile, rhs, next);
                     return next;
                   });
    acc.assign(sums);
  }

  /// Whether entries are whole lines of an lhs in place, which lie a row apart:
  /// nothing but the kernel fetches them ahead.
  bool isFarLhs() const {
    unsigned bytes = c.inputType.getIntOrFloatBitWidth() / 8;
    return c.lhs.xStride && c.lhs.contiguous && depth * bytes >= kLineBytes;
  }

  /// Fetches the lines of a later entry of the chain, or those of the next
  /// tile's rows, which mostly have the same chain.
  void prefetchLhs(Value entry, Value begin, Value end, const TileRows &tile) {
    if (!isFarLhs())
      return;
    auto select = [&](Value condition, Value a, Value b) -> Value {
      return arith::SelectOp::create(e.b, e.loc, condition, a, b);
    };
    Value later = e.add(entry, std::max<int64_t>(kFetchedAhead / depth, 1));
    Value isNext = e.compare(arith::CmpIPredicate::sge, later, end);
    Value wrapped = e.min(e.add(begin, e.sub(later, end)), entry);
    Value k = e.loadIndex(c.op.getTables()[2], select(isNext, wrapped, later));
    int64_t line = kLineBytes * 8 / c.inputType.getIntOrFloatBitWidth();
    for (auto [here, next] : llvm::zip(tile.index, tile.next)) {
      Value row = select(isNext, next, here);
      for (int64_t at = 0; at < depth; at += line)
        memref::PrefetchOp::create(
            e.b, e.loc, c.lhs.data,
            ValueRange{c.lhs.offset(e, row, e.add(k, at))}, /*isWrite=*/false,
            /*localityHint=*/3, /*isDataCache=*/true);
    }
  }

  /// `count` consecutive k from `within` the entry on.
  void piece(Value entry, Value k, Value within, int64_t count,
             int64_t firstSet, const TileRows &tile, const RhsPanel &rhs,
             SmallVectorImpl<Value> &acc) {
    for (int64_t n = 0; n < count; ++n) {
      Value kk = e.add(within, n);
      multiply(e.add(k, kk), (firstSet + n) % sets, rhs, acc,
               [&](int64_t r) { return loadLhs(entry, k, kk, r, tile); });
    }
  }

  /// Row `k` of the rhs by the value of each row of the tile, into one set.
  void multiply(Value k, int64_t set, const RhsPanel &rhs,
                SmallVectorImpl<Value> &acc,
                function_ref<Value(int64_t row)> loadValue) {
    Value base = e.add(rhs.base, e.mul(k, rhs.stride));
    SmallVector<Value> b;
    for (int64_t v = 0; v < vectors; ++v)
      b.push_back(e.convert(
          e.loadVector(c.vector(getElementTypeOrSelf(rhs.data.getType())),
                       rhs.data, e.add(base, v * c.lanes())),
          vector));
    for (int64_t r = 0; r < rows; ++r) {
      Value a = e.splat(vector, loadValue(r));
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = acc[(set * rows + r) * vectors + v];
        sum = e.fma(a, b[v], sum);
      }
    }
  }

  Value loadLhs(Value entry, Value k, Value kk, int64_t r,
                const TileRows &tile) {
    Value at;
    if (c.op.getPackedLhs())
      at = e.add(e.add(e.mul(entry, depth * panelRows), tile.first),
                 e.add(e.mul(kk, panelRows), r));
    else
      at = c.lhs.offset(e, tile.index[r], e.add(k, kk));
    return e.convert(e.load(c.lhs.data, at), c.accumulateType);
  }

  void storeRow(ArrayRef<Value> sums, int64_t r, Value row, Value j0,
                Value tailMask) {
    for (int64_t v = 0; v < vectors; ++v) {
      Value sum = sums[r * vectors + v];
      Value at = c.out.offset(e, row, e.add(j0, v * c.lanes()));
      VectorType outVector = c.vector(c.outType);
      bool tail = v == vectors - 1;
      if (c.op.getAccumulate()) {
        Value init = tail ? e.maskedLoad(outVector, c.out.data, at, tailMask)
                          : e.loadVector(outVector, c.out.data, at);
        sum = arith::AddFOp::create(e.b, e.loc, sum, e.convert(init, vector));
      }
      sum = c.finish(e, sum, row, e.add(j0, v * c.lanes()),
                     tail ? tailMask : Value());
      sum = e.convert(sum, outVector);
      if (tail)
        e.maskedStore(sum, c.out.data, at, tailMask);
      else
        e.storeVector(sum, c.out.data, at);
    }
  }

  static constexpr int64_t kLineBytes = 64;
  /// k, of about eight cycles each.
  static constexpr int64_t kFetchedAhead = 64;
  /// A multiple of any number of sets.
  static constexpr int64_t kUnrolledDepth = 8;

  Emitter &e;
  const KernelContext &c;
  Value cell; ///< [rows][lanes]
  int64_t panelRows, rows, depth, vectors;
  VectorType vector;
  int64_t sets, unroll;
};

} // namespace

/// Register tiles of every width up to `vectors`, so that a tail of columns
/// does not pay for a whole tile.
static void forWidth(Emitter &e, const KernelContext &c, int64_t vectors,
                     Value count, function_ref<void(int64_t vectors)> body) {
  if (vectors == 1)
    return body(1);
  Value wide =
      e.compare(arith::CmpIPredicate::sgt, count, (vectors - 1) * c.lanes());
  e.ifThen(
      wide, [&] { body(vectors); },
      [&] { forWidth(e, c, vectors - 1, count, body); });
}

namespace {

/// All chains of a kernel for any N but one.
class ChainKernel {
public:
  ChainKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), width(c.strategy.getVectors() * c.lanes()) {}

  /// The rhs where it lies.
  void emitInPlace() {
    emitPanels(
        [&](Value j0) { return RhsPanel{c.rhs.data, j0, c.rhs.xStride}; });
  }

  /// Copies of it: all at once, or phase by phase.
  void emitCopied() {
    if (ChainPhases::areRowsOfRhs(c)) {
      RhsPacker packer(e, c, width, c.accumulateType);
      emitPanels([&](Value j0) { return RhsPanel{}; }, &packer);
      return packer.free();
    }
    Value packed = emitPackRhs(e, c, width, c.accumulateType);
    emitPanels([&](Value j0) {
      return RhsPanel{packed, e.mul(j0, c.depthExtent), e.index(width)};
    });
    e.free(packed);
  }

private:
  /// Columns [j0, j0 + count) of a task.
  struct Item {
    Value task, j0, count;
    Value cell;
  };

  /// Every (panel of columns, task) pair is independent. `packer`: copies the
  /// rows of a phase, or null.
  void emitPanels(function_ref<RhsPanel(Value j0)> getRhs,
                  const RhsPacker *packer = nullptr) {
    std::optional<ChainPhases> phases;
    if (cast<ChainsAttr>(c.op.getTable()).getPhases() > 1)
      phases.emplace(e, c);
    Value colPanels = e.ceilDiv(c.colExtent, width);
    e.parallel({colPanels, c.tasks(e)}, [&](ValueRange at) {
      Value j0 = e.mul(at[0], width);
      Value count = e.min(e.index(width), e.sub(c.colExtent, j0));
      // What is filled from values is one cell at a time.
      Value cell;
      if (c.op.getLhsPlaces())
        cell = e.alloc(c.inputType, e.index(c.strategy.getRows() * c.lanes()));
      Item item{at[1], j0, count, cell};
      if (phases)
        emitPhases(*phases, item, getRhs(j0), packer);
      else
        emitOnePhase(item, getRhs(j0));
      if (cell)
        e.free(cell);
    });
    if (phases)
      phases->free();
  }

  void emitOnePhase(const Item &item, const RhsPanel &rhs) {
    forWidth(e, c, c.strategy.getVectors(), item.count, [&](int64_t vectors) {
      ChainWalk walk(e, c, vectors, item.cell);
      c.forEachPanel(e, item.task, [&](Value panel) {
        walk.emit(panel, panel, rhs, item.j0, item.count, /*visit=*/nullptr);
      });
    });
  }

  void emitPhases(ChainPhases &phases, const Item &item, RhsPanel rhs,
                  const RhsPacker *packer) {
    Value sums = phases.allocSums(item.task, width);
    if (packer)
      rhs.data =
          e.alloc(c.accumulateType, e.index(c.strategy.getPhase() * width));
    e.forRange(e.index(0), phases.count(), 1, [&](Value phase) {
      RhsPanel here = rhs;
      if (packer) {
        auto [first, last] = phases.getRows(phase);
        here.stride = e.index(width);
        here.base = e.sub(e.index(0), e.mul(first, width));
        packer->emitRows(first, last, item.j0, here.data, here.base);
      }
      emitPhase(phases, phase, item, here, sums);
    });
    e.free(sums);
    if (packer)
      e.free(rhs.data);
  }

  void emitPhase(ChainPhases &phases, Value phase, const Item &item,
                 const RhsPanel &rhs, Value sums) {
    forWidth(e, c, c.strategy.getVectors(), item.count, [&](int64_t vectors) {
      ChainWalk walk(e, c, vectors, item.cell);
      phases.forEachVisit(
          item.task, phase, sums, width,
          [&](Value panel, Value chain, const PanelVisit &visit) {
            walk.emit(chain, panel, rhs, item.j0, item.count, &visit);
          });
    });
  }

  Emitter &e;
  const KernelContext &c;
  int64_t width; ///< columns of a panel of the rhs
};

} // namespace

/// Whether `emitChainVectorKernel` serves N = 1: the only column of the rhs is
/// contiguous (its k stride is then the innermost one), and the packed values
/// fall into vectors.
static bool servesOneColumn(const KernelContext &c) {
  int64_t perEntry = c.strategy.getRows() * c.strategy.getDepth();
  bool fits = perEntry < c.lanes() ? c.lanes() % perEntry == 0
                                   : perEntry % c.lanes() == 0 &&
                                         c.lanes() % c.strategy.getRows() == 0;
  return c.op.getPackedLhs() && c.rhs.xStride && fits;
}

LogicalResult mlir::spmmplu::emitChainKernel(Emitter &e,
                                             const KernelContext &c) {
  auto general = [&] {
    ChainKernel kernel(e, c);
    // Reading the rhs in place needs whole vectors: N a multiple of a vector.
    auto inPlace = [&] { kernel.emitInPlace(); };
    auto copied = [&] { kernel.emitCopied(); };
    if (!c.rhs.contiguous)
      return copied();
    Value rest = e.sub(c.colExtent,
                       e.mul(e.floorDiv(c.colExtent, c.lanes()), c.lanes()));
    Value whole = e.compare(arith::CmpIPredicate::eq, rest, 0);
    if (c.strategy.getPackRhs()) {
      // A single panel is contiguous as it is.
      Value single = e.compare(arith::CmpIPredicate::sle, c.colExtent,
                               c.strategy.getVectors() * c.lanes());
      whole = arith::AndIOp::create(e.b, e.loc, whole, single);
    }
    e.ifThen(whole, inPlace, copied);
  };
  int64_t n = c.op.getExtent(Axis::J);
  bool mayBeVector = servesOneColumn(c);
  if (mayBeVector && n == 1)
    emitChainVectorKernel(e, c);
  else if (mayBeVector && ShapedType::isDynamic(n))
    e.ifThen(
        e.compare(arith::CmpIPredicate::eq, c.colExtent, 1),
        [&] { emitChainVectorKernel(e, c); }, general);
  else
    general();
  return success();
}
