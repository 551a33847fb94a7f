//===- Recognize.cpp - The pattern that a mask has ------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Recognize.h"
#include "Selection.h"
#include "spmmplu/Pattern/Block.h"
#include "spmmplu/Pattern/Dense.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/NM.h"
#include "spmmplu/Pattern/VNM.h"

#include <cstdio>

namespace mlir::spmmplu {

/// The sparsity of the fewest digits of which `kept` of `total` units are left.
static double shortestSparsity(int64_t total, int64_t kept) {
  double exact = double(total - kept) / double(total);
  for (double scale = 1; scale <= 1e15; scale *= 10) {
    double rounded = std::round(exact * scale) / scale;
    if (keptUnits(total, rounded) == kept)
      return rounded;
  }
  return exact;
}

//===----------------------------------------------------------------------===//
// Rows and columns that are alike
//===----------------------------------------------------------------------===//

static bool sameRows(const Mask &mask, int64_t a, int64_t b) {
  std::span<const uint64_t> left = mask.row(a), right = mask.row(b);
  return std::equal(left.begin(), left.end(), right.begin());
}

/// The largest power of two R up to `most` so that the rows of every aligned
/// group of R are the same.
static int64_t alikeRows(const Mask &mask, int64_t most) {
  for (int64_t size = 1; size < most; size *= 2)
    for (int64_t r = 0; r + size < mask.rows(); r += 2 * size)
      if (!sameRows(mask, r, r + size))
        return size;
  return most;
}

/// The same for columns, up to 64, so that no group straddles two words.
static int64_t alikeCols(const Mask &mask) {
  // Bits at which the groups of 2, 4, ... 64 begin.
  static constexpr uint64_t begins[] = {0x5555555555555555, 0x1111111111111111,
                                        0x0101010101010101, 0x0001000100010001,
                                        0x0000000100000001, 0x0000000000000001};
  int64_t size = 1;
  for (uint64_t begin : begins) {
    for (int64_t r = 0; r < mask.rows(); ++r)
      for (int64_t w = 0; w < mask.wordsPerRow(); ++w) {
        // The second half of a group may lie beyond the last column.
        int64_t inside = mask.cols() - w * 64 - size;
        uint64_t valid = inside >= 64 ? ~0ull
                         : inside > 0 ? (1ull << inside) - 1
                                      : 0;
        uint64_t word = mask.row(r)[w];
        if ((word ^ word >> size) & begin & valid)
          return size;
      }
    size *= 2;
  }
  return size;
}

static bool allRowsSame(const Mask &mask) {
  for (int64_t r = 1; r < mask.rows(); ++r)
    if (!sameRows(mask, 0, r))
      return false;
  return true;
}

static PatternRef recognizeFilter(const Mask &mask) {
  int64_t full = 0;
  for (int64_t r = 0; r < mask.rows(); ++r) {
    int64_t found = mask.countRow(r);
    if (found != 0 && found != mask.cols())
      return nullptr;
    full += found != 0;
  }
  return std::make_shared<FilterPattern>(shortestSparsity(mask.rows(), full));
}

static PatternRef recognizeChannel(const Mask &mask) {
  if (!allRowsSame(mask))
    return nullptr;
  for (int64_t group : {49, 25, 9, 1}) {
    if (mask.cols() % group != 0)
      continue;
    int64_t full = 0, partial = 0;
    for (int64_t c = 0; c < mask.cols(); c += group) {
      int64_t found = mask.countRange(0, c, c + group);
      full += found == group;
      partial += found != 0 && found != group;
    }
    if (partial == 0)
      return std::make_shared<ChannelPattern>(
          shortestSparsity(mask.cols() / group, full), group);
  }
  return nullptr;
}

static PatternRef makeBlock(const Mask &mask, int64_t rows, int64_t cols) {
  int64_t total = Tiling{rows, cols}.count(mask.rows(), mask.cols());
  int64_t kept = mask.coarsened(rows, cols).count();
  return std::make_shared<BlockPattern>(rows, cols,
                                        shortestSparsity(total, kept));
}

//===----------------------------------------------------------------------===//
// N:M
//===----------------------------------------------------------------------===//

/// The set bits of each aligned field of `m` bits, m of 4, 8, 16, 32.
static uint64_t fieldCounts(uint64_t word, int64_t m) {
  word -= word >> 1 & 0x5555555555555555;
  word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
  if (m >= 8)
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
  if (m >= 16)
    word = (word + (word >> 8)) & 0x00ff00ff00ff00ff;
  if (m >= 32)
    word = (word + (word >> 16)) & 0x0000ffff0000ffff;
  return word;
}

/// One at the lowest bit of each field of `m` bits.
static uint64_t fieldOnes(int64_t m) { return ~0ull / ((1ull << m) - 1); }

/// Whether `accept(found, share)` holds in the windows of M beyond the last
/// whole word of a row; `share` is what N:M keeps there.
template <typename Predicate>
static bool tailWindows(const Mask &mask, int64_t row, Ratio ratio,
                        Predicate accept) {
  int64_t cols = mask.cols();
  for (int64_t c = cols / 64 * 64; c < cols; c += ratio.m) {
    int64_t end = std::min(cols, c + ratio.m);
    if (!accept(mask.countRange(row, c, end),
                keptInWindow(ratio.n, ratio.m, end - c)))
      return false;
  }
  return true;
}

/// The smallest M of which all windows of every `step`-th row keep the same N.
static std::optional<Ratio> exactRatio(const Mask &mask, int64_t step) {
  for (int64_t m : {4, 8, 16, 32}) {
    if (m > mask.cols())
      break;
    Ratio ratio{mask.countRange(0, 0, m), m};
    if (ratio.n == 0 || ratio.n == m)
      continue;
    uint64_t expected = fieldOnes(m) * uint64_t(ratio.n);
    bool holds = true;
    for (int64_t r = 0; r < mask.rows() && holds; r += step) {
      for (int64_t w = 0; w < mask.cols() / 64 && holds; ++w)
        holds = fieldCounts(mask.row(r)[w], m) == expected;
      holds = holds && tailWindows(mask, r, ratio, std::equal_to<int64_t>());
    }
    if (holds)
      return ratio;
  }
  return std::nullopt;
}

static bool isTwoOfFour(const Mask &mask) {
  // Counts are at most 4: adding 5 carries 3 and 4 into a field's top bit.
  const uint64_t five = fieldOnes(4) * 5, top = fieldOnes(4) * 8;
  for (int64_t r = 0; r < mask.rows(); ++r) {
    for (int64_t w = 0; w < mask.cols() / 64; ++w)
      if ((fieldCounts(mask.row(r)[w], 4) + five) & top)
        return false;
    if (!tailWindows(mask, r, {2, 4}, std::less_equal<int64_t>()))
      return false;
  }
  return mask.cols() >= 4 && mask.density() >= 0.25;
}

//===----------------------------------------------------------------------===//
// Columns that tiles of rows share
//===----------------------------------------------------------------------===//

/// The most columns that any aligned tile of `height` rows uses.
static int64_t widestTile(const Mask &mask, int64_t height) {
  int64_t most = 0;
  for (int64_t r = 0; r < mask.rows(); r += height) {
    MergedRows merged(mask, r, std::min(mask.rows(), r + height));
    most = std::max(most, countBits(merged.any, 0, mask.cols()));
  }
  return most;
}

/// The vector sparsity of the fewest digits with which `kept` of `cols` columns
/// stay; nothing if none does.
static std::optional<double> vectorSparsity(int64_t height, int64_t cols,
                                            int64_t kept) {
  double exact = 1 - double(kept) / double(cols);
  for (double scale = 1; scale <= 1e9; scale *= 10) {
    double rounded = std::clamp(std::round(exact * scale) / scale, 0.0, 1.0);
    if (HiNMPattern(height, rounded, {2, 4}).keptColumns(cols) == kept)
      return rounded;
  }
  return std::nullopt;
}

/// `vnm<2:M>` or `hinm` with 2:4, of the tallest tiles.
static PatternRef recognizeHierarchical(const Mask &mask) {
  int64_t rows = mask.rows(), cols = mask.cols(), count = mask.count();
  for (int64_t height : {128, 64, 32}) {
    int64_t used = widestTile(mask, height), kept = ceilDiv(used, 4) * 4;
    // Nearly all columns are no list worth having, and a list of which the
    // rows use little is one by chance.
    if (height > rows || double(kept) > 0.9 * double(cols) ||
        8 * count < 3 * rows * kept)
      continue;
    for (int64_t m : {8, 16, 32}) {
      VNMPattern vnm(height, {2, m});
      int64_t most = vnm.keptColumns(cols);
      if (used <= most && 2 * used > most && !vnm.check(mask))
        return std::make_shared<VNMPattern>(vnm);
    }
    auto sparsity = vectorSparsity(height, cols, kept);
    if (sparsity && !HiNMPattern(height, *sparsity, {2, 4}).check(mask))
      return std::make_shared<HiNMPattern>(height, *sparsity, Ratio{2, 4});
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

PatternRef recognizePattern(const Mask &mask) {
  if (mask.all())
    return std::make_shared<DensePattern>();
  if (PatternRef filter = recognizeFilter(mask))
    return filter;
  if (PatternRef channel = recognizeChannel(mask))
    return channel;
  int64_t vector = alikeRows(mask, 128), rows = std::min<int64_t>(vector, 64);
  int64_t cols = alikeCols(mask);
  if (rows >= 4 && cols >= 4)
    return makeBlock(mask, rows, cols);
  // Rows that are alike need one look.
  std::optional<Ratio> ratio = exactRatio(mask, vector);
  if (ratio && vector >= 4)
    return std::make_shared<VectorNMPattern>(*ratio, vector);
  if (PatternRef hierarchical = recognizeHierarchical(mask))
    return hierarchical;
  if (ratio && ratio->m == 4)
    return std::make_shared<NMPattern>(*ratio);
  if (isTwoOfFour(mask))
    return std::make_shared<NMPattern>(Ratio{2, 4});
  if (ratio)
    return std::make_shared<NMPattern>(*ratio);
  if (rows > 1 || cols > 1)
    return makeBlock(mask, rows, cols);
  return std::make_shared<UnstructuredPattern>(
      shortestSparsity(mask.rows() * mask.cols(), mask.count()));
}

MaskSummary summarize(const Mask &mask) {
  MaskSummary result;
  result.rows = mask.rows();
  result.cols = mask.cols();
  result.density = mask.density();
  int64_t total = 0;
  result.minPerRow = mask.rows() ? mask.cols() : 0;
  for (int64_t r = 0; r < mask.rows(); ++r) {
    int64_t found = mask.countRow(r);
    total += found;
    result.emptyRows += found == 0;
    result.minPerRow = std::min(result.minPerRow, found);
    result.maxPerRow = std::max(result.maxPerRow, found);
  }
  if (mask.rows())
    result.meanPerRow = double(total) / double(mask.rows());
  MergedRows merged(mask, 0, mask.rows());
  result.emptyCols = mask.cols() - countBits(merged.any, 0, mask.cols());
  return result;
}

std::string MaskSummary::str() const {
  char buffer[256];
  std::snprintf(buffer, sizeof(buffer),
                "%lld x %lld, density %.4g %%, %lld empty rows, %lld empty "
                "columns, non-zeros a row: %lld min, %.4g mean, %lld max",
                (long long)rows, (long long)cols, 100 * density,
                (long long)emptyRows, (long long)emptyCols,
                (long long)minPerRow, meanPerRow, (long long)maxPerRow);
  return buffer;
}

} // namespace mlir::spmmplu
