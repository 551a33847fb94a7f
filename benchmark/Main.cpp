//===- Main.cpp - Times the project on its cases --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Cases.h"
#include "Costs.h"
#include "Harness/Check.h"
#include "Harness/Comparison.h"
#include "Harness/Process.h"
#include "Harness/Threads.h"
#include "Options.h"
#include "Summary.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

using namespace spmmplu;
using namespace spmmplu::bench;

namespace {

/// A case's summary, and its comparison as JSON where there was one.
struct Outcome {
  SummaryRow summary;
  std::string json;
  bool wrong = false;
};

std::string format(const char *pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

Outcome failed(const BenchmarkCase &row, const std::string &message,
               bool skipped = false) {
  return {failedRow(row.name, message, skipped), {}};
}

Outcome runCompile(const BenchmarkCase &row, const Options &options) {
  constexpr double mostSeconds = 10.0, mostGiB = 2.0;
  Result<CompileCost> cost =
      measureCompile(row.spec, options.quick ? 1 : 3, options.peerOptions);
  if (!cost)
    return failed(row, cost.error());
  double gib = double(cost->peakBytes) / double(1 << 30);
  return {
      summarizeCost(
          row.name, format("%.2f s, ", cost->seconds) + format("%.2f GiB", gib),
          format("<= %.0f s, ", mostSeconds) + format("<= %.0f GiB", mostGiB),
          cost->seconds <= mostSeconds && gib <= mostGiB),
      {}};
}

Outcome runSegmentation(const BenchmarkCase &row, const Options &options) {
  constexpr double mostSeconds = 1.0;
  Result<double> seconds = measureSegmentation(row.spec, options.quick ? 1 : 3);
  if (!seconds)
    return failed(row, seconds.error());
  return {summarizeCost(row.name, format("%.3f s", *seconds),
                        format("<= %.0f s", mostSeconds),
                        *seconds <= mostSeconds),
          {}};
}

/// Upstream's product for the sizes of `problem`; the reason where it could not
/// be made, which costs its peers only.
Result<std::string> buildMlirPeer(const Problem &problem,
                                  const Options &options,
                                  const ScratchFolder &folder) {
  std::string library = folder.file("mlir.so");
  Result<ProcessResult> built = runChecked(
      {options.mlirBuilder, "--m=" + std::to_string(problem.m),
       "--k=" + std::to_string(problem.k), "--n=" + std::to_string(problem.n),
       "--block=" + std::to_string(problem.blockRows) + "x" +
           std::to_string(problem.blockCols),
       library});
  if (!built)
    return Error{built.error()};
  return library;
}

Result<std::vector<std::string>> chosenPeers(const Options &options) {
  std::vector<std::string> names;
  for (const PeerFactory &factory : peerTable()) {
    Result<bool> match = matches(options.peers, factory.name);
    if (!match)
      return Error{match.error()};
    if (*match)
      names.push_back(factory.name);
  }
  if (names.empty())
    return Error{"--peers=" + options.peers + " matches no peer"};
  return names;
}

Outcome runProduct(const BenchmarkCase &row, const Options &options,
                   const std::vector<std::string> &peers) {
  if (row.source == CaseSource::Lyra &&
      access(options.lyraPath.c_str(), R_OK) != 0)
    return failed(row, options.lyraPath + ": no such file, see --lyra",
                  /*skipped=*/true);
  Result<Case> made = makeCase(row, options.threads, options.lyraPath);
  if (!made)
    return failed(row, made.error());
  const Problem &problem = made->problem();
  Result<ScratchFolder> folder = ScratchFolder::create();
  if (!folder)
    return failed(row, folder.error());
  PeerOptions peerOptions = options.peerOptions;
  if (problem.kind == ProblemKind::Spmm && !options.mlirBuilder.empty()) {
    Result<std::string> library = buildMlirPeer(problem, options, *folder);
    if (library)
      peerOptions.mlirPath = *library;
    else
      std::cout << "no upstream MLIR: " << library.error() << "\n";
  }
  std::vector<double> reference = referenceResult(problem);
  Comparison comparison =
      compare(*made, reference, peers, peerOptions, options.timing);
  printTable(std::cout, *made, comparison);
  std::ostringstream json;
  printJson(json, *made, comparison);
  return {summarize(row, comparison), json.str(),
          comparison.largestOwnError() > kLargestError};
}

Outcome runCase(const BenchmarkCase &row, const Options &options,
                const std::vector<std::string> &peers) {
  std::cout << "== " << row.name << ": " << row.description << "\n";
  Outcome outcome = row.source == CaseSource::CompileCost
                        ? runCompile(row, options)
                    : row.source == CaseSource::SegmentationCost
                        ? runSegmentation(row, options)
                        : runProduct(row, options, peers);
  const SummaryRow &summary = outcome.summary;
  if (!summary.failure.empty())
    std::cout << (summary.skipped ? "skipped: " : "failed: ") << summary.failure
              << "\n";
  else if (outcome.json.empty())
    std::cout << summary.ours << ", expected " << summary.bar << "\n";
  std::cout << std::endl;
  return outcome;
}

void writeJson(std::ostream &out, const Options &options,
               const std::vector<Outcome> &outcomes) {
  out << "{\"threads\": " << options.threads
      << ", \"quick\": " << (options.quick ? "true" : "false")
      << ", \"cases\": [";
  const char *separator = "\n";
  for (const Outcome &outcome : outcomes) {
    out << separator << "{\"summary\": ";
    printJson(out, outcome.summary);
    if (!outcome.json.empty())
      out << ", \"comparison\": " << outcome.json;
    out << "}";
    separator = ",\n";
  }
  out << "\n]}\n";
}

void warnOfRuntimes() {
  std::vector<std::string> runtimes = loadedOpenMpRuntimes();
  if (runtimes.size() < 2)
    return;
  std::cerr << "spmmplu-bench: warning: more than one OpenMP runtime disturbs "
               "timings:";
  for (const std::string &path : runtimes)
    std::cerr << " " << path;
  std::cerr << "\n";
}

int fail(const std::string &message) {
  std::cerr << "spmmplu-bench: " << message << "\n";
  return 2;
}

int runAll(const Options &options, std::ofstream &jsonFile) {
  Result<std::vector<std::string>> peers = chosenPeers(options);
  if (!peers)
    return fail(peers.error());
  std::vector<Outcome> outcomes;
  std::vector<SummaryRow> summary;
  bool bad = false;
  for (const BenchmarkCase &row : caseTable()) {
    Result<bool> match = matches(options.cases, row.name);
    if (!match || !*match)
      continue;
    Outcome outcome = runCase(row, options, *peers);
    bad |= outcome.wrong ||
           (!outcome.summary.failure.empty() && !outcome.summary.skipped);
    summary.push_back(outcome.summary);
    outcomes.push_back(std::move(outcome));
  }
  if (outcomes.empty())
    return fail("--cases=" + options.cases + " matches no case, see --list");
  std::cout << "== summary, " << options.threads << " thread"
            << (options.threads > 1 ? "s" : "")
            << "; times are medians, ratios our speed over theirs\n";
  printSummary(std::cout, summary);
  if (options.threads > 1)
    warnOfRuntimes();
  if (!options.jsonPath.empty()) {
    writeJson(jsonFile, options, outcomes);
    jsonFile.close();
    if (!jsonFile)
      return fail(options.jsonPath + ": cannot be written");
  }
  return bad ? 1 : 0;
}

} // namespace

int main(int argc, char **argv) {
  Result<Options> options = parseOptions(argc, argv);
  if (!options)
    return fail(options.error());
  if (options->help) {
    std::cout << kUsage;
    return 0;
  }
  if (options->list) {
    for (const BenchmarkCase &row : caseTable())
      std::cout << row.name << ": " << row.description << "\n";
    return 0;
  }
  // Before anything is measured: a path that cannot be written would lose all.
  std::ofstream jsonFile;
  if (!options->jsonPath.empty()) {
    jsonFile.open(options->jsonPath);
    if (!jsonFile)
      return fail(options->jsonPath + ": cannot be written");
  }
  // One thread stays free to move away from other processes.
  if (options->threads > 1)
    bindThreads();
  return runAll(*options, jsonFile);
}
