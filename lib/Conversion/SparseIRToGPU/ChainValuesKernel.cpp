//===- ChainValuesKernel.cpp - Chains of values of places ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For an lhs that is stored as the values at its mask's places. A step is a
// cell of the table: the panel's rows by `step` listed k. Its runs, the values
// that they name and the listed rows of the rhs come by cp.async into a ring of
// stages. A block takes a task, cells of one panel; where several share a panel
// the last of them adds up what all have left in scratch memory, always in the
// same order. Values stay packed in shared memory, 16 bytes more a row since a
// run begins anywhere; lanes find those of their fragments by the run's bits.
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"
#include "CopyRing.h"
#include "ValuesOperand.h"

#include "spmmplu/GPU/SparseGPU.h"
#include "spmmplu/Segmentation/ValueRuns.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class ChainValuesKernel {
public:
  ChainValuesKernel(KernelBuilder &k, const KernelContext &c, ChainTile tile)
      : k(k), e(k.e), c(c), tile(tile), place(TilePlace::get(e)),
        lhs(ValuesOperand(k, c, Role::Lhs).of(k.e, k.slice())),
        rhs(k.e, SlicedOperand(k, c, Role::Rhs),
            {/*listsX=*/true, tile.step, tile.cols, tile.threads()}),
        pairs(e, place.lane) {
    SmallVector<char> storage;
    ArrayRef<int32_t> chainPtr = getValues<int32_t>(
        cast<ChainsAttr>(k.op.getTable()).getChainPtr(), storage);
    isWhole = lhs.isKnownAligned && areCellsWhole();
    tasks = makeCellTasks(chainPtr, int32_t(tile.step), c.strategy.getSplit());
  }

  LogicalResult emit() {
    begin();
    SmallVector<Value> sums = walk();
    e.waitCopies(0);
    e.barrier(); // the ring becomes the store's scratch
    TileStore store(k, tile, getSlicedOutput(k, c));
    int64_t shared = std::max(ringBytes() + kChunkBytes, store.bytes());
    int64_t slots = 0, most = 1;
    for (const CellTask &task : tasks) {
      slots = std::max<int64_t>(slots, task.slot + 1);
      most = std::max<int64_t>(most, task.parts);
    }
    Value grid = k.hostMul(k.hostIndex(tasks.size()), hostBlocks);
    if (slots == 0) {
      flush(store, sums);
    } else {
      if (failed(findScratch(slots, most)))
        return failure();
      e.ifThen(
          e.equal(parts, 1), [&] { flush(store, sums); },
          [&] { reduce(store, sums); });
    }
    k.launch(grid, hostSlices, tile.threads(), shared);
    return success();
  }

private:
  /// Whether every row of every cell is all of it and begins at 16 bytes.
  bool areCellsWhole() {
    auto chains = cast<ChainsAttr>(k.op.getTable());
    int64_t rows = k.op.getExtent(Axis::I), cols = k.op.getExtent(Axis::K);
    FailureOr<Mask> places = k.op.getLhsPlaces()->resolveMask(rows, cols);
    if (failed(places) || k.op.getLhsPart())
      return false;
    // The table has cells already: those of the same chains are the same.
    auto cells = buildCells(chains.getTable(rows, cols), int32_t(tile.step),
                            PlaceNumbers(std::move(*places)));
    return cells && llvm::all_of(cells->runs, [&](const ValueRun &run) {
             return run.count == tile.step && run.first % lhs.perChunk() == 0;
           });
  }

  // A stage: values, the rhs, runs.
  int64_t pitch() const { return (tile.step + lhs.perChunk()) * tile.width; }
  int64_t lhsBytes() const { return tile.rows * pitch(); }
  int64_t runBytes() const { return tile.rows * kChunkBytes; }
  int64_t stageBytes() const { return lhsBytes() + rhs.bytes() + runBytes(); }
  int64_t ringBytes() const { return stageBytes() * tile.stages; }
  /// Chunks of 16 bytes that a row's values may touch.
  int64_t chunksPerRow() const { return pitch() / kChunkBytes; }

  /// Finds the block's panel, its columns and its cells.
  void begin() {
    e.launchNext();
    cols = k.number(k.hostExtent(Axis::J));
    depth = k.number(k.hostExtent(Axis::K));
    entries = k.table(2);
    runs = k.table(3);
    warpI = e.rem(place.warp, tile.warpsI);
    warpJ = e.div(place.warp, tile.warpsI);
    hostBlocks = k.hostCeilDiv(k.hostExtent(Axis::J), tile.cols);
    hostSlices = c.batch.count ? c.batch.count : k.hostIndex(1);
    int64_t count = tasks.size();
    Value block = k.block(), column = e.div(block, count);
    firstCol = e.mul(column, tile.cols);
    Value task = e.at(k.table(4), e.mul(e.rem(block, count), sizeof(CellTask)));
    auto word = [&](int64_t n) {
      return e.load(e.b.getI32Type(), e.at(task, n * 4), 4);
    };
    panel = word(0);
    firstCell = word(1);
    steps = e.sub(word(2), firstCell);
    part = word(3);
    parts = word(4);
    // One for each panel that is shared, column block and slice.
    Value slices = k.number(hostSlices), blocks = k.number(hostBlocks);
    slot =
        e.add(e.mul(e.add(e.mul(word(5), blocks), column), slices), k.slice());
  }

  //===--------------------------------------------------------------------===//
  // The result
  //===--------------------------------------------------------------------===//

  void flush(TileStore &store, ValueRange sums) {
    store.begin(panel, firstCol, cols);
    store.write(sums, place.lane, warpI, warpJ);
    e.barrier();
    store.flush(place.thread, panel, firstCol, cols);
  }

  int64_t sumCount() const {
    return tile.warpRows() / 16 * (tile.warpCols() / 8);
  }

  /// Scratch memory: counters, then the sums of each part of each shared tile,
  /// [slot][part][register][thread].
  LogicalResult findScratch(int64_t slots, int64_t most) {
    auto blocks = getConstantIntValue(hostBlocks);
    auto slices = getConstantIntValue(hostSlices);
    if (!blocks || !slices || slots * *blocks * *slices > kCounters)
      return k.op.emitOpError("shares panels between blocks, expected a static "
                              "number of at most ")
             << kCounters << " such tiles";
    partBytes = sumCount() * tile.threads() * kChunkBytes;
    slotBytes = most * partBytes;
    int64_t bytes = slots * *blocks * *slices * slotBytes;
    counters = k.scratch(k.hostIndex(kCounters * 4 + bytes));
    return success();
  }

  void reduce(TileStore &store, ArrayRef<Value> sums) {
    Value tileSums = e.at(e.at(counters, e.i64(kCounters * 4)),
                          e.mul(e.widen(slot), slotBytes));
    auto place4 = [&](Value part, int64_t n) {
      Value at =
          e.add(e.mul(part, partBytes),
                e.mul(e.add(place.thread, n * tile.threads()), kChunkBytes));
      return e.at(tileSums, at);
    };
    for (auto [n, sum] : llvm::enumerate(sums))
      e.store(sum, place4(part, n), kChunkBytes);
    Value flag = e.shared(), counter = e.at(counters, e.mul(slot, 4));
    Value last = e.sub(parts, e.i32(1));
    auto isEqual = [&](Value a, Value b) {
      return e.compare(arith::CmpIPredicate::eq, a, b);
    };
    e.fenceDevice();
    e.barrier();
    e.ifThen(e.equal(place.thread, 0), [&] {
      Value before = e.atomicAdd(counter, e.i32(1));
      e.ifThen(isEqual(before, last), [&] { e.store(e.i32(0), counter, 4); });
      e.store(before, flag, 4);
    });
    e.barrier();
    Value isLast = isEqual(e.load(e.b.getI32Type(), flag, 4), last);
    e.barrier(); // the flag's place becomes the store's scratch
    e.ifThen(isLast, [&] {
      e.fenceDevice();
      SmallVector<Value> zeros(sums.size(), e.zero(sums[0].getType()));
      SmallVector<Value> all = e.forRange(
          e.i32(0), parts, 1, zeros, [&](Value at, ValueRange before) {
            SmallVector<Value> after;
            for (auto [n, sum] : llvm::enumerate(before)) {
              Value more = e.load(sum.getType(), place4(at, n), kChunkBytes);
              after.push_back(arith::AddFOp::create(e.b, e.loc, sum, more));
            }
            return after;
          });
      flush(store, all);
    });
  }

  //===--------------------------------------------------------------------===//
  // The pipeline
  //===--------------------------------------------------------------------===//

  /// Calls `body(row, chunk, n)` for each chunk of values that this thread
  /// copies; n counts them. Threads beyond the tile are left out if `guarded`.
  void
  forEachChunk(bool guarded,
               function_ref<void(Value row, Value chunk, int64_t n)> body) {
    int64_t count = tile.rows * chunksPerRow();
    for (int64_t n = 0; n * tile.threads() < count; ++n) {
      Value at = e.add(place.thread, n * tile.threads());
      bool isTail = (n + 1) * tile.threads() > count;
      auto call = [&](Value chunk) {
        body(e.div(chunk, chunksPerRow()), e.rem(chunk, chunksPerRow()), n);
      };
      if (!isTail)
        call(at);
      else if (!guarded)
        call(e.min(at, e.i32(count - 1)));
      else
        e.ifThen(e.less(at, count), [&] { call(at); });
    }
  }

  Value runAt(Value cell, Value row) {
    return e.at(runs, e.mul(e.add(e.mul(cell, tile.rows), row), kChunkBytes));
  }

  /// What the copies of step `step` need of the tables: number and count of the
  /// runs of this thread's chunks, then its rows of the rhs. Beyond the chain's
  /// end those of its last step.
  SmallVector<Value> fetch(Value step) {
    Value cell = e.add(firstCell, e.min(step, e.sub(steps, e.i32(1))));
    SmallVector<Value> fetched;
    forEachChunk(/*guarded=*/false, [&](Value row, Value, int64_t) {
      Value run = e.load(e.vector(2, e.b.getI32Type()), runAt(cell, row), 8);
      fetched.append({e.extract(run, 0), e.extract(run, 1)});
    });
    llvm::append_range(
        fetched,
        rhs.fetch(place.thread, e.at(entries, e.mul(cell, tile.step * 4))));
    return fetched;
  }

  void request(Value step, ValueRange fetched, Value stage) {
    Value to = e.at(e.shared(), stage);
    Value end = e.add(lhs.phase, lhs.count);
    forEachChunk(/*guarded=*/true, [&](Value row, Value chunk, int64_t n) {
      Value start = e.add(lhs.phase, fetched[2 * n]);
      Value shift = e.rem(start, lhs.perChunk());
      Value first = e.mul(chunk, lhs.perChunk());
      Value from = e.add(e.sub(start, shift), first);
      // Not beyond the last value.
      Value bytes =
          e.min(e.mul(e.sub(end, from), tile.width), e.i32(kChunkBytes));
      e.ifThen(e.less(first, e.add(shift, fetched[2 * n + 1])), [&] {
        Value target = e.add(e.mul(row, pitch()), e.mul(chunk, kChunkBytes));
        e.copyAsync(e.at(to, target), lhs.address(e, from), bytes);
      });
    });
    size_t used =
        2 * llvm::divideCeil(tile.rows * chunksPerRow(), tile.threads());
    rhs.request(place.thread, fetched.drop_front(used), firstCol, cols, depth,
                e.at(to, lhsBytes()));
    Value cell = e.add(firstCell, step);
    for (int64_t at = 0; at < tile.rows; at += tile.threads()) {
      Value row = e.add(place.thread, at);
      auto copy = [&] {
        e.copyAsync(
            e.at(e.at(to, lhsBytes() + rhs.bytes()), e.mul(row, kChunkBytes)),
            runAt(cell, row));
      };
      if (at + tile.threads() <= tile.rows)
        copy();
      else
        e.ifThen(e.less(row, tile.rows), copy);
    }
  }

  SmallVector<Value> walk() {
    SmallVector<Value> zeros(sumCount(), e.zero(e.vector(4, c.accumulate)));
    // A panel without an entry has no cell to look at.
    return e.ifValues(
        e.less(e.i32(0), steps), [&] { return walkCells(zeros); },
        [&] {
          e.waitForEarlier(); // which may read the result
          return zeros;
        });
  }

  SmallVector<Value> walkCells(ArrayRef<Value> zeros) {
    // The element of all that is no place.
    nothing = e.at(e.shared(), ringBytes());
    e.ifThen(e.equal(place.thread, 0),
             [&] { e.store(e.zero(c.input), nothing, tile.width); });
    CopyRing ring(
        e, tile.stages, stageBytes(),
        [&](Value step, ValueRange fetched, Value stage) {
          request(step, fetched, stage);
        },
        [&](Value step) { return fetch(step); });
    ring.begin(steps, /*afterEarlier=*/true);
    return ring.walk(zeros,
                     [&](Value, Value stage, SmallVectorImpl<Value> &state) {
                       multiply(stage, state);
                     });
  }

  //===--------------------------------------------------------------------===//
  // Products
  //===--------------------------------------------------------------------===//

  /// A row's run, and where its first value lies in the stage.
  struct Line {
    DeviceRun run;
    Value first;
  };

  Line lineOf(Value stage, Value row) {
    DeviceRun run =
        DeviceRun::load(e, e.at(e.at(stage, lhsBytes() + rhs.bytes()),
                                e.mul(row, kChunkBytes)));
    Value shift = e.rem(e.add(lhs.phase, run.first), lhs.perChunk());
    Value at = e.add(e.mul(row, pitch()), e.mul(shift, tile.width));
    return {run, e.at(stage, at)};
  }

  /// The elements of columns 8 j + 2 (lane % 4) + {0, 1} of a row.
  void loadPair(const Line &line, int64_t j, SmallVectorImpl<Value> &elements) {
    PairPlaces::Pair pair = pairs.find(line.run, j);
    for (auto [isThere, at] : {std::pair(pair.first, pair.place),
                               std::pair(pair.second, pair.next)}) {
      Value from = e.at(line.first, e.mul(at, tile.width));
      elements.push_back(
          e.load(c.input, e.select(isThere, from, nothing), tile.width));
    }
  }

  /// Operand a of the instruction at k `at` of the cell.
  Value loadFragment(const Line &upper, const Line &lower, int64_t at) {
    SmallVector<Value> elements;
    for (int64_t j : {at / 8, at / 8 + 1}) {
      loadPair(upper, j, elements);
      loadPair(lower, j, elements);
    }
    return e.fromElements(elements);
  }

  /// Of whole cells a row of values is a row of the fragment.
  Value loadWhole(Value stage, Value row, int64_t at) {
    Value from = e.add(e.mul(e.add(row, e.rem(place.lane, 16)), pitch()),
                       e.mul(e.div(place.lane, 16), kChunkBytes));
    return e.pack(e.loadMatrix(e.at(stage, e.add(from, at * tile.width)), 4,
                               /*transpose=*/false),
                  c.input);
  }

  void multiply(Value stage, SmallVectorImpl<Value> &sums) {
    Value column = e.mul(warpJ, tile.warpCols());
    Value right = e.at(stage, lhsBytes());
    Value firstRow = e.mul(warpI, tile.warpRows());
    SmallVector<std::pair<Line, Line>> lines;
    for (int64_t i = 0; i < tile.warpRows() && !isWhole; i += 16) {
      Value row =
          e.add(e.mul(warpI, tile.warpRows()), e.add(e.div(place.lane, 4), i));
      lines.emplace_back(lineOf(stage, row), lineOf(stage, e.add(row, 8)));
    }
    for (int64_t at = 0; at < tile.step; at += 16) {
      SmallVector<Value> fragments;
      for (auto &[upper, lower] : lines)
        fragments.push_back(loadFragment(upper, lower, at));
      for (int64_t i = 0; i < tile.warpRows() && isWhole; i += 16)
        fragments.push_back(loadWhole(stage, e.add(firstRow, i), at));
      multiplyFragments(e, fragments, rhs, right, place.lane, column, at,
                        c.input, /*byRow=*/true, sums);
    }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  TilePlace place;
  ValuesOperand lhs;
  LineTile rhs; ///< of a cell
  PairPlaces pairs;
  Value cols, depth, entries, runs; ///< N, K and tables
  Value panel, firstCol, firstCell, steps, warpI, warpJ;
  Value part, parts, slot, counters; ///< of a panel that blocks share
  Value hostBlocks, hostSlices;      ///< column blocks and slices
  std::vector<CellTask> tasks;
  int64_t partBytes = 0, slotBytes = 0;
  Value nothing;        ///< a zero in shared memory
  bool isWhole = false; ///< see `areCellsWhole`
};

} // namespace

LogicalResult mlir::spmmplu::emitChainValuesKernel(KernelBuilder &k,
                                                   const KernelContext &c) {
  ChainTile tile = ChainTile::get(k.op, c);
  auto chains = cast<ChainsAttr>(k.op.getTable());
  auto isSwizzled = [](int64_t columns) {
    int64_t chunks = columns / 8;
    return chunks > 0 && (chunks % 8 == 0 || llvm::isPowerOf2_64(chunks));
  };
  if (tile.rows != chains.getRows() || tile.depth != 1 ||
      tile.rows % (16 * tile.warpsI) || tile.cols % (16 * tile.warpsJ) ||
      tile.step % 16 || tile.step > 64 || tile.stages < 2 ||
      chains.getPhases() != 1 || !isSwizzled(tile.cols))
    return k.op.emitOpError("has a strategy that its kernel cannot take: ")
           << c.strategy << " with an lhs of values in rows of "
           << chains.getRows();
  if (c.input.isF32() || c.intrinsic.sparse)
    return k.op.emitOpError("has no kernel for an lhs of values with the "
                            "intrinsic '")
           << c.strategy.getIntrinsic() << "'";
  k.takeBatch(c.batch.count);
  return ChainValuesKernel(k, c, tile).emit();
}
