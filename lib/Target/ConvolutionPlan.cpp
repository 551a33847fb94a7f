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

int64_t ConvolutionTile::imageStages() const {
  int64_t perBlock = stepsPerBlock();
  int64_t needed = perBlock == 1 ? stages : divideUp(ahead() + 1, perBlock) + 2;
  return std::min(blocks(), needed);
}

int64_t ConvolutionTile::tableOffset() const {
  int64_t rings = filterOffset() + filterStages() * filterStageBytes();
  return std::max(rings, pixels * lineBytes());
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

/// Clocks of a block on an SM, by what they are spent on.
struct BlockClocks {
  double tensor = 0, copies = 0, bytes = 0;
  double copiesAlone = 0; ///< where no other block hides latency
  double busiest() const { return std::max({tensor, copies, bytes}); }
};

} // namespace

// Clocks and bytes a clock of an H100, fitted to 115 tiles of 16 convolutions.
/// Of a block's start and end, and of a step's barrier and waits.
static constexpr double kBlockLatency = 3000, kStepLatency = 200;
/// Of a warp's request for a channel a lane: on a busy SM, and where one
/// warpgroup waits for its own.
static constexpr double kGatherClocks = 22, kGatherLatency = 70;
/// What an SM copies of the image, and of filters, which are contiguous; and
/// what it stores.
static constexpr double kImageRate = 9, kFilterRate = 60, kStoreRate = 14;

static BlockClocks getClocks(const Target &target,
                             const ConvolutionProblem &problem,
                             const ConvolutionTile &tile) {
  BlockClocks clocks;
  double products =
      double(tile.kernelTaps * tile.listed / 16) * double(tile.pixels) / 64;
  // Shared memory feeds 64 x 16 and 16 x cols elements at 128 bytes a clock;
  // 64 x 256 x 16 products take 128 clocks.
  double cols = double(tile.cols);
  clocks.tensor = products * std::max(cols / 2, 16 + cols / 4);
  double image = double(tile.readPositions() * tile.listed);
  double filters = double(tile.steps() * tile.filterStageBytes());
  double result = double(tile.pixels * tile.span * tile.resultBytes);
  double others = filters / kFilterRate + result / kStoreRate;
  // Listed channels share sectors with others. Parts of lines cost requests.
  double read = tile.gather
                    ? double(tile.readPositions() * problem.shape.channels) * 2
                    : image * 2 * std::max(64.0 / double(tile.block), 1.0);
  clocks.copies = others + read / kImageRate;
  clocks.copiesAlone = clocks.copies;
  if (tile.gather) {
    clocks.copies = others + image / 32 * kGatherClocks;
    clocks.copiesAlone =
        others + image / 32 * kGatherLatency / double(tile.warpgroups);
  }
  double l2BytesPerClock = target.l2Gbps / target.clockGhz;
  clocks.bytes = (read + filters + result) / l2BytesPerClock;
  return clocks;
}

static double getMicros(const Target &target, const ConvolutionProblem &problem,
                        const ConvolutionPlan &plan) {
  const ConvolutionTile &tile = plan.tile;
  const ConvolutionShape &shape = problem.shape;
  BlockClocks clocks = getClocks(target, problem, tile);
  double alone = kBlockLatency + kStepLatency * double(tile.steps()) +
                 std::max(clocks.busiest(), clocks.copiesAlone);
  constexpr int64_t kOtherRegisters = 64;
  int64_t registers =
      (tile.groupTiles() * tile.cols / 2 + kOtherRegisters) * tile.threads();
  int64_t shared = int64_t(target.sharedKib * 1024);
  int64_t resident =
      std::min({shared / (tile.sharedBytes() + 1024),
                target.registers / registers, 2048 / tile.threads()});
  double sms = double(target.cores);
  auto wave = [&](double together) {
    return std::max(together * clocks.busiest(), alone);
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
  return std::max(compute, memory) + 0.1 * std::min(compute, memory) +
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
      tile.cols > kMaxCols || tile.stages < 3 || tile.stages > 8 ||
      tile.block < 16 || tile.block % 16 || tile.taps < 1 ||
      tile.groupTiles() * tile.cols / 2 > kMaxAccumulators)
    return std::nullopt;
  // A step is one tap, or whole rows of them.
  if (shape.taps() % tile.taps ||
      (tile.taps > 1 && tile.taps % shape.kernel[1]))
    return std::nullopt;
  // Whole chunks, by eight lanes each, all threads at work.
  if (!tile.gather && (shape.channels % 8 || tile.threads() % tile.block))
    return std::nullopt;
  tile.kernelTaps = shape.taps();
  tile.halo = shape.shift(shape.taps() - 1);
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

std::optional<ConvolutionPlan>
mlir::spmmplu::chooseConvolutionPlan(const Target &target,
                                     const ConvolutionProblem &problem) {
  std::optional<ConvolutionPlan> best;
  auto consider = [&](const ConvolutionTile &tile) {
    auto plan = completePlan(target, problem, tile);
    if (plan && (!best || plan->micros < best->micros))
      best = plan;
  };
  int64_t taps = problem.shape.taps(), row = problem.shape.kernel[1];
  int64_t kept = std::max<int64_t>(int64_t(problem.keptFilters.size()), 1);
  int64_t keptChannels = int64_t(problem.keptChannels.size());
  ConvolutionTile tile;
  for (int64_t panels : {1, 2, 3, 4, 6, 8, 16}) {
    tile.cols = roundUp(divideUp(kept, panels), 8);
    // Bounds come in units: a panel may have to take some filters more.
    for (int64_t more = 0; more <= 16; more += 8, tile.cols += 8)
      for (bool gather : {false, true}) {
        tile.gather = gather;
        // A whole list in one block, or blocks of 16 to 64.
        int64_t whole = roundUp(std::max<int64_t>(keptChannels, 1), 16);
        for (int64_t block : {int64_t(16), int64_t(32), int64_t(64), whole})
          for (int64_t step : {int64_t(1), row, taps})
            for (tile.pixels = 64; tile.pixels <= 256; tile.pixels *= 2)
              for (tile.warpgroups = 1; tile.warpgroups <= 2; ++tile.warpgroups)
                for (tile.stages = 3; tile.stages <= 5; ++tile.stages) {
                  tile.block = block;
                  tile.taps = step;
                  consider(tile);
                }
      }
  }
  return best;
}
