//===- Pruning.cpp - Masks with their layouts -----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Pruning.h"
#include "Selection.h"
#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/Transposed.h"
#include "spmmplu/Pattern/VNM.h"

#include <algorithm>

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;
using ::spmmplu::Success;

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

bool canPermute(const Pattern &pattern) {
  if (const auto *transposed = pattern.as<TransposedPattern>())
    return canPermute(*transposed->pattern());
  return pattern.as<HiNMPattern>();
}

static Result<PermutedMask> pruneTransposed(const TransposedPattern &pattern,
                                            const Saliency &saliency,
                                            const PermutationOptions &options) {
  std::vector<float> values = transposedValues(saliency);
  auto pruned =
      pruneToLayout(*pattern.pattern(),
                    Saliency{saliency.cols, saliency.rows, values}, options);
  if (pruned)
    pruned->mask = pruned->mask.transposed();
  return pruned;
}

Result<PermutedMask> pruneToLayout(const Pattern &pattern,
                                   const Saliency &saliency,
                                   const PermutationOptions &options) {
  bool permutes = options.outputChannels || options.inputChannels;
  if (permutes && !canPermute(pattern))
    return Error{"permutation: expected a hinm pattern, found '" +
                 pattern.str() + "'"};
  if (const auto *transposed = pattern.as<TransposedPattern>())
    return pruneTransposed(*transposed, saliency, options);
  if (permutes)
    return permuteAndPrune(*pattern.as<HiNMPattern>(), saliency, options);
  auto mask = pattern.prune(saliency);
  if (!mask)
    return Error{mask.error()};
  PermutedMask result;
  if (auto layout = layoutOf(pattern, *mask))
    result.layout = std::move(*layout);
  for (float value : saliency.values)
    result.total += value;
  result.unpermuted = result.outputOnly = result.retained =
      retainedSaliency(saliency, *mask);
  result.mask = std::move(*mask);
  return result;
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

static Status checkRows(std::span<const int32_t> order, int64_t rows) {
  if (order.empty())
    return Success{};
  if (int64_t(order.size()) != rows)
    return Error{"row order: expected " + std::to_string(rows) +
                 " rows, found " + std::to_string(order.size())};
  std::vector<bool> seen(rows, false);
  for (int32_t row : order) {
    if (row < 0 || row >= rows || seen[row])
      return Error{"row order: expected each row from 0 to " +
                   std::to_string(rows - 1) + " once, found " +
                   std::to_string(row) +
                   (row < 0 || row >= rows ? "" : " twice")};
    seen[row] = true;
  }
  return Success{};
}

static bool hasLists(const Pattern &pattern) {
  return pattern.as<HiNMPattern>() || pattern.as<VNMPattern>();
}

/// The layout that lists of columns describe, not yet held against a mask.
static Result<GroupedLayout> layoutOfLists(const Pattern &pattern, int64_t rows,
                                           int64_t cols,
                                           const ChannelOrder &order) {
  if (!hasLists(pattern))
    return Error{"column lists: expected a hinm or vnm pattern, found '" +
                 pattern.str() + "'"};
  GroupedLayout layout;
  layout.rows = rows;
  layout.cols = cols;
  if (const auto *hinm = pattern.as<HiNMPattern>()) {
    layout.tileRows = hinm->tileRows();
    layout.ratio = hinm->ratio();
    layout.keptColumns = hinm->keptColumns(cols);
  } else {
    const auto *vnm = pattern.as<VNMPattern>();
    layout.tileRows = vnm->tileRows();
    layout.ratio = {vnm->ratio().n, 2 * vnm->ratio().n};
    layout.keptColumns = vnm->keptColumns(cols);
  }
  layout.rowOrder.assign(order.rows.begin(), order.rows.end());
  layout.columns.assign(order.columns.begin(), order.columns.end());
  if (Status status = layout.validate(); !status)
    return Error{status.error()};
  return layout;
}

Result<GroupedLayout> layoutInOrder(const Pattern &pattern, const Mask &mask,
                                    const ChannelOrder &order) {
  if (const auto *transposed = pattern.as<TransposedPattern>())
    return layoutInOrder(*transposed->pattern(), mask.transposed(), order);
  if (Status status = checkRows(order.rows, mask.rows()); !status)
    return Error{status.error()};
  if (!order.columns.empty()) {
    auto layout = layoutOfLists(pattern, mask.rows(), mask.cols(), order);
    if (!layout)
      return layout;
    if (auto violation = layout->check(mask))
      return Error{violation->message};
    return layout;
  }
  if (order.rows.empty())
    return layoutOf(pattern, mask);
  auto layout = layoutOf(pattern, mask.rowsInOrder(order.rows));
  if (!layout)
    return Error{"with the rows in order: " + layout.error()};
  layout->rowOrder.assign(order.rows.begin(), order.rows.end());
  return layout;
}

Status checkInOrder(const Pattern &pattern, const Mask &mask,
                    const ChannelOrder &order) {
  if (const auto *transposed = pattern.as<TransposedPattern>();
      transposed && !order.empty())
    return checkInOrder(*transposed->pattern(), mask.transposed(), order);
  if (!order.columns.empty()) {
    auto layout = layoutInOrder(pattern, mask, order);
    if (!layout)
      return Error{layout.error()};
    return Success{};
  }
  if (Status status = checkRows(order.rows, mask.rows()); !status)
    return status;
  auto violation =
      pattern.check(order.rows.empty() ? mask : mask.rowsInOrder(order.rows));
  if (violation)
    return Error{(order.rows.empty() ? "" : "with the rows in order: ") +
                 violation->message};
  return Success{};
}

} // namespace mlir::spmmplu
