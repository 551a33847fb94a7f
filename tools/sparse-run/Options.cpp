//===- Options.cpp - The command line of sparse-run -----------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

using namespace spmmplu;

namespace {

/// Stores one option; an error says what is wrong with the value.
using Setter = Status (*)(RunOptions &, std::string_view value);

struct Option {
  std::string_view name;
  std::string_view value; ///< how --help writes it; empty: takes none
  std::string_view help;
  Setter set;
};

} // namespace

template <typename T>
static Status parseNumber(std::string_view text, T least, T most,
                          std::string_view what, T &out) {
  T value{};
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= least && value <= most))
    return Error{"found '" + std::string(text) + "', expected " +
                 std::string(what)};
  out = value;
  return Success{};
}

static Status setDim(RunOptions &options, std::string_view symbol,
                     std::string_view value) {
  int64_t extent = 0;
  if (Status status =
          parseNumber<int64_t>(value, 0, std::numeric_limits<int64_t>::max(),
                               "an extent such as 37", extent);
      !status)
    return status;
  auto [it, inserted] = options.dims.emplace(symbol, extent);
  if (!inserted && it->second != extent)
    return Error{"symbol '" + it->first + "' is already " +
                 std::to_string(it->second)};
  return Success{};
}

/// "name=path" or "path".
static Status addFile(std::vector<TensorFile> &files, std::string_view value) {
  size_t equals = value.find('=');
  bool named = equals != std::string_view::npos;
  TensorFile file{std::string(named ? value.substr(0, equals) : ""),
                  std::string(named ? value.substr(equals + 1) : value)};
  if (file.path.empty() || (named && file.tensor.empty()))
    return Error{"found '" + std::string(value) +
                 "', expected a path or name=path"};
  files.push_back(std::move(file));
  return Success{};
}

template <bool RunOptions::*flag>
static Status setFlag(RunOptions &options, std::string_view) {
  options.*flag = true;
  return Success{};
}

static constexpr Option optionTable[] = {
    {"cols", "N", "columns of the right-hand side; the same as --dim n=N",
     [](RunOptions &options, std::string_view value) {
       return setDim(options, "n", value);
     }},
    {"dim", "SYMBOL=N", "value of a symbol in the program's shapes",
     [](RunOptions &options, std::string_view value) -> Status {
       size_t equals = value.find('=');
       if (equals == std::string_view::npos || equals == 0)
         return Error{"found '" + std::string(value) +
                      "', expected a value such as n=37"};
       return setDim(options, value.substr(0, equals),
                     value.substr(equals + 1));
     }},
    {"input", "[NAME=]PATH",
     "read an input (.npy, .safetensors, .mtx, .smtx); without\n"
     "a name the next one; others are random in [-1, 1)",
     [](RunOptions &options, std::string_view value) {
       return addFile(options.inputs, value);
     }},
    {"output", "[NAME=]PATH",
     "write an output (.npy, .safetensors) if all succeeded",
     [](RunOptions &options, std::string_view value) {
       return addFile(options.outputs, value);
     }},
    {"matrix", "[NAME=]PATH",
     "replace a matrix's values by those of a dense file that\n"
     "obeys its pattern; those the package lacks are random",
     [](RunOptions &options, std::string_view value) {
       return addFile(options.matrices, value);
     }},
    {"check", "",
     "compare the output with an f64 reference made from the\n"
     "package's tables; exit code 1 if beyond the tolerance",
     setFlag<&RunOptions::check>},
    {"bench", "",
     "measure time, with dense products beside it; on a GPU\n"
     "by its own clock, with its L2 cache flushed",
     setFlag<&RunOptions::bench>},
    {"bench-time", "SECONDS", "time for each measurement (default 1)",
     [](RunOptions &options, std::string_view value) {
       return parseNumber<double>(value, 0, 3600, "seconds from 0 to 3600",
                                  options.benchSeconds);
     }},
    {"device", "DEVICE",
     "auto, cpu or cuda; auto takes the first kernel of the\n"
     "package that this machine can run",
     [](RunOptions &options, std::string_view value) -> Status {
       std::optional<DeviceKind> device = parseDeviceKind(value);
       if (!device)
         return Error{"found '" + std::string(value) +
                      "', expected auto, cpu or cuda"};
       options.device = *device;
       return Success{};
     }},
    {"threads", "N", "OpenMP threads (default: OpenMP's)",
     [](RunOptions &options, std::string_view value) {
       return parseNumber<int64_t>(value, 1, 4096, "a number from 1 to 4096",
                                   options.threads);
     }},
    {"seed", "N", "seed of random inputs (default 0)",
     [](RunOptions &options, std::string_view value) {
       return parseNumber<int64_t>(
           value, 0, std::numeric_limits<int64_t>::max(),
           "a number that is not negative", options.seed);
     }},
    {"info", "", "print what the package says about itself and stop",
     setFlag<&RunOptions::info>},
    {"json", "", "print results as one JSON object",
     setFlag<&RunOptions::json>},
    {"help", "", "print this text and stop", setFlag<&RunOptions::help>},
};

static size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t substituted = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

static Error unknownOption(std::string_view name) {
  // Longer than any option: not a misspelling, and not worth the comparison.
  constexpr size_t longest = 32;
  std::string message =
      "unknown option '--" + std::string(name.substr(0, longest)) + "'";
  if (name.size() > longest)
    return Error{message};
  auto nearer = [&](const Option &a, const Option &b) {
    return editDistance(name, a.name) < editDistance(name, b.name);
  };
  const Option &best =
      *std::min_element(std::begin(optionTable), std::end(optionTable), nearer);
  if (editDistance(name, best.name) <= 2)
    message += ", did you mean '--" + std::string(best.name) + "'?";
  else
    message += ", see --help";
  return Error{message};
}

/// Reads the option at `arguments[index]`, and its value from the next
/// argument where it is not behind '='.
static Status parseOption(std::span<const char *const> arguments, size_t &index,
                          RunOptions &options) {
  std::string_view text = std::string_view(arguments[index]).substr(2);
  size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals);
  const Option *option =
      std::find_if(std::begin(optionTable), std::end(optionTable),
                   [&](const Option &o) { return o.name == name; });
  if (option == std::end(optionTable))
    return unknownOption(name);
  std::string label = "option '--" + std::string(name) + "'";
  std::string_view value;
  if (equals != std::string_view::npos) {
    if (option->value.empty())
      return Error{label + " takes no value"};
    value = text.substr(equals + 1);
  } else if (!option->value.empty()) {
    if (index + 1 == arguments.size())
      return Error{label + " needs a value: --" + std::string(name) + "=" +
                   std::string(option->value)};
    value = arguments[++index];
  }
  if (Status status = option->set(options, value); !status)
    return Error{label + ": " + status.error()};
  return Success{};
}

Result<RunOptions>
spmmplu::parseOptions(std::span<const char *const> arguments) {
  RunOptions options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (text.starts_with("--")) {
      if (Status status = parseOption(arguments, i, options); !status)
        return Error{status.error()};
    } else if (text.size() > 1 && text[0] == '-') {
      return Error{"unknown option '" + std::string(text) +
                   "', options start with '--'"};
    } else if (!options.package.empty()) {
      return Error{"found a second package '" + std::string(text) +
                   "', expected one"};
    } else {
      options.package = text;
    }
  }
  if (options.package.empty() && !options.help)
    return Error{"no package given, see --help"};
  return options;
}

std::string spmmplu::helpText() {
  std::string text = "usage: sparse-run PACKAGE [options]\n\n"
                     "Runs a package that sparse-compile wrote.\n\n"
                     "options (--name=VALUE or --name VALUE):\n";
  constexpr size_t column = 24;
  for (const Option &option : optionTable) {
    std::string left = "  --" + std::string(option.name);
    if (!option.value.empty())
      left += "=" + std::string(option.value);
    left.resize(std::max(left.size() + 1, column), ' ');
    text += left;
    for (char c : option.help)
      text += c == '\n' ? "\n" + std::string(column, ' ') : std::string(1, c);
    text += '\n';
  }
  return text + "\nexit codes: 0 success, 1 the check failed, 2 bad usage or "
                "input\n";
}
