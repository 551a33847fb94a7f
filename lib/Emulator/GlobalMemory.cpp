//===- GlobalMemory.cpp - Allocations on the device -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GlobalMemory.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cstring>

using namespace mlir::spmmplu::emulator;

using Wrong = GlobalMemory::Wrong;

/// Read by blocks that nothing orders.
static constexpr uint32_t kManyReaders = ~uint32_t(0);

/// Between allocations, belongs to none.
static constexpr uint64_t kGap = 4096;

Allocation *GlobalMemory::allocate(int64_t bytes, bool isWritten) {
  constexpr uint64_t kAlignment = 256;
  if (bytes < 0 || bytes > maxBytes - usedBytes)
    return nullptr;
  usedBytes += bytes;
  auto allocation = std::make_unique<Allocation>();
  allocation->address = nextAddress;
  nextAddress += (uint64_t(bytes) + kAlignment - 1) / kAlignment * kAlignment;
  nextAddress += kGap;
  uint64_t granules = (uint64_t(bytes) + kGranule - 1) / kGranule;
  allocation->data.assign(bytes, char(0xff));
  allocation->isWritten.assign(granules, isWritten);
  allocation->writers.assign(granules, 0);
  allocation->readers.assign(granules, 0);
  return (allocations[allocation->address] = std::move(allocation)).get();
}

Allocation *GlobalMemory::find(uint64_t address) {
  auto after = allocations.upper_bound(address);
  return after == allocations.begin() ? nullptr
                                      : std::prev(after)->second.get();
}

//===----------------------------------------------------------------------===//
// Order of blocks
//===----------------------------------------------------------------------===//

void GlobalMemory::beginLaunch() {
  // Far from the largest number: start over, which forgets what is past.
  if (segments > (uint32_t(1) << 31)) {
    segments = 0;
    for (auto &[address, allocation] : allocations) {
      std::fill(allocation->writers.begin(), allocation->writers.end(), 0);
      std::fill(allocation->readers.begin(), allocation->readers.end(), 0);
    }
  }
  base = segments;
  begun = 0;
  blocks.clear();
  released.clear();
}

void GlobalMemory::beginSegment(Turn &turn) {
  turn.segment = ++segments;
  blocks.push_back(turn.block);
}

GlobalMemory::Turn GlobalMemory::beginBlock() {
  Turn turn;
  turn.block = ++begun;
  beginSegment(turn);
  return turn;
}

bool GlobalMemory::isConcurrent(uint32_t other) const {
  if (other <= base)
    return false;
  if (other == kManyReaders)
    return true;
  uint32_t owner = blocks[other - base - 1];
  return owner != current->block && current->known.lookup(owner) < other;
}

Wrong GlobalMemory::addAtomically(uint64_t address, uint32_t value,
                                  uint32_t &before, Accessor accessor) {
  Known &order = released[address];
  for (auto [other, time] : order)
    current->known[other] = std::max(current->known[other], time);
  char bytes[4];
  if (auto wrong = read(address, 4, bytes, accessor))
    return wrong;
  memcpy(&before, bytes, 4);
  uint32_t sum = before + value;
  memcpy(bytes, &sum, 4);
  if (auto wrong = write(address, 4, bytes, accessor))
    return wrong;
  current->known[current->block] = current->segment;
  for (auto [other, time] : current->known)
    order[other] = std::max(order[other], time);
  beginSegment(*current);
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

Wrong GlobalMemory::locate(uint64_t address, uint64_t size,
                           Allocation *&allocation) {
  allocation = find(address);
  if (!allocation ||
      address - allocation->address >= allocation->data.size() + kGap / 2)
    return llvm::formatv("address {0:x} is in no allocation", address).str();
  uint64_t offset = address - allocation->address;
  if (offset + size > allocation->data.size())
    return llvm::formatv("byte {0} is out of bounds of an allocation of {1} "
                         "bytes",
                         offset, allocation->data.size())
        .str();
  return std::nullopt;
}

static std::string describeByte(uint64_t granule, const Allocation &allocation,
                                llvm::StringRef what) {
  return llvm::formatv("byte {0} of an allocation of {1} bytes {2}",
                       granule * kGranule, allocation.data.size(), what)
      .str();
}

/// What of an access only the end of earlier launches makes right.
static Wrong checkEarly(const Allocation &allocation, uint64_t offset,
                        Accessor accessor, bool isWrite) {
  if (accessor != Accessor::EarlyBlock || (allocation.isConstant && !isWrite))
    return std::nullopt;
  return describeByte(offset / kGranule, allocation,
                      isWrite ? "is written before griddepcontrol.wait"
                              : "is no constant and is read before "
                                "griddepcontrol.wait");
}

Wrong GlobalMemory::checkExists(uint64_t address) {
  Allocation *allocation;
  return locate(address, 1, allocation);
}

Wrong GlobalMemory::read(uint64_t address, uint32_t size, char *data,
                         Accessor accessor) {
  Allocation *allocation;
  if (auto wrong = locate(address, size, allocation))
    return wrong;
  uint64_t offset = address - allocation->address;
  if (auto wrong = checkEarly(*allocation, offset, accessor, false))
    return wrong;
  for (uint64_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule) {
    if (!allocation->isWritten[granule])
      return describeByte(granule, *allocation, "was never written");
    if (accessor == Accessor::Host)
      continue;
    if (isConcurrent(allocation->writers[granule]))
      return describeByte(granule, *allocation,
                          "is written by another block: a race");
    uint32_t &reader = allocation->readers[granule];
    reader = isConcurrent(reader) ? kManyReaders : current->segment;
  }
  memcpy(data, allocation->data.data() + offset, size);
  return std::nullopt;
}

Wrong GlobalMemory::write(uint64_t address, uint32_t size, const char *data,
                          Accessor accessor) {
  Allocation *allocation;
  if (auto wrong = locate(address, size, allocation))
    return wrong;
  uint64_t offset = address - allocation->address;
  if (auto wrong = checkEarly(*allocation, offset, accessor, true))
    return wrong;
  for (uint64_t granule = offset / kGranule;
       granule < (offset + size + kGranule - 1) / kGranule; ++granule) {
    allocation->isWritten[granule] = 1;
    if (accessor == Accessor::Host)
      continue;
    if (isConcurrent(allocation->writers[granule]))
      return describeByte(granule, *allocation,
                          "is written by another block: a race");
    if (isConcurrent(allocation->readers[granule]))
      return describeByte(granule, *allocation,
                          "is read by another block: a race");
    allocation->writers[granule] = current->segment;
  }
  memcpy(allocation->data.data() + offset, data, size);
  return std::nullopt;
}
