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

#include "KernelShape.h"

#include <numeric>

using namespace mlir::spmmplu;

static constexpr double kLatencySlack = 1.3;
static constexpr double kOneColumnVector = 1.3;
static constexpr double kOneColumnPanel = 22;
static constexpr double kGatherPerLane = 0.75;
static constexpr double kVectorCopy = 3;
static constexpr double kRunBytes = 16;
static constexpr double kFilledRow = 4; ///< of a cell, from a run of values
static constexpr double kPagesAtHand = 64;
static constexpr double kPageMiss = 1;
static constexpr double kChainEnd = 4;
static constexpr double kKeptSum = 2;      ///< a vector, from the L2 and back
static constexpr double kSkippedChain = 2; ///< of a panel without entries
static constexpr double kScatteredLine = 0.25; ///< of the rhs, from the L2
static constexpr double kInPlaceLine = 5.5;
static constexpr double kInPlaceRow = 40;
static constexpr int64_t kTallRows = 8; ///< of a register tile

/// The part of a cache's sets that `used` bytes out of every `stride` map to.
/// Placement of pages is random, so sets repeat with the page size.
static double getCoverage(double used, double stride) {
  auto period = double(std::gcd(int64_t(stride), int64_t(kPageBytes)));
  return std::min(1.0, used / period);
}

/// Ports are never scheduled perfectly, so the product of latency and
/// throughput does not quite fill them.
double mlir::spmmplu::getLatencyFactor(const Intrinsic &fma, double inFlight) {
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

double mlir::spmmplu::getSteps(const Shape &shape) {
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

double mlir::spmmplu::getFillCycles(const Shape &shape) {
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

void mlir::spmmplu::addChainTraffic(const Shape &shape, double rhsBytes,
                                    bool isPacked, Work &work) {
  const Target &target = shape.target;
  double depth = double(shape.s.depth), rows = double(shape.s.rows);
  double lhs = getLhsBytes(shape);
  double usedCols = std::min(shape.width, shape.paddedCols);
  double walked = getWalkedDepth(shape), phaseDepth = getPhaseDepth(shape);
  double panelBytes = walked * usedCols * rhsBytes;
  double packedBytes =
      isPacked ? shape.packedRows() * shape.colPanels * shape.width * rhsBytes
               : 0;
  double call = shape.callBytes(lhs, packedBytes);
  double coverage = 1;
  if (!isPacked && shape.n > shape.width)
    coverage = getCoverage(shape.width * rhsBytes, shape.n * rhsBytes);

  Traffic &traffic = work.traffic;
  // The rhs: once from where the call finds it, again per task and phase (both
  // are the copy's where that is made by phase), and per entry from what a
  // phase walks.
  bool packsPhases = shape.packsPhases(isPacked);
  if (!packsPhases)
    traffic.add(target, walked * shape.paddedCols * rhsBytes, call);
  if (shape.phases > 1 && !packsPhases)
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
  // The output: read for ownership and written; and sums, read and written for
  // every further visit of a task.
  traffic.add(target, 2 * shape.m * shape.n * shape.accBytes, call);
  double further = std::max(shape.visits - shape.panels, 0.0);
  traffic.add(target, 2 * further * rows * shape.n * shape.accBytes,
              shape.sumBytes() + phaseDepth * usedCols * rhsBytes);
  work.items = shape.colPanels * shape.tasks;
  work.executedFlops = 2 * shape.cells * rows * depth * shape.paddedCols;
}

void mlir::spmmplu::addInPlaceCycles(const Shape &shape, Work &work) {
  if (shape.problem.constantLhs)
    return;
  work.unhiddenCycles += kInPlaceLine * shape.lhsLines * shape.colPanels;
  work.cycles += kInPlaceRow * shape.m * (shape.phases - 1) * shape.colPanels;
}

void mlir::spmmplu::addPackTraffic(const Shape &shape, double elementBytes,
                                   Work &work) {
  double rows = std::min(shape.k, shape.rowsRead);
  double columns = shape.colPanels * shape.width;
  bool byPhase = shape.packsPhases(/*isPacked=*/true);
  double call = shape.callBytes(getLhsBytes(shape),
                                shape.packedRows() * columns * elementBytes);
  Traffic &traffic = work.packTraffic;
  traffic.add(shape.target, rows * shape.n * shape.inBytes, call);
  double copies = byPhase ? shape.tasks : 1;
  // Further tasks find the panel of columns that they copy again.
  if (byPhase)
    traffic.add(shape.target, (copies - 1) * rows * shape.n * shape.inBytes,
                shape.k * std::min(shape.width, shape.n) * shape.inBytes +
                    shape.sumBytes());
  // Read for ownership and written.
  traffic.add(shape.target, 2 * copies * rows * columns * elementBytes,
              byPhase ? shape.packedRows() * shape.width * elementBytes : call);
  work.packCycles =
      copies * rows * shape.paddedCols / shape.lanes * kVectorCopy;
  work.packsInTasks = byPhase;
  work.regions += !byPhase;
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
  double inFlight = std::clamp(std::floor(needed / perK), 1.0, 4.0);
  // Of entries of one k the next chain's sums are in flight too.
  double sets = depth > 1 ? inFlight
                          : std::clamp(std::floor(needed / 2 / perK), 1.0, 4.0);
  double cycle = shape.target.cyclesPerOperation(fma);
  double arithmetic = perK * cycle * getLatencyFactor(fma, perK * inFlight);
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

  double perChain = kChainOverhead + perK * sets / 2;
  // Chains of single k differ in length: where one ends is not foreseen.
  if (depth == 1)
    perChain += kChainEnd;
  double reload = std::max(shape.visits - shape.panels, 0.0) * perK * kKeptSum;
  double skipped = shape.panels * shape.phases - shape.visits;
  double entries = shape.cells;
  if (fillsCells(shape))
    entries = getSteps(shape) * double(getCellDepth(fma));
  return tiles * (entries * perEntry + shape.visits * perChain + reload) +
         skipped * kSkippedChain + getFillCycles(shape);
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
  if (problem.narrowOut && shape.phases > 1 &&
      shape.intrinsic.unit == IntrinsicUnit::TileMatrix) {
    // Tiles keep sums of several phases in scratch memory, rounded after.
    double sums = shape.m * shape.n * shape.accBytes;
    work.packTraffic.add(target, 2 * sums, shape.callBytes(0, sums));
    work.packCycles += shape.m * shape.n / shape.lanes * kVectorCopy;
    ++work.regions;
  }
  return work;
}
