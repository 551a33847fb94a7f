//===- Permutation.h - Channel permutations for HiNM ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PATTERN_PERMUTATION_H
#define SPMMPLU_PATTERN_PERMUTATION_H

#include "spmmplu/Pattern/HiNM.h"
#include "spmmplu/Pattern/Layout.h"

#include <cstdint>
#include <functional>

namespace mlir::spmmplu {

/// The saliency that a mask keeps, summed in double.
double retainedSaliency(const Saliency &saliency, const Mask &mask);

struct PermutationOptions {
  uint64_t seed = 0;
  /// Threads to use; 0 is what the machine has. The result does not depend on
  /// it.
  int threads = 0;
  /// Which axes to permute. Without the input channels, a tile's columns stay
  /// in ascending order.
  bool outputChannels = true, inputChannels = true;
  /// Called now and then, on the caller's thread or one at a time on others,
  /// with the part of the work that is done, not falling, 1 at the end.
  std::function<void(double fraction)> progress;
};

struct PermutedMask {
  /// Row order and column lists; empty row order if it is the natural one.
  GroupedLayout layout;
  /// What stays, in the matrix's own order of rows and columns.
  Mask mask;
  /// Saliency: of the matrix; kept without a permutation; with that of the
  /// output channels alone; kept by `mask`. The last is never below the second.
  double total = 0, unpermuted = 0, outputOnly = 0, retained = 0;
};

/// Prunes to `pattern` with a permutation of both axes that keeps more saliency
/// (docs/pruning.md): rows are exchanged between tiles, and per tile columns
/// between groups and with columns that were not kept. A matrix whose non-zeros
/// obey the pattern as they stand is kept as it is.
///
/// Fails where `Pattern::prune` does, and for saliency that is not finite.
/// Deterministic: a function of the pattern, the saliency, the seed and the
/// axes, on every machine with IEEE floats.
::spmmplu::Result<PermutedMask>
permuteAndPrune(const HiNMPattern &pattern, const Saliency &saliency,
                const PermutationOptions &options = {});

} // namespace mlir::spmmplu

#endif // SPMMPLU_PATTERN_PERMUTATION_H
