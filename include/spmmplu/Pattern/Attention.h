//===- Attention.h - The masks of sparse attention --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_ATTENTION_H
#define SPMMPLU_PATTERN_ATTENTION_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

// Rows are queries q, columns are keys k. All determine their mask.

/// `gst<window=W,stride=S[,causal]>`: (q - k) % S == 0 or |q - k| < W, and with
/// `causal` also q >= k (Sparse Transformer, strided).
class GSTPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "gst";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  GSTPattern(int64_t window, int64_t stride, bool causal);
  int64_t window() const { return reach; }
  int64_t stride() const { return step; }
  bool isCausal() const { return causal; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;
  /// The window in natural order, and the rest with rows and columns in order
  /// of (index % S, index / S): there it is one dense block a residue class
  /// (a triangle if causal), but for what the window took.
  std::vector<MaskPart> decompose(const Mask &mask) const override;

private:
  Mask windowMask(int64_t rows, int64_t cols) const;

  int64_t reach, step;
  bool causal;
};

/// `longformer<window=w[,global=g][,dilation=d]>`: q - k = j * d with |j| <= w,
/// and the first g rows and columns.
class LongformerPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "longformer";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  LongformerPattern(int64_t window, int64_t global, int64_t dilation);
  int64_t window() const { return reach; }
  int64_t global() const { return tokens; }
  int64_t dilation() const { return step; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;

private:
  int64_t reach, tokens, step;
};

/// `window<w[,causal]>`: |q - k| <= w, and with `causal` also q >= k.
class WindowPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "window";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  WindowPattern(int64_t window, bool causal);
  int64_t window() const { return reach; }
  bool isCausal() const { return causal; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;

private:
  int64_t reach;
  bool causal;
};

/// `bigbird<block=B,window=W,random=R,global=G,seed=S>`: in blocks of B x B,
/// the blocks at most (W - 1) / 2 from the diagonal (W is odd), the first (G +
/// 1) / 2 and last G / 2 block rows and columns, and in every other block row R
/// blocks (or all there are) drawn from the rest.
class BigBirdPattern : public Pattern {
public:
  static constexpr std::string_view mnemonic = "bigbird";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  struct Options {
    int64_t block = 64, window = 3, random = 3, global = 2, seed = 0;
  };
  explicit BigBirdPattern(Options options);
  const Options &options() const { return opts; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;
  std::optional<Mask> mask(int64_t rows, int64_t cols) const override;

private:
  Options opts;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_ATTENTION_H
