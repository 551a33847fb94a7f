//===- GpuBands.cpp - Panels that take rows from bands ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategies of `ChainBandKernel` and their time. The rhs of a band and the
// values of its steps come one after the other: so they were measured on an
// H100 (docs/cost-model.md, "Bands").
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"

#include "spmmplu/Segmentation/Bands.h"

#include <algorithm>
#include <bit>
#include <cmath>

using namespace mlir::spmmplu;

/// Bytes a clock that an SM gets of the rhs, and of values into registers.
static constexpr double kRhsBytes = 66, kValueBytes = 21;
/// Of a band beside its bytes, and of a block before and after its tiles.
static constexpr double kBandMicros = 0.06, kBlockMicros = 1.5;

double GpuTile::bandSharedBytes() const {
  constexpr int64_t kWarpScratch = 2048;
  return double(stages) * (rhsBytes() + 16) +
         double(panels * warpsJ * kWarpScratch);
}

/// The kernel's registers of a thread that multiplies, by its warpgroups.
static int64_t getRegisters(int64_t groups) {
  constexpr int64_t counts[] = {0, 232, 240, 160, 112};
  return counts[groups];
}

bool mlir::spmmplu::checkBands(const Target &target,
                               const ProductProblem &problem,
                               const GpuTile &tile, const Strategy &s) {
  // Registers beside the accumulators; what moves them comes with wgmma.
  constexpr int64_t kOther = 32, kMaxBand = 256, kMaxWarps = 16;
  const Intrinsic *wgmma = lookupIntrinsic(
      problem.element == Element::BF16 ? "wgmma-bf16" : "wgmma-f16");
  int64_t warps = tile.panels * tile.warpsJ;
  return target.gflops(*wgmma) > 0 && problem.matrixRhs && !tile.sparse &&
         tile.width == 2 && tile.sumWidth == 4 && s.depth == 1 &&
         s.split == 1 && tile.stages >= 2 && tile.warpsI == 1 &&
         tile.rows % kBandStep == 0 && tile.cols % (64 * tile.warpsJ) == 0 &&
         tile.step >= kBandStep && tile.step <= kMaxBand &&
         std::has_single_bit(uint64_t(tile.step)) && warps % 4 == 0 &&
         warps <= kMaxWarps &&
         tile.accumulators() + kOther <= getRegisters(warps / 4);
}

std::vector<Strategy>
mlir::spmmplu::getBandStrategies(const Intrinsic &intrinsic) {
  /// Those that were measured; as many stages as there is room for.
  struct Tile {
    int64_t panels, cols, band, stages;
  };
  static constexpr Tile tiles[] = {{8, 128, 256, 3},
                                   {8, 128, 128, 6},
                                   {8, 64, 256, 6},
                                   {16, 64, 256, 5},
                                   {16, 64, 128, 8}};
  std::vector<Strategy> strategies;
  for (const Tile &tile : tiles) {
    Strategy s;
    s.intrinsic = &intrinsic;
    s.rows = 32;
    s.vectors = tile.cols / intrinsic.j;
    s.step = tile.band;
    s.stages = tile.stages;
    s.panels = tile.panels;
    strategies.push_back(s);
  }
  return strategies;
}

double mlir::spmmplu::predictBands(const Target &target,
                                   const ProductProblem &problem,
                                   const Strategy &s, double n,
                                   CellCounter &counter) {
  GpuTile tile(problem, s);
  auto micros = [&](double bytes, double bytesAClock) {
    return bytes / (bytesAClock * target.clockGhz * 1e3);
  };
  double groups = std::ceil(std::ceil(double(problem.m) / double(s.rows)) /
                            double(s.panels));
  double bands = std::ceil(double(problem.k) / double(s.step));
  double steps =
      double(counter.bandSteps(s.rows, s.step)) / std::max(groups, 1.0);
  double values = double(s.rows * kBandStep * tile.width * tile.warpsJ);
  double flops = 2 * double(s.rows * kBandStep * tile.cols);
  double multiply = std::max(micros(values, kValueBytes),
                             flops / (target.gflops(*s.intrinsic) * 1e3));
  double ofTile = bands * (micros(tile.rhsBytes(), kRhsBytes) + kBandMicros) +
                  steps * multiply +
                  micros(double(s.panels * s.rows * tile.cols) * 4, kRhsBytes);
  double tiles = groups * std::ceil(n / double(tile.cols));
  return std::ceil(tiles / double(target.cores)) * ofTile + kBlockMicros;
}
