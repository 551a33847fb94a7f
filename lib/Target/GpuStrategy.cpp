//===- GpuStrategy.cpp - What kernels of GPUs take -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GpuModel.h"

#include <algorithm>
#include <bit>
#include <cmath>

using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Shared memory that the warps of a stream have their rings in, for each of
/// the strategy's tasks; so many tasks an SM has room for.
static constexpr int64_t kStreamTasks = 3;
static constexpr double kStreamRingBytes = 72 * 1024;
/// Shared memory of a computing warpgroup for its store.
static constexpr double kWarpgroupScratch = 8192;

static GpuFamily getFamily(const ProductProblem &problem, const Strategy &s) {
  if (problem.role == SparseRole::Out)
    return GpuFamily::OutputTile;
  if (!problem.constantLhs)
    return GpuFamily::Gather;
  if (usesBands(*s.intrinsic, s.panels))
    return GpuFamily::Band;
  if (s.intrinsic->isTransposed())
    return GpuFamily::Transposed;
  if (s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix)
    return GpuFamily::Warpgroup;
  if (s.stages == 0)
    return GpuFamily::Stream;
  return s.intrinsic->unit == IntrinsicUnit::WarpFma ? GpuFamily::Fma
                                                     : GpuFamily::Warp;
}

GpuTile::GpuTile(const ProductProblem &problem, const Strategy &s)
    : family(getFamily(problem, s)), rows(s.rows),
      cols(s.vectors * s.intrinsic->j), step(s.step), stages(s.stages),
      panels(s.panels), cluster(s.cluster), tasks(s.tasks), split(s.split),
      warpsI(s.warpsI), warpsJ(family == GpuFamily::Stream ? 1 : s.warpsJ),
      warpsK(family == GpuFamily::Stream ? s.warpsJ : 1),
      width(getSize(s.intrinsic->input)),
      sumWidth(getSize(s.intrinsic->accumulate)), sparse(s.intrinsic->sparse),
      gathers(s.depth == 1),
      multipliesAdds(s.intrinsic->unit == IntrinsicUnit::WarpFma) {}

double GpuTile::lhsBytes() const {
  return double(rows * step * width) / (sparse ? 2 : 1);
}
double GpuTile::metadataBytes() const {
  return sparse ? double(rows * step * 8) / double(metadataStep()) : 0;
}
double GpuTile::rhsBytes() const { return double(step * cols * width); }

int64_t GpuTile::streamStages() const {
  double stage = double(warpsK) * stageBytes();
  return std::clamp<int64_t>(int64_t(double(tasks) * kStreamRingBytes / stage),
                             2, 8);
}

double GpuTile::sharedBytes() const {
  // A line of the output's scratch has some bytes between it and the next.
  double store = double(rows) * double(cols + 8) * 4;
  double ring = double(stages) * stageBytes();
  switch (family) {
  case GpuFamily::Fma:
  case GpuFamily::Warp:
  case GpuFamily::Gather:
    return std::max(ring, store);
  case GpuFamily::Stream:
    return std::max(double(streamStages() * warpsK) * stageBytes(),
                    store + double(warpsK) * double(rows * cols) * 4);
  case GpuFamily::Warpgroup:
    // Gathered rows have a ring of their own, the deeper the better.
    if (gathers)
      ring = double(stages) * (lhsBytes() + metadataBytes()) +
             4 * 64 * double(cols) * 2;
    // And each panel of a pair one of the lhs.
    if (panels > 1)
      ring = double(panels * stages) * lhsBytes() + 3 * rhsBytes();
    return ring + double(groups()) * kWarpgroupScratch + receivedBytes() +
           double(panels * stages) * 16;
  case GpuFamily::Transposed:
    return double(stages) *
           (lhsBytes() + double(step) * double(rowPitch()) + 16);
  case GpuFamily::Band:
    return bandSharedBytes();
  case GpuFamily::OutputTile:
    // Each stage has a tile's runs too; lists and the store follow the ring.
    return ring + double(stages) * double(rows) * (16 + 2 * 4) +
           double(stages) * double(cols) * 2 * 4 + store;
  }
  return ring;
}

double GpuTile::receivedBytes() const {
  return double(rows * cols * sumWidth) * double(split - 1) / double(split);
}

double GpuTile::rhsStages() const {
  // What the ring of the lhs, the store and barriers leave.
  constexpr double kDepth = 64, kRoom = 226 * 1024;
  double lhs = double(panels * stages) * (lhsBytes() + metadataBytes());
  double room =
      kRoom - double(groups()) * kWarpgroupScratch - receivedBytes() - lhs;
  double fit = std::floor(room / (2 * kDepth * double(cols)));
  double parts = double(step) / kDepth;
  return panels > 1 ? fit : std::min(fit, double(stages + 1) * parts);
}

int64_t GpuTile::threads() const {
  if (hasWarpgroups())
    return 128 * (groups() + 1); // one warpgroup loads
  if (family == GpuFamily::Band)
    return 32 * panels * warpsJ + 128;
  return 32 * warpsI * warpsJ * warpsK;
}

int64_t GpuTile::accumulators() const {
  return rows * cols * sumWidth / 4 / (32 * warpsI * warpsJ);
}

int64_t GpuTile::residentBlocks(const Target &target) const {
  // Fragments, addresses and loop state beside the accumulators; the hardware
  // gives registers out in eights.
  constexpr int64_t kOther = 72, kMaxRegisters = 255, kMaxThreads = 2048;
  int64_t registers = (accumulators() + kOther + 7) / 8 * 8;
  if (hasWarpgroups() || family == GpuFamily::Band)
    registers = target.registers / threads() / 8 * 8;
  int64_t fit = std::min(
      {int64_t(target.sharedKib * 1024 / sharedBytes()),
       target.registers / (std::min(registers, kMaxRegisters) * threads()),
       kMaxThreads / threads()});
  return std::max<int64_t>(fit, 0);
}

//===----------------------------------------------------------------------===//
// What kernels take
//===----------------------------------------------------------------------===//

bool mlir::spmmplu::isHalved(const Mask &mask, Element element) {
  int64_t window = element == Element::F32 ? 2 : 4;
  if (mask.cols() % window)
    return false;
  for (int64_t r = 0; r < mask.rows(); ++r)
    if (std::ranges::any_of(mask.row(r), [&](uint64_t word) {
          return hasFullerWindow(word, window / 2, window);
        }))
      return false;
  return true;
}

/// Of the columns in `words`, ascending: whether a row has at most two of every
/// four.
static bool isTwoOfFour(std::span<const uint64_t> row,
                        std::span<const uint64_t> words) {
  int position = 0, found = 0;
  for (size_t w = 0; w < words.size(); ++w)
    for (uint64_t rest = words[w]; rest; rest &= rest - 1) {
      found += row[w] >> std::countr_zero(rest) & 1;
      if (found > 2)
        return false;
      if (++position % 4 == 0)
        found = 0;
    }
  return true;
}

bool mlir::spmmplu::isHalved(const ProductProblem &problem, int64_t rows,
                             int64_t depth) {
  const Mask &mask = *problem.mask;
  if (depth > 1)
    return isHalved(mask, problem.element);
  if (problem.element == Element::F32)
    return false;
  const std::vector<int32_t> &order = problem.rowOrder;
  int64_t count = order.empty() ? mask.rows() : int64_t(order.size());
  auto rowAt = [&](int64_t slot) {
    return mask.row(order.empty() ? slot : order[slot]);
  };
  std::vector<uint64_t> panel(mask.wordsPerRow());
  for (int64_t first = 0; first < count; first += rows) {
    int64_t end = std::min(first + rows, count);
    std::ranges::fill(panel, 0);
    for (int64_t slot = first; slot < end; ++slot)
      for (size_t w = 0; w < panel.size(); ++w)
        panel[w] |= rowAt(slot)[w];
    for (int64_t slot = first; slot < end; ++slot)
      if (!isTwoOfFour(rowAt(slot), panel))
        return false;
  }
  return true;
}

/// Rows of the rhs tile lie in shared memory as chunks of 16 bytes, exchanged
/// within eight of them or within a power of two.
static bool isSwizzled(int64_t elements, int64_t width) {
  int64_t chunks = elements * width / 16;
  return chunks > 0 &&
         (chunks % 8 == 0 || std::has_single_bit(uint64_t(chunks)));
}

/// A stream's warps have all of the tile each.
static bool checkStream(const GpuTile &tile, const Strategy &s) {
  return tile.cols <= kMaxStreamCols && s.warpsI == 1 && tile.rows <= 64 &&
         s.tasks <= kStreamTasks;
}

static bool checkFragments(const GpuTile &tile, const Strategy &s) {
  int64_t warpRows = tile.rows / tile.warpsI;
  int64_t warpCols = tile.cols / tile.warpsJ;
  constexpr int64_t kMaxAccumulators = 128;
  if (tile.rows % (16 * tile.warpsI) || tile.cols % (8 * tile.warpsJ) ||
      tile.step % (tile.sparse ? tile.metadataStep() : s.intrinsic->k) ||
      tile.stages == 1 || !isSwizzled(tile.cols, tile.width) ||
      !isSwizzled(tile.step, tile.width) ||
      (warpCols % 16 && (warpCols != 8 || tile.width == 1)) ||
      tile.accumulators() > kMaxAccumulators)
    return false;
  if (tile.family == GpuFamily::Stream)
    return checkStream(tile, s) && (!tile.sparse || 64 % tile.rows == 0);
  return s.split == 1 &&
         (!tile.sparse || (tile.rows % 64 == 0 && 64 % warpRows == 0));
}

static bool checkFma(const GpuTile &tile, const Strategy &s) {
  constexpr int64_t kMaxAccumulators = 128, kMaxStep = 32;
  auto isVector = [](int64_t count) {
    return count == 1 || count == 2 || (count > 0 && count % 4 == 0);
  };
  return tile.rows % (4 * tile.warpsI) == 0 &&
         tile.cols % (8 * tile.warpsJ) == 0 && isVector(tile.laneRows()) &&
         isVector(tile.laneCols()) && tile.step % 4 == 0 &&
         tile.step <= kMaxStep && isSwizzled(tile.step, tile.width) &&
         tile.accumulators() <= kMaxAccumulators &&
         (tile.family == GpuFamily::Stream ? checkStream(tile, s)
                                           : tile.stages >= 2 && s.split == 1);
}

/// Blocks that share a chain send each other their sums, to where the rings
/// were.
static bool checkShared(const GpuTile &tile, const Strategy &s) {
  constexpr int64_t kRings = 160 * 1024;
  int64_t sums = tile.rows * tile.cols * 4;
  return s.split == 1 || (tile.panels * tile.cluster == 1 && s.split <= 8 &&
                          tile.cols / tile.warpsJ % (16 * s.split) == 0 &&
                          sums / s.split * (s.split - 1) <= kRings);
}

static bool checkWarpgroups(const ProductProblem &problem, const GpuTile &tile,
                            const Strategy &s) {
  if (tile.warpsI % 4 || tile.warpsI * tile.warpsJ > 16)
    return false;
  // A step of a pair is an entry, and a panel has one warpgroup.
  if (tile.panels > 1 && (tile.sparse || s.depth != 64 || s.step != s.depth ||
                          tile.warpsI * tile.warpsJ != 4))
    return false;
  int64_t groupsI = tile.warpsI / 4;
  int64_t groupCols = tile.cols / tile.warpsJ;
  // Three warpgroups leave each thread fewer registers.
  int64_t maxAccumulators = groupsI == 3 ? 96 : 208;
  // A lane copies 16 bytes of a gathered row, a warp a row or more. Boxes of a
  // tensor map are 64 elements wide, along j or along k: which one depends on
  // how the rhs lies.
  bool isEntry = tile.gathers ? tile.cols <= 256 &&
                                    std::has_single_bit(uint64_t(tile.cols))
                              : s.depth % 64 == 0;
  return problem.matrixRhs && tile.stages >= 2 &&
         tile.rows % (64 * groupsI) == 0 &&
         tile.cols % (64 * tile.warpsJ) == 0 && groupCols <= 256 &&
         tile.step % (tile.sparse ? 128 : 64) == 0 && isEntry &&
         tile.rows / groupsI / 64 * (groupCols / 2) <= maxAccumulators &&
         checkShared(tile, s);
}

/// Columns are what a warpgroup has in sixty-fours, of which two share loads.
static bool checkTransposed(const ProductProblem &problem, const GpuTile &tile,
                            const Strategy &s) {
  // A warpgroup's accumulators and what a group of instructions multiplies.
  constexpr int64_t kMaxRegisters = 192, kLineDepth = 32, kMaxRows = 256;
  int64_t blocks = tile.cols / tile.warpsJ / 64;
  return problem.matrixRhs && tile.warpsI == 4 && tile.warpsJ <= 2 &&
         tile.stages >= 2 && tile.rows % 16 == 0 && tile.rows <= kMaxRows &&
         tile.cols % (64 * tile.warpsJ) == 0 &&
         (blocks == 1 || blocks % 2 == 0) && tile.step % kLineDepth == 0 &&
         blocks * (tile.rows + kLineDepth) / 2 <= kMaxRegisters && s.split == 1;
}

static bool checkOutputTiles(const GpuTile &tile, const Strategy &s) {
  // Of a warpgroup a tile's lines are those of a swizzle.
  bool isUnit = s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix
                    ? tile.rows == 64 && tile.cols == 64 && tile.step == 64 &&
                          tile.warpsI == 4 && tile.warpsJ == 1
                    : s.intrinsic->unit == IntrinsicUnit::WarpMatrix;
  return tile.cols <= 64 && tile.rows % (16 * tile.warpsI) == 0 &&
         tile.cols % (16 * tile.warpsJ) == 0 &&
         tile.step % s.intrinsic->k == 0 && tile.stages >= 2 && !tile.sparse &&
         isUnit && tile.width == 2 && s.intrinsic->accumulate == Element::F32 &&
         isSwizzled(tile.step, tile.width) && isSwizzled(tile.cols, tile.width);
}

bool mlir::spmmplu::isAllowed(const ProductProblem &problem,
                              const Intrinsic &intrinsic) {
  return (problem.allowTF32 || !intrinsic.tf32) &&
         (problem.halfSums || intrinsic.accumulate != Element::F16);
}

/// An lhs in place: the last cell of one whose K is no multiple of the depth
/// would overlap the one before it.
static bool checkGather(const ProductProblem &problem, const GpuTile &tile,
                        const Strategy &s) {
  bool isCell = problem.valuesLhs
                    ? s.depth == 1 && tile.step % 16 == 0 && tile.step <= 64
                    : s.depth % 16 == 0 && problem.k % s.depth == 0 &&
                          isSwizzled(s.depth, tile.width);
  return s.intrinsic->unit == IntrinsicUnit::WarpMatrix && !tile.sparse &&
         tile.width == 2 && tile.stages >= 2 &&
         (s.split == 1 || (problem.valuesLhs && problem.n)) &&
         tile.rows % (16 * tile.warpsI) == 0 &&
         tile.cols % (16 * tile.warpsJ) == 0 && isCell &&
         isSwizzled(tile.cols, tile.width) && tile.accumulators() <= 128;
}

bool mlir::spmmplu::checkGpuStrategy(const Target &target,
                                     const ProductProblem &problem,
                                     const Strategy &s) {
  constexpr int64_t kMaxExtent = 4096, kMaxWarps = 16;
  for (int64_t extent : {s.rows, s.depth, s.vectors, s.tasks, s.step, s.warpsI,
                         s.warpsJ, s.split})
    if (extent < 1 || extent > kMaxExtent)
      return false;
  if (!s.intrinsic || target.gflops(*s.intrinsic) <= 0 ||
      s.intrinsic->input != problem.element ||
      !isAllowed(problem, *s.intrinsic) || s.phase || s.step % s.depth ||
      s.stages < 0 || s.stages > 8 || s.warpsI * s.warpsJ > kMaxWarps ||
      s.panels < 1 || s.panels > 16 || s.cluster < 1 || s.cluster > 2)
    return false;
  GpuTile tile(problem, s);
  if (s.panels > (tile.family == GpuFamily::Band        ? 16
                  : tile.family == GpuFamily::Warpgroup ? 2
                                                        : 1) ||
      (!tile.hasWarpgroups() && s.cluster > 1))
    return false;
  if (tile.residentBlocks(target) < 1)
    return false;
  if (tile.family == GpuFamily::OutputTile)
    return checkOutputTiles(tile, s);
  if (tile.family == GpuFamily::Gather)
    return checkGather(problem, tile, s);
  if (s.depth > std::max<int64_t>(problem.k, 1))
    return false;
  // Gathered columns have windows of their own.
  if (tile.sparse &&
      (tile.gathers ? tile.width == 4 : s.depth % 4 || problem.k % 4))
    return false;
  if (tile.family == GpuFamily::Band)
    return checkBands(target, problem, tile, s);
  if (tile.multipliesAdds)
    return checkFma(tile, s);
  if (tile.family == GpuFamily::Transposed)
    return checkTransposed(problem, tile, s);
  return tile.family == GpuFamily::Warpgroup ? checkWarpgroups(problem, tile, s)
                                             : checkFragments(tile, s);
}
