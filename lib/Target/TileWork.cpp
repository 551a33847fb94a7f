//===- TileWork.cpp - What kernels on and of tiles do -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chains on tile units, and tiles of the output on either unit; see
// KernelWork.cpp.
//
//===----------------------------------------------------------------------===//

#include "KernelShape.h"

using namespace mlir::spmmplu;

static constexpr double kTileChainOverhead = 60;
static constexpr double kScalarCopy = 2;
static constexpr double kTileCopy = 0.2;  ///< 16 vectors a tile, transposed
static constexpr double kGatheredRow = 4; ///< of 32 columns
static constexpr double kTileUnhidden = 0.75;

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

Work mlir::spmmplu::getTileChainWork(const Shape &shape) {
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
Work mlir::spmmplu::getGatheredWork(const Shape &shape) {
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

Work mlir::spmmplu::getOutputTileWork(const Shape &shape) {
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
