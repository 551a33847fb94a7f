//===- CostModel.cpp - From work to time -----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CostModel.h"

#include "GpuModel.h"
#include "spmmplu/Segmentation/Bands.h"
#include "spmmplu/Segmentation/PanelPairs.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Status;

int64_t mlir::spmmplu::getSize(Element element) {
  switch (element) {
  case Element::F64:
    return 8;
  case Element::F32:
    return 4;
  case Element::BF16:
  case Element::F16:
    return 2;
  case Element::I32:
    return 4;
  case Element::I8:
  case Element::F8E4M3:
  case Element::F8E5M2:
    return 1;
  }
  return 4;
}

std::string_view mlir::spmmplu::getName(Element element) {
  switch (element) {
  case Element::F64:
    return "f64";
  case Element::F32:
    return "f32";
  case Element::BF16:
    return "bf16";
  case Element::F16:
    return "f16";
  case Element::I32:
    return "i32";
  case Element::I8:
    return "i8";
  case Element::F8E4M3:
    return "f8e4m3";
  case Element::F8E5M2:
    return "f8e5m2";
  }
  return "unknown";
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// The extents beyond which counts of bytes would leave 64 bits.
static constexpr int64_t kMaxExtent = int64_t(1) << 40;

static Status checkRowOrder(const ProductProblem &problem) {
  const Mask &mask = *problem.mask;
  if (problem.rowOrder.empty())
    return ::spmmplu::Success{};
  std::vector<bool> isListed(mask.rows(), false);
  for (int32_t row : problem.rowOrder) {
    if (row < 0 || row >= mask.rows() || isListed[row])
      return Error{"row order: found row " + std::to_string(row) +
                   " twice or outside of the mask, expected each of " +
                   std::to_string(mask.rows()) + " rows at most once"};
    isListed[row] = true;
  }
  for (int64_t row = 0; row < mask.rows(); ++row)
    if (!isListed[row] && mask.countRow(row))
      return Error{"row order: row " + std::to_string(row) +
                   " is not listed, expected all rows that are not empty"};
  return ::spmmplu::Success{};
}

Status mlir::spmmplu::checkProblem(const ProductProblem &problem) {
  if (!problem.mask)
    return Error{"product: found no mask, expected one"};
  bool isOut = problem.role == SparseRole::Out;
  int64_t n = problem.n.value_or(0);
  if (isOut && !problem.n)
    return Error{"product: found a dynamic N, expected that of the mask of the "
                 "output"};
  for (auto [name, extent] : {std::pair("M", problem.m),
                              std::pair("K", problem.k), std::pair("N", n)})
    if (extent < 0 || extent > kMaxExtent)
      return Error{std::string("product: found ") + name + " = " +
                   std::to_string(extent) + ", expected 0 to 2^40"};
  int64_t cols = isOut ? n : problem.k;
  if (problem.mask->rows() != problem.m || problem.mask->cols() != cols)
    return Error{"product: found a mask of " +
                 std::to_string(problem.mask->rows()) + "x" +
                 std::to_string(problem.mask->cols()) + ", expected " +
                 std::to_string(problem.m) + "x" + std::to_string(cols)};
  if (problem.threads < 1)
    return Error{"product: found " + std::to_string(problem.threads) +
                 " threads, expected at least 1"};
  return checkRowOrder(problem);
}

/// Whether an lhs that is the values of places can be read.
static bool checkValues(const ProductProblem &problem, const Strategy &s) {
  return s.phase == 0 && problem.k % s.depth == 0 &&
         getValueSource(*s.intrinsic, s.rows, s.depth, problem.valuesPart) !=
             ValueSource::None;
}

/// What the chain kernels require beyond `checkStrategy`'s common part.
static bool checkChain(const ProductProblem &problem, const Strategy &s) {
  bool fits = s.depth <= std::max<int64_t>(problem.k, 1) && s.phase >= 0 &&
              s.phase % s.depth == 0;
  // Where the depth does not divide K the last entry overlaps the one before
  // it: only packing can put zeros there.
  if (!problem.constantLhs && problem.k % s.depth)
    return false;
  if (problem.valuesLhs && !checkValues(problem, s))
    return false;
  // Single k are gathered for panels of one or two tiles, 32 columns at a time.
  if (s.intrinsic->unit == IntrinsicUnit::TileMatrix && s.depth == 1)
    return fits && problem.constantLhs && (s.rows == 16 || s.rows == 32) &&
           s.vectors == 2;
  if (s.intrinsic->unit == IntrinsicUnit::TileMatrix)
    return fits && problem.k % 2 == 0 && s.rows == s.intrinsic->i &&
           s.depth == s.intrinsic->k;
  return fits;
}

/// What the kernels of output tiles require beyond `checkStrategy`'s common
/// part.
static bool checkOutputTile(const Strategy &s) {
  if (s.depth != 1 || s.phase != 0 || s.vectors * s.intrinsic->lanes > 64)
    return false;
  if (s.intrinsic->unit == IntrinsicUnit::TileMatrix)
    return s.rows == s.intrinsic->i;
  // Vector registers hold the tile, a row of the rhs, and two temporaries. (A
  // chain's panel is walked in tiles that fit: `getRegisterRows`.)
  return s.intrinsic->unit == IntrinsicUnit::VectorFma &&
         s.rows * s.vectors <= s.intrinsic->registers - s.vectors - 2;
}

bool mlir::spmmplu::checkStrategy(const Target &target,
                                  const ProductProblem &problem,
                                  const Strategy &s) {
  if (target.kind == TargetKind::Gpu)
    return checkGpuStrategy(target, problem, s);
  if (!s.intrinsic || target.gflops(*s.intrinsic) <= 0 ||
      s.intrinsic->input != problem.element || s.rows < 1 || s.depth < 1 ||
      s.vectors < 1 || s.vectors > 4 || s.tasks < 1 || s.rows > 64 ||
      s.depth > 64)
    return false;
  return problem.role == SparseRole::Lhs ? checkChain(problem, s)
                                         : checkOutputTile(s);
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

/// `order`, then the rows it leaves out, which are empty.
static std::vector<int32_t> completeOrder(const std::vector<int32_t> &order,
                                          int64_t rows) {
  std::vector<int32_t> all = order;
  std::vector<bool> isListed(rows, false);
  for (int32_t row : order)
    isListed[row] = true;
  for (int64_t row = 0; row < rows; ++row)
    if (!isListed[row])
      all.push_back(int32_t(row));
  return all;
}

CellCounter::CellCounter(const ProductProblem &problem, Walk walk)
    : problem(problem), walk(walk), setBits(double(problem.mask->count())) {
  if (!problem.rowOrder.empty())
    order = completeOrder(problem.rowOrder, problem.mask->rows());
}

int64_t CellCounter::cells(int64_t rows, int64_t depth) {
  const Mask &mask = *problem.mask;
  if (mask.rows() == 0 || mask.cols() == 0)
    return 0;
  if (walk == Walk::Full)
    return ((mask.rows() + rows - 1) / rows) *
           ((mask.cols() + depth - 1) / depth);
  auto [at, isNew] = known.try_emplace({rows, depth}, 0);
  if (isNew && !problem.outParts.empty()) {
    for (const Mask &part : problem.outParts)
      at->second += countEntries(
          part, {int32_t(rows), int32_t(std::min(depth, part.cols())), 0, {}});
  } else if (isNew) {
    depth = std::min(depth, mask.cols());
    at->second = countEntries(mask, {int32_t(rows), int32_t(depth), 0, order});
  }
  return at->second;
}

CellCounter::PairedCells CellCounter::pairedCells(int64_t rows, int64_t depth) {
  if (walk == Walk::Full)
    return {cells(2 * rows, depth), longest(2 * rows, depth)};
  auto [at, isNew] = knownPaired.try_emplace({rows, depth});
  if (!isNew || cells(rows, depth) == 0)
    return at->second;
  auto pairs = pairPanels(buildChainTable(
      *problem.mask, {int32_t(rows), int32_t(depth), 0, order}));
  if (!pairs)
    return at->second = {cells(rows, depth), longest(rows, depth)};
  // The first pair has most steps.
  at->second.all = int64_t(pairs->steps.size());
  at->second.longest = pairs->pairs.front().steps;
  return at->second;
}

int64_t CellCounter::longest(int64_t rows, int64_t depth) {
  const Mask &mask = *problem.mask;
  if (mask.rows() == 0 || mask.cols() == 0)
    return 0;
  if (walk == Walk::Full)
    return (mask.cols() + depth - 1) / depth;
  auto [at, isNew] = knownLongest.try_emplace({rows, depth}, 0);
  if (!isNew)
    return at->second;
  for (const Mask &part : problem.outParts) {
    Mask coarse = part.coarsened(rows, depth);
    for (int64_t panel = 0; panel < coarse.rows(); ++panel)
      at->second = std::max(at->second, coarse.countRow(panel));
  }
  if (!problem.outParts.empty())
    return at->second;
  Mask coarse = coarsen(rows, depth);
  for (int64_t panel = 0; panel < coarse.rows(); ++panel)
    at->second = std::max(at->second, coarse.countRow(panel));
  return at->second;
}

Mask CellCounter::coarsen(int64_t rows, int64_t depth) const {
  const Mask &mask = *problem.mask;
  if (order.empty())
    return mask.coarsened(rows, depth);
  Mask ordered(mask.rows(), mask.cols());
  for (int64_t row = 0; row < mask.rows(); ++row)
    mask.forEachInRow(order[row], [&](int64_t col) { ordered.set(row, col); });
  return ordered.coarsened(rows, depth);
}

int64_t CellCounter::bandSteps(int64_t rows, int64_t band) {
  const Mask &mask = *problem.mask;
  if (mask.rows() == 0 || mask.cols() == 0)
    return 0;
  int64_t bands = (mask.cols() + band - 1) / band;
  if (walk == Walk::Full)
    return (mask.rows() + rows - 1) / rows * bands * (band / kBandStep);
  auto [at, isNew] = knownBandSteps.try_emplace({rows, band}, 0);
  if (!isNew)
    return at->second;
  Mask panels = coarsen(rows, 1);
  std::vector<int64_t> counts(bands);
  for (int64_t panel = 0; panel < panels.rows(); ++panel) {
    std::ranges::fill(counts, 0);
    panels.forEachInRow(panel, [&](int64_t k) { ++counts[k / band]; });
    for (int64_t count : counts)
      at->second += (count + kBandStep - 1) / kBandStep;
  }
  return at->second;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// The part of accesses to `workingSet` bytes that a cache serves. Scattered
/// ones find what fits. Otherwise a cache does not give way all at once: the
/// order of accesses is neither cyclic, where least-recent replacement keeps
/// nothing, nor random.
static double hitRate(double workingSet, double kib, bool scattered) {
  // The rest holds what streams past.
  double capacity = 0.75 * 1024 * kib;
  if (scattered)
    return std::min(1.0, capacity / std::max(workingSet, 1.0));
  return std::clamp(2 - workingSet / capacity, 0.0, 1.0);
}

void Traffic::add(const Target &target, double bytes, double workingSet,
                  double coverage, bool scattered) {
  double missL1 = 1 - hitRate(workingSet, target.l1Kib * coverage, scattered);
  double missL2 = 1 - hitRate(workingSet, target.l2Kib * coverage, scattered);
  double missL3 = 1 - hitRate(workingSet, target.l3Kib, scattered);
  missL2 = std::min(missL1, missL2);
  l1 += bytes;
  l2 += bytes * missL1;
  l3 += bytes * missL2;
  memory += bytes * std::min(missL2, missL3);
}

/// Of a parallel region that one thread runs: calls, and scratch memory.
static constexpr double kSerialRegionMicros = 0.3;

/// Microseconds of `bytes` at GB/s.
static double micros(double bytes, double gbps) { return bytes / (gbps * 1e3); }

static double packMicros(const Target &target, const Work &work,
                         double workers) {
  const Traffic &t = work.packTraffic;
  auto busy = int64_t(std::max(workers, 1.0));
  double cycles = work.packCycles / (target.clockGhz * 1e3 * workers);
  double traffic =
      std::max({micros(t.l1, target.l1Gbps * workers),
                micros(t.l2, target.l2Gbps * workers),
                micros(t.l3, target.l3Gbps.at(busy, target.cores)),
                micros(t.memory, target.dramGbps.at(busy, target.cores))});
  // Of a few rows the pieces of one panel are too short to be fetched ahead.
  return work.packsInTasks ? cycles + traffic : std::max(cycles, traffic);
}

Prediction mlir::spmmplu::predictChecked(const Target &target,
                                         const ProductProblem &problem,
                                         const Strategy &strategy, int64_t n,
                                         CellCounter &counter) {
  if (target.kind == TargetKind::Gpu)
    return predictGpu(target, problem, strategy, n, counter);
  Work work = getWork(target, problem, strategy, n, counter);
  double threads = double(std::min(problem.threads, target.cores));
  double workers = std::clamp(work.items, 1.0, threads);
  // The busiest worker's share over the average one's.
  double imbalance = 1;
  if (work.items > 0)
    imbalance = std::ceil(work.items / workers) * workers / work.items;
  int64_t busy = int64_t(workers);
  double core = imbalance / workers;

  Prediction p;
  p.compute = work.cycles / (target.clockGhz * 1e3) * core;
  p.l1 = micros(work.traffic.l1, target.l1Gbps) * core;
  p.l2 = micros(work.traffic.l2, target.l2Gbps) * core;
  p.l3 = micros(work.traffic.l3, target.l3Gbps.at(busy, target.cores));
  p.memory =
      micros(work.traffic.memory, target.dramGbps.at(busy, target.cores));
  p.packRhs = packMicros(target, work, work.packsInTasks ? 1 / core : threads);
  p.launch =
      work.regions * (threads > 1 ? target.launchMicros : kSerialRegionMicros);
  double unhidden = work.unhiddenCycles / (target.clockGhz * 1e3) * core;
  double far = std::max({p.l2, p.l3, p.memory});
  p.unhidden = std::min(unhidden, far);
  p.total =
      std::max({p.compute, p.l1, far}) + p.unhidden + p.packRhs + p.launch;
  p.l1Bytes = work.traffic.l1;
  p.l2Bytes = work.traffic.l2;
  p.l3Bytes = work.traffic.l3;
  p.memoryBytes = work.traffic.memory;
  p.executedFlops = work.executedFlops;
  double perNonZero =
      2.0 * double(problem.role == SparseRole::Lhs ? n : problem.k);
  p.usefulFlops = counter.nonZeros() * perNonZero;
  return p;
}

Prediction mlir::spmmplu::predict(const Target &target,
                                  const ProductProblem &problem,
                                  const Strategy &strategy, int64_t n) {
  ProductProblem at = problem;
  if (problem.role == SparseRole::Lhs)
    at.n = n;
  else
    n = problem.n.value_or(0);
  bool isTaken = checkProblem(at) && checkStrategy(target, at, strategy);
  if (isTaken && strategy.intrinsic->sparse)
    isTaken = isHalved(at, strategy.rows, strategy.depth);
  if (!isTaken) {
    Prediction never;
    never.total = std::numeric_limits<double>::infinity();
    return never;
  }
  CellCounter counter(at, CellCounter::Walk::Mask);
  return predictChecked(target, at, strategy, n, counter);
}
