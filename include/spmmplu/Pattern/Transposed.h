//===- Transposed.h - Patterns along the other axis ------------- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_TRANSPOSED_H
#define SPMMPLU_PATTERN_TRANSPOSED_H

#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `transposed<P>`: the transposed matrix has pattern P. For operands whose k
/// axis is that of their rows, a sparse rhs or weights stored [in, out]:
/// NM-SpMM on the right is `transposed<vector-nm<N:M,l=L>>`.
///
/// Violations are of the transposed matrix in their message, and of the matrix
/// itself in `row` and `col`.
class TransposedPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "transposed";

  /// `text` is what stands between the brackets.
  static ::spmmplu::Result<PatternRef> parse(std::string_view text);
  /// The pattern of the transposed of a matrix of `pattern`: `transposed<P>`,
  /// or P if it is that already.
  static PatternRef of(PatternRef pattern);

  explicit TransposedPattern(PatternRef inner) : inner(std::move(inner)) {}
  const PatternRef &pattern() const { return inner; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  Mask completed(const Mask &mask) const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;
  std::vector<MaskPart> decompose(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;

  PatternRef inner;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_TRANSPOSED_H
