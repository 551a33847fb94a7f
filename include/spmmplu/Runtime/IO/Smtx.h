//===- Smtx.h - Sparse matrices of the DLMC ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The Deep Learning Matrix Collection keeps the sparsity pattern of a pruned
// weight as three lines of text, compressed sparse rows without values:
//
//   rows, cols, nnz
//   the rows + 1 row offsets
//   the nnz column indices, from 0
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_IO_SMTX_H
#define SPMMPLU_RUNTIME_IO_SMTX_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spmmplu {

struct SmtxOptions {
  DType dtype = DType::F32; ///< of the result: F32 or F64
  /// A larger dense matrix is an error (before any memory is taken).
  int64_t maxBytes = defaultMaxDenseBytes;
  /// Given: values are drawn from the standard normal distribution, none zero,
  /// a function of the seed and the position in the file alone. Else all are 1.
  std::optional<uint64_t> seed = {};
};

/// The matrix in the file `path`, dense, (rows, cols), row-major. Columns of a
/// row may come in any order but not twice. Errors start with the path, then
/// name the line.
Result<Tensor> readSmtx(const std::string &path,
                        const SmtxOptions &options = {});
/// The same from memory.
Result<Tensor> parseSmtx(std::string_view text,
                         const SmtxOptions &options = {});

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_IO_SMTX_H
