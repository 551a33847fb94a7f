//===- Report.cpp - What sparse-run prints --------------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace spmmplu;

using Json = nlohmann::ordered_json;

[[gnu::format(printf, 1, 2)]] static std::string format(const char *pattern,
                                                        ...) {
  va_list arguments, again;
  va_start(arguments, pattern);
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, pattern, arguments);
  va_end(arguments);
  std::string text(std::max(length, 0) + 1, '\0');
  std::vsnprintf(text.data(), text.size(), pattern, again);
  va_end(again);
  text.pop_back();
  return text;
}

static std::string join(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text.empty() ? "none" : text;
}

static std::string printBench(const std::vector<BenchRow> &rows) {
  std::string text =
      format("%-12s %12s %12s %9s %10s  %s\n", "bench", "median us", "min us",
             "spread %", "x sparse", "implementation");
  for (const BenchRow &row : rows) {
    if (!row.timing.runs) {
      text += format("%-12s %12s %12s %9s %10s  %s\n", row.name.c_str(), "n/a",
                     "n/a", "n/a", "n/a", row.implementation.c_str());
      continue;
    }
    double base = rows.front().timing.median;
    text += format("%-12s %12.2f %12.2f %9.1f %10.2f  %s\n", row.name.c_str(),
                   row.timing.median, row.timing.min, row.timing.spread,
                   base > 0 ? row.timing.median / base : 0.0,
                   row.implementation.c_str());
  }
  return text;
}

std::string spmmplu::printText(const Manifest &manifest,
                               const KernelSpec &kernel,
                               const RunReport &report) {
  std::string text = report.package + ": " + manifest.source + ", kernel for " +
                     kernel.target + " with " + join(kernel.features);
  for (const auto &[symbol, value] : report.binding)
    text += ", " + symbol + " = " + std::to_string(value);
  if (const auto &gpu = report.gpu)
    text += format(", %s on %s\nclock now %d MHz, at most %d MHz\n",
                   gpu->code.c_str(), gpu->name.c_str(), gpu->clockMhz,
                   gpu->maxClockMhz);
  else
    text += format(", %d thread%s\n", report.threads,
                   report.threads == 1 ? "" : "s");
  if (const auto &check = report.check)
    text +=
        format("check %s: relative error %.3g (Frobenius), largest error "
               "%.3g times the tolerance at [%lld, %lld]: found %.9g, "
               "expected %.9g\n",
               check->passed ? "passed" : "failed", check->relativeFrobenius,
               check->maxRatio, (long long)check->row, (long long)check->col,
               check->found, check->expected);
  if (!report.bench.empty())
    text += printBench(report.bench);
  return text;
}

std::string spmmplu::printJson(const Manifest &manifest,
                               const KernelSpec &kernel,
                               const RunReport &report) {
  Json json;
  json["package"] = report.package;
  json["source"] = manifest.source;
  json["target"] = kernel.target;
  json["features"] = kernel.features;
  if (const auto &gpu = report.gpu)
    json["gpu"] = {{"name", gpu->name},
                   {"code", gpu->code},
                   {"clockMhz", gpu->clockMhz ? Json(gpu->clockMhz) : Json()},
                   {"maxClockMhz", gpu->maxClockMhz}};
  else
    json["threads"] = report.threads;
  json["dims"] = Json::object();
  for (const auto &[symbol, value] : report.binding)
    json["dims"][symbol] = value;
  if (const auto &check = report.check) {
    Json &out = json["check"];
    out["passed"] = check->passed;
    out["relativeFrobenius"] = check->relativeFrobenius;
    out["maxRatio"] = check->maxRatio;
    out["worst"] = Json::array({check->row, check->col});
    out["found"] = check->found;
    out["expected"] = check->expected;
  }
  for (const BenchRow &row : report.bench) {
    Json out;
    bool measured = row.timing.runs > 0;
    out["name"] = row.name;
    out["implementation"] = row.implementation;
    out["medianUs"] = measured ? Json(row.timing.median) : Json();
    out["minUs"] = measured ? Json(row.timing.min) : Json();
    out["spreadPercent"] = measured ? Json(row.timing.spread) : Json();
    out["runs"] = row.timing.runs;
    json["bench"].push_back(std::move(out));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

static std::string printValue(const ReportValue &value) {
  struct Printer {
    std::string operator()(const std::string &text) const { return text; }
    std::string operator()(int64_t number) const {
      return std::to_string(number);
    }
    std::string operator()(double number) const {
      return format("%.6g", number);
    }
    std::string operator()(bool truth) const {
      return truth ? "true" : "false";
    }
  };
  return std::visit(Printer{}, value);
}

static std::string printTensors(const char *what,
                                const std::vector<TensorSpec> &specs) {
  std::string text;
  for (const TensorSpec &spec : specs)
    text += format("%-10s %s %s %s\n", what, spec.name.c_str(),
                   std::string(name(spec.dtype)).c_str(),
                   shapeToString(spec.shape).c_str());
  return text;
}

std::string spmmplu::printInfo(const std::string &path,
                               const Package &package) {
  const Manifest &manifest = package.manifest();
  std::string text =
      format("package    %s\nsource     %s\nproducer   %s\n", path.c_str(),
             manifest.source.c_str(), manifest.producer.c_str());
  text += printTensors("input", manifest.program.inputs);
  text += printTensors("output", manifest.program.outputs);
  for (const KernelSpec &kernel : manifest.kernels)
    text += format("kernel     %s, needs %s\n", kernel.target.c_str(),
                   join(kernel.features).c_str());
  for (const MatrixSpec &matrix : manifest.matrices)
    text += format(
        "matrix     %s [%lld, %lld] %s, density %.4g, panels of %lld "
        "by %lld%s\n",
        matrix.name.c_str(), (long long)matrix.rows, (long long)matrix.cols,
        matrix.pattern.c_str(), matrix.density, (long long)matrix.panel,
        (long long)matrix.depth, matrix.deferred ? ", values set later" : "");
  uint64_t bytes = 0;
  for (const SafetensorsEntry &entry : package.tensors().entries())
    bytes += entry.end - entry.begin;
  text += format("tensors    %zu, %llu bytes\n",
                 package.tensors().entries().size(), (unsigned long long)bytes);
  for (const auto &[key, value] : manifest.report)
    text += "report     " + key + ": " + printValue(value) + "\n";
  return text;
}
