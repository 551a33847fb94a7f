//===- DenseBaseline.h - A dense product to compare with --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_DENSEBASELINE_H
#define SPMMPLU_TOOLS_SPARSERUN_DENSEBASELINE_H

#include "spmmplu/Runtime/IO/Tensor.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace spmmplu {

/// The same product by oneDNN, the matrix dense and packed beforehand. What a
/// user of oneDNN would pay on each call is timed: the right-hand side arrives
/// row-major in its own type and the result leaves so, conversions and
/// repacking included. Several ways to pose the product are tried and the
/// fastest is kept; those that oneDNN serves with its reference code are not
/// considered.
class DenseBaseline {
public:
  /// `weights` is F32 [rows, cols]; `rhs` is F32 or BF16 [cols, n] and is
  /// copied. `compute` is F32 or BF16: what both are converted to. The result
  /// is of type `output`, F32 or BF16. The error says why there is no baseline
  /// (oneDNN not built in, type not supported, only reference code).
  static Result<std::unique_ptr<DenseBaseline>>
  create(const Tensor &weights, const Tensor &rhs, DType compute, DType output);

  virtual ~DenseBaseline() = default;
  /// One product; false where oneDNN reports an error.
  virtual bool run() = 0;
  /// oneDNN's name of the kernel, "brg:avx512_core".
  virtual std::string implementation() const = 0;
  /// The result of the last run, row-major [rows, n].
  virtual Result<Tensor> result() const = 0;
};

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_DENSEBASELINE_H
