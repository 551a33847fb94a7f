//===- AsyncEmitter.h - mbarriers, bulk copies, wgmma ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The vocabulary of Hopper's asynchronous units, beside `DeviceEmitter`.
// Barriers are pointers to 8 bytes of shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ASYNCEMITTER_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ASYNCEMITTER_H

#include "Emitter.h"

namespace mlir::spmmplu {

class AsyncEmitter {
public:
  explicit AsyncEmitter(DeviceEmitter &e) : e(e), b(e.b), loc(e.loc) {}

  // mbarriers.
  void initBarrier(Value barrier, int64_t arrivals);
  /// After the inits, before `meet`: copies see them.
  void fenceBarriers();
  /// Threads of the block, or of a cluster of so many, that will use barriers:
  /// all that they know of each other then.
  void meet(int64_t cluster);
  void arrive(Value barrier);
  /// At the barrier that block `rank` of the cluster has at the same place.
  /// Only what was read before is over by then: to release writes to the
  /// cluster takes a fence of the whole device, 1.4 us on an H100.
  void arriveAt(Value barrier, int64_t rank);
  /// Arrives, and `bytes` of copies must land before the phase completes.
  void arriveExpecting(Value barrier, int64_t bytes) {
    arriveExpecting(barrier, e.i32(bytes));
  }
  void arriveExpecting(Value barrier, Value bytes);
  /// Arrives once all `copyAsync` of this thread so far have landed.
  void arriveAfterCopies(Value barrier);
  /// Until the phase of that parity is complete.
  void wait(Value barrier, Value parity);

  // Copies of one thread from device to shared memory, counted by `barrier`.
  // With `blocks`, to the first so many blocks of the cluster.
  void copyBulk(Value shared, Value global, int64_t bytes, Value barrier,
                int64_t blocks = 1) {
    copyBulk(shared, global, e.i32(bytes), barrier, blocks);
  }
  void copyBulk(Value shared, Value global, Value bytes, Value barrier,
                int64_t blocks = 1);
  /// Asks the L2 for `bytes` (i32) at an address; multiples of 16.
  void prefetch(Value global, Value bytes);
  /// Asks for a tensor map itself, before the first copy does.
  void prefetchMap(Value map);
  /// The box at (row, col) of a tensor map; zeros outside of the matrix.
  void copyBox(Value shared, Value map, Value row, Value col, Value barrier,
               int64_t blocks = 1);

  // Blocks of a cluster.
  /// The block's number in its cluster.
  Value clusterRank();
  /// Until all threads of the cluster are here; they see what the others have
  /// written before. All lanes of a warp.
  void clusterBarrier();
  /// The place in another block's shared memory that `shared` is in the own.
  Value inBlock(Value shared, Value rank);

  // Threads.
  /// True in one lane of the warp.
  Value elect();
  /// What this thread has seen written to shared memory, asynchronous units see
  /// from here on.
  void fenceProxy();
  /// Sets the register limit of a warpgroup that had `before`.
  void setRegisters(int64_t count, int64_t before);
  /// A barrier of `threads` threads; 0 is the block's.
  void barrier(Value id, int64_t threads);

  /// 1, 2 or 4 8 x 8 matrices of 16-bit elements, a register (i32) each.
  void storeMatrix(Value pointer, ValueRange registers, bool transpose);

  // wgmma.
  /// The 32-bit address of shared memory.
  Value sharedAddress();
  /// A descriptor of a matrix in 128-byte swizzle from `address` (i32, a
  /// multiple of 16) on; byte strides between its groups of 64 elements and of
  /// 8 lines.
  Value descriptor(Value address, int64_t groupStride, int64_t lineStride);
  void fenceWgmma();
  void commitWgmma();
  /// Until at most `pending` groups are in flight; the accumulators after it.
  SmallVector<Value> waitWgmma(int64_t pending, ValueRange accumulators);

private:
  Value multicastMask(int64_t blocks);

  DeviceEmitter &e;
  OpBuilder &b;
  Location loc;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ASYNCEMITTER_H
