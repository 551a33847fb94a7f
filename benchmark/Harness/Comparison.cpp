//===- Comparison.cpp - All peers on one problem --------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Comparison.h"

#include "Harness/Check.h"
#include "Harness/Threads.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <map>

using namespace spmmplu;
using namespace spmmplu::bench;

double Comparison::medianRatio(const PeerResult &peer) const {
  if (baseline < 0)
    return std::nan("");
  return peers[baseline].samples.median() / peer.samples.median();
}

double Comparison::minimumRatio(const PeerResult &peer) const {
  if (baseline < 0)
    return std::nan("");
  return peers[baseline].samples.minimum() / peer.samples.minimum();
}

double Comparison::largestError() const {
  double largest = 0.0;
  for (const PeerResult &peer : peers)
    if (peer.skipped.empty())
      largest = std::max(largest, peer.error);
  return largest;
}

double Comparison::largestOwnError() const {
  double largest = 0.0;
  for (const PeerResult &peer : peers)
    if (peer.skipped.empty() && peer.factory->storage == Storage::Own)
      largest = std::max(largest, peer.error);
  return largest;
}

static int chooseBaseline(const std::vector<PeerResult> &peers) {
  int best = -1;
  auto better = [&](const PeerResult &peer) {
    if (best < 0)
      return true;
    bool isF32 = peer.factory->dtype == DataType::F32;
    bool bestIsF32 = peers[best].factory->dtype == DataType::F32;
    if (isF32 != bestIsF32)
      return isF32;
    return peer.samples.median() < peers[best].samples.median();
  };
  for (size_t i = 0; i < peers.size(); ++i)
    if (peers[i].skipped.empty() && peers[i].error <= kLargestError &&
        peers[i].factory->storage == Storage::Dense && better(peers[i]))
      best = int(i);
  return best;
}

/// The prepared and checked peer, or null with `result.skipped` set.
static std::unique_ptr<Peer> makePeer(const Problem &problem,
                                      std::span<const double> reference,
                                      const PeerOptions &options,
                                      PeerResult &result) {
  std::unique_ptr<Peer> peer = result.factory->create(options);
  Status status = peer->supports(problem);
  auto start = std::chrono::steady_clock::now();
  if (status)
    status = peer->prepare(problem);
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  result.prepareSeconds = elapsed.count();
  if (!status) {
    result.skipped = status.error();
    return nullptr;
  }
  peer->run();
  result.implementation = peer->implementation();
  result.error = checkAgainst(problem, reference, peer->result());
  return peer;
}

Comparison spmmplu::bench::compare(const Case &theCase,
                                   std::span<const double> reference,
                                   const std::vector<std::string> &names,
                                   const PeerOptions &peerOptions,
                                   const TimingOptions &timing) {
  const Problem &problem = theCase.problem();
  setThreads(problem.threads);
  Comparison comparison;
  std::vector<std::unique_ptr<Peer>> peers;
  std::vector<TimedFunction> functions;
  std::vector<size_t> timedEntries;
  for (const PeerFactory &factory : peerTable()) {
    if (!names.empty() &&
        std::find(names.begin(), names.end(), factory.name) == names.end())
      continue;
    PeerResult result;
    result.factory = &factory;
    if (auto peer = makePeer(problem, reference, peerOptions, result)) {
      functions.push_back([peer = peer.get()] { peer->run(); });
      peers.push_back(std::move(peer));
      timedEntries.push_back(comparison.peers.size());
    }
    comparison.peers.push_back(std::move(result));
  }
  std::vector<Samples> samples = timeInterleaved(functions, timing);
  for (size_t i = 0; i < samples.size(); ++i) {
    PeerResult &result = comparison.peers[timedEntries[i]];
    result.samples = std::move(samples[i]);
    // Once more, to catch what goes wrong only now and then.
    result.error = std::max(
        result.error, checkAgainst(problem, reference, peers[i]->result()));
  }
  comparison.baseline = chooseBaseline(comparison.peers);
  return comparison;
}

static const char *kindName(ProblemKind kind) {
  switch (kind) {
  case ProblemKind::Spmm:
    return "spmm";
  case ProblemKind::Sddmm:
    return "sddmm";
  case ProblemKind::Conv2d:
    return "conv2d";
  }
  return "";
}

const char *spmmplu::bench::storageName(Storage storage) {
  switch (storage) {
  case Storage::Dense:
    return "dense";
  case Storage::Sparse:
    return "sparse";
  case Storage::Own:
    return "own";
  }
  return "";
}

const char *spmmplu::bench::typeName(DataType dtype) {
  return dtype == DataType::BF16 ? "bf16" : "f32";
}

/// Non-zeros over all elements of A, or of the mask.
static double density(const Case &theCase) {
  const Problem &problem = theCase.problem();
  int64_t size = problem.kind == ProblemKind::Sddmm ? problem.resultSize()
                                                    : problem.aSize();
  return double(theCase.nonZeros()) / double(size);
}

static std::string format(const char *pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

/// Four digits, in ms.
static std::string milliseconds(double seconds) {
  return format("%.4g", seconds * 1e3);
}

void spmmplu::bench::printTable(std::ostream &out, const Case &theCase,
                                const Comparison &comparison) {
  const Problem &problem = theCase.problem();
  out << kindName(problem.kind) << " " << typeName(problem.dtype) << " m "
      << problem.m << " k " << problem.k << " n " << problem.n << ", density "
      << format("%.4g", density(theCase)) << " in " << problem.blockRows << "x"
      << problem.blockCols << " blocks, threads " << problem.threads << "\n"
      << "times in ms, weights hot; ratios are speed over the best dense peer "
         "(*)\n";
  auto cell = [&](const std::string &text, int width) {
    out << std::setw(width) << text;
  };
  out << std::left << std::setw(27) << "peer" << std::right;
  for (const char *title : {"median", "min", "p10", "p90"})
    cell(title, 9);
  for (const char *title : {"x median", "x min"})
    cell(title, 9);
  cell("error", 9);
  out << "  implementation\n";
  for (const PeerResult &peer : comparison.peers) {
    if (!peer.skipped.empty())
      continue;
    bool base = comparison.baseline >= 0 &&
                &peer == &comparison.peers[comparison.baseline];
    out << std::left << std::setw(27)
        << std::string(peer.factory->name) + (base ? " *" : "") << std::right;
    cell(milliseconds(peer.samples.median()), 9);
    cell(milliseconds(peer.samples.minimum()), 9);
    cell(milliseconds(peer.samples.quantile(0.1)), 9);
    cell(milliseconds(peer.samples.quantile(0.9)), 9);
    bool ratios = comparison.baseline >= 0;
    cell(ratios ? format("%.2f", comparison.medianRatio(peer)) : "-", 9);
    cell(ratios ? format("%.2f", comparison.minimumRatio(peer)) : "-", 9);
    cell(format("%.1e", peer.error), 9);
    out << (peer.error <= kLargestError ? "  " : "  WRONG RESULT: ")
        << peer.implementation << "\n";
  }
  std::map<std::string, std::string> namesByReason;
  for (const PeerResult &peer : comparison.peers)
    if (!peer.skipped.empty())
      namesByReason[peer.skipped] += std::string(" ") + peer.factory->name;
  for (const auto &[reason, names] : namesByReason)
    out << "not run:" << names << ": " << reason << "\n";
}

std::string spmmplu::bench::jsonText(const std::string &text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      result += escape;
      continue;
    }
    result += c;
  }
  return result + "\"";
}

std::string spmmplu::bench::jsonNumber(double value) {
  return std::isfinite(value) ? format("%.9g", value) : "null";
}

void spmmplu::bench::printJson(std::ostream &out, const Case &theCase,
                               const Comparison &comparison) {
  const Problem &problem = theCase.problem();
  out << "{\n  \"kind\": " << jsonText(kindName(problem.kind))
      << ", \"dtype\": " << jsonText(typeName(problem.dtype))
      << ", \"m\": " << problem.m << ", \"k\": " << problem.k
      << ", \"n\": " << problem.n
      << ", \"density\": " << jsonNumber(density(theCase)) << ", \"block\": ["
      << problem.blockRows << ", " << problem.blockCols
      << "], \"threads\": " << problem.threads << ",\n  \"peers\": [";
  const char *separator = "\n";
  for (const PeerResult &peer : comparison.peers) {
    out << separator << "    {\"name\": " << jsonText(peer.factory->name)
        << ", \"dtype\": " << jsonText(typeName(peer.factory->dtype))
        << ", \"storage\": " << jsonText(storageName(peer.factory->storage));
    separator = ",\n";
    if (!peer.skipped.empty()) {
      out << ", \"skipped\": " << jsonText(peer.skipped) << "}";
      continue;
    }
    bool base = comparison.baseline >= 0 &&
                &peer == &comparison.peers[comparison.baseline];
    out << ", \"implementation\": " << jsonText(peer.implementation)
        << ", \"prepare_s\": " << jsonNumber(peer.prepareSeconds)
        << ", \"baseline\": " << (base ? "true" : "false")
        << ",\n     \"median_s\": " << jsonNumber(peer.samples.median())
        << ", \"min_s\": " << jsonNumber(peer.samples.minimum())
        << ", \"p10_s\": " << jsonNumber(peer.samples.quantile(0.1))
        << ", \"p90_s\": " << jsonNumber(peer.samples.quantile(0.9))
        << ", \"iterations\": " << peer.samples.seconds.size()
        << ",\n     \"speedup_median\": "
        << jsonNumber(comparison.medianRatio(peer))
        << ", \"speedup_min\": " << jsonNumber(comparison.minimumRatio(peer))
        << ", \"relative_error\": " << jsonNumber(peer.error) << "}";
  }
  out << "\n  ]\n}\n";
}
