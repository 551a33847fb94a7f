//===- Pattern.cpp - A family of sparsity masks ---------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Pattern/Arguments.h"

#include <cmath>
#include <limits>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

static std::string atElement(int64_t row, int64_t col) {
  return " at row " + std::to_string(row) + ", column " + std::to_string(col);
}

/// The first element, row-major, in which two masks of one shape differ.
static std::optional<Violation> firstDifference(const Mask &mask,
                                                const Mask &expected) {
  for (int64_t r = 0; r < mask.rows(); ++r)
    for (int64_t w = 0; w < mask.wordsPerRow(); ++w) {
      uint64_t found = mask.row(r)[w], wanted = expected.row(r)[w];
      if (found == wanted)
        continue;
      int64_t bit = std::countr_zero(found ^ wanted), col = w * 64 + bit;
      Violation result{r, col, int64_t(found >> bit & 1),
                       int64_t(wanted >> bit & 1), "element"};
      result.message +=
          atElement(r, col) +
          (result.expected ? ": expected 1, found 0" : ": expected 0, found 1");
      return result;
    }
  return std::nullopt;
}

std::optional<Violation> Pattern::check(const Mask &mask) const {
  if (std::optional<Mask> expected = this->mask(mask.rows(), mask.cols()))
    return firstDifference(mask, *expected);
  return std::nullopt;
}

std::optional<Mask> Pattern::mask(int64_t, int64_t) const {
  return std::nullopt;
}

std::vector<MaskPart> Pattern::decompose(const Mask &mask) const {
  return {MaskPart{mask, {}, {}}};
}

double Pattern::nominalDensity() const {
  return std::numeric_limits<double>::quiet_NaN();
}

Result<Mask> Pattern::prune(const Saliency &saliency) const {
  int64_t size = int64_t(saliency.values.size());
  bool fits = saliency.rows >= 0 && saliency.cols >= 0 &&
              (saliency.rows == 0 || saliency.cols == 0
                   ? size == 0
                   : size % saliency.cols == 0 &&
                         size / saliency.cols == saliency.rows);
  if (!fits)
    return Error{"saliency: expected " + std::to_string(saliency.rows) + " x " +
                 std::to_string(saliency.cols) + " values, found " +
                 std::to_string(size)};
  for (int64_t i = 0; i < size; ++i)
    if (!(saliency.values[i] >= 0))
      return Error{"saliency" +
                   atElement(i / saliency.cols, i % saliency.cols) +
                   ": expected a number >= 0, found " +
                   formatNumber(saliency.values[i])};
  Mask support =
      Mask::ofNonZeros(saliency.values, saliency.rows, saliency.cols);
  if (!check(support))
    return support;
  return pruneChecked(saliency);
}

Result<Mask> Pattern::pruneChecked(const Saliency &saliency) const {
  if (std::optional<Mask> determined = mask(saliency.rows, saliency.cols))
    return std::move(*determined);
  return Error{"pattern '" + str() +
               "': expected a sparsity to prune to, found none"};
}

} // namespace mlir::spmmplu
