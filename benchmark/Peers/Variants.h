//===- Variants.h - The ways in which a library does a problem --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_VARIANTS_H
#define SPMMPLU_BENCHMARK_PEERS_VARIANTS_H

#include "Harness/Timing.h"
#include "spmmplu/Support/Result.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace spmmplu::bench {

struct Variant {
  /// How the library names what it runs, and how it is used.
  std::string implementation;
  TimedFunction run;
  /// Brings the result to where the peer expects it, untimed; may be empty.
  std::function<void()> finish;
};

/// The fastest of `variants`, by a short measurement; `who` is for the error
/// when there is none.
inline Result<Variant> fastestVariant(std::vector<Variant> variants,
                                      const std::string &who) {
  if (variants.empty())
    return Error{who + ": no optimized implementation for this problem"};
  std::vector<TimedFunction> functions;
  for (const Variant &variant : variants)
    functions.push_back(variant.run);
  return std::move(variants[fastest(functions)]);
}

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_VARIANTS_H
