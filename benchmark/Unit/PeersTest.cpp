//===- PeersTest.cpp - Every peer against the reference -------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Peers whose library is absent, or that do not take a problem, are left out;
// those that were built in have to run. Two environment variables add more:
// SPMMPLU_MKL names MKL's libmkl_rt.so.N, and SPMMPLU_MLIR a library made by
// build_mlir_peer.sh with --m=64 --k=96 --n=20 --block=4x4.
//
//===----------------------------------------------------------------------===//

#include "Harness/Check.h"
#include "Harness/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>
#include <sstream>

using namespace spmmplu;
using namespace spmmplu::bench;

static Comparison compareAll(const CaseSpec &spec) {
  Result<Case> made = Case::random(spec);
  EXPECT_TRUE(made);
  if (!made)
    return {};
  TimingOptions timing;
  timing.minSeconds = 0.0;
  timing.minIterations = 2;
  PeerOptions options;
  if (const char *path = std::getenv("SPMMPLU_MKL"))
    options.mklPath = path;
  if (const char *path = std::getenv("SPMMPLU_MLIR"))
    options.mlirPath = path;
  return compare(*made, referenceResult(made->problem()), {}, options, timing);
}

/// Checks all results, and that the peers in `expected` ran where built in.
static void expectCorrect(const CaseSpec &spec,
                          const std::set<std::string> &expected) {
  Comparison comparison = compareAll(spec);
  for (const PeerResult &peer : comparison.peers) {
    std::string name = peer.factory->name;
    if (!peer.skipped.empty()) {
      EXPECT_FALSE(expected.count(name)) << name << ": " << peer.skipped;
      continue;
    }
    EXPECT_LT(peer.error, 1e-5) << name << " by " << peer.implementation;
    EXPECT_FALSE(peer.implementation.empty()) << name;
    EXPECT_GE(peer.samples.seconds.size(), 1u) << name;
  }
}

static CaseSpec spmm(int64_t m, int64_t k, int64_t n, int threads) {
  CaseSpec spec;
  spec.m = m;
  spec.k = k;
  spec.n = n;
  spec.density = 0.3;
  spec.threads = threads;
  return spec;
}

TEST(Peers, Spmm) {
  for (int threads : {1, 2})
    for (int64_t n : {1, 3, 16, 70})
      expectCorrect(spmm(72, 136, n, threads), {"onednn-f32", "xsmm-spmdm"});
}

TEST(Peers, SpmmOfBlocks) {
  CaseSpec spec = spmm(64, 96, 20, 2);
  spec.blockRows = spec.blockCols = 4;
  expectCorrect(spec, {"onednn-f32", "xsmm-spmdm"});
  spec.blockRows = 2;
  expectCorrect(spec, {"onednn-f32", "xsmm-spmdm"});
}

// What no dense peer may pack ahead.
TEST(Peers, SpmmOfAnAThatChanges) {
  CaseSpec spec = spmm(64, 96, 20, 1);
  spec.constantA = false;
  expectCorrect(spec, {"onednn-f32", "xsmm-spmdm"});
}

TEST(Peers, SpmmInBf16) {
  CaseSpec spec = spmm(64, 96, 32, 1);
  spec.dtype = DataType::BF16;
  expectCorrect(spec, {"onednn-f32", "xsmm-spmdm"});
}

TEST(Peers, SpmmWithoutNonZeros) {
  CaseSpec spec = spmm(16, 16, 16, 1);
  spec.density = 0.0;
  expectCorrect(spec, {"onednn-f32", "xsmm-spmdm"});
}

TEST(Peers, Sddmm) {
  CaseSpec spec = spmm(40, 24, 56, 2);
  spec.kind = ProblemKind::Sddmm;
  expectCorrect(spec, {"onednn-f32"});
  spec.dtype = DataType::BF16;
  expectCorrect(spec, {"onednn-f32"});
}

TEST(Peers, Conv2d) {
  CaseSpec spec;
  spec.kind = ProblemKind::Conv2d;
  spec.density = 0.3;
  // Uneven sizes, and a stride that leaves the last row and column unread.
  for (ConvShape conv : {ConvShape{1, 16, 9, 9, 32, 3, 3, 1, 1},
                         ConvShape{2, 3, 12, 10, 8, 3, 5, 2, 1},
                         ConvShape{1, 16, 8, 8, 16, 1, 1, 2, 0}}) {
    spec.conv = conv;
    expectCorrect(spec, {"onednn-conv-f32"});
  }
}

TEST(Peers, Bf16PeersRefuseF32Problems) {
  Comparison comparison = compareAll(spmm(16, 16, 16, 1));
  for (const PeerResult &peer : comparison.peers)
    if (peer.factory->dtype == DataType::BF16)
      EXPECT_FALSE(peer.skipped.empty()) << peer.factory->name;
}

TEST(Peers, MissingLibrariesAreReasonsNotErrors) {
  Result<Case> made = Case::random(spmm(8, 8, 8, 1));
  ASSERT_TRUE(made);
  PeerOptions options;
  options.mlirPath = "/nonexistent/mlir.so";
  Comparison comparison = compare(*made, referenceResult(made->problem()),
                                  {"mlir-csr"}, options, {});
  ASSERT_EQ(comparison.peers.size(), 1u);
  EXPECT_NE(comparison.peers[0].skipped.find("/nonexistent/mlir.so"),
            std::string::npos);
  EXPECT_EQ(comparison.baseline, -1);
}

TEST(Comparison, ReportsRatiosToTheBestDensePeer) {
  static const PeerFactory dense = {"dense", "", Storage::Dense, DataType::F32,
                                    nullptr};
  static const PeerFactory sparse = {"sparse", "", Storage::Sparse,
                                     DataType::F32, nullptr};
  Comparison comparison;
  comparison.baseline = 0;
  comparison.peers.push_back(
      {&dense, "", "say \"dense\"", 0.5, {{0.004, 0.004}}, 0.0});
  comparison.peers.push_back({&sparse, "", "csr", 0.5, {{0.001, 0.003}}, 1e-7});
  EXPECT_DOUBLE_EQ(comparison.medianRatio(comparison.peers[1]), 2.0);
  EXPECT_DOUBLE_EQ(comparison.minimumRatio(comparison.peers[1]), 4.0);

  Result<Case> made = Case::random(spmm(8, 8, 8, 1));
  ASSERT_TRUE(made);
  std::ostringstream json;
  printJson(json, *made, comparison);
  EXPECT_NE(json.str().find("\"say \\\"dense\\\"\""), std::string::npos);
  EXPECT_NE(json.str().find("\"speedup_median\": 2,"), std::string::npos);
  std::ostringstream table;
  printTable(table, *made, comparison);
  EXPECT_NE(table.str().find("dense *"), std::string::npos);
}
