//===- StrategyList.h - The strategies that kernels take -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TARGET_STRATEGYLIST_H
#define SPMMPLU_LIB_TARGET_STRATEGYLIST_H

#include "CostModel.h"

namespace mlir::spmmplu {

/// The base of the strategy spaces: keeps the candidates that a kernel of the
/// target takes for the problem, in the order in which they were made.
class StrategyList {
public:
  /// `rejected`: gets the others, unless null.
  StrategyList(const Target &target, const ProductProblem &problem,
               std::vector<Strategy> *rejected)
      : target(target), problem(problem), rejected(rejected) {}

protected:
  void add(const Strategy &candidate) {
    if (checkStrategy(target, problem, candidate))
      strategies.push_back(candidate);
    else if (rejected)
      rejected->push_back(candidate);
  }

  const Target &target;
  const ProductProblem &problem;
  std::vector<Strategy> strategies;

private:
  std::vector<Strategy> *rejected;
};

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TARGET_STRATEGYLIST_H
