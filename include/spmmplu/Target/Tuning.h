//===- Tuning.h - Measured times that correct the model --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file of times that `sparse-compile --tune` measured, one problem after the
// other. Later compilations choose among what was measured, by the model's
// times scaled to the measured ones. The file is text, a line a fact:
//
//   spmmplu tuning 1
//   problem 4096x?x4096 f32 threads 1 mask 93c1... target host
//   strategy intrinsic=avx512-f32 rows=4 depth=4 vectors=4 ...
//   time 16 101.5
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TARGET_TUNING_H
#define SPMMPLU_TARGET_TUNING_H

#include "spmmplu/Target/Strategy.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mlir::spmmplu {

/// What was measured of one strategy: microseconds by N, at least one.
struct TunedStrategy {
  Strategy strategy;
  std::map<int64_t, double> micros;
};

struct Tuning {
  /// By `getProblemKey`.
  std::map<std::string, std::vector<TunedStrategy>> problems;

  /// What was measured for the problem; null if nothing was.
  const std::vector<TunedStrategy> *find(const std::string &key) const;
  /// Replaces what is known of the problems of `other`.
  void merge(const Tuning &other);

  /// An error names the line.
  static ::spmmplu::Result<Tuning> parse(std::string_view text);
  /// What `parse` reads back.
  std::string print() const;
};

/// All that times depend on, on one line: extents, type, threads, mask,
/// machine.
std::string getProblemKey(const Target &target, const ProductProblem &problem);

/// Measured over predicted time at `n`: of the nearest N that were measured,
/// in between by the logarithm of N. `predicted` gives the model's time at an
/// N.
double getCorrection(const TunedStrategy &tuned, int64_t n,
                     const std::function<double(int64_t)> &predicted);

/// `key=value` words, e.g. `intrinsic=avx512-f32 rows=4`; all fields.
std::string toWords(const Strategy &strategy);
::spmmplu::Result<Strategy> fromWords(std::string_view words);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TARGET_TUNING_H
