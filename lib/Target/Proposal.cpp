//===- Proposal.cpp - Patterns within an error budget -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Proposal.h"

#include "spmmplu/Pattern/Arguments.h"
#include "spmmplu/Pattern/Permutation.h"
#include "spmmplu/Segmentation/Tables.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

Result<Budget> mlir::spmmplu::parseBudget(std::string_view text) {
  size_t equals = std::min(text.find('='), text.size());
  std::string_view kind = text.substr(0, equals);
  std::string_view number = text.substr(std::min(equals + 1, text.size()));
  Budget budget;
  auto [end, status] = std::from_chars(
      number.data(), number.data() + number.size(), budget.bound);
  bool isNumber = status == std::errc() && end == number.data() + number.size();
  if ((kind != "retained" && kind != "error") || !isNumber ||
      !(budget.bound >= 0 && budget.bound <= 1))
    return Error{"expected retained= or error= and a number from 0 to 1, found "
                 "'" +
                 std::string(text) + "'"};
  budget.kind = kind == "error" ? BudgetKind::Error : BudgetKind::Retained;
  return budget;
}

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

/// Patterns of one kind, each keeping less than the one before.
using Family = std::vector<std::string>;

static Family withSparsity(const std::string &before,
                           const std::string &after = ">") {
  Family family;
  for (int percent = 5; percent < 100; percent += 5)
    family.push_back(before + formatNumber(percent / 100.0) + after);
  family.push_back(before + "0.98" + after);
  return family;
}

static Family withRatio(const std::string &before, std::vector<int> ns, int m,
                        const std::string &after = ">") {
  Family family;
  for (int n : ns)
    family.push_back(before + std::to_string(n) + ":" + std::to_string(m) +
                     after);
  return family;
}

static std::vector<Family> listFamilies() {
  const std::vector<int> of32 = {28, 24, 20, 16, 12, 10, 8, 6, 4, 3, 2, 1};
  std::vector<Family> families = {
      {"dense"},
      withSparsity("unstructured<"),
      withSparsity("channel<"),
      withSparsity("filter<"),
      withRatio("nm<", {3, 2, 1}, 4),
      withRatio("nm<", {7, 6, 5, 4, 3, 2, 1}, 8),
  };
  for (const char *extents : {"4x4", "16x16", "16x32", "32x32"})
    families.push_back(withSparsity("block<" + std::string(extents) + ","));
  for (int length : {4, 16, 32, 128})
    families.push_back(withRatio("vector-nm<", of32, 32,
                                 ",l=" + std::to_string(length) + ">"));
  for (int height : {32, 64, 128}) {
    Family &hinm = families.emplace_back();
    for (int eighths = 0; eighths < 8; ++eighths)
      hinm.push_back("hinm<v=" + std::to_string(height) +
                     ",vector=" + formatNumber(eighths / 8.0) + ",2:4>");
  }
  Family &vnm = families.emplace_back();
  for (int m : {5, 6, 7, 8, 10, 12, 16, 20, 32})
    vnm.push_back("vnm<v=64,2:" + std::to_string(m) + ">");
  return families;
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

namespace {

class ProposalSearch {
public:
  ProposalSearch(const Target &target, const ProposalRequest &request)
      : target(target), request(request) {
    for (float value : request.saliency.values)
      total += value;
    for (float value : getWeights())
      norm += double(value) * value;
  }

  Result<std::vector<Proposal>> run() {
    std::vector<Family> families = listFamilies();
    std::vector<Proposal> proposals;
    for (size_t f = 0; f < families.size(); ++f) {
      if (request.progress)
        request.progress(double(f) / double(families.size()));
      auto member = findSparsest(families[f]);
      if (!member)
        return Error{member.error()};
      if (!*member)
        continue;
      auto judged = judge(**member);
      if (!judged)
        return Error{judged.error()};
      proposals.push_back(std::move(*judged));
    }
    if (request.progress)
      request.progress(1);
    std::ranges::sort(proposals, std::less<>(), [](const Proposal &p) {
      return std::tuple(p.candidate.predicted.total, -p.retained, p.pattern);
    });
    return proposals;
  }

private:
  struct Member {
    PatternRef pattern;
    Mask mask;
    double retained, relativeError;
  };

  std::span<const float> getWeights() const {
    return request.weights.empty() ? request.saliency.values : request.weights;
  }

  Result<Member> prune(const std::string &text) const {
    auto pattern = parsePattern(text);
    if (!pattern)
      return Error{pattern.error()};
    auto mask = (*pattern)->prune(request.saliency);
    if (!mask)
      return Error{mask.error()};
    double kept = retainedSaliency(request.saliency, *mask), keptNorm = 0;
    std::span<const float> weights = getWeights();
    int64_t cols = mask->cols();
    for (int64_t r = 0; r < mask->rows(); ++r)
      mask->forEachInRow(r, [&](int64_t c) {
        keptNorm += double(weights[r * cols + c]) * weights[r * cols + c];
      });
    // Sums of other orders may differ in the last digits.
    return Member{
        *pattern, std::move(*mask), total > 0 ? std::min(kept / total, 1.0) : 1,
        norm > 0 ? std::sqrt(std::max(norm - keptNorm, 0.0) / norm) : 0};
  }

  bool isWithin(const Member &member) const {
    constexpr double rounding = 1e-9;
    return request.budget.kind == BudgetKind::Retained
               ? member.retained >= request.budget.bound - rounding
               : member.relativeError <= request.budget.bound + rounding;
  }

  /// By bisection: what a family keeps falls along it, if not strictly.
  Result<std::optional<Member>> findSparsest(const Family &family) const {
    std::optional<Member> best;
    int64_t low = -1, high = int64_t(family.size());
    while (high - low > 1) {
      int64_t middle = (low + high) / 2;
      auto member = prune(family[middle]);
      if (!member)
        return Error{member.error()};
      if (isWithin(*member)) {
        low = middle;
        best = std::move(*member);
      } else {
        high = middle;
      }
    }
    return best;
  }

  Result<Proposal> judge(const Member &member) const {
    ProductProblem problem;
    problem.m = member.mask.rows();
    problem.k = member.mask.cols();
    problem.n = request.n;
    problem.element = request.element;
    problem.mask = &member.mask;
    problem.threads = request.threads;
    ChainTableOptions options;
    options.rows = target.kind == TargetKind::Gpu ? 64 : 8;
    problem.rowOrder = chooseRowOrder(member.mask, options,
                                      member.pattern->decompose(member.mask));
    auto choice = chooseStrategy(target, problem);
    if (!choice)
      return Error{choice.error()};
    Proposal proposal{member.pattern->str(), member.mask.density(),
                      member.retained,       member.relativeError,
                      choice->best,          choice->denseWins()};
    if (proposal.usesDense)
      proposal.candidate = choice->dense;
    return proposal;
  }

  const Target &target;
  const ProposalRequest &request;
  double total = 0, norm = 0;
};

} // namespace

Result<std::vector<Proposal>>
mlir::spmmplu::proposePatterns(const Target &target,
                               const ProposalRequest &request) {
  int64_t size = request.saliency.rows * request.saliency.cols;
  if (size == 0)
    return Error{"expected a matrix with elements, found none"};
  if (!request.weights.empty() && int64_t(request.weights.size()) != size)
    return Error{"expected " + std::to_string(size) + " weights, found " +
                 std::to_string(request.weights.size())};
  return ProposalSearch(target, request).run();
}
