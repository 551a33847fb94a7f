//===- FmaProduct.cpp - A warp's product by multiply-adds ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exact f32: every product is rounded once, into its sum, in the order of the
// chain. Packed values lie as [k][row], so that a lane loads four rows of one k
// at once; it computes an outer product of its rows and columns for every k.
// The lanes of a warp lie as 4 x 8. Eight lanes that load together have two
// places along the rows and four along the columns: what they read of either
// operand is in different banks or the same word.
//
//===----------------------------------------------------------------------===//

#include "WarpProduct.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class FmaProduct : public WarpProduct {
public:
  FmaProduct(KernelBuilder &k, const ChainTile &tile, ChainCopies &copies)
      : e(k.e), tile(tile), copies(copies), laneRows(tile.warpRows() / 4),
        laneCols(tile.warpCols() / 8),
        rowVector(std::min<int64_t>(laneRows, 4)),
        colVector(std::min<int64_t>(laneCols, 4)) {}

  void begin(Value lane, Value warpI, Value warpJ) override {
    Value laneRow = e.add(e.rem(lane, 2), e.mul(e.div(lane, 16), 2));
    Value laneCol = e.rem(e.div(lane, 2), 8);
    firstRow = e.add(e.mul(warpI, tile.warpRows()), e.mul(laneRow, rowVector));
    firstCol = e.add(e.mul(warpJ, tile.warpCols()),
                     tile.rhsByRow ? e.mul(laneCol, colVector) : laneCol);
    makeOffsets();
  }

  SmallVector<Value> getZeros() override {
    return SmallVector<Value>(laneRows * (laneCols / colVector),
                              e.zero(e.vector(colVector, e.b.getF32Type())));
  }

  void multiply(Value stage, SmallVectorImpl<Value> &sums) override {
    Value rhsTile = e.at(stage, tile.lhsBytes());
    if (tile.rhsByRow) {
      for (int64_t at = 0; at < tile.step; ++at)
        multiplyAdd(loadLhs(stage, at), loadByRow(rhsTile, at), sums);
      return;
    }
    for (int64_t at = 0; at < tile.step; at += tile.perChunk()) {
      SmallVector<Value> chunks = loadByColumn(rhsTile, at);
      for (int64_t n = 0; n < tile.perChunk(); ++n)
        multiplyAdd(loadLhs(stage, at + n), transpose(chunks, n), sums);
    }
  }

  void forEachRun(ValueRange sums, Visit visit) override {
    int64_t vectors = laneCols / colVector;
    for (auto [at, sum] : llvm::enumerate(sums)) {
      int64_t lane = at / vectors;
      Value row =
          e.add(firstRow, lane / rowVector * rowVector * 4 + lane % rowVector);
      Value col = e.add(firstCol, at % vectors * colVector * 8);
      if (tile.rhsByRow) {
        visit(row, col, sum);
        continue;
      }
      for (int64_t n = 0; n < colVector; ++n)
        visit(row, e.add(col, n * 8), e.fromElements({e.extract(sum, n)}));
    }
  }

  void put(TileStore &store, ValueRange sums) override {
    forEachRun(sums, [&](Value row, Value col, Value values) {
      int64_t count = cast<VectorType>(values.getType()).getNumElements();
      for (int64_t n = 0; n < count; ++n)
        store.put(row, e.add(col, n), e.extract(values, n));
    });
  }

private:
  /// Offsets into a stage that no step changes.
  void makeOffsets() {
    lhsOffset = e.mul(firstRow, tile.width);
    int64_t perChunk = tile.perChunk();
    if (!tile.rhsByRow) {
      for (int64_t chunk = 0; chunk < tile.step / perChunk; ++chunk)
        rhsOffsets.push_back(copies.chunkOffset(firstCol, e.i32(chunk)));
      return;
    }
    Value within = e.mul(e.rem(firstCol, perChunk), tile.width);
    for (int64_t row = 0; row < std::min<int64_t>(kSwizzle, tile.step); ++row)
      rhsOffsets.push_back(e.add(
          copies.chunkOffset(e.i32(row), e.div(firstCol, perChunk)), within));
  }

  Value loadVector(int64_t size, Value pointer) {
    return e.load(e.vector(size, e.b.getF32Type()), pointer, size * tile.width);
  }

  /// The lane's rows at k `at`, in vectors.
  SmallVector<Value> loadLhs(Value stage, int64_t at) {
    SmallVector<Value> vectors;
    Value base = e.at(stage, lhsOffset);
    for (int64_t row = 0; row < laneRows; row += rowVector)
      vectors.push_back(loadVector(
          rowVector, e.at(base, (at * tile.rows + row * 4) * tile.width)));
    return vectors;
  }

  SmallVector<Value> loadByRow(Value rhsTile, int64_t at) {
    SmallVector<Value> vectors;
    Value base = e.at(rhsTile, rhsOffsets[at % kSwizzle]);
    int64_t line = at / kSwizzle * kSwizzle * tile.cols;
    for (int64_t col = 0; col < laneCols; col += colVector)
      vectors.push_back(
          loadVector(colVector, e.at(base, (line + col * 8) * tile.width)));
    return vectors;
  }

  /// The k of the chunk from `at` on, for each of the lane's columns.
  SmallVector<Value> loadByColumn(Value rhsTile, int64_t at) {
    SmallVector<Value> chunks;
    Value base = e.at(rhsTile, rhsOffsets[at / tile.perChunk()]);
    for (int64_t col = 0; col < laneCols; ++col)
      chunks.push_back(loadVector(
          tile.perChunk(), e.at(base, col * 8 * tile.step * tile.width)));
    return chunks;
  }

  /// Element `n` of every chunk, in vectors.
  SmallVector<Value> transpose(ArrayRef<Value> chunks, int64_t n) {
    SmallVector<Value> vectors;
    for (int64_t col = 0; col < laneCols; col += colVector)
      vectors.push_back(e.fromElements(
          llvm::map_to_vector(chunks.slice(col, colVector), [&](Value chunk) {
            return e.extract(chunk, n);
          })));
    return vectors;
  }

  void multiplyAdd(ArrayRef<Value> lhs, ArrayRef<Value> rhs,
                   SmallVectorImpl<Value> &sums) {
    for (int64_t row = 0; row < laneRows; ++row) {
      Value value = e.extract(lhs[row / rowVector], row % rowVector);
      Value all = e.fromElements(SmallVector<Value>(colVector, value));
      for (auto [n, columns] : llvm::enumerate(rhs)) {
        Value &sum = sums[row * rhs.size() + n];
        sum = math::FmaOp::create(e.b, e.loc, all, columns, sum);
      }
    }
  }

  /// Rows of the rhs tile after which its swizzle is the same.
  static constexpr int64_t kSwizzle = 4;

  DeviceEmitter &e;
  ChainTile tile;
  ChainCopies &copies;
  int64_t laneRows, laneCols, rowVector, colVector;
  Value firstRow, firstCol, lhsOffset;
  SmallVector<Value> rhsOffsets;
};

} // namespace

LogicalResult mlir::spmmplu::verifyFmaProduct(KernelOp op,
                                              const ChainTile &tile) {
  auto isVector = [](int64_t count) {
    return count == 1 || count == 2 || (count > 0 && count % 4 == 0);
  };
  int64_t chunks = tile.rhsChunks();
  if (tile.rows % (4 * tile.warpsI) || tile.cols % (8 * tile.warpsJ) ||
      !isVector(tile.warpRows() / 4) || !isVector(tile.warpCols() / 8) ||
      tile.step % tile.depth || tile.step % tile.perChunk() ||
      (chunks % 8 && !llvm::isPowerOf2_64(chunks)))
    return op.emitOpError("has a strategy that its kernel cannot take: ")
           << op.getStrategy();
  return success();
}

std::unique_ptr<WarpProduct>
mlir::spmmplu::createFmaProduct(KernelBuilder &k, const ChainTile &tile,
                                ChainCopies &copies) {
  return std::make_unique<FmaProduct>(k, tile, copies);
}
