//===- ConvolutionBoxKernel.cpp - Convolutions by the copy unit -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pixels are the rows of wgmma's A, filters the columns of its B. A stage of
// the image has a line of 128 bytes for each position, 64 channels of it, as
// the copy unit swizzles them: by the bits of the address. So rows of A may
// begin at any line, and a tap is an offset of the descriptor: a tile is copied
// once for all taps. Where rows of the image are padded each is a box, to which
// the lines of the padding between two rows are left; they are zero from the
// start. A row that the image does not have is a box outside of it, all zeros.
//
// One warp requests the filters and one the image; the others multiply.
//
//===----------------------------------------------------------------------===//

#include "ConvolutionBoxKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// The image as a matrix of pixels by channels: a pointer of the host.
static Value describeImage(KernelBuilder &k, ConvolutionOp op,
                           const ConvolutionSizes &sizes) {
  OpBuilder &host = k.host;
  Location loc = op.getLoc();
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(host, loc, value, 64);
  };
  Value base =
      memref::ExtractAlignedPointerAsIndexOp::create(host, loc, op.getImage());
  base = arith::IndexCastOp::create(host, loc, host.getI64Type(), base);
  const ConvolutionShape &shape = sizes.shape;
  return TensorMapOp::create(
      host, loc, LLVM::LLVMPointerType::get(host.getContext()), sizes.input,
      base, number(shape.pixels()), number(shape.channels),
      number(shape.channels), sizes.tile.boxPixels,
      ConvolutionTile::kBoxChannels);
}

ConvolutionBoxKernel::ConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                                           const ConvolutionSizes &sizes)
    : k(k), e(k.e), async(e), sizes(sizes), tile(sizes.tile),
      map(k.tensorMap(describeImage(k, op, sizes))),
      filters(k.pointer(op.getFilters())), store(k, op, sizes),
      imageRing(e, 0, tile.imageStageBytes(), tile.imageStages(),
                tile.barrierOffset()),
      filterRing(e, tile.filterOffset(), tile.filterStageBytes(),
                 tile.filterStages(),
                 tile.barrierOffset() + tile.imageStages() * 16),
      sourceRing(e, tile.sourceOffset(), tile.sourceStageBytes(),
                 tile.sourceStages(),
                 tile.barrierOffset() +
                     (tile.imageStages() + tile.filterStages()) * 16),
      boxRing(tile.compact ? sourceRing : imageRing),
      compactor(e, sizes, sourceRing, imageRing) {
  if (tile.compact)
    channels = k.pointer(op.getChannels());
}

void ConvolutionBoxKernel::emit() {
  thread = e.threadId();
  Value warp = e.warpId(thread);
  e.launchNext();
  clearPadding();
  if (tile.compact)
    copyList();
  initRings();
  int64_t warps = tile.threads() / 32;
  auto requestAll = [&] {
    int64_t first = warps + (tile.compact ? BoxCompactor::kWarps : 0);
    e.ifThen(
        e.equal(warp, first),
        [&] { e.ifThen(async.elect(), [&] { requestFilters(); }); },
        [&] { requestImage(); });
  };
  e.ifThen(
      e.less(warp, warps), [&] { multiplyAndStore(); },
      [&] {
        if (!tile.compact)
          return requestAll();
        e.ifThen(
            e.less(warp, warps + BoxCompactor::kWarps), [&] { compact(); },
            requestAll);
      });
  int64_t blocks = tile.launched ? tile.launched : tiles() * sizes.panels;
  k.launch(k.hostIndex(blocks), k.hostIndex(1), tile.blockThreads(),
           tile.sharedBytes());
}

SmallVector<Value> ConvolutionBoxKernel::forTiles(
    ValueRange carried,
    function_ref<SmallVector<Value>(const BoxTile &, ValueRange)> body) {
  if (!tile.launched)
    return body(locate(e.blockX()), carried);
  return e.forRange(e.blockX(), e.i32(tiles() * sizes.panels), tile.launched,
                    carried, [&](Value index, ValueRange values) {
                      return body(locate(index), values);
                    });
}

void ConvolutionBoxKernel::compact() {
  compactor.begin(e.sub(thread, e.i32(tile.threads())));
  RingState source = sourceRing.begin(), image = imageRing.begin();
  forTiles({source.slot, source.phase, image.slot, image.phase},
           [&](const BoxTile &, ValueRange rings) {
             return compactor.compactTile(rings);
           });
}

void ConvolutionBoxKernel::multiplyAndStore() {
  e.waitForEarlier();
  Value warpgroup = e.div(e.warpId(thread), 4);
  groupPixel = e.mul(warpgroup, tile.groupTiles() * 64);
  // Lines of zeros stay so where sums always go to the same channels.
  if (staysOnPanel()) {
    store.begin(thread, locate(e.blockX()).position, locate(e.blockX()).panel);
    store.clear();
  }
  RingState image = imageRing.begin(), filter = filterRing.begin();
  forTiles({image.slot, image.phase, filter.slot, filter.phase},
           [&](const BoxTile &place, ValueRange rings) {
             store.begin(thread, place.position, place.panel);
             SmallVector<Value> state = walk(place, rings);
             // The store's lines: the rings, or those of the tile before.
             store.sync();
             if (!staysOnPanel())
               store.clear();
             for (int64_t n = 0; n < tile.groupTiles(); ++n)
               store.write(state[n], e.add(groupPixel, n * 64));
             store.sync();
             store.flush();
             state.erase(state.begin(), state.begin() + tile.groupTiles());
             return state;
           });
}

SmallVector<Value> ConvolutionBoxKernel::walk(const BoxTile &place,
                                              ValueRange rings) {
  Type sumType = e.vector(tile.cols / 2, e.b.getF32Type());
  SmallVector<Value> state(tile.groupTiles(), e.zero(sumType));
  llvm::append_range(state, rings);
  state.append({e.i32(0), e.i32(0)});
  state = e.forRange(e.i32(0), e.i32(tile.steps()), 1, state,
                     [&](Value step, ValueRange carried) {
                       return walkStep(place, step, carried);
                     });
  Value filterLast = state.pop_back_val(), imageLast = state.pop_back_val();
  int64_t count = tile.groupTiles();
  SmallVector<Value> after =
      async.waitWgmma(0, ArrayRef<Value>(state).take_front(count));
  if (tile.launched)
    e.ifThen(e.equal(e.rem(thread, 32), 0), [&] {
      releaseFilters(filterLast);
      imageRing.release(imageLast);
    });
  llvm::append_range(after, ArrayRef<Value>(state).drop_front(count));
  return after;
}

SmallVector<Value> ConvolutionBoxKernel::walkStep(const BoxTile &place,
                                                  Value step,
                                                  ValueRange carried) {
  SmallVector<Value> sums =
      llvm::to_vector(carried.take_front(tile.groupTiles()));
  ValueRange state = carried.drop_front(tile.groupTiles());
  RingState image{state[0], state[1]}, filter{state[2], state[3]};
  if (keepsFilters())
    filter = {step, e.i32(0)};
  filterRing.waitFull(filter);
  Value within = e.rem(step, tile.stepsPerBlock());
  e.ifThen(e.equal(within, 0), [&] { imageRing.waitFull(image); });
  async.fenceWgmma();
  multiply(place, step, imageRing.stage(image.slot),
           filterRing.stage(filter.slot), sums);
  async.commitWgmma();
  sums = async.waitWgmma(1, sums);
  Value isLane = e.equal(e.rem(thread, 32), 0);
  // What the step before has read.
  e.ifThen(e.both(isLane, e.less(e.i32(0), step)), [&] {
    releaseFilters(state[5]);
    e.ifThen(e.equal(within, 0), [&] { imageRing.release(state[4]); });
  });
  RingState nextImage = imageRing.next(image);
  Value isLast = e.equal(within, tile.stepsPerBlock() - 1);
  Value slot = e.select(isLast, nextImage.slot, image.slot);
  Value phase = e.select(isLast, nextImage.phase, image.phase);
  RingState nextFilter = filterRing.next(filter);
  sums.append({slot, phase, nextFilter.slot, nextFilter.phase, image.slot,
               filter.slot});
  return sums;
}

Value ConvolutionBoxKernel::lowWord(Value address, int64_t stride) {
  return e.add(e.div(address, 16), stride / 16 << 16);
}

Value ConvolutionBoxKernel::descriptor(Value low, int64_t offset,
                                       uint32_t high) {
  Value words[] = {e.add(low, offset), e.i32(int32_t(high))};
  Value joined = vector::BitCastOp::create(
      e.b, e.loc, e.vector(1, e.b.getI64Type()), e.fromElements(words));
  return e.extract(joined, 0);
}

Value ConvolutionBoxKernel::firstLine(const BoxTile &place) {
  return sizes.shape.isUnpadded() ? e.i32(0)
                                  : e.rem(place.position, tile.boxPitch);
}

void ConvolutionBoxKernel::multiply(const BoxTile &place, Value step,
                                    Value image, Value filter,
                                    SmallVectorImpl<Value> &sums) {
  Value base = async.sharedAddress();
  Value line = e.add(e.add(firstLine(place), groupPixel),
                     findFirstShift(e, sizes, step));
  // Of the image: swizzled, eight lines to the next eight. Of the filters:
  // eight columns of eight channels follow each other, then the next ones.
  constexpr uint32_t kSwizzle = uint32_t(1) << 30;
  uint32_t imageHigh = kSwizzle | 8 * kLine / 16, filterHigh = 128 / 16;
  Value a = lowWord(e.add(e.add(base, image), e.mul(line, kLine)), 16);
  Value b = lowWord(e.add(base, filter), tile.cols * 16);
  int64_t chunks = tile.block / 8;
  for (int64_t tap = 0; tap < tile.taps; ++tap)
    for (int64_t chunk = 0; chunk < chunks; chunk += 2)
      for (int64_t n = 0; n < tile.groupTiles(); ++n) {
        // In units of 16 bytes.
        int64_t lineAt = (sizes.shape.shift(tap) + n * 64) * (kLine / 16);
        int64_t planeAt = chunk / 8 * (tile.boxPlaneBytes() / 16);
        int64_t filterAt = (tap * chunks + chunk) * tile.cols;
        sums[n] = WgmmaOp::create(
            e.b, e.loc, sums[n].getType(), sizes.input,
            descriptor(a, lineAt + planeAt + chunk % 8, imageHigh),
            descriptor(b, filterAt, filterHigh), sums[n], Value(), uint32_t(0),
            /*transpose_b=*/false);
      }
}

void mlir::spmmplu::emitConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                                             const ConvolutionSizes &sizes) {
  ConvolutionBoxKernel(k, op, sizes).emit();
}
