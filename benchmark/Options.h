//===- Options.h - spmmplu-bench's command line -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_OPTIONS_H
#define SPMMPLU_BENCHMARK_OPTIONS_H

#include "Harness/Timing.h"
#include "Peers/Peer.h"

#include <string>
#include <vector>

namespace spmmplu::bench {

struct Options {
  int threads = 1;
  /// POSIX extended regular expression, found anywhere in a case's name.
  std::string cases;
  std::string peers; ///< the same for peers' names
  std::string jsonPath, lyraPath;
  /// build_mlir_peer.sh; empty: no upstream MLIR peers.
  std::string mlirBuilder;
  PeerOptions peerOptions;
  TimingOptions timing;
  bool quick = false, list = false, help = false;
};

extern const char *const kUsage;

Result<Options> parseOptions(int argc, char **argv);

/// Whether `text` contains a match of `expression`; all do where it is empty.
/// An error where it is no regular expression.
Result<bool> matches(const std::string &expression, const std::string &text);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_OPTIONS_H
