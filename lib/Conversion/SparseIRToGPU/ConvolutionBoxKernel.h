//===- ConvolutionBoxKernel.h - Convolutions by boxes -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The roles of a block's warps: some multiply, some may compact what comes, one
// requests the image and one the filters. They meet at the rings' barriers.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONBOXKERNEL_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONBOXKERNEL_H

#include "BoxCompactor.h"

namespace mlir::spmmplu {

class ConvolutionBoxKernel {
public:
  ConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                       const ConvolutionSizes &sizes);
  void emit();

private:
  static constexpr int64_t kLine = ConvolutionTile::kLineBytes;

  int64_t tiles() const {
    return (sizes.shape.positions() + tile.pixels - 1) / tile.pixels;
  }
  /// Where a tile begins, and its panel.
  struct BoxTile {
    Value position, panel;
  };

  BoxTile locate(Value index) {
    return {e.mul(e.div(index, sizes.panels), tile.pixels),
            e.rem(index, sizes.panels)};
  }
  /// The tiles of the block, in order. Panels of a run of positions follow each
  /// other, so that those who read the same image run at the same time.
  SmallVector<Value>
  forTiles(ValueRange carried,
           function_ref<SmallVector<Value>(const BoxTile &, ValueRange)> body);

  // Before the rings run.
  /// Zeros to the lines that no box writes: those between two rows, and what
  /// makes a plane of whole eights.
  void clearPadding();
  /// Zeros to some lines of all planes of the boxes.
  void clearLines(int64_t lines, function_ref<Value(Value)> find);
  /// The list of channels to shared memory.
  void copyList();
  void initRings();

  // Copies, by a thread each.
  /// Filters are constants: no earlier launch is waited for.
  void requestFilters();
  /// Whether all tiles of the block are of one panel.
  bool staysOnPanel() {
    return tile.launched && tile.launched % sizes.panels == 0;
  }
  /// Whether all tiles of the block multiply the same filters, which stay.
  bool keepsFilters() {
    return staysOnPanel() && tile.filterStages() == tile.steps();
  }
  Value findPanel(Value panel);
  SmallVector<Value> requestPanel(Value panel, ValueRange ring);
  /// All blocks of a panel walk its filters at the same time: each would wait
  /// for memory at each step, so each asks for another part of them at once.
  void prefetchFilters();
  /// What the copy unit fills a stage with: planes of 64 channels.
  int64_t stagePlanes() const {
    return boxRing.stageBytes / tile.boxPlaneBytes();
  }
  void requestImage();
  void compact();
  /// The first pixel of each box into the table, by the warp: division takes
  /// long, and one thread requests them all.
  void placeBoxes(Value position);
  void requestStage(Value index, Value stage, Value full);
  void requestBoxes(Value index, int64_t plane, Value stage, Value full);

  // Products.
  void multiplyAndStore();
  /// The sums after all steps, and the rings. Carries also the slots that the
  /// group in flight reads.
  SmallVector<Value> walk(const BoxTile &place, ValueRange rings);
  void releaseFilters(Value slot) {
    if (!keepsFilters())
      filterRing.release(slot);
  }
  SmallVector<Value> walkStep(const BoxTile &place, Value step,
                              ValueRange carried);
  /// Only the low words of descriptors change: the strides of k in bits 31..16
  /// and the address, to which offsets in units of 16 bytes are added.
  Value lowWord(Value address, int64_t stride);
  /// Two words beside each other, not a sum: LLVM would add the offset to all
  /// 64 bits, which takes longer than the product it is for.
  Value descriptor(Value low, int64_t offset, uint32_t high);
  /// The line of the tile's first position in a stage.
  Value firstLine(const BoxTile &place);
  void multiply(const BoxTile &place, Value step, Value image, Value filter,
                SmallVectorImpl<Value> &sums);

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const ConvolutionSizes &sizes;
  const ConvolutionTile &tile;
  Value map, filters;
  ConvolutionStore store;
  /// Of what is multiplied, and of the image as it comes where this differs.
  StageRing imageRing, filterRing, sourceRing;
  StageRing &boxRing; ///< the one that the copy unit fills
  BoxCompactor compactor;
  Value channels;
  Value thread, groupPixel;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONBOXKERNEL_H
