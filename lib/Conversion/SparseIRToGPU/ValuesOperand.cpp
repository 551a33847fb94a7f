//===- ValuesOperand.cpp - Values of places on the device ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ValuesOperand.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::spmmplu;

ValuesOperand::ValuesOperand(KernelBuilder &k, const KernelContext &c,
                             Role role) {
  Value memref = k.op.getOperandOf(role).get();
  auto type = cast<MemRefType>(memref.getType());
  DeviceEmitter &e = k.e;
  pointer = k.pointer(memref);
  element = type.getElementType();
  count = type.getDimSize(0);
  auto [strides, first] = type.getStridesAndOffset();
  // Whole buffers are aligned.
  isKnownAligned = !ShapedType::isDynamic(first) && first % perChunk() == 0;
  if (Value stride = c.batch.count ? c.batch.strides[int(role)] : Value()) {
    auto constant = getConstantIntValue(stride);
    isKnownAligned &= constant && *constant % perChunk() == 0;
    Value by = e.widen(k.number(stride));
    pointer = e.at(pointer, e.mul(e.mul(e.widen(k.slice()), by), width()));
  }
  phase = e.i32(0);
  if (isKnownAligned)
    return;
  Value address =
      LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI64Type(), pointer);
  Value beyond = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                         e.bitAnd(address, kChunkBytes - 1));
  pointer = e.at(pointer, e.sub(e.i32(0), beyond));
  phase = e.div(beyond, width());
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

Value mlir::spmmplu::countBits(DeviceEmitter &e, Value bits) {
  return LLVM::CtPopOp::create(e.b, e.loc, bits.getType(), bits);
}

DeviceRun DeviceRun::load(DeviceEmitter &e, Value address) {
  Value words = e.load(e.vector(4, e.b.getI32Type()), address, kChunkBytes);
  return {e.extract(words, 0), e.extract(words, 1), e.extract(words, 2),
          e.extract(words, 3)};
}

DeviceRun DeviceRun::part(DeviceEmitter &e, Value firstCol,
                          int64_t cols) const {
  if (cols == 64)
    return *this;
  // What is below lies in `low`, in both words if the part is of `high`.
  Value isLow = e.less(firstCol, 32), shift = e.rem(firstCol, 32);
  Value word = e.select(isLow, low, high);
  Value belowBits =
      e.sub(arith::ShLIOp::create(e.b, e.loc, e.i32(1), shift), e.i32(1));
  Value before = countBits(e, e.both(word, belowBits));
  before = e.add(before, e.select(isLow, e.i32(0), countBits(e, low)));
  word = arith::ShRUIOp::create(e.b, e.loc, word, shift);
  if (cols < 32)
    word = e.bitAnd(word, (int64_t(1) << cols) - 1);
  return {e.add(first, before), countBits(e, word), word, e.i32(0)};
}

PairPlaces::PairPlaces(DeviceEmitter &e, Value lane) : e(e) {
  Value within = e.mul(e.rem(lane, 4), 2);
  for (int64_t j = 0; j < 4; ++j) {
    Value shift = e.add(within, 8 * j);
    bit.push_back(arith::ShLIOp::create(e.b, e.loc, e.i32(1), shift));
    below.push_back(e.sub(bit.back(), e.i32(1)));
  }
}

PairPlaces::Pair PairPlaces::find(const DeviceRun &run, int64_t j) {
  Value word = run.wordOf(8 * j), at = bit[j % 4];
  auto isSet = [&](Value mask) {
    return e.compare(arith::CmpIPredicate::ne, e.both(word, mask), e.i32(0));
  };
  Value place = countBits(e, e.both(word, below[j % 4]));
  if (8 * j >= 32)
    place = e.add(place, countBits(e, run.low));
  Value first = isSet(at), second = isSet(e.add(at, at));
  Value next = e.select(first, e.add(place, 1), place);
  return {place, next, first, second};
}

//===----------------------------------------------------------------------===//
// ValueStore
//===----------------------------------------------------------------------===//

/// Whether every run is all of a tile's row and begins at a whole chunk.
static bool areRunsWhole(KernelOp op, int64_t cols, int64_t perChunk) {
  auto tiles = cast<TilesAttr>(op.getTable());
  SmallVector<char> storage;
  for (int32_t offset : getValues<int32_t>(tiles.getMaskOffset(), storage))
    if (offset >= 0)
      return false;
  // Rows are whole tiles, so it is enough to look at the mask's rows.
  FailureOr<Mask> places = op.getOutPlaces()->resolveMask(
      op.getExtent(Axis::I), op.getExtent(Axis::J));
  if (failed(places) || cols % perChunk)
    return false;
  ArrayRef<int32_t> granules =
      getValues<int32_t>(tiles.getGranuleCols(), storage);
  for (size_t at = 0; at < granules.size(); at += cols)
    if (granules[at] % perChunk)
      return false;
  for (int64_t row = 0; row < places->rows(); ++row)
    for (int64_t col = 0; col < places->cols(); col += perChunk) {
      int64_t end = std::min(col + perChunk, places->cols());
      int64_t set = places->countRange(row, col, end);
      if (set != 0 && set != perChunk)
        return false;
    }
  return true;
}

/// Whether the bits of every row of a tile are next to each other.
static bool areRowsRanges(KernelOp op) {
  SmallVector<char> storage;
  auto tiles = cast<TilesAttr>(op.getTable());
  return llvm::all_of(
      getValues<uint64_t>(tiles.getMasks(), storage),
      [](uint64_t bits) { return bits == 0 || llvm::isShiftedMask_64(bits); });
}

ValueStore::ValueStore(KernelBuilder &k, const KernelContext &c,
                       MaskedStore::Shape shape, Value runs)
    : e(k.e), shape(shape), out(k, c, Role::Out), runs(runs),
      accumulate(k.op.getAccumulate()),
      isWhole(out.isKnownAligned &&
              areRunsWhole(k.op, shape.cols, out.perChunk())),
      isRange(areRowsRanges(k.op)),
      scratchType(accumulate ? Type(k.device.getF32Type()) : out.element) {}

SmallVector<DeviceRun> ValueStore::fetch(Value tile, Value lane, Value firstRow,
                                         Value firstCol) {
  SmallVector<DeviceRun> fetched;
  Value first = e.add(e.add(e.mul(tile, shape.rows), firstRow), e.div(lane, 4));
  for (int64_t row = 0; row < shape.warpRows; row += 8) {
    Value at = e.mul(e.add(first, row), kChunkBytes);
    fetched.push_back(
        DeviceRun::load(e, e.at(runs, at)).part(e, firstCol, shape.warpCols));
  }
  return fetched;
}

void ValueStore::write(ValueRange sums, Value scratch, Value warp, Value lane,
                       ArrayRef<DeviceRun> fetched) {
  Value base = e.at(scratch, e.mul(warp, warpBytes()));
  syncWarp(e); // the tile before has been read
  pack(sums, base, lane, fetched);
  syncWarp(e);
  flush(base, lane);
}

void ValueStore::pack(ValueRange sums, Value base, Value lane,
                      ArrayRef<DeviceRun> fetched) {
  int64_t tilesJ = shape.warpCols / 8;
  PairPlaces places(e, lane);
  Value heads = e.at(base, shape.warpRows * pitch());
  for (auto [n, run] : llvm::enumerate(fetched)) {
    Value row = e.add(e.div(lane, 4), int64_t(n) * 8);
    Value line = e.at(base, e.mul(row, pitch()));
    SmallVector<Value> pairs;
    for (int64_t j = 0; j < tilesJ; ++j) {
      Value values = e.convert(sums[n / 2 * tilesJ + j], scratchType);
      pairs.push_back(e.slice(values, 2 * (n % 2), 2));
    }
    // Where the line's values are, and what number its beginning has.
    Value number = e.add(out.phase, run.first), before = e.i32(0);
    if (isRange && !isWhole)
      before = countBelow(run);
    Value shift =
        isWhole ? e.i32(0) : e.bitAnd(e.sub(number, before), size() - 1);
    Value lane4 = e.rem(lane, 4);
    Value begin = e.add(shift, before);
    e.ifThen(e.equal(lane4, 0), [&] {
      e.store(e.fromElements({e.sub(number, begin), begin,
                              e.add(begin, run.count), e.i32(0)}),
              e.at(heads, e.mul(row, kChunkBytes)), kChunkBytes);
    });
    line = e.at(line, e.mul(shift, width()));
    if (!isRange) {
      packRow(pairs, run, line, places);
      continue;
    }
    Value at = e.at(line, e.mul(lane4, 2 * width()));
    for (auto [j, pair] : llvm::enumerate(pairs)) {
      Value to = e.at(at, int64_t(j) * 8 * width());
      if (isWhole) {
        e.store(pair, to, 2 * width());
        continue;
      }
      e.store(e.extract(pair, 0), to, width());
      e.store(e.extract(pair, 1), e.at(to, width()), width());
    }
  }
}

/// The columns before a run's first bit.
Value ValueStore::countBelow(const DeviceRun &run) {
  auto below = [&](Value word) {
    Value lowest = e.both(word, e.sub(e.i32(0), word));
    return countBits(e, e.sub(lowest, e.i32(1)));
  };
  Value high = e.select(e.equal(run.low, 0), below(run.high), e.i32(0));
  return e.add(below(run.low), high);
}

void ValueStore::packRow(ArrayRef<Value> pairs, const DeviceRun &run,
                         Value line, PairPlaces &places) {
  for (auto [j, pair] : llvm::enumerate(pairs)) {
    PairPlaces::Pair found = places.find(run, int64_t(j));
    auto put = [&](Value isThere, Value place, int64_t n) {
      e.ifThen(isThere, [&] {
        e.store(e.extract(pair, n), e.at(line, e.mul(place, width())), width());
      });
    };
    put(found.first, found.place, 0);
    put(found.second, found.next, 1);
  }
}

/// Lanes take the chunks of 16 bytes that a row's run touches in device memory.
void ValueStore::flush(Value base, Value lane) {
  int64_t perRow = shape.warpCols / size() + !isWhole;
  int64_t count = shape.warpRows * perRow;
  Value heads = e.at(base, shape.warpRows * pitch());
  for (int64_t from = 0; from < count; from += 32) {
    Value at = e.add(lane, from);
    auto store = [&] {
      Value r = e.div(at, perRow), chunk = e.mul(e.rem(at, perRow), size());
      Value head = e.load(e.vector(4, e.b.getI32Type()),
                          e.at(heads, e.mul(r, kChunkBytes)), kChunkBytes);
      Value source =
          e.at(base, e.add(e.mul(r, pitch()), e.mul(chunk, width())));
      Value to = out.address(e, e.add(e.extract(head, 0), chunk));
      if (isWhole)
        return storeChunk(source, to, Value(), Value());
      storeChunk(source, to, e.sub(e.extract(head, 1), chunk),
                 e.sub(e.extract(head, 2), chunk));
    };
    if (from + 32 <= count)
      store();
    else
      e.ifThen(e.less(at, count), store);
  }
}

/// Stores elements [begin, end) of a chunk of scratch; all if they are null.
void ValueStore::storeChunk(Value source, Value to, Value begin, Value end) {
  auto whole = [&] {
    Value values = e.load(e.vector(size(), scratchType), source, kChunkBytes);
    e.store(add(values, to, size()), to, kChunkBytes);
  };
  if (!begin)
    return whole();
  Value isAll = e.both(e.less(begin, 1), e.less(e.i32(size() - 1), end));
  e.ifThen(isAll, whole, [&] {
    for (int64_t n = 0; n < size(); ++n)
      e.ifThen(e.both(e.less(begin, n + 1), e.less(e.i32(n), end)), [&] {
        Value from = e.at(source, n * width()), at = e.at(to, n * out.width());
        e.store(add(e.load(scratchType, from, width()), at, 1), at,
                out.width());
      });
  });
}

/// `value` as it is stored, with the `count` elements at `to` added first.
Value ValueStore::add(Value value, Value to, int64_t count) {
  if (accumulate) {
    Type type = count > 1 ? Type(e.vector(count, out.element)) : out.element;
    Value before = e.load(type, to, count * out.width());
    value = arith::AddFOp::create(e.b, e.loc, value,
                                  e.convert(before, scratchType));
  }
  return e.convert(value, out.element);
}
