//===- SpaceReport.h - The space of strategies as a table ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the enumeration made at each level of the hardware, what it removed and
// why, and what was kept: for remarks and `sparse-compile --dump-strategies`.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_SPACEREPORT_H
#define SPMMPLU_TARGET_SPACEREPORT_H

#include "spmmplu/Target/Selection.h"

#include <string>
#include <vector>

namespace mlir::spmmplu {

/// A level decides on some fields, given those of the levels below it.
struct SpaceLevel {
  std::string name, decides;
  size_t made = 0; ///< distinct up to this level
  size_t left = 0; ///< those of them that some candidate has
};

struct SpaceCounts {
  std::vector<SpaceLevel> levels; ///< innermost first
  size_t made = 0;
  size_t overCapacity = 0; ///< registers, shared memory, threads
  size_t misaligned = 0;   ///< extents that the kernels do not take
  size_t candidates = 0;
};

SpaceCounts countSpace(const Target &target, const ProductProblem &problem);

/// The table: the levels, then what dominance keeps with its times over N, and
/// the ranges of `selection` (if it has strategies).
std::string describeSpace(const Target &target, const ProductProblem &problem,
                          std::span<const Candidate> candidates, bool isFull,
                          const Selection &selection);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_SPACEREPORT_H
