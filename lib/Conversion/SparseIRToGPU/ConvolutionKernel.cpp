//===- ConvolutionKernel.cpp - Convolutions of listed channels -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pixels are the rows of wgmma's A, filters the columns of its B: filters need
// only be a multiple of 8 then. Shared memory has the image as planes of eight
// channels, 16 bytes a position, unswizzled. So eight pixels that follow each
// other are eight rows of A, whatever the first of them is, and a tap is an
// offset of the descriptor: the image is copied once for all taps.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;

ConvolutionSizes ConvolutionSizes::get(ConvolutionOp op) {
  auto image = cast<MemRefType>(op.getImage().getType());
  auto init = cast<MemRefType>(op.getInit().getType());
  auto pair = [](ArrayRef<int64_t> values) {
    return ConvolutionShape::Pair{values[0], values[1]};
  };
  ConvolutionSizes sizes;
  ConvolutionShape &shape = sizes.shape;
  shape.batch = image.getDimSize(0);
  shape.channels = image.getDimSize(3);
  shape.image = pair(image.getShape().slice(1, 2));
  shape.result = pair(init.getShape().slice(1, 2));
  shape.kernel = pair(op.getKernel());
  shape.dilation = pair(op.getDilation());
  shape.pad = pair(op.getPad());
  sizes.filters = init.getDimSize(3);
  sizes.panels = op.getPanels();
  sizes.input = image.getElementType();
  sizes.result = init.getElementType();
  sizes.natural = op.getNatural();
  ConvolutionTile &tile = sizes.tile;
  tile.pixels = op.getPixels();
  tile.warpgroups = op.getWarpgroups();
  tile.cols = op.getCols();
  tile.span = op.getSpan();
  tile.block = op.getBlock();
  tile.taps = op.getTaps();
  tile.stages = op.getStages();
  tile.gather = op.getGather();
  tile.compact = op.getCompact();
  tile.launched = op.getLaunched();
  tile.describe(shape);
  tile.listed = op.getChannelCount();
  tile.resultBytes = sizes.result.getIntOrFloatBitWidth() / 8;
  return sizes;
}

PixelPlace mlir::spmmplu::splitPosition(DeviceEmitter &e,
                                        const ConvolutionShape &shape,
                                        Value position) {
  Value line = e.div(position, shape.pitch(1));
  return {e.div(line, shape.pitch(0)), e.rem(line, shape.pitch(0)),
          e.rem(position, shape.pitch(1)), Value(), Value()};
}

Value mlir::spmmplu::findFirstShift(DeviceEmitter &e,
                                    const ConvolutionSizes &sizes, Value step) {
  const ConvolutionTile &tile = sizes.tile;
  const ConvolutionShape &shape = sizes.shape;
  Value within = e.rem(step, tile.stepsPerBlock());
  if (tile.taps > 1)
    return e.mul(within, shape.shift(tile.taps % tile.kernelTaps));
  Value row =
      e.mul(e.div(within, shape.kernel[1]), shape.dilation[0] * shape.pitch(1));
  return e.add(row, e.mul(e.rem(within, shape.kernel[1]), shape.dilation[1]));
}

namespace {

class ConvolutionKernel {
public:
  ConvolutionKernel(KernelBuilder &k, ConvolutionOp op,
                    const ConvolutionSizes &sizes)
      : k(k), e(k.e), async(e), sizes(sizes), tile(sizes.tile),
        copies(k, op, sizes), store(k, op, sizes) {}

  void emit() {
    Value thread = e.threadId();
    Value block = e.blockX();
    Value panel = e.rem(block, sizes.panels);
    Value position = e.mul(e.div(block, sizes.panels), tile.pixels);
    Value warpgroup = e.div(e.warpId(thread), 4);
    firstPixel = e.mul(warpgroup, tile.groupTiles() * 64);
    copies.begin(thread, position, panel);
    store.begin(e.threadId(), position, panel);
    SmallVector<Value> sums = walk();
    // The rings become the store's lines.
    e.waitCopies(0);
    e.barrier();
    store.clear();
    for (auto [n, sum] : llvm::enumerate(sums))
      store.write(sum, e.add(firstPixel, int64_t(n) * 64));
    e.barrier();
    store.flush();
    int64_t tiles = (sizes.shape.positions() + tile.pixels - 1) / tile.pixels;
    k.launch(k.hostIndex(tiles * sizes.panels), k.hostIndex(1), tile.threads(),
             tile.sharedBytes());
  }

private:
  void requestIfAny(Value step) {
    e.ifThen(e.less(step, tile.steps()), [&] { copies.request(step); });
    e.commitCopies();
  }

  /// The sums after all steps. A group of wgmmas stays in flight during the
  /// next step's copies, so a stage that is overwritten was read two steps ago.
  SmallVector<Value> walk() {
    if (tile.blocksAhead())
      copies.requestFirst();
    for (int64_t step = 0; step < tile.ahead(); ++step)
      requestIfAny(e.i32(step));
    Type sumType = e.vector(tile.cols / 2, e.b.getF32Type());
    SmallVector<Value> sums(tile.groupTiles(), e.zero(sumType));
    sums =
        e.forRange(e.i32(0), e.i32(tile.steps()), 1, sums,
                   [&](Value step, ValueRange carried) {
                     SmallVector<Value> state = llvm::to_vector(carried);
                     e.waitCopies(tile.ahead() - 1);
                     NVVM::FenceProxyOp::create(
                         e.b, e.loc, NVVM::ProxyKind::async_shared,
                         NVVM::SharedSpaceAttr::get(
                             e.b.getContext(), NVVM::SharedSpace::shared_cta));
                     e.barrier();
                     async.fenceWgmma();
                     multiply(step, state);
                     async.commitWgmma();
                     requestIfAny(e.add(step, tile.ahead()));
                     return async.waitWgmma(1, state);
                   });
    return async.waitWgmma(0, sums);
  }

  /// An unswizzled matrix: eight lines of 16 bytes follow each other, the next
  /// eight after them; `plane` bytes on, the next 16 bytes of a line.
  Value descriptor(Value address, int64_t plane) {
    uint64_t fixed = uint64_t(128 / 16) << 32 | uint64_t(plane / 16) << 16;
    Value low = e.b.createOrFold<arith::ExtUIOp>(e.loc, e.b.getI64Type(),
                                                 e.div(address, 16));
    return e.add(low, e.i64(int64_t(fixed)));
  }

  void multiply(Value step, SmallVectorImpl<Value> &sums) {
    Value base = async.sharedAddress();
    Value block = e.div(step, tile.stepsPerBlock());
    Value image =
        e.mul(e.rem(block, tile.imageStages()), tile.imageStageBytes());
    Value pixel = e.add(findFirstShift(e, sizes, step), firstPixel);
    Value a = descriptor(e.add(base, e.add(image, e.mul(pixel, 16))),
                         tile.planeBytes());
    Value stage =
        e.mul(e.rem(step, tile.filterStages()), tile.filterStageBytes());
    Value b = descriptor(e.add(e.add(base, stage), tile.filterOffset()),
                         tile.cols * 16);
    int64_t chunks = tile.block / 8;
    for (int64_t tap = 0; tap < tile.taps; ++tap)
      for (int64_t chunk = 0; chunk < chunks; chunk += 2)
        for (int64_t n = 0; n < tile.groupTiles(); ++n) {
          // In units of 16 bytes.
          int64_t imageAt = chunk * (tile.planeBytes() / 16) +
                            sizes.shape.shift(tap) + n * 64;
          int64_t filterAt = (tap * chunks + chunk) * tile.cols;
          sums[n] = WgmmaOp::create(e.b, e.loc, sums[n].getType(), sizes.input,
                                    e.add(a, imageAt), e.add(b, filterAt),
                                    sums[n], Value(), uint32_t(0),
                                    /*transpose_b=*/false);
        }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const ConvolutionSizes &sizes;
  const ConvolutionTile &tile;
  ConvolutionCopies copies;
  ConvolutionStore store;
  Value firstPixel;
};

} // namespace

/// What the emission relies on.
static LogicalResult verify(ConvolutionOp op, const ConvolutionSizes &sizes) {
  const ConvolutionTile &tile = sizes.tile;
  for (Value operand : {op.getImage(), op.getInit()})
    if (!cast<MemRefType>(operand.getType()).getLayout().isIdentity())
      return op.emitOpError("expects images without gaps, found ")
             << operand.getType();
  bool fits = tile.warpgroups >= 1 && tile.warpgroups <= 4 &&
              tile.pixels % (64 * tile.warpgroups) == 0 && tile.pixels > 0 &&
              tile.cols <= 256 && tile.span % 8 == 0 && tile.span > 0 &&
              (tile.taps == 1 || tile.taps % sizes.shape.kernel[1] == 0) &&
              tile.launched >= 0 &&
              (tile.gather ? tile.stages >= 3 && !tile.launched && !tile.compact
                           : tile.takesBoxes(sizes.shape));
  if (!fits)
    return op.emitOpError("has a tile that its kernel cannot take");
  return success();
}

LogicalResult mlir::spmmplu::emitConvolutionKernel(ConvolutionOp op,
                                                   gpu::GPUModuleOp module) {
  ConvolutionSizes sizes = ConvolutionSizes::get(op);
  if (failed(verify(op, sizes)))
    return failure();
  KernelBuilder k(op, module);
  if (sizes.tile.gather)
    ConvolutionKernel(k, op, sizes).emit();
  else
    emitConvolutionBoxKernel(k, op, sizes);
  return success();
}
