//===- ConvolutionPlanTest.cpp - Tiles of convolutions ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/ConvolutionPlan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace mlir::spmmplu;

static Target getTarget() {
  auto target = lookupTarget("sm_90a");
  EXPECT_TRUE(target) << target.error();
  return target ? *target : Target();
}

/// 3x3 filters, padded to the same size; every n-th channel and filter is kept.
static ConvolutionProblem makeProblem(int64_t channels, int64_t size,
                                      int64_t filters, int64_t everyChannel,
                                      int64_t everyFilter) {
  ConvolutionProblem problem;
  ConvolutionShape &shape = problem.shape;
  shape.batch = 32;
  shape.channels = channels;
  shape.image = shape.result = {size, size};
  shape.kernel = {3, 3};
  shape.pad = {1, 1};
  problem.filters = filters;
  for (int64_t c = 0; c < channels; c += everyChannel)
    problem.keptChannels.push_back(int32_t(c));
  for (int64_t f = 0; f < filters; f += everyFilter)
    problem.keptFilters.push_back(int32_t(f));
  return problem;
}

/// What a tap of a pixel reads, from positions: a pixel of the image or zero.
static void expectPositionsRight(const ConvolutionShape &shape) {
  int64_t pitch = shape.pitch(1), rows = shape.pitch(0);
  auto read = [&](int64_t position) -> int64_t {
    int64_t row = position / pitch % rows - shape.pad[0];
    int64_t col = position % pitch - shape.pad[1];
    int64_t batch = position / pitch / rows;
    bool inside = row >= 0 && row < shape.image[0] && col >= 0 &&
                  col < shape.image[1] && batch < shape.batch;
    return inside ? (batch * shape.image[0] + row) * shape.image[1] + col : -1;
  };
  for (int64_t b = 0; b < shape.batch; ++b)
    for (int64_t y = 0; y < shape.result[0]; ++y)
      for (int64_t x = 0; x < shape.result[1]; ++x)
        for (int64_t tap = 0; tap < shape.taps(); ++tap) {
          int64_t row =
              y + tap / shape.kernel[1] * shape.dilation[0] - shape.pad[0];
          int64_t col =
              x + tap % shape.kernel[1] * shape.dilation[1] - shape.pad[1];
          bool inside = row >= 0 && row < shape.image[0] && col >= 0 &&
                        col < shape.image[1];
          int64_t expected =
              inside ? (b * shape.image[0] + row) * shape.image[1] + col : -1;
          int64_t position = (b * rows + y) * pitch + x;
          ASSERT_LT(position, shape.positions());
          ASSERT_EQ(read(position + shape.shift(tap)), expected)
              << b << " " << y << " " << x << " tap " << tap;
        }
}

TEST(ConvolutionShape, TapsAreTheSameDistanceForAllPixels) {
  // Padding on either side, none, more than the filter is wide, and results
  // smaller and larger than the image.
  ConvolutionShape shape;
  shape.batch = 3;
  shape.image = {5, 4};
  for (int64_t pad = 0; pad <= 3; ++pad)
    for (int64_t dilation = 1; dilation <= 2; ++dilation)
      for (int64_t width = 1; width <= 3; ++width)
        for (int64_t size = 1; size <= 8; ++size) {
          shape.pad = {3 - pad, pad};
          shape.dilation = {dilation, 3 - dilation};
          shape.kernel = {4 - width, width};
          shape.result = {9 - size, size};
          expectPositionsRight(shape);
        }
}

TEST(ConvolutionShape, PaddingIsKeptOnce) {
  EXPECT_EQ(makeProblem(8, 7, 8, 1, 1).shape.pitch(1), 8);
  ConvolutionShape point;
  point.image = point.result = {7, 7};
  EXPECT_EQ(point.pitch(1), 7);
}

TEST(ConvolutionPlan, PanelsHoldWhatTheyHaveColumnsFor) {
  Target target = getTarget();
  for (int64_t every : {1, 2, 3, 7}) {
    ConvolutionProblem problem = makeProblem(64, 14, 200, 1, every);
    ConvolutionTile tile;
    tile.cols = 24;
    tile.block = 64;
    auto plan = completePlan(target, problem, tile);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->bounds.front(), 0);
    EXPECT_EQ(plan->bounds.back(), 200);
    for (size_t panel = 1; panel < plan->bounds.size(); ++panel) {
      int32_t lo = plan->bounds[panel - 1], hi = plan->bounds[panel];
      EXPECT_TRUE(hi % 16 == 0 || hi == 200);
      EXPECT_LE(hi - lo, plan->tile.span);
      int64_t kept = 0;
      for (int32_t filter : problem.keptFilters)
        kept += filter >= lo && filter < hi;
      EXPECT_LE(kept, tile.cols);
    }
  }
}

TEST(ConvolutionPlan, RefusesWhatTheKernelCannotTake) {
  Target target = getTarget();
  ConvolutionProblem problem = makeProblem(20, 14, 64, 1, 1);
  ConvolutionTile tile;
  tile.cols = 64;
  EXPECT_FALSE(completePlan(target, problem, tile)); // 20 channels: no chunks
  tile.gather = true;
  EXPECT_TRUE(completePlan(target, problem, tile));
  tile.taps = 2; // no whole row
  EXPECT_FALSE(completePlan(target, problem, tile));
  tile.taps = 3;
  EXPECT_TRUE(completePlan(target, problem, tile));
  tile.cols = 8; // 16 filters of one unit
  EXPECT_FALSE(completePlan(target, problem, tile));
  tile.cols = 264;
  EXPECT_FALSE(completePlan(target, problem, tile));
  tile.cols = 64;
  tile.stages = 2;
  EXPECT_FALSE(completePlan(target, problem, tile));
  tile.stages = 3;
  tile.pixels = 96;
  EXPECT_FALSE(completePlan(target, problem, tile));
}

TEST(ConvolutionPlan, BoxesAreOfWholeLinesAndNarrowRows) {
  Target target = getTarget();
  ConvolutionTile tile;
  tile.cols = 64;
  tile.block = 64;
  tile.stages = 2;
  EXPECT_TRUE(completePlan(target, makeProblem(72, 14, 64, 1, 1), tile));
  tile.block = 128;
  EXPECT_TRUE(completePlan(target, makeProblem(72, 14, 64, 1, 1), tile));
  tile.block = 48; // part of a line, and not all channels
  EXPECT_FALSE(completePlan(target, makeProblem(72, 14, 64, 1, 1), tile));
  EXPECT_TRUE(completePlan(target, makeProblem(40, 14, 64, 1, 1), tile));
  EXPECT_FALSE(completePlan(target, makeProblem(36, 14, 64, 1, 1), tile));
  EXPECT_FALSE(completePlan(target, makeProblem(40, 257, 64, 1, 1), tile));
}

/// Lines that a tile's boxes fill are the positions that it reads.
static void expectBoxesRight(const ConvolutionShape &shape, int64_t pixels) {
  ConvolutionTile tile;
  tile.pixels = pixels;
  tile.describe(shape);
  int64_t pitch = shape.pitch(1);
  for (int64_t first = 0; first < shape.positions(); first += pixels) {
    int64_t line = shape.isUnpadded() ? 0 : first % tile.boxPitch;
    ASSERT_LE(line + tile.readPositions(), tile.boxes * tile.boxPitch);
    for (int64_t read = 0; read < tile.readPositions(); ++read) {
      int64_t box = (line + read) / tile.boxPitch;
      int64_t within = (line + read) % tile.boxPitch - tile.boxLead;
      bool isFilled = within >= 0 && within < tile.boxPixels;
      int64_t col = (first + read) % pitch - shape.pad[1];
      if (shape.isUnpadded()) {
        ASSERT_TRUE(isFilled);
        continue;
      }
      ASSERT_EQ(isFilled, col >= 0 && col < shape.image[1]) << first + read;
      if (isFilled) {
        ASSERT_EQ(within, col);
        ASSERT_EQ(first / pitch + box, (first + read) / pitch);
      }
    }
  }
}

TEST(ConvolutionTile, BoxesHoldWhatIsRead) {
  ConvolutionShape shape;
  shape.batch = 3;
  shape.kernel = {3, 2};
  for (int64_t pixels : {64, 192, 256})
    for (int64_t pad = 0; pad <= 2; ++pad)
      for (int64_t width : {1, 7, 15, 16, 40}) {
        shape.image = {6, width};
        shape.pad = {1, pad};
        shape.result = {6, width + 2 * pad};
        expectBoxesRight(shape, pixels);
        shape.pad = {0, 0};
        shape.result = {4, width};
        expectBoxesRight(shape, pixels);
      }
}

TEST(ConvolutionPlan, CompactsWhereChannelsAreFew) {
  Target target = getTarget();
  auto few = chooseConvolutionPlan(target, makeProblem(256, 14, 256, 4, 1));
  ASSERT_TRUE(few);
  EXPECT_TRUE(few->tile.compact);
  auto all = chooseConvolutionPlan(target, makeProblem(256, 14, 256, 1, 3));
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->tile.gather || all->tile.compact);
  EXPECT_LT(
      few->micros,
      chooseConvolutionPlan(target, makeProblem(256, 14, 256, 1, 1))->micros);
  // No lines of 16 bytes.
  auto odd = chooseConvolutionPlan(target, makeProblem(250, 14, 256, 4, 1));
  ASSERT_TRUE(odd);
  EXPECT_TRUE(odd->tile.gather);
}

TEST(ConvolutionPlan, BlocksTakeTurnsWhereTilesAreMany) {
  Target target = getTarget();
  auto many = chooseConvolutionPlan(target, makeProblem(64, 56, 64, 1, 3));
  ASSERT_TRUE(many);
  EXPECT_GT(many->tile.launched, 0);
  auto one = chooseConvolutionPlan(target, makeProblem(64, 2, 64, 1, 3));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->tile.launched, 0);
}

TEST(ConvolutionPlan, CompactedEightsAreOfOneSourceAndOfDifferentBanks) {
  ConvolutionProblem problem = makeProblem(392, 7, 8, 3, 1);
  std::erase_if(problem.keptChannels,
                [](int32_t channel) { return channel / 128 == 1; });
  ConvolutionTile tile;
  tile.compact = true;
  tile.block = 64;
  tile.describe(problem.shape);
  EXPECT_EQ(tile.sources, 4);
  std::vector<int32_t> list = listChannels(problem, tile), found;
  ASSERT_EQ(list.size() % 64, 0u);
  for (size_t at = 0; at < list.size(); at += 8) {
    for (int access = 0; access < 2; ++access) {
      std::vector<int32_t> words;
      for (size_t lane = 0; lane < 4; ++lane)
        if (int32_t channel = list[at + 2 * lane + access]; channel >= 0) {
          EXPECT_EQ(channel / 128, list[at] / 128);
          found.push_back(channel);
          words.push_back(channel / 2 % 4);
        }
      // Every third channel: all words alike often, until few are left.
      std::ranges::sort(words);
      if (words.size() == 4 && at == 0)
        EXPECT_EQ(words, (std::vector<int32_t>{0, 1, 2, 3}));
    }
  }
  std::ranges::sort(found);
  EXPECT_EQ(found, problem.keptChannels);
}

TEST(ConvolutionPlan, NothingKeptIsAPlanToo) {
  ConvolutionProblem problem = makeProblem(64, 7, 600, 1, 1);
  problem.keptChannels.clear();
  problem.keptFilters.clear();
  auto plan = chooseConvolutionPlan(getTarget(), problem);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->bounds.back(), 600);
  EXPECT_LE(plan->tile.span * 2, 1024);
}
