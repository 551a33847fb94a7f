//===- Explain.h - The grounds of a choice ----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_EXPLAIN_H
#define SPMMPLU_TARGET_EXPLAIN_H

#include "spmmplu/Target/Selection.h"

#include <string>
#include <string_view>
#include <vector>

namespace mlir::spmmplu {

/// One bound of a prediction. `intensity` is what is executed over the bytes
/// that pass the level, `balance` what the machine can execute while one byte
/// passes, both in flops a byte: where the first is the lower one the level is
/// slower than arithmetic. Both are 0 for arithmetic itself.
struct LevelBound {
  std::string_view level;
  double bytes = 0, intensity = 0, balance = 0, micros = 0;
};

/// Arithmetic first, then the levels of memory that the target has.
std::vector<LevelBound> getBounds(const Target &target,
                                  const ProductProblem &problem,
                                  const Candidate &candidate);

/// The best candidate that stores the operand in another way than the best one
/// (another intrinsic, or other rows and depth of an entry); null if none does.
const Candidate *findRunnerUp(const StrategyChoice &choice);

/// A table of the chosen strategy, up to `rivals` others that store the operand
/// differently, and dense, with the time of each bound; then, level by level,
/// bytes, intensity and balance of what is chosen. Lines end in '\n'.
std::string explainChoice(const Target &target, const ProductProblem &problem,
                          const StrategyChoice &choice, bool denseIsChosen,
                          int rivals = 4);

/// What is compiled where the number of columns is not known: from which number
/// on which strategy, with its time for the first of them that was judged.
std::string explainSelection(const Selection &selection);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_EXPLAIN_H
