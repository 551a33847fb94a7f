//===- SharedMemory.cpp - Shared memory that detects races ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cstring>

using namespace mlir::spmmplu::emulator;

using Wrong = SharedMemory::Wrong;

void Clock::join(const Clock &other) {
  for (size_t agent = 0; agent < seen.size(); ++agent) {
    seen[agent] = std::max(seen[agent], other.seen[agent]);
    seenAsync[agent] = std::max(seenAsync[agent], other.seenAsync[agent]);
  }
}

void Clock::see(uint32_t agent, uint32_t time) {
  seen[agent] = std::max(seen[agent], time);
  seenAsync[agent] = std::max(seenAsync[agent], time);
}

void SharedMemory::reset(uint32_t bytes, uint32_t warpCount, bool hasAsyncReads,
                         uint32_t rank) {
  uint32_t granules = (bytes + kGranule - 1) / kGranule;
  warps = warpCount;
  firstPlace = rank * countAgents(warps);
  readers = hasAsyncReads ? 2 * warps : warps;
  data.assign(bytes, char(0xff));
  flags.assign(granules, 0);
  writers.assign(granules, 0);
  writeTimes.assign(granules, 0);
  readTimes.assign(size_t(readers) * granules, 0);
}

Wrong SharedMemory::locate(uint64_t address, uint32_t size) const {
  if (address >= kSharedBase && address - kSharedBase <= data.size() &&
      size <= data.size() - (address - kSharedBase))
    return std::nullopt;
  return llvm::formatv("byte {0} is out of bounds of shared memory of {1} "
                       "bytes",
                       int64_t(address) - int64_t(kSharedBase), data.size())
      .str();
}

std::string SharedMemory::describe(uint32_t place) const {
  uint32_t block = place / countAgents(warps);
  uint32_t agent = place % countAgents(warps);
  if (block != firstPlace / countAgents(warps))
    return llvm::formatv("warp {0} of block {1}", agent, block).str();
  if (agent == getCopyAgent())
    return "a bulk copy";
  if (agent == getLaneCopyAgent())
    return "an asynchronous copy";
  if (agent >= warps)
    return llvm::formatv("a matrix product of warp {0}", agent - warps).str();
  return llvm::formatv("warp {0}", agent).str();
}

/// "shared byte 16" with what is wrong about it.
static std::string describeByte(uint32_t granule, const llvm::Twine &what) {
  return ("shared byte " + llvm::Twine(granule * kGranule) + " " + what).str();
}

/// Writes of warps are compared with `seenWrites`, those of bulk copies, which
/// are asynchronous themselves, with `seen`.
Wrong SharedMemory::checkRead(uint32_t granule, ArrayRef<uint32_t> seen,
                              ArrayRef<uint32_t> seenWrites) const {
  uint8_t flag = flags[granule];
  if (flag & kInFlight)
    return describeByte(granule, "is still to be written by an asynchronous "
                                 "copy that has not been waited for");
  if (flag & kBarrier)
    return describeByte(granule, "is part of an mbarrier");
  if (!(flag & kWritten))
    return describeByte(granule, "was never written");
  uint32_t writer = writers[granule], time = writeTimes[granule];
  if (time > seen[writer])
    return describeByte(granule, "is written by " + describe(writer) +
                                     " without synchronization: a race");
  if (time > seenWrites[writer])
    return describeByte(granule, "was written by " + describe(writer) +
                                     " with no proxy fence before an "
                                     "asynchronous read");
  return std::nullopt;
}

Wrong SharedMemory::checkWrite(uint32_t granule,
                               ArrayRef<uint32_t> seen) const {
  uint8_t flag = flags[granule];
  if (flag & kInFlight)
    return describeByte(granule, "is still to be written by an asynchronous "
                                 "copy that has not been waited for");
  if (flag & kBarrier)
    return describeByte(granule, "is part of an mbarrier");
  uint32_t writer = writers[granule];
  if ((flag & kWritten) && writeTimes[granule] > seen[writer])
    return describeByte(granule, "is written by " + describe(writer) +
                                     " without synchronization: a race");
  for (uint32_t agent = 0; agent < readers; ++agent)
    if (readTimes[size_t(agent) * flags.size() + granule] >
        seen[getPlace(agent)])
      return describeByte(granule, "is read by " + describe(getPlace(agent)) +
                                       " without synchronization: a race");
  return std::nullopt;
}

Wrong SharedMemory::read(uint64_t address, uint32_t size, char *to,
                         uint32_t warp, const Clock &clock) {
  if (auto wrong = locate(address, size))
    return wrong;
  uint32_t offset = address - kSharedBase;
  for (uint32_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule) {
    if (auto wrong = checkRead(granule, clock.seen, clock.seen))
      return wrong;
    readTime(warp, granule) = clock.seen[getPlace(warp)];
  }
  memcpy(to, data.data() + offset, size);
  return std::nullopt;
}

Wrong SharedMemory::readAsync(uint64_t address, uint32_t size, char *to,
                              uint32_t warp, uint32_t group,
                              const Clock &clock) {
  if (auto wrong = locate(address, size))
    return wrong;
  uint32_t offset = address - kSharedBase;
  for (uint32_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule) {
    if (auto wrong = checkRead(granule, clock.seen, clock.seenAsync))
      return wrong;
    readTime(warps + warp, granule) = group;
  }
  memcpy(to, data.data() + offset, size);
  return std::nullopt;
}

Wrong SharedMemory::checkWrites(uint64_t address, uint32_t size,
                                const Clock &clock) const {
  if (auto wrong = locate(address, size))
    return wrong;
  uint32_t offset = address - kSharedBase;
  for (uint32_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule)
    if (auto wrong = checkWrite(granule, clock.seen))
      return wrong;
  return std::nullopt;
}

Wrong SharedMemory::write(uint64_t address, uint32_t size, const char *from,
                          uint32_t warp, const Clock &clock) {
  return writeRemotely(address, size, from, getPlace(warp), clock);
}

Wrong SharedMemory::writeRemotely(uint64_t address, uint32_t size,
                                  const char *from, uint32_t place,
                                  const Clock &clock) {
  if (auto wrong = checkWrites(address, size, clock))
    return wrong;
  landFrom(place, address, size, from, clock.seen[place]);
  return std::nullopt;
}

Wrong SharedMemory::beginCopy(uint64_t address, uint32_t size,
                              const Clock &clock) {
  if (auto wrong = checkWrites(address, size, clock))
    return wrong;
  uint32_t first = (address - kSharedBase) / kGranule;
  uint32_t count = (size + kGranule - 1) / kGranule;
  for (uint32_t granule = first; granule < first + count; ++granule)
    flags[granule] |= kInFlight;
  return std::nullopt;
}

void SharedMemory::land(uint32_t address, uint32_t size, const char *from,
                        uint32_t agent, uint32_t time) {
  landFrom(getPlace(agent), address, size, from, time);
}

void SharedMemory::landFrom(uint32_t place, uint64_t address, uint32_t size,
                            const char *from, uint32_t time) {
  uint32_t offset = address - kSharedBase;
  for (uint32_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule) {
    flags[granule] = kWritten;
    writers[granule] = uint16_t(place);
    writeTimes[granule] = time;
  }
  memcpy(data.data() + offset, from, size);
}

Wrong SharedMemory::makeBarrier(uint64_t address, uint32_t warp,
                                const Clock &clock) {
  constexpr uint32_t kSize = 8;
  const char zeros[kSize] = {};
  if (auto wrong = write(address, kSize, zeros, warp, clock))
    return wrong;
  uint32_t granule = (address - kSharedBase) / kGranule;
  std::fill_n(flags.begin() + granule, kSize / kGranule, uint8_t(kBarrier));
  return std::nullopt;
}

Wrong SharedMemory::checkBarrier(uint64_t address, const Clock &clock) {
  uint32_t granule = (address - kSharedBase) / kGranule;
  if (writeTimes[granule] <= clock.seen[writers[granule]])
    return std::nullopt;
  return describeByte(granule, "is made an mbarrier by " +
                                   describe(writers[granule]) +
                                   " without synchronization: a race");
}
