//===- ConvolutionPlan.cpp - How a GPU convolves pruned filters -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/ConvolutionPlan.h"

#include <algorithm>
#include <numeric>
#include <span>

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
  // Rows of the image, as a matrix, are multiples of 16 bytes; blocks are whole
  // lines, or there is one.
  return shape.channels % 8 == 0 && boxPixels <= kMaxBox &&
         (block % kBoxChannels == 0 || blocks() == 1);
}

void ConvolutionTile::describe(const ConvolutionShape &shape) {
  kernelTaps = shape.taps();
  if (compact) {
    sourcePlanes = shape.channels > kBoxChannels ? 2 : 1;
    sources = divideUp(shape.channels, sourcePlanes * kBoxChannels);
  }
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
  if (compact)
    needed = 2;
  else if (gather && perBlock > 1)
    needed = divideUp(ahead() + 1, perBlock) + 2;
  else if (perBlock > 1)
    needed = blocks() > 1 ? 3 : 2;
  return launched ? needed : std::min(blocks(), needed);
}

int64_t ConvolutionTile::sourceStages() const {
  if (!compact)
    return 0;
  int64_t needed = kernelTaps > 1 ? 2 : std::max<int64_t>(stages, 2);
  return launched ? needed : std::min(sources, needed);
}

int64_t ConvolutionTile::barrierOffset() const {
  return roundUp(std::max(ringBytes(), linesOffset() + pixels * lineBytes()),
                 16);
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

/// The kept channels of a source, eights of which lanes of a warp copy: two by
/// each lane of four. Either takes what it reads in one access from four
/// different banks, as far as there are such: words of 16 bytes hold channels
/// 2w and 2w + 1.
static void listSource(std::span<const int32_t> kept,
                       std::vector<int32_t> &list) {
  std::array<std::vector<int32_t>, 4> words;
  for (size_t at = kept.size(); at-- > 0;)
    words[size_t(kept[at] / 2 % 4)].push_back(kept[at]);
  for (size_t done = 0; done < kept.size(); done += 8) {
    std::array<int32_t, 8> chunk;
    chunk.fill(-1);
    for (int access = 0; access < 2; ++access) {
      std::array<bool, 4> used = {};
      for (int lane = 0; lane < 4; ++lane) {
        int best = -1;
        for (int word = 0; word < 4; ++word)
          if (!words[word].empty() &&
              (best < 0 || std::pair(!used[word], words[word].size()) >
                               std::pair(!used[best], words[best].size())))
            best = word;
        if (best < 0)
          break;
        used[best] = true;
        chunk[2 * lane + access] = words[best].back();
        words[best].pop_back();
      }
    }
    list.insert(list.end(), chunk.begin(), chunk.end());
  }
}

std::vector<int32_t>
mlir::spmmplu::listChannels(const ConvolutionProblem &problem,
                            const ConvolutionTile &tile) {
  std::vector<int32_t> list = problem.keptChannels;
  if (tile.compact) {
    list.clear();
    int64_t size = tile.sourcePlanes * ConvolutionTile::kBoxChannels;
    std::span<const int32_t> kept = problem.keptChannels;
    for (int64_t end = size; !kept.empty(); end += size) {
      auto next = std::lower_bound(kept.begin(), kept.end(), end);
      size_t count = size_t(next - kept.begin());
      listSource(kept.first(count), list);
      kept = kept.subspan(count);
    }
  } else if (!tile.gather) {
    list.resize(problem.shape.channels);
    std::iota(list.begin(), list.end(), 0);
  }
  list.resize(roundUp(std::max<int64_t>(int64_t(list.size()), 1), tile.block),
              -1);
  return list;
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

/// What a thread of a block may have: all warps have as many, and four of them
/// get theirs together.
static int64_t getRegisters(const Target &target, const ConvolutionTile &tile) {
  constexpr int64_t kMost = 255;
  int64_t each = target.registers / roundUp(tile.blockThreads(), 128);
  return std::min(each / 8 * 8, kMost);
}

std::optional<ConvolutionPlan>
mlir::spmmplu::completePlan(const Target &target,
                            const ConvolutionProblem &problem,
                            ConvolutionTile tile) {
  const ConvolutionShape &shape = problem.shape;
  constexpr int64_t kMaxAccumulators = 128, kMaxCols = 256;
  constexpr int64_t kOtherRegisters = 32; // the least that wgmmas leave room

  if (tile.warpgroups < 1 || tile.warpgroups > 4 || tile.pixels < 64 ||
      tile.pixels % (64 * tile.warpgroups) || tile.cols < 8 || tile.cols % 8 ||
      tile.cols > kMaxCols || tile.stages < (tile.gather ? 3 : 2) ||
      tile.stages > 8 || tile.block < 16 || tile.block % 16 || tile.taps < 1 ||
      tile.accumulators() > kMaxAccumulators)
    return std::nullopt;
  // A step is one tap, or whole rows of them.
  if (shape.taps() % tile.taps ||
      (tile.taps > 1 && tile.taps % shape.kernel[1]))
    return std::nullopt;
  tile.describe(shape);
  tile.listed = int64_t(listChannels(problem, tile).size());
  if (tile.launched < 0 || (tile.gather && (tile.launched || tile.compact)) ||
      (!tile.gather && !tile.takesBoxes(shape)))
    return std::nullopt;
  tile.resultBytes = problem.resultBytes;
  ConvolutionPlan plan;
  plan.bounds = cutPanels(problem, tile.cols);
  if (plan.bounds.size() < 2)
    return std::nullopt;
  for (size_t panel = 1; panel < plan.bounds.size(); ++panel)
    tile.span = std::max<int64_t>(
        tile.span, roundUp(plan.bounds[panel] - plan.bounds[panel - 1], 8));
  plan.tile = tile;
  if (double(tile.sharedBytes()) > target.sharedKib * 1024 ||
      tile.accumulators() + kOtherRegisters > getRegisters(target, tile) ||
      shape.positions() + tile.pixels + tile.halo > INT32_MAX)
    return std::nullopt;
  plan.micros = getConvolutionMicros(target, problem, plan);
  return plan;
}

/// Blocks of channels worth considering.
static std::vector<int64_t> listBlocks(const ConvolutionProblem &problem,
                                       ConvolutionTile tile) {
  int64_t channels = roundUp(problem.shape.channels, 16);
  if (!tile.gather && !tile.compact)
    return {std::min<int64_t>(channels, 64), 128};
  // A whole list in one block, or parts of it.
  tile.block = 16;
  int64_t whole = int64_t(listChannels(problem, tile).size());
  if (tile.compact)
    return {whole, 64};
  return {16, 32, 64, whole};
}

namespace {

/// The plan with the least time so far.
class PlanChoice {
public:
  PlanChoice(const Target &target, const ConvolutionProblem &problem)
      : target(target), problem(problem) {}

  void considerCols(int64_t cols) {
    ConvolutionTile tile;
    tile.cols = cols;
    considerBlocks(tile);
    tile.gather = true;
    considerBlocks(tile);
    // With one tap channels are compacted as often as they are multiplied.
    tile.gather = false;
    tile.compact =
        problem.shape.taps() > 1 &&
        int64_t(problem.keptChannels.size()) * 4 < problem.shape.channels * 3;
    if (!tile.compact)
      return;
    tile.describe(problem.shape);
    considerBlocks(tile);
  }

  std::optional<ConvolutionPlan> best;

private:
  void considerBlocks(ConvolutionTile tile) {
    int64_t taps = problem.shape.taps(), row = problem.shape.kernel[1];
    for (int64_t block : listBlocks(problem, tile))
      for (int64_t step : {int64_t(1), row, taps})
        for (int64_t pixels : {64, 128, 192, 256}) {
          tile.block = block;
          tile.taps = step;
          tile.pixels = pixels;
          considerThreads(tile);
        }
  }

  void considerThreads(ConvolutionTile tile) {
    // Of gathered tiles only these were timed.
    int64_t most = tile.gather ? 2 : 4, deepest = tile.gather ? 5 : 8;
    for (tile.warpgroups = 1; tile.warpgroups <= most; ++tile.warpgroups)
      if (tile.pixels % (64 * tile.warpgroups) == 0)
        for (tile.stages = deepest; tile.stages >= 2; --tile.stages)
          consider(tile);
  }

  void consider(ConvolutionTile tile) {
    std::optional<ConvolutionPlan> plan = completePlan(target, problem, tile);
    if (!plan)
      return;
    int64_t count = divideUp(problem.shape.positions(), tile.pixels) *
                    (int64_t(plan->bounds.size()) - 1);
    int64_t most = countResident(target, plan->tile);
    // Of blocks that follow others on an SM none was the fastest: they begin
    // with nothing, where those that take turns have the next tile at hand.
    if (tile.gather || count <= std::min<int64_t>(most, 2) * target.cores)
      keep(*plan);
    for (int64_t resident = 1; resident <= most && !tile.gather; ++resident) {
      tile.launched = resident * target.cores;
      // With a tile each nothing is gained.
      if (count <= tile.launched)
        return;
      if ((plan = completePlan(target, problem, tile)) &&
          countResident(target, plan->tile) >= resident)
        keep(*plan);
    }
  }

  void keep(const ConvolutionPlan &plan) {
    if (!best || plan.micros < best->micros)
      best = plan;
  }

  const Target &target;
  const ConvolutionProblem &problem;
};

} // namespace

std::optional<ConvolutionPlan>
mlir::spmmplu::chooseConvolutionPlan(const Target &target,
                                     const ConvolutionProblem &problem) {
  int64_t kept = std::max<int64_t>(int64_t(problem.keptFilters.size()), 1);
  PlanChoice choice(target, problem);
  for (int64_t panels : {1, 2, 3, 4, 5, 6, 8, 16})
    // Bounds come in units: a panel may have to take some filters more.
    for (int64_t more = 0; more <= 16; more += 8)
      choice.considerCols(roundUp(divideUp(kept, panels), 8) + more);
  return choice.best;
}
