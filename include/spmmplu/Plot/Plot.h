//===- Plot.h - Pictures of a mask and its meta-ops -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plot shows a person what the compiler sees in a mask: the mask itself, the
// meta-ops that Algorithm 1 finds in it, their groups and their chains. A .png
// is a picture for a report; an .html is one file that a browser opens without
// a network, to zoom into, point at and switch layers of.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PLOT_PLOT_H
#define SPMMPLU_PLOT_PLOT_H

#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Segmentation/MetaOps.h"
#include "spmmplu/Segmentation/Tables.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// What to draw. Rows of the mask are i, columns are k; meta-ops are drawn as
/// rectangles in the (i, k) plane, in cells of `cellRows` x `cellCols`
/// elements, and their j is ignored. Shape, density and all other figures are
/// computed from the mask.
struct PlotInput {
  const Mask *mask = nullptr;
  std::string title;   ///< usually the file, UTF-8
  std::string pattern; ///< e.g. `block<4x4>`; may be empty
  int64_t cellRows = 1, cellCols = 1;
  /// In the plane no two overlap, and each starts inside the mask; parts that
  /// overhang it are not drawn.
  std::vector<MetaOpSet> sets;
  /// Groups of policy `disjoint`, of the meta-ops of `sets`. May be empty.
  std::vector<MetaOpGroup> groups;
  /// Of the whole mask. Drawn in .html only.
  std::optional<ChainTable> chains;
};

struct PlotOptions {
  int64_t cellRows = 4, cellCols = 4; ///< the cuboid, in elements
  int64_t minGroupSize = 64;          ///< of `groupDisjoint`
  bool chains = true;                 ///< panels and entries of one cell
};

/// Segments and groups `mask`, which must outlive the result, at a cuboid. An
/// error for a cuboid without elements and a mask of too many cells.
::spmmplu::Result<PlotInput> makePlotInput(const Mask &mask, std::string title,
                                           std::string pattern,
                                           const PlotOptions &options = {});

/// The largest mask, in elements, that an .html can hold: it embeds every bit.
inline constexpr int64_t maxHtmlElements = int64_t(1) << 27;

/// The picture as the bytes of a file. A PNG has at most 900 x 900 pixels a
/// panel, whatever the mask. An error where `input` breaks its invariants.
::spmmplu::Result<std::string> renderPng(const PlotInput &input);
::spmmplu::Result<std::string> renderHtml(const PlotInput &input);

/// Writes the picture to `path`, whole or not at all, as its extension says:
/// .png or .html, in any case. Errors start with the path.
::spmmplu::Status writePlot(const std::string &path, const PlotInput &input);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PLOT_PLOT_H
