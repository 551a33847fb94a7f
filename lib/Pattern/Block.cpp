//===- Block.cpp - Blocks, whole columns and whole rows -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Block.h"
#include "Selection.h"

#include <limits>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

TilePattern::TilePattern(std::optional<double> sparsity) : zeros(sparsity) {
  assert(!sparsity || (*sparsity >= 0 && *sparsity <= 1));
}

std::optional<Violation> TilePattern::check(const Mask &mask) const {
  auto [rowTile, colTile] = tile(mask.rows(), mask.cols());
  Tiling tiling{rowTile, colTile};
  int64_t total = tiling.count(mask.rows(), mask.cols());
  return tiling.check(mask, unit(), zeros ? keptUnits(total, *zeros) : total);
}

Mask TilePattern::completed(const Mask &mask) const {
  auto [rowTile, colTile] = tile(mask.rows(), mask.cols());
  return Tiling{rowTile, colTile}.completed(mask);
}

double TilePattern::nominalDensity() const {
  return zeros ? 1 - *zeros : Pattern::nominalDensity();
}

Result<Mask> TilePattern::pruneChecked(const Saliency &saliency) const {
  if (!zeros)
    return Pattern::pruneChecked(saliency);
  auto [rowTile, colTile] = tile(saliency.rows, saliency.cols);
  Tiling tiling{rowTile, colTile};
  return tiling.prune(
      saliency, keptUnits(tiling.count(saliency.rows, saliency.cols), *zeros));
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

BlockPattern::BlockPattern(int64_t rows, int64_t cols,
                           std::optional<double> sparsity)
    : TilePattern(sparsity), height(rows), width(cols) {
  assert(rows >= 1 && cols >= 1);
}

Result<PatternRef> BlockPattern::parse(Arguments &args) {
  auto [rows, cols] = args.takeNextExtents(maxExtent);
  std::optional<double> sparsity = args.takeNextFraction("the sparsity");
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<BlockPattern>(rows, cols, sparsity));
}

std::string BlockPattern::str() const {
  return "block<" + std::to_string(height) + "x" + std::to_string(width) +
         (zeros ? "," + formatNumber(*zeros) : "") + ">";
}

std::pair<int64_t, int64_t> BlockPattern::tile(int64_t, int64_t) const {
  return {height, width};
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

ChannelPattern::ChannelPattern(std::optional<double> sparsity, int64_t group)
    : TilePattern(sparsity), group(group) {
  assert(group >= 1);
}

Result<PatternRef> ChannelPattern::parse(Arguments &args) {
  int64_t group = args.takeInteger("group", {1, maxExtent}, 1);
  std::optional<double> sparsity = args.takeNextFraction("the sparsity");
  group = args.takeNextInteger("columns a channel", {1, maxExtent}, group);
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<ChannelPattern>(sparsity, group));
}

std::string ChannelPattern::str() const {
  std::string size = std::to_string(group);
  if (!zeros)
    return group == 1 ? "channel" : "channel<group=" + size + ">";
  return "channel<" + formatNumber(*zeros) + (group == 1 ? "" : "," + size) +
         ">";
}

std::pair<int64_t, int64_t> ChannelPattern::tile(int64_t rows, int64_t) const {
  return {std::max<int64_t>(rows, 1), group};
}

//===----------------------------------------------------------------------===//
// Filters
//===----------------------------------------------------------------------===//

FilterPattern::FilterPattern(std::optional<double> sparsity)
    : TilePattern(sparsity) {}

Result<PatternRef> FilterPattern::parse(Arguments &args) {
  std::optional<double> sparsity = args.takeNextFraction("the sparsity");
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<FilterPattern>(sparsity));
}

std::string FilterPattern::str() const {
  return zeros ? "filter<" + formatNumber(*zeros) + ">" : "filter";
}

std::pair<int64_t, int64_t> FilterPattern::tile(int64_t, int64_t cols) const {
  return {1, std::max<int64_t>(cols, 1)};
}

} // namespace mlir::spmmplu
