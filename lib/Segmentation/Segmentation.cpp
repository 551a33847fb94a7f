//===- Segmentation.cpp - Algorithm 1, lines 1-26 -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Aligned neighbourhoods never straddle two aligned 2x2x2 cubes of meta-ops, so
// the cubes of a set are independent: sorting a set by cube brings everything a
// decision needs next to each other, and a cube is one byte of members.
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Segmentation/MetaOps.h"

#include "Occupancy.h"
#include "RadixSort.h"

#include <map>
#include <optional>
#include <utility>

using namespace mlir::spmmplu;

namespace {

/// Extents are powers of two: their logarithms along (i, j, k).
using LogExtent = std::array<int, 3>;

/// A set of axes is a bit mask: 4 = i, 2 = j, 1 = k. A member of a cube has the
/// same encoding: the axes along which it lies in the upper half, so that
/// ascending members are in lexicographic order.
constexpr unsigned allAxes = 7;
constexpr unsigned axisBit(int axis) { return 4u >> axis; }

/// The doubled axes in the order of trying: the cube, the faces (i,j) (i,k)
/// (j,k), the edges i, j, k; as Algorithm 1 lists them.
constexpr std::array<unsigned, 7> trialOrder = {7, 6, 5, 3, 4, 2, 1};

/// The members (as a byte) of the neighbourhood of `member` that doubles
/// `axes`.
constexpr unsigned neighbourhood(unsigned member, unsigned axes) {
  unsigned members = 0;
  for (unsigned other = 0; other < 8; ++other)
    if ((other & ~axes) == (member & ~axes))
      members |= 1u << other;
  return members;
}

/// Calls `visit(i, j, k)` for every non-zero cell.
template <typename Visitor>
void forEachNonZero(const CellSpace &space, Visitor &&visit) {
  auto [extentI, extentJ, extentK] = space.extent;
  // Rows of the rhs without a non-zero are left out once, not once for every i.
  std::vector<int32_t> nonEmptyK;
  for (int32_t k = 0; k < extentK; ++k)
    if (!space.rhs || space.rhs->countRow(k))
      nonEmptyK.push_back(k);

  for (int32_t i = 0; i < extentI; ++i) {
    if (space.out && !space.out->countRow(i))
      continue;
    auto visitK = [&](int64_t k) {
      if (!space.rhs && !space.out) {
        for (int32_t j = 0; j < extentJ; ++j)
          visit(i, j, int32_t(k));
        return;
      }
      for (int64_t w = 0, words = (int64_t(extentJ) + 63) / 64; w < words;
           ++w) {
        uint64_t word = space.rhs ? space.rhs->row(k)[w] : ~uint64_t(0);
        if (space.out)
          word &= space.out->row(i)[w];
        for (; word; word &= word - 1)
          visit(i, int32_t(64 * w + __builtin_ctzll(word)), int32_t(k));
      }
    };
    if (space.lhs)
      space.lhs->forEachInRow(i, visitK);
    else
      for (int32_t k : nonEmptyK)
        visitK(k);
  }
}

class Segmenter {
public:
  Segmenter(const CellSpace &space, const SegmentationOptions &options)
      : space(space), options(options), packing(space.extent) {
    thresholds[1] = options.edgeThreshold;
    thresholds[2] = options.faceThreshold;
    thresholds[3] = options.cubeThreshold;
    // Only a neighbourhood merged with members missing can cover zero cells.
    if (thresholds[1] < 2 || thresholds[2] < 4 || thresholds[3] < 8)
      occupancy.emplace(space.extent);
  }

  std::vector<MetaOpSet> run();

private:
  /// Sets that are not yet processed. Every step of Algorithm 1 doubles the
  /// volume at least, so in the order of (log volume, extent) a set comes after
  /// every set that inserts into it: it is complete when it is reached.
  using Pending = std::map<std::pair<int, LogExtent>, std::vector<uint64_t>>;

  void insert(const LogExtent &logs, std::vector<uint64_t> keys) {
    std::vector<uint64_t> &set = pending[{logs[0] + logs[1] + logs[2], logs}];
    if (set.empty())
      set = std::move(keys);
    else
      set.insert(set.end(), keys.begin(), keys.end());
  }

  void processSet(const LogExtent &logs, std::vector<uint64_t> &keys);
  void processCube(const Cell &cubeLo, unsigned present);
  void emit(std::vector<uint64_t> &keys);

  /// The lower point of a member of the cube at `cubeLo`.
  Cell memberLo(const Cell &cubeLo, unsigned member) const {
    Cell lo = cubeLo;
    for (int axis = 0; axis < 3; ++axis)
      if (member & axisBit(axis))
        lo[axis] += extent[axis];
    return lo;
  }
  /// Whether no meta-op covers any cell of these members.
  bool areZero(const Cell &cubeLo, unsigned members) const {
    for (; members; members &= members - 1)
      if (!occupancy->isBoxFree(memberLo(cubeLo, __builtin_ctz(members)),
                                extent))
        return false;
    return true;
  }
  void cover(const Cell &cubeLo, unsigned members) {
    for (; members; members &= members - 1)
      occupancy->addBox(memberLo(cubeLo, __builtin_ctz(members)), extent);
  }

  const CellSpace &space;
  const SegmentationOptions &options;
  CellPacking packing;
  std::array<int, 4> thresholds = {}; ///< by the number of doubled axes
  std::optional<Occupancy> occupancy;
  Pending pending;
  std::vector<uint64_t> scratch;
  std::vector<MetaOpSet> result;

  // The set that is being processed.
  Cell extent = {1, 1, 1};
  unsigned growableAxes = allAxes;
  /// The lower points that merge, by doubled axes; [0] are those that stay.
  std::array<std::vector<uint64_t>, 8> merged;
};

/// Decides the fate of the members `present` of one cube, each in turn as in
/// Algorithm 1, lines 11-20.
void Segmenter::processCube(const Cell &cubeLo, unsigned present) {
  for (unsigned member = 0; member < 8; ++member) {
    if (!(present >> member & 1))
      continue;
    unsigned grownAxes = 0;
    for (unsigned axes : trialOrder) {
      if (axes & ~growableAxes)
        continue;
      unsigned members = neighbourhood(member, axes);
      if (__builtin_popcount(members & present) <
          thresholds[__builtin_popcount(axes)])
        continue;
      // A missing member may have been merged elsewhere, or hold meta-ops of
      // another extent: merging over it would cover its cells twice.
      unsigned missing = members & ~present;
      if (missing && !areZero(cubeLo, missing))
        continue;
      if (missing)
        cover(cubeLo, missing);
      present &= ~members;
      grownAxes = axes;
      break;
    }
    merged[grownAxes].push_back(
        packing.pack(memberLo(cubeLo, member & ~grownAxes)));
  }
}

void Segmenter::emit(std::vector<uint64_t> &keys) {
  radixSort(keys, scratch);
  MetaOpSet set{extent, {}};
  set.lo.reserve(keys.size());
  for (uint64_t key : keys)
    set.lo.push_back(packing.unpack(key));
  result.push_back(std::move(set));
}

void Segmenter::processSet(const LogExtent &logs, std::vector<uint64_t> &keys) {
  growableAxes = 0;
  for (int axis = 0; axis < 3; ++axis) {
    extent[axis] = int32_t(1) << logs[axis];
    // An axis that one meta-op spans already has nothing left to merge with.
    if (extent[axis] < space.extent[axis] && logs[axis] < 30 &&
        2 * int64_t(extent[axis]) <= options.maxExtent[axis])
      growableAxes |= axisBit(axis);
  }
  if (!growableAxes)
    return emit(keys);

  // Sort by cube: the cube's coordinates above, the member in the low 3 bits.
  for (uint64_t &key : keys) {
    Cell lo = packing.unpack(key);
    unsigned member = 0;
    for (int axis = 0; axis < 3; ++axis) {
      if (lo[axis] & extent[axis])
        member |= axisBit(axis);
      lo[axis] = int32_t(uint32_t(lo[axis]) >> (logs[axis] + 1));
    }
    key = packing.pack(lo) << 3 | member;
  }
  radixSort(keys, scratch);
  for (size_t begin = 0, end; begin < keys.size(); begin = end) {
    unsigned present = 0;
    for (end = begin; end < keys.size() && keys[end] >> 3 == keys[begin] >> 3;
         ++end)
      present |= 1u << (keys[end] & 7);
    Cell cubeLo = packing.unpack(keys[begin] >> 3);
    for (int axis = 0; axis < 3; ++axis)
      cubeLo[axis] = int32_t(uint32_t(cubeLo[axis]) << (logs[axis] + 1));
    processCube(cubeLo, present);
  }

  for (unsigned axes = 1; axes < 8; ++axes) {
    if (merged[axes].empty())
      continue;
    LogExtent grown = logs;
    for (int axis = 0; axis < 3; ++axis)
      grown[axis] += (axes & axisBit(axis)) != 0;
    insert(grown, std::exchange(merged[axes], {}));
  }
  if (!merged[0].empty())
    emit(merged[0]);
  merged[0].clear();
}

std::vector<MetaOpSet> Segmenter::run() {
  std::vector<uint64_t> cells;
  forEachNonZero(space, [&](int32_t i, int32_t j, int32_t k) {
    cells.push_back(packing.pack(uint64_t(i), uint64_t(j), uint64_t(k)));
    if (occupancy)
      occupancy->add(i, j, k);
  });
  if (!cells.empty())
    insert({0, 0, 0}, std::move(cells));
  while (!pending.empty()) {
    auto set = pending.extract(pending.begin());
    processSet(set.key().second, set.mapped());
  }
  return std::move(result);
}

} // namespace

std::vector<MetaOpSet>
mlir::spmmplu::segment(const CellSpace &space,
                       const SegmentationOptions &options) {
  auto [extentI, extentJ, extentK] = space.extent;
  if (extentI <= 0 || extentJ <= 0 || extentK <= 0)
    return {};
  assert((!space.lhs ||
          (space.lhs->rows() == extentI && space.lhs->cols() == extentK)) &&
         "the lhs mask is i x k");
  assert((!space.rhs ||
          (space.rhs->rows() == extentK && space.rhs->cols() == extentJ)) &&
         "the rhs mask is k x j");
  assert((!space.out ||
          (space.out->rows() == extentI && space.out->cols() == extentJ)) &&
         "the output mask is i x j");
  return Segmenter(space, options).run();
}
