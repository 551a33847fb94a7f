//===- BoxCompactor.h - Listed channels of boxes ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pixel's channels share sectors, so an image of which few are read comes
// whole all the same. Four warps copy the listed ones from the stages that the
// copy unit fills to those that are multiplied, once for all taps and filters.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_BOXCOMPACTOR_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_BOXCOMPACTOR_H

#include "ChainWarpgroupKernel.h"
#include "ConvolutionKernel.h"

namespace mlir::spmmplu {

class BoxCompactor {
public:
  /// Warps, which arrive at a full stage.
  static constexpr int64_t kWarps = 4;

  BoxCompactor(DeviceEmitter &e, const ConvolutionSizes &sizes,
               StageRing &sourceRing, StageRing &imageRing)
      : e(e), async(e), sizes(sizes), tile(sizes.tile), sourceRing(sourceRing),
        imageRing(imageRing) {}

  /// `thread` of the four warps.
  void begin(Value thread);
  /// All blocks of a tile. Takes and returns slot and phase of both rings, that
  /// of the sources first.
  SmallVector<Value> compactTile(ValueRange rings);

private:
  /// The ring of sources, and which of the image is at hand.
  struct Source {
    RingState ring;
    Value index;
  };
  /// A lane's two channels of eight: where they lie in a line of a stage, and
  /// whether there are such.
  struct Channels {
    Value offset[2], exists[2];
  };

  int64_t groups() const { return tile.boxPlaneBytes() / (8 * kLine); }
  Value channelAt(Value position);
  /// Gives back what comes before `index`.
  Source advance(const Source &from, Value index);
  Channels findChannels(Value two);
  /// Eight channels of all positions, to chunk `chunk` of the stage at `to`.
  void copyChunk(const Channels &channels, Value from, int64_t chunk, Value to);
  /// Of `count` groups `kWarps` apart; where they may not be there, it looks.
  void copyGroups(const Channels &channels, Value from, Value to, Value group,
                  int64_t count, bool areThere);
  void signal(Value barrier);

  static constexpr int64_t kLine = ConvolutionTile::kLineBytes;

  DeviceEmitter &e;
  AsyncEmitter async;
  const ConvolutionSizes &sizes;
  const ConvolutionTile &tile;
  StageRing &sourceRing, &imageRing;
  Value warp, lane, row, part; ///< lane = 4 * row + part
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_BOXCOMPACTOR_H
