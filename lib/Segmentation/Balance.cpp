//===- Balance.cpp - Cutting panels into tasks of equal work --------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/Tables.h"

#include <algorithm>
#include <numeric>
#include <utility>

using namespace mlir::spmmplu;

/// The work of panels [0, p) for every p.
static std::vector<double> accumulateWork(const ChainTable &table,
                                          double panelCost) {
  int64_t panels = table.panels();
  std::vector<double> work(panels + 1, 0.0);
  for (int64_t p = 0; p < panels; ++p) {
    int64_t entries = 0;
    for (int64_t f = 0; f < table.phases; ++f)
      entries +=
          table.chainPtr[f * panels + p + 1] - table.chainPtr[f * panels + p];
    work[p + 1] = work[p] + panelCost + double(entries);
  }
  return work;
}

/// Fills ranges up to `cap` from the front, each with one panel at least, and
/// leaves one panel for each range to come. Returns the boundaries; the last is
/// short of all panels where `cap` is too small.
static std::vector<int32_t> fillRanges(const std::vector<double> &work,
                                       int64_t ranges, double cap) {
  int64_t panels = int64_t(work.size()) - 1;
  std::vector<int32_t> bounds = {0};
  for (int64_t left = ranges; left > 0; --left) {
    int64_t begin = bounds.back();
    int64_t end =
        std::upper_bound(work.begin() + begin, work.end(), work[begin] + cap) -
        work.begin() - 1;
    end = std::min(std::max(end, begin + 1), panels - (left - 1));
    bounds.push_back(int32_t(end));
  }
  return bounds;
}

std::vector<int32_t> mlir::spmmplu::balancePanels(const ChainTable &table,
                                                  int32_t tasks,
                                                  double panelCost) {
  int64_t panels = table.panels();
  if (panels == 0)
    return {0};
  std::vector<double> work = accumulateWork(table, std::max(0.0, panelCost));
  int64_t ranges = std::clamp<int64_t>(tasks, 1, panels);

  // The least cap that suffices, by bisection: the slowest task decides when
  // all are done. `high` always suffices. Stopping well above the rounding
  // error of a sum of work keeps a range that meets the cap exactly under it.
  double low = 0, high = work.back();
  while (high - low > 1e-9 * high) {
    double cap = low + (high - low) / 2;
    bool suffices = fillRanges(work, ranges, cap).back() == panels;
    (suffices ? high : low) = cap;
  }
  return fillRanges(work, ranges, high);
}

std::vector<int32_t> mlir::spmmplu::orderLongestFirst(const ChainTable &table) {
  int64_t panels = table.panels();
  std::vector<int64_t> lengths(panels, 0);
  for (int64_t chain = 0; chain < table.phases * panels; ++chain)
    lengths[chain % panels] +=
        table.chainPtr[chain + 1] - table.chainPtr[chain];
  std::vector<int32_t> order(panels);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](int32_t a, int32_t b) {
    return std::pair(-lengths[a], a) < std::pair(-lengths[b], b);
  });
  return order;
}
