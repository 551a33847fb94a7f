//===- SpMMPluPeerTest.cpp - Our peer against the reference ---------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Check.h"
#include "Harness/Comparison.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace spmmplu;
using namespace spmmplu::bench;

/// Runs our peers of `names` on `made`; every one has to run and to be right.
static void expectCorrect(Result<Case> made,
                          const std::vector<std::string> &names) {
  ASSERT_TRUE(made) << made.error();
  TimingOptions timing;
  timing.minSeconds = 0.0;
  timing.minIterations = 2;
  PeerOptions options;
  options.compilerPath = SPMMPLU_SPARSE_COMPILE;
  Comparison comparison =
      compare(*made, referenceResult(made->problem()), names, options, timing);
  ASSERT_EQ(comparison.peers.size(), names.size());
  for (const PeerResult &peer : comparison.peers) {
    EXPECT_EQ(peer.skipped, "") << peer.factory->name;
    EXPECT_LT(peer.error, 1e-5)
        << peer.factory->name << " by " << peer.implementation;
    EXPECT_GT(peer.prepareSeconds, 0.0);
  }
}

static CaseSpec spmm(int64_t n, int threads, DataType dtype) {
  CaseSpec spec;
  spec.dtype = dtype;
  spec.m = 64;
  spec.k = 96;
  spec.n = n;
  spec.density = 0.2;
  spec.threads = threads;
  return spec;
}

TEST(SpMMPluPeer, Weights) {
  for (int threads : {1, 2})
    for (int64_t n : {1, 20})
      expectCorrect(Case::random(spmm(n, threads, DataType::F32)),
                    {"spmmplu", "spmmplu-sparse"});
}

TEST(SpMMPluPeer, WeightsInBf16) {
  expectCorrect(Case::random(spmm(32, 1, DataType::BF16)),
                {"spmmplu-bf16", "spmmplu-bf16-sparse"});
}

TEST(SpMMPluPeer, MasksByPatternAndByBits) {
  CaseSpec scores = {.kind = ProblemKind::Sddmm, .m = 64, .k = 16, .n = 64};
  CaseSpec product = {.m = 64, .k = 64, .n = 16, .constantA = false};
  for (CaseSpec spec : {scores, product}) {
    expectCorrect(Case::withPattern(spec, "longformer<window=4,global=3>"),
                  {"spmmplu", "spmmplu-values"});
    spec.density = 0.1;
    expectCorrect(Case::random(spec), {"spmmplu", "spmmplu-values"});
    spec.dtype = DataType::BF16;
    expectCorrect(Case::random(spec), {"spmmplu-bf16", "spmmplu-bf16-values"});
  }
}

TEST(SpMMPluPeer, Convolution) {
  CaseSpec spec;
  spec.kind = ProblemKind::Conv2d;
  spec.conv = {2, 8, 9, 9, 16, 3, 3, 1, 1};
  spec.blockCols = 9;
  spec.density = 0.3;
  expectCorrect(Case::random(spec), {"spmmplu"});
  spec.conv.stride = 2;
  spec.conv.padding = 0;
  expectCorrect(Case::random(spec), {"spmmplu"});
}

TEST(SpMMPluPeer, AMissingCompilerIsAReason) {
  Result<Case> made = Case::random(spmm(4, 1, DataType::F32));
  ASSERT_TRUE(made);
  PeerOptions options;
  options.compilerPath = "/nonexistent/sparse-compile";
  Comparison comparison = compare(*made, referenceResult(made->problem()),
                                  {"spmmplu"}, options, {});
  ASSERT_EQ(comparison.peers.size(), 1u);
  EXPECT_EQ(comparison.peers[0].skipped,
            "spmmplu: no compiler at /nonexistent/sparse-compile, expected "
            "sparse-compile");
}
