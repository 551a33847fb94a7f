//===- GpuModel.h - Strategies of GPUs, and their time ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/Target. What the kernels of lib/Conversion/SparseIRToGPU take
// (GpuStrategy.cpp, GpuSpace.cpp) and what they cost (GpuCost.cpp): change them
// together.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_GPUMODEL_H
#define SPMMPLU_LIB_TARGET_GPUMODEL_H

#include "CostModel.h"

namespace mlir::spmmplu {

/// Columns beyond which a stream's accumulators leave no registers for loads.
inline constexpr int64_t kMaxStreamCols = 64;

/// The families of docs/gpu.md, "Strategies".
enum class GpuFamily {
  Fma,
  Warp,
  Stream,
  Warpgroup,
  Transposed, ///< warpgroups that multiply the transposes
  Band,       ///< warps that take their rows from bands of the rhs
  OutputTile,
  Gather
};

/// A strategy as a block sees it: extents in elements, sizes in bytes.
struct GpuTile {
  GpuTile(const ProductProblem &problem, const Strategy &strategy);

  double lhsBytes() const;      ///< packed values of a step
  double metadataBytes() const; ///< of a step
  /// Columns of the chain matrix whose metadata lie together.
  int64_t metadataStep() const { return width == 4 ? 32 : 64; }
  double rhsBytes() const; ///< of a step
  double stageBytes() const {
    return lhsBytes() + metadataBytes() + rhsBytes();
  }
  /// Where lanes multiply and add: their rows and columns.
  int64_t laneRows() const { return rows / warpsI / 4; }
  int64_t laneCols() const { return cols / warpsJ / 8; }
  /// Stages of the ring that each warp of a stream has.
  int64_t streamStages() const;
  /// Whether warpgroups multiply, beside one that requests copies.
  bool hasWarpgroups() const {
    return family == GpuFamily::Warpgroup || family == GpuFamily::Transposed;
  }
  /// Of a transposed product: bytes of a row of the rhs, with its padding.
  int64_t rowPitch() const { return cols * width + 32; }
  /// Shared memory of a block: the ring, or what the store needs after it.
  double sharedBytes() const;
  int64_t threads() const;
  /// 32-bit registers of accumulators of a thread that computes.
  int64_t accumulators() const;
  /// Blocks that one SM holds; 0 if not even one fits.
  int64_t residentBlocks(const Target &target) const;

  /// `sharedBytes` where stages are bands.
  double bandSharedBytes() const;
  /// Of warpgroups whose block shares a chain: what others send of their sums.
  double receivedBytes() const;
  /// Stages of the rhs, of 64 k each, that a warpgroup's ring has.
  double rhsStages() const;

  GpuFamily family;
  int64_t rows, cols, step, stages;
  int64_t panels;         ///< of a block, which share the rhs; others: of one
  int64_t cluster;        ///< blocks that share the lhs
  int64_t tasks;          ///< of a stream: see `Strategy`
  int64_t split;          ///< blocks that share a chain
  int64_t warpsI, warpsJ; ///< of the tile; a stream's share steps instead
  int64_t warpsK;         ///< warps that share a chain's steps
  /// Computing warpgroups of the family Warpgroup.
  int64_t groups() const { return panels * (warpsI / 4) * warpsJ; }
  int64_t width;    ///< bytes of an operand's element
  int64_t sumWidth; ///< bytes of an accumulator
  bool sparse;
  bool gathers;        ///< entries are single k
  bool multipliesAdds; ///< in lanes, not in tensor cores
};

/// Whether sparse tensor cores take a mask for elements of the type: its
/// aligned windows of four columns hold at most two set bits; of f32, those of
/// two at most one.
bool isHalved(const Mask &mask, Element element);

/// The same of an lhs as a sparse instruction sees it: along chains of panels
/// of `rows` rows and entries of `depth`. Those of depth 1 take only the
/// columns that a panel has, four after each other.
bool isHalved(const ProductProblem &problem, int64_t rows, int64_t depth);

/// Whether the user lets the intrinsic's rounding be.
bool isAllowed(const ProductProblem &problem, const Intrinsic &intrinsic);

/// The strategies that a GPU's kernels take for the problem.
std::vector<Strategy>
enumerateGpuStrategies(const Target &target, const ProductProblem &problem,
                       std::vector<Strategy> *rejected = nullptr);

/// Of a product on values of places: strategies, of which some may not be
/// taken.
std::vector<Strategy> getValueStrategies(const ProductProblem &problem,
                                         const Intrinsic &intrinsic);
/// The time of a product of an lhs of values, and of one that has a sparse
/// result, values or a matrix: without its launch.
double predictValuesLhs(const Target &target, const ProductProblem &problem,
                        const Strategy &strategy, double n,
                        CellCounter &counter);
double predictOutputTiles(const Target &target, const ProductProblem &problem,
                          const Strategy &strategy, CellCounter &counter);

/// Blocks of several panels that take their rows from bands of the rhs: tiles,
/// of which some may not be taken; whether one is; its time without the launch.
std::vector<Strategy> getBandStrategies(const Intrinsic &intrinsic);
bool checkBands(const Target &target, const ProductProblem &problem,
                const GpuTile &tile, const Strategy &strategy);
double predictBands(const Target &target, const ProductProblem &problem,
                    const Strategy &strategy, double n, CellCounter &counter);

/// Whether a GPU's kernel takes the strategy, whatever the mask.
bool checkGpuStrategy(const Target &target, const ProductProblem &problem,
                      const Strategy &strategy);

/// `predictChecked` on GPUs.
Prediction predictGpu(const Target &target, const ProductProblem &problem,
                      const Strategy &strategy, int64_t n,
                      CellCounter &counter);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_GPUMODEL_H
