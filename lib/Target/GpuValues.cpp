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

/// Microseconds of an SM, and of a block alone on one, for a tile.
static constexpr double kLhsTile = 0.5, kLhsTileAlone = 1.4;
static constexpr double kOutTile = 0.8, kOutTileAlone = 2.2;
/// Before a block's first tile and after its last; several blocks share an SM.
static constexpr double kBlock = 3, kBlocksTogether = 4;
/// Where most panels are shared their partial sums cost more than they give.
static constexpr double kSharedPanels = 1.5, kSharing = 2;
/// The number of stages that was faster.
static constexpr double kOtherStages = 1.03;

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
      for (s.split = 1; s.split <= 16; s.split *= 2)
        strategies.push_back(s);
  }
  return strategies;
}

double mlir::spmmplu::predictValues(const Target &target,
                                    const ProductProblem &problem,
                                    const Strategy &s, double n,
                                    CellCounter &counter) {
  bool isOut = problem.role == SparseRole::Out;
  double perTile = 64.0 * 64 * 64;
  int64_t width = isOut ? s.vectors * s.intrinsic->j : 1;
  double cell = isOut ? 1 : double(s.step);
  double cols = isOut ? 1 : std::ceil(n / double(s.vectors * s.intrinsic->j));
  double size = isOut ? double(s.rows * width) * double(problem.k)
                      : double(s.rows * s.step * s.vectors * s.intrinsic->j);
  // Finding values costs the same for few columns.
  double scale =
      isOut ? std::max(size / perTile, 0.5) : std::max(size / perTile, 0.75);
  double panels = std::max(std::ceil(double(problem.m) / double(s.rows)), 1.0);
  double tiles = double(counter.cells(s.rows, width)) / cell;
  if (!isOut)
    tiles += panels / 2; // a chain ends anywhere in its last cell
  double longest = std::ceil(double(counter.longest(s.rows, width)) / cell);
  double most = std::max(std::ceil(longest / double(s.split)), 1.0);
  double mean = tiles / panels;
  double batch = double(std::max<int64_t>(problem.batch, 1)) * cols;
  double blocks = panels * std::max(mean / most, 1.0) * batch;
  double sms = double(target.cores);
  double each = (isOut ? kOutTile : kLhsTile) * scale;
  double alone = (isOut ? kOutTileAlone : kLhsTileAlone) * scale;
  double busy = std::min(blocks / sms, 1.0);
  double time =
      std::max(tiles * batch / sms * each / std::max(busy, 1e-3), most * alone);
  time += kBlock * std::max(blocks / sms / kBlocksTogether, 1.0);
  if (!isOut && s.split > 1) {
    time += kSharing;
    if (most < kSharedPanels * mean)
      time *= kSharing;
  }
  return s.stages == (isOut ? 3 : 2) ? time : time * kOtherStages;
}
