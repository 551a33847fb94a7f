//===- Weights.h - Loads, prunes and checks weights ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSECOMPILE_WEIGHTS_H
#define SPMMPLU_TOOLS_SPARSECOMPILE_WEIGHTS_H

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include <optional>
#include <vector>

namespace mlir::spmmplu {

/// The weights that the command line names: read, converted, pruned, checked
/// against the pattern. Rank 2, of a float type. With --shape, ones at random
/// places that obey --pattern, which defaults to f16. Errors are one line.
struct Weights {
  ::spmmplu::Tensor tensor;
  /// What sparse-prune says that they obey, and in which order; null: nothing.
  PatternRef pattern;
  std::vector<int32_t> rowOrder, columns;
  int64_t columnLists = 0;
};

::spmmplu::Result<Weights> loadWeights();

/// Not every target multiplies elements of 8 bits.
::spmmplu::Status checkWeightType(::spmmplu::DType weights,
                                  std::string_view target);

/// The type that --out-dtype names for the product of weights of type
/// `weights`; nothing where it is left out.
::spmmplu::Result<std::optional<::spmmplu::DType>>
getResultType(::spmmplu::DType weights);

/// --plot, if it was given.
::spmmplu::Status plotWeights(const ::spmmplu::Tensor &weights);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSECOMPILE_WEIGHTS_H
