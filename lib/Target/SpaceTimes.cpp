//===- SpaceTimes.cpp - Predicted times of a space over N ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SpaceTimes.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

using namespace mlir::spmmplu;

std::vector<int64_t> mlir::spmmplu::getSelectionPoints(int64_t modulus) {
  // Tiles are 8 to 256 columns wide; the wider N, the less a narrow one's last
  // part weighs. Beyond the last all is proportional to N.
  struct Level {
    int64_t end, by;
  };
  static constexpr Level kLevels[] = {
      {16, 1}, {512, 8}, {4096, 64}, {16384, 256}, {131072, 16384}};
  std::set<int64_t> points;
  int64_t at = 1;
  for (auto [end, by] : kLevels)
    for (at = (at + by - 1) / by * by; at <= end; at += by) {
      points.insert(at);
      // The first of the next tile, among all N and among those of whole
      // vectors: from there on a strategy may be worse at once.
      points.insert(at + 1);
      points.insert(at + modulus);
    }
  return {points.begin(), points.end()};
}

int64_t mlir::spmmplu::getColumnModulus(const Target &target,
                                        const ProductProblem &problem) {
  // Copies of a GPU move 16 bytes.
  if (target.kind == TargetKind::Gpu)
    return 16 / getSize(problem.element);
  int64_t lanes = 1;
  for (const IntrinsicRate &rate : target.rates)
    if (rate.intrinsic->input == problem.element)
      lanes = std::max(lanes, rate.intrinsic->lanes);
  return lanes;
}

LayoutKey mlir::spmmplu::getLayoutKey(const Strategy &s) {
  // Bands have orders of their own.
  int64_t phase = usesBands(*s.intrinsic, s.panels) ? s.step : s.phase;
  return {s.intrinsic->unit, s.intrinsic->sparse, s.rows, s.depth, phase};
}

/// Values, table and metadata of a packed lhs.
static int64_t getPackedBytes(const ProductProblem &problem, const Strategy &s,
                              CellCounter &counter) {
  if (!problem.constantLhs)
    return 0;
  double cells = double(counter.cells(s.rows, s.depth));
  double values = cells * double(s.rows * s.depth);
  double perValue = double(getSize(problem.element));
  if (s.intrinsic->sparse)
    perValue = perValue / 2 + 1.0 / 8;
  return int64_t(values * perValue + cells * 4);
}

static bool isNowhereSlower(const std::vector<double> &a,
                            const std::vector<double> &b) {
  return std::ranges::equal(a, b, [](double x, double y) { return x <= y; });
}

/// The strategy's times at the points; nothing where it was not measured but
/// others were.
static std::vector<double>
getTimes(const std::vector<int64_t> &points, const Strategy &strategy,
         const std::vector<TunedStrategy> *measured,
         const std::function<double(int64_t)> &predicted) {
  std::vector<double> micros;
  if (!measured) {
    for (int64_t n : points)
      micros.push_back(predicted(n));
    return micros;
  }
  auto tuned = std::ranges::find(*measured, strategy, &TunedStrategy::strategy);
  if (tuned != measured->end())
    for (int64_t n : points)
      micros.push_back(predicted(n) * getCorrection(*tuned, n, predicted));
  return micros;
}

SpaceTimes
mlir::spmmplu::judgeSpace(const Target &target, const ProductProblem &problem,
                          std::span<const Candidate> candidates, bool isFull,
                          const std::vector<TunedStrategy> *measured) {
  CellCounter counter(problem, isFull ? CellCounter::Walk::Full
                                      : CellCounter::Walk::Mask);
  SpaceTimes space;
  space.points = getSelectionPoints(getColumnModulus(target, problem));
  std::map<LayoutKey, std::vector<size_t>> sameLayout;
  for (size_t at = 0; at < candidates.size(); ++at) {
    const Strategy &s = candidates[at].strategy;
    std::vector<double> micros =
        getTimes(space.points, s, measured, [&](int64_t n) {
          return predictChecked(target, problem, s, n, counter).total;
        });
    // Candidates come in the order of their means, so that what dominates
    // another comes before it.
    std::vector<size_t> &rivals = sameLayout[getLayoutKey(s)];
    if (micros.empty() || std::ranges::any_of(rivals, [&](size_t rival) {
          return isNowhereSlower(space.kept[rival].micros, micros);
        }))
      continue;
    rivals.push_back(space.kept.size());
    space.kept.push_back({at, s, getLayoutKey(s),
                          getPackedBytes(problem, s, counter),
                          std::move(micros)});
  }
  for (size_t p = 0; p < space.points.size(); ++p) {
    double best = std::numeric_limits<double>::infinity();
    for (const JudgedStrategy &each : space.kept)
      best = std::min(best, each.micros[p]);
    space.best.push_back(best);
  }
  return space;
}

std::vector<Strategy>
mlir::spmmplu::getLeading(const Target &target, const ProductProblem &problem,
                          std::span<const Candidate> candidates,
                          std::span<const int64_t> columns, size_t count) {
  SpaceTimes space = judgeSpace(target, problem, candidates, false);
  std::vector<Strategy> leading;
  for (int64_t n : columns) {
    size_t point =
        std::ranges::lower_bound(space.points, n) - space.points.begin();
    point = std::min(point, space.points.size() - 1);
    std::vector<const JudgedStrategy *> order;
    for (const JudgedStrategy &each : space.kept)
      order.push_back(&each);
    std::ranges::sort(order, {}, [&](const JudgedStrategy *each) {
      return std::pair(each->micros[point], each->candidate);
    });
    for (size_t at = 0; at < std::min(count, order.size()); ++at)
      if (std::ranges::find(leading, order[at]->strategy) == leading.end())
        leading.push_back(order[at]->strategy);
  }
  return leading;
}
