//===- KernelWork.cpp - What each kernel family does -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function a family of lib/Conversion/SparseIRToCPU, whose loops they
// count: change them together.
//
//===----------------------------------------------------------------------===//

#include "CostModel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir::spmmplu;

// Cycles that are the same on every machine with two load ports and two FMA
// ports (docs/cost-model.md says where each comes from).
static constexpr double kLoadsPerCycle = 2;
static constexpr double kEntryOverhead = 0.25;
static constexpr double kChainOverhead = 6;
static constexpr double kLatencySlack = 1.3;
static constexpr double kTileChainOverhead = 60;
static constexpr double kOneColumnVector = 1.3;
static constexpr double kOneColumnPanel = 22;
static constexpr double kGatherPerLane = 0.75;
static constexpr double kScalarCopy = 2;
static constexpr double kTileCopy = 0.2; ///< 16 vectors a tile, transposed
static constexpr double kVectorCopy = 3;
static constexpr double kRunBytes = 16;
static constexpr double kFilledRow = 4;   ///< of a cell, from a run of values
static constexpr double kGatheredRow = 4; ///< of 32 columns
static constexpr double kPageBytes = 4096;
static constexpr double kPagesAtHand = 64;
static constexpr double kPageMiss = 1;
static constexpr double kFarLine = 0.4;
static constexpr double kTileUnhidden = 0.75;
static constexpr double kScatteredLine = 0.25; ///< of the rhs, from the L2
static constexpr int64_t kLineBytes = 64;
static constexpr double kInPlaceLine = 5.5;
static constexpr double kInPlaceRow = 40;
static constexpr int64_t kTallRows = 8; ///< of a register tile

static double ceilDiv(double value, double by) { return std::ceil(value / by); }

namespace {

/// The quantities that several families need.
struct Shape {
  Shape(const Target &target, const ProductProblem &problem,
        const Strategy &strategy, int64_t columns, CellCounter &counter)
      : target(target), problem(problem), s(strategy),
        intrinsic(*strategy.intrinsic), lanes(double(intrinsic.lanes)),
        m(double(problem.m)), k(double(problem.k)), n(double(columns)),
        inBytes(double(getSize(intrinsic.input))),
        accBytes(double(getSize(intrinsic.accumulate))),
        panels(ceilDiv(m, double(s.rows))) {
    int64_t cellCols =
        problem.role == SparseRole::Lhs ? s.depth : s.vectors * intrinsic.lanes;
    cells = double(counter.cells(s.rows, cellCols));
    values = counter.nonZeros();
    rowsRead = k;
    if (problem.role == SparseRole::Lhs)
      rowsRead = double(counter.cells(problem.m, s.depth) * s.depth);
    if (problem.role == SparseRole::Lhs && !problem.constantLhs)
      lhsLines = double(s.rows) *
                 double(counter.cells(s.rows, kLineBytes / int64_t(inBytes)));
    phases = s.phase > 0 && k > 0 ? ceilDiv(k, double(s.phase)) : 1;
    width = double(s.vectors) * lanes;
    fullPanels = std::floor(n / width);
    tailVectors = ceilDiv(n - fullPanels * width, lanes);
    colPanels = fullPanels + (tailVectors > 0);
    paddedCols = fullPanels * width + tailVectors * lanes;
    tasks = std::min(double(s.tasks), std::max(panels, 1.0));
  }

  /// All that a call touches: what a cache must hold to keep anything from one
  /// call to the next.
  double callBytes(double lhsBytes, double packedBytes) const {
    return lhsBytes + packedBytes + k * n * inBytes + m * n * accBytes;
  }
  /// Workers that walk the lhs at once, each a range of it if there are fewer
  /// panels of columns than workers.
  double lhsShare() const {
    double threads = double(std::min(problem.threads, target.cores));
    return std::min(1.0, colPanels / threads);
  }

  const Target &target;
  const ProductProblem &problem;
  const Strategy &s;
  const Intrinsic &intrinsic;
  double lanes, m, k, n, inBytes, accBytes;
  double panels;                  ///< of rows
  double cells, phases, width;    ///< width: columns of a whole panel
  double fullPanels, tailVectors; ///< of columns; vectors of the last panel
  double colPanels, paddedCols, tasks;
  double values = 0;   ///< set bits of the mask
  double rowsRead = 0; ///< of the rhs, by any entry
  double lhsLines = 0; ///< cache lines of an lhs in place that entries touch
};

} // namespace

/// The part of a cache's sets that `used` bytes out of every `stride` map to.
/// Placement of pages is random, so sets repeat with the page size.
static double getCoverage(double used, double stride) {
  auto period = double(std::gcd(int64_t(stride), int64_t(kPageBytes)));
  return std::min(1.0, used / period);
}

/// How many times longer FMAs take than their throughput says, where only
/// `inFlight` of them are independent. Ports are never scheduled perfectly, so
/// the product of latency and throughput does not quite fill them.
static double getLatencyFactor(const Intrinsic &fma, double inFlight) {
  double needed = double(fma.latency * fma.throughput) * kLatencySlack;
  return std::max(1.0, needed / inFlight);
}

/// Whether cells of the lhs are filled from the values of places.
static bool fillsCells(const Shape &shape) {
  const ProductProblem &problem = shape.problem;
  return problem.valuesLhs &&
         getValueSource(shape.intrinsic, shape.s.rows, shape.s.depth,
                        problem.valuesPart) == ValueSource::Cells;
}

/// Cells or, of entries of one k, steps of several: the last one of a chain is
/// half padding.
static double getSteps(const Shape &shape) {
  if (shape.s.depth > 1)
    return shape.cells;
  auto depth = double(getCellDepth(shape.intrinsic));
  double chains = std::min(shape.panels * shape.phases, shape.cells);
  return shape.cells / depth + 0.5 * chains;
}

/// Bytes of one walk over the lhs and its table of entries.
static double getLhsBytes(const Shape &shape) {
  double entries = shape.cells * 4 + shape.panels * shape.phases * 4;
  double rowBytes = double(shape.s.depth) * shape.inBytes;
  double rows = shape.cells * double(shape.s.rows);
  if (fillsCells(shape))
    return shape.values * shape.inBytes +
           getSteps(shape) * double(shape.s.rows) * kRunBytes + entries;
  if (shape.problem.constantLhs)
    return rows * rowBytes + entries;
  return shape.lhsLines * double(kLineBytes) + entries;
}

/// Cycles to fill all cells once, which every panel of columns does.
static double getFillCycles(const Shape &shape) {
  return fillsCells(shape) ? kFilledRow * getSteps(shape) * double(shape.s.rows)
                           : 0;
}

/// The k that any entry covers, at most; and those of one phase.
static double getWalkedDepth(const Shape &shape) {
  return std::min(shape.k, shape.cells * double(shape.s.depth));
}
static double getPhaseDepth(const Shape &shape) {
  double walked = getWalkedDepth(shape);
  return shape.phases > 1 ? std::min(walked, double(shape.s.phase)) : walked;
}

/// What the chain kernels for N > 1 have in common: the lhs is walked once a
/// panel of columns, the rhs once an entry, the output once a phase.
static void addChainTraffic(const Shape &shape, double rhsBytes, bool isPacked,
                            Work &work) {
  const Target &target = shape.target;
  double depth = double(shape.s.depth), rows = double(shape.s.rows);
  double lhs = getLhsBytes(shape);
  double usedCols = std::min(shape.width, shape.paddedCols);
  double walked = getWalkedDepth(shape), phaseDepth = getPhaseDepth(shape);
  double panelBytes = walked * usedCols * rhsBytes;
  double packedBytes =
      isPacked ? shape.k * shape.colPanels * shape.width * rhsBytes : 0;
  double call = shape.callBytes(lhs, packedBytes);
  double coverage = 1;
  if (!isPacked && shape.n > shape.width)
    coverage = getCoverage(shape.width * rhsBytes, shape.n * rhsBytes);

  Traffic &traffic = work.traffic;
  // The rhs: once from where the call finds it, again per task and phase, and
  // per entry from what a phase walks.
  traffic.add(target, walked * shape.paddedCols * rhsBytes, call);
  if (shape.phases > 1)
    traffic.add(target, shape.tasks * walked * shape.paddedCols * rhsBytes,
                panelBytes, coverage);
  // Every register tile of a panel reads it again.
  double walks = 1;
  if (shape.intrinsic.unit == IntrinsicUnit::VectorFma)
    walks = rows / double(getRegisterRows(shape.intrinsic, shape.s.rows,
                                          shape.s.vectors));
  // A chain that skips most rows of the rhs comes to them in no order that a
  // cache could lose by.
  bool scattered = shape.cells * depth < 0.5 * shape.panels * shape.k;
  double missed = traffic.l2;
  traffic.add(target, walks * shape.cells * depth * shape.paddedCols * rhsBytes,
              phaseDepth * usedCols * rhsBytes, coverage, scattered);
  missed = traffic.l2 - missed;
  // Nothing fetches the first row of an entry ahead where chains skip rows; of
  // long entries the processor soon fetches the next ones by itself.
  constexpr int64_t kFetchedDepth = 8;
  if (scattered && shape.s.depth < kFetchedDepth &&
      shape.intrinsic.unit == IntrinsicUnit::VectorFma)
    work.unhiddenCycles +=
        kScatteredLine * missed / (depth * double(kLineBytes));
  double share = shape.lhsShare();
  double near = traffic.l3;
  traffic.add(target, lhs * shape.colPanels, lhs * share + panelBytes);
  work.farLhsBytes = traffic.l3 - near;
  // The output: read for ownership and written, then read and written for
  // every further phase of a task.
  double out = shape.m * shape.n * shape.accBytes;
  traffic.add(target, 2 * out, call);
  if (shape.phases > 1)
    traffic.add(target, 2 * out * (shape.phases - 1),
                ceilDiv(shape.panels, shape.tasks) * rows * usedCols *
                        shape.accBytes +
                    phaseDepth * usedCols * rhsBytes);
  work.items = shape.colPanels * shape.tasks;
  work.executedFlops = 2 * shape.cells * rows * depth * shape.paddedCols;
}

/// Lines of an lhs in place lie a row apart, which no prefetcher follows: a
/// part of their latency stays, and each phase comes to every row anew.
static void addInPlaceCycles(const Shape &shape, Work &work) {
  if (shape.problem.constantLhs)
    return;
  work.unhiddenCycles += kInPlaceLine * shape.lhsLines * shape.colPanels;
  work.cycles += kInPlaceRow * shape.m * (shape.phases - 1) * shape.colPanels;
}

/// The copy of the rhs into panels of `elementBytes` an element.
static void addPackTraffic(const Shape &shape, double elementBytes,
                           Work &work) {
  double rows = std::min(shape.k, shape.rowsRead);
  double packed = rows * shape.colPanels * shape.width * elementBytes;
  double call = shape.callBytes(getLhsBytes(shape), packed);
  work.packTraffic.add(shape.target, rows * shape.n * shape.inBytes, call);
  // Read for ownership and written.
  work.packTraffic.add(shape.target, 2 * packed, call);
  work.packCycles = rows * shape.paddedCols / shape.lanes * kVectorCopy;
  ++work.regions;
}

//===----------------------------------------------------------------------===//
// Chains on vector FMA units
//===----------------------------------------------------------------------===//

/// Cycles of all chains over one panel of `vectors` vectors.
static double getVectorChainCycles(const Shape &shape, double vectors,
                                   bool isPacked) {
  const Intrinsic &fma = shape.intrinsic;
  // A panel is walked in register tiles of `rows` of its rows.
  double rows = double(getRegisterRows(fma, shape.s.rows, int64_t(vectors)));
  double depth = double(shape.s.depth);
  double tiles = double(shape.s.rows) / rows;
  double perK = rows * vectors;
  // Sets of accumulators as `ChainWalk` makes them.
  double needed = double(fma.latency * fma.throughput);
  double sets = std::clamp(std::floor(needed / perK), 1.0, 4.0);
  double cycle = shape.target.cyclesPerOperation(fma);
  double arithmetic = perK * cycle * getLatencyFactor(fma, perK * sets);
  // Widening shares the FMA's ports: a scalar is moved and broadcast, a vector
  // of the rhs widened and shifted.
  if (fma.input != fma.accumulate)
    arithmetic += (2 * rows + (isPacked ? 0 : 2 * vectors)) * cycle;
  double loads = (vectors + rows) * depth + 1;
  double perEntry =
      std::max(arithmetic * depth, loads / kLoadsPerCycle) + kEntryOverhead;
  // The rows of the rhs that a phase walks may lie in more pages than the core
  // has at hand: far apart in place, but a long phase of a panel too.
  double stride = isPacked ? vectors * shape.lanes * shape.accBytes
                           : shape.n * shape.inBytes;
  double pages = getPhaseDepth(shape) * std::min(stride / kPageBytes, 1.0);
  if (pages > kPagesAtHand)
    perEntry += kPageMiss * (isPacked ? 1 : depth);
  // Lines of rows far apart fall into few sets and are not fetched ahead.
  if (!isPacked && shape.n > shape.width)
    perEntry += kFarLine * vectors * depth;

  double chains = shape.panels * shape.phases;
  double perChain = kChainOverhead + perK * sets / 2;
  double reload = shape.panels * (shape.phases - 1) * perK;
  double entries = shape.cells;
  if (fillsCells(shape))
    entries = getSteps(shape) * double(getCellDepth(fma));
  return tiles * (entries * perEntry + chains * perChain + reload) +
         getFillCycles(shape);
}

static Work getVectorChainWork(const Shape &shape) {
  bool isPacked = (shape.s.packRhs && shape.n > shape.width) ||
                  std::fmod(shape.n, shape.lanes) != 0;
  Work work;
  work.cycles = shape.fullPanels *
                getVectorChainCycles(shape, double(shape.s.vectors), isPacked);
  if (shape.tailVectors > 0)
    work.cycles += getVectorChainCycles(shape, shape.tailVectors, isPacked);
  addInPlaceCycles(shape, work);
  double rhsBytes = isPacked ? shape.accBytes : shape.inBytes;
  addChainTraffic(shape, rhsBytes, isPacked, work);
  // Tall and narrow register tiles wait for an lhs that comes from beyond the
  // L2. A panel of several of them reads its lines again for each.
  double rows =
      double(getRegisterRows(shape.intrinsic, shape.s.rows, shape.s.vectors));
  if (rows >= kTallRows)
    work.unhiddenCycles +=
        work.farLhsBytes * shape.target.clockGhz / shape.target.l3Gbps.one;
  double rereads = double(shape.s.rows) / rows - 1;
  if (shape.problem.constantLhs)
    work.unhiddenCycles += rereads * getLhsBytes(shape) * shape.colPanels *
                           shape.target.clockGhz / shape.target.l2Gbps;
  if (isPacked)
    addPackTraffic(shape, rhsBytes, work);
  return work;
}

/// Whether the kernel for N = 1 takes these entries: as its `servesOneColumn`.
static bool servesOneColumn(const Shape &shape) {
  int64_t rows = shape.s.rows, lanes = shape.intrinsic.lanes;
  int64_t perEntry = rows * shape.s.depth;
  bool fits = perEntry < lanes ? lanes % perEntry == 0
                               : perEntry % lanes == 0 && lanes % rows == 0;
  return shape.problem.constantLhs && fits;
}

static Work getOneColumnWork(const Shape &shape) {
  double perEntry = double(shape.s.rows * shape.s.depth);
  double values = shape.cells * perEntry;
  double vectors = values / shape.lanes;
  double perVector = kOneColumnVector;
  if (shape.intrinsic.input != shape.intrinsic.accumulate)
    perVector += 1;
  if (perEntry < shape.lanes) {
    // No gather takes elements of 16 bits: they are read one by one.
    double lane = shape.inBytes < 4 ? 2 * kGatherPerLane : kGatherPerLane;
    perVector = shape.lanes * lane;
    vectors += 0.5 * shape.panels * shape.phases; // the part-filled last
  }
  Work work;
  work.cycles =
      vectors * perVector +
      shape.panels * (kOneColumnPanel + kChainOverhead * (shape.phases - 1));
  double lhs = getLhsBytes(shape), x = shape.k * shape.inBytes;
  work.traffic.add(shape.target, lhs, lhs * shape.lhsShare() + x);
  work.traffic.add(shape.target,
                   shape.cells * double(shape.s.depth) * shape.inBytes, x);
  work.traffic.add(shape.target, 2 * shape.m * shape.accBytes,
                   shape.callBytes(lhs, 0));
  work.items = shape.tasks;
  work.executedFlops = 2 * values;
  return work;
}

//===----------------------------------------------------------------------===//
// Chains on tile units
//===----------------------------------------------------------------------===//

/// Cycles of 32 k of one tile of the lhs and `tiles` of the rhs.
static double getTileStepCycles(const Shape &shape, double tiles) {
  const Intrinsic &unit = shape.intrinsic;
  // A tile is sixteen lines, two a cycle; each accumulator waits for its own
  // last product.
  double load = double(unit.i) / kLoadsPerCycle;
  return std::max({tiles * shape.target.cyclesPerOperation(unit),
                   (1 + tiles) * load, double(unit.latency)});
}

/// Cycles until `tiles` tiles are in the output: tiles go to memory, and from
/// there into the output row by row.
static double getTileStoreCycles(const Shape &shape, double tiles) {
  return kTileChainOverhead +
         double(shape.intrinsic.i) * (3 * tiles + kLoadsPerCycle);
}

/// Cycles of all chains over one panel of `tiles` tiles.
static double getTileChainCycles(const Shape &shape, double tiles) {
  double perEntry = getTileStepCycles(shape, tiles) + kEntryOverhead;
  return shape.cells * perEntry +
         shape.panels * shape.phases * getTileStoreCycles(shape, tiles);
}

static Work getTileChainWork(const Shape &shape) {
  Work work;
  work.cycles =
      shape.fullPanels * getTileChainCycles(shape, double(shape.s.vectors));
  if (shape.tailVectors > 0)
    work.cycles += getTileChainCycles(shape, shape.tailVectors);
  work.unhiddenCycles = kTileUnhidden * shape.cells *
                        (shape.paddedCols / shape.lanes) *
                        shape.target.cyclesPerOperation(shape.intrinsic);
  work.cycles += getFillCycles(shape) * shape.colPanels;
  addInPlaceCycles(shape, work);
  addChainTraffic(shape, shape.inBytes, /*isPacked=*/true, work);
  addPackTraffic(shape, shape.inBytes, work);
  return work;
}

/// Steps of 32 gathered k: each is interleaved to pairs, then multiplied.
static Work getGatheredWork(const Shape &shape) {
  const Intrinsic &unit = shape.intrinsic;
  double chains = shape.panels * shape.phases, steps = getSteps(shape);
  double products = double(shape.s.rows) / double(unit.i) *
                    double(shape.s.vectors) *
                    shape.target.cyclesPerOperation(unit);
  double perChain = double(shape.s.rows / unit.i) *
                    getTileStoreCycles(shape, double(shape.s.vectors));
  Work work;
  work.cycles =
      shape.colPanels * (steps * (products + double(unit.k) * kGatheredRow) +
                         chains * perChain + getFillCycles(shape));
  work.unhiddenCycles = kTileUnhidden * shape.colPanels * steps * products;
  bool isPacked = shape.s.packRhs || std::fmod(shape.n, shape.width) != 0;
  addChainTraffic(shape, shape.inBytes, isPacked, work);
  if (isPacked) {
    addPackTraffic(shape, shape.inBytes, work);
  } else {
    // A line of each row: the farther apart, the fewer sets they fall into.
    double apart = std::min(shape.n * shape.inBytes, kPageBytes);
    work.cycles +=
        shape.colPanels * shape.cells * kFarLine * apart / double(kLineBytes);
  }
  return work;
}

//===----------------------------------------------------------------------===//
// Output tiles
//===----------------------------------------------------------------------===//

/// Cycles of a tile over all k.
static double getOutputTileCycles(const Shape &shape) {
  const Target &target = shape.target;
  double rows = double(shape.s.rows), vectors = double(shape.s.vectors);
  if (shape.intrinsic.unit == IntrinsicUnit::TileMatrix) {
    double steps = ceilDiv(shape.k, double(shape.intrinsic.k));
    return steps * getTileStepCycles(shape, vectors) +
           getTileStoreCycles(shape, vectors);
  }
  double perK =
      std::max(rows * vectors * target.cyclesPerOperation(shape.intrinsic) *
                   getLatencyFactor(shape.intrinsic, rows * vectors),
               (rows + vectors) / kLoadsPerCycle);
  return shape.k * (perK + kEntryOverhead) + kChainOverhead +
         2 * rows * vectors;
}

static Work getOutputTileWork(const Shape &shape) {
  const Target &target = shape.target;
  bool onTiles = shape.intrinsic.unit == IntrinsicUnit::TileMatrix;
  double rows = double(shape.s.rows);
  // Panels and granules without a tile are dropped.
  double panels = std::min(shape.panels, shape.cells);
  double granules = std::min(ceilDiv(shape.n, shape.width), shape.cells);
  // Tile units multiply the operands' type, vectors what they widen it to.
  double bytes = onTiles ? shape.inBytes : shape.accBytes;
  double copy = onTiles ? kTileCopy : kScalarCopy;
  double rhsBytes = granules * shape.k * shape.width * bytes;
  double panelBytes = rows * shape.k * bytes;
  double call = shape.callBytes(shape.m * shape.k * shape.inBytes, rhsBytes);

  Work work;
  work.cycles =
      shape.cells * getOutputTileCycles(shape) + panels * rows * shape.k * copy;
  work.traffic.add(target, panels * rows * shape.k * shape.inBytes, call);
  work.traffic.add(target, shape.cells * panelBytes, panelBytes);
  work.traffic.add(target, shape.cells * shape.k * shape.width * bytes,
                   rhsBytes);
  work.traffic.add(target,
                   2 * shape.cells * rows * shape.width * shape.accBytes, call);
  work.packCycles = granules * shape.width * shape.k * copy;
  work.packTraffic.add(target, shape.k * shape.n * shape.inBytes, call);
  work.packTraffic.add(target, 2 * rhsBytes, call);
  work.regions = 2;
  work.items = std::min(shape.tasks, std::max(panels, 1.0));
  work.executedFlops = 2 * shape.cells * rows * shape.width * shape.k;
  return work;
}

static Work getChainWork(const Shape &shape) {
  if (shape.intrinsic.unit == IntrinsicUnit::TileMatrix)
    return shape.s.depth == 1 ? getGatheredWork(shape)
                              : getTileChainWork(shape);
  if (shape.n == 1 && servesOneColumn(shape))
    return getOneColumnWork(shape);
  return getVectorChainWork(shape);
}

Work mlir::spmmplu::getWork(const Target &target, const ProductProblem &problem,
                            const Strategy &strategy, int64_t n,
                            CellCounter &counter) {
  Shape shape(target, problem, strategy, n, counter);
  if (problem.role == SparseRole::Out)
    return getOutputTileWork(shape);
  Work work = getChainWork(shape);
  if (problem.narrowOut && shape.phases > 1) {
    // Sums of several phases are kept in scratch memory and rounded after.
    double sums = shape.m * shape.n * shape.accBytes;
    work.packTraffic.add(target, 2 * sums, shape.callBytes(0, sums));
    work.packCycles += shape.m * shape.n / shape.lanes * kVectorCopy;
    ++work.regions;
  }
  return work;
}
