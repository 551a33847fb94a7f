//===- GlobalMemory.h - Allocations on the device ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Device memory: separate allocations, so that an access past the end of one
// never reaches another. Every two bytes remember whether they were written,
// and who in the current launch wrote and read them last: blocks run in any
// order, so what one writes no other may touch, unless atomics order the two.
//
// Time is divided into segments: one begins with every block and after every
// atomic operation of a block. An atomic operation tells the next one on the
// same address which segments are over, and those that came before.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_GLOBALMEMORY_H
#define SPMMPLU_LIB_EMULATOR_GLOBALMEMORY_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseMap.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir::spmmplu::emulator {

/// Bytes that share a shadow: the least that a kernel writes at once.
constexpr uint32_t kGranule = 2;

struct Allocation {
  uint64_t address = 0;
  std::vector<char> data;
  std::vector<uint8_t> isWritten; ///< of a granule, as below
  std::vector<uint32_t> writers;  ///< segments; 0 is before all launches
  std::vector<uint32_t> readers;
  bool isConstant = false; ///< a program's: no launch ever writes it
};

/// Who accesses memory: the host, between launches; the block that runs; or
/// that block while earlier launches may not have ended, to which only
/// constants are there.
enum class Accessor { Host, Block, EarlyBlock };

class GlobalMemory {
public:
  explicit GlobalMemory(int64_t maxBytes) : maxBytes(maxBytes) {}

  /// Null if there is no memory left. Bytes are 0xff.
  Allocation *allocate(int64_t bytes, bool isWritten);
  /// False if no allocation begins there.
  bool release(uint64_t address) { return allocations.erase(address); }
  /// The last allocation that begins at or before an address.
  Allocation *find(uint64_t address);

  /// The last segment of a block that is known to be over.
  using Known = DenseMap<uint32_t, uint32_t>;
  /// Where a block is: of several that take turns each has its own.
  struct Turn {
    uint32_t block = 0;
    uint32_t segment = 0;
    Known known;
  };

  /// What earlier launches did no longer matters.
  void beginLaunch();
  /// A block that has not entered yet.
  Turn beginBlock();
  /// Accesses are the block's from here on; the turn belongs to the caller.
  void enter(Turn &turn) { current = &turn; }

  /// Accesses of `size` bytes; `data` receives or gives them. They return what
  /// is wrong, if something is.
  using Wrong = std::optional<std::string>;
  Wrong read(uint64_t address, uint32_t size, char *data, Accessor accessor);
  /// Whether an allocation has the byte.
  Wrong checkExists(uint64_t address);
  Wrong write(uint64_t address, uint32_t size, const char *data,
              Accessor accessor);
  /// Adds to an i32, acquires and releases; `before` receives the old value.
  Wrong addAtomically(uint64_t address, uint32_t value, uint32_t &before,
                      Accessor accessor);

private:
  Wrong locate(uint64_t address, uint64_t size, Allocation *&allocation);
  /// Whether what happened in `segment` may happen at the same time.
  bool isConcurrent(uint32_t segment) const;
  void beginSegment(Turn &turn);

  std::map<uint64_t, std::unique_ptr<Allocation>> allocations;
  uint64_t nextAddress = uint64_t(1) << 36;
  int64_t maxBytes;
  int64_t usedBytes = 0;

  uint32_t base = 0;     ///< the last segment of earlier launches
  uint32_t segments = 0; ///< that have begun
  uint32_t begun = 0;    ///< blocks
  Turn *current = nullptr;
  std::vector<uint32_t> blocks;       ///< of the segments after `base`
  std::map<uint64_t, Known> released; ///< by address of atomics
};

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_GLOBALMEMORY_H
