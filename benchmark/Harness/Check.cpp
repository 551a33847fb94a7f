//===- Check.cpp - Results against double precision -----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Check.h"

#include <cmath>
#include <limits>

using namespace spmmplu::bench;

static void referenceSpmm(const Problem &problem, std::vector<double> &y) {
  for (int64_t i = 0; i < problem.m; ++i)
    for (int64_t p = 0; p < problem.k; ++p) {
      double value = problem.a[i * problem.k + p];
      if (value == 0.0)
        continue;
      const float *row = problem.b + p * problem.n;
      double *out = y.data() + i * problem.n;
      for (int64_t j = 0; j < problem.n; ++j)
        out[j] += value * row[j];
    }
}

static void referenceSddmm(const Problem &problem, std::vector<double> &s) {
  for (int64_t i = 0; i < problem.m; ++i)
    for (int64_t j = 0; j < problem.n; ++j) {
      if (!problem.mask[i * problem.n + j])
        continue;
      double sum = 0.0;
      for (int64_t p = 0; p < problem.k; ++p)
        sum +=
            double(problem.a[i * problem.k + p]) * problem.b[j * problem.k + p];
      s[i * problem.n + j] = sum;
    }
}

/// Adds weight * (the image plane that tap (`dy`, `dx`) sees) to `out`.
static void addTap(const ConvShape &conv, double weight, const float *plane,
                   int64_t dy, int64_t dx, double *out) {
  for (int64_t y = 0; y < conv.outHeight(); ++y) {
    int64_t sourceY = y * conv.stride + dy - conv.padding;
    if (sourceY < 0 || sourceY >= conv.height)
      continue;
    for (int64_t x = 0; x < conv.outWidth(); ++x) {
      int64_t sourceX = x * conv.stride + dx - conv.padding;
      if (sourceX >= 0 && sourceX < conv.width)
        out[y * conv.outWidth() + x] +=
            weight * plane[sourceY * conv.width + sourceX];
    }
  }
}

static void referenceConv(const Problem &problem, std::vector<double> &y) {
  const ConvShape &conv = problem.conv;
  int64_t inPlane = conv.height * conv.width;
  int64_t outPlane = conv.outHeight() * conv.outWidth();
  int64_t window = conv.kernelHeight * conv.kernelWidth;
  for (int64_t image = 0; image < conv.batch; ++image)
    for (int64_t o = 0; o < conv.outChannels; ++o)
      for (int64_t p = 0; p < problem.k; ++p) {
        double weight = problem.a[o * problem.k + p];
        if (weight == 0.0)
          continue;
        int64_t channel = p / window, tap = p % window;
        addTap(conv, weight,
               problem.b + (image * conv.inChannels + channel) * inPlane,
               tap / conv.kernelWidth, tap % conv.kernelWidth,
               y.data() + (image * conv.outChannels + o) * outPlane);
      }
}

std::vector<double> spmmplu::bench::referenceResult(const Problem &problem) {
  std::vector<double> result(problem.resultSize(), 0.0);
  switch (problem.kind) {
  case ProblemKind::Spmm:
    referenceSpmm(problem, result);
    break;
  case ProblemKind::Sddmm:
    referenceSddmm(problem, result);
    break;
  case ProblemKind::Conv2d:
    referenceConv(problem, result);
    break;
  }
  return result;
}

double spmmplu::bench::checkAgainst(const Problem &problem,
                                    std::span<const double> reference,
                                    std::span<const float> result) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (reference.size() != result.size())
    return infinity;
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) {
    if (problem.kind == ProblemKind::Sddmm && !problem.mask[i])
      continue;
    double delta = double(result[i]) - reference[i];
    difference += delta * delta;
    norm += reference[i] * reference[i];
  }
  if (std::isnan(difference))
    return infinity;
  if (norm == 0.0)
    return difference == 0.0 ? 0.0 : infinity;
  return std::sqrt(difference / norm);
}
