//===- SummaryTest.cpp - Cases, bars, and whether they are met ------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Summary.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

using namespace spmmplu;
using namespace spmmplu::bench;

static const PeerFactory kDense = {"dense", "", Storage::Dense, DataType::F32,
                                   nullptr};
static const PeerFactory kDenseBf16 = {"dense-bf16", "", Storage::Dense,
                                       DataType::BF16, nullptr};
static const PeerFactory kSparse = {"sparse", "", Storage::Sparse,
                                    DataType::F32, nullptr};
static const PeerFactory kOwn = {"own", "", Storage::Own, DataType::F32,
                                 nullptr};
static const PeerFactory kOwnBf16 = {"own-bf16", "", Storage::Own,
                                     DataType::BF16, nullptr};

static PeerResult ran(const PeerFactory &factory, std::vector<double> seconds,
                      double error = 1e-7) {
  PeerResult result;
  result.factory = &factory;
  result.samples.seconds = std::move(seconds);
  result.error = error;
  return result;
}

static BenchmarkCase bars(DataType judged, double dense, double sparse) {
  return {.name = "a-case",
          .description = "",
          .judged = judged,
          .denseBar = dense,
          .sparseBar = sparse};
}

TEST(Summary, JudgesByMediansAndByMinima) {
  Comparison comparison;
  comparison.peers = {ran(kDense, {4, 8, 8}), ran(kDenseBf16, {1, 1, 1}),
                      ran(kSparse, {3, 3, 3}), ran(kOwn, {1, 2, 9})};
  SummaryRow row = summarize(bars(DataType::F32, 4.0, 0.0), comparison);
  EXPECT_EQ(row.failure, "");
  EXPECT_EQ(row.dense.name, "dense");
  EXPECT_DOUBLE_EQ(row.dense.medianRatio, 4.0);
  EXPECT_DOUBLE_EQ(row.dense.minimumRatio, 4.0);
  EXPECT_DOUBLE_EQ(row.sparse.medianRatio, 1.5);
  EXPECT_DOUBLE_EQ(row.sparse.minimumRatio, 3.0);
  EXPECT_EQ(row.metByMedian, true);
  row = summarize(bars(DataType::F32, 4.0, 2.0), comparison);
  EXPECT_EQ(row.bar, ">= 4 x dense, >= 2 x sparse");
  EXPECT_EQ(row.metByMedian, false);
  EXPECT_EQ(row.metByMinimum, true);
}

TEST(Summary, Bf16IsComparedWithDenseOfAnyType) {
  Comparison comparison;
  comparison.peers = {ran(kDense, {8}), ran(kDenseBf16, {3}),
                      ran(kOwn, {0.001}), ran(kOwnBf16, {1})};
  SummaryRow row = summarize(bars(DataType::BF16, 2.5, 0.0), comparison);
  EXPECT_EQ(row.dense.name, "dense-bf16");
  EXPECT_DOUBLE_EQ(row.dense.medianRatio, 3.0);
  EXPECT_EQ(row.metByMedian, true);
  EXPECT_EQ(row.sparse.name, "");
}

TEST(Summary, WithoutARivalNothingIsMet) {
  Comparison comparison;
  comparison.peers = {ran(kDense, {8}), ran(kOwn, {1})};
  SummaryRow row = summarize(bars(DataType::F32, 2.0, 2.0), comparison);
  EXPECT_EQ(row.metByMedian, std::nullopt);
  row = summarize(bars(DataType::F32, 0.0, 0.0), comparison);
  EXPECT_EQ(row.metByMedian, std::nullopt);
}

TEST(Summary, WrongResultsDoNotCount) {
  Comparison comparison;
  comparison.peers = {ran(kDense, {8}), ran(kSparse, {0.1}, 0.5),
                      ran(kOwn, {1})};
  EXPECT_EQ(summarize(bars(DataType::F32, 2.0, 0.0), comparison).sparse.name,
            "");
  comparison.peers.back().error = 1e-3;
  SummaryRow row = summarize(bars(DataType::F32, 2.0, 0.0), comparison);
  EXPECT_EQ(row.failure,
            "wrong result: relative error 1.0e-03, expected at most 1e-04");
  EXPECT_FALSE(row.skipped);
}

TEST(Summary, PrintsFailuresAndRows) {
  Comparison comparison;
  comparison.peers = {ran(kDense, {8}), ran(kOwn, {1})};
  comparison.peers.back().skipped = "the compiler said \"no\"";
  std::vector<SummaryRow> rows{
      summarize(bars(DataType::F32, 2.0, 0.0), comparison),
      summarizeCost("cost", "3 s", "<= 10 s", true)};
  std::ostringstream text, json;
  printSummary(text, rows);
  EXPECT_NE(text.str().find("a-case | failed: the compiler said \"no\""),
            std::string::npos);
  EXPECT_NE(text.str().find("cost | 3 s "), std::string::npos);
  printJson(json, rows[0]);
  EXPECT_EQ(json.str(),
            "{\"name\": \"a-case\", \"failed\": \"the compiler said "
            "\\\"no\\\"\"}");
}

TEST(Cases, NamesAreUniqueAndProblemsCanBeMade) {
  std::set<std::string> names;
  for (const BenchmarkCase &row : caseTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    if (row.source == CaseSource::Lyra)
      EXPECT_FALSE(makeCase(row, 1, "/nonexistent.npy"));
  }
}

TEST(Cases, MasksHaveThePublishedSparsity) {
  for (auto [name, zeros] : {std::pair{"sdmm-gst-f32", 0.925},
                             {"sdmm-longformer-f32", 0.949},
                             {"sdmm-bigbird-f32", 0.854}})
    for (const BenchmarkCase &row : caseTable()) {
      if (std::string(row.name) != name)
        continue;
      Result<Case> made = makeCase(row, 1, "");
      ASSERT_TRUE(made) << made.error();
      EXPECT_NEAR(1.0 - double(made->nonZeros()) / double(4096 * 4096), zeros,
                  0.01);
      EXPECT_FALSE(made->problem().pattern.empty());
      EXPECT_FALSE(made->problem().constantA);
    }
}

TEST(Cases, PrunedWeightsObeyTheirPattern) {
  CaseSpec spec = {.dtype = DataType::BF16, .m = 40, .k = 70, .n = 4};
  Result<Case> made = Case::pruned(spec, "vector-nm<1:4,l=8>");
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->nonZeros(), 40 * 18);
  EXPECT_TRUE(made->problem().constantA);
  EXPECT_TRUE(made->problem().pattern.empty());
  EXPECT_FALSE(Case::pruned(spec, "no-such-pattern"));
  spec.kind = ProblemKind::Sddmm;
  EXPECT_FALSE(Case::pruned(spec, "nm<2:4>"));
}

TEST(Cases, PatternsThatLeaveAChoiceAreRefused) {
  CaseSpec spec = {.m = 8, .k = 8, .n = 4};
  Result<Case> made = Case::withPattern(spec, "block<2x2>");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().find("leaves a choice"), std::string::npos);
  EXPECT_FALSE(Case::withPattern(spec, "no-such-pattern"));
  made = Case::withPattern(spec, "window<1>");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->nonZeros(), 3 * 8 - 2);
}
