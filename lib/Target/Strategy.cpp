//===- Strategy.cpp - The strategy space and its search --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Strategy.h"

#include "GpuModel.h"
#include "StrategyList.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

std::string Strategy::str() const {
  if (!intrinsic)
    return "no intrinsic";
  std::string text = std::string(intrinsic->name) + " " + std::to_string(rows) +
                     "x" + std::to_string(vectors * intrinsic->j) + "x" +
                     std::to_string(depth);
  if (step)
    text += ", step " + std::to_string(step) + ", stages " +
            std::to_string(stages) + ", warps " + std::to_string(warpsI) + "x" +
            std::to_string(warpsJ);
  if (split > 1)
    text += ", split " + std::to_string(split);
  if (step && tasks > 1)
    text += ", tasks " + std::to_string(tasks);
  if (panels > 1)
    text += ", panels " + std::to_string(panels);
  if (cluster > 1)
    text += ", cluster " + std::to_string(cluster);
  if (phase)
    text += ", phase " + std::to_string(phase);
  if (packRhs)
    text += ", packed rhs";
  if (intrinsic->tf32)
    text += ", f32 rounded to tf32";
  return text;
}

//===----------------------------------------------------------------------===//
// The space
//===----------------------------------------------------------------------===//

namespace {

/// Makes the candidates, level by level: the register tile from the intrinsic,
/// the k of a phase from what a cache holds of the panel that it walks.
class CpuSpace : StrategyList {
public:
  using StrategyList::StrategyList;

  std::vector<Strategy> enumerate() {
    for (const IntrinsicRate &rate : target.rates)
      if (rate.intrinsic->input == problem.element)
        addRegisterTiles(*rate.intrinsic);
    return std::move(strategies);
  }

private:
  void addRegisterTiles(const Intrinsic &intrinsic) {
    static constexpr std::array<int64_t, 5> kRows = {1, 2, 4, 8, 16};
    static constexpr std::array<int64_t, 3> kTileRows = {4, 6, 8};
    static constexpr std::array<int64_t, 2> kGatheredRows = {16, 32};
    static constexpr std::array<int64_t, 6> kDepths = {1, 2, 4, 8, 16, 32};
    Strategy s;
    s.intrinsic = &intrinsic;
    bool isOut = problem.role == SparseRole::Out;
    for (s.vectors = 1; s.vectors <= 4; ++s.vectors) {
      if (intrinsic.unit == IntrinsicUnit::TileMatrix) {
        addPhases(s, intrinsic.i, isOut ? 1 : intrinsic.k);
        if (!isOut)
          for (int64_t rows : kGatheredRows)
            addPhases(s, rows, 1);
      } else if (isOut)
        for (int64_t rows : kTileRows)
          addPhases(s, rows, 1);
      else
        for (int64_t rows : kRows)
          for (int64_t depth : kDepths)
            addPhases(s, rows, depth);
    }
  }

  void addPhases(Strategy s, int64_t rows, int64_t depth) {
    s.rows = rows;
    s.depth = depth;
    addPacking(s);
    if (problem.role == SparseRole::Out)
      return;
    int64_t last = 0;
    // Between the caches: mostly in the L1, or leaving most of the L2 to the
    // lhs that streams past.
    for (double kib :
         {target.l1Kib, 2 * target.l1Kib, target.l2Kib / 8, target.l2Kib / 2}) {
      s.phase = fitPhase(s, kib);
      if (s.phase > last && s.phase < problem.k)
        addPacking(s);
      last = s.phase;
    }
  }

  /// The k of a panel of the rhs that leaves a quarter of the cache to what
  /// streams past, as whole entries of any depth.
  static int64_t fitPhase(const Strategy &s, double kib) {
    constexpr int64_t kMultiple = 32;
    double row = double(s.vectors * s.intrinsic->lanes) *
                 double(getSize(s.intrinsic->unit == IntrinsicUnit::TileMatrix
                                    ? s.intrinsic->input
                                    : s.intrinsic->accumulate));
    return int64_t(0.75 * 1024 * kib / row) / kMultiple * kMultiple;
  }

  void addPacking(Strategy s) {
    bool mustPack =
        problem.role == SparseRole::Out ||
        (s.intrinsic->unit == IntrinsicUnit::TileMatrix && s.depth > 1);
    for (bool pack : {false, true}) {
      s.packRhs = pack;
      if (!pack && mustPack)
        continue;
      add(s);
    }
  }
};

} // namespace

std::vector<Strategy>
mlir::spmmplu::enumerateStrategies(const Target &target,
                                   const ProductProblem &problem,
                                   std::vector<Strategy> *rejected) {
  return target.kind == TargetKind::Gpu
             ? enumerateGpuStrategies(target, problem, rejected)
             : CpuSpace(target, problem, rejected).enumerate();
}

//===----------------------------------------------------------------------===//
// Judging
//===----------------------------------------------------------------------===//

static constexpr std::array kTimes = {
    &Prediction::total,   &Prediction::compute, &Prediction::l1,
    &Prediction::l2,      &Prediction::l3,      &Prediction::memory,
    &Prediction::packRhs, &Prediction::launch,  &Prediction::unhidden};
static constexpr std::array kCounts = {
    &Prediction::usefulFlops, &Prediction::executedFlops,
    &Prediction::l1Bytes,     &Prediction::l2Bytes,
    &Prediction::l3Bytes,     &Prediction::memoryBytes};

/// The geometric mean of each field; see `Candidate::predicted`.
static Prediction getMean(const std::vector<Prediction> &predictions) {
  Prediction mean;
  auto add = [&](auto field, double least) {
    double sum = 0;
    for (const Prediction &each : predictions)
      sum += std::log(std::max(each.*field, least));
    double value = std::exp(sum / double(predictions.size()));
    mean.*field = value > least ? value : 0;
  };
  for (auto field : kTimes)
    add(field, 1e-3);
  for (auto field : kCounts)
    add(field, 1);
  return mean;
}

static Prediction predictSpread(const Target &target,
                                const ProductProblem &problem,
                                const Strategy &strategy,
                                CellCounter &counter) {
  if (problem.n)
    return predictChecked(target, problem, strategy, *problem.n, counter);
  std::vector<Prediction> predictions;
  for (int64_t n : kColumnSpread)
    predictions.push_back(
        predictChecked(target, problem, strategy, n, counter));
  return getMean(predictions);
}

/// The work that a task must have to be worth handing out, in microseconds.
static constexpr double kMinTaskMicros = 20;
/// Tasks that a thread is given: enough for balance where panels differ.
static constexpr double kTasksPerThread = 8;
/// One thread needs no balance, but the output of a task is what phases come
/// back to, and a package may be run with more threads than it was made for.
static constexpr double kTasksOfOneThread = 4;

/// Cuts the panels into tasks, then judges. The cut follows from the time, and
/// changes it little.
static Candidate judge(const Target &target, const ProductProblem &problem,
                       Strategy strategy, CellCounter &counter) {
  // Blocks are the tasks of a GPU.
  if (target.kind == TargetKind::Gpu)
    return {strategy, predictSpread(target, problem, strategy, counter)};
  double threads = double(std::min(problem.threads, target.cores));
  double panels =
      std::max(1.0, std::ceil(double(problem.m) / double(strategy.rows)));
  double wanted = threads > 1 ? kTasksPerThread * threads : kTasksOfOneThread;
  strategy.tasks = int64_t(std::min(wanted, panels));
  Prediction predicted = predictSpread(target, problem, strategy, counter);
  double work = (predicted.total - predicted.launch) * threads;
  double worthwhile = std::max(1.0, std::floor(work / kMinTaskMicros));
  if (worthwhile < double(strategy.tasks)) {
    strategy.tasks = int64_t(worthwhile);
    predicted = predictSpread(target, problem, strategy, counter);
  }
  Candidate best{strategy, predicted};
  // Each task copies a phase's rows of the rhs for itself, but keeps the fewer
  // sums between phases.
  while (strategy.phase && strategy.tasks > 1) {
    strategy.tasks /= 2;
    predicted = predictSpread(target, problem, strategy, counter);
    if (predicted.total < best.predicted.total)
      best = {strategy, predicted};
  }
  return best;
}

/// Stages of a warpgroup's ring that hide more than the model knows of: 64x64
/// tiles of 2:4 weights took 12.3, 11.8, 11.9 and 12.1 us with 5 to 8.
static constexpr int64_t kWarpgroupStages = 6;

/// Cheapest first. Among equals, which memory bounds, the one that reads least
/// of the L2: panels that share the rhs. Then the one with fewer phases,
/// without a copy, and with the wider tile and the larger cells, whose tables
/// are shorter.
static bool isCheaper(const Candidate &a, const Candidate &b) {
  auto key = [](const Candidate &c) {
    const Strategy &s = c.strategy;
    int64_t stages = s.stages;
    if (s.intrinsic->unit == IntrinsicUnit::WarpgroupMatrix)
      stages = std::abs(stages - kWarpgroupStages);
    return std::tuple(c.predicted.total, -s.panels, s.cluster, s.phase != 0,
                      s.packRhs, -s.vectors, -s.rows * s.depth, -s.rows,
                      -s.phase, s.split, stages, s.warpsI * s.warpsJ, s.step);
  };
  return key(a) < key(b);
}

static std::vector<Candidate> judgeAll(const Target &target,
                                       const ProductProblem &problem,
                                       const std::vector<Strategy> &strategies,
                                       CellCounter::Walk walk) {
  CellCounter counter(problem, walk);
  std::vector<Candidate> candidates;
  candidates.reserve(strategies.size());
  for (const Strategy &strategy : strategies)
    if (walk == CellCounter::Walk::Mask ||
        (!strategy.intrinsic->sparse && strategy.panels == 1))
      candidates.push_back(judge(target, problem, strategy, counter));
  std::ranges::sort(candidates, isCheaper);
  return candidates;
}

Result<StrategyChoice>
mlir::spmmplu::chooseStrategy(const Target &target,
                              const ProductProblem &problem) {
  if (auto status = checkProblem(problem); !status)
    return Error{status.error()};
  std::vector<Strategy> strategies =
      enumerateStrategies(target, problem, nullptr);
  if (strategies.empty() && target.kind == TargetKind::Gpu)
    return Error{
        "target '" + target.name + "': found no kernel for " +
        std::string(getName(problem.element)) + " operands and " +
        (problem.constantLhs ? "a constant lhs" : "a lhs that is no constant") +
        ", expected f16, bf16, or f32 with a constant lhs and a dense "
        "result"};
  if (strategies.empty())
    return Error{"target '" + target.name + "': found no intrinsic for " +
                 std::string(getName(problem.element)) +
                 " operands, expected one"};
  StrategyChoice choice;
  choice.candidates =
      judgeAll(target, problem, strategies, CellCounter::Walk::Mask);
  choice.best = choice.candidates.front();
  choice.denseCandidates =
      judgeAll(target, problem, strategies, CellCounter::Walk::Full);
  choice.dense = choice.denseCandidates.front();
  return choice;
}
