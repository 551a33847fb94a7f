//===- ValuesOperand.cpp - Values of places on the device ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ValuesOperand.h"

#include "spmmplu/Segmentation/ValueRuns.h"

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
    sliceBytes = e.mul(e.widen(k.number(stride)), width());
  }
}

ValuesOperand ValuesOperand::of(DeviceEmitter &e, Value slice,
                                int64_t alignment) const {
  ValuesOperand one = *this;
  if (sliceBytes)
    one.pointer = e.at(pointer, e.mul(e.widen(slice), sliceBytes));
  one.phase = e.i32(0);
  if (isKnownAligned)
    return one;
  Value address =
      LLVM::PtrToIntOp::create(e.b, e.loc, e.b.getI64Type(), one.pointer);
  Value beyond = arith::TruncIOp::create(e.b, e.loc, e.b.getI32Type(),
                                         e.bitAnd(address, alignment - 1));
  one.pointer = e.at(one.pointer, e.sub(e.i32(0), beyond));
  one.phase = e.div(beyond, width());
  return one;
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
                       MaskedStore::Shape shape)
    : e(k.e), shape(shape), all(k, c, Role::Out), out(all),
      accumulate(k.op.getAccumulate()),
      isWhole(out.isKnownAligned &&
              areRunsWhole(k.op, shape.cols, out.perChunk())),
      isRange(areRowsRanges(k.op)),
      scratchType(accumulate ? Type(k.device.getF32Type()) : out.element) {}

void ValueStore::clear(Value scratch, Value warp, Value lane) {
  Value base = e.at(scratch, e.mul(warp, warpBytes()));
  Value none = e.zero(e.vector(4, e.b.getI32Type()));
  int64_t chunks = warpBytes() / kChunkBytes;
  for (int64_t from = 0; from < chunks; from += 32) {
    Value at = e.add(lane, from);
    auto fill = [&] {
      e.store(none, e.at(base, e.mul(at, kChunkBytes)), kChunkBytes);
    };
    if (from + 32 <= chunks)
      fill();
    else
      e.ifThen(e.less(at, chunks), fill);
  }
}

SmallVector<ValueStore::Run> ValueStore::fetch(Value runs, Value lane,
                                               Value firstRow, Value firstCol,
                                               Value isFirst, Value isLast) {
  SmallVector<Run> fetched;
  Value first = e.add(firstRow, e.div(lane, 4));
  Value no = e.equal(e.i32(0), 1);
  for (int64_t row = 0; row < shape.warpRows; row += 8) {
    Value at = e.mul(e.add(first, row), kChunkBytes);
    DeviceRun run = DeviceRun::load(e, e.at(runs, at));
    auto isMarked = [&](int64_t mark) {
      return e.compare(arith::CmpIPredicate::ne, e.bitAnd(run.count, mark),
                       e.i32(0));
    };
    Value resumes = e.select(isFirst, no, isMarked(kResumes));
    Value goesOn = e.select(isLast, no, isMarked(kGoesOn));
    run.count = e.bitAnd(run.count, kResumes - 1);
    fetched.push_back({run.part(e, firstCol, shape.warpCols), resumes, goesOn});
  }
  return fetched;
}

void ValueStore::write(ValueRange sums, Value scratch, Value warp, Value lane,
                       Value slice, Value areRanges, ArrayRef<Run> fetched) {
  out = all.of(e, slice, kSectorBytes);
  Value base = e.at(scratch, e.mul(warp, warpBytes()));
  syncWarp(e); // the tile before has been read
  auto packAs = [&](bool asRanges) {
    return [&, asRanges] { pack(sums, base, lane, fetched, asRanges); };
  };
  if (isRange)
    packAs(true)();
  else
    e.ifThen(areRanges, packAs(true), packAs(false));
  syncWarp(e);
  flush(base, lane);
  if (carries())
    carry(base, lane);
}

void ValueStore::pack(ValueRange sums, Value base, Value lane,
                      ArrayRef<Run> fetched, bool asRanges) {
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
    if (asRanges && !isWhole)
      before = countBelow(run);
    Value shift =
        isWhole ? e.i32(0) : e.bitAnd(e.sub(number, before), perSector() - 1);
    Value lane4 = e.rem(lane, 4);
    e.ifThen(e.equal(lane4, 0), [&] {
      storeHead(run, e.at(heads, e.mul(row, kChunkBytes)), number,
                e.add(shift, before));
    });
    line = e.at(line, e.mul(shift, width()));
    if (!asRanges) {
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

/// What the row before this tile left is before `begin`, from the line's
/// beginning on.
void ValueStore::storeHead(const Run &run, Value head, Value number,
                           Value begin) {
  Value from = begin, to = e.add(begin, run.count), waits = e.i32(-1);
  if (carries()) {
    Value whole = e.bitAnd(to, -perSector());
    from = e.select(run.resumes, e.i32(0), from);
    to = e.select(run.goesOn, whole, to);
    waits = e.select(run.goesOn, whole, waits);
  }
  e.store(e.fromElements({e.sub(number, begin), from, to, waits}), head,
          kChunkBytes);
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

/// As `storeHead` stored it.
DeviceRun ValueStore::loadHead(Value base, Value row) {
  Value heads = e.at(base, shape.warpRows * pitch());
  return DeviceRun::load(e, e.at(heads, e.mul(row, kChunkBytes)));
}

/// Lanes take the chunks of 16 bytes that a row's run touches in device memory.
void ValueStore::flush(Value base, Value lane) {
  auto forChunks = [&](int64_t perRow, function_ref<void(Value, Value)> body) {
    int64_t count = shape.warpRows * perRow;
    for (int64_t from = 0; from < count; from += 32) {
      Value at = e.add(lane, from);
      auto take = [&] { body(e.div(at, perRow), e.rem(at, perRow)); };
      if (from + 32 <= count)
        take();
      else
        e.ifThen(e.less(at, count), take);
    }
  };
  int64_t perRow = shape.warpCols / size();
  forChunks(perRow,
            [&](Value row, Value chunk) { flushChunk(base, row, chunk); });
  // What a shift moved beyond; most rows go on, and have nothing there.
  if (!isWhole)
    forChunks(perSector() / size(), [&](Value row, Value chunk) {
      flushChunk(base, row, e.add(chunk, perRow));
    });
}

void ValueStore::flushChunk(Value base, Value row, Value chunk) {
  auto [number, from, to, waits] = loadHead(base, row);
  Value first = e.mul(chunk, size());
  Value source = e.at(base, e.add(e.mul(row, pitch()), e.mul(first, width())));
  auto address = [&] { return out.address(e, e.add(number, first)); };
  if (isWhole)
    return storeChunk(source, address(), Value(), Value());
  Value begin = e.sub(from, first), end = e.sub(to, first);
  e.ifThen(e.both(e.less(begin, size()), e.less(e.i32(0), end)),
           [&] { storeChunk(source, address(), begin, end); });
}

/// Moves what waits for the next tile to the beginning of its line.
void ValueStore::carry(Value base, Value lane) {
  syncWarp(e); // lines have been read
  int64_t perRow = perSector() / size(), count = shape.warpRows * perRow;
  for (int64_t from = 0; from < count; from += 32) {
    Value at = e.add(lane, from), row = e.div(at, perRow);
    auto move = [&] {
      Value waits = loadHead(base, row).high;
      e.ifThen(e.less(e.i32(-1), waits), [&] {
        Value line = e.at(base, e.mul(row, pitch()));
        Value to = e.at(line, e.mul(e.rem(at, perRow), size() * width()));
        Value values = e.load(e.vector(size(), scratchType),
                              e.at(to, e.mul(waits, width())), kChunkBytes);
        e.store(values, to, kChunkBytes);
      });
    };
    if (from + 32 <= count)
      move();
    else
      e.ifThen(e.less(at, count), move);
  }
}

/// Stores elements [begin, end) of a chunk of scratch, of which there are some;
/// all if they are null.
void ValueStore::storeChunk(Value source, Value to, Value begin, Value end) {
  Value values = e.load(e.vector(size(), scratchType), source, kChunkBytes);
  auto whole = [&] { e.store(add(values, to, size()), to, kChunkBytes); };
  if (!begin)
    return whole();
  auto holds = [&](int64_t n) {
    return e.both(e.less(begin, n + 1), e.less(e.i32(n), end));
  };
  e.ifThen(e.both(holds(0), holds(size() - 1)), whole, [&] {
    for (int64_t n = 0; n < size(); n += 2) {
      auto store = [&](int64_t first, int64_t count) {
        Value at = e.at(to, first * out.width());
        Value part = count > 1 ? e.slice(values, first, count)
                               : e.extract(values, first);
        e.store(add(part, at, count), at, count * out.width());
      };
      Value one = holds(n), other = holds(n + 1);
      e.ifThen(
          e.both(one, other), [&] { store(n, 2); },
          [&] {
            e.ifThen(one, [&] { store(n, 1); });
            e.ifThen(other, [&] { store(n + 1, 1); });
          });
    }
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
