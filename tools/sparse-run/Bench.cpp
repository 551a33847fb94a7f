//===- Bench.cpp - Times a program ----------------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include "DenseBaseline.h"
#include "spmmplu/Runtime/Reference.h"

#include <algorithm>
#include <chrono>
#include <omp.h>

using namespace spmmplu;

Timing spmmplu::summarize(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  auto quantile = [&](double q) {
    return samples[size_t(q * double(samples.size() - 1) + 0.5)];
  };
  Timing timing{quantile(0.5), samples.front(), 0, int64_t(samples.size())};
  if (timing.median > 0)
    timing.spread = 100 * (quantile(0.75) - quantile(0.25)) / timing.median;
  return timing;
}

Result<Timing> spmmplu::measure(const std::function<bool()> &run,
                                double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr size_t leastRuns = 5, mostRuns = 1000000;
  auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  for (int i = 0; i < 2; ++i)
    if (!run())
      return Error{"a measured run failed"};
  std::vector<double> samples;
  Clock::time_point begin = Clock::now();
  while (samples.size() < leastRuns ||
         (since(begin) < seconds && samples.size() < mostRuns)) {
    Clock::time_point start = Clock::now();
    if (!run())
      return Error{"a measured run failed"};
    samples.push_back(since(start) * 1e6);
  }
  return summarize(std::move(samples));
}

/// The matrix of the package's check, dense and F32.
static Result<Tensor> denseMatrix(const Program &program) {
  const Manifest &manifest = program.manifest();
  if (!manifest.check)
    return Error{"the package does not say what it computes"};
  auto csr = decodeMatrix(*manifest.findMatrix(manifest.check->matrix),
                          program.lookup());
  if (!csr)
    return Error{csr.error()};
  Result<Tensor> dense = Tensor::allocate(DType::F32, {csr->rows, csr->cols});
  if (!dense)
    return dense;
  std::span<float> out = dense->as<float>();
  for (int64_t row = 0; row < csr->rows; ++row)
    for (int64_t i = csr->rowPtr[row]; i < csr->rowPtr[row + 1]; ++i)
      out[row * csr->cols + csr->columns[i]] = float(csr->values[i]);
  return dense;
}

static BenchRow benchDense(const std::string &name, const Result<Tensor> &dense,
                           const Tensor &rhs, DType compute, DType output,
                           double seconds) {
  BenchRow row{name, "", {}};
  if (!dense) {
    row.implementation = dense.error();
    return row;
  }
  auto baseline = DenseBaseline::create(*dense, rhs, compute, output);
  if (!baseline) {
    row.implementation = baseline.error();
    return row;
  }
  auto timing = measure([&] { return (*baseline)->run(); }, seconds);
  row.implementation = timing ? (*baseline)->implementation() : timing.error();
  if (timing)
    row.timing = *timing;
  return row;
}

Result<std::vector<BenchRow>> spmmplu::runBench(const Program &program,
                                                std::span<const Tensor> inputs,
                                                std::span<const Tensor> outputs,
                                                int threads, double seconds) {
  if (program.cuda()) {
    auto timing = measureOnGpu(program, inputs, outputs, seconds);
    if (!timing)
      return Error{timing.error()};
    return std::vector<BenchRow>{{"sparse", program.kernel().target, *timing}};
  }
  std::vector<BufferRef> in, out;
  for (const Tensor &tensor : inputs)
    in.push_back(BufferRef::of(tensor));
  for (const Tensor &tensor : outputs)
    out.push_back(BufferRef::of(tensor));
  auto timing =
      measure([&] { return bool(program.runInto(in, out, threads)); }, seconds);
  if (!timing)
    return Error{timing.error()};
  std::vector<BenchRow> rows = {{"sparse", program.kernel().target, *timing}};
  Result<Tensor> dense = denseMatrix(program);
  if (inputs.empty() || outputs.empty())
    return rows;
  if (threads > 0)
    omp_set_num_threads(threads); // oneDNN has no setting of its own
  for (DType compute : {DType::F32, DType::BF16})
    rows.push_back(
        benchDense(compute == DType::F32 ? "dense f32" : "dense bf16", dense,
                   inputs[0], compute, outputs[0].dtype, seconds));
  return rows;
}
