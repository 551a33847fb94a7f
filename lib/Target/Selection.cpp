//===- Selection.cpp - Covers all N with a few strategies ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Selection.h"

#include "SpaceTimes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

using namespace mlir::spmmplu;

// What a further strategy must gain of the mean penalty (`getPenalty`): one
// that shares a layout, one that brings a layout of its own within the free
// bytes, and one beyond them.
static constexpr double kStrategyGain = 0.002;
static constexpr double kLayoutGain = 0.005;
static constexpr double kLargeLayoutGain = 0.008;
/// What a further range must gain.
static constexpr double kRangeGain = 0.0002;
/// N beyond which fewer calls are expected, and what a point there counts.
static constexpr int64_t kUsualColumns = 16384;
static constexpr double kUnusualWeight = 0.25;

/// Of a time that is `ratio` times the best one. The fourth power: ten N that
/// lose 5 % are better than one that loses 40 %.
static double getPenalty(double ratio) {
  double square = ratio * ratio;
  return (square * square - 1) / 4;
}

namespace {

/// Points that share ranges, ascending, and what each counts.
struct PointClass {
  std::vector<size_t> points;
  std::vector<double> weights;
};

} // namespace

/// Weights are even on a logarithmic axis: a point stands for what lies between
/// it and the next one of its class.
static PointClass makeClass(const SpaceTimes &space,
                            const std::function<bool(int64_t)> &isMember) {
  PointClass result;
  for (size_t p = 0; p < space.points.size(); ++p)
    if (isMember(space.points[p]))
      result.points.push_back(p);
  double total = 0;
  for (size_t at = 0; at < result.points.size(); ++at) {
    int64_t n = space.points[result.points[at]];
    bool isLast = at + 1 == result.points.size();
    double next =
        isLast ? 2.0 * double(n) : double(space.points[result.points[at + 1]]);
    double weight = std::log(next / double(n));
    result.weights.push_back(n > kUsualColumns ? weight * kUnusualWeight
                                               : weight);
    total += result.weights.back();
  }
  for (double &weight : result.weights)
    weight /= total;
  return result;
}

/// Both classes, each counting half.
static PointClass merge(const PointClass &a, const PointClass &b) {
  std::map<size_t, double> weights;
  for (const PointClass *each : {&a, &b})
    for (size_t at = 0; at < each->points.size(); ++at)
      weights[each->points[at]] += each->weights[at] / 2;
  PointClass merged;
  for (auto [point, weight] : weights) {
    merged.points.push_back(point);
    merged.weights.push_back(weight);
  }
  return merged;
}

//===----------------------------------------------------------------------===//
// The set
//===----------------------------------------------------------------------===//

namespace {

/// Grows a set of strategies, each the one that gains most beyond what it
/// costs, and exchanges members as long as that gains.
class Cover {
public:
  Cover(const SpaceTimes &space, const PointClass &all,
        const SelectionOptions &options)
      : space(space), all(all), options(options) {}

  std::vector<size_t> choose() {
    if (space.kept.empty())
      return {};
    while (int64_t(members.size()) < options.maxStrategies && grow())
      exchange();
    return members;
  }

private:
  using Times = std::vector<double>;

  /// At each point, the best of `set`, of which member `without` is left out.
  Times getBest(const std::vector<size_t> &set, size_t without = -1) const {
    Times best(space.points.size(), std::numeric_limits<double>::infinity());
    for (size_t at = 0; at < set.size(); ++at)
      if (at != without)
        for (size_t p = 0; p < best.size(); ++p)
          best[p] = std::min(best[p], space.kept[set[at]].micros[p]);
    return best;
  }

  /// Mean penalty of the faster of `others` and `micros`.
  double getMeanPenalty(const Times &others, const Times &micros) const {
    double sum = 0;
    for (size_t at = 0; at < all.points.size(); ++at) {
      size_t p = all.points[at];
      sum += all.weights[at] *
             getPenalty(std::min(others[p], micros[p]) / space.best[p]);
    }
    return sum;
  }

  double judge(const std::vector<size_t> &set) const {
    Times best = getBest(set);
    return getMeanPenalty(best, best) + getCost(set);
  }

  double getCost(const std::vector<size_t> &set) const {
    double cost = kStrategyGain * double(set.size());
    std::set<LayoutKey> layouts;
    int64_t extra = 0;
    for (size_t member : set) {
      const JudgedStrategy &each = space.kept[member];
      if (!layouts.insert(each.layout).second || layouts.size() == 1)
        continue;
      extra += each.packedBytes;
      cost += extra > options.freeBytes ? kLargeLayoutGain : kLayoutGain;
    }
    return cost;
  }

  bool grow() {
    double least = members.empty() ? std::numeric_limits<double>::infinity()
                                   : judge(members);
    return tryEach(members, getBest(members), members.size(), least);
  }

  /// One pass: each member out, or another in its place.
  void exchange() {
    for (size_t at = 0; at < members.size() && members.size() > 1; ++at) {
      double least = judge(members);
      Times others = getBest(members, at);
      std::vector<size_t> set = members;
      set.erase(set.begin() + at);
      if (double cost = getMeanPenalty(others, others) + getCost(set);
          cost < least) {
        members = std::move(set);
        continue;
      }
      tryEach(members, others, at, least);
    }
  }

  /// Every strategy as member `at` beside `others`; takes the best one that
  /// costs less than `least`.
  bool tryEach(std::vector<size_t> set, const Times &others, size_t at,
               double least) {
    bool isFound = false;
    set.resize(std::max(set.size(), at + 1));
    for (size_t each = 0; each < space.kept.size(); ++each) {
      set[at] = each;
      double cost =
          getMeanPenalty(others, space.kept[each].micros) + getCost(set);
      if (cost >= least)
        continue;
      least = cost;
      members = set;
      isFound = true;
    }
    return isFound;
  }

  const SpaceTimes &space;
  const PointClass &all;
  const SelectionOptions &options;
  std::vector<size_t> members;
};

} // namespace

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

namespace {

struct Ranges {
  std::vector<SelectionRange> ranges; ///< strategies are members of the set
  double cost = 0;
};

} // namespace

/// The cheapest sequence of members over the points of a class, where each
/// change costs `perRange`: dynamic programming from the first point on.
static Ranges cutOnce(const SpaceTimes &space, const std::vector<size_t> &set,
                      const PointClass &points, double perRange) {
  size_t count = points.points.size(), width = set.size();
  std::vector<double> cost(width, 0);
  std::vector<std::vector<size_t>> from(count, std::vector<size_t>(width));
  for (size_t at = 0; at < count; ++at) {
    size_t p = points.points[at];
    size_t cheapest = std::ranges::min_element(cost) - cost.begin();
    double change = cost[cheapest] + perRange;
    for (size_t s = 0; s < width; ++s) {
      bool changes = at > 0 && change < cost[s];
      from[at][s] = changes ? cheapest : s;
      cost[s] = (changes ? change : cost[s]) +
                points.weights[at] *
                    getPenalty(space.kept[set[s]].micros[p] / space.best[p]);
    }
  }
  Ranges result;
  size_t s = std::ranges::min_element(cost) - cost.begin();
  result.cost = cost[s];
  for (size_t at = count; at-- > 0;) {
    size_t before = from[at][s];
    if (at == 0 || before != s) {
      size_t p = points.points[at];
      result.ranges.push_back(
          {at == 0 ? 0 : space.points[p], s, space.kept[set[s]].micros[p]});
    }
    s = before;
  }
  std::ranges::reverse(result.ranges);
  return result;
}

static Ranges cut(const SpaceTimes &space, const std::vector<size_t> &set,
                  const PointClass &points, size_t maxRanges) {
  double perRange = kRangeGain;
  Ranges result = cutOnce(space, set, points, perRange);
  while (result.ranges.size() > std::max<size_t>(maxRanges, 1))
    result = cutOnce(space, set, points, perRange *= 2);
  return result;
}

static size_t findRange(const std::vector<SelectionRange> &ranges, int64_t n) {
  auto after = std::ranges::upper_bound(ranges, n, {}, &SelectionRange::from);
  return (after == ranges.begin() ? after : after - 1)->strategy;
}

size_t Selection::at(int64_t n) const {
  return findRange(modulus > 1 && n % modulus == 0 ? aligned : others, n);
}

//===----------------------------------------------------------------------===//
// Selections
//===----------------------------------------------------------------------===//

/// Leaves out what no range uses, and numbers the rest in the order in which
/// growing N meets them.
static void renumber(const SpaceTimes &space, const std::vector<size_t> &set,
                     Selection &selection) {
  constexpr size_t kNone = -1;
  std::vector<size_t> number(set.size(), kNone);
  std::set<LayoutKey> layouts;
  for (std::vector<SelectionRange> *ranges :
       {&selection.others, &selection.aligned})
    for (SelectionRange &range : *ranges) {
      size_t &known = number[range.strategy];
      if (known == kNone) {
        known = selection.strategies.size();
        const JudgedStrategy &each = space.kept[set[range.strategy]];
        selection.strategies.push_back(each.strategy);
        if (layouts.insert(each.layout).second)
          (layouts.size() == 1 ? selection.packedBytes
                               : selection.extraBytes) += each.packedBytes;
      }
      range.strategy = known;
    }
  selection.layouts = layouts.size();
}

static void measureRegret(const SpaceTimes &space, const PointClass &all,
                          const std::vector<size_t> &set,
                          const std::vector<size_t> &memberOf,
                          Selection &selection) {
  double logRegret = 0, logMicros = 0, worst = 1;
  for (size_t at = 0; at < all.points.size(); ++at) {
    size_t p = all.points[at];
    size_t member = memberOf[selection.at(space.points[p])];
    double micros = space.kept[set[member]].micros[p];
    logRegret += all.weights[at] * std::log(micros / space.best[p]);
    logMicros += all.weights[at] * std::log(std::max(micros, 1e-3));
    worst = std::max(worst, micros / space.best[p]);
  }
  selection.meanRegret = std::exp(logRegret) - 1;
  selection.worstRegret = worst - 1;
  selection.meanMicros = std::exp(logMicros);
}

Selection mlir::spmmplu::makeSelection(const Target &target,
                                       const ProductProblem &problem,
                                       std::span<const Candidate> candidates,
                                       bool isFull,
                                       const SelectionOptions &options) {
  SpaceTimes space =
      judgeSpace(target, problem, candidates, isFull, options.measured);
  // Of another version of the space.
  if (space.kept.empty())
    space = judgeSpace(target, problem, candidates, isFull);
  Selection selection;
  selection.candidates = candidates.size();
  selection.kept = space.kept.size();
  selection.modulus = getColumnModulus(target, problem);
  auto isAligned = [&](int64_t n) { return n % selection.modulus == 0; };
  PointClass aligned = makeClass(space, isAligned);
  PointClass others = makeClass(space, std::not_fn(isAligned));
  PointClass all = selection.modulus > 1 ? merge(aligned, others) : aligned;
  std::vector<size_t> set = Cover(space, all, options).choose();
  if (set.empty())
    return selection;

  Ranges joint = cut(space, set, all, options.maxRanges);
  selection.others = joint.ranges;
  if (selection.modulus > 1) {
    Ranges first = cut(space, set, aligned, options.maxRanges);
    Ranges second = cut(space, set, others, options.maxRanges);
    if ((first.cost + second.cost) / 2 + kStrategyGain < joint.cost) {
      selection.aligned = first.ranges;
      selection.others = second.ranges;
    } else {
      selection.modulus = 1;
    }
  }
  renumber(space, set, selection);
  std::vector<size_t> memberOf;
  for (const Strategy &strategy : selection.strategies)
    for (size_t member = 0; member < set.size(); ++member)
      if (space.kept[set[member]].strategy == strategy) {
        memberOf.push_back(member);
        break;
      }
  measureRegret(space, all, set, memberOf, selection);
  return selection;
}
