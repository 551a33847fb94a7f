//===- GpuCost.cpp - What a strategy costs on a GPU ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"

#include <algorithm>
#include <cmath>

using namespace mlir::spmmplu;

// Microseconds that are much the same on every machine (docs/cost-model.md).
static constexpr double kMemoryLatency = 0.7;
static constexpr double kPrologue = 0.8;
/// The latency of memory whose rate is used up.
static constexpr double kLoadedLatency = 1.5;
/// For the blocks of a split chain to find the last of them, and for each of
/// them to be read by it.
static constexpr double kSplitMicros = 1, kSplitBlockMicros = 0.5;
/// For all warps of a block to meet before a step's copies are read, and the
/// part of memory's rate that such blocks get.
static constexpr double kMeetingMicros = 0.1, kMeetingMemory = 0.75;
/// Cycles of a warp to find and request one entry's row of the rhs.
static constexpr double kGatherCycles = 6;
/// The same, of a warp of a warpgroup that does nothing else, for the chunks of
/// 32 lanes.
static constexpr double kWarpgroupGatherCycles = 8;
/// From the request of a stage of gathered rows until it can be multiplied.
static constexpr double kGatherLatency = 2.0;
/// Bytes a clock that an SM gets from the L2 where warpgroups gather rows.
static constexpr double kGatherL2Bytes = 38;
/// Of an output tile, from its last product until its elements are stored.
static constexpr double kTileStoreMicros = 1.5;

/// Of the multiply-adds' kernel: what a load of a warp takes of the bandwidth
/// of shared memory (lanes share most of what it reads), and the multiply-adds
/// that could have been issued instead of it, and of a lane's copy of 16 bytes.
static constexpr double kFmaLoadBytes = 256, kFmaIssues = 6, kCopyIssues = 12;

// Rows of the rhs that are no multiple of 16 bytes: a copy, its launch
// included, or how much longer the elements take on their own. Measured on an
// H100 (docs/cost-model.md).
static constexpr double kUnalignedMicros = 6, kUnalignedGbps = 800;
static constexpr double kUnalignedWarp = 3, kUnalignedStream = 1.9;

static double micros(double bytes, double gbps) { return bytes / (gbps * 1e3); }

namespace {

/// What the blocks of a launch do, on average.
struct Launch {
  double blocks = 0;
  double steps = 0;   ///< of a block
  double walks = 1;   ///< of a block: tiles whose output it stores
  double longest = 0; ///< microseconds of the block that has most to do
  double useful = 0;  ///< flops, all blocks
  /// Bytes that come from device memory once, at least.
  double compulsory = 0;
};

/// Time of one step of a block on an SM that `resident` of them share.
class StepCost {
public:
  StepCost(const Target &target, const Strategy &s, const GpuTile &tile)
      : target(target), s(s), tile(tile) {}

  double tensor(double resident) const {
    double flops = 2 * double(tile.rows * tile.cols * tile.step);
    double rate = target.gflops(*s.intrinsic) * 1e3;
    return resident * flops / (rate * utilization(resident));
  }
  double fill(double resident) const {
    double gbps = target.l2Gbps;
    if (tile.family == GpuFamily::Warpgroup && tile.gathers)
      gbps = std::min(gbps, kGatherL2Bytes * target.clockGhz);
    return resident * micros(tile.stageBytes(), gbps);
  }
  /// Writes into shared memory, and what warps or warpgroups read of it.
  double shared(double resident) const {
    double rhs = tile.rhsBytes(), lhs = tile.lhsBytes() + tile.metadataBytes();
    double bytes = lhs + rhs;
    if (tile.family == GpuFamily::Fma)
      bytes += double(tile.step) * getFmaLoads() * kFmaLoadBytes *
               double(tile.warpsI * tile.warpsJ);
    else if (tile.family == GpuFamily::Stream)
      bytes *= 2; // each warp reads what it wrote
    else if (tile.family == GpuFamily::Warpgroup)
      bytes += lhs + rhs * double(tile.rows) / 64;
    else
      bytes += lhs * double(tile.warpsJ) + rhs * double(tile.warpsI);
    return resident * micros(bytes, target.l1Gbps);
  }
  double gather(double resident) const {
    if (s.depth >= 8 || tile.family == GpuFamily::OutputTile ||
        tile.family == GpuFamily::Gather)
      return 0;
    if (tile.family == GpuFamily::Warpgroup) {
      double requests = double(tile.step) * double(tile.cols) / 256;
      return resident * requests * kWarpgroupGatherCycles / 4 /
             (target.clockGhz * 1e3);
    }
    double warps = double(tile.threads()) / 32;
    double entries = double(tile.step / s.depth);
    // A warp requests 32 chunks at once; an SM has four schedulers.
    double chunks = double(tile.cols * tile.width) / 16;
    double requests = entries * std::max(chunks / 32, 1.0 / 4);
    double cycles = requests * kGatherCycles / std::min(warps, 4.0);
    return resident * cycles * 32 / (target.clockGhz * 1e3);
  }
  /// The ring hides latency by the steps that it has in flight.
  double latency() const {
    if (tile.family == GpuFamily::Stream)
      return kLoadedLatency /
             ((double(tile.streamStages()) - 0.5) * double(tile.warpsK));
    if (tile.family == GpuFamily::Warpgroup && tile.gathers) {
      // Nor do rows run ahead of the lhs by more than its ring.
      double parts = double(tile.step) / 64;
      double ahead =
          std::min(tile.rhsStages(), parts * double(tile.stages - 1));
      return kGatherLatency * parts / std::max(ahead - 1, 0.5);
    }
    // A warpgroup's last group of instructions still reads the stage before.
    bool isWarpgroup = tile.family == GpuFamily::Warpgroup;
    double held = isWarpgroup ? 2 : 1;
    return kMemoryLatency / std::max(double(tile.stages) - held, 0.5) +
           (isWarpgroup ? 0 : kMeetingMicros);
  }
  double total(double resident) const {
    double overlapped =
        std::max({tensor(resident), shared(resident), gather(resident)});
    return std::max({overlapped, fill(resident), latency()});
  }
  double epilogue(double resident) const {
    return resident * micros(double(tile.rows * tile.cols) * 4, target.l2Gbps);
  }

private:
  /// The part of the tensor cores' rate that the warps at hand sustain: each
  /// of an SM's four quarters needs one, and a second to take turns with.
  double utilization(double resident) const {
    if (tile.family == GpuFamily::Warpgroup) {
      double groups = resident * double(tile.warpsI / 4 * tile.warpsJ);
      return groups > 1 ? 1 : 0.75;
    }
    double warps = resident * double(tile.threads()) / 32, share = 1;
    if (tile.family == GpuFamily::Fma) {
      // What is issued beside the multiply-adds.
      double step = double(tile.step), copies = tile.stageBytes() / 16;
      double useful = double(tile.laneRows() * tile.laneCols()) * step;
      double others = kFmaIssues * getFmaLoads() * step +
                      kCopyIssues * copies / double(tile.threads());
      share = useful / (useful + others);
    }
    if (warps >= 8)
      return share;
    return share * (warps >= 4 ? 0.7 + 0.3 * (warps - 4) / 4 : 0.7 * warps / 4);
  }

  /// Loads from shared memory that a lane does for one k.
  double getFmaLoads() const {
    auto loads = [](int64_t count) { return std::max(double(count) / 4, 1.0); };
    return loads(tile.laneRows()) + loads(tile.laneCols());
  }

  const Target &target;
  const Strategy &s;
  const GpuTile &tile;
};

} // namespace

static double ceilDiv(double value, double by) { return std::ceil(value / by); }

static Launch getChainLaunch(const ProductProblem &problem, const Strategy &s,
                             const GpuTile &tile, double n,
                             CellCounter &counter) {
  double m = double(problem.m), k = double(problem.k);
  double cells = double(counter.cells(s.rows, s.depth));
  double panels = ceilDiv(m, double(s.rows));
  double perStep = double(s.step / s.depth);
  // A chain ends anywhere in its last step.
  double steps = cells / perStep;
  if (cells > 0)
    steps += std::min(panels, cells) * (perStep - 1) / (2 * perStep);
  Launch launch;
  launch.blocks = panels * ceilDiv(n, double(tile.cols)) * double(s.split);
  launch.steps = panels > 0 ? steps / (panels * double(s.split)) : 0;
  launch.useful = 2 * counter.nonZeros() * n;
  double walked = std::min(k, cells * double(s.depth));
  // A stream has no cache that serves its tiles of columns together: each
  // reads the lhs anew.
  double lhsReads =
      tile.family == GpuFamily::Stream ? ceilDiv(n, double(tile.cols)) : 1;
  launch.compulsory =
      lhsReads * steps * (tile.lhsBytes() + tile.metadataBytes()) + cells * 4 +
      walked * n * double(tile.width) + m * n * 4;
  return launch;
}

static Launch getTileLaunch(const ProductProblem &problem, const Strategy &s,
                            const GpuTile &tile, double n,
                            CellCounter &counter) {
  double m = double(problem.m), k = double(problem.k);
  double cells = double(counter.cells(s.rows, tile.cols));
  double panels = std::min(ceilDiv(m, double(s.rows)), cells);
  Launch launch;
  launch.blocks = panels * double(s.split);
  if (launch.blocks > 0) {
    launch.walks = cells / launch.blocks;
    launch.steps = launch.walks * ceilDiv(k, double(s.step));
  }
  launch.useful = 2 * counter.nonZeros() * k;
  launch.compulsory =
      (m + n) * k * double(tile.width) + cells * double(s.rows * tile.cols) * 4;
  return launch;
}

/// Blocks come in waves, the last of which may leave SMs idle.
static double getBlocksTime(const Target &target, const Launch &launch,
                            const StepCost &cost, double resident) {
  auto wave = [&](double together) {
    return launch.steps * cost.total(together) + kPrologue +
           launch.walks * cost.epilogue(together);
  };
  double sms = double(target.cores), slots = sms * resident;
  double full = std::floor(launch.blocks / slots);
  double rest = launch.blocks - full * slots;
  double time = full * wave(resident);
  if (rest > 0)
    time += wave(ceilDiv(rest, sms));
  return time;
}

Prediction mlir::spmmplu::predictGpu(const Target &target,
                                     const ProductProblem &problem,
                                     const Strategy &s, int64_t n,
                                     CellCounter &counter) {
  GpuTile tile(problem, s);
  bool isOut = tile.family == GpuFamily::OutputTile;
  Launch launch = isOut ? getTileLaunch(problem, s, tile, double(n), counter)
                        : getChainLaunch(problem, s, tile, double(n), counter);
  if (isOut || tile.family == GpuFamily::Gather) {
    double batch = double(std::max<int64_t>(problem.batch, 1));
    launch.blocks *= batch;
    launch.useful *= batch;
    launch.compulsory *= batch;
  }
  StepCost cost(target, s, tile);
  if (isOut) {
    double tiles =
        ceilDiv(double(counter.longest(s.rows, tile.cols)), double(s.split));
    double steps = ceilDiv(double(problem.k), double(s.step));
    launch.longest =
        tiles * (steps * cost.total(1) + kTileStoreMicros) + kPrologue;
  } else if (tile.family == GpuFamily::Gather) {
    double cells = double(counter.longest(s.rows, s.depth));
    launch.longest =
        ceilDiv(cells, double(s.step / s.depth)) * cost.total(1) + kPrologue;
  }
  double sms = double(target.cores);
  double busy = std::clamp(launch.blocks, 1.0, sms);
  double resident = double(tile.residentBlocks(target));

  Prediction p;
  double allSteps = launch.blocks * launch.steps;
  p.compute = allSteps * cost.tensor(resident) / resident / busy;
  p.l1 = allSteps * cost.shared(1) / busy;
  p.l2 = allSteps * cost.fill(1) / busy;
  p.memory = micros(launch.compulsory,
                    target.dramGbps.at(int64_t(busy), target.cores));
  p.launch = target.launchMicros;
  p.l1Bytes = p.l1 * busy * target.l1Gbps * 1e3;
  p.l2Bytes = p.l2 * busy * target.l2Gbps * 1e3;
  p.memoryBytes = launch.compulsory;
  double time =
      std::max(getBlocksTime(target, launch, cost, resident), launch.longest);
  double memory = p.memory;
  if (tile.family == GpuFamily::Warp)
    memory = memory / kMeetingMemory + kPrologue;
  // What a stream does before the first and after the last byte has come.
  if (tile.family == GpuFamily::Stream)
    memory += kPrologue + std::max(cost.tensor(1), cost.shared(1)) +
              cost.epilogue(1) * double(tile.warpsK);
  double split = 0;
  if (!isOut && s.split > 1) {
    // Partial sums go through memory, and the last block adds them.
    double sums = launch.blocks * double(tile.rows * tile.cols) * 4;
    split = kSplitMicros + kSplitBlockMicros * double(s.split) +
            micros(2 * sums, target.l2Gbps * busy);
  }
  if (n % 8 && !isOut) {
    // Copies move 16 bytes. Where rows of the rhs are no multiple of that,
    // tensor maps need a copy with longer rows, and others go by elements.
    if (tile.family == GpuFamily::Warpgroup)
      p.packRhs = kUnalignedMicros +
                  micros(4 * double(problem.k) * double(n), kUnalignedGbps);
    else
      time *=
          tile.family == GpuFamily::Warp ? kUnalignedWarp : kUnalignedStream;
  }
  p.total = std::max(time, memory) + split + p.launch + p.packRhs;
  p.usefulFlops = launch.useful;
  p.executedFlops = allSteps * 2 * double(tile.rows * tile.cols * tile.step);
  return p;
}
