//===- NM.h - N:M and vector-wise N:M ---------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_NM_H
#define SPMMPLU_PATTERN_NM_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `nm<N:M>`: at most N of every M consecutive columns of a row. Windows start
/// at multiples of M; a shorter one at the end keeps in proportion, rounded up.
class NMPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "nm";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  explicit NMPattern(Ratio ratio);
  Ratio ratio() const { return kept; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;

  Ratio kept;
};

/// `vector-nm<N:M,l=L>`: N:M over vectors of L consecutive rows that are
/// non-zero as a whole (NM-SpMM, with the sparse operand on the left). The last
/// rows may be fewer; windows end as for `nm`.
class VectorNMPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "vector-nm";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  VectorNMPattern(Ratio ratio, int64_t length);
  Ratio ratio() const { return kept; }
  int64_t vectorLength() const { return length; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  Mask completed(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;

  Ratio kept;
  int64_t length;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_NM_H
