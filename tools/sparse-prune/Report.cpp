//===- Report.cpp - The report of sparse-prune ----------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace mlir::spmmplu {

//===----------------------------------------------------------------------===//
// Report
//===----------------------------------------------------------------------===//

static std::string percent(double part) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.2f", 100 * part);
  return buffer;
}

std::string alignCells(const std::vector<std::vector<std::string>> &rows) {
  std::vector<size_t> widths(rows[0].size(), 0);
  for (const auto &row : rows)
    for (size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const auto &row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      std::string gap(widths[c] - row[c].size(), ' ');
      text += (c ? "  " : "") + (c ? gap + row[c] : row[c] + gap);
    }
    text += '\n';
  }
  return text;
}

static LayerReport meanOf(const std::vector<LayerReport> &reports) {
  LayerReport mean;
  double part = 1 / double(reports.size());
  for (const LayerReport &report : reports) {
    mean.density += report.density * part;
    mean.unpermuted += report.unpermuted * part;
    mean.outputOnly += report.outputOnly * part;
    mean.retained += report.retained * part;
    mean.unstructured += report.unstructured * part;
    mean.seconds += report.seconds;
  }
  return mean;
}

static std::vector<std::string> cellsOf(const PruneOptions &options,
                                        const LayerReport &report,
                                        const std::string &name,
                                        const std::string &shape) {
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f", report.seconds);
  std::vector<std::string> cells = {name, shape, percent(1 - report.density),
                                    percent(report.unpermuted)};
  if (options.permutes()) {
    cells.push_back(percent(report.outputOnly));
    cells.push_back(percent(report.retained));
  }
  cells.push_back(percent(report.unstructured));
  cells.push_back(seconds);
  return cells;
}

std::string printTable(const PruneOptions &options,
                       const std::vector<LayerReport> &reports) {
  std::vector<std::string> header = {"layer", "shape", "zeros", "retained"};
  if (options.permutes())
    header.insert(header.end(), {"rows permuted", "permuted"});
  header.insert(header.end(), {"unstructured", "seconds"});
  std::vector<std::vector<std::string>> rows = {header};
  for (const LayerReport &report : reports)
    rows.push_back(cellsOf(options, report, report.name,
                           std::to_string(report.rows) + "x" +
                               std::to_string(report.cols)));
  if (reports.size() > 1)
    rows.push_back(cellsOf(options, meanOf(reports), "mean", ""));
  return options.pattern->str() + ", saliency retained in %" +
         (options.permutes() ? " without and with a permutation"
                             : std::string()) +
         ":\n" + alignCells(rows);
}

std::string printJson(const PruneOptions &options,
                      const std::vector<LayerReport> &reports) {
  // Names come from a file that was checked to be UTF-8.
  nlohmann::ordered_json root;
  root["pattern"] = options.pattern->str();
  root["layers"] = nlohmann::ordered_json::array();
  for (const LayerReport &report : reports) {
    nlohmann::ordered_json layer;
    layer["name"] = report.name;
    layer["rows"] = report.rows;
    layer["cols"] = report.cols;
    layer["density"] = report.density;
    layer["unpermuted"] = report.unpermuted;
    layer["rowsPermuted"] = report.outputOnly;
    layer["retained"] = report.retained;
    layer["unstructured"] = report.unstructured;
    layer["relativeError"] = report.relativeError;
    layer["seconds"] = report.seconds;
    root["layers"].push_back(std::move(layer));
  }
  return root.dump(2) + "\n";
}

//===----------------------------------------------------------------------===//
// Progress
//===----------------------------------------------------------------------===//

ProgressBar::ProgressBar(size_t layers)
    : layers(layers), isTerminal(isatty(STDERR_FILENO)) {}

ProgressBar::~ProgressBar() {
  if (isShown)
    std::fputs("\r\033[K", stderr);
}

void ProgressBar::show(size_t layer, const std::string &name, double fraction) {
  auto now = std::chrono::steady_clock::now();
  if (!isTerminal || (isShown && now - last < std::chrono::milliseconds(100)))
    return;
  last = now;
  isShown = true;
  constexpr int width = 30;
  double done = (double(layer) + fraction) / double(layers);
  std::string bar(size_t(done * width), '#');
  bar.resize(width, '.');
  // The end of a name tells layers apart.
  std::string shown = name.size() > 40 ? name.substr(name.size() - 40) : name;
  std::fprintf(stderr, "\r\033[K[%s] %zu/%zu %s", bar.c_str(), layer + 1,
               layers, shown.c_str());
}

} // namespace mlir::spmmplu
