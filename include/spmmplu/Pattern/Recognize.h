//===- Recognize.h - The pattern that a mask has ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_RECOGNIZE_H
#define SPMMPLU_PATTERN_RECOGNIZE_H

#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// The structure of `mask` from which a kernel gains most, of those that hold
/// exactly. In order of preference:
///
///  1. `dense`: no indices, no waste. Also a mask without elements.
///  2. `filter`: whole rows, a smaller dense product. Also a mask of zeros.
///  3. `channel`: whole columns, a smaller dense product after one gather; in
///     the largest groups of 49, 25, 9 or 1 that fit.
///  4. `block<RxC>`, R and C powers of two from 4 to 64: dense tiles, large
///     enough for a matrix instruction's operands to be contiguous.
///  5. `vector-nm<N:M,l>`, M of 4, 8, 16, 32, exactly N a window, l a power of
///     two from 4 to 128: dense tiles after a gather, perfectly balanced. The
///     largest l, then the smallest M.
///  6. `vnm<v=V,2:M>`, M of 8, 16, 32, then `hinm<v=V,2:4>`, V of 128 to 32:
///     lists of at most 90 % of the columns, 3 in 4 of whose 2:4 slots or more
///     are used. In the natural order of the rows only.
///  7. `nm<N:4>`, exactly N a window: balanced rows, two-bit indices. 1:4 is
///     also a mask for what takes 2:4.
///  8. `nm<2:4>`, at most 2 a window, half of these slots used or more: what
///     sparse tensor cores take. An emptier mask gains more as unstructured.
///  9. `nm<N:M>`, M of 8, 16, 32, exactly N a window: balanced rows.
/// 10. `block<RxC>` with an R or a C below 4: only fewer indices.
/// 11. `unstructured`.
///
/// The pattern has the mask's sparsity, in as few digits as determine the
/// count, and its `check` accepts the mask. Time is linear in the bits.
PatternRef recognizePattern(const Mask &mask);

struct MaskSummary {
  int64_t rows = 0, cols = 0;
  double density = 0;
  int64_t emptyRows = 0, emptyCols = 0;
  /// Non-zeros a row; zero if there are no rows.
  int64_t minPerRow = 0, maxPerRow = 0;
  double meanPerRow = 0;

  /// One line.
  std::string str() const;
};

MaskSummary summarize(const Mask &mask);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_RECOGNIZE_H
