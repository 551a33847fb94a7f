//===- Arguments.h - The arguments of a pattern's text ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_ARGUMENTS_H
#define SPMMPLU_PATTERN_ARGUMENTS_H

#include "spmmplu/Support/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlir::spmmplu {

/// Inclusive bounds of an integer argument.
struct Bounds {
  int64_t min, max;
};
/// No index or extent in a pattern is larger, so that products of two fit.
inline constexpr int64_t maxExtent = int64_t(1) << 30;

/// N of M.
struct Ratio {
  int64_t n, m;

  bool operator==(const Ratio &) const = default;
};

/// The arguments of `name<a,b,key=c,flag>`. Each `take` consumes one argument.
/// The first mistake is remembered, further takes return harmless values, and
/// `finish` reports it; so a pattern's `parse` has no error handling between.
/// Take flags and keyed arguments first, then positional ones in their order.
class Arguments {
public:
  static ::spmmplu::Result<Arguments> split(std::string_view text);

  std::string_view name() const { return patternName; }
  /// The error for a name that is none of `names`.
  std::string unknownName(const std::vector<std::string_view> &names);

  /// Whether the bare word `key` was given.
  bool takeFlag(std::string_view key);
  /// `key=<integer>`; without `fallback` it is required.
  int64_t takeInteger(std::string_view key, Bounds bounds,
                      std::optional<int64_t> fallback = std::nullopt);
  /// The same, odd.
  int64_t takeOddInteger(std::string_view key, Bounds bounds,
                         std::optional<int64_t> fallback = std::nullopt);
  /// `key=<number in [0,1]>`.
  double takeFraction(std::string_view key,
                      std::optional<double> fallback = std::nullopt);
  /// The next positional argument as an integer; `what` names it in errors.
  int64_t takeNextInteger(std::string_view what, Bounds bounds,
                          std::optional<int64_t> fallback = std::nullopt);
  /// The next positional argument as a number in [0,1], if there is one.
  std::optional<double> takeNextFraction(std::string_view what);
  /// The next positional argument as N:M, 1 <= N <= M.
  Ratio takeNextRatio(std::optional<Ratio> fallback = std::nullopt);
  /// The next positional argument as RxC, both from 1 to `max`.
  std::pair<int64_t, int64_t> takeNextExtents(int64_t max);

  /// The first mistake, an argument that nobody took included.
  ::spmmplu::Status finish();

private:
  struct Argument {
    std::string key, value;
    size_t position; ///< 1-based, in the whole text.
    bool taken = false;
  };

  void splitList(std::string_view list, size_t position);
  Argument *find(std::string_view key);
  Argument *nextPositional();
  size_t positionOf(std::string_view key) const;
  void fail(size_t position, std::string message);
  void missing(std::string_view what);
  int64_t integer(const Argument &arg, std::string_view what, Bounds bounds);
  double fraction(const Argument &arg, std::string_view what);

  std::string text, patternName;
  size_t patternPosition = 1, endPosition = 1;
  std::vector<Argument> arguments;
  std::vector<std::string> knownKeys;
  std::optional<std::string> mistake;
};

/// The shortest decimal text that reads back as `value`.
std::string formatNumber(double value);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_ARGUMENTS_H
