//===- Selection.cpp - Helpers of the pruning patterns --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Selection.h"

namespace mlir::spmmplu {

std::vector<float> transposedValues(const Saliency &saliency) {
  constexpr int64_t square = 32;
  std::vector<float> values(saliency.values.size());
  for (int64_t r = 0; r < saliency.rows; r += square)
    for (int64_t c = 0; c < saliency.cols; ++c)
      for (int64_t i = r, end = std::min(saliency.rows, r + square); i < end;
           ++i)
        values[c * saliency.rows + i] = saliency.at(i, c);
  return values;
}

std::vector<double> columnSums(const Saliency &saliency, int64_t begin,
                               int64_t end) {
  std::vector<double> sums(saliency.cols, 0.0);
  for (int64_t r = begin; r < end; ++r) {
    const float *in = saliency.values.data() + r * saliency.cols;
    for (int64_t c = 0; c < saliency.cols; ++c)
      sums[c] += in[c];
  }
  return sums;
}

MergedRows::MergedRows(const Mask &mask, int64_t begin, int64_t end)
    : any(mask.wordsPerRow(), 0), every(mask.wordsPerRow(), ~0ull) {
  for (int64_t r = begin; r < end; ++r) {
    std::span<const uint64_t> row = mask.row(r);
    for (size_t w = 0; w < row.size(); ++w) {
      any[w] |= row[w];
      every[w] &= row[w];
    }
  }
}

int64_t Tiling::count(int64_t rows, int64_t cols) const {
  return ceilDiv(rows, rowTile) * ceilDiv(cols, colTile);
}

/// What is wrong with the tile of rows [r, rowEnd) and columns [c, colEnd):
/// partly filled, or one too many if `excess`.
static Violation tileViolation(const Mask &mask, std::string_view unit,
                               int64_t r, int64_t rowEnd, int64_t c,
                               int64_t colEnd, int64_t maxTiles, bool excess) {
  Violation result{r, c, 0, 0, ""};
  std::string where = std::string(unit) + " at " +
                      formatRange("row", r, rowEnd) + ", " +
                      formatRange("column", c, colEnd);
  if (excess) {
    result.found = maxTiles + 1;
    result.expected = maxTiles;
    result.message = where + ": expected at most " + std::to_string(maxTiles) +
                     " that are not empty, found one more";
    return result;
  }
  for (int64_t i = r; i < rowEnd; ++i)
    result.found += mask.countRange(i, c, colEnd);
  result.expected = (rowEnd - r) * (colEnd - c);
  result.message = where + ": expected " + std::to_string(result.expected) +
                   " non-zeros or none, found " + std::to_string(result.found);
  return result;
}

std::optional<Violation> Tiling::check(const Mask &mask, std::string_view unit,
                                       int64_t maxTiles) const {
  int64_t present = 0;
  for (int64_t r = 0; r < mask.rows(); r += rowTile) {
    int64_t rowEnd = std::min(mask.rows(), r + rowTile);
    MergedRows merged(mask, r, rowEnd);
    for (int64_t c = 0; c < mask.cols(); c += colTile) {
      int64_t colEnd = std::min(mask.cols(), c + colTile);
      if (countBits(merged.any, c, colEnd) == 0)
        continue;
      bool whole = countBits(merged.every, c, colEnd) == colEnd - c;
      if (!whole || ++present > maxTiles)
        return tileViolation(mask, unit, r, rowEnd, c, colEnd, maxTiles, whole);
    }
  }
  return std::nullopt;
}

Mask Tiling::completed(const Mask &mask) const {
  Mask tiles = mask.coarsened(rowTile, colTile);
  Mask result(mask.rows(), mask.cols());
  for (int64_t r = 0; r < mask.rows(); ++r)
    tiles.forEachInRow(r / rowTile, [&](int64_t tile) {
      result.setRange(r, tile * colTile, (tile + 1) * colTile);
    });
  return result;
}

Mask Tiling::prune(const Saliency &saliency, int64_t keep) const {
  int64_t tileCols = ceilDiv(saliency.cols, colTile);
  std::vector<double> scores(count(saliency.rows, saliency.cols), 0.0);
  for (int64_t r = 0, tileRow = 0; r < saliency.rows; r += rowTile, ++tileRow) {
    std::vector<double> sums =
        columnSums(saliency, r, std::min(saliency.rows, r + rowTile));
    for (int64_t c = 0; c < saliency.cols; ++c)
      scores[tileRow * tileCols + c / colTile] += sums[c];
  }
  Mask result(saliency.rows, saliency.cols);
  LargestSelector<double>().select(scores, keep, [&](int64_t tile) {
    int64_t r = tile / tileCols * rowTile, c = tile % tileCols * colTile;
    for (int64_t end = std::min(saliency.rows, r + rowTile); r < end; ++r)
      result.setRange(r, c, c + colTile);
  });
  return result;
}

} // namespace mlir::spmmplu
