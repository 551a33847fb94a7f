//===- sparse-run.cpp - Runs a compiled package ---------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Matrices.h"
#include "Options.h"
#include "Report.h"
#include "Session.h"
#include "spmmplu/Runtime/Reference.h"
#include "spmmplu/Runtime/Runtime.h"

#include <cstdio>
#include <omp.h>

using namespace spmmplu;

namespace {

enum ExitCode { success = 0, checkFailed = 1, badInput = 2 };

} // namespace

/// --info needs neither a kernel for this machine nor inputs.
static Result<std::string> describePackage(const RunOptions &options) {
  Result<Package> package = Package::load(options.package);
  if (!package)
    return Error{package.error()};
  return options.json ? package->manifest().print() + "\n"
                      : printInfo(options.package, *package);
}

static std::optional<RunReport::Gpu> describeGpu(const Program &program) {
  const CudaExecutor *executor = program.cuda();
  if (!executor)
    return std::nullopt;
  const CudaDevice &device = executor->device();
  bool isPtx = executor->format() == DeviceCodeFormat::ptx;
  return RunReport::Gpu{device.properties().name,
                        executor->chip() + (isPtx ? " ptx" : " cubin"),
                        device.currentClockMhz(), device.properties().clockMhz};
}

/// The run itself; outputs are written only if all of it succeeded.
static Result<RunReport> runPackage(const Program &program,
                                    const RunOptions &options) {
  const Manifest &manifest = program.manifest();
  Result<Session> session = prepareSession(manifest, options);
  if (!session)
    return Error{session.error()};
  RunReport report;
  report.package = options.package;
  report.threads =
      options.threads ? int(options.threads) : omp_get_max_threads();
  report.binding = session->binding;
  std::vector<const Tensor *> inputs;
  for (const Tensor &input : session->inputs)
    inputs.push_back(&input);
  auto outputs = program.run(inputs, report.threads);
  if (!outputs)
    return Error{options.package + ": " + outputs.error()};
  if (options.check) {
    if (!manifest.check)
      return Error{options.package +
                   ": key 'check' is missing, so there is no reference"};
    auto check = checkOutput(manifest, program.lookup(), inputs[0]->view(),
                             (*outputs)[0].view());
    if (!check)
      return Error{options.package + ": " + check.error()};
    report.check = *check;
    if (!check->passed)
      return report;
  }
  if (options.bench) {
    auto bench = runBench(program, session->inputs, *outputs, report.threads,
                          options.benchSeconds);
    if (!bench)
      return Error{options.package + ": " + bench.error()};
    report.bench = std::move(*bench);
  }
  report.gpu = describeGpu(program);
  if (Status status = writeOutputs(manifest, *session, *outputs); !status)
    return Error{status.error()};
  return report;
}

int main(int argc, char **argv) {
  auto refuse = [](const std::string &message) {
    std::fprintf(stderr, "sparse-run: error: %s\n", message.c_str());
    return int(badInput);
  };
  std::vector<const char *> arguments(argv + (argc > 0), argv + argc);
  Result<RunOptions> options = parseOptions(arguments);
  if (!options)
    return refuse(options.error());
  if (options->help) {
    std::fputs(helpText().c_str(), stdout);
    return success;
  }
  if (options->info) {
    Result<std::string> text = describePackage(*options);
    if (!text)
      return refuse(text.error());
    std::fputs(text->c_str(), stdout);
    return success;
  }
  Result<Program> program = Program::load(options->package, options->device);
  if (!program)
    return refuse(program.error());
  if (Status status = setMatrices(*program, *options); !status)
    return refuse(options->package + ": " + status.error());
  Result<RunReport> report = runPackage(*program, *options);
  if (!report)
    return refuse(report.error());
  auto print = options->json ? printJson : printText;
  std::fputs(print(program->manifest(), program->kernel(), *report).c_str(),
             stdout);
  return report->check && !report->check->passed ? checkFailed : success;
}
