//===- ChainWarpgroupGather.cpp - Gathered rows for wgmma ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where entries are single k, a stage of the rhs is 64 rows from anywhere, each
// as wide as the tile. No tensor map describes that: the four warps of the
// producing warpgroup copy 16 rows each, 16 bytes a lane, into the swizzled
// [k][j] boxes that a tensor copy would have made. The copies are of ordinary
// accesses, so the stage's barrier counts a lane once they have landed, and who
// multiplies puts a proxy fence between that and wgmma.
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16;    ///< bytes of a copy
static constexpr int64_t kLine = 128;    ///< bytes of a swizzled line
static constexpr int64_t kWarpRows = 16; ///< of the 64 of a stage

namespace {

class GatherProducer : public StageProducer {
public:
  GatherProducer(KernelBuilder &k, const WarpgroupTile &tile)
      : e(k.e), async(e), tile(tile),
        rhs(k, k.op.getRhs(), /*transposed=*/isRhsByColumn(k.op)),
        lhsCopies(k, tile), entries(k), base(k.address(rhs.getAddress())),
        rowStride(k.number(rhs.getStride())) {}

  void emit(Value warp, Value lane, TileWalk &walk, StageRing &lhsRing,
            StageRing &rhsRing) override;
  void finish() override { rhs.release(); }

private:
  int64_t lanesPerRow() const { return tile.cols / 8; }
  /// Rows of a stage that a lane takes part in: consecutive ones.
  int64_t rowsPerLane() const { return kWarpRows * lanesPerRow() / 32; }
  int64_t parts() const { return tile.rhsParts(); }

  void placeLane();
  /// The lane's place in the rows of a tile: carried by nothing, as it only
  /// changes with the tile.
  void placeColumns(const TilePlace &place, Value cols);
  /// The entries of a step, two stages in a register: lane l has that of the
  /// warp's row l mod 16.
  SmallVector<Value> loadEntries(const TilePlace &place, Value step);
  void requestLhs(const TilePlace &place, Value step, StageRing &ring,
                  RingState state);
  /// `firstLane`: the lane that has the entry of the warp's first row.
  void gather(Value entries, int64_t firstLane, Value stage);

  DeviceEmitter &e;
  AsyncEmitter async;
  WarpgroupTile tile;
  AlignedMatrix rhs;
  LhsCopies lhsCopies;
  EntryTable entries;
  Value base, rowStride;
  Value warp, lane;
  /// First of the lane's rows among the warp's.
  Value firstRow;
  /// Byte of the lane's chunk in a stage, for every row mod 8 of its rows.
  SmallVector<Value> targets;
  Value source, bytes; ///< of the tile: column's address in row 0, and length
};

} // namespace

void GatherProducer::emit(Value warpOfGroup, Value laneOfWarp, TileWalk &walk,
                          StageRing &lhsRing, StageRing &rhsRing) {
  warp = warpOfGroup;
  lane = laneOfWarp;
  placeLane();
  e.waitForEarlier(); // which may write the rhs
  auto begin = [&](const TilePlace &place) { placeColumns(place, walk.cols); };
  auto load = [&](const TilePlace &place, Value step) {
    return loadEntries(place, step);
  };
  auto body = [&](const TilePlace &place, Value step, ValueRange carried,
                  ValueRange loaded) {
    RingState lhs{carried[0], carried[1]}, rhs{carried[2], carried[3]};
    requestLhs(place, step, lhsRing, lhs);
    for (int64_t part = 0; part < parts(); ++part) {
      Value full = rhsRing.waitEmpty(rhs);
      gather(loaded[part / 2], part % 2 * kWarpRows, rhsRing.stage(rhs.slot));
      async.arriveAfterCopies(full);
      rhs = rhsRing.next(rhs);
    }
    lhs = lhsRing.next(lhs);
    return SmallVector<Value>{lhs.slot, lhs.phase, rhs.slot, rhs.phase};
  };
  RingState lhs = lhsRing.begin(), rhs = rhsRing.begin();
  SmallVector<Value> end = walk.forEachStep(
      {lhs.slot, lhs.phase, rhs.slot, rhs.phase}, load, body, begin);
  lhsRing.drain({end[0], end[1]});
}

void GatherProducer::placeLane() {
  Value chunk = e.rem(lane, lanesPerRow());
  firstRow = e.mul(e.div(lane, lanesPerRow()), rowsPerLane());
  Value line = e.add(e.mul(warp, kWarpRows), firstRow);
  Value box = e.mul(e.div(chunk, 8), WarpgroupTile::kRhsDepth * kLine);
  Value at = e.add(box, e.mul(line, kLine));
  // Chunk c of line l lies at chunk c xor (l mod 8). A lane's first line is a
  // multiple of its number of lines, so that l mod 8 is a xor, too.
  Value within = e.bitXor(e.rem(chunk, 8), e.rem(line, 8));
  for (int64_t row = 0; row < std::min<int64_t>(rowsPerLane(), 8); ++row)
    targets.push_back(e.add(at, e.mul(e.bitXor(within, e.i32(row)), kChunk)));
}

void GatherProducer::placeColumns(const TilePlace &place, Value cols) {
  Value col = e.add(place.firstCol, e.mul(e.rem(lane, lanesPerRow()), 8));
  Value left = e.sub(cols, col);
  bytes = e.mul(e.max(e.i32(0), e.min(left, e.i32(8))), 2);
  // Where nothing is read the address must be valid all the same.
  col = e.select(e.less(e.i32(0), left), col, e.i32(0));
  source = e.at(base, e.mul(col, 2));
}

SmallVector<Value> GatherProducer::loadEntries(const TilePlace &place,
                                               Value step) {
  Value row = e.add(e.mul(warp, kWarpRows), e.rem(lane, kWarpRows));
  Value stage = e.add(e.mul(step, parts()), e.div(lane, kWarpRows));
  Value first = e.add(place.firstEntry,
                      e.add(e.mul(stage, WarpgroupTile::kRhsDepth), row));
  SmallVector<Value> loaded;
  for (int64_t part = 0; part < parts(); part += 2)
    loaded.push_back(
        entries.load(e.add(first, part * WarpgroupTile::kRhsDepth)));
  return loaded;
}

void GatherProducer::requestLhs(const TilePlace &place, Value step,
                                StageRing &ring, RingState state) {
  e.ifThen(e.equal(warp, 0), [&] {
    e.ifThen(async.elect(), [&] {
      Value full = ring.acquire(state);
      lhsCopies.request(place, step, e.at(e.shared(), ring.stage(state.slot)),
                        full);
    });
  });
}

void GatherProducer::gather(Value entries, int64_t firstLane, Value stage) {
  Value to = e.at(e.shared(), stage);
  Value rowBytes = e.mul(e.widen(rowStride), 2);
  for (int64_t row = 0; row < rowsPerLane(); ++row) {
    Value k = e.shuffle(entries, e.add(firstRow, firstLane + row));
    Value from = e.at(source, e.mul(e.widen(k), rowBytes));
    Value target = e.at(e.at(to, targets[row % 8]), row * kLine);
    e.copyAsync(target, from, bytes);
  }
}

std::unique_ptr<StageProducer>
mlir::spmmplu::makeGatherProducer(KernelBuilder &k, const WarpgroupTile &tile) {
  return std::make_unique<GatherProducer>(k, tile);
}
