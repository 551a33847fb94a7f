//===- SpMMPluPeer.cpp - This project as one of the peers -----------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles the problem with sparse-compile, as a user would, and runs the
// package with the runtime: constant weights as a file of weights, all else as
// a program.
//
//===----------------------------------------------------------------------===//

#include "Harness/AlignedBuffer.h"
#include "Harness/Process.h"
#include "Peers/Peer.h"
#include "Peers/ProgramText.h"
#include "spmmplu/Runtime/IO/Npy.h"
#include "spmmplu/Runtime/Runtime.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <unistd.h>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

/// What the compiler is told, beside the problem.
enum class Mode {
  Choose, ///< between sparse and dense
  Sparse,
  Values, ///< sparse operands that change are the values at places of the mask
};

class SpMMPlu final : public Peer {
public:
  SpMMPlu(DataType dtype, Mode mode, const PeerOptions &options)
      : dtype(dtype), mode(mode),
        compiler(options.compilerPath.empty()
                     ? besideThisProgram("sparse-compile")
                     : options.compilerPath) {}

  Status supports(const Problem &problem) const override;
  Status prepare(const Problem &problem) override;
  std::string implementation() const override;
  void run() override;
  std::span<const float> result() override;

private:
  bool isWeights() const {
    return problem.kind == ProblemKind::Spmm && problem.constantA;
  }
  Status writeInput(const std::string &path) const;
  Status compile(const ScratchFolder &folder);
  void bindBuffers();
  void bindValues();
  std::string reported(const std::string &key) const;

  DataType dtype;
  Mode mode;
  std::string compiler;
  Problem problem;
  double compileSeconds = 0.0;
  std::optional<Program> program;
  AlignedBuffer<float> output;
  /// Mode::Values: indices of the mask's places, the values there of A or of
  /// the result, and their number as a shape.
  std::vector<size_t> places;
  AlignedBuffer<float> values;
  AlignedBuffer<uint16_t> halfValues;
  std::vector<int64_t> shapeValues;
  /// One each for A, B and the result; `inputs` refers to them.
  std::vector<int64_t> shapeA, shapeB, shapeResult;
  std::vector<BufferRef> inputs, outputs;
};

} // namespace

Status SpMMPlu::supports(const Problem &problem) const {
  if (Status status = checkDataType(problem, dtype); !status)
    return status;
  if (access(compiler.c_str(), X_OK) != 0)
    return Error{"spmmplu: no compiler at " + compiler +
                 ", expected sparse-compile"};
  if (mode == Mode::Values &&
      (problem.kind == ProblemKind::Conv2d ||
       (problem.kind == ProblemKind::Spmm && problem.constantA)))
    return Error{"spmmplu: the sparse operand is constant, expected one that "
                 "changes"};
  return Success{};
}

Status SpMMPlu::writeInput(const std::string &path) const {
  if (isWeights()) {
    std::span<const float> values(problem.a, size_t(problem.aSize()));
    return writeNpy(
        path, {DType::F32, {problem.m, problem.k}, std::as_bytes(values)});
  }
  std::ofstream file(path);
  file << (mode == Mode::Values
               ? valuesProgramText(problem, dtype, int64_t(places.size()))
               : programText(problem, dtype));
  file.close();
  if (!file)
    return Error{path + ": cannot be written"};
  return Success{};
}

Status SpMMPlu::compile(const ScratchFolder &folder) {
  std::string input = folder.file(isWeights() ? "weights.npy" : "program.mlir");
  std::string package = folder.file("package.spmm");
  if (Status status = writeInput(input); !status)
    return status;
  std::vector<std::string> arguments{compiler, input, "-o", package,
                                     "--threads=" +
                                         std::to_string(problem.threads)};
  if (isWeights()) {
    arguments.push_back("--cols=" + std::to_string(problem.n));
    if (dtype == DataType::BF16)
      arguments.push_back("--dtype=bf16");
  }
  if (mode == Mode::Sparse)
    arguments.push_back("--force-sparse");
  Result<ProcessResult> compiled = runChecked(arguments);
  if (!compiled)
    return Error{compiled.error()};
  compileSeconds = compiled->seconds;
  Result<Program> loaded = Program::load(package);
  if (!loaded)
    return Error{loaded.error()};
  program.emplace(std::move(*loaded));
  return Success{};
}

void SpMMPlu::bindBuffers() {
  const ConvShape &conv = problem.conv;
  bool isConv = problem.kind == ProblemKind::Conv2d;
  bool bf16 = dtype == DataType::BF16;
  shapeA = {problem.m, problem.k};
  shapeB = {problem.k, problem.n};
  shapeResult = {problem.m, problem.n};
  if (problem.kind == ProblemKind::Sddmm)
    std::swap(shapeB[0], shapeB[1]);
  if (isConv) {
    shapeB = {conv.batch, conv.inChannels, conv.height, conv.width};
    shapeResult = {conv.batch, conv.outChannels, conv.outHeight(),
                   conv.outWidth()};
  }
  auto input = [&](const float *f32, const uint16_t *halves,
                   std::span<const int64_t> shape) {
    const void *data = bf16 ? static_cast<const void *>(halves) : f32;
    inputs.push_back(
        {bf16 ? DType::BF16 : DType::F32, const_cast<void *>(data), shape});
  };
  if (!isConv && !isWeights())
    input(problem.a, problem.aBf16, shapeA);
  input(problem.b, problem.bBf16, shapeB);
  output.assign(problem.resultSize(), 0.0f);
  outputs.push_back({DType::F32, output.data(), shapeResult});
  if (mode == Mode::Values)
    bindValues();
}

void SpMMPlu::bindValues() {
  shapeValues = {int64_t(places.size())};
  values.assign(places.size(), 0.0f);
  if (problem.kind == ProblemKind::Sddmm) {
    outputs[0] = {DType::F32, values.data(), shapeValues};
    return;
  }
  bool bf16 = dtype == DataType::BF16;
  halfValues.assign(bf16 ? places.size() : 0, 0);
  for (size_t n = 0; n < places.size(); ++n)
    if (bf16)
      halfValues[n] = problem.aBf16[places[n]];
    else
      values[n] = problem.a[places[n]];
  void *data = bf16 ? static_cast<void *>(halfValues.data()) : values.data();
  inputs[0] = {bf16 ? DType::BF16 : DType::F32, data, shapeValues};
}

std::span<const float> SpMMPlu::result() {
  if (mode == Mode::Values && problem.kind == ProblemKind::Sddmm)
    for (size_t n = 0; n < places.size(); ++n)
      output[places[n]] = values[n];
  return output;
}

Status SpMMPlu::prepare(const Problem &theProblem) {
  problem = theProblem;
  if (mode == Mode::Values) {
    bool sddmm = problem.kind == ProblemKind::Sddmm;
    size_t count = sddmm ? problem.resultSize() : problem.aSize();
    for (size_t at = 0; at < count; ++at)
      if (sddmm ? problem.mask[at] != 0 : problem.a[at] != 0)
        places.push_back(at);
  }
  Result<ScratchFolder> folder = ScratchFolder::create();
  if (!folder)
    return Error{folder.error()};
  if (Status status = compile(*folder); !status)
    return status;
  bindBuffers();
  // Checks the package's types and shapes once; `run` cannot fail then.
  return program->runInto(inputs, outputs, problem.threads);
}

void SpMMPlu::run() {
  (void)program->runInto(inputs, outputs, problem.threads);
}

std::string SpMMPlu::reported(const std::string &key) const {
  const auto &report = program->manifest().report;
  auto found = report.find(key);
  if (found == report.end())
    return {};
  auto *text = std::get_if<std::string>(&found->second);
  return text ? *text : std::string();
}

std::string SpMMPlu::implementation() const {
  std::string pattern = reported("product0.pattern");
  std::string strategy = reported("product0.strategy");
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f s", compileSeconds);
  return (pattern.empty() ? "" : pattern + ": ") +
         (strategy.empty() ? "no sparse product" : strategy) +
         " (compiled in " + seconds + ")";
}

namespace spmmplu::bench {
std::unique_ptr<Peer> createSpMMPluF32(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::F32, Mode::Choose, options);
}
std::unique_ptr<Peer> createSpMMPluF32Sparse(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::F32, Mode::Sparse, options);
}
std::unique_ptr<Peer> createSpMMPluBf16(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::BF16, Mode::Choose, options);
}
std::unique_ptr<Peer> createSpMMPluBf16Sparse(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::BF16, Mode::Sparse, options);
}
std::unique_ptr<Peer> createSpMMPluF32Values(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::F32, Mode::Values, options);
}
std::unique_ptr<Peer> createSpMMPluBf16Values(const PeerOptions &options) {
  return std::make_unique<SpMMPlu>(DataType::BF16, Mode::Values, options);
}
} // namespace spmmplu::bench
