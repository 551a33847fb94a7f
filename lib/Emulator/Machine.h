//===- Machine.h - A launch, its blocks and warps ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A launch runs cluster after cluster, of one block where it says nothing of
// clusters. The warps of all of a cluster's blocks take turns, each until it
// blocks. Results never depend on that order: whatever would make them is an
// error.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_MACHINE_H
#define SPMMPLU_LIB_EMULATOR_MACHINE_H

#include "Program.h"
#include "SharedMemory.h"

#include "spmmplu/Emulator/Emulator.h"

#include "mlir/IR/Diagnostics.h"

#include <array>
#include <map>

namespace mlir::spmmplu::emulator {

/// A row-major matrix in device memory, as `sparse_gpu.tensor_map` describes
/// it.
struct TensorMap {
  uint64_t base;
  int64_t rows, cols, stride; ///< in elements
  int64_t boxRows, boxCols;
  uint32_t elementBytes;
};

/// A diverged region: the lanes that entered it and those of its else branch.
struct Frame {
  uint32_t saved;
  uint32_t otherwise;
};

/// A `cp.async` of one lane in flight.
struct LaneCopy {
  uint32_t lane;
  uint32_t group; ///< how many groups the lane had committed
  uint32_t address;
  uint32_t size;
  std::array<char, 16> data;
};

/// An accumulator that an asynchronous matrix product may still write.
struct PendingResult {
  Place place;
  uint32_t group;
};

struct Warp {
  uint32_t index = 0; ///< in the block
  uint32_t agent = 0; ///< its place in clocks
  uint32_t next = 0;  ///< instruction
  uint32_t mask = 0;  ///< active lanes
  bool hasEnded = false;
  bool sawEarlierEnd = false; ///< waited for the launches before this one
  SmallVector<Frame> frames;
  std::vector<char> registers;
  Clock clock;

  /// The barrier that the warp has arrived at and not left, and at which of its
  /// uses.
  std::optional<uint32_t> barrier;
  uint64_t barrierUse = 0;
  /// Of the cluster's barrier, the use that the warp has arrived at and not
  /// waited for.
  std::optional<uint64_t> clusterUse;
  Clock fenced; ///< at its last fence of mbarriers
  /// Stored to another block since the warp last released to the cluster.
  bool hasStoredRemotely = false;

  std::vector<LaneCopy> copies;
  std::array<uint32_t, kLanes> copyGroups = {}; ///< committed, of a lane

  /// Asynchronous matrix products: groups committed and waited for, results
  /// that may not be used, and how many products were started in all.
  uint32_t productGroups = 0;
  uint32_t productGroupsDone = 0;
  bool hasOpenGroup = false;
  bool isFenced = false;
  uint64_t products = 0;
  SmallVector<PendingResult> pending;

  bool isActive(uint32_t lane) const { return mask >> lane & 1; }
  template <typename T> T *at(uint32_t place) {
    return reinterpret_cast<T *>(registers.data() + place);
  }
  template <typename T> const T *at(uint32_t place) const {
    return reinterpret_cast<const T *>(registers.data() + place);
  }
};

/// A barrier of `barrier`, by its number.
struct BlockBarrier {
  uint32_t arrived = 0;  ///< warps
  uint32_t expected = 0; ///< warps; 0 while nobody waits
  uint64_t uses = 0;     ///< completed
  Clock gathered;        ///< of the warps that have arrived
  Clock released;        ///< of the last completed use
};

/// A bulk copy in flight.
struct BulkCopy {
  struct Piece {
    uint32_t address; ///< in shared memory
    std::array<char, 16> data;
  };
  std::vector<Piece> pieces;
};

/// An mbarrier object.
struct MBarrier {
  uint32_t maker = 0;    ///< warp
  bool isFenced = false; ///< its making, for other blocks of the cluster
  uint32_t count = 0;    ///< arrivals a phase
  uint32_t pending = 0;  ///< arrivals that the current phase still needs
  int64_t bytes = 0;     ///< that the current phase still needs; less than 0
                         ///< where they land before they are expected
  uint64_t phase = 0;
  Clock gathered;
  Clock released; ///< of the last complete phase
  std::vector<BulkCopy> copies;
  /// Of lanes, each once its copies have landed; the phase lacks them.
  std::vector<std::vector<LaneCopy>> arrivals;
};

/// What the four warps of a warpgroup must agree on, one after the other.
struct Warpgroup {
  struct Product {
    Operation *op;
    uint64_t a, b; ///< descriptors; a is 0 in registers
  };
  std::vector<Product> products;
};

/// A block of the cluster that runs.
struct ThreadBlock {
  std::array<int64_t, 2> index = {};
  uint32_t rank = 0; ///< in the cluster
  GlobalMemory::Turn turn;
  SharedMemory shared;
  std::vector<Warp> warps;
  std::array<BlockBarrier, 16> barriers;
  std::map<uint32_t, MBarrier> mbarriers; ///< by address
  std::vector<Warpgroup> warpgroups;
  uint32_t bulkCopies = 0; ///< that have landed: the copy agent's time
  uint32_t laneCopies = 0; ///< the same, of those that mbarriers track
  /// When warps of other blocks were last at its mbarriers, by their places in
  /// clocks: the block may end only after that.
  SmallVector<uint32_t> visits;

  bool hasEnded() const;
};

/// Blocks see each other's shared memory at addresses with the block's rank and
/// one above these bits; 0 there is the block itself.
constexpr uint32_t kRankShift = 24;

/// The barrier of a cluster.
struct ClusterBarrier {
  uint64_t uses = 0; ///< completed
  Clock gathered;    ///< of the warps that have arrived
  Clock released;    ///< of the last completed use
};

/// What a launch is given.
struct Launch {
  std::array<int64_t, 2> grid;
  uint32_t cluster = 1; ///< blocks, along the grid's first dimension
  uint32_t threads;
  uint32_t sharedBytes;
  SmallVector<uint64_t> arguments; ///< bits
  DenseMap<uint64_t, TensorMap> tensorMaps;
};

class Machine {
public:
  Machine(const Program &program, GlobalMemory &global, const Launch &launch,
          const EmulatorOptions &options);

  /// Runs all blocks.
  LogicalResult run();

  /// An error at the instruction's op; `lane` where it is a lane's.
  InFlightDiagnostic error(const Warp &warp, const Instruction &instruction,
                           std::optional<uint32_t> lane = std::nullopt);
  /// Same, which becomes `Step::Failed` when the message is complete.
  struct Failure {
    InFlightDiagnostic diagnostic;
    template <typename T> Failure operator<<(T &&value) && {
      diagnostic << std::forward<T>(value);
      return {std::move(diagnostic)};
    }
    operator Step() && { return Step::Failed; }
  };
  Failure fail(const Warp &warp, const Instruction &instruction,
               std::optional<uint32_t> lane = std::nullopt) {
    return {error(warp, instruction, lane)};
  }
  /// True, after an error, unless all lanes are active.
  bool isPartial(const Warp &warp, const Instruction &instruction);

  /// The warp's own time.
  static uint32_t getTime(const Warp &warp) {
    return warp.clock.seen[warp.agent];
  }
  /// Ends what the warp did so far, for those that acquire it from now on.
  void advance(Warp &warp) { ++warp.clock.seen[warp.agent]; }
  /// Completes the cluster's barrier if all warps that have not ended are
  /// there.
  void completeCluster();

  /// Agents that clocks know of: those of all blocks of a cluster.
  uint32_t getAgents() const {
    return launch.cluster * SharedMemory::countAgents(getWarps());
  }

  uint32_t getWarps() const { return launch.threads / kLanes; }

  /// A kernel that waits for earlier launches begins before they end.
  Accessor getAccessor(const Warp &warp) const {
    return program.beginsEarly && !warp.sawEarlierEnd ? Accessor::EarlyBlock
                                                      : Accessor::Block;
  }

  const Program &program;
  GlobalMemory &global;
  const Launch &launch;
  const EmulatorOptions &options;
  std::vector<ThreadBlock> blocks; ///< of the cluster that runs
  ThreadBlock *block = nullptr;    ///< whose warp runs
  ClusterBarrier clusterBarrier;

private:
  void enter(ThreadBlock &next);
  /// Begins the cluster whose first block has that index.
  void beginCluster(std::array<int64_t, 2> index);
  void beginBlock();
  LogicalResult runCluster();
  /// Runs a warp until it blocks or ends; `progress` if it ran anything.
  LogicalResult runWarp(Warp &warp, bool &progress);
  /// Whether an instruction uses a result of an unfinished matrix product.
  bool usesPending(Warp &warp, const Instruction &instruction);
  LogicalResult reportDeadlock();
  /// What a warp that has ended must not leave behind.
  LogicalResult checkEnd(Warp &warp, const Instruction &instruction);
  LogicalResult checkBlockEnd();
  /// That nobody may still be at the block's mbarriers.
  LogicalResult checkVisits();

  int64_t steps = 0;
};

/// The mbarrier at an address of `block`'s shared memory; null, after an error,
/// if there is none that the warp knows of.
MBarrier *findBarrier(Machine &machine, ThreadBlock &block, Warp &warp,
                      const Instruction &instruction, uint32_t lane,
                      uint64_t address);

/// What a blocked warp waits for, for the report of a deadlock.
std::string describeWait(const Machine &machine, const Warp &warp,
                         const Instruction &instruction);

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_MACHINE_H
