//===- AttentionTile.cpp - The softmax of a block's rows -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>
#include <numbers>

using namespace mlir;
using namespace mlir::spmmplu;

/// Columns filled up so that rows of 16-byte chunks can be swizzled.
static int64_t fillUp(int64_t columns) {
  if (ShapedType::isDynamic(columns))
    return columns;
  return llvm::PowerOf2Ceil(std::max<int64_t>(columns, 16));
}

AttentionTile AttentionTile::get(AttentionOp op) {
  auto table = cast<TilesAttr>(op.getParts()[0]);
  StrategyAttr s = op.getStrategy();
  return {table.getRows(),
          table.getCols(),
          s.getStages(),
          s.getWarpsI(),
          fillUp(op.getDepth()),
          fillUp(op.getWidth()),
          op.getScale().convertToDouble() * std::numbers::log2e,
          getElementTypeOrSelf(op.getQuery().getType())};
}

//===----------------------------------------------------------------------===//
// OnlineSoftmax
//===----------------------------------------------------------------------===//

Value OnlineSoftmax::f32(double value) const {
  return arith::ConstantOp::create(e.b, e.loc,
                                   e.b.getF32FloatAttr(float(value)));
}

Value OnlineSoftmax::exchange(Value value, int64_t mask) const {
  return NVVM::ShflOp::create(e.b, e.loc, value.getType(), e.i32(-1), value,
                              e.i32(mask), e.i32(31), NVVM::ShflKind::bfly,
                              UnitAttr());
}

Value OnlineSoftmax::addLanes(Value value) const {
  for (int64_t lanes : {1, 2})
    value = arith::AddFOp::create(e.b, e.loc, value, exchange(value, lanes));
  return value;
}

SmallVector<Value> OnlineSoftmax::start() {
  SmallVector<Value> state(halves(),
                           f32(-std::numeric_limits<double>::infinity()));
  state.append(halves(), f32(0));
  state.append(tile.warpRows() / 16 * (tile.width / 8),
               e.zero(e.vector(4, e.b.getF32Type())));
  return state;
}

SmallVector<Value> OnlineSoftmax::mask(Value words, ArrayRef<Value> scores) {
  int64_t tilesJ = tile.cols / 8;
  Value none = f32(-std::numeric_limits<double>::infinity());
  Value shift = e.mul(e.rem(place.lane, 4), 2);
  SmallVector<Value> masked;
  for (int64_t i = 0; i < tile.warpRows() / 16; ++i) {
    // bits[half][word]: bits of 32 columns, those of the lane's first to last
    // tile at 0, 8, 16 and 24.
    Value bits[2][2];
    for (int64_t half = 0; half < 2; ++half) {
      Value pair = e.load(e.vector(2, e.b.getI32Type()),
                          e.at(words, (16 * i + 8 * half) * 8), 8);
      for (int64_t word = 0; word < 2; ++word)
        bits[half][word] =
            arith::ShRUIOp::create(e.b, e.loc, e.extract(pair, word), shift);
    }
    for (int64_t t = 0; t < tilesJ; ++t) {
      SmallVector<Value> elements;
      for (int64_t n = 0; n < 4; ++n) {
        Value word = bits[n / 2][t / 4];
        Value bit = e.bitAnd(word, int64_t(1) << (t % 4 * 8 + n % 2));
        Value isSet = e.compare(arith::CmpIPredicate::ne, bit, e.i32(0));
        elements.push_back(
            e.select(isSet, e.extract(scores[i * tilesJ + t], n), none));
      }
      masked.push_back(e.fromElements(elements));
    }
  }
  return masked;
}

void OnlineSoftmax::update(SmallVectorImpl<Value> &scores,
                           SmallVectorImpl<Value> &state) {
  using namespace arith;
  OpBuilder &b = e.b;
  Location loc = e.loc;
  // A product and what is subtracted from it become one instruction.
  auto contract =
      FastMathFlagsAttr::get(b.getContext(), FastMathFlags::contract);
  int64_t tilesJ = tile.cols / 8;
  Value factor = f32(tile.scale), zero = f32(0);
  Value none = f32(-std::numeric_limits<double>::infinity());
  for (int64_t i = 0; i < tile.warpRows() / 16; ++i) {
    SmallVector<SmallVector<Value>> weights(tilesJ, SmallVector<Value>(4));
    SmallVector<Value> growth(2);
    for (int64_t half = 0; half < 2; ++half) {
      auto element = [&](int64_t t, int64_t n) {
        return e.extract(scores[i * tilesJ + t], 2 * half + n);
      };
      Value highest = element(0, 0);
      for (int64_t n = 1; n < 2 * tilesJ; ++n)
        highest = MaximumFOp::create(b, loc, highest, element(n / 2, n % 2));
      for (int64_t lanes : {1, 2})
        highest = MaximumFOp::create(b, loc, highest, exchange(highest, lanes));
      Value &before = maximum(state, 2 * i + half);
      Value scaled = MulFOp::create(b, loc, highest, factor);
      Value after = MaximumFOp::create(b, loc, before, scaled);
      // A row without an element so far: -inf less -inf is no number.
      Value isNone = CmpFOp::create(b, loc, CmpFPredicate::OEQ, after, none);
      Value base = e.select(isNone, zero, after);
      growth[half] = math::Exp2Op::create(
          b, loc, SubFOp::create(b, loc, before, base).getResult());
      Value total;
      for (int64_t t = 0; t < tilesJ; ++t)
        for (int64_t n = 0; n < 2; ++n) {
          Value power = MulFOp::create(b, loc, element(t, n), factor, contract);
          power = SubFOp::create(b, loc, power, base, contract);
          Value weight = math::Exp2Op::create(b, loc, power);
          weights[t][2 * half + n] = weight;
          total = total ? AddFOp::create(b, loc, total, weight).getResult()
                        : weight;
        }
      Value &own = sum(state, 2 * i + half);
      own = MulFOp::create(b, loc, own, growth[half], contract);
      own = AddFOp::create(b, loc, own, total, contract);
      before = after;
    }
    for (int64_t t = 0; t < tilesJ; ++t)
      scores[i * tilesJ + t] = e.fromElements(weights[t]);
    Value factors =
        e.fromElements({growth[0], growth[0], growth[1], growth[1]});
    for (int64_t j = 0; j < tile.width / 8; ++j)
      output(state, i, j) =
          MulFOp::create(b, loc, output(state, i, j), factors);
  }
}

Value OnlineSoftmax::toFragment(Value low, Value high) {
  SmallVector<Value> elements;
  for (Value sums : {low, high})
    for (int64_t n = 0; n < 4; ++n)
      elements.push_back(e.extract(sums, n));
  return e.convert(e.fromElements(elements), tile.input);
}

//===----------------------------------------------------------------------===//
// AttentionStore
//===----------------------------------------------------------------------===//

AttentionStore::AttentionStore(KernelBuilder &k, AttentionOp op,
                               const AttentionTile &tile,
                               const AttentionPart &part, Value panelRows)
    : e(k.e), tile(tile), out(k, op.getInit()), panelRows(panelRows),
      width(op.getWidth()), isLast(part.number + 1 == part.count) {
  if (!part.sums)
    return;
  Value slice = e.mul(e.widen(k.slice()), op.getRows() * 2 * 4);
  sums = e.at(k.pointer(part.sums), slice);
}

int64_t AttentionStore::pitch() const {
  // A chunk more than the row, so that rows start in different banks.
  return tile.width * out.width() + kChunkBytes;
}

Value AttentionStore::rowAt(Value panel, Value row) {
  Value at = e.add(e.mul(panel, tile.rows), row);
  return e.loadWord(panelRows, at);
}

Value AttentionStore::sumsAt(Value row) {
  return e.at(sums, e.mul(e.widen(row), 2 * 4));
}

SmallVector<Value> AttentionStore::load(const TilePlace &place, Value panel,
                                        Value firstRow) {
  int64_t halves = tile.warpRows() / 8;
  SmallVector<Value> state(2 * halves), rows, totals;
  Value zero = e.zero(e.b.getF32Type());
  Value isFirst = e.equal(e.rem(place.lane, 4), 0);
  for (int64_t half = 0; half < halves; ++half) {
    // What a padding row computes is not stored: any row will do.
    Value own = e.add(firstRow, e.add(e.div(place.lane, 4), 8 * half));
    rows.push_back(e.max(rowAt(panel, own), e.i32(0)));
    Value pair = e.load(e.vector(2, e.b.getF32Type()), sumsAt(rows.back()), 8);
    state[half] = e.extract(pair, 0);
    totals.push_back(e.extract(pair, 1));
    // One of the row's four lanes has its sum.
    state[halves + half] = e.select(isFirst, totals.back(), zero);
  }
  for (int64_t half = 0; half < halves; half += 2)
    for (int64_t j = 0; j < tile.width; j += 8) {
      Value column = e.add(e.mul(e.rem(place.lane, 4), 2), j);
      state.push_back(loadOutput(rows[half], rows[half + 1], column,
                                 totals[half], totals[half + 1]));
    }
  return state;
}

Value AttentionStore::loadOutput(Value low, Value high, Value column,
                                 Value lowSum, Value highSum) {
  SmallVector<Value> elements;
  for (auto [row, total] : {std::pair(low, lowSum), std::pair(high, highSum)})
    for (int64_t n = 0; n < 2; ++n) {
      Value at = e.add(column, n);
      Value stored = e.ifValue(
          e.less(at, width),
          [&, row = row] {
            return e.load(out.element, out.address(e, row, at), out.width());
          },
          [&] { return e.zero(out.element); });
      elements.push_back(arith::MulFOp::create(
          e.b, e.loc, e.convert(stored, e.b.getF32Type()), total));
    }
  return e.fromElements(elements);
}

void AttentionStore::write(OnlineSoftmax &softmax,
                           SmallVectorImpl<Value> &state, Value scratch,
                           const TilePlace &place, Value panel,
                           Value firstRow) {
  SmallVector<Value> total;
  for (int64_t half = 0; half < softmax.halves(); ++half)
    total.push_back(softmax.addLanes(softmax.sum(state, half)));
  // Scratch is where the queries were: all warps have read them.
  e.barrier();
  Value base = e.at(scratch, e.mul(firstRow, pitch()));
  writeScratch(softmax, state, total, base, place);
  if (!isLast)
    storeSums(softmax, state, total, place, panel, firstRow);
  syncWarp(e);
  int64_t size = kChunkBytes / out.width(), perRow = tile.width / size;
  e.forRange(place.lane, e.i32(tile.warpRows() * perRow), 32, [&](Value at) {
    Value r = e.div(at, perRow), column = e.mul(e.rem(at, perRow), size);
    Value row = rowAt(panel, e.add(firstRow, r));
    Value source =
        e.at(base, e.add(e.mul(r, pitch()), e.mul(column, out.width())));
    e.ifThen(e.less(e.i32(-1), row), [&] { storeChunk(source, row, column); });
  });
}

void AttentionStore::writeScratch(OnlineSoftmax &softmax,
                                  SmallVectorImpl<Value> &state,
                                  ArrayRef<Value> total, Value base,
                                  const TilePlace &place) {
  Value zero = e.zero(e.b.getF32Type());
  Value one = arith::ConstantOp::create(e.b, e.loc, e.b.getF32FloatAttr(1));
  Value corner =
      e.at(base, e.add(e.mul(e.div(place.lane, 4), pitch()),
                       e.mul(e.rem(place.lane, 4), 2 * out.width())));
  for (int64_t half = 0; half < softmax.halves(); ++half) {
    // A row without an element is zero.
    Value isNone = arith::CmpFOp::create(e.b, e.loc, arith::CmpFPredicate::OEQ,
                                         total[half], zero);
    Value inverse = arith::DivFOp::create(e.b, e.loc, one, total[half]);
    inverse = e.select(isNone, zero, inverse);
    for (int64_t j = 0; j < tile.width / 8; ++j) {
      SmallVector<Value> pair;
      for (int64_t n = 0; n < 2; ++n)
        pair.push_back(e.convert(
            arith::MulFOp::create(e.b, e.loc,
                                  e.extract(softmax.output(state, half / 2, j),
                                            2 * (half % 2) + n),
                                  inverse),
            out.element));
      e.store(e.fromElements(pair),
              e.at(corner, half * 8 * pitch() + j * 8 * out.width()),
              2 * out.width());
    }
  }
}

void AttentionStore::storeSums(OnlineSoftmax &softmax,
                               SmallVectorImpl<Value> &state,
                               ArrayRef<Value> total, const TilePlace &place,
                               Value panel, Value firstRow) {
  e.ifThen(e.equal(e.rem(place.lane, 4), 0), [&] {
    for (int64_t half = 0; half < softmax.halves(); ++half) {
      Value own = e.add(firstRow, e.add(e.div(place.lane, 4), 8 * half));
      Value row = rowAt(panel, own);
      e.ifThen(e.less(e.i32(-1), row), [&] {
        e.store(e.fromElements({softmax.maximum(state, half), total[half]}),
                sumsAt(row), 8);
      });
    }
  });
}

void AttentionStore::storeChunk(Value source, Value row, Value column) {
  int64_t size = kChunkBytes / out.width();
  auto single = [&] {
    e.forRange(e.i32(0), e.i32(size), 1, [&](Value n) {
      e.ifThen(e.less(e.add(column, n), width), [&] {
        Value value = e.load(out.element, e.at(source, e.mul(n, out.width())),
                             out.width());
        e.store(value, out.address(e, row, e.add(column, n)), out.width());
      });
    });
  };
  if (!out.contiguousInY())
    return single();
  Value whole = e.both(e.less(column, width - size + 1),
                       e.both(out.isAligned(e), out.isBaseAligned(e)));
  e.ifThen(
      whole,
      [&] {
        e.store(e.load(e.vector(size, out.element), source, kChunkBytes),
                out.address(e, row, column), kChunkBytes);
      },
      single);
}
