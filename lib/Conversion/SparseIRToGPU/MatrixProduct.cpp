//===- MatrixProduct.cpp - A warp's product by mma.sync --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lhs is packed fragment by fragment, so that a lane loads its registers in
// one go; fragments of the rhs come by ldmatrix or, of 32-bit elements that lie
// along j, word by word.
//
// ldmatrix transposes pairs of bytes. Of 8-bit elements that lie along j it
// gives a lane two columns of two rows, which two permutations of bytes sort:
// tiles of columns then have every other column of sixteen.
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

#include "spmmplu/GPU/SparseGPU.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Fragments of the rhs tile for a warp: all its columns for one instruction's
/// k.
class RhsFragments {
public:
  RhsFragments(DeviceEmitter &e, const KernelContext &c, const ChainTile &tile,
               ChainCopies &copies)
      : e(e), c(c), tile(tile), copies(copies) {}

  /// Computes what no step changes; `warpJ` is the warp's place along j.
  void begin(Value lane, Value warpJ);
  /// Operand b of the instruction at k `at` of the step, a column tile each.
  SmallVector<Value> load(Value rhsTile, int64_t at);

private:
  void beginByRow(Value lane, Value warpJ);
  void beginByColumn(Value lane, Value warpJ);
  void beginByWord(Value lane, Value warpJ);
  void beginByPair(Value lane, Value warpJ);
  SmallVector<Value> loadPairs(Value rhsTile, int64_t at);
  SmallVector<Value> loadMatrices(Value rhsTile, int64_t at);
  SmallVector<Value> loadWords(Value rhsTile, int64_t at);
  /// Column tiles that one ldmatrix.x4 serves.
  int64_t together() const { return tile.sparse ? 1 : 2; }

  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  ChainCopies &copies;
  SmallVector<Value> offsets;
};

class MatrixProduct : public WarpProduct {
public:
  MatrixProduct(KernelBuilder &k, const KernelContext &c, const ChainTile &tile,
                ChainCopies &copies)
      : e(k.e), c(c), tile(tile), rhs(e, c, tile, copies) {}

  void begin(Value ofLane, Value ofWarpI, Value ofWarpJ) override {
    lane = ofLane, warpI = ofWarpI, warpJ = ofWarpJ;
    lhsOffset = e.add(e.mul(warpI, tilesI() * 512), e.mul(lane, 16));
    // A panel's words of 64 rows lie lane by lane, those of a smaller panel's
    // rows likewise.
    int64_t together = std::min<int64_t>(tile.rows / 16, 4);
    Value word = e.mul(warpI, tilesI());
    Value place = e.add(e.mul(e.div(word, together), together * 128),
                        e.mul(e.rem(word, together), 4));
    wordOffset = e.add(place, e.mul(lane, together * 4));
    rhs.begin(lane, warpJ);
  }

  SmallVector<Value> getZeros() override {
    return SmallVector<Value>(tilesI() * tilesJ(),
                              e.zero(e.vector(4, c.accumulate)));
  }

  void multiply(Value stage, SmallVectorImpl<Value> &sums) override {
    Value words;
    for (int64_t at = 0; at < tile.step; at += c.intrinsic.k) {
      SmallVector<Value> lhs = loadLhs(stage, at);
      if (tile.sparse && at % tile.metadataStep() == 0)
        words = loadWords(stage, at);
      SmallVector<Value> columns =
          rhs.load(e.at(stage, tile.lhsBytes() + tile.metadataBytes()), at);
      int32_t selector =
          tile.sparse ? at % tile.metadataStep() / c.intrinsic.k : 0;
      for (auto [i, a] : llvm::enumerate(lhs)) {
        Value word = tile.sparse ? e.extract(words, i) : Value();
        a = asOperand(a);
        for (auto [j, b] : llvm::enumerate(columns)) {
          Value &sum = sums[i * columns.size() + j];
          sum = MmaOp::create(e.b, e.loc, sum.getType(), a, asOperand(b), sum,
                              word, selector);
        }
      }
    }
  }

  void forEachRun(ValueRange sums, Visit visit) override {
    if (tile.pairsColumns())
      return forEachPairedRun(sums, visit);
    Value row = e.add(e.mul(warpI, tile.warpRows()), e.div(lane, 4));
    Value col = e.add(e.mul(warpJ, tile.warpCols()), e.mul(e.rem(lane, 4), 2));
    for (auto [n, sum] : llvm::enumerate(sums))
      for (int64_t half = 0; half < 2; ++half)
        visit(e.add(row, n / tilesJ() * 16 + 8 * half),
              e.add(col, n % tilesJ() * 8),
              e.fromElements(
                  {e.extract(sum, 2 * half), e.extract(sum, 2 * half + 1)}));
  }

  void put(TileStore &store, ValueRange sums) override {
    if (!tile.pairsColumns())
      return store.write(sums, lane, warpI, warpJ);
    forEachPairedRun(sums, [&](Value row, Value col, Value values) {
      for (int64_t n = 0; n < 4; ++n)
        store.put(row, e.add(col, n), e.extract(values, n));
    });
  }

private:
  /// Of two tiles of columns a lane has four columns next to each other.
  void forEachPairedRun(ValueRange sums, Visit visit) {
    Value row = e.add(e.mul(warpI, tile.warpRows()), e.div(lane, 4));
    Value col = e.add(e.mul(warpJ, tile.warpCols()), e.mul(e.rem(lane, 4), 4));
    for (size_t n = 0; n < sums.size(); n += 2)
      for (int64_t half = 0; half < 2; ++half)
        visit(e.add(row, n / tilesJ() * 16 + 8 * half),
              e.add(col, n % tilesJ() * 8),
              e.fromElements({e.extract(sums[n], 2 * half),
                              e.extract(sums[n + 1], 2 * half),
                              e.extract(sums[n], 2 * half + 1),
                              e.extract(sums[n + 1], 2 * half + 1)}));
  }

  /// A fragment as what the instruction takes it for.
  Value asOperand(Value fragment) {
    auto type = cast<VectorType>(fragment.getType());
    if (type.getElementType() == c.operand() || c.input == c.operand())
      return fragment;
    return vector::BitCastOp::create(e.b, e.loc, type.clone(c.operand()),
                                     fragment);
  }

  int64_t tilesI() const { return tile.warpRows() / 16; }
  int64_t tilesJ() const { return tile.warpCols() / 8; }

  SmallVector<Value> loadLhs(Value stage, int64_t at) {
    SmallVector<Value> fragments;
    int64_t column = at / c.intrinsic.k * (tile.rows / 16) * 512;
    Value base = e.at(stage, lhsOffset);
    for (int64_t i = 0; i < tilesI(); ++i)
      fragments.push_back(e.load(e.vector(tile.perChunk(), c.input),
                                 e.at(base, column + i * 512), 16));
    return fragments;
  }

  /// The lane's metadata of the warp's rows, of a block's columns from `at` on:
  /// a word for 16 rows, of which an instruction's selector takes its half.
  Value loadWords(Value stage, int64_t at) {
    Value base = e.at(e.at(stage, wordOffset), tile.lhsBytes());
    return e.load(e.vector(tilesI(), e.b.getI32Type()),
                  e.at(base, at / tile.metadataStep() * tile.rows * 8),
                  tilesI() * 4);
  }

  DeviceEmitter &e;
  const KernelContext &c;
  ChainTile tile;
  RhsFragments rhs;
  Value lane, warpI, warpJ;
  Value lhsOffset, wordOffset;
};

} // namespace

/// Whether a lane's metadata of 64 columns is one load: of a warp's rows, or of
/// a small panel.
static bool hasWholeWords(const ChainTile &tile) {
  bool streams = tile.stages == 0;
  if (streams && tile.rows < 64)
    return tile.rows == 16 || tile.rows == 32;
  return tile.rows % 64 == 0 && 64 % tile.warpRows() == 0;
}

LogicalResult mlir::spmmplu::verifyMatrixProduct(KernelOp op,
                                                 const KernelContext &c,
                                                 const ChainTile &tile) {
  int64_t chunks = tile.rhsChunks();
  bool fits =
      tile.rows % (16 * tile.warpsI) == 0 &&
      tile.cols % (8 * tile.warpsJ) == 0 &&
      tile.step % (c.intrinsic.sparse ? tile.metadataStep() : c.intrinsic.k) ==
          0 &&
      tile.step % tile.depth == 0 &&
      (chunks % 8 == 0 || (chunks && llvm::isPowerOf2_64(chunks))) &&
      (tile.warpCols() % 16 == 0 ||
       (tile.warpCols() == 8 && !tile.pairsColumns())) &&
      (!c.intrinsic.sparse || hasWholeWords(tile));
  if (!fits)
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy();
  return success();
}

std::unique_ptr<WarpProduct>
mlir::spmmplu::createMatrixProduct(KernelBuilder &k, const KernelContext &c,
                                   const ChainTile &tile, ChainCopies &copies) {
  return std::make_unique<MatrixProduct>(k, c, tile, copies);
}

LogicalResult mlir::spmmplu::verifyWarpProduct(KernelOp op,
                                               const KernelContext &c,
                                               const ChainTile &tile) {
  return c.intrinsic.unit == IntrinsicUnit::WarpFma
             ? verifyFmaProduct(op, tile)
             : verifyMatrixProduct(op, c, tile);
}

std::unique_ptr<WarpProduct>
mlir::spmmplu::createWarpProduct(KernelBuilder &k, const KernelContext &c,
                                 const ChainTile &tile, ChainCopies &copies) {
  return c.intrinsic.unit == IntrinsicUnit::WarpFma
             ? createFmaProduct(k, tile, copies)
             : createMatrixProduct(k, c, tile, copies);
}

//===----------------------------------------------------------------------===//
// RhsFragments
//===----------------------------------------------------------------------===//

void RhsFragments::begin(Value lane, Value warpJ) {
  if (tile.rhsByRow && tile.width == 4)
    return beginByWord(lane, warpJ);
  if (tile.pairsColumns())
    return beginByPair(lane, warpJ);
  if (tile.rhsByRow)
    return beginByRow(lane, warpJ);
  beginByColumn(lane, warpJ);
}

/// [k][j]: an x4 holds k 0..15 of two column tiles, or k 0..31 of one.
void RhsFragments::beginByRow(Value lane, Value warpJ) {
  Value row = tile.sparse ? lane : e.rem(lane, 16);
  Value lanePart = tile.sparse ? e.i32(0) : e.div(lane, 16);
  int64_t tiles = tile.warpCols() / 8;
  for (int64_t t = 0; t < tiles; t += together()) {
    Value chunk = e.add(e.mul(warpJ, tiles), t);
    if (tiles > 1)
      chunk = e.add(chunk, lanePart);
    offsets.push_back(copies.chunkOffset(row, chunk));
  }
}

/// [k][j] of 32-bit elements, which ldmatrix does not transpose: a lane loads
/// its own. The swizzle repeats every four column tiles.
void RhsFragments::beginByWord(Value lane, Value warpJ) {
  int64_t tiles = tile.warpCols() / 8;
  Value row = e.rem(lane, 4), col = e.div(lane, 4);
  for (int64_t t = 0; t < std::min<int64_t>(tiles, 4); ++t) {
    Value chunk = e.add(e.mul(e.add(e.mul(warpJ, tiles), t), 2), e.div(col, 4));
    offsets.push_back(
        e.add(copies.chunkOffset(row, chunk), e.mul(e.rem(col, 4), 4)));
  }
}

/// [j][k]: the same matrices, but a lane addresses a column of the tile.
void RhsFragments::beginByColumn(Value lane, Value warpJ) {
  Value row = e.rem(lane, 8), chunk = e.div(lane, 8);
  if (!tile.sparse) {
    chunk = e.bitAnd(chunk, 1);
    if (tile.warpCols() > 8)
      row = e.add(row, e.mul(e.div(lane, 16), 8));
  }
  row = e.add(row, e.mul(warpJ, tile.warpCols()));
  for (int64_t at = 0; at < tile.step; at += c.intrinsic.k)
    offsets.push_back(
        copies.chunkOffset(row, e.add(chunk, at / tile.perChunk())));
}

/// [k][j] of bytes: matrix m of an x4 has of sixteen columns the rows k from 16
/// * (m / 2) + 2 * (m % 2) on, of which row 2 q + h is k + 4 q + h: a lane's
/// registers of two matrices are four consecutive k of a pair of columns.
void RhsFragments::beginByPair(Value lane, Value warpJ) {
  Value matrix = e.div(lane, 8), place = e.rem(lane, 8);
  Value row = e.add(e.mul(e.div(matrix, 2), 16), e.mul(e.rem(matrix, 2), 2));
  row = e.add(row, e.add(e.mul(e.div(place, 2), 4), e.rem(place, 2)));
  int64_t pairs = tile.warpCols() / 16;
  for (int64_t t = 0; t < pairs; ++t)
    offsets.push_back(copies.chunkOffset(row, e.add(e.mul(warpJ, pairs), t)));
}

/// Two tiles of columns of each pair of matrices.
SmallVector<Value> RhsFragments::loadPairs(Value rhsTile, int64_t at) {
  SmallVector<Value> fragments;
  VectorType bytes = e.vector(4, c.input);
  auto toBytes = [&](Value word) {
    return vector::BitCastOp::create(e.b, e.loc, bytes, e.fromElements({word}));
  };
  for (Value offset : offsets) {
    SmallVector<Value> words[2];
    // Sixteen rows further the swizzle is the same.
    for (int64_t k = at; k < at + c.intrinsic.k; k += 32) {
      SmallVector<Value> loaded =
          e.loadMatrix(e.at(e.at(rhsTile, offset), k * tile.cols), 4, true);
      for (int64_t n = 0; n < 4; n += 2)
        for (int64_t odd = 0; odd < 2; ++odd) {
          Value sorted = vector::ShuffleOp::create(
              e.b, e.loc, toBytes(loaded[n]), toBytes(loaded[n + 1]),
              ArrayRef<int64_t>{odd, odd + 2, odd + 4, odd + 6});
          Value word = vector::BitCastOp::create(
              e.b, e.loc, e.vector(1, e.b.getI32Type()), sorted);
          words[odd].push_back(e.extract(word, 0));
        }
    }
    for (ValueRange each : words)
      fragments.push_back(e.pack(each, c.input));
  }
  return fragments;
}

SmallVector<Value> RhsFragments::loadWords(Value rhsTile, int64_t at) {
  SmallVector<Value> fragments;
  for (int64_t t = 0; t < tile.warpCols() / 8; ++t) {
    Value base = e.at(rhsTile, offsets[t % 4]);
    SmallVector<Value> words;
    // Four rows further the swizzle is the same.
    for (int64_t k = at; k < at + c.intrinsic.k; k += 4)
      words.push_back(
          e.load(c.input, e.at(base, k * tile.cols * 4 + t / 4 * 128), 4));
    fragments.push_back(e.fromElements(words));
  }
  return fragments;
}

SmallVector<Value> RhsFragments::load(Value rhsTile, int64_t at) {
  if (tile.pairsColumns())
    return loadPairs(rhsTile, at);
  SmallVector<Value> fragments = tile.rhsByRow && tile.width == 4
                                     ? loadWords(rhsTile, at)
                                     : loadMatrices(rhsTile, at);
  if (tile.width == 4)
    for (Value &fragment : fragments)
      fragment = RoundTF32Op::create(e.b, e.loc, fragment.getType(), fragment);
  return fragments;
}

SmallVector<Value> RhsFragments::loadMatrices(Value rhsTile, int64_t at) {
  SmallVector<Value> fragments;
  int64_t tiles = tile.warpCols() / 8, registers = tile.sparse ? 4 : 2;
  for (int64_t t = 0; t < tiles; t += together()) {
    Value offset = offsets[tile.rhsByRow ? t / together() : at / c.intrinsic.k];
    // Eight rows further the swizzle is the same.
    int64_t moved =
        (tile.rhsByRow ? at * tile.cols : t * 8 * tile.step) * tile.width;
    int64_t count = std::min<int64_t>(together(), tiles - t) * registers;
    SmallVector<Value> loaded =
        e.loadMatrix(e.at(e.at(rhsTile, offset), moved), count, tile.rhsByRow);
    for (int64_t first = 0; first < count; first += registers)
      fragments.push_back(
          e.pack(ValueRange(loaded).slice(first, registers), c.input));
  }
  return fragments;
}
