//===- AlignedMatrix.h - Matrices with aligned lines -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tensor maps, and copies of 16 bytes, want a matrix whose lines start at
// multiples of 16 bytes; where many blocks read it, those of 32 are faster, as
// no line begins within a sector. A matrix of which this is not known is copied
// into memory of its own, by a kernel that is launched with an empty grid where
// the lines turn out to be aligned. So is one whose lines run the other way,
// always.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ALIGNEDMATRIX_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ALIGNEDMATRIX_H

#include "Kernels.h"

namespace mlir::spmmplu {

class AlignedMatrix {
public:
  /// What is read of a line: its elements; chunks of 16 bytes, which lines of a
  /// copy then are whole of; or elements, by sectors of 32 bytes, of which
  /// lines then start at multiples.
  enum class Reads { Elements, Chunks, Sectors };

  /// Whether lines of `memref` are known to be aligned, and as long as is read.
  static bool isPlain(Value memref, Reads reads = Reads::Elements);

  /// A memref of rank 2, its last dimension contiguous, or the transpose of one
  /// of 16- or 32-bit elements: emits the copy (if any) where `k` emits host
  /// operations.
  AlignedMatrix(KernelBuilder &k, Value memref, bool transposed = false,
                Reads reads = Reads::Elements);

  /// Of the host: i64, and the elements from one line to the next.
  Value getAddress() const { return address; }
  Value getStride() const { return stride; }

  /// A tensor map of boxes of `boxRows` x `boxCols` elements: a host value.
  Value describe(int64_t boxRows, int64_t boxCols);
  /// Frees the copy; after the launch that reads it.
  void release();

private:
  /// Whether `bytes` divide the places of lines: of the host, i1.
  Value areMultiples(Value offset, int64_t bytes);
  /// Copies unless `aligned`, by 16 bytes where `chunked`.
  void copy(Value aligned, Value chunked);
  /// Elements from line to line of a copy.
  Value getPitch();
  void transpose();

  KernelBuilder &k;
  OpBuilder &host;
  Location loc;
  Value memref;
  int64_t lineElements;     ///< of 16 bytes
  Value rows, cols, stride; ///< index, in elements
  Value address;            ///< i64
  Value buffer;             ///< null: no copy is ever needed
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_ALIGNEDMATRIX_H
