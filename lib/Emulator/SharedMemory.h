//===- SharedMemory.h - Shared memory that detects races --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared memory of one block. Every two bytes remember who wrote them last and
// when every agent read them last, in the agent's own time; an access is a race
// unless the accessing warp's clock has seen those times. Clocks travel through
// barriers, mbarriers and waits (see Clock), also from block to block of a
// cluster: they know the agents of all of its blocks, one block's after the
// other's. Beside stores from other blocks of the cluster only the block's own
// access its memory. They are
//   0 .. warps-1        a warp's own accesses,
//   warps .. 2*warps-1  reads of a warp's asynchronous matrix products; the
//   time
//                       is the number of the group,
//   2*warps             bulk copies; the time is the number of the copy,
//   2*warps + 1         cp.async that an mbarrier tracks; likewise.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_SHAREDMEMORY_H
#define SPMMPLU_LIB_EMULATOR_SHAREDMEMORY_H

#include "GlobalMemory.h"

#include "llvm/ADT/SmallVector.h"

namespace mlir::spmmplu::emulator {

/// Where shared memory begins: an address that every swizzle is aligned to, and
/// not the null pointer.
constexpr uint32_t kSharedBase = 1024;

/// What an agent has seen of all agents. `seen` is what its ordinary accesses
/// come after; `seenAsync` what accesses of the asynchronous proxy (bulk
/// copies, descriptors) come after: writes by ordinary stores enter it at a
/// proxy fence.
struct Clock {
  SmallVector<uint32_t> seen;
  SmallVector<uint32_t> seenAsync;

  void reset(uint32_t agents) {
    seen.assign(agents, 0);
    seenAsync.assign(agents, 0);
  }
  void join(const Clock &other);
  /// `agent` was seen at `time`, by both kinds of access.
  void see(uint32_t agent, uint32_t time);
};

class SharedMemory {
public:
  /// All bytes become unwritten. The block is number `rank` of its cluster.
  void reset(uint32_t bytes, uint32_t warps, bool hasAsyncReads, uint32_t rank);

  static uint32_t countAgents(uint32_t warps) { return 2 * warps + 2; }
  uint32_t size() const { return data.size(); }
  /// The place of one of the block's agents in clocks.
  uint32_t getPlace(uint32_t agent) const { return firstPlace + agent; }
  uint32_t getCopyAgent() const { return 2 * warps; }
  uint32_t getLaneCopyAgent() const { return 2 * warps + 1; }

  using Wrong = std::optional<std::string>;
  /// Accesses return what is wrong, if something is. Ordinary ones of a warp:
  Wrong read(uint64_t address, uint32_t size, char *to, uint32_t warp,
             const Clock &clock);
  Wrong write(uint64_t address, uint32_t size, const char *from, uint32_t warp,
              const Clock &clock);
  /// A store by a warp of another block, whose place in clocks is given.
  Wrong writeRemotely(uint64_t address, uint32_t size, const char *from,
                      uint32_t place, const Clock &clock);
  /// A read by an asynchronous matrix product of `warp`'s group number `group`.
  Wrong readAsync(uint64_t address, uint32_t size, char *to, uint32_t warp,
                  uint32_t group, const Clock &clock);
  /// An asynchronous copy to these bytes begins; until it lands, nobody may
  /// touch them.
  Wrong beginCopy(uint64_t address, uint32_t size, const Clock &clock);
  /// It lands, at `agent`'s `time`. The range has passed `beginCopy`.
  void land(uint32_t address, uint32_t size, const char *from, uint32_t agent,
            uint32_t time);
  /// The range becomes an mbarrier's, not to be read or written otherwise.
  Wrong makeBarrier(uint64_t address, uint32_t warp, const Clock &clock);
  /// Whether the making of the mbarrier there was seen.
  Wrong checkBarrier(uint64_t address, const Clock &clock);

private:
  enum Flag : uint8_t { kWritten = 1, kInFlight = 2, kBarrier = 4 };

  Wrong locate(uint64_t address, uint32_t size) const;
  /// `seen`: of a clock.
  Wrong checkRead(uint32_t granule, ArrayRef<uint32_t> seen,
                  ArrayRef<uint32_t> seenWrites) const;
  Wrong checkWrite(uint32_t granule, ArrayRef<uint32_t> seen) const;
  Wrong checkWrites(uint64_t address, uint32_t size, const Clock &clock) const;
  void landFrom(uint32_t place, uint64_t address, uint32_t size,
                const char *from, uint32_t time);
  std::string describe(uint32_t place) const;
  uint32_t &readTime(uint32_t agent, uint32_t granule) {
    return readTimes[agent * uint32_t(flags.size()) + granule];
  }

  uint32_t warps = 0;
  uint32_t firstPlace = 0; ///< in clocks, of the block's agents
  uint32_t readers = 0;    ///< agents that read
  std::vector<char> data;
  std::vector<uint8_t> flags;    ///< of a granule, as below
  std::vector<uint16_t> writers; ///< by their places in clocks
  std::vector<uint32_t> writeTimes;
  std::vector<uint32_t> readTimes; ///< reader by reader
};

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_SHAREDMEMORY_H
