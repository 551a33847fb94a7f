//===- Random.cpp - Random masks, the same on every machine ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Pattern/Random.h"
#include "Selection.h"

namespace mlir::spmmplu {

using ::spmmplu::Error;
using ::spmmplu::Result;

RandomPattern::RandomPattern(double density, int64_t seed)
    : part(density), start(seed) {
  assert(density >= 0 && density <= 1 && seed >= 0);
}

Result<PatternRef> RandomPattern::parse(Arguments &args) {
  double density = args.takeFraction("density");
  int64_t seed = args.takeInteger("seed", {0, maxSeed}, 0);
  if (auto status = args.finish(); !status)
    return Error{status.error()};
  return PatternRef(std::make_shared<RandomPattern>(density, seed));
}

std::string RandomPattern::str() const {
  return "random<density=" + formatNumber(part) +
         ",seed=" + std::to_string(start) + ">";
}

/// Selection sampling: in row-major order, an element is taken with probability
/// (still to take) / (still to come), so the number is exact.
std::optional<Mask> RandomPattern::mask(int64_t rows, int64_t cols) const {
  Mask result(rows, cols);
  int64_t coming = rows * cols;
  int64_t taking = std::llround(part * double(coming));
  RandomGenerator random(start);
  for (int64_t r = 0; r < rows && taking > 0; ++r)
    for (int64_t c = 0; c < cols && taking > 0; ++c, --coming)
      if (random.below(coming) < taking) {
        result.set(r, c);
        --taking;
      }
  return result;
}

} // namespace mlir::spmmplu
