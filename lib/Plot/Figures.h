//===- Figures.h - What a plot says in numbers ------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_PLOT_FIGURES_H
#define SPMMPLU_LIB_PLOT_FIGURES_H

#include "spmmplu/Plot/Plot.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// Elements [rowBegin, rowEnd) x [colBegin, colEnd).
struct ElementRect {
  int64_t rowBegin, rowEnd, colBegin, colEnd;

  int64_t area() const { return (rowEnd - rowBegin) * (colEnd - colBegin); }
};

/// The elements of the mask that a meta-op covers, clipped to it.
ElementRect getRect(const PlotInput &input, const Cell &lo, const Cell &extent);

/// Of the meta-ops of one extent.
struct SetFigures {
  std::array<int64_t, 2> extent; ///< in elements, not clipped
  int64_t count = 0;             ///< meta-ops
  int64_t area = 0;              ///< elements covered, inside the mask
  int64_t nonZeros = 0;
};

struct Figures {
  int64_t nonZeros = 0;
  int64_t metaOps = 0, area = 0;
  std::vector<SetFigures> sets; ///< as `PlotInput::sets`
  /// Group of each meta-op, set by set in order; -1 where it is in none.
  std::vector<int32_t> groupOf;
  int64_t smallestGroup = 0, largestGroup = 0;
};

/// An error where `input` breaks an invariant that drawing relies on.
::spmmplu::Result<Figures> computeFigures(const PlotInput &input);

/// "1234567" as "1,234,567".
std::string formatCount(int64_t count);
/// "1 group", "2 groups".
std::string formatNoun(int64_t count, const std::string &noun);
/// "4x16"; the sign is a letter x, for fonts of ASCII.
std::string formatExtent(const std::array<int64_t, 2> &extent);
/// A share of 1 as per cent of two decimals at most: "6.25 %".
std::string formatPercent(double share);

struct Color {
  uint8_t red, green, blue;
};

/// Meta-ops by extent: hues from cool (small) to warm (large), each of `count`
/// distinct. Used by both formats so that their colours agree.
Color extentColor(int64_t index, int64_t count);
/// Groups in order: dark to light.
Color groupColor(int64_t index, int64_t count);
/// Work from light (0) to heavy (1).
Color chainColor(double position);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_PLOT_FIGURES_H
