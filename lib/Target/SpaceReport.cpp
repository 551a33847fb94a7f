//===- SpaceReport.cpp - The space of strategies as a table ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/SpaceReport.h"

#include "GpuModel.h"
#include "SpaceTimes.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <iterator>
#include <set>

using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

namespace {

using Fields = std::vector<int64_t>;

/// A level, and the fields that it decides beyond those below it.
struct LevelKind {
  const char *name, *decides;
  Fields (*fields)(const Strategy &);
};

} // namespace

static const LevelKind kInstruction = {
    "instruction", "intrinsic", [](const Strategy &s) -> Fields {
      return {s.intrinsic - listIntrinsics().data()};
    }};

static const LevelKind kCpuLevels[] = {
    kInstruction,
    {"registers", "rows and vectors of a register tile",
     [](const Strategy &s) -> Fields {
       return {s.vectors, getRegisterRows(*s.intrinsic, s.rows, s.vectors)};
     }},
    {"core", "rows of a panel, depth of an entry",
     [](const Strategy &s) -> Fields { return {s.rows, s.depth}; }},
    {"caches", "phase, packing of the rhs",
     [](const Strategy &s) -> Fields { return {s.phase, s.packRhs}; }},
};

static const LevelKind kGpuLevels[] = {
    kInstruction,
    {"warp", "rows and columns of a warp's tile",
     [](const Strategy &s) -> Fields {
       return {s.rows / s.warpsI, s.vectors / (s.stages ? s.warpsJ : 1)};
     }},
    {"block", "tile, panels, warps, step, stages, depth of an entry",
     [](const Strategy &s) -> Fields {
       return {s.rows,   s.vectors, s.panels, s.warpsI,
               s.warpsJ, s.step,    s.stages, s.depth};
     }},
    {"device", "blocks that share a chain",
     [](const Strategy &s) -> Fields { return {s.split}; }},
};

/// What `levels` decide of a strategy.
static Fields getFields(std::span<const LevelKind> levels, const Strategy &s) {
  Fields all;
  for (const LevelKind &level : levels)
    std::ranges::copy(level.fields(s), std::back_inserter(all));
  return all;
}

/// Whether a rejected strategy asks for more than the machine has, rather than
/// for extents that no kernel takes.
static bool exceedsCapacity(const Target &target, const ProductProblem &problem,
                            const Strategy &s) {
  if (target.kind == TargetKind::Cpu)
    return s.rows * s.vectors > s.intrinsic->registers - s.vectors - 2;
  GpuTile tile(problem, s);
  return tile.residentBlocks(target) < 1;
}

SpaceCounts mlir::spmmplu::countSpace(const Target &target,
                                      const ProductProblem &problem) {
  SpaceCounts counts;
  if (!checkProblem(problem))
    return counts;
  std::vector<Strategy> rejected;
  std::vector<Strategy> made = enumerateStrategies(target, problem, &rejected);
  counts.candidates = made.size();
  counts.made = made.size() + rejected.size();
  for (const Strategy &s : rejected)
    ++(exceedsCapacity(target, problem, s) ? counts.overCapacity
                                           : counts.misaligned);
  bool isGpu = target.kind == TargetKind::Gpu;
  std::span<const LevelKind> kinds = kCpuLevels;
  if (isGpu)
    kinds = kGpuLevels;
  for (size_t level = 0; level < kinds.size(); ++level) {
    std::span<const LevelKind> below = kinds.first(level + 1);
    std::set<Fields> left, all;
    for (const Strategy &s : made)
      left.insert(getFields(below, s));
    all = left;
    for (const Strategy &s : rejected)
      all.insert(getFields(below, s));
    const LevelKind &kind = kinds[level];
    counts.levels.push_back({kind.name, kind.decides, all.size(), left.size()});
  }
  return counts;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

__attribute__((format(printf, 2, 3))) static void
append(std::string &text, const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text += line;
}

static void appendLevels(std::string &text, const SpaceCounts &counts) {
  append(text, "%-12s %-46s %8s %8s\n", "level", "decides", "made", "left");
  for (const SpaceLevel &level : counts.levels)
    append(text, "%-12s %-46s %8zu %8zu\n", level.name.c_str(),
           level.decides.c_str(), level.made, level.left);
  append(text, "%zu made, %zu over capacity, %zu misaligned, %zu candidates\n",
         counts.made, counts.overCapacity, counts.misaligned,
         counts.candidates);
}

/// The number under which the selection knows a strategy, e.g. `#2`.
static std::string getMark(const Selection &selection, const Strategy &s) {
  auto found = std::ranges::find(selection.strategies, s);
  return found == selection.strategies.end()
             ? ""
             : "#" + std::to_string(found - selection.strategies.begin());
}

static void appendRanges(std::string &text, const char *what,
                         const std::vector<SelectionRange> &ranges) {
  if (ranges.empty())
    return;
  append(text, "%s:", what);
  for (const SelectionRange &range : ranges)
    append(text, " %lld #%zu", (long long)range.from, range.strategy);
  text += "\n";
}

std::string mlir::spmmplu::describeSpace(const Target &target,
                                         const ProductProblem &problem,
                                         std::span<const Candidate> candidates,
                                         bool isFull,
                                         const Selection &selection) {
  std::string text;
  append(text, "product %lldx%sx%lld %s, target %s\n", (long long)problem.m,
         problem.n ? std::to_string(*problem.n).c_str() : "?",
         (long long)problem.k, std::string(getName(problem.element)).c_str(),
         target.name.c_str());
  appendLevels(text, countSpace(target, problem));
  if (problem.n) {
    append(text, "%-72s %10s\n", "strategy", "us");
    for (const Candidate &each : candidates)
      append(text, "%-72s %10.4g\n", each.strategy.str().c_str(),
             each.predicted.total);
    return text;
  }
  static constexpr int64_t kColumns[] = {1, 16, 64, 256, 1024, 4096, 16384};
  SpaceTimes space = judgeSpace(target, problem, candidates, isFull);
  append(text, "%zu not dominated; predicted us at N =\n%-4s %-64s",
         space.kept.size(), "", "strategy");
  for (int64_t n : kColumns)
    append(text, " %8lld", (long long)n);
  text += "\n";
  for (const JudgedStrategy &each : space.kept) {
    append(text, "%-4s %-64s", getMark(selection, each.strategy).c_str(),
           each.strategy.str().c_str());
    for (int64_t n : kColumns) {
      auto at = std::ranges::lower_bound(space.points, n);
      append(text, " %8.4g", each.micros[at - space.points.begin()]);
    }
    text += "\n";
  }
  for (size_t i = 0; i < selection.strategies.size(); ++i)
    text += "#" + std::to_string(i) + " is " +
            toWords(selection.strategies[i]) + "\n";
  appendRanges(text, "aligned N from", selection.aligned);
  appendRanges(text, selection.aligned.empty() ? "N from" : "other N from",
               selection.others);
  return text;
}
