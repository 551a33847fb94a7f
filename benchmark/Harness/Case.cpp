//===- Case.cpp - A problem with its buffers, made reproducibly -----------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Case.h"

#include "spmmplu/Pattern/Pattern.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

using namespace spmmplu;
using namespace spmmplu::bench;

uint16_t bench::toBf16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value))
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float bench::fromBf16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

namespace {

/// SplitMix64: the same numbers with every standard library.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
  }
  /// Uniform in [0, 1).
  double unit() { return double(next() >> 11) * 0x1p-53; }
  /// Uniform in [-1, 1), never zero, exactly a bf16 number if `bf16`.
  float value(bool bf16) {
    for (;;) {
      float result = float(next() >> 40) * 0x1p-23f - 1.0f;
      if (bf16)
        result = fromBf16(toBf16(result));
      if (result != 0.0f)
        return result;
    }
  }

private:
  uint64_t state;
};

std::string shapeText(int64_t rows, int64_t cols) {
  return std::to_string(rows) + "x" + std::to_string(cols);
}

/// Far below the overflow of any index product below, far above memory.
constexpr int64_t kMaxElements = int64_t(1) << 36;

bool productFits(int64_t x, int64_t y) { return x <= kMaxElements / y; }

Status checkConv(const ConvShape &conv) {
  const int64_t positive[] = {
      conv.batch,       conv.inChannels,   conv.height,      conv.width,
      conv.outChannels, conv.kernelHeight, conv.kernelWidth, conv.stride};
  for (int64_t size : positive)
    if (size < 1 || size > (1 << 20))
      return Error{"convolution: size " + std::to_string(size) +
                   ", expected 1 to 1048576"};
  if (conv.padding < 0 || conv.padding > (1 << 20))
    return Error{"convolution: padding " + std::to_string(conv.padding) +
                 ", expected 0 to 1048576"};
  if (conv.height + 2 * conv.padding < conv.kernelHeight ||
      conv.width + 2 * conv.padding < conv.kernelWidth)
    return Error{"convolution: kernel " +
                 shapeText(conv.kernelHeight, conv.kernelWidth) +
                 " is larger than the padded image " +
                 shapeText(conv.height + 2 * conv.padding,
                           conv.width + 2 * conv.padding)};
  int64_t spatial = conv.outHeight() * conv.outWidth();
  int64_t image = conv.height * conv.width;
  int64_t window = conv.kernelHeight * conv.kernelWidth;
  if (!productFits(spatial, conv.batch) || !productFits(image, conv.batch) ||
      !productFits(image * conv.batch, conv.inChannels) ||
      !productFits(window, conv.inChannels))
    return Error{"convolution: too large, expected at most 2^36 elements"};
  return Success{};
}

/// Checks `spec` and fills all of the problem but the pointers.
Result<Problem> describe(const CaseSpec &spec) {
  Problem problem;
  problem.kind = spec.kind;
  problem.dtype = spec.dtype;
  problem.m = spec.m;
  problem.k = spec.k;
  problem.n = spec.n;
  problem.blockRows = spec.blockRows;
  problem.blockCols = spec.blockCols;
  problem.threads = spec.threads;
  problem.constantA = spec.constantA;
  if (spec.kind == ProblemKind::Conv2d) {
    const ConvShape &conv = spec.conv;
    if (Status status = checkConv(conv); !status)
      return Error{status.error()};
    problem.conv = conv;
    problem.m = conv.outChannels;
    problem.k = conv.inChannels * conv.kernelHeight * conv.kernelWidth;
    problem.n = conv.batch * conv.outHeight() * conv.outWidth();
  }
  if (problem.m < 1 || problem.k < 1 || problem.n < 1)
    return Error{"problem: m, k, n are " + std::to_string(problem.m) + ", " +
                 std::to_string(problem.k) + ", " + std::to_string(problem.n) +
                 ", expected at least 1 each"};
  if (!productFits(problem.m, problem.k) ||
      !productFits(problem.k, problem.n) || !productFits(problem.m, problem.n))
    return Error{"problem: too large, expected at most 2^36 elements a matrix"};
  if (spec.threads < 1 || spec.threads > 1024)
    return Error{"problem: " + std::to_string(spec.threads) +
                 " threads, expected 1 to 1024"};
  // The kept blocks tile the mask for Sddmm, and A otherwise.
  int64_t cols = spec.kind == ProblemKind::Sddmm ? problem.n : problem.k;
  if (spec.blockRows < 1 || spec.blockCols < 1 ||
      problem.m % spec.blockRows != 0 || cols % spec.blockCols != 0)
    return Error{"problem: block " + shapeText(spec.blockRows, spec.blockCols) +
                 " does not tile " + shapeText(problem.m, cols)};
  return problem;
}

/// One flag a block, row-major over blocks: `kept` of them set, every choice
/// equally likely (selection sampling).
std::vector<uint8_t> chooseBlocks(int64_t blocks, int64_t kept,
                                  Random &random) {
  std::vector<uint8_t> chosen(blocks, 0);
  for (int64_t i = 0; i < blocks && kept > 0; ++i)
    if (random.unit() * double(blocks - i) < double(kept)) {
      chosen[i] = 1;
      --kept;
    }
  return chosen;
}

} // namespace

void Case::finish() {
  if (theProblem.dtype == DataType::BF16) {
    aBf16.resize(a.size());
    bBf16.resize(b.size());
    std::transform(a.begin(), a.end(), aBf16.begin(), toBf16);
    std::transform(b.begin(), b.end(), bBf16.begin(), toBf16);
    theProblem.aBf16 = aBf16.data();
    theProblem.bBf16 = bBf16.data();
  }
  theProblem.a = a.data();
  theProblem.b = b.data();
  if (!mask.empty())
    theProblem.mask = mask.data();
}

template <typename Keeps> void Case::fill(uint64_t seed, Keeps keeps) {
  const Problem &problem = theProblem;
  bool bf16 = problem.dtype == DataType::BF16;
  bool sddmm = problem.kind == ProblemKind::Sddmm;
  int64_t cols = sddmm ? problem.n : problem.k;
  Random values(seed ^ 0x5bd1e995);
  a.assign(problem.aSize(), 0.0f);
  if (sddmm)
    mask.assign(problem.resultSize(), 0);
  for (int64_t r = 0; r < problem.m; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      if (!keeps(r, c))
        continue;
      if (sddmm)
        mask[r * cols + c] = 1;
      else
        a[r * cols + c] = values.value(bf16);
    }
  if (sddmm)
    for (float &value : a)
      value = values.value(bf16);
  b.resize(problem.bSize());
  for (float &value : b)
    value = values.value(bf16);
  finish();
}

Result<Case> Case::random(const CaseSpec &spec) {
  Result<Problem> problem = describe(spec);
  if (!problem)
    return Error{problem.error()};
  if (!(spec.density >= 0.0 && spec.density <= 1.0))
    return Error{"problem: density " + std::to_string(spec.density) +
                 ", expected 0 to 1"};

  Case result;
  result.theProblem = *problem;
  int64_t cols = spec.kind == ProblemKind::Sddmm ? problem->n : problem->k;
  int64_t blockCols = cols / spec.blockCols;
  int64_t blocks = problem->m / spec.blockRows * blockCols;
  Random pattern(spec.seed);
  std::vector<uint8_t> chosen = chooseBlocks(
      blocks, std::llround(spec.density * double(blocks)), pattern);
  result.fill(spec.seed, [&](int64_t r, int64_t c) {
    return chosen[r / spec.blockRows * blockCols + c / spec.blockCols] != 0;
  });
  return result;
}

Result<Case> Case::withPattern(const CaseSpec &spec,
                               const std::string &pattern) {
  CaseSpec plain = spec;
  plain.blockRows = plain.blockCols = 1;
  Result<Problem> problem = describe(plain);
  if (!problem)
    return Error{problem.error()};
  if (spec.kind == ProblemKind::Conv2d)
    return Error{"problem: a pattern for a convolution, expected spmm or "
                 "sddmm"};
  auto parsed = mlir::spmmplu::parsePattern(pattern);
  if (!parsed)
    return Error{"problem: pattern '" + pattern + "': " + parsed.error()};
  int64_t cols = spec.kind == ProblemKind::Sddmm ? problem->n : problem->k;
  auto kept = (*parsed)->mask(problem->m, cols);
  if (!kept)
    return Error{"problem: pattern '" + pattern +
                 "' leaves a choice, expected one that determines its mask"};
  Case result;
  result.theProblem = *problem;
  result.theProblem.pattern = (*parsed)->str();
  result.fill(spec.seed, [&](int64_t r, int64_t c) { return kept->get(r, c); });
  return result;
}

Result<Case> Case::pruned(const CaseSpec &spec, const std::string &pattern) {
  CaseSpec plain = spec;
  plain.blockRows = plain.blockCols = 1;
  Result<Problem> problem = describe(plain);
  if (!problem)
    return Error{problem.error()};
  if (spec.kind != ProblemKind::Spmm)
    return Error{"problem: expected spmm for pruned weights, found another"};
  auto parsed = mlir::spmmplu::parsePattern(pattern);
  if (!parsed)
    return Error{"problem: pattern '" + pattern + "': " + parsed.error()};
  std::vector<float> saliency(problem->m * problem->k);
  Random random(spec.seed);
  for (float &value : saliency)
    value = 1.0f + float(random.next() >> 40);
  auto kept = (*parsed)->prune({problem->m, problem->k, saliency});
  if (!kept)
    return Error{"problem: pattern '" + pattern + "': " + kept.error()};
  Case result;
  result.theProblem = *problem;
  result.fill(spec.seed, [&](int64_t r, int64_t c) { return kept->get(r, c); });
  return result;
}

Result<Case> Case::withMatrix(const CaseSpec &spec, std::span<const float> a) {
  Result<Problem> problem = describe(spec);
  if (!problem)
    return Error{problem.error()};
  if (spec.kind == ProblemKind::Sddmm)
    return Error{"problem: sddmm takes a mask, expected spmm or conv2d with a "
                 "given matrix"};
  if (int64_t(a.size()) != problem->aSize())
    return Error{"problem: matrix of " + std::to_string(a.size()) +
                 " values, expected " + std::to_string(problem->aSize())};
  Case result;
  result.theProblem = *problem;
  bool bf16 = spec.dtype == DataType::BF16;
  result.a.assign(a.begin(), a.end());
  if (bf16)
    for (float &value : result.a)
      value = fromBf16(toBf16(value));
  Random values(spec.seed ^ 0x5bd1e995);
  result.b.resize(problem->bSize());
  for (float &value : result.b)
    value = values.value(bf16);
  result.finish();
  return result;
}

int64_t Case::nonZeros() const {
  if (theProblem.kind == ProblemKind::Sddmm)
    return std::count(mask.begin(), mask.end(), 1);
  return int64_t(a.size()) - std::count(a.begin(), a.end(), 0.0f);
}
