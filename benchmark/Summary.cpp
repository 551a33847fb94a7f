//===- Summary.cpp - Bars, and whether they are met -----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Summary.h"

#include "Harness/Check.h"

#include <algorithm>
#include <array>
#include <cstdio>

using namespace spmmplu;
using namespace spmmplu::bench;

static std::string format(const char *pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

static bool mayCompete(const PeerResult &peer, Storage storage,
                       DataType judged) {
  if (!peer.skipped.empty() || peer.factory->storage != storage ||
      peer.error > kLargestError)
    return false;
  return judged == DataType::BF16 || peer.factory->dtype == DataType::F32;
}

/// The rival by medians and the one by minima may differ: each ratio is to the
/// better of its kind, and the name is that of the first.
static Rival findRival(const Comparison &comparison, Storage storage,
                       const BenchmarkCase &row, const PeerResult &ours) {
  const PeerResult *byMedian = nullptr, *byMinimum = nullptr;
  for (const PeerResult &peer : comparison.peers) {
    if (!mayCompete(peer, storage, row.judged))
      continue;
    if (!byMedian || peer.samples.median() < byMedian->samples.median())
      byMedian = &peer;
    if (!byMinimum || peer.samples.minimum() < byMinimum->samples.minimum())
      byMinimum = &peer;
  }
  Rival rival;
  rival.bar = storage == Storage::Dense ? row.denseBar : row.sparseBar;
  if (!byMedian)
    return rival;
  rival.name = byMedian->factory->name;
  rival.medianRatio = byMedian->samples.median() / ours.samples.median();
  rival.minimumRatio = byMinimum->samples.minimum() / ours.samples.minimum();
  return rival;
}

/// Whether all bars hold; none without a bar or where a rival is missing.
static std::optional<bool> judge(const SummaryRow &row, double Rival::*ratio) {
  bool met = true, any = false;
  for (const Rival *rival : {&row.dense, &row.sparse}) {
    if (rival->bar == 0.0)
      continue;
    if (rival->name.empty())
      return std::nullopt;
    any = true;
    met &= rival->*ratio >= rival->bar;
  }
  return any ? std::optional(met) : std::nullopt;
}

SummaryRow spmmplu::bench::summarize(const BenchmarkCase &row,
                                     const Comparison &comparison) {
  // Our first row of the type is the one where the compiler chooses.
  std::string_view wanted = row.peer;
  auto ours =
      std::find_if(comparison.peers.begin(), comparison.peers.end(),
                   [&](const PeerResult &peer) {
                     return peer.factory->storage == Storage::Own &&
                            peer.factory->dtype == row.judged &&
                            (wanted.empty() || peer.factory->name == wanted);
                   });
  if (ours == comparison.peers.end())
    return failedRow(row.name, "our peer was not asked for", true);
  if (!ours->skipped.empty())
    return failedRow(row.name, ours->skipped, false);
  if (!(ours->error <= kLargestError))
    return failedRow(row.name,
                     "wrong result: relative error " +
                         format("%.1e", ours->error) + ", expected at most " +
                         format("%.0e", kLargestError),
                     false);
  SummaryRow summary;
  summary.name = row.name;
  summary.ours = format("%.4g ms", ours->samples.median() * 1e3);
  summary.dense = findRival(comparison, Storage::Dense, row, *ours);
  summary.sparse = findRival(comparison, Storage::Sparse, row, *ours);
  for (const Rival *rival : {&summary.dense, &summary.sparse})
    if (rival->bar != 0.0)
      summary.bar += (summary.bar.empty() ? "" : ", ") +
                     format(">= %.4g x ", rival->bar) +
                     (rival == &summary.dense ? "dense" : "sparse");
  summary.metByMedian = judge(summary, &Rival::medianRatio);
  summary.metByMinimum = judge(summary, &Rival::minimumRatio);
  return summary;
}

SummaryRow spmmplu::bench::summarizeCost(const std::string &name,
                                         const std::string &measured,
                                         const std::string &bar, bool met) {
  SummaryRow row;
  row.name = name;
  row.ours = measured;
  row.bar = bar;
  row.metByMedian = row.metByMinimum = met;
  return row;
}

SummaryRow spmmplu::bench::failedRow(const std::string &name,
                                     const std::string &message, bool skipped) {
  SummaryRow row;
  row.name = name;
  row.failure = message;
  row.skipped = skipped;
  return row;
}

static std::string ratioText(const Rival &rival, double ratio) {
  return rival.name.empty() ? "-" : format("%.2f", ratio);
}

static std::string metText(std::optional<bool> met) {
  return met ? (*met ? "yes" : "no") : "-";
}

void spmmplu::bench::printSummary(std::ostream &out,
                                  std::span<const SummaryRow> rows) {
  constexpr size_t columns = 11;
  using Cells = std::array<std::string, columns>;
  std::vector<Cells> table{{"case", "ours", "best dense", "ratio", "by min",
                            "best sparse peer", "ratio", "by min", "bar",
                            "met?", "by min"}};
  auto orDash = [](const std::string &text) {
    return text.empty() ? std::string("-") : text;
  };
  for (const SummaryRow &row : rows) {
    if (!row.failure.empty())
      continue;
    const Rival &dense = row.dense, &sparse = row.sparse;
    table.push_back({row.name, row.ours, orDash(dense.name),
                     ratioText(dense, dense.medianRatio),
                     ratioText(dense, dense.minimumRatio), orDash(sparse.name),
                     ratioText(sparse, sparse.medianRatio),
                     ratioText(sparse, sparse.minimumRatio), orDash(row.bar),
                     metText(row.metByMedian), metText(row.metByMinimum)});
  }
  std::array<size_t, columns> widths{};
  for (const Cells &cells : table)
    for (size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  for (const Cells &cells : table) {
    for (size_t i = 0; i < columns; ++i)
      out << (i ? " | " : "") << cells[i]
          << std::string(i + 1 < columns ? widths[i] - cells[i].size() : 0,
                         ' ');
    out << "\n";
  }
  for (const SummaryRow &row : rows)
    if (!row.failure.empty())
      out << row.name << " | " << (row.skipped ? "skipped: " : "failed: ")
          << row.failure << "\n";
}

static void printRival(std::ostream &out, const char *key, const Rival &rival) {
  out << ", \"" << key << "\": ";
  if (rival.name.empty()) {
    out << "null";
    return;
  }
  out << "{\"name\": " << jsonText(rival.name)
      << ", \"ratio_median\": " << jsonNumber(rival.medianRatio)
      << ", \"ratio_min\": " << jsonNumber(rival.minimumRatio)
      << ", \"bar\": " << (rival.bar ? jsonNumber(rival.bar) : "null") << "}";
}

void spmmplu::bench::printJson(std::ostream &out, const SummaryRow &row) {
  auto met = [](std::optional<bool> value) {
    return value ? (*value ? "true" : "false") : "null";
  };
  out << "{\"name\": " << jsonText(row.name);
  if (!row.failure.empty()) {
    out << ", \"" << (row.skipped ? "skipped" : "failed")
        << "\": " << jsonText(row.failure) << "}";
    return;
  }
  out << ", \"ours\": " << jsonText(row.ours);
  printRival(out, "best_dense", row.dense);
  printRival(out, "best_sparse", row.sparse);
  out << ", \"bar\": " << jsonText(row.bar)
      << ", \"met_median\": " << met(row.metByMedian)
      << ", \"met_min\": " << met(row.metByMinimum) << "}";
}
