//===- AttentionTile.h - The softmax of a block's rows ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tile sizes of `AttentionKernel.cpp`, the softmax over a row's tiles and
// how a block's rows start and end.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ATTENTIONTILE_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ATTENTIONTILE_H

#include "OutputTile.h"

namespace mlir::spmmplu {

/// Sizes in elements, bytes where the name says so. A stage holds a granule's
/// rows of the key, then those of v.
struct AttentionTile {
  int64_t rows, cols, stages, warps;
  /// Columns of the key and of v, filled up to what chunks can be swizzled in.
  int64_t depth, width;
  double scale; ///< of scores as powers of two
  Type input;

  static AttentionTile get(AttentionOp op);

  int64_t threads() const { return warps * 32; }
  int64_t warpRows() const { return rows / warps; }
  int64_t stageBytes() const { return cols * (depth + width) * 2; }
};

/// Which of an op's tables a kernel walks, in values of the host.
struct AttentionPart {
  int64_t number = 0, count = 1;
  Value batch; ///< slices, one along the grid's second dimension
  /// Memref [batch][row][2] f32: a row's maximum and its sum of weights so far;
  /// null with one part.
  Value sums;
};

/// A lane's share of the running softmax of the warp's rows. The state that
/// loops carry is, for each half (8 rows) of each row tile, the maximum in
/// powers of two; then the sum of the lane's weights; then the m16n8
/// accumulators of the output, weighted alike.
class OnlineSoftmax {
public:
  OnlineSoftmax(DeviceEmitter &e, const AttentionTile &tile,
                const TilePlace &place)
      : e(e), tile(tile), place(place) {}

  SmallVector<Value> start();
  /// Scores with -inf where the mask has no bit; `words` points to the mask
  /// word of the lane's first row.
  SmallVector<Value> mask(Value words, ArrayRef<Value> scores);
  /// Makes scores weights, and scales the state to the new maxima.
  void update(SmallVectorImpl<Value> &scores, SmallVectorImpl<Value> &state);
  /// Two m16n8 accumulators as a fragment of the left operand.
  Value toFragment(Value low, Value high);

  int64_t halves() const { return tile.warpRows() / 8; }
  Value &maximum(SmallVectorImpl<Value> &state, int64_t half) const {
    return state[half];
  }
  Value &sum(SmallVectorImpl<Value> &state, int64_t half) const {
    return state[halves() + half];
  }
  Value &output(SmallVectorImpl<Value> &state, int64_t i, int64_t j) const {
    return state[2 * halves() + i * tile.width / 8 + j];
  }
  /// The sum over the four lanes of a row.
  Value addLanes(Value value) const;

private:
  Value f32(double value) const;
  /// The value of the lane whose number differs in the bits of `mask`.
  Value exchange(Value value, int64_t mask) const;

  DeviceEmitter &e;
  const AttentionTile &tile;
  const TilePlace &place;
};

/// The state that a part goes on from, and the rows that it leaves.
class AttentionStore {
public:
  AttentionStore(KernelBuilder &k, AttentionOp op, const AttentionTile &tile,
                 const AttentionPart &part, Value panelRows);

  /// The state that the part before left.
  SmallVector<Value> load(const TilePlace &place, Value panel, Value firstRow);
  void write(OnlineSoftmax &softmax, SmallVectorImpl<Value> &state,
             Value scratch, const TilePlace &place, Value panel,
             Value firstRow);
  int64_t bytes() const { return tile.rows * pitch(); }

private:
  int64_t pitch() const; ///< bytes from one row of scratch to the next
  Value rowAt(Value panel, Value row);
  Value sumsAt(Value row);
  Value loadOutput(Value low, Value high, Value column, Value lowSum,
                   Value highSum);
  void storeSums(OnlineSoftmax &softmax, SmallVectorImpl<Value> &state,
                 ArrayRef<Value> total, const TilePlace &place, Value panel,
                 Value firstRow);
  void writeScratch(OnlineSoftmax &softmax, SmallVectorImpl<Value> &state,
                    ArrayRef<Value> total, Value base, const TilePlace &place);
  void storeChunk(Value source, Value row, Value column);

  DeviceEmitter &e;
  const AttentionTile &tile;
  SlicedOperand out;
  Value panelRows, sums; ///< `sums`: of the block's slice
  int64_t width;         ///< columns of v
  bool isLast;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ATTENTIONTILE_H
