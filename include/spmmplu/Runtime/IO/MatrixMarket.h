//===- MatrixMarket.h - Matrix Market files ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read: coordinate and array; real, integer and (coordinate only) pattern;
// general, symmetric and skew-symmetric. Not read: complex, Hermitian.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_MATRIXMARKET_H
#define SPMMPLU_RUNTIME_IO_MATRIXMARKET_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace spmmplu {

struct MatrixMarketOptions {
  DType dtype = DType::F32; ///< of the result: F32 or F64
  /// A larger dense matrix is an error (before any memory is taken).
  int64_t maxBytes = defaultMaxDenseBytes;
};

/// The matrix in the file `path`, dense, (rows, cols), row-major. The entries
/// of a pattern are 1; values that repeat a position are added, as assembled
/// matrices mean it. A value that overflows `dtype` is an error. A symmetric
/// file must hold the lower triangle only, as the format says, without the
/// diagonal where it is skew. Errors start with the path, then name the line.
Result<Tensor> readMatrixMarket(const std::string &path,
                                const MatrixMarketOptions &options = {});
/// The same from memory.
Result<Tensor> parseMatrixMarket(std::string_view text,
                                 const MatrixMarketOptions &options = {});

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_MATRIXMARKET_H
