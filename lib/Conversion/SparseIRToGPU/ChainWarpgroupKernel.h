//===- ChainWarpgroupKernel.h - Parts of the wgmma kernel ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block has one warpgroup that requests copies and up to four that multiply;
// they meet at the mbarriers of a ring of stages. Blocks are persistent: block
// b takes the tiles b, b + blocks, ..., so that the copies of its next tile go
// on while a tile is stored.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINWARPGROUPKERNEL_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINWARPGROUPKERNEL_H

#include "AlignedMatrix.h"
#include "AsyncEmitter.h"
#include "ChainTile.h"
#include "SlabStore.h"

#include <memory>

namespace mlir::spmmplu {

/// A chain's tile as warpgroups share it. Two rings of stages: a stage of the
/// lhs is a step's packed values and metadata, one of the rhs 64 k of it, so
/// that large rhs tiles are released early. Shared memory holds the rhs ring,
/// the lhs ring, a scratch for the store of each computing warpgroup, and the
/// barriers. Sizes are in bytes where not said otherwise.
///
/// Of a pair of panels (`PanelPairs`) each has a warpgroup and a ring of the
/// lhs of its own. A stage of the rhs is a step of the pair; the word beside it
/// says who multiplies.
///
/// Of a chain that a cluster shares (`SharedSums`) each block has some steps.
struct WarpgroupTile : ChainTile {
  /// Shared memory of a block on sm_90.
  static constexpr int64_t kSharedBytes = 227 * 1024;
  /// Scratch of one warpgroup: 64 rows by some columns.
  static constexpr int64_t kScratchBytes = 8192;
  /// Packed lhs: 64 x 64 16-bit elements.
  static constexpr int64_t kBlockBytes = 8192;
  /// k of a stage of the rhs.
  static constexpr int64_t kRhsDepth = 64;
  static constexpr int64_t kBarrierBytes = 1024;

  int64_t panels = 1;  ///< of a block
  int64_t cluster = 1; ///< blocks that share the lhs
  int64_t split = 1;   ///< blocks that share a chain
  bool isPair() const { return panels > 1; }
  bool isShared() const { return split > 1; }
  /// Blocks of a cluster.
  int64_t blocksTogether() const { return cluster * split; }

  /// Entries are single k, whose rows of the rhs warps gather; else boxes.
  bool gathers() const { return depth < 8; }

  // Warpgroups that compute, along i and j, and what each has (elements).
  int64_t groupsI() const { return warpsI / 4; }
  int64_t groupsJ() const { return warpsJ; }
  int64_t groups() const { return panels * groupsI() * groupsJ(); }
  int64_t groupRows() const { return rows / groupsI(); }
  int64_t groupCols() const { return cols / groupsJ(); }
  int64_t blockThreads() const { return 128 * (groups() + 1); }

  /// Registers of a computing thread, and how many of them may be accumulators:
  /// with more, ptxas serializes the wgmmas or has too few for one.
  int64_t consumerRegisters() const {
    constexpr int64_t counts[] = {0, 232, 232, 152, 104};
    return gathers() && groups() == 2 ? 224 : counts[groups()];
  }
  int64_t producerRegisters() const { return gathers() ? 56 : 40; }
  /// Arrivals that fill a stage of the rhs.
  int64_t rhsProducers() const { return gathers() ? 128 : 1; }
  int64_t maxAccumulators() const {
    constexpr int64_t counts[] = {0, 192, 192, 96, 64};
    return counts[groups()];
  }

  int64_t lhsStageBytes() const { return lhsBytes() + metadataBytes(); }
  int64_t rhsStageBytes() const { return cols * kRhsDepth * 2; }
  /// Stages of the rhs in a step.
  int64_t rhsParts() const { return step / kRhsDepth; }
  /// What the rest leaves of shared memory.
  int64_t rhsRoom() const {
    return kSharedBytes - kBarrierBytes - groups() * kScratchBytes -
           receivedBytes() - panels * stages * lhsStageBytes();
  }
  /// As many as there is room for, barriers included; more than a step ahead of
  /// the lhs would never be filled.
  int64_t rhsStages() const {
    if (isPair())
      return std::min(rhsRoom() / rhsStageBytes(),
                      (kBarrierBytes - 16 * panels * stages) / (16 + 4));
    return std::min({rhsRoom() / rhsStageBytes(), (stages + 1) * rhsParts(),
                     kBarrierBytes / 16 - stages});
  }

  int64_t lhsOffset() const { return rhsStages() * rhsStageBytes(); }
  int64_t scratchOffset() const {
    return lhsOffset() + panels * stages * lhsStageBytes();
  }
  int64_t receivedOffset() const {
    return scratchOffset() + groups() * kScratchBytes;
  }
  int64_t barrierOffset() const { return receivedOffset() + receivedBytes(); }
  int64_t rhsBarriers() const { return barrierOffset() + panels * stages * 16; }
  /// Of a pair: the words of the stages of the rhs.
  int64_t wordOffset() const { return sharedBytes() - 4 * rhsStages(); }
  int64_t sharedBytes() const { return barrierOffset() + kBarrierBytes; }

  // Of a shared chain: the accumulators of 64 rows whose sums a block stores,
  // and what it gets of them from the others, after the scratch.
  int64_t ownSums() const { return groupCols() / 2 / split; }
  int64_t ownCols() const { return ownSums() * 2; }
  int64_t receivedBytes() const {
    return (split - 1) * groups() * (groupRows() / 64) * ownSums() * 128 * 4;
  }
};

/// Where a tile stands in the product, and its chain: of the device, i32. Of a
/// pair the chain is the one of the member that was asked for. The last tile of
/// a cluster may have no column: then it copies those of another one.
struct TilePlace {
  Value panel, firstCol, firstEntry, steps;
  Value pairStep, pairSteps; ///< of a pair: its first step, and how many
  Value copiedCol;           ///< the first column that is copied
};

/// The tiles of a block, in an order in which the tiles that run at the same
/// time share panels and columns. Blocks of a cluster take consecutive tiles of
/// the same panel.
class TileWalk {
public:
  TileWalk(KernelBuilder &k, const WarpgroupTile &tile);

  using Body = function_ref<SmallVector<Value>(const TilePlace &place,
                                               ValueRange carried)>;
  /// Emits `body` for every tile of the block, and returns what the last one
  /// yields. Of a pair, `member` says whose chain it is told of.
  SmallVector<Value> forEach(ValueRange carried, Body body, Value member = {});

  using Load =
      function_ref<SmallVector<Value>(const TilePlace &place, Value step)>;
  using StepBody =
      function_ref<SmallVector<Value>(const TilePlace &place, Value step,
                                      ValueRange carried, ValueRange loaded)>;
  /// Emits `body` for every step of every tile, of pairs for the steps of
  /// `member`, or those that either has. What `load` gives for a step is loaded
  /// in the one before, so that no step waits for it; behind the last one it is
  /// not used. `begin` is emitted ahead of a tile's steps.
  SmallVector<Value>
  forEachStep(ValueRange carried, Load load, StepBody body,
              function_ref<void(const TilePlace &place)> begin = {},
              Value member = {});
  /// Blocks to launch: a host value.
  Value blocks();

  Value cols; ///< N, i32

private:
  SmallVector<Value> forEachPair(ValueRange carried, Body body, Value member);
  /// The cluster's one tile, of which the block has some steps.
  SmallVector<Value> visitShared(ValueRange carried, Body body);
  /// A tile's position in the order of panels, or of pairs, and its first
  /// column.
  std::pair<Value, Value> locate(Value index);
  Value panelAt(Value position);
  Value getCopiedCol(Value firstCol);
  /// Panels whose tiles follow each other before the next columns.
  int64_t panelsTogether() const;
  int64_t getLhsBytes() const;

  KernelBuilder &k;
  DeviceEmitter &e;
  WarpgroupTile tile;
  int64_t panels; ///< or pairs of them
  int64_t turns;  ///< tiles from one of a block to its next
  /// Of a cluster tiles are counted together; `first` is the block's.
  Value chainPtr, order, pairs, colTiles, first, rank;
};

/// A stage of a ring and the parity of its phase.
struct RingState {
  Value slot, phase;
};

/// A ring of stages in shared memory, each with two barriers: one thread or
/// more fill it, every computing warp gives it back. Offsets are bytes of
/// shared memory. Equal rings may follow each other, and their barriers.
///
/// Blocks of a cluster may fill their rings together: then each waits until all
/// have given a stage back, and ends when all have given back its last ones.
class StageRing {
public:
  /// The barriers take 16 bytes a stage.
  StageRing(DeviceEmitter &e, int64_t offset, int64_t stageBytes,
            int64_t stages, int64_t barriers, int64_t cluster = 1)
      : stageBytes(stageBytes), stages(stages), e(e), async(e), offset(offset),
        barriers(barriers), cluster(cluster) {}

  /// The ring that comes so many rings later.
  StageRing after(Value rings) const {
    StageRing other = *this;
    other.rings = rings;
    return other;
  }

  /// Makes the barriers; one thread.
  void init(int64_t warps, int64_t producers = 1);
  RingState begin() { return {e.i32(0), e.i32(0)}; }
  RingState next(RingState state);
  /// Byte of shared memory.
  Value stage(Value slot);
  /// Until the stage can be filled; then the barrier that says that it is.
  Value waitEmpty(RingState state);
  /// The same, of a stage that is filled by bulk copies: the barrier that
  /// counts them.
  Value acquire(RingState state);
  /// Of a cluster: until nobody will arrive at the ring's barriers any more.
  /// `state` is that after the last stage.
  void drain(RingState state);
  void waitFull(RingState state) { async.wait(full(state.slot), state.phase); }
  void release(Value slot);

  const int64_t stageBytes, stages;

private:
  Value full(Value slot) { return barrier(0, slot); }
  Value empty(Value slot) { return barrier(stages, slot); }
  Value barrier(int64_t first, Value slot);

  DeviceEmitter &e;
  AsyncEmitter async;
  int64_t offset, barriers, cluster;
  Value rings; ///< before this one; null: none
};

/// The packed values and metadata of steps, by one thread. They are constants:
/// no earlier launch is waited for. Each block of a cluster asks for a part,
/// for all of them.
class LhsCopies {
public:
  LhsCopies(KernelBuilder &k, const WarpgroupTile &tile);
  /// Those of all steps of all tiles, of pairs those of a member.
  void emit(TileWalk &walk, StageRing ring, Value member = {});
  void request(const TilePlace &place, Value step, Value to, Value full);

private:
  /// The block's part of `bytes`.
  void copy(Value to, Value from, int64_t bytes, Value full);

  DeviceEmitter &e;
  AsyncEmitter async;
  WarpgroupTile tile;
  Value values, metadata, rank;
};

/// The entries of chains, to be loaded ahead; or another table, the steps of
/// pairs.
class EntryTable {
public:
  explicit EntryTable(KernelBuilder &k, int64_t table = 2);
  /// The one numbered `at`; behind the last one: any, or 0.
  Value load(Value at);

private:
  DeviceEmitter &e;
  int64_t count; ///< of the whole table
  Value entries;
};

/// Whether the rhs lies as [j][k].
bool isRhsByColumn(KernelOp op);
/// The rhs must be a matrix with lines of consecutive elements.
LogicalResult verifyRhsLines(KernelOp op);

/// What the warpgroup does that computes nothing: fills the stages of all steps
/// of all tiles.
class StageProducer {
public:
  virtual ~StageProducer() = default;
  /// `warp` of the warpgroup and its `lane`, all of them.
  virtual void emit(Value warp, Value lane, TileWalk &walk, StageRing &lhsRing,
                    StageRing &rhsRing) = 0;
  /// Host operations after the launch.
  virtual void finish() = 0;
};

/// Entries are boxes of a tensor map: one thread requests the copies of each
/// operand.
std::unique_ptr<StageProducer> makeBoxProducer(KernelBuilder &k,
                                               const WarpgroupTile &tile);
/// Entries are rows of the rhs, which all threads copy.
std::unique_ptr<StageProducer> makeGatherProducer(KernelBuilder &k,
                                                  const WarpgroupTile &tile);

/// The sums of blocks that share a chain: each block of the cluster gets a part
/// of the columns from all others, through its shared memory. Added up in the
/// order of the blocks after the own part, so that results do not change from
/// run to run.
class SharedSums {
public:
  SharedSums(KernelBuilder &k, const WarpgroupTile &tile)
      : e(k.e), async(e), tile(tile) {}

  /// All threads of all blocks come here, when their block has sent its sums.
  void meet() { async.clusterBarrier(); }
  /// The accumulators of the block's own columns, of sums of 64 rows each.
  /// `thread` of the warpgroup `group`.
  SmallVector<Value> exchange(ArrayRef<Value> sums, Value thread, Value group);
  /// The first of the block's own columns.
  Value ownCol() { return e.mul(async.clusterRank(), tile.ownCols()); }

private:
  /// Byte of shared memory of four sums that the `sender`-th other block sends.
  Value place(Value sender, Value group, int64_t rowBlock, int64_t quad,
              Value thread);
  void send(ArrayRef<Value> sums, Value rank, Value thread, Value group);

  DeviceEmitter &e;
  AsyncEmitter async;
  WarpgroupTile tile;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_CHAINWARPGROUPKERNEL_H
