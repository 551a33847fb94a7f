//===- ConvolutionPlan.cpp - How a GPU convolves pruned filters -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/ConvolutionPlan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace mlir::spmmplu;

static int64_t divideUp(int64_t value, int64_t by) {
  return (value + by - 1) / by;
}
static int64_t roundUp(int64_t value, int64_t to) {
  return divideUp(value, to) * to;
}

//===----------------------------------------------------------------------===//
// Positions and tiles
//===----------------------------------------------------------------------===//

int64_t ConvolutionShape::pitch(int64_t dim) const {
  // The last tap may reach into what is left of the next row, which is zero as
  // far as the padding goes.
  int64_t reach = result[dim] + (kernel[dim] - 1) * dilation[dim] - pad[dim];
  return std::max({pad[dim] + image[dim], reach, result[dim]});
}

int64_t ConvolutionShape::positions() const {
  return ((batch - 1) * pitch(0) + result[0] - 1) * pitch(1) + result[1];
}

/// Pixels that the copy unit takes at once.
static constexpr int64_t kMaxBox = 256;

bool ConvolutionTile::takesBoxes(const ConvolutionShape &shape) const {
  // Rows of the image, as a matrix, are multiples of 16 bytes.
  bool isWhole =
      block % kBoxChannels == 0 || block == roundUp(shape.channels, 16);
  return shape.channels % 8 == 0 && isWhole && boxPixels <= kMaxBox;
}

void ConvolutionTile::describe(const ConvolutionShape &shape) {
  kernelTaps = shape.taps();
  halo = shape.shift(shape.taps() - 1);
  if (shape.isUnpadded()) {
    boxPixels = boxPitch = std::min(roundUp(readPositions(), 8), kMaxBox);
    boxes = divideUp(readPositions(), boxPixels);
    return;
  }
  boxPixels = shape.image[1];
  boxPitch = shape.pitch(1);
  boxLead = shape.pad[1];
  // A tile begins anywhere in its first row, as far as multiples of `pixels`
  // come.
  int64_t latest = boxPitch - std::gcd(pixels, boxPitch);
  boxes = divideUp(latest + readPositions(), boxPitch);
}

int64_t ConvolutionTile::imageStages() const {
  int64_t perBlock = stepsPerBlock(), needed = stages;
  if (gather && perBlock > 1)
    needed = divideUp(ahead() + 1, perBlock) + 2;
  else if (perBlock > 1)
    needed = 3;
  return std::min(blocks(), needed);
}

int64_t ConvolutionTile::barrierOffset() const {
  int64_t rings = filterOffset() + filterStages() * filterStageBytes();
  return roundUp(std::max(rings, pixels * lineBytes()), 16);
}

//===----------------------------------------------------------------------===//
// Panels
//===----------------------------------------------------------------------===//

/// Channels of the result between two bounds come in these, one access wide.
static constexpr int64_t kBoundUnit = 16;
/// A panel writes no more of a pixel than this.
static constexpr int64_t kMaxLineBytes = 1024;

/// Cuts the result's channels so that each panel has at most `cols` filters
/// that are kept; nothing if a unit alone has more.
static std::vector<int32_t> cutPanels(const ConvolutionProblem &problem,
                                      int64_t cols) {
  std::vector<int32_t> bounds = {0};
  size_t kept = 0, first = 0;
  for (int64_t lo = 0; lo < problem.filters; lo += kBoundUnit) {
    int64_t hi = std::min(lo + kBoundUnit, problem.filters);
    size_t before = kept;
    while (kept < problem.keptFilters.size() && problem.keptFilters[kept] < hi)
      ++kept;
    if (int64_t(kept - before) > cols)
      return {};
    if (int64_t(kept - first) > cols ||
        (hi - bounds.back()) * problem.resultBytes > kMaxLineBytes) {
      bounds.push_back(int32_t(lo));
      first = before;
    }
  }
  bounds.push_back(int32_t(problem.filters));
  return bounds;
}

std::vector<int32_t>
mlir::spmmplu::listChannels(const ConvolutionProblem &problem, bool gather,
                            int64_t block) {
  std::vector<int32_t> list = problem.keptChannels;
  if (!gather) {
    list.resize(problem.shape.channels);
    std::iota(list.begin(), list.end(), 0);
  }
  list.resize(roundUp(std::max<int64_t>(int64_t(list.size()), 1), block), -1);
  return list;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

namespace {

/// Clocks of a block on an SM.
struct BlockClocks {
  double busiest = 0; ///< of what other blocks have to share with it
  double alone = 0;   ///< from its start to its end, with no other block
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
static BlockClocks getGatherClocks(const Target &target,
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
  BlockClocks clocks;
  clocks.busiest = std::max({tensor, others + requests * kGatherClocks,
                             (image + filters + getResultBytes(tile)) / rate});
  double waits = requests * kGatherLatency / double(tile.warpgroups);
  clocks.alone = kBlockLatency + kStepLatency * double(tile.steps()) +
                 std::max(clocks.busiest, others + waits);
  return clocks;
}

/// Fitted to times on an H100, 150 tiles of 16 convolutions.
static BlockClocks getBoxClocks(const Target &target,
                                const ConvolutionTile &tile) {
  /// Of a block's start and end, of a step, and of a product that a warpgroup
  /// starts.
  constexpr double kBlockLatency = 2500, kStepLatency = 150, kIssueClocks = 40;
  /// What an SM takes in and what it stores, bytes a clock; and how long a copy
  /// takes, of which there are only so many at a time as the rings have room.
  constexpr double kCopyRate = 80, kStoreRate = 40, kCopyLatency = 1000;
  double products = countProducts(tile), result = getResultBytes(tile);
  double copied = double(tile.steps() * tile.filterStageBytes() +
                         tile.blocks() * tile.imageStageBytes());
  // What is multiplied is not in flight, unless all of it is there at once.
  auto countFlying = [](int64_t stages, int64_t all) {
    return stages < all ? stages - 1 : stages;
  };
  double flying = double(
      countFlying(tile.filterStages(), tile.steps()) * tile.filterStageBytes() +
      countFlying(tile.imageStages(), tile.blocks()) * tile.imageStageBytes());
  double tensor = products * getProductClocks(tile);
  double copies = copied / kCopyRate + result / kStoreRate;
  BlockClocks clocks;
  clocks.busiest = std::max(
      {tensor, copies, (copied + result) * target.clockGhz / target.l2Gbps});
  double issued = products / double(tile.warpgroups) * kIssueClocks;
  clocks.alone =
      kBlockLatency + kStepLatency * double(tile.steps()) +
      std::max({tensor, copies, issued, copied * kCopyLatency / flying});
  return clocks;
}

static double getMicros(const Target &target, const ConvolutionProblem &problem,
                        const ConvolutionPlan &plan) {
  const ConvolutionTile &tile = plan.tile;
  const ConvolutionShape &shape = problem.shape;
  BlockClocks clocks = tile.gather ? getGatherClocks(target, problem, tile)
                                   : getBoxClocks(target, tile);
  constexpr int64_t kOtherRegisters = 64;
  int64_t registers = (tile.groupTiles() * tile.cols / 2 + kOtherRegisters) *
                      tile.blockThreads();
  int64_t shared = int64_t(target.sharedKib * 1024);
  int64_t resident =
      std::min({shared / (tile.sharedBytes() + 1024),
                target.registers / registers, 2048 / tile.blockThreads()});
  double sms = double(target.cores);
  auto wave = [&](double together) {
    return std::max(together * clocks.busiest, clocks.alone);
  };
  double count = double(divideUp(shape.positions(), tile.pixels)) *
                 double(plan.bounds.size() - 1);
  double slots = sms * double(std::max<int64_t>(resident, 1));
  double full = std::floor(count / slots), rest = count - full * slots;
  double total = full * wave(double(resident));
  if (rest > 0)
    total += wave(std::ceil(rest / sms));
  double memory =
      double(shape.batch * shape.image[0] * shape.image[1] * shape.channels) *
          2 +
      double(shape.batch * shape.result[0] * shape.result[1] * problem.filters *
             problem.resultBytes);
  double compute = total / (target.clockGhz * 1e3);
  memory /= target.dramGbps.all * 1e3;
  // The two hide each other but for their ends.
  double unhidden = tile.gather ? 0.1 : 0.38;
  return std::max(compute, memory) + unhidden * std::min(compute, memory) +
         target.launchMicros;
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

std::optional<ConvolutionPlan>
mlir::spmmplu::completePlan(const Target &target,
                            const ConvolutionProblem &problem,
                            ConvolutionTile tile) {
  const ConvolutionShape &shape = problem.shape;
  constexpr int64_t kMaxAccumulators = 128, kMaxCols = 256;
  if (tile.warpgroups < 1 || tile.warpgroups > 4 || tile.pixels < 64 ||
      tile.pixels % (64 * tile.warpgroups) || tile.cols < 8 || tile.cols % 8 ||
      tile.cols > kMaxCols || tile.stages < (tile.gather ? 3 : 2) ||
      tile.stages > 8 || tile.block < 16 || tile.block % 16 || tile.taps < 1 ||
      tile.groupTiles() * tile.cols / 2 > kMaxAccumulators)
    return std::nullopt;
  // A step is one tap, or whole rows of them.
  if (shape.taps() % tile.taps ||
      (tile.taps > 1 && tile.taps % shape.kernel[1]))
    return std::nullopt;
  tile.describe(shape);
  if (!tile.gather && !tile.takesBoxes(shape))
    return std::nullopt;
  tile.resultBytes = problem.resultBytes;
  tile.listed = int64_t(listChannels(problem, tile.gather, tile.block).size());
  ConvolutionPlan plan;
  plan.bounds = cutPanels(problem, tile.cols);
  if (plan.bounds.size() < 2)
    return std::nullopt;
  for (size_t panel = 1; panel < plan.bounds.size(); ++panel)
    tile.span = std::max<int64_t>(
        tile.span, roundUp(plan.bounds[panel] - plan.bounds[panel - 1], 8));
  plan.tile = tile;
  if (double(tile.sharedBytes()) > target.sharedKib * 1024 ||
      shape.positions() + tile.pixels + tile.halo > INT32_MAX)
    return std::nullopt;
  plan.micros = getMicros(target, problem, plan);
  return plan;
}

/// Blocks of channels worth considering.
static std::vector<int64_t> listBlocks(const ConvolutionProblem &problem,
                                       bool gather) {
  int64_t channels = roundUp(problem.shape.channels, 16);
  if (!gather)
    return {std::min<int64_t>(channels, 64), 128};
  // A whole list in one block, or blocks of 16 to 64.
  int64_t kept = std::max<int64_t>(int64_t(problem.keptChannels.size()), 1);
  return {16, 32, 64, roundUp(kept, 16)};
}

/// Calls `consider` with tiles of so many columns.
static void
forTiles(const ConvolutionProblem &problem, int64_t cols,
         const std::function<void(const ConvolutionTile &)> &consider) {
  int64_t taps = problem.shape.taps(), row = problem.shape.kernel[1];
  ConvolutionTile tile;
  tile.cols = cols;
  for (bool gather : {false, true})
    for (int64_t block : listBlocks(problem, gather))
      for (int64_t step : {int64_t(1), row, taps})
        for (tile.warpgroups = 1; tile.warpgroups <= 4; ++tile.warpgroups)
          for (int64_t tiles : {1, 2})
            for (tile.stages = 8; tile.stages >= 2; --tile.stages) {
              // Of gathered tiles only these were timed.
              if (gather && (tile.warpgroups > 2 || tile.stages > 5))
                continue;
              tile.gather = gather;
              tile.pixels = 64 * tile.warpgroups * tiles;
              tile.block = block;
              tile.taps = step;
              consider(tile);
            }
}

std::optional<ConvolutionPlan>
mlir::spmmplu::chooseConvolutionPlan(const Target &target,
                                     const ConvolutionProblem &problem) {
  std::optional<ConvolutionPlan> best;
  auto consider = [&](const ConvolutionTile &tile) {
    auto plan = completePlan(target, problem, tile);
    if (plan && (!best || plan->micros < best->micros))
      best = plan;
  };
  int64_t kept = std::max<int64_t>(int64_t(problem.keptFilters.size()), 1);
  for (int64_t panels : {1, 2, 3, 4, 6, 8, 16})
    // Bounds come in units: a panel may have to take some filters more.
    for (int64_t more = 0; more <= 16; more += 8)
      forTiles(problem, roundUp(divideUp(kept, panels), 8) + more, consider);
  return best;
}
