//===- TileOperands.h - Operands as tile units read them -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile holds 16 lines (rows of the lhs, columns of the rhs) by 32 k in either
// form that `tdpbf16ps` reads (Intel SDM, TDPBF16PS). Pairs of k are words of
// 32 bits, and one form is the other one with its words transposed.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_TILEOPERANDS_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_TILEOPERANDS_H

#include "Kernels.h"

namespace mlir::spmmplu {

constexpr int64_t kTileLines = 16; ///< rows or columns of an accumulator tile
constexpr int64_t kTileDepth = 32; ///< k of one tile product
constexpr int64_t kTileElements = kTileLines * kTileDepth;

/// How a tile in memory is laid out.
enum class TileForm {
  Lines, ///< [16 lines][32 k], of the lhs
  Pairs  ///< [16 pairs of k][16 lines][2], of the rhs
};

/// Sixteen lines of an operand.
struct TileLines {
  const MappedOperand &from;
  bool ofRhs;            ///< columns of the rhs; else rows of the lhs
  ArrayRef<Value> index; ///< of each line
  bool isRun;            ///< index[n] is index[0] + n where such a line exists
};

/// Copies 32 k from `k` on of the lines to the 512 elements of `to` from `at`
/// on. What lies beyond K is zero. Lines that do not exist hold anything.
void emitCopyTile(Emitter &e, const KernelContext &c, const TileLines &lines,
                  Value k, TileForm form, Value to, Value at);

/// Transposes a square of vectors.
void emitTranspose(Emitter &e, SmallVectorImpl<Value> &square);

/// Whether each list of `length` indices is a run, padding (-1) last.
bool areRuns(ElementsAttr lists, int64_t length);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_TILEOPERANDS_H
