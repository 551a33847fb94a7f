//===- KernelShape.h - What kernel families count ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Target: the quantities of a product under a strategy, and what
// chains on FMA units and on tiles have in common.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_KERNELSHAPE_H
#define SPMMPLU_LIB_TARGET_KERNELSHAPE_H

#include "CostModel.h"

#include <algorithm>
#include <cmath>

namespace mlir::spmmplu {

// Cycles that are the same on every machine with two load ports and two FMA
// ports (docs/cost-model.md says where each comes from).
inline constexpr double kLoadsPerCycle = 2;
inline constexpr double kEntryOverhead = 0.25;
inline constexpr double kChainOverhead = 6;
inline constexpr double kFarLine = 0.4;
inline constexpr double kPageBytes = 4096;
inline constexpr int64_t kLineBytes = 64;

inline double ceilDiv(double value, double by) { return std::ceil(value / by); }

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
    visits = panels * phases;
    if (phases > 1 && intrinsic.unit == IntrinsicUnit::VectorFma)
      visits = double(counter.cells(s.rows, s.phase));
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
  /// Whether the rhs is copied phase by phase, by each task anew.
  bool packsPhases(bool isPacked) const {
    return isPacked && phases > 1 && intrinsic.unit == IntrinsicUnit::VectorFma;
  }
  /// Rows of the rhs that are at once in copies.
  double packedRows() const {
    return packsPhases(true) ? std::min(k, double(s.phase)) : k;
  }
  /// The sums that a task keeps between phases.
  double sumBytes() const {
    return ceilDiv(panels, tasks) * double(s.rows) *
           std::min(width, paddedCols) * accBytes;
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
  double panels; ///< of rows
  double visits; ///< of panels by phases: on FMA units those with entries
  double cells, phases, width;    ///< width: columns of a whole panel
  double fullPanels, tailVectors; ///< of columns; vectors of the last panel
  double colPanels, paddedCols, tasks;
  double values = 0;   ///< set bits of the mask
  double rowsRead = 0; ///< of the rhs, by any entry
  double lhsLines = 0; ///< cache lines of an lhs in place that entries touch
};

/// How many times longer FMAs take than their throughput says, where only
/// `inFlight` of them are independent.
double getLatencyFactor(const Intrinsic &fma, double inFlight);
/// Cells or, of entries of one k, steps of several: the last one of a chain is
/// half padding.
double getSteps(const Shape &shape);
/// Cycles to fill all cells once, which every panel of columns does.
double getFillCycles(const Shape &shape);
/// What the chain kernels for N > 1 have in common: the lhs is walked once a
/// panel of columns, the rhs once an entry, the output once a phase.
void addChainTraffic(const Shape &shape, double rhsBytes, bool isPacked,
                     Work &work);
/// Lines of an lhs in place lie a row apart, which no prefetcher follows: a
/// part of their latency stays, and each phase comes to every row anew.
void addInPlaceCycles(const Shape &shape, Work &work);
/// The copy of the rhs into panels of `elementBytes` an element.
void addPackTraffic(const Shape &shape, double elementBytes, Work &work);

/// Chains of whole tiles of k, and of gathered single k.
Work getTileChainWork(const Shape &shape);
Work getGatheredWork(const Shape &shape);
Work getOutputTileWork(const Shape &shape);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_KERNELSHAPE_H
