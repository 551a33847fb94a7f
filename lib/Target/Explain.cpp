//===- Explain.cpp - The grounds of a choice --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Explain.h"

#include "CostModel.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

using namespace mlir::spmmplu;

std::vector<LevelBound> mlir::spmmplu::getBounds(const Target &target,
                                                 const ProductProblem &problem,
                                                 const Candidate &candidate) {
  const Prediction &p = candidate.predicted;
  int64_t busy = target.kind == TargetKind::Gpu
                     ? target.cores
                     : std::min(problem.threads, target.cores);
  const Intrinsic *intrinsic = candidate.strategy.intrinsic;
  double peak = intrinsic ? target.gflops(*intrinsic) * double(busy) : 0;
  std::vector<LevelBound> bounds = {{"compute", 0, 0, 0, p.compute}};
  auto add = [&](std::string_view level, double bytes, double gbps,
                 double micros) {
    bounds.push_back({level, bytes, bytes > 0 ? p.executedFlops / bytes : 0,
                      gbps > 0 ? peak / gbps : 0, micros});
  };
  bool isGpu = target.kind == TargetKind::Gpu;
  add(isGpu ? "shared" : "L1", p.l1Bytes, target.l1Gbps * double(busy), p.l1);
  add("L2", p.l2Bytes, target.l2Gbps * double(busy), p.l2);
  if (!isGpu)
    add("L3", p.l3Bytes, target.l3Gbps.at(busy, target.cores), p.l3);
  add("memory", p.memoryBytes, target.dramGbps.at(busy, target.cores),
      p.memory);
  return bounds;
}

/// What makes packed operands of two strategies the same.
static auto representationOf(const Candidate &candidate) {
  const Strategy &s = candidate.strategy;
  return std::tuple(s.intrinsic, s.rows, s.depth);
}

const Candidate *mlir::spmmplu::findRunnerUp(const StrategyChoice &choice) {
  for (const Candidate &candidate : choice.candidates)
    if (representationOf(candidate) != representationOf(choice.best))
      return &candidate;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static std::string format(const char *pattern, auto... values) {
  char buffer[256];
  std::snprintf(buffer, sizeof(buffer), pattern, values...);
  return buffer;
}

static std::string describe(const Target &target,
                            const ProductProblem &problem) {
  std::string n = problem.n ? std::to_string(*problem.n) : "any number of";
  return format("%lld x %lld by %s columns, %s, %s density %.4g, target %s, ",
                (long long)problem.m, (long long)problem.k, n.c_str(),
                std::string(getName(problem.element)).c_str(),
                problem.role == SparseRole::Out ? "result's" : "lhs'",
                problem.mask ? problem.mask->density() : 1.0,
                target.name.c_str()) +
         (target.kind == TargetKind::Gpu
              ? std::to_string(target.cores) + " SMs"
              : std::to_string(problem.threads) +
                    (problem.threads == 1 ? " thread" : " threads"));
}

static std::string describe(const Target &target, const ProductProblem &problem,
                            const std::string &label,
                            const Candidate &candidate, double chosen) {
  std::vector<LevelBound> bounds = getBounds(target, problem, candidate);
  auto worst = std::max_element(bounds.begin(), bounds.end(),
                                [](const LevelBound &a, const LevelBound &b) {
                                  return a.micros < b.micros;
                                });
  const Prediction &p = candidate.predicted;
  std::string line = format("  %-9s %10.1f %6.2fx  %-8s", label.c_str(),
                            p.total, chosen > 0 ? p.total / chosen : 1.0,
                            std::string(worst->level).c_str());
  for (const LevelBound &bound : bounds)
    line += format(" %9.1f", bound.micros);
  line += format(" %9.1f  ", p.unhidden + p.packRhs + p.launch);
  return line + candidate.strategy.str() + "\n";
}

/// Nothing where next to no bytes pass.
static std::string describeIntensity(const LevelBound &bound) {
  return bound.bytes < 5e3 ? "-" : format("%.2f", bound.intensity);
}

std::string mlir::spmmplu::explainChoice(const Target &target,
                                         const ProductProblem &problem,
                                         const StrategyChoice &choice,
                                         bool denseIsChosen, int rivals) {
  const Candidate &chosen = denseIsChosen ? choice.dense : choice.best;
  std::vector<LevelBound> bounds = getBounds(target, problem, chosen);
  std::string text = describe(target, problem) + "\n";
  if (!problem.n)
    text += "  (geometric means over several numbers of columns)\n";
  if (denseIsChosen)
    text += "  (dense is chosen: no strategy that skips zeros is faster)\n";
  text += format("  %-9s %10s %7s  %-8s", "", "total us", "", "bound");
  for (const LevelBound &bound : bounds)
    text += format(" %9s", std::string(bound.level).c_str());
  text += format(" %9s  strategy\n", "overhead");
  double total = chosen.predicted.total;
  if (!denseIsChosen)
    text += describe(target, problem, "chosen", choice.best, total);
  text += describe(target, problem, denseIsChosen ? "chosen" : "dense",
                   choice.dense, total);
  std::vector<decltype(representationOf(chosen))> seen;
  if (!denseIsChosen)
    seen.push_back(representationOf(choice.best));
  for (const Candidate &candidate : choice.candidates) {
    if (rivals <= 0)
      break;
    auto representation = representationOf(candidate);
    if (std::find(seen.begin(), seen.end(), representation) != seen.end())
      continue;
    seen.push_back(representation);
    text += describe(target, problem, "rival", candidate, total);
    --rivals;
  }
  text += format("  chosen    %10s %10s %10s %10s\n", "MB", "flop/byte",
                 "balance", "us");
  for (const LevelBound &bound : bounds) {
    std::string level(bound.level);
    if (level == "compute")
      text += format("  %-9s %10s %10s %10s %10.1f\n", level.c_str(), "", "",
                     "", bound.micros);
    else
      text += format("  %-9s %10.2f %10s %10.2f %10.1f\n", level.c_str(),
                     bound.bytes / 1e6, describeIntensity(bound).c_str(),
                     bound.balance, bound.micros);
  }
  return text;
}

std::string mlir::spmmplu::explainSelection(const Selection &selection) {
  std::string text;
  auto add = [&](const std::string &columns,
                 const std::vector<SelectionRange> &ranges) {
    if (ranges.empty())
      return;
    text += format("  %-26s %13s  strategy\n", columns.c_str(), "us at first");
    for (const SelectionRange &range : ranges)
      text += format("  from %-21lld %13.1f  ", (long long)range.from,
                     range.micros) +
              selection.strategies[range.strategy].str() + "\n";
  };
  std::string modulus = std::to_string(selection.modulus);
  bool hasClasses = !selection.aligned.empty();
  add("columns, multiples of " + modulus, selection.aligned);
  add(hasClasses ? "other columns" : "columns", selection.others);
  return text;
}
