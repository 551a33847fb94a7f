//===- ChainWarpgroupShared.cpp - Sums of a shared chain -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With few tiles some SMs would have none, and narrow tiles read the packed
// values again and again. So the blocks of a cluster take parts of a chain. A
// block then has sums of the whole tile, and stores a part of its columns: the
// others' sums of these come into its shared memory.
//
//===----------------------------------------------------------------------===//

#include "ChainWarpgroupKernel.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kQuad = 4; ///< sums of a 16-byte access

Value SharedSums::place(Value sender, Value group, int64_t rowBlock,
                        int64_t quad, Value thread) {
  int64_t rowBlocks = tile.groupRows() / 64, quads = tile.ownSums() / kQuad;
  Value at = e.add(e.mul(sender, tile.groups()), group);
  at = e.add(e.mul(at, rowBlocks * quads), rowBlock * quads + quad);
  return e.add(e.mul(e.add(e.mul(at, 128), thread), kQuad * 4),
               tile.receivedOffset());
}

void SharedSums::send(ArrayRef<Value> sums, Value rank, Value thread,
                      Value group) {
  for (int64_t to = 0; to < tile.split; ++to) {
    Value isOther = e.compare(arith::CmpIPredicate::ne, rank, e.i32(to));
    e.ifThen(isOther, [&] {
      Value sender = e.select(e.less(rank, to), rank, e.sub(rank, e.i32(1)));
      Value memory = async.inBlock(e.shared(), e.i32(to));
      for (auto [n, sum] : llvm::enumerate(sums))
        for (int64_t quad = 0; quad < tile.ownSums() / kQuad; ++quad) {
          Value four = e.slice(sum, to * tile.ownSums() + quad * kQuad, kQuad);
          e.store(four, e.at(memory, place(sender, group, n, quad, thread)),
                  kQuad * 4);
        }
    });
  }
}

SmallVector<Value> SharedSums::exchange(ArrayRef<Value> sums, Value thread,
                                        Value group) {
  Value rank = async.clusterRank();
  send(sums, rank, thread, group);
  meet(); // all sums have come
  SmallVector<Value> own;
  for (auto [n, sum] : llvm::enumerate(sums)) {
    SmallVector<Value> elements;
    for (int64_t quad = 0; quad < tile.ownSums() / kQuad; ++quad) {
      Value total = e.slice(sum, quad * kQuad, kQuad);
      for (int64_t part = 1; part < tile.split; ++part)
        total = e.select(
            e.equal(rank, part),
            e.slice(sum, part * tile.ownSums() + quad * kQuad, kQuad), total);
      for (int64_t sender = 0; sender < tile.split - 1; ++sender) {
        Value at = place(e.i32(sender), group, n, quad, thread);
        Value theirs = e.load(total.getType(), e.at(e.shared(), at), kQuad * 4);
        total = arith::AddFOp::create(e.b, e.loc, total, theirs);
      }
      for (int64_t at = 0; at < kQuad; ++at)
        elements.push_back(e.extract(total, at));
    }
    own.push_back(e.fromElements(elements));
  }
  return own;
}
