//===- Peer.h - Something that solves a problem and can be timed *- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// To add a peer: write one file with a class and its `create...` function, and
// add one row to the table in Peer.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_PEER_H
#define SPMMPLU_BENCHMARK_PEERS_PEER_H

#include "Harness/Problem.h"
#include "spmmplu/Support/Result.h"

#include <memory>
#include <span>
#include <string>

namespace spmmplu::bench {

class Peer {
public:
  virtual ~Peer();

  /// Success, or why this peer cannot do `problem` here.
  virtual Status supports(const Problem &problem) const = 0;

  /// All that a user does once for constant weights: packing, conversion to a
  /// sparse format, code generation, and, where the library offers several
  /// ways, trying them and keeping the fastest. Not timed. Requires that
  /// `problem` is supported, that its buffers outlive the peer, and that
  /// `setThreads(problem.threads)` has been called. Called once.
  virtual Status prepare(const Problem &problem) = 0;

  /// What really runs, as the library itself calls it. After `prepare`.
  virtual std::string implementation() const = 0;

  /// Computes the whole result once from the problem's B. After `prepare`.
  virtual void run() = 0;

  /// The result of the last `run`, row-major in `Problem`'s result layout.
  virtual std::span<const float> result() = 0;
};

/// What a peer multiplies: all elements, or the non-zeros alone. `Own` is what
/// this project does, which the others are compared with.
enum class Storage { Dense, Sparse, Own };

/// Where the libraries that are loaded at run time are; empty: the default.
struct PeerOptions {
  /// libmkl_rt.so.N; by default the loader's search path.
  std::string mklPath;
  /// The library that build_mlir_peer.sh made; no default.
  std::string mlirPath;
  /// sparse-compile; by default beside the running program.
  std::string compilerPath;
};

struct PeerFactory {
  const char *name;
  const char *description;
  Storage storage;
  /// Type in which A and B are held. BF16 peers take BF16 problems only; F32
  /// peers take both, since a BF16 problem's values are f32 numbers too.
  DataType dtype;
  std::unique_ptr<Peer> (*create)(const PeerOptions &options);
};

/// All peers that were built, one row each, in the order to report them.
std::span<const PeerFactory> peerTable();

/// The reason that a BF16 peer gives for an F32 problem.
inline Status checkDataType(const Problem &problem, DataType peer) {
  if (peer == DataType::BF16 && problem.dtype != DataType::BF16)
    return Error{"the problem is f32, expected bf16"};
  return Success{};
}

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_PEER_H
