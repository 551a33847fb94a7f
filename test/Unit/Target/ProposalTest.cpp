//===- ProposalTest.cpp - Tests of proposals and explanations -------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Proposal.h"
#include "spmmplu/Pattern/Permutation.h"
#include "spmmplu/Pattern/Random.h"
#include "spmmplu/Target/Explain.h"

#include "gtest/gtest.h"

#include <cmath>
#include <set>

using namespace mlir::spmmplu;

namespace {

constexpr int64_t rows = 128, cols = 192;

std::vector<float> randomValues(uint64_t seed) {
  RandomGenerator random(seed);
  std::vector<float> values(rows * cols);
  for (float &value : values)
    value = float(random.fraction());
  return values;
}

Target machine(std::string_view text = "x86-64-v4,cores=1") {
  auto target = lookupTarget(text);
  EXPECT_TRUE(target) << target.error();
  return *target;
}

TEST(ProposalTest, BudgetsAreRead) {
  EXPECT_EQ(parseBudget("retained=0.75")->bound, 0.75);
  EXPECT_EQ(parseBudget("retained=0.75")->kind, BudgetKind::Retained);
  EXPECT_EQ(parseBudget("error=1")->kind, BudgetKind::Error);
  for (const char *text : {"", "0.5", "retained", "retained=", "retained=1.5",
                           "error=-1", "error=nan", "error=0.5x", "kept=0.5"})
    EXPECT_FALSE(parseBudget(text)) << text;
}

TEST(ProposalTest, KeepTheBudgetAndSayWhatTheyKeep) {
  std::vector<float> values = randomValues(1);
  Saliency saliency{rows, cols, values};
  double total = 0, norm = 0;
  for (float value : values) {
    total += value;
    norm += double(value) * value;
  }
  for (auto [kind, bound] : {std::pair(BudgetKind::Retained, 0.0),
                             {BudgetKind::Retained, 0.6},
                             {BudgetKind::Retained, 1.0},
                             {BudgetKind::Error, 0.0},
                             {BudgetKind::Error, 0.4},
                             {BudgetKind::Error, 1.0}}) {
    ProposalRequest request;
    request.saliency = saliency;
    request.budget = {kind, bound};
    request.n = 64;
    auto proposals = proposePatterns(machine(), request);
    ASSERT_TRUE(proposals) << proposals.error();
    std::set<std::string> names;
    double last = 0;
    for (const Proposal &proposal : *proposals) {
      EXPECT_TRUE(names.insert(proposal.pattern).second) << proposal.pattern;
      Mask mask = *(*parsePattern(proposal.pattern))->prune(saliency);
      EXPECT_DOUBLE_EQ(proposal.density, mask.density());
      EXPECT_NEAR(proposal.retained, retainedSaliency(saliency, mask) / total,
                  1e-12);
      double kept = 0;
      for (int64_t r = 0; r < rows; ++r)
        mask.forEachInRow(r, [&](int64_t c) {
          kept += double(saliency.at(r, c)) * saliency.at(r, c);
        });
      EXPECT_NEAR(proposal.relativeError,
                  std::sqrt(std::max(norm - kept, 0.0) / norm), 1e-7);
      if (kind == BudgetKind::Retained)
        EXPECT_GE(proposal.retained, bound - 1e-9);
      else
        EXPECT_LE(proposal.relativeError, bound + 1e-9);
      EXPECT_GE(proposal.candidate.predicted.total, last);
      last = proposal.candidate.predicted.total;
    }
    EXPECT_TRUE(names.count("dense"));
  }
}

TEST(ProposalTest, AreTheSparsestOfTheirFamily) {
  std::vector<float> values = randomValues(2);
  ProposalRequest request;
  request.saliency = {rows, cols, values};
  request.budget = {BudgetKind::Retained, 0.6};
  request.n = 16;
  std::vector<double> seen;
  request.progress = [&](double part) { seen.push_back(part); };
  auto proposals = proposePatterns(machine(), request);
  ASSERT_TRUE(proposals);
  bool found = false;
  for (const Proposal &proposal : *proposals)
    if (proposal.pattern.starts_with("unstructured<")) {
      found = true;
      // Uniform on [0, 1): zeros z keep 1 - z^2, so 0.6 is z = 0.632.
      EXPECT_EQ(proposal.pattern, "unstructured<0.6>");
    }
  EXPECT_TRUE(found);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1);
}

TEST(ProposalTest, BadRequestsAreErrors) {
  std::vector<float> values = randomValues(3);
  ProposalRequest request;
  EXPECT_FALSE(proposePatterns(machine(), request));
  request.saliency = {rows, cols, values};
  request.weights = std::span(values).first(7);
  EXPECT_FALSE(proposePatterns(machine(), request));
  request.weights = {};
  request.element = Element::F64;
  EXPECT_FALSE(proposePatterns(machine("sm_90a"), request)) << "f64";
  values[5] = -1;
  EXPECT_FALSE(proposePatterns(machine(), request));
}

TEST(ExplainTest, BoundsAreThoseOfThePrediction) {
  for (const char *name : {"x86-64-v4,cores=1", "sm_90a"}) {
    Target target = machine(name);
    Mask mask(256, 256, true);
    ProductProblem problem;
    problem.m = problem.k = 256;
    problem.n = 512;
    problem.mask = &mask;
    problem.element =
        target.kind == TargetKind::Gpu ? Element::F16 : Element::F32;
    auto choice = chooseStrategy(target, problem);
    ASSERT_TRUE(choice) << choice.error();
    auto bounds = getBounds(target, problem, choice->best);
    const Prediction &p = choice->best.predicted;
    ASSERT_EQ(bounds.size(), target.kind == TargetKind::Gpu ? 4u : 5u);
    EXPECT_EQ(bounds.front().micros, p.compute);
    EXPECT_EQ(bounds.back().micros, p.memory);
    for (const LevelBound &bound : bounds) {
      EXPECT_LE(bound.micros, p.total);
      if (bound.bytes > 0)
        EXPECT_DOUBLE_EQ(bound.intensity, p.executedFlops / bound.bytes);
    }
    EXPECT_GT(p.l1Bytes, 0);
    const Candidate *runnerUp = findRunnerUp(*choice);
    ASSERT_NE(runnerUp, nullptr);
    EXPECT_GE(runnerUp->predicted.total, p.total);
    EXPECT_TRUE(runnerUp->strategy.rows != choice->best.strategy.rows ||
                runnerUp->strategy.depth != choice->best.strategy.depth ||
                runnerUp->strategy.intrinsic !=
                    choice->best.strategy.intrinsic);
    std::string text = explainChoice(target, problem, *choice, false, 2);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              int64_t(2 + 1 + 1 + 2 + 1 + bounds.size()));
  }
}

} // namespace
