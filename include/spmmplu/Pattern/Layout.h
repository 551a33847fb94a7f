//===- Layout.h - Where N:M matrices keep elements --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_LAYOUT_H
#define SPMMPLU_PATTERN_LAYOUT_H

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Pattern.h"

#include <cstdint>
#include <vector>

namespace mlir::spmmplu {

/// The places in which a matrix of the N:M family may have elements, and the
/// order in which they are stored. All patterns of the family are instances:
///
/// |             | tileRows | vectorRows | columns            | ratio |
/// | ----------- | -------- | ---------- | ------------------ | ----- |
/// | `nm`        | 1        | 1          | natural            | N:M   |
/// | `vector-nm` | l        | l          | natural            | N:M   |
/// | `hinm`      | v        | 1          | a list a tile      | N:M   |
/// | `vnm`       | v        | 1          | 2N of every M      | N:2N  |
///
/// Stored row p is row `rowOrder[p]` of the matrix. Stored rows are cut into
/// tiles of `tileRows`; a tile has `keptColumns` columns in the order of its
/// list; consecutive ones form groups of ratio.m, the last perhaps shorter. Of
/// a group, `vectorRows` consecutive stored rows together have at most ratio.n
/// columns (a shorter group: in proportion, rounded up). No kernel's tile sizes
/// occur here.
struct GroupedLayout {
  int64_t rows = 0, cols = 0;
  int64_t tileRows = 1;
  int64_t vectorRows = 1; ///< divides tileRows
  Ratio ratio{1, 1};
  int64_t keptColumns = 0;
  /// A permutation of the rows; empty is the natural order.
  std::vector<int32_t> rowOrder;
  /// tileCount() x keptColumns columns, each at most once in a tile; -1 fills a
  /// group up. Empty is every column in order, with keptColumns = cols.
  std::vector<int32_t> columns;

  int64_t tileCount() const;
  int64_t vectorCount() const;
  int64_t groupCount() const;
  /// The positions of `group`: ratio.m, or fewer in the last.
  int64_t groupSize(int64_t group) const;
  /// The elements that a row stores of a group of `size` positions.
  int64_t slotsOfGroup(int64_t size) const;
  /// The elements that a row stores.
  int64_t slots() const;
  int64_t rowAt(int64_t position) const {
    return rowOrder.empty() ? position : rowOrder[position];
  }
  /// The column at `position` of the list of `tile`, or -1.
  int64_t columnAt(int64_t tile, int64_t position) const {
    return columns.empty() ? position : columns[tile * keptColumns + position];
  }

  /// An error for a layout that breaks a rule above, for layouts from files.
  ::spmmplu::Status validate() const;
  /// The first place, in stored order, where `mask` (of the matrix, in its own
  /// order) has more elements than the layout has room for: an element of a
  /// column that its tile does not keep, else a group with too many. `row`,
  /// `col` and the message name rows and columns of the matrix.
  std::optional<Violation> check(const Mask &mask) const;
  /// The mask in the matrix's own order that keeps the most saliency of all
  /// that this layout can store; without elements of no saliency. The saliency
  /// has the matrix's shape.
  Mask prune(const Saliency &saliency) const;

  bool operator==(const GroupedLayout &) const = default;
};

/// The layout, without a permutation, of a mask of an `nm`, `vector-nm`, `hinm`
/// or `vnm` pattern. An error for another pattern, and for a mask that does not
/// obey: the pattern's violation, which names the first offending window.
::spmmplu::Result<GroupedLayout> layoutOf(const Pattern &pattern,
                                          const Mask &mask);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_LAYOUT_H
