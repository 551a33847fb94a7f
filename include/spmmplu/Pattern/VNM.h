//===- VNM.h - V:N:M --------------------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_VNM_H
#define SPMMPLU_PATTERN_VNM_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `vnm<v=V,N:M>` (VENOM's V:N:M): rows are cut into tiles of V. A tile keeps
/// 2N of every M consecutive columns, M >= 2N, and every row has at most N
/// non-zeros in those: N:M for a row, N:2N for the hardware. A shorter window
/// at the end keeps columns in proportion and half of these in a row, both
/// rounded up. Unlike `hinm`, a tile's columns are spread evenly over k.
class VNMPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "vnm";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  VNMPattern(int64_t tileRows, Ratio ratio);
  int64_t tileRows() const { return height; }
  Ratio ratio() const { return kept; }

  /// How many columns a tile keeps of `cols`.
  int64_t keptColumns(int64_t cols) const;
  /// Per tile the columns in use, window by window, each filled up with -1 to
  /// what it may keep: `keptColumns` entries. `mask` must obey.
  std::vector<std::vector<int32_t>> columnLists(const Mask &mask) const;

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;
  int64_t keptInColumns(int64_t window) const;

  int64_t height;
  Ratio kept;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_VNM_H
