//===- ChainTile.cpp - Copies of a chain's tile ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChainTile.h"

#include "AffineIndex.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr int64_t kChunk = 16; ///< bytes of the widest access
static constexpr int64_t kLanes = 32; ///< of a warp

ChainTile ChainTile::get(KernelOp op, const KernelContext &c) {
  StrategyAttr s = op.getStrategy();
  AffineMap map = op.getMap(Role::Rhs);
  // The rhs tile lies as the rhs does: along k where k is its last dimension.
  bool byColumn =
      map.getNumResults() > 0 && map.getResult(map.getNumResults() - 1) ==
                                     getAffineDimExpr(0, op.getContext());
  // Without stages the warps beside each other share the steps, not columns.
  bool streams = s.getStages() == 0;
  return {s.getRows(),
          s.getVectors() * c.intrinsic.j,
          s.getStep(),
          s.getStages(),
          s.getWarpsI(),
          streams ? 1 : s.getWarpsJ(),
          streams ? s.getWarpsJ() : 1,
          s.getDepth(),
          c.intrinsic.sparse,
          !byColumn,
          int64_t(c.input.getIntOrFloatBitWidth() / 8)};
}

//===----------------------------------------------------------------------===//
// ChainCopies
//===----------------------------------------------------------------------===//

/// See `ChainCopies::equalCount`.
static int64_t getEqualCount(ChainsAttr chains) {
  SmallVector<char> storage;
  ArrayRef<int32_t> ptr = getValues<int32_t>(chains.getChainPtr(), storage);
  if (ptr.size() < 2)
    return 0;
  for (auto [at, begin] : llvm::enumerate(ptr))
    if (begin != int64_t(at) * ptr[1])
      return 0;
  return ptr[1];
}

/// Whether each chain of `count` entries is the run of k from 0 on.
static bool areRuns(ChainsAttr chains, int64_t count) {
  SmallVector<char> storage;
  ArrayRef<int32_t> entries = getValues<int32_t>(chains.getEntries(), storage);
  return count && llvm::all_of(llvm::enumerate(entries), [&](auto entry) {
           return entry.value() ==
                  int64_t(entry.index()) % count * chains.getDepth();
         });
}

ChainCopies::ChainCopies(KernelBuilder &k, const KernelContext &c,
                         const ChainTile &tile)
    : k(k), e(k.e), c(c), tile(tile), chains(cast<ChainsAttr>(k.op.getTable())),
      equalCount(getEqualCount(chains)), isRun(areRuns(chains, equalCount)) {
  // Values of a stream that looks up its entries are better requested a little
  // later: they would delay the rhs of the launch before.
  if (tile.stages == 0 && !isRun)
    equalCount = 0;
  int64_t columns = k.op.getExtent(Axis::J);
  isCut = ShapedType::isDynamic(columns) || columns % tile.cols != 0;
}

void ChainCopies::begin(Value threadId) {
  thread = threadId;
  values = k.pointer(k.op.getLhs());
  if (!equalCount) {
    chainPtr = k.table(1);
    order = k.table(3);
  }
  if (!isRun)
    entries = k.table(2);
  if (tile.sparse)
    metadata = k.table(4);
  placeRhs();
  out = k.operand(Role::Out);
  cols = k.number(k.hostExtent(Axis::J));

  Value block = e.blockX();
  panel = e.rem(block, panels());
  firstCol = e.mul(e.div(block, panels()), tile.cols);
  Value count = e.i32(equalCount);
  if (equalCount) {
    // Their order by length is that of the panels.
    firstEntry = e.mul(panel, equalCount);
  } else {
    panel = e.loadWord(order, panel);
    firstEntry = e.loadWord(chainPtr, panel);
    count = e.sub(e.loadWord(chainPtr, e.add(panel, 1)), firstEntry);
  }
  stepCount = e.div(count, tile.step / tile.depth);
  // The chain's values and metadata are contiguous, step by step.
  Value columns = e.mul(e.widen(firstEntry), tile.depth);
  values = e.at(values, e.mul(columns, tile.lhsBytes() / tile.step));
  if (tile.sparse)
    metadata = e.at(metadata, e.mul(columns, tile.metadataBytes() / tile.step));
}

/// A matrix whose lines may not be aligned is copied by a launch of its own
/// where they are not: kernels that could do with either are several times as
/// long and, with what the caches of instructions hold, as slow.
void ChainCopies::placeRhs() {
  rhs = k.operand(Role::Rhs);
  if (k.op->hasAttr("rhs_padded"))
    findSizes();
  chunked = (tile.rhsByRow ? rhs.contiguousInY() : rhs.contiguousInX()) &&
            rhsSizes.empty() &&
            // A chunk along k must not leave its entry.
            (tile.rhsByRow || tile.depth % tile.perChunk() == 0);
  if (!chunked || AlignedMatrix::isPlain(k.op.getRhs()))
    return;
  alignedRhs.emplace(k, k.op.getRhs());
  rhs.pointer = k.address(alignedRhs->getAddress());
  (tile.rhsByRow ? rhs.xStride : rhs.yStride) =
      k.number(alignedRhs->getStride());
}

void ChainCopies::finish() {
  if (alignedRhs)
    alignedRhs->release();
}

void ChainCopies::findSizes() {
  Value memref = k.op.getRhs();
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim)
    rhsSizes.push_back(k.number(
        k.host.createOrFold<memref::DimOp>(k.op.getLoc(), memref, dim)));
}

Value ChainCopies::isInside(Value kAt, Value j) {
  Value inside;
  for (auto [result, size] : llvm::zip(rhs.map.getResults(), rhsSizes)) {
    // Unsigned, a coordinate below zero is larger than any size.
    Value here = e.compare(arith::CmpIPredicate::ult,
                           evaluateIndex(e, result, kAt, j), size);
    inside = inside ? e.both(inside, here) : here;
  }
  return inside;
}

void ChainCopies::request(Value step, Value stage, ValueRange entries) {
  requestLhs(step, stage);
  requestRhs(step, stage, entries);
}

void ChainCopies::requestLhs(Value step, Value stage) {
  Value wide = e.widen(step);
  Value to = e.at(e.shared(), stage);
  copyContiguous(e.at(values, e.mul(wide, tile.lhsBytes())), tile.lhsBytes(),
                 to);
  if (tile.sparse)
    copyContiguous(e.at(metadata, e.mul(wide, tile.metadataBytes())),
                   tile.metadataBytes(), e.at(to, tile.lhsBytes()));
}

void ChainCopies::requestRhs(Value step, Value stage, ValueRange entries) {
  held = entries;
  copyRhs(step, e.at(e.at(e.shared(), stage),
                     tile.lhsBytes() + tile.metadataBytes()));
}

void ChainCopies::prefetchRhs(Value thread, int64_t threads) {
  if (!chunked || !tile.rhsByRow)
    return;
  Value row = e.add(e.mul(e.blockX(), threads), thread);
  e.ifThen(e.less(row, k.number(k.hostExtent(Axis::K))),
           [&] { e.prefetch(rhs.address(e, row, e.i32(0))); });
}

void ChainCopies::copyContiguous(Value from, int64_t bytes, Value shared) {
  int64_t sweep = tile.threads() * kChunk;
  for (int64_t at = 0; at < bytes; at += sweep) {
    Value offset = e.add(e.mul(thread, kChunk), at);
    auto copy = [&] { e.copyAsync(e.at(shared, offset), e.at(from, offset)); };
    if (at + sweep <= bytes)
      copy();
    else
      e.ifThen(e.less(offset, bytes), copy);
  }
}

void ChainCopies::copyRhs(Value step, Value shared) {
  int64_t chunks = tile.rhsBytes() / kChunk;
  for (int64_t at = 0; at < chunks; at += tile.threads()) {
    // A warp's chunks are of rows whose entries one register holds.
    heldAt = tile.rhsByRow ? at / tile.rhsChunks() / tile.depth / kLanes : 0;
    Value chunk = e.add(thread, at);
    if (at + tile.threads() <= chunks)
      copyChunk(step, chunk, shared);
    else
      e.ifThen(e.less(chunk, chunks), [&] { copyChunk(step, chunk, shared); });
  }
}

Value ChainCopies::chunkOffset(Value row, Value chunk) {
  int64_t count = tile.rhsChunks();
  if (tile.rhsByRow && tile.width == 4) {
    // Two chunks are the columns of a tile; four rows must be in other banks.
    Value twist = count >= 8 ? e.bitAnd(row, 3)
                             : e.bitAnd(e.div(e.mul(row, count), 8),
                                        std::max<int64_t>(count / 2 - 1, 0));
    chunk = e.bitXor(chunk, e.mul(twist, 2));
    return e.mul(e.add(e.mul(row, count), chunk), kChunk);
  }
  // Eight rows at one chunk must differ in (address / 16) mod 8.
  Value twist = count >= 8 ? e.bitAnd(row, 7)
                           : e.bitAnd(e.div(e.mul(row, count), 8), count - 1);
  return e.mul(e.add(e.mul(row, count), e.bitXor(chunk, twist)), kChunk);
}

int64_t ChainCopies::entryCount() const {
  return cast<MemRefType>(k.op.getTables()[2].getType()).getNumElements();
}

int64_t ChainCopies::heldEntries() const {
  int64_t chunks = tile.rhsBytes() / kChunk;
  // All lanes take part in all copies.
  bool holds = !isRun && chunked && tile.threads() == kLanes &&
               chunks % kLanes == 0 && entryCount() > 0;
  return holds ? llvm::divideCeil(tile.step / tile.depth, kLanes) : 0;
}

SmallVector<Value> ChainCopies::loadEntries(Value step) {
  int64_t perStep = tile.step / tile.depth;
  SmallVector<Value> loaded;
  for (int64_t n = 0; n < heldEntries(); ++n) {
    Value at =
        e.add(e.add(firstEntry, e.mul(step, perStep)),
              e.add(e.rem(thread, std::min(perStep, kLanes)), n * kLanes));
    at = e.min(at, e.i32(entryCount() - 1)); // the last step has none to follow
    loaded.push_back(e.loadWord(entries, at));
  }
  return loaded;
}

Value ChainCopies::globalK(Value step, Value local) {
  if (isRun)
    return e.add(e.mul(step, tile.step), local);
  int64_t perStep = tile.step / tile.depth;
  auto within = [&](Value first) {
    return tile.depth == 1 ? first : e.add(first, e.rem(local, tile.depth));
  };
  if (!held.empty())
    return within(
        e.shuffle(held[heldAt], e.rem(e.div(local, tile.depth), kLanes)));
  Value entry =
      e.add(e.add(firstEntry, e.mul(step, perStep)), e.div(local, tile.depth));
  return within(e.loadWord(entries, entry));
}

void ChainCopies::copyChunk(Value step, Value at, Value shared) {
  Value row = e.div(at, tile.rhsChunks()), chunk = e.rem(at, tile.rhsChunks());
  Value target = e.at(shared, chunkOffset(row, chunk));
  if (!chunked)
    return e.store(gather(step, row, chunk), target, kChunk);
  int64_t count = tile.perChunk();
  Value kAt = globalK(step, tile.rhsByRow ? row : e.mul(chunk, count));
  Value j = e.add(firstCol, tile.rhsByRow ? e.mul(chunk, count) : row);
  if (!isCut)
    return e.copyAsync(target, rhs.address(e, kAt, j));
  Value left = e.sub(cols, j);
  // Outside of the matrix nothing is read, but the address must be valid.
  Value inside = e.less(e.i32(0), left);
  Value bytes =
      tile.rhsByRow
          ? e.mul(e.max(e.i32(0), e.min(left, e.i32(count))), tile.width)
          : e.select(inside, e.i32(kChunk), e.i32(0));
  Value from = rhs.address(e, kAt, e.select(inside, j, e.i32(0)));
  e.copyAsync(target, from, bytes);
}

/// A chunk's elements one by one: for an rhs whose entries are narrower than a
/// chunk, or that a map scatters.
Value ChainCopies::gather(Value step, Value row, Value chunk) {
  SmallVector<Value> elements;
  for (int64_t n = 0; n < tile.perChunk(); ++n) {
    Value along = e.add(e.mul(chunk, tile.perChunk()), n);
    Value j = e.add(firstCol, tile.rhsByRow ? along : row);
    auto zero = [&] { return e.zero(c.input); };
    elements.push_back(e.ifValue(
        e.less(j, cols),
        [&] {
          Value kAt = globalK(step, tile.rhsByRow ? row : along);
          auto load = [&] { return e.load(c.input, rhs.address(e, kAt, j)); };
          Value exists = isInside(kAt, j);
          return exists ? e.ifValue(exists, load, zero) : load();
        },
        zero));
  }
  return e.fromElements(elements);
}
