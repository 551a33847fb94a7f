//===- MetaOps.h - Segmentation and grouping of meta-ops --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Algorithm 1 of SpMMPlu (Sec. III-C) over the computational space of
// C[M,N] = A[M,K] B[K,N]: i in M, j in N, k in K. All coordinates here are
// cells: one cell is one cuboid of the hardware intrinsic. The masks of A
// (i, k), B (k, j) and C (i, j) are coarse masks (`Mask::coarsened`), broadcast
// along the axis they lack and and-ed. Nothing is quadratic in meta-ops.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_SEGMENTATION_METAOPS_H
#define SPMMPLU_SEGMENTATION_METAOPS_H

#include "spmmplu/Pattern/Mask.h"

#include <array>
#include <cstdint>
#include <vector>

namespace mlir::spmmplu {

/// A point or an extent along (i, j, k).
using Cell = std::array<int32_t, 3>;

/// The computational space in cells. A mask that is absent (nullptr) is full.
/// Where present: lhs is extent[0] x extent[2], rhs is extent[2] x extent[1],
/// out is extent[0] x extent[1]. Extents rounded up to powers of two multiply
/// to at most 2^60.
struct CellSpace {
  Cell extent = {0, 0, 0};
  const Mask *lhs = nullptr;
  const Mask *rhs = nullptr;
  const Mask *out = nullptr;

  bool contains(int32_t i, int32_t j, int32_t k) const {
    return (!lhs || lhs->get(i, k)) && (!rhs || rhs->get(k, j)) &&
           (!out || out->get(i, j));
  }
  /// Output sparsity has no additive relation to respect when grouping.
  bool isOutputSparsityOnly() const { return out && !lhs && !rhs; }
};

/// All meta-ops of one extent. `lo` are the lower critical points; the upper
/// one of a meta-op is lo + extent. Invariant: every lo is aligned to extent.
struct MetaOpSet {
  Cell extent;
  std::vector<Cell> lo;
};

/// How full a neighbourhood must be, in meta-ops, to be replaced by one larger
/// meta-op. The defaults (all present) add no redundant work; lower values
/// trade redundant work for fewer, larger meta-ops; values above the default
/// turn a type off. Missing members are covered too, so they must be free:
/// zero, and not covered by a meta-op of this or another extent.
struct SegmentationOptions {
  int32_t cubeThreshold = 8; ///< type 1: of the aligned 2x2x2 cube
  int32_t faceThreshold = 4; ///< type 2: of an aligned 2x2 face
  int32_t edgeThreshold = 2; ///< type 3: of an aligned pair
  /// Meta-ops grow no larger than this along each axis, in cells. An axis that
  /// one meta-op spans does not grow either, whatever the thresholds.
  Cell maxExtent = {INT32_MAX, INT32_MAX, INT32_MAX};
};

/// Segments the non-zero cells of `space` into meta-ops (Algorithm 1, lines
/// 1-26). The result covers every non-zero cell exactly once; with the default
/// thresholds it covers nothing else; meta-ops never overlap. Deterministic:
/// the meta-ops of a set are tried in lexicographic order of lo, each with the
/// cube, the faces (i,j) (i,k) (j,k), the edges i, j, k. Sets are in order of
/// completion, which is ascending in (volume, extent), and not empty; lo points
/// are in lexicographic order within a set. Extents are powers of two. Meta-ops
/// are clipped by no bound: with lower thresholds one may overhang the space by
/// part of its extent, never lie outside of it. Near-linear in covered cells.
std::vector<MetaOpSet> segment(const CellSpace &space,
                               const SegmentationOptions &options = {});

/// A meta-op: lower critical point and extent.
struct MetaOp {
  Cell lo, extent;
};

/// Meta-ops that may run in parallel; groups run in sequence.
struct MetaOpGroup {
  std::vector<MetaOp> metaOps;
};

/// Policy `disjoint`, the paper's grouping (Algorithm 1, lines 27-38). Output
/// sparsity: one group per set. Otherwise no two meta-ops of a group touch the
/// same output cell. First, per set, group n holds the n-th meta-op (ascending
/// k) of every output tile. Then the groups of fewer than `minGroupSize`
/// meta-ops are combined, meta-op by meta-op, into at most as many groups: each
/// goes to the first group after all those that hold a meta-op it has an
/// additive relation with. Combined groups come last and may mix extents; where
/// all that is left adds to the same tiles they may stay small.
std::vector<MetaOpGroup> groupDisjoint(const std::vector<MetaOpSet> &sets,
                                       bool outputSparsityOnly,
                                       int64_t minGroupSize);

/// Meta-ops of one output tile in the order in which one block walks them, its
/// accumulators in registers.
struct Chain {
  int32_t i, j;                ///< the output tile's lower point, in cells
  std::vector<MetaOp> metaOps; ///< ascending k
};

/// Policy `chain`, the default: all meta-ops of one output tile form one chain.
/// `tile` is the output tile in cells (i, j); meta-ops larger than it are cut
/// along i and j, so that each lies in one tile; meta-ops smaller than the
/// tile keep their own output extent. Every tile with a meta-op has exactly
/// one chain. Chains are sorted by (i, j); meta-ops of equal k by (i, j) too.
/// Tiles that start at or beyond `bound` (the output's extent in cells) are
/// dropped: an overhanging meta-op may reach them.
std::vector<Chain>
groupChains(const std::vector<MetaOpSet> &sets, std::array<int32_t, 2> tile,
            std::array<int32_t, 2> bound = {INT32_MAX, INT32_MAX});

} // namespace mlir::spmmplu

#endif // SPMMPLU_SEGMENTATION_METAOPS_H
