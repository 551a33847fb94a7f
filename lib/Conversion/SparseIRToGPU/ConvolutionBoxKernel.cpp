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

#include "BoxCompactor.h"

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

  void emit() {
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

private:
  int64_t tiles() const {
    return (sizes.shape.positions() + tile.pixels - 1) / tile.pixels;
  }

  /// Where a tile begins, and its panel.
  struct TilePlace {
    Value position, panel;
  };

  TilePlace locate(Value index) {
    return {e.mul(e.div(index, sizes.panels), tile.pixels),
            e.rem(index, sizes.panels)};
  }

  /// The tiles of the block, in order. Panels of a run of positions follow each
  /// other, so that those who read the same image run at the same time.
  SmallVector<Value> forTiles(
      ValueRange carried,
      function_ref<SmallVector<Value>(const TilePlace &, ValueRange)> body) {
    if (!tile.launched)
      return body(locate(e.blockX()), carried);
    return e.forRange(e.blockX(), e.i32(tiles() * sizes.panels), tile.launched,
                      carried, [&](Value index, ValueRange values) {
                        return body(locate(index), values);
                      });
  }

  //===--------------------------------------------------------------------===//
  // Before the rings run
  //===--------------------------------------------------------------------===//

  /// Zeros to the lines that no box writes: those between two rows, and what
  /// makes a plane of whole eights.
  void clearPadding() {
    int64_t between = tile.boxPitch - tile.boxPixels;
    int64_t boxLines = tile.boxes * tile.boxPitch;
    int64_t rest = tile.boxPlaneBytes() / kLine - boxLines;
    clearLines(tile.boxes * between, [&](Value line) {
      Value box = e.div(line, between), col = e.rem(line, between);
      col =
          e.select(e.less(col, tile.boxLead), col, e.add(col, tile.boxPixels));
      return e.add(e.mul(box, tile.boxPitch), col);
    });
    if (tile.compact)
      clearLines(rest, [&](Value line) { return e.add(line, boxLines); });
    async.fenceProxy(); // wgmma reads them
  }

  /// Zeros to some lines of all planes of the boxes.
  void clearLines(int64_t lines, function_ref<Value(Value)> find) {
    if (lines == 0)
      return;
    Value zeros = e.zero(e.vector(4, e.b.getI32Type()));
    int64_t perLine = kLine / kChunk, perPlane = lines * perLine;
    int64_t planes = boxRing.stages * boxRing.stageBytes / tile.boxPlaneBytes();
    e.forRange(
        thread, e.i32(planes * perPlane), tile.blockThreads(), [&](Value at) {
          Value plane = e.div(at, perPlane), rest = e.rem(at, perPlane);
          Value line = find(e.div(rest, perLine));
          Value to =
              e.add(e.mul(line, kLine), e.mul(e.rem(rest, perLine), kChunk));
          to = e.add(to, e.mul(plane, tile.boxPlaneBytes()));
          to = e.add(boxRing.stage(e.i32(0)), to);
          e.store(zeros, e.at(e.shared(), to), kChunk);
        });
  }

  /// The list of channels to shared memory.
  void copyList() {
    e.forRange(thread, e.i32(tile.listed), tile.blockThreads(), [&](Value at) {
      Value offset = e.mul(at, 4);
      Value channel = e.load(e.b.getI32Type(), e.at(channels, offset), 4);
      e.store(channel, e.at(e.at(e.shared(), tile.listOffset()), offset), 4);
    });
  }

  void initRings() {
    e.ifThen(e.equal(thread, 0), [&] {
      imageRing.init(tile.threads() / 32,
                     tile.compact ? BoxCompactor::kWarps : 1);
      if (tile.compact)
        sourceRing.init(BoxCompactor::kWarps);
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
    prefetchFilters();
    RingState begin = filterRing.begin();
    SmallVector<Value> state = {begin.slot, begin.phase};
    if (keepsFilters()) {
      requestPanel(locate(e.blockX()).panel, state);
      return;
    }
    forTiles(state, [&](const TilePlace &place, ValueRange values) {
      return requestPanel(place.panel, values);
    });
  }

  /// Whether all tiles of the block are of one panel.
  bool staysOnPanel() {
    return tile.launched && tile.launched % sizes.panels == 0;
  }

  /// Whether all tiles of the block multiply the same filters, which stay.
  bool keepsFilters() {
    return staysOnPanel() && tile.filterStages() == tile.steps();
  }

  Value findPanel(Value panel) {
    int64_t bytes = tile.steps() * tile.filterStageBytes();
    return e.at(filters, e.mul(e.widen(panel), bytes));
  }

  SmallVector<Value> requestPanel(Value panel, ValueRange ring) {
    int64_t bytes = tile.filterStageBytes();
    Value first = findPanel(panel);
    return e.forRange(
        e.i32(0), e.i32(tile.steps()), 1, ring,
        [&](Value step, ValueRange values) {
          RingState state{values[0], values[1]};
          Value full = filterRing.acquire(state);
          async.copyBulk(e.at(e.shared(), filterRing.stage(state.slot)),
                         e.at(first, e.mul(e.widen(step), bytes)), bytes, full);
          state = filterRing.next(state);
          return SmallVector<Value>{state.slot, state.phase};
        });
  }

  /// All blocks of a panel walk its filters at the same time: each would wait
  /// for memory at each step, so each asks for another part of them at once.
  void prefetchFilters() {
    constexpr int64_t kMostParts = 64, kUnit = 128;
    int64_t parts = tile.launched ? tile.launched / sizes.panels : tiles();
    parts = std::clamp<int64_t>(parts, 1, kMostParts);
    int64_t units = tile.steps() * tile.filterStageBytes() / kUnit;
    int64_t bytes = (units + parts - 1) / parts * kUnit;
    Value from = e.mul(e.div(e.blockX(), sizes.panels), bytes);
    Value left = e.sub(e.i32(units * kUnit), from);
    Value first = findPanel(e.rem(e.blockX(), sizes.panels));
    e.ifThen(e.less(e.i32(0), left), [&] {
      async.prefetch(e.at(first, e.widen(from)), e.min(left, e.i32(bytes)));
    });
  }

  /// What the copy unit fills a stage with: planes of 64 channels.
  int64_t stagePlanes() const {
    return boxRing.stageBytes / tile.boxPlaneBytes();
  }

  void requestImage() {
    e.ifThen(async.elect(), [&] { async.prefetchMap(map); });
    e.waitForEarlier();
    int64_t stages = tile.compact ? tile.sources : tile.blocks();
    RingState begin = boxRing.begin();
    forTiles({begin.slot, begin.phase}, [&](const TilePlace &place,
                                            ValueRange ring) {
      placeBoxes(place.position);
      SmallVector<Value> state =
          e.forRange(e.i32(0), e.i32(stages), 1, ring,
                     [&](Value block, ValueRange values) {
                       RingState state{values[0], values[1]};
                       Value full = boxRing.waitEmpty(state);
                       e.ifThen(async.elect(), [&] {
                         requestStage(block, boxRing.stage(state.slot), full);
                       });
                       state = boxRing.next(state);
                       return SmallVector<Value>{state.slot, state.phase};
                     });
      e.syncWarp(); // the table has been read
      return state;
    });
  }

  void compact() {
    compactor.begin(e.sub(thread, e.i32(tile.threads())));
    RingState source = sourceRing.begin(), image = imageRing.begin();
    forTiles({source.slot, source.phase, image.slot, image.phase},
             [&](const TilePlace &, ValueRange rings) {
               return compactor.compactTile(rings);
             });
  }

  /// The first pixel of each box into the table, by the warp: division takes
  /// long, and one thread requests them all.
  void placeBoxes(Value position) {
    const ConvolutionShape &shape = sizes.shape;
    Value table = e.at(e.shared(), tile.tableOffset());
    Value lane = e.rem(thread, 32);
    e.forRange(lane, e.i32(tile.boxes), 32, [&](Value box) {
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
    e.syncWarp();
  }

  void requestStage(Value index, Value stage, Value full) {
    async.arriveExpecting(full,
                          stagePlanes() * tile.boxes * tile.boxPixels * kLine);
    for (int64_t plane = 0; plane < stagePlanes(); ++plane)
      requestBoxes(index, plane, stage, full);
  }

  void requestBoxes(Value index, int64_t plane, Value stage, Value full) {
    constexpr int64_t kTogether = 16; // more are a loop
    int64_t perStage = tile.compact
                           ? stagePlanes() * ConvolutionTile::kBoxChannels
                           : tile.block;
    Value channel =
        e.add(e.mul(index, perStage), plane * ConvolutionTile::kBoxChannels);
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
    // Lines of zeros stay so where sums always go to the same channels.
    if (staysOnPanel()) {
      store.begin(thread, locate(e.blockX()).position,
                  locate(e.blockX()).panel);
      store.clear();
    }
    RingState image = imageRing.begin(), filter = filterRing.begin();
    forTiles({image.slot, image.phase, filter.slot, filter.phase},
             [&](const TilePlace &place, ValueRange rings) {
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

  /// The sums after all steps, and the rings. Carries also the slots that the
  /// group in flight reads.
  SmallVector<Value> walk(const TilePlace &place, ValueRange rings) {
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

  void releaseFilters(Value slot) {
    if (!keepsFilters())
      filterRing.release(slot);
  }

  SmallVector<Value> walkStep(const TilePlace &place, Value step,
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

  /// Only the low words of descriptors change: the strides of k in bits 31..16
  /// and the address, to which offsets in units of 16 bytes are added.
  Value lowWord(Value address, int64_t stride) {
    return e.add(e.div(address, 16), stride / 16 << 16);
  }

  /// Two words beside each other, not a sum: LLVM would add the offset to all
  /// 64 bits, which takes longer than the product it is for.
  Value descriptor(Value low, int64_t offset, uint32_t high) {
    Value words[] = {e.add(low, offset), e.i32(int32_t(high))};
    Value joined = vector::BitCastOp::create(
        e.b, e.loc, e.vector(1, e.b.getI64Type()), e.fromElements(words));
    return e.extract(joined, 0);
  }

  /// The line of the tile's first position in a stage.
  Value firstLine(const TilePlace &place) {
    return sizes.shape.isUnpadded() ? e.i32(0)
                                    : e.rem(place.position, tile.boxPitch);
  }

  void multiply(const TilePlace &place, Value step, Value image, Value filter,
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
              descriptor(b, filterAt, filterHigh), sums[n], Value(),
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
  /// Of what is multiplied, and of the image as it comes where this differs.
  StageRing imageRing, filterRing, sourceRing;
  StageRing &boxRing; ///< the one that the copy unit fills
  BoxCompactor compactor;
  Value channels;
  Value thread, groupPixel;
};

} // namespace

void mlir::spmmplu::emitConvolutionBoxKernel(KernelBuilder &k, ConvolutionOp op,
                                             const ConvolutionSizes &sizes) {
  ConvolutionBoxKernel(k, op, sizes).emit();
}
