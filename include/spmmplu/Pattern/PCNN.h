//===- PCNN.h - Pattern pruning of 3x3 kernels ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_PCNN_H
#define SPMMPLU_PATTERN_PCNN_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// `pcnn<n=N,patterns=P>`: every 3x3 kernel (9 consecutive columns, from a
/// multiple of 9) is empty or has exactly N non-zeros, in one of at most P ways
/// that the matrix shares. The columns are a multiple of 9.
class PCNNPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "pcnn";
  static constexpr int64_t kernelSize = 9;
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  PCNNPattern(int64_t nonZeros, int64_t patterns);
  int64_t nonZeros() const { return count; }
  int64_t patterns() const { return limit; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Violation> check(const Mask &mask) const override;
  /// Kernels with fewer non-zeros take a way that another kernel has, if one
  /// contains theirs.
  Mask completed(const Mask &mask) const override;
  double nominalDensity() const override;

private:
  /// The set is chosen greedily, by the saliency that each way adds; finding
  /// the best set is a maximum coverage problem.
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &s) const override;

  int64_t count, limit;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_PCNN_H
