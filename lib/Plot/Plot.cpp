//===- Plot.cpp - Pictures of a mask and its meta-ops ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Plot/Plot.h"

#include "Figures.h"

#include "spmmplu/Runtime/IO/File.h"

#include <algorithm>
#include <string_view>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;

Result<PlotInput> mlir::spmmplu::makePlotInput(const Mask &mask,
                                               std::string title,
                                               std::string pattern,
                                               const PlotOptions &options) {
  if (options.cellRows < 1 || options.cellCols < 1)
    return Error{"plot: expected cells of 1x1 elements or more, found " +
                 formatExtent({options.cellRows, options.cellCols})};
  // Tables and meta-ops count in 32 bits, extents are rounded up to powers of
  // two.
  constexpr int64_t most = int64_t(1) << 30;
  if (mask.rows() > most || mask.cols() > most)
    return Error{"plot: expected a mask of at most 2^30 rows and columns, "
                 "found " +
                 formatExtent({mask.rows(), mask.cols()})};
  PlotInput input;
  input.mask = &mask;
  input.title = std::move(title);
  input.pattern = std::move(pattern);
  // A cell larger than the mask is the whole mask.
  input.cellRows = std::clamp<int64_t>(options.cellRows, 1,
                                       std::max<int64_t>(mask.rows(), 1));
  input.cellCols = std::clamp<int64_t>(options.cellCols, 1,
                                       std::max<int64_t>(mask.cols(), 1));
  Mask cells = mask.coarsened(input.cellRows, input.cellCols);
  if (cells.count() > most)
    return Error{"plot: expected at most 2^30 cells with a non-zero, found " +
                 formatCount(cells.count())};
  CellSpace space;
  space.extent = {int32_t(cells.rows()), 1, int32_t(cells.cols())};
  space.lhs = &cells;
  input.sets = segment(space);
  input.groups = groupDisjoint(input.sets, space.isOutputSparsityOnly(),
                               options.minGroupSize);
  if (options.chains && mask.cols() > 0) {
    ChainTableOptions chains;
    chains.rows = int32_t(input.cellRows);
    chains.depth = int32_t(input.cellCols);
    input.chains = buildChainTable(mask, chains);
  }
  return input;
}

/// Whether `path` ends in `extension`, in any case, after something else.
static bool hasExtension(std::string_view path, std::string_view extension) {
  if (path.size() <= extension.size())
    return false;
  std::string_view tail = path.substr(path.size() - extension.size());
  return std::equal(
      tail.begin(), tail.end(), extension.begin(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? char(a - 'A' + 'a') : a) == b;
      });
}

Status mlir::spmmplu::writePlot(const std::string &path,
                                const PlotInput &input) {
  bool isPng = hasExtension(path, ".png");
  if (!isPng && !hasExtension(path, ".html"))
    return Error{path + ": expected a plot file ending in .png or .html"};
  Result<std::string> bytes = isPng ? renderPng(input) : renderHtml(input);
  if (!bytes)
    return Error{path + ": " + bytes.error()};
  return ::spmmplu::writeFileAtomically(path, *bytes);
}
