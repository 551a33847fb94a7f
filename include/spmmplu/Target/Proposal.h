//===- Proposal.h - Patterns within an error budget -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_PROPOSAL_H
#define SPMMPLU_TARGET_PROPOSAL_H

#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Target/Strategy.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mlir::spmmplu {

enum class BudgetKind {
  Retained, ///< at least this part of the saliency stays
  Error     ///< what goes has at most this part of the Frobenius norm
};

struct Budget {
  BudgetKind kind = BudgetKind::Retained;
  double bound = 1;
};

/// `retained=0.9` or `error=0.2`; the bound is from 0 to 1.
::spmmplu::Result<Budget> parseBudget(std::string_view text);

struct ProposalRequest {
  Saliency saliency; ///< of the matrix M x K
  /// The values of the matrix or their magnitudes, for the error; empty: the
  /// saliency is the magnitude.
  std::span<const float> weights;
  Budget budget;
  Element element = Element::F32;
  std::optional<int64_t> n; ///< columns of the rhs; nothing: any number
  int64_t threads = 1;
  /// Called now and then with the part of the work that is done.
  std::function<void(double fraction)> progress;
};

/// The sparsest member within the budget of one family of patterns, and what
/// the cost model expects of it.
struct Proposal {
  std::string pattern;
  double density = 1, retained = 1, relativeError = 0;
  Candidate candidate; ///< the faster of the best sparse strategy and dense
  bool usesDense = false;
};

/// One proposal a family that has a member within the budget, the fastest
/// first, among equals the one that keeps more; dense is always one of them.
/// Fails where `chooseStrategy` and `Pattern::prune` do.
::spmmplu::Result<std::vector<Proposal>>
proposePatterns(const Target &target, const ProposalRequest &request);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_PROPOSAL_H
