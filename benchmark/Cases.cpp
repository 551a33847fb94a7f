//===- Cases.cpp - What spmmplu-bench runs, one row each ------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cases.h"

#include "spmmplu/Runtime/IO/Npy.h"

using namespace spmmplu;
using namespace spmmplu::bench;

static constexpr auto F32 = DataType::F32;
static constexpr auto BF16 = DataType::BF16;

/// GRU weights: density 6.25 % in 4x4 blocks.
static CaseSpec lyra(int64_t n) {
  return {.m = 3072, .k = 1024, .n = n, .blockRows = 4, .blockCols = 4};
}

static CaseSpec weights(DataType dtype, int64_t blockRows, int64_t blockCols,
                        double density) {
  return {.dtype = dtype,
          .m = 4096,
          .k = 4096,
          .n = 256,
          .blockRows = blockRows,
          .blockCols = blockCols,
          .density = density};
}

/// One head of 64 at sequence 4096: scores from queries and keys.
static CaseSpec scores(DataType dtype) {
  return {.kind = ProblemKind::Sddmm,
          .dtype = dtype,
          .m = 4096,
          .k = 64,
          .n = 4096};
}

/// The same head: probabilities, which change from call to call, times values.
static CaseSpec probabilities(DataType dtype) {
  return {.dtype = dtype, .m = 4096, .k = 4096, .n = 64, .constantA = false};
}

/// ResNet-50's 3x3 convolution of 256 channels at 14x14, batch 8. Blocks are in
/// the filter as a matrix of 256 x (256 * 9).
static CaseSpec resnet(int64_t blockRows, int64_t blockCols, double density) {
  return {.kind = ProblemKind::Conv2d,
          .conv = {8, 256, 14, 14, 256, 3, 3, 1, 1},
          .blockRows = blockRows,
          .blockCols = blockCols,
          .density = density};
}

// Sparsity as published for the masks at sequence 4096: 92.5 %, 94.9 % and
// 85.4 % (BigBird's random blocks may overlap its others: 84.8 % here).
static constexpr const char *kGst = "gst<window=125,stride=64>";
static constexpr const char *kLongformer = "longformer<window=64,global=41>";
static constexpr const char *kBigBird = "bigbird";

// NM-SpMM's windows and vectors at 75 %.
static constexpr const char *kVectorNM = "vector-nm<8:32,l=32>";

// clang-format off
static const BenchmarkCase kCases[] = {
    {"compile-random90",
     "sparse-compile, 4096x4096 random 90 %, file to package",
     CaseSource::CompileCost, weights(F32, 1, 1, 0.1)},
    {"segment-4096x256x4096",
     "segmentation at 16x16x16, 10, 50 and 90 % of the blocks, the slowest",
     CaseSource::SegmentationCost, weights(F32, 16, 16, 0.5)},

    {"gru-n1", "Lyra GRU 3072x1024, 6.25 % in 4x4 blocks, 1 column",
     CaseSource::Lyra, lyra(1), "", F32, 30.0, 0.0},
    {"gru-n16", "Lyra GRU, 16 columns",
     CaseSource::Lyra, lyra(16), "", F32, 14.0, 1.5},
    {"gru-n64", "Lyra GRU, 64 columns",
     CaseSource::Lyra, lyra(64), "", F32, 14.0, 1.5},
    {"gru-n256", "Lyra GRU, 256 columns",
     CaseSource::Lyra, lyra(256), "", F32, 14.0, 1.5},

    // A BF16 problem, to show what dense bf16 does beside the f32 rows.
    {"random90-n256", "4096x4096 random 90 %, f32, 256 columns",
     CaseSource::Random, weights(BF16, 1, 1, 0.1), "", F32, 4.0, 2.5},
    {"block16x32-n256", "4096x4096, 75 % in 16x32 blocks, bf16, 256 columns",
     CaseSource::Random, weights(BF16, 16, 32, 0.25), "", BF16, 2.5, 0.0},

    {"vector-nm75-f32", "4096x4096, vector-wise 8:32 of 32 rows, f32",
     CaseSource::Pruned, weights(F32, 1, 1, 0.25), kVectorNM, F32, 2.5, 0.0},
    {"vector-nm75-bf16", "4096x4096, vector-wise 8:32 of 32 rows, bf16",
     CaseSource::Pruned, weights(BF16, 1, 1, 0.25), kVectorNM, BF16, 2.0, 0.0},

    {"sddmm-gst-f32", "attention scores, GST strided",
     CaseSource::Pattern, scores(F32), kGst, F32, 5.0, 0.0},
    {"sddmm-longformer-f32", "attention scores, Longformer",
     CaseSource::Pattern, scores(F32), kLongformer, F32, 5.0, 0.0},
    {"sddmm-bigbird-f32", "attention scores, BigBird",
     CaseSource::Pattern, scores(F32), kBigBird, F32, 5.0, 0.0},
    {"sdmm-gst-f32", "attention times values, GST strided",
     CaseSource::Pattern, probabilities(F32), kGst, F32, 5.0, 0.0},
    {"sdmm-longformer-f32", "attention times values, Longformer",
     CaseSource::Pattern, probabilities(F32), kLongformer, F32, 5.0, 0.0},
    {"sdmm-bigbird-f32", "attention times values, BigBird",
     CaseSource::Pattern, probabilities(F32), kBigBird, F32, 5.0, 0.0},
    {"sddmm-gst-bf16", "attention scores in bf16, GST strided",
     CaseSource::Pattern, scores(BF16), kGst, BF16, 5.0, 0.0},
    {"sddmm-longformer-bf16", "attention scores in bf16, Longformer",
     CaseSource::Pattern, scores(BF16), kLongformer, BF16, 5.0, 0.0},
    {"sddmm-bigbird-bf16", "attention scores in bf16, BigBird",
     CaseSource::Pattern, scores(BF16), kBigBird, BF16, 5.0, 0.0},
    {"sdmm-gst-bf16", "attention times values in bf16, GST strided",
     CaseSource::Pattern, probabilities(BF16), kGst, BF16, 5.0, 0.0},
    {"sdmm-longformer-bf16", "attention times values in bf16, Longformer",
     CaseSource::Pattern, probabilities(BF16), kLongformer, BF16, 5.0, 0.0},
    {"sdmm-bigbird-bf16", "attention times values in bf16, BigBird",
     CaseSource::Pattern, probabilities(BF16), kBigBird, BF16, 5.0, 0.0},

    {"sddmm-gst-values-f32", "attention scores as values, GST strided",
     CaseSource::Pattern, scores(F32), kGst, F32, 5.0, 0.0, "spmmplu-values"},
    {"sdmm-gst-values-f32", "attention as values times values, GST strided",
     CaseSource::Pattern, probabilities(F32), kGst, F32, 5.0, 0.0,
     "spmmplu-values"},
    {"sddmm-gst-values-bf16", "attention scores as values in bf16, GST strided",
     CaseSource::Pattern, scores(BF16), kGst, BF16, 5.0, 0.0,
     "spmmplu-bf16-values"},
    {"sdmm-gst-values-bf16",
     "attention as values times values in bf16, GST strided",
     CaseSource::Pattern, probabilities(BF16), kGst, BF16, 5.0, 0.0,
     "spmmplu-bf16-values"},

    {"conv-channel70", "ResNet-50 3x3 convolution, 70 % of input channels gone",
     CaseSource::Random, resnet(256, 9, 0.30), "", F32, 2.0, 0.0},
    {"conv-filter64", "ResNet-50 3x3 convolution, 64 % of filters gone",
     CaseSource::Random, resnet(1, 256 * 9, 0.36), "", F32, 2.0, 0.0},
};
// clang-format on

std::span<const BenchmarkCase> spmmplu::bench::caseTable() { return kCases; }

static Result<Case> fromFile(const CaseSpec &spec, const std::string &path) {
  Result<Tensor> stored = readNpy(path);
  if (!stored)
    return Error{stored.error()};
  std::vector<int64_t> expected{spec.m, spec.k};
  if (stored->dtype != DType::F32 || stored->shape != expected)
    return Error{path + ": " + std::string(name(stored->dtype)) + " " +
                 shapeToString(stored->shape) + ", expected f32 " +
                 shapeToString(expected)};
  const Tensor &tensor = *stored;
  return Case::withMatrix(spec, tensor.as<float>());
}

Result<Case> spmmplu::bench::makeCase(const BenchmarkCase &row, int threads,
                                      const std::string &lyraPath) {
  CaseSpec spec = row.spec;
  spec.threads = threads;
  switch (row.source) {
  case CaseSource::Lyra:
    return fromFile(spec, lyraPath);
  case CaseSource::Pattern:
    return Case::withPattern(spec, row.pattern);
  case CaseSource::Pruned:
    return Case::pruned(spec, row.pattern);
  case CaseSource::Random:
  case CaseSource::CompileCost:
  case CaseSource::SegmentationCost:
    break;
  }
  return Case::random(spec);
}
