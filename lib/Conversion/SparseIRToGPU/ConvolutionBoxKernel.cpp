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

#include "ChainWarpgroupKernel.h"
#include "ConvolutionKernel.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16;
static constexpr int64_t kLine = ConvolutionTile::kLineBytes;

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

namespace {

class ConvolutionBoxKernel {
public:
  ConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                       const ConvolutionSizes &sizes)
      : k(k), e(k.e), async(e), sizes(sizes), tile(sizes.tile),
        map(k.tensorMap(describeImage(k, op, sizes))),
        filters(k.pointer(op.getFilters())), store(k, op, sizes),
        imageRing(e, 0, tile.imageStageBytes(), tile.imageStages(),
                  tile.barrierOffset()),
        filterRing(e, tile.filterOffset(), tile.filterStageBytes(),
                   tile.filterStages(),
                   tile.barrierOffset() + tile.imageStages() * 16) {}

  void emit() {
    thread = e.threadId();
    Value block = e.blockX(), warp = e.warpId(thread);
    panel = e.rem(block, sizes.panels);
    position = e.mul(e.div(block, sizes.panels), tile.pixels);
    e.launchNext();
    placeBoxes();
    clearPadding();
    initRings();
    int64_t warps = tile.threads() / 32;
    e.ifThen(
        e.less(warp, warps), [&] { multiplyAndStore(); },
        [&] {
          e.ifThen(
              e.equal(warp, warps),
              [&] { e.ifThen(async.elect(), [&] { requestFilters(); }); },
              [&] { e.ifThen(async.elect(), [&] { requestImage(); }); });
        });
    k.launch(k.hostIndex(tiles() * sizes.panels), k.hostIndex(1),
             tile.blockThreads(), tile.sharedBytes());
  }

private:
  int64_t tiles() const {
    return (sizes.shape.positions() + tile.pixels - 1) / tile.pixels;
  }

  //===--------------------------------------------------------------------===//
  // Before the rings run
  //===--------------------------------------------------------------------===//

  /// The first pixel of each box into the table: division takes long, and one
  /// thread requests them all.
  void placeBoxes() {
    const ConvolutionShape &shape = sizes.shape;
    Value table = e.at(e.shared(), tile.tableOffset());
    e.forRange(thread, e.i32(tile.boxes), tile.blockThreads(), [&](Value box) {
      Value pixel = e.add(position, e.mul(box, tile.boxPixels));
      if (!shape.isUnpadded()) {
        Value line = e.add(e.div(position, shape.pitch(1)), box);
        Value batch = e.div(line, shape.pitch(0));
        Value row = e.sub(e.rem(line, shape.pitch(0)), e.i32(shape.pad[0]));
        Value exists = e.both(
            e.compare(arith::CmpIPredicate::ult, row, e.i32(shape.image[0])),
            e.less(batch, shape.batch));
        row = e.add(e.mul(batch, shape.image[0]), row);
        pixel =
            e.select(exists, e.mul(row, shape.image[1]), e.i32(shape.pixels()));
      }
      e.store(pixel, e.at(table, e.mul(box, 4)), 4);
    });
  }

  /// Zeros to the lines that no box writes: those between two rows.
  void clearPadding() {
    int64_t between = tile.boxPitch - tile.boxPixels;
    if (between == 0)
      return;
    Value zeros = e.zero(e.vector(4, e.b.getI32Type()));
    int64_t perLine = kLine / kChunk;
    int64_t perPlane = tile.boxes * between * perLine;
    int64_t planes = tile.imageStages() * tile.boxPlanes();
    e.forRange(thread, e.i32(planes * perPlane), tile.blockThreads(),
               [&](Value at) {
                 Value plane = e.div(at, perPlane), rest = e.rem(at, perPlane);
                 Value chunk = e.rem(rest, perLine);
                 Value col = e.rem(e.div(rest, perLine), between);
                 Value box = e.div(rest, perLine * between);
                 col = e.select(e.less(col, tile.boxLead), col,
                                e.add(col, tile.boxPixels));
                 Value line = e.add(e.mul(box, tile.boxPitch), col);
                 Value to = e.add(e.mul(line, kLine), e.mul(chunk, kChunk));
                 to = e.add(to, e.mul(plane, tile.boxPlaneBytes()));
                 e.store(zeros, e.at(e.shared(), to), kChunk);
               });
    async.fenceProxy(); // wgmma reads them
  }

  void initRings() {
    e.ifThen(e.equal(thread, 0), [&] {
      imageRing.init(tile.threads() / 32);
      filterRing.init(tile.threads() / 32);
      async.fenceBarriers();
    });
    e.barrier();
  }

  //===--------------------------------------------------------------------===//
  // Copies, by a thread each
  //===--------------------------------------------------------------------===//

  /// Filters are constants: no earlier launch is waited for.
  void requestFilters() {
    int64_t bytes = tile.filterStageBytes();
    Value first = e.at(filters, e.mul(e.widen(panel), tile.steps() * bytes));
    prefetchFilters(first);
    RingState begin = filterRing.begin();
    e.forRange(e.i32(0), e.i32(tile.steps()), 1, {begin.slot, begin.phase},
               [&](Value step, ValueRange values) {
                 RingState state{values[0], values[1]};
                 Value full = filterRing.acquire(state);
                 async.copyBulk(e.at(e.shared(), filterRing.stage(state.slot)),
                                e.at(first, e.mul(e.widen(step), bytes)), bytes,
                                full);
                 state = filterRing.next(state);
                 return SmallVector<Value>{state.slot, state.phase};
               });
  }

  /// All blocks of a panel walk its filters at the same time: each would wait
  /// for memory at each step, so each asks for another part of them at once.
  void prefetchFilters(Value first) {
    constexpr int64_t kMostParts = 64, kUnit = 128;
    int64_t parts = std::min(tiles(), kMostParts);
    int64_t units = tile.steps() * tile.filterStageBytes() / kUnit;
    int64_t bytes = (units + parts - 1) / parts * kUnit;
    Value from = e.mul(e.div(e.blockX(), sizes.panels), bytes);
    Value left = e.sub(e.i32(units * kUnit), from);
    e.ifThen(e.less(e.i32(0), left), [&] {
      async.prefetch(e.at(first, e.widen(from)), e.min(left, e.i32(bytes)));
    });
  }

  void requestImage() {
    e.waitForEarlier();
    RingState begin = imageRing.begin();
    e.forRange(e.i32(0), e.i32(tile.blocks()), 1, {begin.slot, begin.phase},
               [&](Value block, ValueRange values) {
                 RingState state{values[0], values[1]};
                 Value full = imageRing.waitEmpty(state);
                 async.arriveExpecting(full, tile.boxPlanes() * tile.boxes *
                                                 tile.boxPixels * kLine);
                 for (int64_t plane = 0; plane < tile.boxPlanes(); ++plane)
                   requestBoxes(block, plane, imageRing.stage(state.slot),
                                full);
                 state = imageRing.next(state);
                 return SmallVector<Value>{state.slot, state.phase};
               });
  }

  void requestBoxes(Value block, int64_t plane, Value stage, Value full) {
    constexpr int64_t kTogether = 16; // more are a loop
    Value channel =
        e.add(e.mul(block, tile.block), plane * ConvolutionTile::kBoxChannels);
    stage = e.add(stage, plane * tile.boxPlaneBytes());
    Value table = e.at(e.shared(), tile.tableOffset());
    auto request = [&](Value box) {
      Value pixel = e.load(e.b.getI32Type(), e.at(table, e.mul(box, 4)), 4);
      Value line = e.add(e.mul(box, tile.boxPitch), tile.boxLead);
      Value to = e.at(e.shared(), e.add(stage, e.mul(line, kLine)));
      async.copyBox(to, map, pixel, channel, full);
    };
    if (tile.boxes > kTogether)
      return e.forRange(e.i32(0), e.i32(tile.boxes), 1, request);
    for (int64_t box = 0; box < tile.boxes; ++box)
      request(e.i32(box));
  }

  //===--------------------------------------------------------------------===//
  // Products
  //===--------------------------------------------------------------------===//

  void multiplyAndStore() {
    e.waitForEarlier();
    Value warpgroup = e.div(e.warpId(thread), 4);
    groupPixel = e.mul(warpgroup, tile.groupTiles() * 64);
    store.begin(thread, position, panel);
    SmallVector<Value> sums = walk();
    // The rings become the store's lines.
    store.sync();
    store.clear();
    for (auto [n, sum] : llvm::enumerate(sums))
      store.write(sum, e.add(groupPixel, int64_t(n) * 64));
    store.sync();
    store.flush();
  }

  /// The sums after all steps. Carries them, the rings, and the slots that the
  /// group in flight reads.
  SmallVector<Value> walk() {
    Type sumType = e.vector(tile.cols / 2, e.b.getF32Type());
    SmallVector<Value> state(tile.groupTiles(), e.zero(sumType));
    RingState image = imageRing.begin(), filter = filterRing.begin();
    state.append({image.slot, image.phase, filter.slot, filter.phase, e.i32(0),
                  e.i32(0)});
    state = e.forRange(e.i32(0), e.i32(tile.steps()), 1, state,
                       [&](Value step, ValueRange carried) {
                         return walkStep(step, carried);
                       });
    state.resize(tile.groupTiles());
    return async.waitWgmma(0, state);
  }

  SmallVector<Value> walkStep(Value step, ValueRange carried) {
    SmallVector<Value> sums =
        llvm::to_vector(carried.take_front(tile.groupTiles()));
    ValueRange state = carried.drop_front(tile.groupTiles());
    RingState image{state[0], state[1]}, filter{state[2], state[3]};
    filterRing.waitFull(filter);
    Value within = e.rem(step, tile.stepsPerBlock());
    e.ifThen(e.equal(within, 0), [&] { imageRing.waitFull(image); });
    async.fenceWgmma();
    multiply(step, imageRing.stage(image.slot), filterRing.stage(filter.slot),
             sums);
    async.commitWgmma();
    sums = async.waitWgmma(1, sums);
    Value isLane = e.equal(e.rem(thread, 32), 0);
    // What the step before has read.
    e.ifThen(e.both(isLane, e.less(e.i32(0), step)), [&] {
      filterRing.release(state[5]);
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

  /// Filters: eight columns of eight channels follow each other, the next ones
  /// after them, unswizzled.
  Value describeFilters(Value address) {
    uint64_t fixed = uint64_t(128 / 16) << 32 | uint64_t(tile.cols) << 16;
    Value low = e.b.createOrFold<arith::ExtUIOp>(e.loc, e.b.getI64Type(),
                                                 e.div(address, 16));
    return e.add(low, e.i64(int64_t(fixed)));
  }

  /// The line of the tile's first position in a stage.
  Value firstLine() {
    return sizes.shape.isUnpadded() ? e.i32(0) : e.rem(position, tile.boxPitch);
  }

  void multiply(Value step, Value image, Value filter,
                SmallVectorImpl<Value> &sums) {
    Value base = async.sharedAddress();
    Value line =
        e.add(e.add(firstLine(), groupPixel), findFirstShift(e, sizes, step));
    Value a = async.descriptor(e.add(e.add(base, image), e.mul(line, kLine)),
                               /*groupStride=*/16, 8 * kLine);
    Value b = describeFilters(e.add(base, filter));
    int64_t chunks = tile.block / 8;
    for (int64_t tap = 0; tap < tile.taps; ++tap)
      for (int64_t chunk = 0; chunk < chunks; chunk += 2)
        for (int64_t n = 0; n < tile.groupTiles(); ++n) {
          // In units of 16 bytes.
          int64_t lineAt = (sizes.shape.shift(tap) + n * 64) * (kLine / 16);
          int64_t planeAt = chunk / 8 * (tile.boxPlaneBytes() / 16);
          int64_t filterAt = (tap * chunks + chunk) * tile.cols;
          sums[n] = WgmmaOp::create(e.b, e.loc, sums[n].getType(), sizes.input,
                                    e.add(a, lineAt + planeAt + chunk % 8),
                                    e.add(b, filterAt), sums[n], Value(),
                                    uint32_t(0), /*transpose_b=*/false);
        }
  }

  KernelBuilder &k;
  DeviceEmitter &e;
  AsyncEmitter async;
  const ConvolutionSizes &sizes;
  const ConvolutionTile &tile;
  Value map, filters;
  ConvolutionStore store;
  StageRing imageRing, filterRing;
  Value thread, panel, position, groupPixel;
};

} // namespace

void mlir::spmmplu::emitConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                                             const ConvolutionSizes &sizes) {
  ConvolutionBoxKernel(k, op, sizes).emit();
}
