//===- GpuAttention.cpp - What sparse attention costs on a GPU ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What lib/Conversion/SparseIRToGPU/AttentionKernel.cpp takes and costs: change
// them together. The constants are in docs/cost-model.md.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Attention.h"

#include <algorithm>
#include <bit>
#include <cmath>

using namespace mlir::spmmplu;

/// Until a block's first tile is there: its lists, then what they name.
static constexpr double kPrologueMicros = 2.5;
/// Of a tile where nothing else runs on the SM: product, exponentials and
/// product follow each other in every warp.
static constexpr double kTileMicros = 0.9;
/// Exponentials that an SM takes in a cycle.
static constexpr double kExponentials = 16;
/// Passes over stored scores: written, read twice and written by the softmax,
/// read by the second product.
static constexpr double kScorePasses = 5;

static double micros(double bytes, double gbps) { return bytes / (gbps * 1e3); }

/// What 16-byte chunks are exchanged in: a power of two.
static int64_t fillUp(int64_t columns) {
  return int64_t(std::bit_ceil(uint64_t(std::max<int64_t>(columns, 16))));
}

namespace {

/// A block of the kernel, sizes in bytes.
struct AttentionBlock {
  AttentionBlock(const AttentionProblem &problem, const Strategy &s)
      : rows(double(s.rows)), cols(double(s.vectors * s.intrinsic->j)),
        depth(double(fillUp(problem.depth))),
        width(double(fillUp(problem.width))), warps(double(s.warpsI)),
        stages(double(s.stages)) {}

  double stageBytes() const { return cols * (depth + width) * 2; }
  double sharedBytes() const {
    return stages * stageBytes() +
           std::max(rows * depth * 2, rows * (width * 4 + 16));
  }
  /// Scores, output and queries of a thread, and what goes with them.
  double registers() const {
    double perRow = cols + width + depth / 2;
    return std::min(255.0, rows / warps * perRow / 32 + 72);
  }
  double resident(const Target &target) const {
    return std::min({target.sharedKib * 1024 / sharedBytes(),
                     double(target.registers) / (registers() * warps * 32),
                     2048 / (warps * 32)});
  }

  double rows, cols, depth, width, warps, stages;
};

} // namespace

std::vector<Strategy>
mlir::spmmplu::enumerateAttention(const Target &target,
                                  const AttentionProblem &problem) {
  std::vector<Strategy> strategies;
  if (target.kind != TargetKind::Gpu || problem.depth < 1 ||
      problem.width < 1 || problem.depth > kMaxAttentionWidth ||
      problem.width > kMaxAttentionWidth)
    return strategies;
  for (const IntrinsicRate &rate : target.rates) {
    const Intrinsic &intrinsic = *rate.intrinsic;
    if (intrinsic.unit != IntrinsicUnit::WarpMatrix || intrinsic.sparse ||
        intrinsic.input != problem.element ||
        intrinsic.accumulate != Element::F32 || intrinsic.k != 16 ||
        problem.element == Element::F32)
      continue;
    for (int64_t rows : {64, 128})
      for (int64_t stages : {2, 3}) {
        Strategy s;
        s.intrinsic = rate.intrinsic;
        s.rows = rows;
        s.vectors = 64 / intrinsic.j;
        s.depth = s.step = fillUp(problem.depth);
        s.stages = stages;
        s.warpsI = rows / 16;
        if (AttentionBlock(problem, s).resident(target) >= 1)
          strategies.push_back(s);
      }
  }
  return strategies;
}

/// Microseconds that the SMs' units need for a tile, all of them busy.
static double getTileTime(const Target &target, const AttentionBlock &block,
                          const Intrinsic &intrinsic) {
  double flops = 2 * block.rows * block.cols * (block.depth + block.width);
  double tensor = flops / (target.gflops(intrinsic) * 1e3);
  // Each warp reads the keys and values that all of them share.
  double shared = micros(block.stageBytes() * (1 + block.warps), target.l1Gbps);
  double fill = micros(block.stageBytes(), target.l2Gbps);
  double softmax =
      block.rows * block.cols / (kExponentials * target.clockGhz * 1e3);
  return std::max({tensor + softmax, shared, fill});
}

AttentionPrediction mlir::spmmplu::predictAttention(
    const Target &target, const AttentionProblem &problem,
    const Strategy &strategy, std::span<const TileTable> parts) {
  AttentionBlock block(problem, strategy);
  double batch = double(problem.batch), sms = double(target.cores);
  double resident = std::max(1.0, std::floor(block.resident(target)));
  double operands = batch * 2 *
                    (double(problem.rows) * double(problem.depth) +
                     double(problem.cols) * double(problem.depth) +
                     double(problem.cols) * double(problem.width) +
                     double(problem.rows) * double(problem.width));
  AttentionPrediction result;
  double compute = 0;
  for (const TileTable &part : parts) {
    double panels = double(part.panels()), tiles = double(part.tiles.size());
    int32_t longest = 0;
    for (int64_t p = 0; p < part.panels(); ++p)
      longest = std::max(longest, part.tilePtr[p + 1] - part.tilePtr[p]);
    double busy = std::clamp(panels * batch, 1.0, sms);
    double tile = getTileTime(target, block, *strategy.intrinsic);
    // Blocks in turns hide each other's latencies.
    double perTile = std::max(tile, kTileMicros / resident);
    double all =
        batch * (tiles * perTile + panels * kPrologueMicros / resident) / busy;
    double alone = double(longest) * kTileMicros + kPrologueMicros;
    compute += batch * tiles * tile / busy;
    result.fused += std::max(all, alone) + target.launchMicros;
  }
  double memory = target.dramGbps.all;
  result.fused = std::max(result.fused, micros(operands, memory));
  double scores = double(problem.nonZeros) * batch * 2;
  result.separate = std::max(compute, micros(operands, memory)) +
                    micros(kScorePasses * scores, memory) +
                    3 * target.launchMicros;
  return result;
}
