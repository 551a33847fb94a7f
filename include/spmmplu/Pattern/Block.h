//===- Block.h - Blocks, whole columns and whole rows -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_BLOCK_H
#define SPMMPLU_PATTERN_BLOCK_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

namespace mlir::spmmplu {

/// Patterns whose units are the tiles of a regular division of the matrix
/// (tails are units too): each is empty or full, and at most a fraction
/// 1 - sparsity of them is full. Without a sparsity, any number.
class TilePattern : public Pattern {
public:
  std::optional<double> sparsity() const { return zeros; }

  std::optional<Violation> check(const Mask &mask) const override;
  Mask completed(const Mask &mask) const override;
  double nominalDensity() const override;

protected:
  explicit TilePattern(std::optional<double> sparsity);

  /// The extents of a tile, both >= 1.
  virtual std::pair<int64_t, int64_t> tile(int64_t rows,
                                           int64_t cols) const = 0;
  /// What a message calls a tile.
  virtual std::string_view unit() const = 0;

  std::optional<double> zeros;

private:
  ::spmmplu::Result<Mask> pruneChecked(const Saliency &saliency) const override;
};

/// `block<RxC[,sparsity]>`.
class BlockPattern : public TilePattern {
public:
  static constexpr std::string_view mnemonic = "block";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  BlockPattern(int64_t rows, int64_t cols, std::optional<double> sparsity);
  int64_t blockRows() const { return height; }
  int64_t blockCols() const { return width; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;

private:
  std::pair<int64_t, int64_t> tile(int64_t, int64_t) const override;
  std::string_view unit() const override { return "block"; }

  int64_t height, width;
};

/// `channel<[sparsity][,group]>`: whole columns, in groups of consecutive ones:
/// 9 for the input channels of a 3x3 convolution whose weights are [out, in *
/// 3 * 3].
class ChannelPattern : public TilePattern {
public:
  static constexpr std::string_view mnemonic = "channel";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  explicit ChannelPattern(std::optional<double> sparsity, int64_t group = 1);
  int64_t groupSize() const { return group; }

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;

private:
  std::pair<int64_t, int64_t> tile(int64_t rows, int64_t) const override;
  std::string_view unit() const override { return "channel"; }

  int64_t group;
};

/// `filter<sparsity>`: whole rows.
class FilterPattern : public TilePattern {
public:
  static constexpr std::string_view mnemonic = "filter";
  static ::spmmplu::Result<PatternRef> parse(Arguments &args);

  explicit FilterPattern(std::optional<double> sparsity);

  std::string_view name() const override { return mnemonic; }
  std::string str() const override;

private:
  std::pair<int64_t, int64_t> tile(int64_t, int64_t cols) const override;
  std::string_view unit() const override { return "filter"; }
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_BLOCK_H
