//===- TileOperands.cpp - Operands as tile units read them -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileOperands.h"

using namespace mlir;
using namespace mlir::spmmplu;

bool mlir::spmmplu::areRuns(ElementsAttr lists, int64_t length) {
  SmallVector<char> storage;
  ArrayRef<int32_t> all = getValues<int32_t>(lists, storage);
  for (size_t at = 0; at < all.size(); at += length)
    for (int64_t n = 1; n < length; ++n)
      if (all[at + n] >= 0 && (all[at] < 0 || all[at + n] != all[at] + n))
        return false;
  return true;
}

void mlir::spmmplu::emitTranspose(Emitter &e, SmallVectorImpl<Value> &square) {
  // Blocks off the diagonal change places, halves first, then halves of halves.
  int64_t size = square.size();
  for (int64_t half = size / 2; half; half /= 2) {
    SmallVector<int64_t> upper, lower;
    for (int64_t lane = 0; lane < size; ++lane) {
      bool isSecond = lane & half;
      upper.push_back(isSecond ? size + lane - half : lane);
      lower.push_back(isSecond ? size + lane : lane + half);
    }
    for (int64_t n = 0; n < size; ++n) {
      if (n & half)
        continue;
      Value a = square[n], b = square[n + half];
      square[n] = vector::ShuffleOp::create(e.b, e.loc, a, b, upper);
      square[n + half] = vector::ShuffleOp::create(e.b, e.loc, a, b, lower);
    }
  }
}

namespace {

class TileCopy {
public:
  TileCopy(Emitter &e, const KernelContext &c, const TileLines &lines, Value k,
           TileForm form, Value to, Value at)
      : e(e), c(c), lines(lines), k(k), form(form), to(to), at(at),
        words(VectorType::get({kTileLines}, e.b.getI32Type())),
        row(VectorType::get({kTileDepth}, c.inputType)) {}

  void emit() {
    bool isAlong =
        lines.ofRhs ? lines.from.isContiguousInX() : lines.from.contiguous;
    bool isAcross = lines.isRun && (lines.ofRhs ? lines.from.contiguous
                                                : lines.from.isContiguousInX());
    if (isAlong)
      store(loadLines(), form == TileForm::Pairs);
    else if (isAcross)
      store(loadPairs(), form == TileForm::Lines);
    else
      copyElements();
  }

private:
  Value offset(Value line, Value at) {
    return lines.ofRhs ? lines.from.offset(e, at, line)
                       : lines.from.offset(e, line, at);
  }

  /// Whether all tiles end within K.
  bool isWhole() {
    int64_t depth = c.op.getExtent(Axis::K);
    return !ShapedType::isDynamic(depth) && depth % kTileDepth == 0;
  }

  /// 32 k of each line, as words.
  SmallVector<Value> loadLines() {
    Value mask;
    if (!isWhole())
      mask = e.laneMask(kTileDepth, e.sub(c.depthExtent, k));
    SmallVector<Value> vectors;
    for (Value line : lines.index) {
      Value from = offset(line, k);
      Value loaded = mask ? e.maskedLoad(row, lines.from.data, from, mask)
                          : e.loadVector(row, lines.from.data, from);
      vectors.push_back(vector::BitCastOp::create(e.b, e.loc, words, loaded));
    }
    return vectors;
  }

  /// Each of 16 pairs of k of all lines, as words.
  SmallVector<Value> loadPairs() {
    auto type = VectorType::get({kTileLines}, c.inputType);
    Value first = lines.index.front();
    Value count = e.sub(lines.ofRhs ? c.colExtent : c.rowExtent, first);
    auto load = [&](Value at) -> Value {
      Value existing = count, from = at;
      if (!isWhole()) {
        Value exists = e.compare(arith::CmpIPredicate::slt, at, c.depthExtent);
        existing =
            arith::SelectOp::create(e.b, e.loc, exists, count, e.index(0));
        from = arith::SelectOp::create(e.b, e.loc, exists, at, e.index(0));
      }
      return e.maskedLoad(type, lines.from.data, offset(first, from),
                          e.laneMask(kTileLines, existing));
    };
    SmallVector<Value> vectors;
    for (int64_t pair = 0; pair < kTileLines; ++pair) {
      Value even = load(e.add(k, 2 * pair)), odd = load(e.add(k, 2 * pair + 1));
      Value both = vector::InterleaveOp::create(e.b, e.loc, even, odd);
      vectors.push_back(vector::BitCastOp::create(e.b, e.loc, words, both));
    }
    return vectors;
  }

  void store(SmallVector<Value> vectors, bool mustTranspose) {
    if (mustTranspose)
      emitTranspose(e, vectors);
    for (auto [n, vector] : llvm::enumerate(vectors))
      e.storeVector(vector::BitCastOp::create(e.b, e.loc, row, vector), to,
                    e.add(at, int64_t(n) * kTileDepth));
  }

  void copyElements() {
    for (int64_t n = 0; n < kTileLines; ++n)
      e.storeVector(e.zero(row), to, e.add(at, n * kTileDepth));
    Value count = e.min(e.index(kTileDepth), e.sub(c.depthExtent, k));
    e.forRange(e.index(0), count, 1, [&](Value within) {
      Value place = e.add(at, within);
      if (form == TileForm::Pairs) {
        Value pair = e.floorDiv(within, 2);
        Value odd = e.sub(within, e.mul(pair, 2));
        place = e.add(e.add(at, e.mul(pair, kTileDepth)), odd);
      }
      int64_t step = form == TileForm::Pairs ? 2 : kTileDepth;
      for (auto [n, line] : llvm::enumerate(lines.index)) {
        Value element = e.load(lines.from.data, offset(line, e.add(k, within)));
        memref::StoreOp::create(e.b, e.loc, element, to,
                                e.add(place, int64_t(n) * step));
      }
    });
  }

  Emitter &e;
  const KernelContext &c;
  const TileLines &lines;
  Value k;
  TileForm form;
  Value to, at;
  VectorType words, row;
};

} // namespace

void mlir::spmmplu::emitCopyTile(Emitter &e, const KernelContext &c,
                                 const TileLines &lines, Value k, TileForm form,
                                 Value to, Value at) {
  TileCopy(e, c, lines, k, form, to, at).emit();
}
