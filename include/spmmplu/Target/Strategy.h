//===- Strategy.h - The strategy space and its cost model ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sample-free, bottom up (after Vortex): candidates are made at the innermost
// level from the intrinsic and its registers; every further level takes
// multiples of the one below under its capacity. No shape is sampled: N may be
// unknown, and a strategy is then judged over a spread of N.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_STRATEGY_H
#define SPMMPLU_TARGET_STRATEGY_H

#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Support/Result.h"
#include "spmmplu/Target/Intrinsic.h"
#include "spmmplu/Target/Target.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// The contents of `#sparse_ir.strategy`; see there for what each means.
struct Strategy {
  const Intrinsic *intrinsic = nullptr;
  int64_t rows = 1, depth = 1, vectors = 4, phase = 0, tasks = 1;
  bool packRhs = false;
  int64_t step = 0, stages = 0, warpsI = 1, warpsJ = 1; ///< GPUs
  int64_t split = 1, panels = 1, cluster = 1;           ///< GPUs

  /// Rows x columns x depth of an entry, e.g. `avx512-f32 4x64x4, phase 512,
  /// packed rhs` or `mma.sp-f16 128x128x64, step 64, stages 4, warps 2x4`.
  std::string str() const;
  bool operator==(const Strategy &other) const = default;
};

/// Which operand is sparse.
enum class SparseRole { Lhs, Out };

/// A product C[M,N] = A[M,K] B[K,N] as the cost model sees it.
struct ProductProblem {
  int64_t m = 0, k = 0;
  std::optional<int64_t> n; ///< nothing: dynamic
  Element element = Element::F32;
  SparseRole role = SparseRole::Lhs;
  const Mask *mask = nullptr; ///< M x K for Lhs, M x N for Out
  /// The lhs is a constant, so that it is packed at compile time.
  bool constantLhs = true;
  /// The lhs, or the result, is stored as the values of its mask's places. (On
  /// CPUs such an lhs counts as packed: vectors read rows of single k.)
  bool valuesLhs = false, valuesOut = false;
  /// Of the values of the lhs those of the mask count, which are not all.
  bool valuesPart = false;
  /// Elements of the result are narrower than sums.
  bool narrowOut = false;
  /// The rhs is a matrix in memory; else a map scatters it (img2col), and no
  /// unit copies boxes of it.
  bool matrixRhs = true;
  /// Order in which rows fill panels; empty: natural. Lists no row twice; rows
  /// that are not listed must be empty.
  std::vector<int32_t> rowOrder;
  /// The parts of an output's mask that grouping makes tables of, with their
  /// rows and columns in the order in which these fill panels and granules;
  /// empty: the mask as it is.
  std::vector<Mask> outParts;
  int64_t threads = 1;
  /// f32 operands may be rounded to tf32.
  bool allowTF32 = false;
  /// f16 products may be summed in f16.
  bool halfSums = false;
  /// Products of this kind, on slices of a batch, that follow each other. GPUs
  /// take those of output tiles, and of an lhs in place, in one launch.
  int64_t batch = 1;
};

/// The extents N over which a product of dynamic N is judged.
inline constexpr int64_t kColumnSpread[] = {1, 16, 64, 256, 1024};

/// Where the time goes, in microseconds, for one N. The bounds overlap:
/// `total` is the largest of compute and the memory levels, plus what does not
/// overlap (a part of tile products, packing of the rhs, launch). On a GPU, l1
/// is shared memory, and the total counts waves of blocks.
struct Prediction {
  double total = 0;
  double compute = 0, l1 = 0, l2 = 0, l3 = 0, memory = 0;
  double packRhs = 0, launch = 0;
  double unhidden = 0; ///< of compute, what does not overlap with the levels
  /// Bytes that pass each level towards the cores, all of them together.
  double l1Bytes = 0, l2Bytes = 0, l3Bytes = 0, memoryBytes = 0;
  /// Of non-zeros only, and of all that is multiplied.
  double usefulFlops = 0, executedFlops = 0;
};

struct Candidate {
  Strategy strategy;
  /// At `ProductProblem::n`; if that is dynamic, the geometric mean over
  /// `kColumnSpread`, field by field (a time of zero counts as a nanosecond).
  Prediction predicted;
};

/// What was chosen and what it was chosen over.
struct StrategyChoice {
  Candidate best;
  /// The best strategy that walks a full mask: what dense costs here.
  Candidate dense;
  std::vector<Candidate> candidates;      ///< all, cheapest first
  std::vector<Candidate> denseCandidates; ///< the same where all is walked
  bool denseWins() const {
    return dense.predicted.total <= best.predicted.total;
  }
};

/// The cost of one strategy at one N (for `SparseRole::Out` the mask's). The
/// total is infinite where the kernels do not take the strategy, the target
/// lacks its intrinsic, or the problem is malformed.
Prediction predict(const Target &target, const ProductProblem &problem,
                   const Strategy &strategy, int64_t n);

/// Fails if the target has no intrinsic for the element type, and on a
/// malformed problem: a mask of other extents, a row order that is none.
::spmmplu::Result<StrategyChoice> chooseStrategy(const Target &target,
                                                 const ProductProblem &problem);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_STRATEGY_H
