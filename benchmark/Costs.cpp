//===- Costs.cpp - What compiling takes -----------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Costs.h"

#include "Harness/Process.h"
#include "Harness/Timing.h"
#include "spmmplu/Runtime/IO/Npy.h"
#include "spmmplu/Segmentation/MetaOps.h"

#include <algorithm>
#include <limits>

using namespace spmmplu;
using namespace spmmplu::bench;
using mlir::spmmplu::CellSpace;
using mlir::spmmplu::Mask;

static Status writeWeights(const CaseSpec &spec, const std::string &path) {
  Result<Case> made = Case::random(spec);
  if (!made)
    return Error{made.error()};
  const Problem &problem = made->problem();
  std::span<const float> values(problem.a, size_t(problem.aSize()));
  return writeNpy(path,
                  {DType::F32, {problem.m, problem.k}, std::as_bytes(values)});
}

Result<CompileCost> spmmplu::bench::measureCompile(const CaseSpec &spec,
                                                   int runs,
                                                   const PeerOptions &options) {
  Result<ScratchFolder> folder = ScratchFolder::create();
  if (!folder)
    return Error{folder.error()};
  std::string weights = folder->file("weights.npy");
  // The case's memory is given back before the compiler starts.
  if (Status status = writeWeights(spec, weights); !status)
    return Error{status.error()};
  std::string compiler = options.compilerPath.empty()
                             ? besideThisProgram("sparse-compile")
                             : options.compilerPath;
  CompileCost cost;
  cost.seconds = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    Result<ProcessResult> result =
        runChecked({compiler, weights, "-o", folder->file("package.spmm")});
    if (!result)
      return Error{result.error()};
    cost.seconds = std::min(cost.seconds, result->seconds);
    cost.peakBytes = std::max(cost.peakBytes, result->peakBytes);
  }
  return cost;
}

Result<double> spmmplu::bench::measureSegmentation(const CaseSpec &spec,
                                                   int runs) {
  constexpr int cell = 16;
  double longest = 0.0;
  for (double density : {0.1, 0.5, 0.9}) {
    CaseSpec blocks = spec;
    blocks.blockRows = blocks.blockCols = cell;
    blocks.density = density;
    Result<Case> made = Case::random(blocks);
    if (!made)
      return Error{made.error()};
    const Problem &problem = made->problem();
    Mask mask = Mask::ofNonZeros<float>({problem.a, size_t(problem.aSize())},
                                        problem.m, problem.k);
    TimingOptions timing;
    timing.minSeconds = 0.0;
    timing.minIterations = runs;
    Samples samples = time(
        [&] {
          Mask coarse = mask.coarsened(cell, cell);
          CellSpace space;
          space.extent = {int32_t(coarse.rows()),
                          int32_t((problem.n + cell - 1) / cell),
                          int32_t(coarse.cols())};
          space.lhs = &coarse;
          (void)segment(space);
        },
        timing);
    longest = std::max(longest, samples.minimum());
  }
  return longest;
}
