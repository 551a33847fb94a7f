//===- GpuValues.cpp - Kernels on values of places, on GPUs ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What bounds these kernels is neither bytes nor products but the instructions
// that find values by their bits, and the longest panel: so their time follows
// from the number of tiles of 64 x 64, by figures of an H100
// (docs/cost-model.md, "Values of places").
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"

#include <algorithm>
#include <cmath>

using namespace mlir::spmmplu;

/// Microseconds of an SM, and of a block alone on one, for a tile of an lhs.
static constexpr double kLhsTile = 0.5, kLhsTileAlone = 1.4;
/// Before a block's first tile and after its last; several blocks share an SM.
static constexpr double kBlock = 3, kBlocksTogether = 4;
/// Where most panels are shared their partial sums cost more than they give.
static constexpr double kSharedPanels = 1.5, kSharing = 2;
/// The number of stages that was faster.
static constexpr double kOtherStages = 1.03;

/// The same of a tile of a result, all of it the mask's; what an SM takes more
/// where nothing of it is; and where another step is needed. Blocks take tiles
/// in turns, so none of them begins late.
static constexpr double kOutTile = 0.5, kOutTileAlone = 1.3, kOutHoles = 1;
static constexpr double kOutStep = 0.2, kOutStart = 2;
/// Products of mma, whose rhs all warps read; warps that share a row.
static constexpr double kOutMma = 1.05, kOutSharedRows = 1.1;
/// Each block that an SM has less than four.
static constexpr double kOutAlone = 0.04;

std::vector<Strategy>
mlir::spmmplu::getValueStrategies(const ProductProblem &problem,
                                  const Intrinsic &intrinsic) {
  std::vector<Strategy> strategies;
  bool isOut = problem.role == SparseRole::Out;
  Strategy s;
  s.intrinsic = &intrinsic;
  s.rows = 64;
  s.warpsI = 4;
  s.step = 64;
  while (isOut && s.step > 16 && s.step / 2 >= problem.k)
    s.step /= 2;
  s.depth = isOut ? s.step : 1;
  for (s.vectors = isOut ? 8 : 2; s.vectors <= (isOut ? 8 : 16);
       s.vectors *= 2) {
    // A tile twice as wide as there are columns only costs.
    if (!isOut && problem.n && s.vectors > 2 && s.vectors * 4 >= *problem.n)
      break;
    for (s.stages = 2; s.stages <= 3; ++s.stages)
      for (s.split = isOut ? 2 : 1; s.split <= (isOut ? 4 : 16);
           s.split += isOut ? 1 : s.split)
        strategies.push_back(s);
  }
  return strategies;
}

double mlir::spmmplu::predictValuesLhs(const Target &target,
                                       const ProductProblem &problem,
                                       const Strategy &s, double n,
                                       CellCounter &counter) {
  double cell = double(s.step);
  double cols = std::ceil(n / double(s.vectors * s.intrinsic->j));
  double size = double(s.rows * s.step * s.vectors * s.intrinsic->j);
  // Finding values costs the same for few columns.
  double scale = std::max(size / (64.0 * 64 * 64), 0.75);
  double panels = std::max(std::ceil(double(problem.m) / double(s.rows)), 1.0);
  // A chain ends anywhere in its last cell.
  double tiles = double(counter.cells(s.rows, 1)) / cell + panels / 2;
  double longest = std::ceil(double(counter.longest(s.rows, 1)) / cell);
  double most = std::max(std::ceil(longest / double(s.split)), 1.0);
  double mean = tiles / panels;
  double batch = double(std::max<int64_t>(problem.batch, 1)) * cols;
  double blocks = panels * std::max(mean / most, 1.0) * batch;
  double sms = double(target.cores);
  double busy = std::min(blocks / sms, 1.0);
  double time =
      std::max(tiles * batch / sms * kLhsTile * scale / std::max(busy, 1e-3),
               most * kLhsTileAlone * scale);
  time += kBlock * std::max(blocks / sms / kBlocksTogether, 1.0);
  if (s.split > 1) {
    time += kSharing;
    if (most < kSharedPanels * mean)
      time *= kSharing;
  }
  return s.stages == 2 ? time : time * kOtherStages;
}

double mlir::spmmplu::predictOutputTiles(const Target &target,
                                         const ProductProblem &problem,
                                         const Strategy &s,
                                         CellCounter &counter) {
  int64_t width = s.vectors * s.intrinsic->j;
  double area = double(s.rows * width), cells(counter.cells(s.rows, width));
  if (cells == 0)
    return 0;
  double holes = std::clamp(1 - counter.nonZeros() / (cells * area), 0.0, 1.0);
  double steps = std::max(std::ceil(double(problem.k) / double(s.step)), 1.0);
  double scale = std::max(area / (64 * 64), 0.5);
  double more = kOutHoles * holes + kOutStep * (steps - 1);
  double tiles = cells * double(std::max<int64_t>(problem.batch, 1));
  double sms = double(target.cores);
  double together = double(std::clamp<int64_t>(
      GpuTile(problem, s).residentBlocks(target), 1, s.split));
  double ofBlock = std::ceil(tiles / (sms * together));
  double time = std::max(tiles / sms * (kOutTile + more),
                         ofBlock * (kOutTileAlone + more)) *
                    scale +
                kOutStart;
  if (s.intrinsic->unit == IntrinsicUnit::WarpMatrix)
    time *= kOutMma;
  if (s.warpsJ > 1)
    time *= kOutSharedRows;
  return time * (1 + kOutAlone * std::max(kBlocksTogether - together, 0.0));
}
