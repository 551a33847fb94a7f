//===- PeersMain.cpp - Times the peers on one problem ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness/Check.h"
#include "Harness/Comparison.h"
#include "Harness/Threads.h"

#include <charconv>
#include <iostream>
#include <optional>
#include <string_view>

using namespace spmmplu;
using namespace spmmplu::bench;

static constexpr const char *kUsage =
    R"(usage: spmmplu-bench-peers --m=M --k=K --n=N [options]

Times this and other libraries on one problem, side by side in one process, and
checks every result against double precision. Weights stay hot in the caches.

problem:
  --kind=spmm|sddmm|conv2d   Y = A B with sparse A (default), S = mask .* (A
                             B^T), or a convolution with sparse weights
  --m= --k= --n=             sizes of the product
  --conv=B,IC,H,W,OC,KH,KW,STRIDE,PAD
                             conv2d only, in place of the sizes
  --density=D                fraction of blocks kept (default 1)
  --block=RxC                blocks of the non-zeros (default 1x1)
  --dtype=f32|bf16           type of the inputs (default f32); f32 peers also
                             run on a bf16 problem
  --threads=T                (default 1)
  --seed=S                   (default 1)
peers:
  --peers=NAME,NAME...       only these (default all)
  --list                     list the peers and exit
  --mkl=PATH                 libmkl_rt.so.N (default: the loader's path)
  --mlir=PATH                library made by build_mlir_peer.sh
  --compiler=PATH            sparse-compile (default: beside this program)
output:
  --seconds=S                least time for each peer (default 0.3)
  --json                     JSON in place of the table
  --help

exit code: 0; 1 if a result is wrong (relative error above 1e-4); 2 if the
command line or the problem is not valid
)";

namespace {

struct Arguments {
  CaseSpec spec;
  PeerOptions peers;
  TimingOptions timing;
  std::vector<std::string> names;
  bool json = false, list = false, help = false;
};

/// The parts of `text` between `separator`s.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename T> bool parseNumber(std::string_view text, T &value) {
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

bool parseNumbers(std::string_view text, char separator,
                  std::initializer_list<int64_t *> values) {
  std::vector<std::string> parts = split(text, separator);
  if (parts.size() != values.size())
    return false;
  auto part = parts.begin();
  for (int64_t *value : values)
    if (!parseNumber(*part++, *value))
      return false;
  return true;
}

bool parseKind(std::string_view text, ProblemKind &kind) {
  if (text == "spmm")
    kind = ProblemKind::Spmm;
  else if (text == "sddmm")
    kind = ProblemKind::Sddmm;
  else if (text == "conv2d")
    kind = ProblemKind::Conv2d;
  else
    return false;
  return true;
}

bool parseType(std::string_view text, DataType &dtype) {
  if (text != "f32" && text != "bf16")
    return false;
  dtype = text == "bf16" ? DataType::BF16 : DataType::F32;
  return true;
}

/// Whether `value` suits option `name`; none if there is no such option.
std::optional<bool> parseOption(std::string_view name, std::string_view value,
                                Arguments &arguments) {
  CaseSpec &spec = arguments.spec;
  ConvShape &conv = spec.conv;
  if (name == "--kind")
    return parseKind(value, spec.kind);
  if (name == "--dtype")
    return parseType(value, spec.dtype);
  if (name == "--m")
    return parseNumber(value, spec.m);
  if (name == "--k")
    return parseNumber(value, spec.k);
  if (name == "--n")
    return parseNumber(value, spec.n);
  if (name == "--conv")
    return parseNumbers(value, ',',
                        {&conv.batch, &conv.inChannels, &conv.height,
                         &conv.width, &conv.outChannels, &conv.kernelHeight,
                         &conv.kernelWidth, &conv.stride, &conv.padding});
  if (name == "--density")
    return parseNumber(value, spec.density);
  if (name == "--block")
    return parseNumbers(value, 'x', {&spec.blockRows, &spec.blockCols});
  if (name == "--threads")
    return parseNumber(value, spec.threads);
  if (name == "--seed")
    return parseNumber(value, spec.seed);
  if (name == "--seconds")
    return parseNumber(value, arguments.timing.minSeconds) &&
           arguments.timing.minSeconds >= 0.0;
  if (name == "--mkl")
    arguments.peers.mklPath = value;
  else if (name == "--mlir")
    arguments.peers.mlirPath = value;
  else if (name == "--compiler")
    arguments.peers.compilerPath = value;
  else if (name == "--peers")
    arguments.names = split(value, ',');
  else
    return std::nullopt;
  return !value.empty();
}

Result<Arguments> parseArguments(int argc, char **argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    std::string_view text = argv[i];
    if (text == "--json") {
      arguments.json = true;
      continue;
    }
    if (text == "--list" || text == "--help") {
      (text == "--list" ? arguments.list : arguments.help) = true;
      continue;
    }
    size_t equals = text.find('=');
    std::optional<bool> valid;
    if (equals != std::string_view::npos)
      valid = parseOption(text.substr(0, equals), text.substr(equals + 1),
                          arguments);
    if (!valid)
      return Error{"unknown argument '" + std::string(text) + "', see --help"};
    if (!*valid)
      return Error{"'" + std::string(text) +
                   "' has a value that is not "
                   "valid, see --help"};
  }
  for (const std::string &name : arguments.names) {
    bool known = false;
    for (const PeerFactory &factory : peerTable())
      known |= name == factory.name;
    if (!known)
      return Error{"no peer '" + name + "', see --list"};
  }
  return arguments;
}

int fail(const std::string &message) {
  std::cerr << "spmmplu-bench-peers: " << message << "\n";
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  Result<Arguments> arguments = parseArguments(argc, argv);
  if (!arguments)
    return fail(arguments.error());
  if (arguments->help) {
    std::cout << kUsage;
    return 0;
  }
  if (arguments->list) {
    for (const PeerFactory &factory : peerTable())
      std::cout << factory.name << ": " << factory.description << "\n";
    return 0;
  }
  // One thread stays free to move away from other processes.
  if (arguments->spec.threads > 1)
    bindThreads();
  Result<Case> theCase = Case::random(arguments->spec);
  if (!theCase)
    return fail(theCase.error());
  std::vector<double> reference = referenceResult(theCase->problem());
  Comparison comparison = compare(*theCase, reference, arguments->names,
                                  arguments->peers, arguments->timing);
  if (arguments->json)
    printJson(std::cout, *theCase, comparison);
  else
    printTable(std::cout, *theCase, comparison);

  std::vector<std::string> runtimes = loadedOpenMpRuntimes();
  if (runtimes.size() > 1 && arguments->spec.threads > 1) {
    std::cerr << "spmmplu-bench-peers: warning: more than one OpenMP runtime "
                 "disturbs timings:";
    for (const std::string &path : runtimes)
      std::cerr << " " << path;
    std::cerr << "\n";
  }
  return comparison.largestError() > kLargestError ? 1 : 0;
}
