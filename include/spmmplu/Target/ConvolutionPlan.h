//===- ConvolutionPlan.h - How a GPU convolves pruned filters --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of `sparse_ir.convolution`: the positions it counts pixels in, a block's
// tile, and the choice of one. A position is a pixel of the padded image, in
// memory's order; padding is kept once between two rows and once between two
// images, so that a tap is the same distance for all of them.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_CONVOLUTIONPLAN_H
#define SPMMPLU_TARGET_CONVOLUTIONPLAN_H

#include "spmmplu/Target/Target.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace mlir::spmmplu {

/// Pairs are of height and width.
struct ConvolutionShape {
  using Pair = std::array<int64_t, 2>;

  int64_t batch = 1, channels = 1;
  Pair image = {1, 1}, result = {1, 1};
  Pair kernel = {1, 1}, dilation = {1, 1}, pad = {0, 0};

  int64_t taps() const { return kernel[0] * kernel[1]; }
  int64_t pixels() const { return batch * image[0] * image[1]; }
  /// Positions from one row (image: in rows) to the next.
  int64_t pitch(int64_t dim) const;
  /// Positions from the first that holds a pixel of the result to the end.
  int64_t positions() const;
  /// Whether positions are the image's pixels.
  bool isUnpadded() const {
    return pad == Pair{0, 0} && pitch(0) == image[0] && pitch(1) == image[1];
  }
  /// Positions from that of a pixel to what its filter's tap reads.
  int64_t shift(int64_t tap) const {
    return tap / kernel[1] * dilation[0] * pitch(1) +
           tap % kernel[1] * dilation[1];
  }
};

/// A block's tile and its shared memory, in bytes. Two rings: stages of the
/// image (all positions that the tile's taps read, a block of channels), and
/// of the filters (a step). They give way to the store.
///
/// Boxes: the copy unit fetches whole runs of pixels, 64 channels at a time, as
/// lines of 128 bytes in its swizzle: runs of positions where these are the
/// image's pixels, else rows, between which the padding is zero beforehand.
/// Gathering, threads read listed channels one by one into planes of eight.
struct ConvolutionTile {
  int64_t pixels = 64, warpgroups = 1;
  int64_t cols = 8; ///< filters of a panel, multiplied
  int64_t span = 8; ///< channels of the result that a panel writes, at most
  int64_t block = 16, taps = 1, stages = 3;
  bool gather = false;
  /// Boxes, of which warps copy the listed channels to where they are
  /// multiplied.
  bool compact = false;
  /// Blocks that take all tiles in turns; 0: a block takes one. Boxes only.
  int64_t launched = 0;
  // What the problem says.
  int64_t kernelTaps = 1, listed = 16, halo = 0, resultBytes = 2;
  /// Of boxes: how many a stage has, the pixels of one, the positions from one
  /// to the next, and those before its first pixel.
  int64_t boxes = 0, boxPixels = 0, boxPitch = 0, boxLead = 0;
  /// Of compacted boxes: stages of the image as it comes, and their planes.
  int64_t sources = 0, sourcePlanes = 1;

  /// Fills in what the shape says.
  void describe(const ConvolutionShape &shape);
  /// Whether the copy unit can fetch the image of a described tile.
  bool takesBoxes(const ConvolutionShape &shape) const;

  /// Blocks (channels of the image listed) and their steps.
  int64_t blocks() const { return listed / block; }
  int64_t stepsPerBlock() const { return kernelTaps / taps; }
  int64_t steps() const { return blocks() * stepsPerBlock(); }
  /// Gathering, a step's copies are requested so many steps before.
  int64_t ahead() const { return stages - 2; }
  /// Blocks that the gathered image is ahead of the filters: its copies are
  /// spread over the steps of the block before.
  int64_t blocksAhead() const { return stepsPerBlock() > 1 ? 1 : 0; }

  /// Threads that multiply.
  int64_t threads() const { return 128 * warpgroups; }
  /// With the warps that compact boxes, and the two that request them.
  int64_t blockThreads() const {
    return threads() + (compact ? 128 : 0) + (gather ? 0 : 64);
  }
  int64_t groupTiles() const { return pixels / 64 / warpgroups; }
  /// Of a thread.
  int64_t accumulators() const { return groupTiles() * cols / 2; }
  int64_t readPositions() const { return pixels + halo; }
  /// Eight channels of all positions. A warp that gathers writes channels of
  /// one position, which an odd number of chunks of 16 bytes puts into
  /// different banks.
  int64_t planeBytes() const {
    return ((readPositions() + 7) / 8 * 8 + 1) * 16;
  }
  /// Boxes: planes of 64 channels.
  int64_t boxPlanes() const {
    return (block + kBoxChannels - 1) / kBoxChannels;
  }
  int64_t boxPlaneBytes() const {
    return (boxes * boxPitch + 7) / 8 * 8 * kLineBytes;
  }
  int64_t imageStageBytes() const {
    return gather ? block / 8 * planeBytes() : boxPlanes() * boxPlaneBytes();
  }
  /// Blocks that some step in flight or requested may need.
  int64_t imageStages() const;
  int64_t filterStageBytes() const { return taps * block * cols * 2; }
  int64_t filterStages() const { return stages < steps() ? stages : steps(); }
  /// Compacted boxes have a third ring, of the image as it comes.
  int64_t sourceStageBytes() const { return sourcePlanes * boxPlaneBytes(); }
  int64_t sourceStages() const;
  int64_t sourceOffset() const { return imageStages() * imageStageBytes(); }
  int64_t filterOffset() const {
    return sourceOffset() + sourceStages() * sourceStageBytes();
  }
  int64_t ringBytes() const {
    return filterOffset() + filterStages() * filterStageBytes();
  }
  /// The store's lines take the place of the rings, but not while these run on.
  int64_t linesOffset() const { return launched ? ringBytes() : 0; }
  /// Where the rings and the store end: the barriers of the rings, and a table
  /// of what pixel each position has, or each box begins with.
  int64_t barrierOffset() const;
  int64_t tableOffset() const {
    int64_t rings = imageStages() + filterStages() + sourceStages();
    return barrierOffset() + (gather ? 0 : 16 * rings);
  }
  /// Compacting, the list of channels follows the table.
  int64_t listOffset() const { return (tableOffset() + boxes * 4 + 7) / 8 * 8; }
  /// A pixel's line in the store's scratch.
  int64_t lineBytes() const { return span * resultBytes + 16; }
  int64_t sharedBytes() const {
    if (compact)
      return listOffset() + listed * 4;
    return tableOffset() + (gather ? readPositions() : boxes) * 4;
  }

  /// A position of a box: 64 channels.
  static constexpr int64_t kLineBytes = 128, kBoxChannels = 64;
};

struct ConvolutionProblem {
  ConvolutionShape shape;
  int64_t filters = 1;
  int64_t resultBytes = 2;
  /// Ascending; what some filter reads, and filters with something to read.
  std::vector<int32_t> keptChannels, keptFilters;
};

struct ConvolutionPlan {
  ConvolutionTile tile;
  std::vector<int32_t> bounds; ///< of the panels, in the result's channels
  double micros = 0;
};

/// The list of channels that a tile walks: -1 is a channel of zeros.
std::vector<int32_t> listChannels(const ConvolutionProblem &problem,
                                  const ConvolutionTile &tile);

/// Completes a tile of which pixels, warpgroups, cols, block, taps, stages and
/// gather are given; nothing where the kernel does not take it.
std::optional<ConvolutionPlan> completePlan(const Target &target,
                                            const ConvolutionProblem &problem,
                                            ConvolutionTile tile);

/// Blocks that an SM has room for.
int64_t countResident(const Target &target, const ConvolutionTile &tile);

/// The predicted time of a completed plan.
double getConvolutionMicros(const Target &target,
                            const ConvolutionProblem &problem,
                            const ConvolutionPlan &plan);

/// The plan with the least predicted time, if the kernel takes any.
std::optional<ConvolutionPlan>
chooseConvolutionPlan(const Target &target, const ConvolutionProblem &problem);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_CONVOLUTIONPLAN_H
