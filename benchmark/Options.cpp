//===- Options.cpp - spmmplu-bench's command line -------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <charconv>
#include <cstdlib>
#include <regex.h>
#include <string_view>

using namespace spmmplu;
using namespace spmmplu::bench;

const char *const spmmplu::bench::kUsage =
    R"(usage: spmmplu-bench [options]

Runs the project's cases: this compiler and other libraries side by side in one
process, every result checked against double precision. Prints a table a case
and at the end which bars are met.

what:
  --cases=REGEX      cases whose name has a match (default all)
  --peers=REGEX      peers whose name has a match (default all)
  --list             list the cases and exit
  --threads=1|2|...  for all peers, and given to the compiler (default 1)
how long:
  --quick            0.05 s a peer and one compile; else 0.3 s and three
  --seconds=S        least time for each peer
where things are:
  --compiler=PATH    sparse-compile (default: beside this program)
  --lyra=PATH        gru_layer.npy (default: ../shared/data/lyra, seen from the
                     repository)
  --mkl=PATH         libmkl_rt.so.N (default: $SPMMPLU_MKL, else the loader's
                     path)
  --mlir-builder=PATH
                     build_mlir_peer.sh (default: that of the repository);
                     'none' leaves upstream MLIR out
output:
  --json=FILE        all numbers
  --help

exit code: 0, whether bars are met or not; 1 if a case failed or one of our
results is wrong; 2 if the command line is not valid
)";

template <typename T>
static bool parseNumber(std::string_view text, T &value, T least, T most) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() &&
         value >= least && value <= most;
}

Result<bool> spmmplu::bench::matches(const std::string &expression,
                                     const std::string &text) {
  if (expression.empty())
    return true;
  regex_t compiled;
  if (regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
    return Error{"'" + expression + "' is no regular expression"};
  bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

/// A flag without a value.
static bool parseFlag(std::string_view text, Options &options) {
  if (text == "--list")
    return options.list = true;
  if (text == "--help" || text == "-h")
    return options.help = true;
  return text == "--quick" && (options.quick = true);
}

static bool parseValue(std::string_view name, const std::string &value,
                       Options &options) {
  if (name == "--threads")
    return parseNumber(value, options.threads, 1, 1024);
  if (name == "--seconds")
    return parseNumber(value, options.timing.minSeconds, 0.0, 3600.0);
  std::string *target = name == "--cases"   ? &options.cases
                        : name == "--peers" ? &options.peers
                        : name == "--json"  ? &options.jsonPath
                        : name == "--lyra"  ? &options.lyraPath
                        : name == "--compiler"
                            ? &options.peerOptions.compilerPath
                        : name == "--mkl" ? &options.peerOptions.mklPath
                        : name == "--mlir-builder" ? &options.mlirBuilder
                                                   : nullptr;
  if (!target || value.empty())
    return false;
  *target = value;
  return true;
}

Result<Options> spmmplu::bench::parseOptions(int argc, char **argv) {
  Options options;
  std::string source = SPMMPLU_SOURCE_DIR;
  options.lyraPath = source + "/../shared/data/lyra/gru_layer.npy";
  options.mlirBuilder = source + "/benchmark/Peers/build_mlir_peer.sh";
  if (const char *path = std::getenv("SPMMPLU_MKL"))
    options.peerOptions.mklPath = path;
  // First: --seconds overrides it, wherever it stands.
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--quick") {
      options.timing.minSeconds = 0.05;
      options.timing.minIterations = 3;
      options.timing.maxSeconds = 1.0;
    }
  for (int i = 1; i < argc; ++i) {
    std::string text = argv[i];
    if (parseFlag(text, options))
      continue;
    size_t equals = text.find('=');
    if (equals == std::string::npos ||
        !parseValue(std::string_view(text).substr(0, equals),
                    text.substr(equals + 1), options))
      return Error{"'" + text + "' is no valid option, see --help"};
  }
  for (const std::string &expression : {options.cases, options.peers})
    if (Result<bool> valid = matches(expression, ""); !valid)
      return Error{valid.error()};
  if (options.mlirBuilder == "none")
    options.mlirBuilder.clear();
  return options;
}
