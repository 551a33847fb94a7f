//===- HiNM.h - Hierarchical N:M --------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_HINM_H
#define SPMMPLU_PATTERN_HINM_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `hinm<v=V,vector=S,N:M>`: rows are cut into tiles of V. A tile keeps a
/// fraction 1 - S of its columns (V x 1 vectors), a multiple of M of them; the
/// kept columns, in ascending order, form groups of M, and every row has at
/// most N non-zeros in a group. A kept column may turn out empty, so groups may
/// be filled up with unused columns, anywhere.
class HiNMPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "hinm";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  HiNMPattern(int64_t tileRows, double vectorSparsity, Ratio ratio);
  int64_t tileRows() const { return height; }
  double vectorSparsity() const { return zeros; }
  Ratio ratio() const { return kept; }

  /// How many columns a tile keeps of `cols`: the multiple of M nearest to (1 -
  /// S) * cols, at least M unless S is 1, and not above `cols`.
  int64_t keptColumns(int64_t cols) const;

  /// Per tile the kept columns in the order of their groups, `keptColumns`
  /// entries, -1 where a group is filled up. Fails where `check` does.
  ::spmmplu::Result<std::vector<std::vector<int32_t>>>
  columnLists(const Mask &mask) const;

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;
  int64_t keptInGroup(int64_t group, int64_t columns) const;
  std::optional<Violation> listColumns(const Mask &transposed, int64_t tile,
                                       std::vector<int32_t> &list) const;

  int64_t height;
  double zeros;
  Ratio kept;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_HINM_H
