//===- Dense.h - The dense and the unstructured pattern ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_DENSE_H
#define SPMMPLU_PATTERN_DENSE_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `dense`: every element.
class DensePattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "dense";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  Mask completed(const Mask &mask) const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;
  double nominalDensity() const override { return 1; }
};

/// `unstructured<sparsity>`: any elements, at most a fraction 1 - sparsity of
/// them. Without a sparsity, any mask.
class UnstructuredPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "unstructured";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  explicit UnstructuredPattern(std::optional<double> sparsity);
  std::optional<double> sparsity() const { return zeros; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;

  std::optional<double> zeros;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_DENSE_H
