//===- Compact.h - The compact form of N:M matrices -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_COMPACT_H
#define SPMMPLU_PATTERN_COMPACT_H

#include "spmmplu/Pattern/Layout.h"

#include <cstddef>
#include <span>
#include <vector>

namespace mlir::spmmplu {

/// The bits in which an index inside a group of `m` is stored: the least of 1,
/// 2, 4, 8, 16, 32 in which m - 1 fits. From 8 on an index is whole bytes,
/// little-endian; below, indices are packed from the lowest bit up.
int64_t indexBits(int64_t m);

/// A matrix of the N:M family without its zeros. Canonical: one form for a
/// matrix, a layout and a mask, and none of a kernel's tile sizes in it.
///
/// A row stores its elements group by group, and in a group in the order of the
/// list's positions. A group with less than its share of elements is filled up
/// with zeros at the lowest positions that are free, so indices in a group
/// ascend strictly, as sparse tensor cores want them.
struct CompactMatrix {
  GroupedLayout layout;
  int64_t elementBytes = 1; ///< of any type whose zero is all bits zero
  /// layout.rows x layout.slots() elements, in stored order.
  std::vector<std::byte> values;
  /// layout.vectorCount() rows of layout.slots() indices inside their groups,
  /// each row padded to a byte with zero bits.
  std::vector<uint8_t> indices;

  /// Bytes of a row of indices.
  int64_t indexRowBytes() const;
  /// The position, inside its group, of slot `slot` of the rows of `vector`.
  int64_t index(int64_t vector, int64_t slot) const;

  /// An error for what breaks a rule above, for data from files. The functions
  /// below require that there is none.
  ::spmmplu::Status validate() const;

  bool operator==(const CompactMatrix &) const = default;
};

/// The elements of `mask` of a dense row-major matrix. An error where the
/// layout or the sizes do not fit, and where the mask does not: the first
/// offending group.
::spmmplu::Result<CompactMatrix> pack(const GroupedLayout &layout,
                                      const Mask &mask,
                                      std::span<const std::byte> dense,
                                      int64_t elementBytes);
/// The same in the natural layout of a pattern (see `layoutOf`).
::spmmplu::Result<CompactMatrix> pack(const Pattern &pattern, const Mask &mask,
                                      std::span<const std::byte> dense,
                                      int64_t elementBytes);

/// The dense row-major matrix, bit for bit, zeros elsewhere.
std::vector<std::byte> unpack(const CompactMatrix &matrix);
/// The elements that are stored, zeros that fill groups up included: packing
/// `unpack(m)` with `storedMask(m)` in m's layout gives m.
Mask storedMask(const CompactMatrix &matrix);
/// The stored elements that have a bit set, so a negative zero counts.
Mask nonZeroMask(const CompactMatrix &matrix);

/// The same matrix in the natural layout of another pattern. An error if its
/// non-zeros do not obey that (vectors that they touch are made whole first).
::spmmplu::Result<CompactMatrix> convert(const CompactMatrix &matrix,
                                         const Pattern &pattern);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_COMPACT_H
