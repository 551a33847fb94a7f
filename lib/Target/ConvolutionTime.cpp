//===- ConvolutionTime.cpp - How long a convolution takes ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/ConvolutionPlan.h"

#include <algorithm>
#include <cmath>

using namespace mlir::spmmplu;

static int64_t divideUp(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}

namespace {

/// Clocks of a tile on an SM.
struct TileClocks {
  double busiest = 0; ///< of what other blocks have to share with it
  double alone = 0;   ///< in a block of its own, with no other block
  double next = 0;    ///< after another tile of the same block
};

} // namespace

/// What tensor cores take for 64 x 16 by 16 x cols elements. Shared memory
/// feeds both at 128 bytes a clock; 64 x 256 x 16 products take 128 clocks.
static double getProductClocks(const ConvolutionTile &tile) {
  return std::max(double(tile.cols) / 2, 16 + double(tile.cols) / 4);
}

/// Products of 64 pixels and 16 channels in a block.
static double countProducts(const ConvolutionTile &tile) {
  return double(tile.kernelTaps * tile.listed / 16 * tile.pixels) / 64;
}

static double getResultBytes(const ConvolutionTile &tile) {
  return double(tile.pixels * tile.span * tile.resultBytes);
}

/// Fitted to times on an H100, 115 tiles of 16 convolutions, some of which took
/// their image otherwise.
static TileClocks getGatherClocks(const Target &target,
                                  const ConvolutionProblem &problem,
                                  const ConvolutionTile &tile) {
  /// Of a block's start and end, and of a step's barrier and waits.
  constexpr double kBlockLatency = 3000, kStepLatency = 200;
  /// Of a warp's request for a channel a lane: on a busy SM, and where one
  /// warpgroup waits for its own.
  constexpr double kGatherClocks = 22, kGatherLatency = 70;
  /// What an SM copies of filters and what it stores, bytes a clock.
  constexpr double kFilterRate = 60, kStoreRate = 14;
  double tensor = countProducts(tile) * getProductClocks(tile);
  double filters = double(tile.steps() * tile.filterStageBytes());
  double others = filters / kFilterRate + getResultBytes(tile) / kStoreRate;
  double requests = double(tile.readPositions() * tile.listed) / 32;
  // Listed channels share sectors with others.
  double image = double(tile.readPositions() * problem.shape.channels) * 2;
  double rate = target.l2Gbps / target.clockGhz;
  TileClocks clocks;
  clocks.busiest = std::max({tensor, others + requests * kGatherClocks,
                             (image + filters + getResultBytes(tile)) / rate});
  double waits = requests * kGatherLatency / double(tile.warpgroups);
  clocks.alone = kBlockLatency + kStepLatency * double(tile.steps()) +
                 std::max(clocks.busiest, others + waits);
  return clocks;
}

/// What the copy unit fetches for a tile, and how much of that may be on its
/// way at a time: what is multiplied is not, unless all of it is there at once.
static std::pair<double, double> getCopies(const ConvolutionTile &tile,
                                           int64_t panels) {
  auto fly = [](int64_t stages, int64_t all, int64_t bytes) {
    return double((stages < all ? stages - 1 : stages) * bytes);
  };
  bool compact = tile.compact;
  int64_t stages = compact ? tile.sourceStages() : tile.imageStages();
  int64_t all = compact ? tile.sources : tile.blocks();
  int64_t bytes = compact ? tile.sourceStageBytes() : tile.imageStageBytes();
  double flying =
      fly(stages, all, bytes) +
      fly(tile.filterStages(), tile.steps(), tile.filterStageBytes());
  int64_t planes = compact ? tile.sourcePlanes : tile.boxPlanes();
  double copied = double(all * planes * tile.boxes * tile.boxPixels *
                         ConvolutionTile::kLineBytes);
  bool keeps = tile.launched && tile.launched % panels == 0 &&
               tile.filterStages() == tile.steps();
  if (!keeps)
    copied += double(tile.steps() * tile.filterStageBytes());
  return {copied, flying};
}

// Fitted to times on an H100, 268 tiles of 16 convolutions: root mean square of
// the logarithm 0.16, and what is chosen of them takes 4 % more than the best.
/// Of a block's start, of a tile's end, of a step, and of blocks that follow
/// others on an SM.
static constexpr double kBlockClocks = 715, kTileClocks = 100, kStepClocks = 60,
                        kWaveClocks = 3367;

static TileClocks getBoxClocks(const Target &target,
                               const ConvolutionTile &tile, int64_t panels) {
  /// What an SM takes in, and what a block stores, bytes a clock; and how long
  /// a copy takes.
  constexpr double kCopyRate = 80, kStoreRate = 40, kCopyLatency = 678;
  /// Of a product that a warpgroup starts.
  constexpr double kIssueClocks = 23;
  /// Of eight channels that are compacted, and of four times eight lines of
  /// them; and what shared memory takes for eight lines.
  constexpr double kChunkClocks = 222, kLinesClocks = 56, kSharedClocks = 3;
  double products = countProducts(tile), result = getResultBytes(tile);
  auto [copied, flying] = getCopies(tile, panels);
  double tensor = products * getProductClocks(tile);
  double issued = products / double(tile.warpgroups) * kIssueClocks;
  double computed =
      double(tile.steps()) * kStepClocks + std::max(issued, tensor);
  double copies = copied / kCopyRate + copied * kCopyLatency / flying;
  double compacted = 0, shared = tensor;
  if (tile.compact) {
    double chunks = double(tile.listed) / 8;
    double groups = double(tile.boxPlaneBytes()) / 1024;
    compacted = chunks * (kChunkClocks + groups / 4 * kLinesClocks);
    shared += chunks * groups * kSharedClocks;
  }
  double stored = result / kStoreRate;
  TileClocks clocks;
  clocks.busiest =
      std::max({shared, copied / kCopyRate + result / kStoreRate,
                (copied + result) * target.clockGhz / target.l2Gbps});
  clocks.next = std::max({computed + stored, copies, compacted});
  // Of several blocks of channels one is compacted while others are
  // multiplied.
  double waits = tile.blocks() > 1 ? compacted / 2 : compacted;
  clocks.alone = kBlockClocks + waits + std::max(computed, copies) + stored;
  return clocks;
}

int64_t mlir::spmmplu::countResident(const Target &target,
                                     const ConvolutionTile &tile) {
  constexpr int64_t kOtherRegisters = 40;
  int64_t registers =
      (tile.accumulators() + kOtherRegisters) * tile.blockThreads();
  int64_t shared = int64_t(target.sharedKib * 1024);
  return std::max<int64_t>(
      std::min({shared / (tile.sharedBytes() + 1024),
                target.registers / registers, 2048 / tile.blockThreads()}),
      1);
}

/// Clocks of all tiles.
static double getClocks(const Target &target, const ConvolutionTile &tile,
                        const TileClocks &clocks, double count) {
  double sms = double(target.cores);
  if (tile.launched) {
    double together = std::ceil(double(tile.launched) / sms);
    double each = std::max(clocks.next, together * clocks.busiest);
    return kBlockClocks +
           std::ceil(count / double(tile.launched)) * (each + kTileClocks);
  }
  auto wave = [&](double together) {
    return std::max(together * clocks.busiest, clocks.alone);
  };
  double resident = double(countResident(target, tile));
  double full = std::floor(count / (sms * resident));
  double rest = count - full * sms * resident;
  double after = std::ceil(count / (sms * resident)) - 1;
  double total = full * wave(resident);
  if (rest > 0)
    total += wave(std::ceil(rest / sms));
  return tile.gather ? total : total + after * kWaveClocks;
}

double mlir::spmmplu::getConvolutionMicros(const Target &target,
                                           const ConvolutionProblem &problem,
                                           const ConvolutionPlan &plan) {
  const ConvolutionTile &tile = plan.tile;
  const ConvolutionShape &shape = problem.shape;
  int64_t panels = int64_t(plan.bounds.size()) - 1;
  TileClocks clocks = tile.gather ? getGatherClocks(target, problem, tile)
                                  : getBoxClocks(target, tile, panels);
  double count = double(divideUp(shape.positions(), tile.pixels) * panels);
  double compute =
      getClocks(target, tile, clocks, count) / (target.clockGhz * 1e3);
  double memory = double(shape.pixels() * shape.channels) * 2 +
                  double(shape.batch * shape.result[0] * shape.result[1] *
                         problem.filters * problem.resultBytes);
  memory /= target.dramGbps.all * 1e3;
  double unhidden = 0.1;
  if (!tile.gather) {
    // Some of the image is still in the L2, some of the rest is not hidden.
    memory *= 0.87;
    unhidden = 0.5;
  }
  return std::max(compute, memory) + unhidden * std::min(compute, memory) +
         target.launchMicros;
}
