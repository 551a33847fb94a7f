//===- Transposed.cpp - Patterns along the other axis ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Transposed.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

Result<PatternRef> TransposedPattern::parse(std::string_view text) {
  size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  // One level: two of them are none, and depth would cost stack.
  if (text.substr(begin).starts_with(mnemonic))
    return Error{"in 'transposed': expected another pattern, found it again"};
  auto inner = parsePattern(text);
  if (!inner)
    return Error{"in 'transposed': " + inner.error()};
  return PatternRef(std::make_shared<TransposedPattern>(*inner));
}

PatternRef TransposedPattern::of(PatternRef pattern) {
  if (const auto *transposed = pattern->as<TransposedPattern>())
    return transposed->pattern();
  return std::make_shared<TransposedPattern>(std::move(pattern));
}

std::string TransposedPattern::str() const {
  return "transposed<" + inner->str() + ">";
}

std::optional<Violation> TransposedPattern::check(const Mask &mask) const {
  auto violation = inner->check(mask.transposed());
  if (!violation)
    return std::nullopt;
  std::swap(violation->row, violation->col);
  violation->message = "in the transposed matrix: " + violation->message;
  return violation;
}

Mask TransposedPattern::completed(const Mask &mask) const {
  return inner->completed(mask.transposed()).transposed();
}

std::optional<Mask> TransposedPattern::mask(int64_t rows, int64_t cols) const {
  auto transposed = inner->mask(cols, rows);
  if (!transposed)
    return std::nullopt;
  return transposed->transposed();
}

std::vector<MaskPart> TransposedPattern::decompose(const Mask &mask) const {
  std::vector<MaskPart> parts = inner->decompose(mask.transposed());
  for (MaskPart &part : parts) {
    part.mask = part.mask.transposed();
    std::swap(part.rowOrder, part.colOrder);
  }
  return parts;
}

double TransposedPattern::nominalDensity() const {
  return inner->nominalDensity();
}

Result<Mask> TransposedPattern::pruneChecked(const Saliency &s) const {
  std::vector<float> values = transposedValues(s);
  auto mask = inner->prune({s.cols, s.rows, values});
  if (!mask)
    return mask;
  return mask->transposed();
}

} // namespace mlir::spmmplu
