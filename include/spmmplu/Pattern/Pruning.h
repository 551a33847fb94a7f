//===- Pruning.h - Masks with their layouts ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_PRUNING_H
#define SPMMPLU_PATTERN_PRUNING_H

#include "spmmplu/Pattern/Permutation.h"

#include <span>
#include <vector>

namespace mlir::spmmplu {

/// Prunes to any pattern, for `hinm` with a permutation of the axes that
/// `options` names (others refuse one). For `transposed<P>` the layout is that
/// of the transposed matrix, the mask that of the matrix itself. A pattern
/// without a layout (not of the N:M family) leaves `layout.rows` zero.
::spmmplu::Result<PermutedMask>
pruneToLayout(const Pattern &pattern, const Saliency &saliency,
              const PermutationOptions &options);

/// Whether `pattern` takes a permutation.
bool canPermute(const Pattern &pattern);

/// The orders of a permutation, as files and the IR carry them: stored row p is
/// row rows[p] (empty: natural); `columns` lists per tile of stored rows its
/// columns, group by group, -1 for none (empty: by the mask). Rows and columns
/// are those of the transposed matrix for a `transposed` pattern.
struct ChannelOrder {
  std::span<const int32_t> rows, columns;

  bool empty() const { return rows.empty() && columns.empty(); }
};

/// An error where `mask`, with its rows in this order, does not obey `pattern`,
/// and for orders that are none: not each row once, or lists of columns for a
/// pattern that has none.
::spmmplu::Status checkInOrder(const Pattern &pattern, const Mask &mask,
                               const ChannelOrder &order);

/// The layout of a mask that does; see `layoutOf` for the patterns that have
/// one.
::spmmplu::Result<GroupedLayout> layoutInOrder(const Pattern &pattern,
                                               const Mask &mask,
                                               const ChannelOrder &order);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_PRUNING_H
