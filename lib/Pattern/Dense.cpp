//===- Dense.cpp - The dense and the unstructured pattern -----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Dense.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

Result<PatternRef> DensePattern::parse(Arguments &args) {
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<DensePattern>());
}

std::string DensePattern::str() const { return std::string(mnemonic); }

Mask DensePattern::completed(const Mask &mask) const {
  return Mask(mask.rows(), mask.cols(), true);
}

std::optional<Mask> DensePattern::mask(int64_t rows, int64_t cols) const {
  return Mask(rows, cols, true);
}

//===----------------------------------------------------------------------===//
// Unstructured
//===----------------------------------------------------------------------===//

UnstructuredPattern::UnstructuredPattern(std::optional<double> sparsity)
    : zeros(sparsity) {
  assert(!sparsity || (*sparsity >= 0 && *sparsity <= 1));
}

Result<PatternRef> UnstructuredPattern::parse(Arguments &args) {
  std::optional<double> sparsity = args.takeNextFraction("the sparsity");
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<UnstructuredPattern>(sparsity));
}

std::string UnstructuredPattern::str() const {
  return zeros ? "unstructured<" + formatNumber(*zeros) + ">" : "unstructured";
}

std::optional<Violation> UnstructuredPattern::check(const Mask &mask) const {
  if (!zeros)
    return std::nullopt;
  int64_t found = mask.count();
  int64_t left = keptUnits(mask.rows() * mask.cols(), *zeros);
  if (found <= left)
    return std::nullopt;
  Violation result{0, 0, found, left, ""};
  // The offending place is the first non-zero beyond those allowed.
  int64_t r = 0;
  for (; mask.countRow(r) <= left; ++r)
    left -= mask.countRow(r);
  result.row = r;
  mask.forEachInRow(r, [&](int64_t col) {
    if (left-- == 0)
      result.col = col;
  });
  result.message = "matrix: expected at most " +
                   std::to_string(result.expected) + " non-zeros, found " +
                   std::to_string(found) + ", the first too many at row " +
                   std::to_string(r) + ", column " + std::to_string(result.col);
  return result;
}

double UnstructuredPattern::nominalDensity() const {
  return zeros ? 1 - *zeros : Pattern::nominalDensity();
}

Result<Mask> UnstructuredPattern::pruneChecked(const Saliency &s) const {
  Mask result(s.rows, s.cols);
  LargestSelector<float>().select(
      s.values, keptUnits(s.rows * s.cols, zeros.value_or(0)),
      [&](int64_t i) { result.set(i / s.cols, i % s.cols); });
  return result;
}

} // namespace mlir::spmmplu
