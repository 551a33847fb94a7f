//===- InputChannels.cpp - Which columns a tile groups --------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parallel.h"
#include "PermutationSearch.h"
#include "Selection.h"
#include "spmmplu/Pattern/Assignment.h"
#include "spmmplu/Pattern/Random.h"

#include <numeric>

namespace mlir::spmmplu {

/// Groups that take part in one assignment. The time of a round over all groups
/// grows linearly with it (costs) or faster (the assignment), what it gains
/// grows slower.
static constexpr int64_t poolGroups = 128;
/// Columns that are not kept compete in a pool, as many as it has groups at
/// most.
static constexpr int64_t poolSpares = 128;
/// A tile is done when a sweep over its groups gained less than this part of
/// what it keeps, some times in a row; or after so many sweeps.
static constexpr double leastGain = 4e-5;
static constexpr int64_t maxIdleSweeps = 3;
static constexpr int64_t maxSweeps = 200;
/// Gains of a block of candidates are summed in registers.
static constexpr int64_t lanes = 16;

namespace {
/// The search in one tile.
///
/// A round takes one column out of each group of a pool, at random, adds
/// columns that are not kept, and gives each group one of all these by solving
/// the assignment problem. Taking a group's own column back is a solution, so
/// the saliency kept never falls (but for rounding).
class TileSearch {
public:
  TileSearch(const SearchContext &context, GroupedLayout &layout)
      : saliency(context.saliency), layout(layout) {}

  void run(int64_t tile, uint64_t seed);

private:
  void loadTile(int64_t tile);
  double retained();
  void storeList(int64_t tile);
  double sweep(RandomGenerator &random);
  double runPool(std::span<const int32_t> groups,
                 std::span<const int32_t> pooledSpares,
                 RandomGenerator &random);
  void takeOut(int64_t group, int64_t slot, int64_t index);
  void computeGains(int64_t groups);
  const float *columnValues(int64_t candidate) const {
    return values.data() + candidate * height;
  }

  Saliency saliency;
  GroupedLayout &layout;
  int64_t height = 0;

  /// Candidates 0 .. cols-1 are the columns, candidate cols is empty: it fills
  /// groups up. `values` has `height` numbers a candidate.
  std::vector<float> values;
  std::vector<int32_t> list;   ///< the candidates kept, in groups
  std::vector<int32_t> spares; ///< the columns not kept

  std::vector<int32_t> groupOrder;
  std::vector<int64_t> slotOf;
  std::vector<int32_t> candidates;
  std::vector<float> base, thresholds, transposed, gains, sorted;
  int64_t stride = 0; ///< candidates, rounded up to `lanes`
  AssignmentSolver solver;
};
} // namespace

void TileSearch::loadTile(int64_t tile) {
  int64_t begin = tile * layout.tileRows;
  height = std::min(layout.rows, begin + layout.tileRows) - begin;
  values.assign((saliency.cols + 1) * height, 0.f);
  for (int64_t r = 0; r < height; ++r) {
    const float *in =
        saliency.values.data() + layout.rowAt(begin + r) * saliency.cols;
    for (int64_t c = 0; c < saliency.cols; ++c)
      values[c * height + r] = in[c];
  }
  std::vector<bool> isKept(saliency.cols + 1, false);
  list.resize(layout.keptColumns);
  for (int64_t k = 0; k < layout.keptColumns; ++k) {
    int64_t column = layout.columnAt(tile, k);
    list[k] = int32_t(column < 0 ? saliency.cols : column);
    isKept[list[k]] = true;
  }
  spares.clear();
  for (int64_t c = 0; c < saliency.cols; ++c)
    if (!isKept[c])
      spares.push_back(int32_t(c));
}

/// Takes the column at `slot` out of `group`. What is left of the group keeps
/// `base`, summed over the rows, without its weakest place: with a column x in,
/// a row keeps max(threshold, x) more.
void TileSearch::takeOut(int64_t group, int64_t slot, int64_t index) {
  int64_t first = group * layout.ratio.m, size = layout.groupSize(group);
  int64_t most = layout.slotsOfGroup(size);
  float *threshold = thresholds.data() + index * height;
  float total = 0;
  sorted.resize(size);
  for (int64_t r = 0; r < height; ++r) {
    // The largest `most` of the others, descending.
    int64_t count = 0;
    for (int64_t k = first; k < first + size; ++k) {
      if (k == slot)
        continue;
      float value = columnValues(list[k])[r];
      if (count == most && value <= sorted[most - 1])
        continue;
      int64_t at = count < most ? count++ : most - 1;
      for (; at > 0 && sorted[at - 1] < value; --at)
        sorted[at] = sorted[at - 1];
      sorted[at] = value;
    }
    threshold[r] = count == most ? sorted[most - 1] : 0.f;
    for (int64_t k = 0; k < std::min(count, most - 1); ++k)
      total += sorted[k];
  }
  base[index] = total;
}

/// gains[i][j] = what group i keeps with candidate j in it. The inner loop runs
/// over candidates: each gain is a sum over the rows in their order, however
/// wide the machine's vectors are.
void TileSearch::computeGains(int64_t groups) {
  int64_t count = int64_t(candidates.size());
  stride = ceilDiv(count, lanes) * lanes;
  transposed.assign(height * stride, 0.f);
  for (int64_t j = 0; j < count; ++j)
    for (int64_t r = 0; r < height; ++r)
      transposed[r * stride + j] = columnValues(candidates[j])[r];
  gains.resize(groups * count);
  for (int64_t i = 0; i < groups; ++i) {
    const float *threshold = thresholds.data() + i * height;
    for (int64_t j = 0; j < count; j += lanes) {
      float sums[lanes];
      std::fill(sums, sums + lanes, base[i]);
      const float *in = transposed.data() + j;
      for (int64_t r = 0; r < height; ++r, in += stride)
        for (int64_t l = 0; l < lanes; ++l)
          sums[l] += in[l] > threshold[r] ? in[l] : threshold[r];
      std::copy(sums, sums + std::min(lanes, count - j),
                gains.begin() + i * count + j);
    }
  }
}

/// Returns the saliency gained.
double TileSearch::runPool(std::span<const int32_t> groups,
                           std::span<const int32_t> pooledSpares,
                           RandomGenerator &random) {
  int64_t count = int64_t(groups.size());
  candidates.clear();
  for (int64_t i = 0; i < count; ++i) {
    int64_t first = groups[i] * layout.ratio.m;
    slotOf[i] = first + random.below(layout.groupSize(groups[i]));
    candidates.push_back(list[slotOf[i]]);
    takeOut(groups[i], slotOf[i], i);
  }
  for (int32_t spare : pooledSpares)
    candidates.push_back(spares[spare]);
  computeGains(count);
  int64_t total = int64_t(candidates.size());
  std::span<const int32_t> chosen = solver.solve(gains, count, total);
  double gained = 0;
  std::vector<bool> used(total, false);
  for (int64_t i = 0; i < count; ++i) {
    gained += double(gains[i * total + chosen[i]]) - gains[i * total + i];
    list[slotOf[i]] = candidates[chosen[i]];
    used[chosen[i]] = true;
  }
  // Columns that no group took go where the spares came from.
  int64_t spare = 0;
  for (int64_t j = 0; j < count; ++j) {
    if (used[j])
      continue;
    while (!used[count + spare])
      ++spare;
    spares[pooledSpares[spare++]] = candidates[j];
  }
  return gained;
}

template <typename T>
static void shuffle(std::vector<T> &items, RandomGenerator &random) {
  for (int64_t i = int64_t(items.size()) - 1; i > 0; --i)
    std::swap(items[i], items[random.below(i + 1)]);
}

/// One column of each group, all groups once.
double TileSearch::sweep(RandomGenerator &random) {
  shuffle(groupOrder, random);
  shuffle(spares, random);
  int64_t groups = int64_t(groupOrder.size());
  int64_t pools = ceilDiv(groups, poolGroups);
  std::vector<int32_t> spareOrder(spares.size());
  std::iota(spareOrder.begin(), spareOrder.end(), 0);
  double gained = 0;
  for (int64_t p = 0; p < pools; ++p) {
    int64_t begin = groups * p / pools, end = groups * (p + 1) / pools;
    int64_t size = int64_t(spares.size());
    int64_t spareBegin = size * p / pools;
    int64_t spareEnd =
        std::min(size * (p + 1) / pools, spareBegin + poolSpares);
    gained += runPool(
        std::span<const int32_t>(groupOrder).subspan(begin, end - begin),
        std::span<const int32_t>(spareOrder)
            .subspan(spareBegin, spareEnd - spareBegin),
        random);
  }
  return gained;
}

/// What the tile's groups keep, exactly.
double TileSearch::retained() {
  double total = 0;
  for (int64_t g = 0; g < layout.groupCount(); ++g) {
    int64_t first = g * layout.ratio.m, size = layout.groupSize(g);
    int64_t most = layout.slotsOfGroup(size);
    sorted.resize(size);
    for (int64_t r = 0; r < height; ++r) {
      for (int64_t k = 0; k < size; ++k)
        sorted[k] = columnValues(list[first + k])[r];
      std::partial_sort(sorted.begin(), sorted.begin() + most, sorted.end(),
                        std::greater<float>());
      total += std::accumulate(sorted.begin(), sorted.begin() + most, 0.0);
    }
  }
  return total;
}

/// Columns ascend in a group, and so do the first ones of whole groups: one
/// list for what is the same, and gathers that walk forward.
void TileSearch::storeList(int64_t tile) {
  int64_t m = layout.ratio.m, whole = layout.keptColumns / m;
  std::vector<std::span<int32_t>> groups;
  for (int64_t g = 0; g < layout.groupCount(); ++g) {
    std::span<int32_t> group =
        std::span(list).subspan(g * m, layout.groupSize(g));
    std::sort(group.begin(), group.end());
    groups.push_back(group);
  }
  auto before = [](std::span<int32_t> a, std::span<int32_t> b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  };
  std::sort(groups.begin(), groups.begin() + whole, before);
  int32_t *out = layout.columns.data() + tile * layout.keptColumns;
  for (std::span<int32_t> group : groups)
    for (int32_t candidate : group)
      *out++ = candidate == saliency.cols ? -1 : candidate;
}

void TileSearch::run(int64_t tile, uint64_t seed) {
  RandomGenerator random(seed);
  loadTile(tile);
  int64_t groups = layout.groupCount();
  groupOrder.resize(groups);
  std::iota(groupOrder.begin(), groupOrder.end(), 0);
  slotOf.resize(groups);
  base.resize(groups);
  thresholds.resize(std::min(groups, poolGroups) * height);
  std::vector<int32_t> original = list;
  double before = retained();
  int64_t idle = 0;
  for (int64_t s = 0; s < maxSweeps && idle < maxIdleSweeps; ++s)
    idle = sweep(random) > leastGain * before ? 0 : idle + 1;
  if (!(retained() > before))
    list = original;
  storeList(tile);
}

void searchInputChannels(const SearchContext &context, GroupedLayout &layout,
                         double from) {
  int64_t tiles = layout.tileCount();
  if (layout.keptColumns == 0)
    return;
  std::vector<TileSearch> searches(context.threads,
                                   TileSearch(context, layout));
  std::atomic<int64_t> finished = 0;
  parallelFor(tiles, context.threads, [&](int64_t tile, int worker) {
    searches[worker].run(tile, mixSeed(context.seed, uint64_t(tile)));
    double part = double(++finished) / double(tiles);
    context.progress.reach(from + (1 - from) * part);
  });
}

} // namespace mlir::spmmplu
