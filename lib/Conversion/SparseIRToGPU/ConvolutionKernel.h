//===- ConvolutionKernel.h - Convolutions on wgmma -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of the kernel: the geometry, the copies into both rings, and the
// store.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONKERNEL_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONKERNEL_H

#include "AsyncEmitter.h"
#include "Kernels.h"

#include "spmmplu/IR/Convolution.h"
#include "spmmplu/Target/ConvolutionPlan.h"

namespace mlir::spmmplu {

/// What the kernel knows when it is made.
struct ConvolutionSizes {
  ConvolutionShape shape;
  ConvolutionTile tile;
  int64_t filters, panels;
  Type input, result;
  bool natural;

  static ConvolutionSizes get(ConvolutionOp op);
};

/// A position taken apart: i32, and an i1 of whether there is a pixel.
struct PixelPlace {
  Value batch, row, col, pixel, exists;
};

/// Coordinates of the padded image, without a check of their range.
PixelPlace splitPosition(DeviceEmitter &e, const ConvolutionShape &shape,
                         Value position);

/// Where a step's tap lies in the image, in positions from that of the step's
/// first tap. Whole rows of taps: the rows of all steps are as far apart.
Value findFirstShift(DeviceEmitter &e, const ConvolutionSizes &sizes,
                     Value step);

/// Copies of steps into the rings in shared memory.
class ConvolutionCopies {
public:
  ConvolutionCopies(KernelBuilder &k, ConvolutionOp op,
                    const ConvolutionSizes &sizes);
  /// Of the block: its first position and its panel. Finds the pixels of its
  /// positions; the block meets in a barrier.
  void begin(Value thread, Value position, Value panel);
  /// All of the first block of channels.
  void requestFirst();
  /// The filters of a step, and the part of the image that goes with it; the
  /// caller commits. The step exists.
  void request(Value step);

private:
  void copyFilters(Value step);
  /// The listed channels of a block at positions [from, to).
  void gatherChannels(Value block, Value from, Value to);
  /// The pixel of the image at a position; negative: none.
  Value findPixel(Value position);
  /// Calls `read` for `count` positions of [from, to) that are `stride` apart,
  /// then `write` for each that is in the range, with what it gave.
  void forPositions(Value from, Value to, int64_t stride, int64_t count,
                    function_ref<SmallVector<Value>(Value pixel)> read,
                    function_ref<void(Value position, ValueRange)> write);

  DeviceEmitter &e;
  const ConvolutionSizes &sizes;
  Value image, filters, channels;
  Value thread, firstPosition;
};

/// Sums to the result, through lines of pixels in shared memory.
class ConvolutionStore {
public:
  ConvolutionStore(KernelBuilder &k, ConvolutionOp op,
                   const ConvolutionSizes &sizes);
  void begin(Value thread, Value position, Value panel);
  /// Where not all channels have a filter: zeros, which then stay.
  void clear();
  /// 64 pixels from `pixel` of the tile on, the fragments of a warpgroup.
  void write(Value sums, Value pixel);
  void flush();
  /// A barrier of the threads that multiply.
  void sync();

private:
  Value lines();
  PixelPlace findPixel(Value pixel);
  /// 16 bytes each, which `perLine` of are a pixel's.
  void flushChunks(ArrayRef<Value> chunks, int64_t perLine);

  DeviceEmitter &e;
  AsyncEmitter async;
  const ConvolutionSizes &sizes;
  Value result, bounds, columns;
  Value thread, firstPosition, panel;
  Value lo, hi; ///< the channels that the panel writes
};

/// With an image that the copy unit fetches.
void emitConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                              const ConvolutionSizes &sizes);

/// Convolutions on wgmma (sm_90a), straight from the image.
LogicalResult emitConvolutionKernel(ConvolutionOp op, gpu::GPUModuleOp module);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CONVOLUTIONKERNEL_H
