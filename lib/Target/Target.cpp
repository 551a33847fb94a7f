//===- Target.cpp - Tables of machines -------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Target/Target.h"

#include "GpuTargets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

//===----------------------------------------------------------------------===//
// The rows
//===----------------------------------------------------------------------===//

static IntrinsicRate rate(std::string_view name, double gflops) {
  return {lookupIntrinsic(name), gflops};
}

/// The rates of two ports that each start an operation a cycle. Narrow types
/// are widened and multiplied in f32; what widening costs is the model's.
static std::vector<IntrinsicRate> vectorRates(std::string_view set,
                                              double f32Gflops) {
  std::vector<IntrinsicRate> rates;
  for (const Intrinsic &intrinsic : listIntrinsics())
    if (intrinsic.unit == IntrinsicUnit::VectorFma &&
        intrinsic.name.starts_with(set))
      rates.push_back({&intrinsic, intrinsic.input == Element::F64
                                       ? f32Gflops / 2
                                       : f32Gflops});
  return rates;
}

// The baselines are round figures of common servers, from public manuals: a
// program compiled for them runs on machines that are not known here.
static std::vector<Target> makeRows() {
  Target v3;
  v3.name = "x86-64-v3";
  v3.clockGhz = 3.0;
  v3.rates = vectorRates("avx2", 96);
  v3.l1Kib = 32, v3.l1Gbps = 150;
  v3.l2Kib = 512, v3.l2Gbps = 75;
  v3.l3Kib = 16 * 1024, v3.l3Gbps = {25, 150};
  v3.dramGbps = {12, 60};
  v3.cores = 8;
  v3.launchMicros = 4;

  Target v4;
  v4.name = "x86-64-v4";
  v4.clockGhz = 2.4;
  v4.rates = vectorRates("avx512", 153.6);
  v4.l1Kib = 32, v4.l1Gbps = 210;
  v4.l2Kib = 1024, v4.l2Gbps = 110;
  v4.l3Kib = 24 * 1024, v4.l3Gbps = {20, 140};
  v4.dramGbps = {11, 80};
  v4.cores = 8;
  v4.launchMicros = 4;

  // GFLOP/s in f32 and bf16 and all bandwidths were measured on two cores. The
  // clock follows from the f32 rate. L3 is a processor's of that name, and the
  // launch an estimate.
  Target sapphireRapids;
  sapphireRapids.name = "sapphirerapids";
  sapphireRapids.clockGhz = 2.1;
  sapphireRapids.rates = vectorRates("avx512", 135);
  sapphireRapids.rates.push_back(rate("amx-bf16", 2144));
  sapphireRapids.l1Kib = 48, sapphireRapids.l1Gbps = 184;
  sapphireRapids.l2Kib = 2048, sapphireRapids.l2Gbps = 124;
  sapphireRapids.l3Kib = 105 * 1024, sapphireRapids.l3Gbps = {28, 55};
  sapphireRapids.dramGbps = {11, 21};
  sapphireRapids.cores = 2;
  sapphireRapids.launchMicros = 4;
  std::vector<Target> rows = {v3, v4, sapphireRapids};
  for (Target &gpu : makeGpuRows())
    rows.push_back(std::move(gpu));
  return rows;
}

static const std::vector<Target> &rows() {
  static const std::vector<Target> table = makeRows();
  return table;
}

const Target *mlir::spmmplu::lookupTargetRow(std::string_view name) {
  for (const Target &row : rows())
    if (row.name == name)
      return &row;
  return nullptr;
}

std::vector<std::string_view> mlir::spmmplu::listTargets() {
  std::vector<std::string_view> names = {"host"};
  for (const Target &row : rows())
    names.push_back(row.name);
  return names;
}

//===----------------------------------------------------------------------===//
// Derived figures
//===----------------------------------------------------------------------===//

double Target::gflops(const Intrinsic &intrinsic) const {
  for (const IntrinsicRate &rate : rates)
    if (rate.intrinsic == &intrinsic)
      return rate.gflops;
  return 0;
}

double Target::cyclesPerOperation(const Intrinsic &intrinsic) const {
  double flops = 2.0 * double(intrinsic.i * intrinsic.j * intrinsic.k);
  return flops * clockGhz / gflops(intrinsic);
}

static bool hasFeature(const Intrinsic &intrinsic, std::string_view feature) {
  std::string_view rest = intrinsic.features;
  while (!rest.empty()) {
    size_t comma = std::min(rest.find(','), rest.size());
    if (rest.substr(0, comma) == feature)
      return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

std::string_view Target::llvmCpu() const {
  if (kind == TargetKind::Gpu)
    return name;
  bool wide = std::ranges::any_of(rates, [](const IntrinsicRate &rate) {
    return hasFeature(*rate.intrinsic, "avx512f");
  });
  return wide ? "x86-64-v4" : "x86-64-v3";
}

std::vector<std::string> Target::features() const {
  // The PTX version that ordered metadata needs, or the chip itself.
  if (kind == TargetKind::Gpu)
    return {name == "sm_120a"   ? "+ptx87"
            : name == "sm_100a" ? "+ptx86"
                                : "+ptx85"};
  std::vector<std::string> list;
  for (const IntrinsicRate &rate : rates) {
    std::string_view rest = rate.intrinsic->features;
    while (!rest.empty()) {
      size_t comma = std::min(rest.find(','), rest.size());
      std::string feature = "+" + std::string(rest.substr(0, comma));
      if (std::ranges::find(list, feature) == list.end())
        list.push_back(std::move(feature));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  // The baseline processor is tuned to avoid 512-bit vectors, which the
  // kernels are made of.
  if (llvmCpu() == "x86-64-v4")
    list.push_back("-prefer-256-bit");
  return list;
}

/// A socket's shared levels saturate long before its last core.
static constexpr double kMaxScaling = 16;

void mlir::spmmplu::setCores(Target &target, int64_t cores) {
  if (target.kind == TargetKind::Gpu) {
    target.cores = cores;
    return;
  }
  for (SharedFigure *figure : {&target.l3Gbps, &target.dramGbps}) {
    // What each further core added on the row's machine.
    double step = target.cores > 1
                      ? (figure->all - figure->one) / (target.cores - 1)
                      : figure->one;
    figure->all = std::clamp(figure->one + step * double(cores - 1),
                             figure->one, kMaxScaling * figure->one);
  }
  target.cores = cores;
}

void mlir::spmmplu::setClock(Target &target, double clockGhz) {
  double ratio = clockGhz / target.clockGhz;
  for (IntrinsicRate &rate : target.rates)
    rate.gflops *= ratio;
  target.l1Gbps *= ratio;
  target.l2Gbps *= ratio;
  target.clockGhz = clockGhz;
}

//===----------------------------------------------------------------------===//
// The text form
//===----------------------------------------------------------------------===//

/// A key of the text form, and what its value replaces.
struct TargetKey {
  std::string_view name;
  void (*set)(Target &, double);
  double limit; ///< largest value
};

static void setShared(SharedFigure &figure, double one) {
  if (figure.one > 0)
    figure.all *= one / figure.one;
  figure.one = one;
}

static void setMemory(Target &target, double gbps) {
  if (target.kind == TargetKind::Gpu)
    target.dramGbps.all = gbps;
  else
    setShared(target.dramGbps, gbps);
}

// The limits keep every sum of the model finite.
static constexpr double kMaxKib = 1 << 30, kMaxRate = 1e6;
static constexpr std::array kKeys = {
    TargetKey{"cores", [](Target &t, double v) { setCores(t, int64_t(v)); },
              4096},
    TargetKey{"l1", [](Target &t, double v) { t.l1Kib = v; }, kMaxKib},
    TargetKey{"l2", [](Target &t, double v) { t.l2Kib = v; }, kMaxKib},
    TargetKey{"l3", [](Target &t, double v) { t.l3Kib = v; }, kMaxKib},
    TargetKey{"clock", [](Target &t, double v) { setClock(t, v); }, 100},
    TargetKey{"launch", [](Target &t, double v) { t.launchMicros = v; },
              kMaxRate},
    TargetKey{"l1-gbps", [](Target &t, double v) { t.l1Gbps = v; }, kMaxRate},
    TargetKey{"l2-gbps", [](Target &t, double v) { t.l2Gbps = v; }, kMaxRate},
    TargetKey{"l3-gbps", [](Target &t, double v) { setShared(t.l3Gbps, v); },
              kMaxRate},
    TargetKey{"dram-gbps", [](Target &t, double v) { setMemory(t, v); },
              kMaxRate},
    TargetKey{"shared", [](Target &t, double v) { t.sharedKib = v; }, kMaxKib},
    TargetKey{"registers",
              [](Target &t, double v) { t.registers = int64_t(v); }, 1 << 24},
};

/// Single-character insertions, removals and changes from `a` to `b`.
static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      size_t change = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// "...; did you mean 'x'?" for a near miss, else all that is known.
static std::string suggest(std::string_view found,
                           const std::vector<std::string_view> &known) {
  std::string all;
  std::string_view nearest;
  size_t best = found.size() / 3 + 2;
  for (std::string_view name : known) {
    all += (all.empty() ? "" : ", ") + std::string(name);
    // Long texts are no near miss, and the distance is quadratic.
    if (found.size() > 2 * name.size())
      continue;
    if (size_t distance = editDistance(found, name); distance < best) {
      best = distance;
      nearest = name;
    }
  }
  if (!nearest.empty())
    return "; did you mean '" + std::string(nearest) + "'?";
  return ", expected one of " + all;
}

static std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\n\r";
  size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// Cuts off and returns the text up to the next comma.
static std::string_view nextField(std::string_view &rest) {
  size_t comma = rest.find(',');
  std::string_view field = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  return trim(field);
}

/// Replaces one figure by a field `key=value`.
static ::spmmplu::Status applyField(Target &target, std::string_view field) {
  auto fail = [&](std::string what) -> ::spmmplu::Status {
    return Error{"target '" + target.name + "': " + std::move(what)};
  };
  size_t equals = field.find('=');
  if (equals == std::string_view::npos)
    return fail("found '" + std::string(field) + "', expected key=value");
  std::string_view name = trim(field.substr(0, equals));
  std::string_view text = trim(field.substr(equals + 1));
  auto key = std::ranges::find(kKeys, name, &TargetKey::name);
  if (key == kKeys.end()) {
    std::vector<std::string_view> known;
    for (const TargetKey &each : kKeys)
      known.push_back(each.name);
    return fail("unknown key '" + std::string(name) + "'" +
                suggest(name, known));
  }
  double value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  bool isNumber = error == std::errc() && end == text.data() + text.size();
  bool mustBeWhole = key->name == "cores" || key->name == "registers";
  double least = mustBeWhole ? 1 : 1e-3;
  if (!isNumber || !(value >= least) || !(value <= key->limit) ||
      (mustBeWhole && value != std::floor(value)))
    return fail("found " + std::string(name) + " = '" + std::string(text) +
                "', expected a positive " +
                (mustBeWhole ? "integer" : "number") + " of at most " +
                std::to_string(int64_t(key->limit)));
  key->set(target, value);
  return ::spmmplu::Success{};
}

Result<Target> mlir::spmmplu::lookupTarget(std::string_view text) {
  std::string_view rest = text;
  bool hasFields = text.find(',') != std::string_view::npos;
  std::string_view name = nextField(rest);
  Result<Target> target = Target();
  if (name == "host")
    target = detectHost();
  else if (const Target *row = lookupTargetRow(name))
    target = *row;
  else
    return Error{"unknown target '" + std::string(name) + "'" +
                 suggest(name, listTargets())};
  if (!target)
    return target;
  while (hasFields) {
    hasFields = rest.find(',') != std::string_view::npos;
    if (auto status = applyField(*target, nextField(rest)); !status)
      return Error{status.error()};
  }
  return target;
}
