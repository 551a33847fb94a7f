//===- Pattern.h - A family of sparsity masks -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pattern says which masks a matrix may have. It is made of units that are
// non-zero as a whole (an element, a block, a column, a vector of l rows), and
// of a rule which units may be present together (at most N in M, at most a
// fraction of all). The patterns of attention determine one mask a shape.
//
// Adding a pattern: a class with a static `parse`, and a row in Registry.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_PATTERN_H
#define SPMMPLU_PATTERN_PATTERN_H

#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::spmmplu {

/// The first place where a mask does not obey a pattern. `row`, `col` is the
/// first element of the offending unit or window; `found` and `expected` are
/// counts, of what the one-line `message` says.
struct Violation {
  int64_t row = 0, col = 0;
  int64_t found = 0, expected = 0;
  std::string message;
};

/// What each element is worth, usually its magnitude: a row-major `rows` x
/// `cols` matrix of numbers >= 0. A zero marks an element that is already zero.
struct Saliency {
  int64_t rows = 0, cols = 0;
  std::span<const float> values;

  float at(int64_t row, int64_t col) const { return values[row * cols + col]; }
};

/// A part of a mask and the order of its rows and columns in which it is most
/// regular: position p of the ordered part is row `rowOrder[p]` of `mask`. An
/// empty order is the natural one.
struct MaskPart {
  Mask mask;
  std::vector<int32_t> rowOrder, colOrder;
};

class Pattern {
public:
  virtual ~Pattern() = default;

  /// The mnemonic, e.g. `nm`.
  virtual std::string_view name() const = 0;
  /// The canonical text, e.g. `nm<2:4>`; `parsePattern` reads it back.
  virtual std::string str() const = 0;

  /// This pattern as a `T`, or null if it is another one.
  template <typename T> const T *as() const {
    return name() == T::mnemonic ? static_cast<const T *>(this) : nullptr;
  }

  /// Nothing if `mask` is a mask of this pattern: every unit it touches is
  /// whole and the rule holds. Counts are upper bounds, so an emptier mask
  /// obeys too. A pattern that determines its mask accepts only that one.
  virtual std::optional<Violation> check(const Mask &mask) const;

  /// `mask` with every unit that it touches made whole, for matrices with
  /// stray zeros inside their units: `check(completed(mask))` tells whether
  /// they can be stored in this pattern.
  virtual Mask completed(const Mask &mask) const { return mask; }

  /// The mask of a `rows` x `cols` matrix, for patterns that determine it.
  virtual std::optional<Mask> mask(int64_t rows, int64_t cols) const;

  /// The mask of this pattern that keeps the most saliency; ties go to the
  /// lower row, then column. Units without any saliency are not kept, and a
  /// matrix that obeys already is kept as it is. Fails if the saliency is no
  /// matrix of numbers >= 0, or the pattern lacks a parameter to prune to.
  ::spmmplu::Result<Mask> prune(const Saliency &saliency) const;

  /// Disjoint parts whose union is `mask`, at least one. Orders are given where
  /// the pattern knows a more regular one.
  virtual std::vector<MaskPart> decompose(const Mask &mask) const;

  /// The density in the limit of large matrices; NaN if it is not determined.
  virtual double nominalDensity() const;

protected:
  /// `prune` for a checked saliency whose support does not obey.
  virtual ::spmmplu::Result<Mask> pruneChecked(const Saliency &saliency) const;
};

using PatternRef = std::shared_ptr<const Pattern>;

/// A row of the registry.
struct PatternInfo {
  std::string_view name;
  std::string_view usage; ///< e.g. `block<RxC[,sparsity]>`
  std::string_view help;  ///< One line.
};

/// Reads a pattern such as `vector-nm<1:4,l=32>`: a name, then positional and
/// `key=value` arguments. White space around them is ignored.
::spmmplu::Result<PatternRef> parsePattern(std::string_view text);

/// All patterns, in the order in which help should show them.
std::vector<PatternInfo> listPatterns();

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_PATTERN_H
