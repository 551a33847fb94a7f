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

// What is much the same on every machine; fitted to an H100 where
// docs/cost-model.md says so. Microseconds, where nothing else is said.

/// From the request of a step until it can be read: of copy units, of warps'
/// copies in a ring, of a stream's, and of a warpgroup's gathered rows.
static constexpr double kMemoryLatency = 0.7, kWarpLatency = 0.45;
static constexpr double kStreamLatency = 1.05, kGatherLatency = 1.55;
/// Before a block's first and after its last step: of kernels that begin while
/// the launch before ends, of those on warps, and of others.
static constexpr double kStreamPrologue = 1.2, kWarpgroupPrologue = 1.4;
static constexpr double kWarpPrologue = 5.4, kPrologue = 0.8;
/// What of a launch is hidden where it begins while the one before ends.
static constexpr double kHiddenLaunch = 2.4;
/// A stream's sums: for a thread to add up one element of all warps; for the
/// blocks of a split chain to find the last of them, and for that one to read
/// an element of the others.
static constexpr double kSumMicros = 0.1;
static constexpr double kSplitMicros = 1.4, kSplitSumMicros = 0.12;
/// For the blocks of a cluster to send each other their sums of a tile; bytes a
/// clock that they do so.
static constexpr double kShareMicros = 1, kShareBytes = 32;
/// Of a warpgroup's tile, between its steps and those of the next.
static constexpr double kTileMicros = 1.5;
/// Of a launch whose blocks form clusters: until they know of each other, and
/// for the last of them to end.
static constexpr double kClusterMicros = 1;
/// For all warps of a block to meet before a step's copies are read, and the
/// part of memory's rate that such blocks get, and that copy units get.
static constexpr double kMeetingMicros = 0.1, kMeetingMemory = 0.7;
static constexpr double kBoxMemory = 0.87;
/// Of warpgroups that gather rows, for 64 of them at least, whatever the ring.
static constexpr double kGatherPartMicros = 0.45;
/// Cycles of a warp to find the rows of the rhs for 32 lanes and request them;
/// the same, of a warp of a warpgroup that does nothing else.
static constexpr double kGatherCycles = 7.5, kWarpgroupGatherCycles = 4.5;
/// The same, of warps that load an entry for each lane and copy.
static constexpr double kLoadedGatherCycles = 115;
/// Bytes a clock that an SM gets from the L2 in streams, and where blocks
/// gather rows.
static constexpr double kStreamL2Bytes = 41, kGatherL2Bytes = 48;
/// Of what a stream reads for a tile of columns, what comes from memory again
/// for the next.
static constexpr double kStreamReread = 0.65;
/// How much longer the L2 takes for a rhs that all panels walk, where rows
/// share their sectors: with streams, with copy units; and where rows only
/// share lines.
static constexpr double kStreamSectors = 2.1, kBoxSectors = 2.2;
static constexpr double kBoxLines = 1.13;
/// The same, with streams, where the last tile reaches beyond the matrix and
/// its rows are shorter than a line: what is left of a line is asked for in as
/// many parts.
static constexpr double kStreamCut = 1.6;
/// Of a stream with no more blocks than SMs, times the square of the further
/// blocks that an SM has room for: some SMs take two of them, which came early.
static constexpr double kCrowdMicros = 0.3;
/// Of a stream's warp, for a step whose rows are gathered, once all have come.
static constexpr double kGatherStepMicros = 0.12;
/// The rate of tensor cores that one warpgroup alone gets, and several whose
/// rows are gathered.
static constexpr double kOneWarpgroup = 0.65, kGatherWarpgroups = 0.77;
/// The same of warps whose fragments of f32 are loaded and rounded by words.
static constexpr double kWordFragments = 0.5;
/// Of transposed products: the same of one warpgroup, which loads and
/// multiplies in turns; bytes a clock that an SM gets from the L2, and that it
/// stores while all others do.
static constexpr double kOneTransposed = 0.5;
static constexpr double kTransposedL2Bytes = 35.5, kTransposedStoreBytes = 18;

/// Of the multiply-adds' kernel: what a load of a warp takes of the bandwidth
/// of shared memory (lanes share most of what it reads), and the multiply-adds
/// that could have been issued instead of it, and of a lane's copy of 16 bytes.
/// Loads of columns keep the lanes' rows waiting longer than the other way.
static constexpr double kFmaLoadBytes = 256, kCopyIssues = 12;
static constexpr double kFmaRowIssues = 3, kFmaColIssues = 9;
/// Of a step, where an SM has one block of them: all its warps wait at once.
static constexpr double kFmaAloneMicros = 0.15;
/// Of a stream's warp that multiplies and adds, which nothing in it overlaps: a
/// step, and a multiply-add of its lanes.
static constexpr double kFmaStepMicros = 0.3, kFmaSumMicros = 0.0026;

// Rows of the rhs that are no multiple of 16 bytes: a copy, its launch
// included. Measured on an H100 (docs/cost-model.md).
static constexpr double kUnalignedMicros = 3.2, kUnalignedGbps = 400;
/// The same where they are, but no multiple of a sector.
static constexpr double kSectorCopyMicros = 1, kSectorCopyGbps = 4000;

static double micros(double bytes, double gbps) { return bytes / (gbps * 1e3); }

namespace {

/// What the blocks of a launch do, on average.
struct Launch {
  double blocks = 0;
  double steps = 0;   ///< of a block
  double members = 1; ///< panels of the block that a step has values of
  double walks = 1;   ///< of a block: tiles whose output it stores
  double longest = 0; ///< microseconds of the block that has most to do
  double useful = 0;  ///< flops, all blocks
  /// Bytes that come from device memory once, at least.
  double compulsory = 0;
};

/// Time of one step of a block on an SM that `resident` of them share.
class StepCost {
public:
  /// `rhsFactor`: what the rhs takes of the L2, over its bytes. `members`:
  /// panels of the block that multiply.
  StepCost(const Target &target, const Strategy &s, const GpuTile &tile,
           double rhsFactor = 1, double members = 1)
      : target(target), s(s), tile(tile), rhsFactor(rhsFactor),
        members(members) {}

  double tensor(double resident) const {
    double flops = 2 * double(tile.rows * tile.cols * tile.step) * members;
    double rate = target.gflops(*s.intrinsic) * 1e3;
    return resident * flops / (rate * utilization(resident));
  }
  double fill(double resident) const {
    double gbps = target.l2Gbps;
    if (tile.family == GpuFamily::Stream)
      gbps = std::min(gbps, kStreamL2Bytes * target.clockGhz);
    else if (tile.family == GpuFamily::Transposed)
      gbps = std::min(gbps, kTransposedL2Bytes * target.clockGhz);
    else if (tile.gathers)
      gbps = std::min(gbps, kGatherL2Bytes * target.clockGhz);
    double more =
        (rhsFactor - 1) * tile.rhsBytes() + (members - 1) * tile.lhsBytes();
    // Blocks of a cluster ask for a part of what all of them get.
    more -= (1 - 1 / double(tile.cluster)) * members *
            (tile.lhsBytes() + tile.metadataBytes());
    return resident * micros(tile.stageBytes() + more, gbps);
  }
  /// Writes into shared memory, and what warps or warpgroups read of it.
  double shared(double resident) const {
    double rhs = tile.rhsBytes();
    double lhs = members * (tile.lhsBytes() + tile.metadataBytes());
    double bytes = lhs + rhs;
    if (tile.multipliesAdds)
      bytes += double(tile.step) * getFmaLoads() * kFmaLoadBytes *
               double(tile.warpsI * tile.warpsJ);
    else if (tile.family == GpuFamily::Stream)
      bytes *= 2; // each warp reads what it wrote
    else if (tile.family == GpuFamily::Warpgroup)
      bytes += lhs + rhs * members * double(tile.rows) / 64;
    else if (tile.family == GpuFamily::Transposed)
      bytes += rhs + lhs * double(tile.cols) / 64;
    else
      bytes += lhs * double(tile.warpsJ) + rhs * double(tile.warpsI);
    return resident * micros(bytes, target.l1Gbps);
  }
  double gather(double resident) const {
    if (s.depth >= 8 || tile.family == GpuFamily::OutputTile ||
        tile.family == GpuFamily::Gather ||
        tile.family == GpuFamily::Transposed) // copy units move whole rows
      return 0;
    if (tile.family == GpuFamily::Warpgroup) {
      double requests = double(tile.step) * double(tile.cols) / 256;
      return resident * requests * kWarpgroupGatherCycles / 4 /
             (target.clockGhz * 1e3);
    }
    // An SM has four schedulers.
    double warps = double(tile.threads()) / 32;
    double requests = tile.rhsBytes() / 16 / 32;
    double cycles =
        tile.family == GpuFamily::Stream ? kGatherCycles : kLoadedGatherCycles;
    return resident * requests * cycles / std::min(warps, 4.0) /
           (target.clockGhz * 1e3);
  }
  /// The ring hides latency by the steps that it has in flight.
  double latency() const {
    if (tile.family == GpuFamily::Stream) {
      double landed = kStreamLatency / (double(tile.streamStages()) - 0.5);
      return std::max(landed, getFmaMicros()) / double(tile.warpsK);
    }
    if (tile.family == GpuFamily::Warpgroup && tile.gathers) {
      // Nor do rows run ahead of the lhs by more than its ring.
      double parts = double(tile.step) / 64;
      double ahead =
          std::min(tile.rhsStages(), parts * double(tile.stages - 1));
      return parts * std::max(kGatherLatency / std::max(ahead - 1, 0.5),
                              kGatherPartMicros);
    }
    auto share = [&](double latency, double held) {
      return latency / std::max(double(tile.stages) - held, 0.5);
    };
    // Nothing of a pair stays in flight, but one member may be a stage behind.
    if (tile.panels > 1)
      return kMemoryLatency / std::max(tile.rhsStages() - 2, 0.5);
    // A warpgroup's last group of instructions still reads the stage before.
    if (tile.family == GpuFamily::Warpgroup)
      return share(kMemoryLatency, 2);
    if (tile.family == GpuFamily::Warp)
      return share(kWarpLatency, 1);
    return share(kMemoryLatency, 1) + kMeetingMicros;
  }
  double total(double resident) const {
    double overlapped =
        std::max({tensor(resident), shared(resident), gather(resident)});
    double alone =
        tile.family == GpuFamily::Fma && resident < 2 ? kFmaAloneMicros : 0;
    return std::max({overlapped, fill(resident), latency()}) + alone;
  }
  /// Of a launch, once.
  double start() const {
    return (tile.hasWarpgroups() ? kWarpgroupPrologue : 0) +
           (tile.cluster > 1 ? kClusterMicros : 0);
  }
  /// What a block does beside a tile's steps, but for the epilogue.
  double prologue() const {
    switch (tile.family) {
    case GpuFamily::Stream:
      return kStreamPrologue;
    case GpuFamily::Warpgroup:
    case GpuFamily::Transposed:
      return kTileMicros; // the next tile's copies are in flight
    case GpuFamily::Warp:
      return kWarpPrologue;
    default:
      return kPrologue;
    }
  }
  double epilogue(double resident) const {
    if (tile.family == GpuFamily::Stream) {
      double elements = double(tile.rows * tile.cols) / double(tile.threads());
      double split = kSplitMicros + kSplitSumMicros * elements;
      return kSumMicros * elements + (s.split > 1 ? split : 0);
    }
    double gbps = target.l2Gbps;
    if (tile.family == GpuFamily::Transposed)
      gbps = std::min(gbps, kTransposedStoreBytes * target.clockGhz);
    double elements = double(tile.panels * tile.rows * tile.cols);
    double own = elements / (tile.hasWarpgroups() ? double(s.split) : 1);
    return share() + resident * micros(own * 4, gbps);
  }
  /// Of blocks that share a chain, to send each other their sums.
  double share() const {
    if (tile.family != GpuFamily::Warpgroup || s.split == 1)
      return 0;
    return kShareMicros +
           micros(tile.receivedBytes(), kShareBytes * target.clockGhz);
  }

private:
  /// The part of the tensor cores' rate that the warps at hand sustain: each
  /// of an SM's four quarters needs one, and a second to take turns with.
  double utilization(double resident) const {
    if (tile.family == GpuFamily::Transposed)
      return resident * double(tile.warpsJ) <= 1 ? kOneTransposed : 1;
    if (tile.family == GpuFamily::Warpgroup) {
      double groups = resident * double(tile.groups());
      return groups <= 1 ? kOneWarpgroup : tile.gathers ? kGatherWarpgroups : 1;
    }
    double warps = resident * double(tile.threads()) / 32, share = 1;
    if (tile.family == GpuFamily::Warp && s.intrinsic->tf32)
      share = kWordFragments;
    if (tile.multipliesAdds) {
      // What is issued beside the multiply-adds.
      double step = double(tile.step), copies = tile.stageBytes() / 16;
      double useful = double(tile.laneRows() * tile.laneCols()) * step;
      double others =
          (kFmaRowIssues * getVectors(tile.laneRows()) +
           kFmaColIssues * getVectors(tile.laneCols())) *
              step +
          kCopyIssues * copies * double(tile.warpsK) / double(tile.threads());
      share = useful / (useful + others);
    }
    if (warps >= 8)
      return share;
    return share * (warps >= 4 ? 0.7 + 0.3 * (warps - 4) / 4 : 0.7 * warps / 4);
  }

  /// Of one warp of a stream for a step, where lanes multiply and add.
  double getFmaMicros() const {
    if (!tile.multipliesAdds)
      return 0;
    double sums = double(tile.laneRows() * tile.laneCols());
    return kFmaStepMicros + kFmaSumMicros * sums * double(tile.step);
  }

  /// Loads from shared memory that a lane does for one k.
  static double getVectors(int64_t count) {
    return std::max(double(count) / 4, 1.0);
  }
  double getFmaLoads() const {
    return getVectors(tile.laneRows()) + getVectors(tile.laneCols());
  }

  const Target &target;
  const Strategy &s;
  const GpuTile &tile;
  double rhsFactor, members;
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
  double lhsSteps = steps;
  if (s.panels > 1) {
    panels = ceilDiv(panels, double(s.panels));
    steps = double(counter.pairedCells(s.rows, s.depth).all);
    launch.members = steps > 0 ? lhsSteps / steps : 1;
  }
  double together = double(tile.cluster);
  launch.blocks = panels * ceilDiv(n, double(tile.cols) * together) * together *
                  double(s.split);
  launch.steps = panels > 0 ? steps / (panels * double(s.split)) : 0;
  launch.useful = 2 * counter.nonZeros() * n;
  double walked = std::min(k, cells * double(s.depth));
  // Tiles of columns of a stream follow each other: of the lhs the L2 keeps but
  // a part from one to the next.
  double lhsReads = 1;
  if (tile.family == GpuFamily::Stream)
    lhsReads += kStreamReread * (ceilDiv(n, double(tile.cols)) - 1);
  launch.compulsory =
      lhsReads * lhsSteps * (tile.lhsBytes() + tile.metadataBytes()) +
      cells * 4 + walked * n * double(tile.width) + m * n * 4;
  return launch;
}

static Launch getTileLaunch(const Target &target, const ProductProblem &problem,
                            const Strategy &s, const GpuTile &tile, double n,
                            CellCounter &counter) {
  double m = double(problem.m), k = double(problem.k);
  double cells = double(counter.cells(s.rows, tile.cols));
  Launch launch;
  launch.blocks = std::min(cells, double(target.cores * s.split));
  if (launch.blocks > 0) {
    launch.walks = cells / launch.blocks;
    launch.steps = launch.walks * ceilDiv(k, double(s.step));
  }
  launch.useful = 2 * counter.nonZeros() * k;
  // Results of the operands' type: what was measured (docs/cost-model.md).
  double stored = problem.valuesOut ? counter.nonZeros()
                                    : cells * double(s.rows * tile.cols);
  launch.compulsory = ((m + n) * k + stored) * double(tile.width);
  return launch;
}

/// How much longer than its bytes the L2 takes for a rhs of `n` columns. Where
/// panels walk few of its rows they seldom ask for the same ones at once.
static double getRhsFactor(const ProductProblem &problem, const Strategy &s,
                           const GpuTile &tile, double n, CellCounter &counter,
                           int64_t cores) {
  bool isStream = tile.family == GpuFamily::Stream;
  bool isBox = tile.family == GpuFamily::Warpgroup && !tile.gathers;
  double sector = 32 / double(tile.width), line = 128 / double(tile.width);
  double factor = 1;
  if (s.packRhs && std::fmod(n, sector) != 0)
    return factor; // of the copy
  double panels = ceilDiv(double(problem.m), double(s.rows));
  // Of a stream's blocks, fewer get less into each other's way.
  double busy = std::min(panels * double(s.split) / double(cores), 1.0);
  if (isBox) {
    if (std::fmod(n, sector) == sector / 2)
      factor = kBoxSectors;
    else if (n > line / 2 && std::fmod(n, sector / 2) == 0 &&
             std::fmod(n, line) != 0)
      factor = kBoxLines;
  } else if (isStream || tile.family == GpuFamily::Warp) {
    double chunk = 16 / double(tile.width);
    if (std::fmod(n, sector) == sector / 2)
      factor = 1 + (kStreamSectors - 1) * (isStream ? busy : 1);
    if (isStream && double(tile.cols) < line &&
        std::fmod(chunk * ceilDiv(n, chunk), double(tile.cols)) != 0)
      factor *= 1 + (kStreamCut - 1) * busy / ceilDiv(n, double(tile.cols));
  }
  double all = panels * double(problem.k);
  if (factor == 1 || all <= 0)
    return 1;
  double walked = double(counter.cells(s.rows, s.depth)) * double(s.depth);
  return 1 + (factor - 1) * std::min(walked / all, 1.0);
}

/// Blocks come in waves, the last of which may leave SMs idle.
static double getBlocksTime(const Target &target, const Launch &launch,
                            const StepCost &cost, double resident) {
  auto wave = [&](double together) {
    return launch.steps * cost.total(together) + cost.prologue() +
           launch.walks * cost.epilogue(together);
  };
  double sms = double(target.cores), slots = sms * resident;
  double full = std::floor(launch.blocks / slots);
  double rest = launch.blocks - full * slots;
  double time = cost.start() + full * wave(resident);
  if (rest > 0)
    time += wave(ceilDiv(rest, sms));
  return time;
}

/// What of a stream's prologue is hidden: where every block has an SM for
/// itself, its ring fills while the launch before ends.
static double getPrefetched(const Launch &launch, const GpuTile &tile,
                            double sms) {
  if (launch.blocks > sms || launch.steps <= 0)
    return 0;
  double ring = double(tile.streamStages() * tile.warpsK);
  return kStreamPrologue / 2 * std::min(ring / launch.steps, 1.0);
}

/// What a stream does before the first and after the last byte has come.
static double getStreamEnds(const Launch &launch, const GpuTile &tile,
                            const StepCost &cost, double sms, double resident) {
  double ends = kStreamPrologue - getPrefetched(launch, tile, sms) +
                std::max(cost.tensor(1), cost.shared(1)) + cost.epilogue(1);
  // No block begins while another one of its SM ends.
  if (resident < 2)
    ends += kStreamPrologue * (std::max(ceilDiv(launch.blocks, sms), 1.0) - 1);
  if (tile.gathers)
    ends += kGatherStepMicros * std::min(double(tile.streamStages()),
                                         launch.steps / double(tile.warpsK));
  return ends;
}

/// Of a launch that copies the rhs to longer rows, where one is needed.
static double getCopyTime(const ProductProblem &problem, const Strategy &s,
                          const GpuTile &tile, int64_t n) {
  double bytes = 4 * double(problem.k) * double(n); // read and written
  if (n % 8)
    return kUnalignedMicros + micros(bytes, kUnalignedGbps);
  if (s.packRhs && n * tile.width % 32)
    return kSectorCopyMicros + micros(bytes, kSectorCopyGbps);
  return 0;
}

Prediction mlir::spmmplu::predictGpu(const Target &target,
                                     const ProductProblem &problem,
                                     const Strategy &s, int64_t n,
                                     CellCounter &counter) {
  GpuTile tile(problem, s);
  bool isOut = tile.family == GpuFamily::OutputTile;
  Launch launch =
      isOut ? getTileLaunch(target, problem, s, tile, double(n), counter)
            : getChainLaunch(problem, s, tile, double(n), counter);
  if (isOut || tile.family == GpuFamily::Gather) {
    double batch = double(std::max<int64_t>(problem.batch, 1));
    launch.blocks *= batch;
    launch.useful *= batch;
    launch.compulsory *= batch;
  }
  double rhsFactor =
      isOut ? 1
            : getRhsFactor(problem, s, tile, double(n), counter, target.cores);
  StepCost cost(target, s, tile, rhsFactor, launch.members);
  if (tile.panels > 1) {
    double cells = double(counter.pairedCells(s.rows, s.depth).longest);
    launch.longest = cost.start() + cells * cost.total(1) + cost.prologue() +
                     cost.epilogue(1);
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
  // Some SMs use up what all of them share.
  double dram = std::min(target.dramGbps.one * busy, target.dramGbps.all);
  p.memory = micros(launch.compulsory, dram);
  bool overlaps = tile.family == GpuFamily::Stream || tile.hasWarpgroups() ||
                  tile.family == GpuFamily::Band;
  p.launch = std::max(target.launchMicros - (overlaps ? kHiddenLaunch : 0), 0.);
  p.l1Bytes = p.l1 * busy * target.l1Gbps * 1e3;
  p.l2Bytes = p.l2 * busy * target.l2Gbps * 1e3;
  p.memoryBytes = launch.compulsory;
  double time =
      std::max(getBlocksTime(target, launch, cost, resident), launch.longest);
  if (isOut)
    time = predictOutputTiles(target, problem, s, counter);
  else if (tile.family == GpuFamily::Band)
    time = predictBands(target, problem, s, double(n), counter);
  else if (problem.valuesLhs && tile.family == GpuFamily::Gather)
    time = predictValuesLhs(target, problem, s, double(n), counter);
  double memory = p.memory;
  if (tile.family == GpuFamily::Warp)
    memory = memory / kMeetingMemory + kWarpPrologue;
  if (tile.hasWarpgroups())
    memory =
        memory / kBoxMemory + kWarpgroupPrologue + kTileMicros + cost.share();
  if (tile.family == GpuFamily::Stream)
    memory += getStreamEnds(launch, tile, cost, sms, resident);
  if (!isOut && tile.family != GpuFamily::Gather)
    p.packRhs = getCopyTime(problem, s, tile, n);
  p.total = std::max(time, memory) + p.launch + p.packRhs;
  if (tile.family == GpuFamily::Stream && launch.blocks <= sms)
    p.total += kCrowdMicros * (resident - 1) * (resident - 1);
  p.usefulFlops = launch.useful;
  p.executedFlops =
      allSteps * launch.members * 2 * double(tile.rows * tile.cols * tile.step);
  return p;
}
