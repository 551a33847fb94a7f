//===- Tuning.cpp - Measured times that correct the model ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Tuning.h"

#include "CostModel.h"

#include <charconv>
#include <cmath>
#include <optional>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

//===----------------------------------------------------------------------===//
// Words and lines
//===----------------------------------------------------------------------===//

/// Takes what precedes the next `separator` off `text`.
static std::string_view take(std::string_view &text, char separator) {
  size_t end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return part;
}

template <typename T>
static std::optional<T> parseNumber(std::string_view text) {
  T value{};
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

namespace {

struct Field {
  std::string_view name;
  int64_t Strategy::*value;
  int64_t least;
};

} // namespace

static constexpr Field kFields[] = {
    {"rows", &Strategy::rows, 1},       {"depth", &Strategy::depth, 1},
    {"vectors", &Strategy::vectors, 1}, {"phase", &Strategy::phase, 0},
    {"tasks", &Strategy::tasks, 1},     {"step", &Strategy::step, 0},
    {"stages", &Strategy::stages, 0},   {"warps_i", &Strategy::warpsI, 1},
    {"warps_j", &Strategy::warpsJ, 1},  {"split", &Strategy::split, 1},
    {"panels", &Strategy::panels, 1},   {"cluster", &Strategy::cluster, 1},
};

std::string mlir::spmmplu::toWords(const Strategy &strategy) {
  std::string text = "intrinsic=" + std::string(strategy.intrinsic->name);
  for (const Field &field : kFields)
    text += " " + std::string(field.name) + "=" +
            std::to_string(strategy.*field.value);
  return text + " pack_rhs=" + (strategy.packRhs ? "1" : "0");
}

static Result<Strategy> fail(std::string_view word, std::string_view wanted) {
  return Error{"found '" + std::string(word) + "', expected " +
               std::string(wanted)};
}

Result<Strategy> mlir::spmmplu::fromWords(std::string_view words) {
  Strategy strategy;
  while (!words.empty()) {
    std::string_view word = take(words, ' '), value = word;
    std::string_view key = take(value, '=');
    if (key == "intrinsic") {
      strategy.intrinsic = lookupIntrinsic(value);
      if (!strategy.intrinsic)
        return fail(word, "the name of an intrinsic");
      continue;
    }
    auto number = parseNumber<int64_t>(value);
    if (key == "pack_rhs") {
      if (!number || *number < 0 || *number > 1)
        return fail(word, "0 or 1");
      strategy.packRhs = *number;
      continue;
    }
    const Field *field = nullptr;
    for (const Field &each : kFields)
      if (each.name == key)
        field = &each;
    if (!field)
      return fail(word, "a field of a strategy");
    constexpr int64_t kMost = int64_t(1) << 31;
    if (!number || *number < field->least || *number >= kMost)
      return fail(word, "a number of at least " + std::to_string(field->least));
    strategy.*field->value = *number;
  }
  if (!strategy.intrinsic)
    return Error{"found no intrinsic, expected one"};
  return strategy;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static constexpr std::string_view kHeader = "spmmplu tuning 1";

const std::vector<TunedStrategy> *Tuning::find(const std::string &key) const {
  auto found = problems.find(key);
  return found == problems.end() || found->second.empty() ? nullptr
                                                          : &found->second;
}

void Tuning::merge(const Tuning &other) {
  for (const auto &[key, strategies] : other.problems)
    problems[key] = strategies;
}

/// Adds what a line says. The message of an error has no line number yet.
static ::spmmplu::Status addLine(std::string_view line, Tuning &tuning,
                                 std::vector<TunedStrategy> *&problem) {
  std::string_view rest = line, key = take(rest, ' ');
  if (key == "problem" && !rest.empty()) {
    problem = &tuning.problems[std::string(rest)];
    problem->clear();
    return ::spmmplu::Success{};
  }
  if (key == "strategy" && problem) {
    auto strategy = fromWords(rest);
    if (!strategy)
      return Error{strategy.error()};
    problem->push_back({*strategy, {}});
    return ::spmmplu::Success{};
  }
  if (key == "time" && problem && !problem->empty()) {
    auto n = parseNumber<int64_t>(take(rest, ' '));
    auto micros = parseNumber<double>(rest);
    if (n && micros && *n > 0 && *micros > 0 && std::isfinite(*micros)) {
      problem->back().micros[*n] = *micros;
      return ::spmmplu::Success{};
    }
  }
  return Error{"found '" + std::string(line) +
               "', expected 'problem ...', 'strategy key=value...' after it, "
               "or 'time N us' after that"};
}

Result<Tuning> Tuning::parse(std::string_view text) {
  Tuning tuning;
  std::vector<TunedStrategy> *problem = nullptr;
  for (int64_t number = 1; !text.empty(); ++number) {
    std::string_view line = take(text, '\n');
    if (number == 1) {
      if (line != kHeader)
        return Error{"line 1: found '" + std::string(line.substr(0, 40)) +
                     "', expected '" + std::string(kHeader) + "'"};
      continue;
    }
    if (line.empty())
      continue;
    if (auto status = addLine(line, tuning, problem); !status)
      return Error{"line " + std::to_string(number) + ": " + status.error()};
  }
  // What has no time says nothing.
  for (auto &[key, strategies] : tuning.problems)
    std::erase_if(strategies, [](const TunedStrategy &each) {
      return each.micros.empty();
    });
  return tuning;
}

std::string Tuning::print() const {
  std::string text = std::string(kHeader) + "\n";
  for (const auto &[key, strategies] : problems) {
    text += "problem " + key + "\n";
    for (const TunedStrategy &each : strategies) {
      text += "strategy " + toWords(each.strategy) + "\n";
      for (auto [n, micros] : each.micros)
        text +=
            "time " + std::to_string(n) + " " + std::to_string(micros) + "\n";
    }
  }
  return text;
}

//===----------------------------------------------------------------------===//
// Use
//===----------------------------------------------------------------------===//

/// FNV-1a over the bits.
static uint64_t hash(const Mask &mask) {
  uint64_t value = 0xcbf29ce484222325;
  for (int64_t row = 0; row < mask.rows(); ++row)
    for (uint64_t word : mask.row(row))
      value = (value ^ word) * 0x100000001b3;
  return value;
}

std::string mlir::spmmplu::getProblemKey(const Target &target,
                                         const ProductProblem &problem) {
  char digits[17] = {};
  std::to_chars(digits, digits + 16, hash(*problem.mask), 16);
  std::string n = problem.n ? std::to_string(*problem.n) : "?";
  return std::to_string(problem.m) + "x" + n + "x" + std::to_string(problem.k) +
         " " + std::string(getName(problem.element)) + " threads " +
         std::to_string(problem.threads) + " mask " + digits + " target " +
         target.name;
}

double
mlir::spmmplu::getCorrection(const TunedStrategy &tuned, int64_t n,
                             const std::function<double(int64_t)> &predicted) {
  auto ratio = [&](auto at) { return at->second / predicted(at->first); };
  auto after = tuned.micros.lower_bound(n);
  if (after == tuned.micros.end())
    return ratio(std::prev(after));
  if (after == tuned.micros.begin() || after->first == n)
    return ratio(after);
  auto before = std::prev(after);
  double part = std::log(double(n) / double(before->first)) /
                std::log(double(after->first) / double(before->first));
  return ratio(before) + part * (ratio(after) - ratio(before));
}
