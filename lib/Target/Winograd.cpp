//===- Winograd.cpp - What Winograd's convolution costs ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Winograd.h"

#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Target/Strategy.h"

#include <algorithm>
#include <limits>

using namespace mlir::spmmplu;

static constexpr int64_t kProducts = 36;

/// Cycles of the transforms for a vector of tiles of one channel: loads,
/// stores, shuffles and arithmetic of
/// lib/Conversion/SparseIRToCPU/WinogradKernel.cpp.
static constexpr double kInputCycles = 260, kOutputCycles = 200;

/// Of the transforms of all images in blocks of `images`: microseconds.
static double getTransforms(const Target &target,
                            const WinogradProblem &problem, int64_t images,
                            int64_t lanes) {
  int64_t block = images * problem.tiles, blocks = problem.batch / images;
  double vectors = double(blocks) * double((block + lanes - 1) / lanes);
  double cycles = vectors * (double(problem.channels) * kInputCycles +
                             double(problem.filters) * kOutputCycles);
  int64_t busy = std::clamp<int64_t>(problem.threads, 1, target.cores);
  double time = cycles / (target.clockGhz * 1e3) / double(busy);
  // What does not stay in the L2 is written and read beyond it.
  double bytes = double(kProducts * block * 4) *
                 double(problem.channels + problem.filters);
  double beyond = std::max(0.0, bytes - target.l2Kib * 1024 * double(busy));
  return time + 2 * double(blocks) * beyond /
                    (target.l3Gbps.at(busy, target.cores) * 1e3);
}

::spmmplu::Result<WinogradPlan>
mlir::spmmplu::planWinograd(const Target &target,
                            const WinogradProblem &problem, int64_t images) {
  Mask full(problem.filters, problem.channels, true);
  ProductProblem product;
  product.m = problem.filters;
  product.k = problem.channels;
  product.mask = &full;
  product.constantLhs = false; // slices of a batch are read where they lie
  product.threads = problem.threads;
  WinogradPlan best;
  best.micros = std::numeric_limits<double>::infinity();
  for (int64_t count = 1; count <= problem.batch; ++count) {
    if (problem.batch % count || (images && count != images))
      continue;
    product.n = count * problem.tiles;
    auto choice = chooseStrategy(target, product);
    if (!choice)
      return ::spmmplu::Error{choice.error()};
    WinogradPlan plan;
    plan.images = count;
    plan.lanes = choice->best.strategy.intrinsic->lanes;
    plan.transforms = getTransforms(target, problem, count, plan.lanes);
    plan.micros = plan.transforms + double(kProducts) *
                                        double(problem.batch / count) *
                                        choice->best.predicted.total;
    if (plan.micros < best.micros)
      best = plan;
  }
  return best;
}
