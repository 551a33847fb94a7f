//===- Options.cpp - The command line of sparse-prune ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "spmmplu/Pattern/Pruning.h"
#include "spmmplu/Pattern/Random.h"

#include <algorithm>
#include <charconv>

using ::spmmplu::Error;
using ::spmmplu::Result;
using ::spmmplu::Status;
using ::spmmplu::Success;

namespace mlir::spmmplu {

namespace {

/// Whether an option has a value behind `=` or in the next argument.
enum class ValueKind { None, Required, Optional };

struct Option {
  std::string_view name;
  ValueKind kind;
  std::string_view value; ///< how --help writes it
  std::string_view help;
  Status (*set)(PruneOptions &, std::string_view value);
};

} // namespace

static Status setNumber(std::string_view text, int64_t least, int64_t most,
                        int64_t &out) {
  int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      value < least || value > most)
    return Error{"expected a number from " + std::to_string(least) + " to " +
                 std::to_string(most) + ", found '" + std::string(text) + "'"};
  out = value;
  return Success{};
}

static Status setText(std::string_view text, std::string &out) {
  if (text.empty())
    return Error{"expected a path, found none"};
  out = text;
  return Success{};
}

static Status setPattern(PruneOptions &options, std::string_view value) {
  if (options.pattern)
    return Error{"expected one pattern, found also '" + std::string(value) +
                 "'"};
  auto pattern = parsePattern(value);
  if (!pattern)
    return Error{pattern.error()};
  options.pattern = *pattern;
  return Success{};
}

static Status addTensor(PruneOptions &options, std::string_view value) {
  if (value.empty())
    return Error{"expected a tensor's name, found none"};
  options.tensors.emplace_back(value);
  return Success{};
}

static Status setPermute(PruneOptions &options, std::string_view value) {
  if (value != "" && value != "both" && value != "output" && value != "input")
    return Error{"expected both, output or input, found '" +
                 std::string(value) + "'"};
  options.permuteOutput = value != "input";
  options.permuteInput = value != "output";
  return Success{};
}

static constexpr Option optionTable[] = {
    {"pattern", ValueKind::Required, "PATTERN", "what to prune to, see below",
     setPattern},
    {"o", ValueKind::Required, "FILE",
     "write a .safetensors file; without it, only report",
     [](PruneOptions &options, std::string_view value) {
       return setText(value, options.output);
     }},
    {"tensor", ValueKind::Required, "NAME",
     "prune this tensor of a .safetensors file, or with * for\n"
     "any text all matrices so named; may be repeated (default:\n"
     "all of rank 2); a tensor of higher rank is a matrix of\n"
     "its first axis by all others",
     addTensor},
    {"saliency", ValueKind::Required, "FILE",
     "what each weight is worth, numbers >= 0 (default: its\n"
     "magnitude): a matrix of the same shape, or a\n"
     ".safetensors file with a tensor of each layer's name",
     [](PruneOptions &options, std::string_view value) {
       return setText(value, options.saliency);
     }},
    {"permute", ValueKind::Optional, "AXES",
     "hinm only: permute rows between tiles and columns\n"
     "between groups; both (default), output or input",
     setPermute},
    {"seed", ValueKind::Required, "N", "seed of the permutation (default 0)",
     [](PruneOptions &options, std::string_view value) {
       return setNumber(value, 0, maxSeed, options.seed);
     }},
    {"threads", ValueKind::Required, "N",
     "threads (default: all); changes the time only",
     [](PruneOptions &options, std::string_view value) {
       return setNumber(value, 1, 1024, options.threads);
     }},
    {"budget", ValueKind::Required, "BUDGET",
     "prune nothing; propose patterns that keep the budget and\n"
     "say what each costs: retained=R, at least this part of\n"
     "the saliency, or error=E, at most this relative\n"
     "Frobenius error",
     [](PruneOptions &options, std::string_view value) -> Status {
       auto budget = parseBudget(value);
       if (!budget)
         return Error{budget.error()};
       options.budget = *budget;
       return Success{};
     }},
    {"target", ValueKind::Required, "TARGET",
     "with --budget: the machine, as for sparse-compile\n"
     "(default: host)",
     [](PruneOptions &options, std::string_view value) -> Status {
       options.target = value;
       if (auto target = lookupTarget(value); !target)
         return Error{target.error()};
       return Success{};
     }},
    {"cols", ValueKind::Required, "N",
     "with --budget: columns of the dense operand (default:\n"
     "any number)",
     [](PruneOptions &options, std::string_view value) -> Status {
       int64_t cols = 0;
       Status status = setNumber(value, 1, int64_t(1) << 30, cols);
       if (status)
         options.cols = cols;
       return status;
     }},
    {"dtype", ValueKind::Required, "TYPE",
     "with --budget: f64, f32, f16 or bf16, the type that is\n"
     "compiled (default: the weights')",
     [](PruneOptions &options, std::string_view value) -> Status {
       constexpr std::pair<std::string_view, Element> types[] = {
           {"f64", Element::F64},
           {"f32", Element::F32},
           {"f16", Element::F16},
           {"bf16", Element::BF16}};
       for (auto [name, element] : types)
         if (value == name) {
           options.dtype = element;
           return Success{};
         }
       return Error{"expected f64, f32, f16 or bf16, found '" +
                    std::string(value) + "'"};
     }},
    {"compact", ValueKind::None, "",
     "also write the values and indices without zeros (nm,\n"
     "vector-nm, hinm, vnm)",
     [](PruneOptions &options, std::string_view) -> Status {
       options.compact = true;
       return Success{};
     }},
    {"json", ValueKind::None, "", "print the report as JSON",
     [](PruneOptions &options, std::string_view) -> Status {
       options.json = true;
       return Success{};
     }},
    {"help", ValueKind::None, "", "print this text and stop",
     [](PruneOptions &options, std::string_view) -> Status {
       options.help = true;
       return Success{};
     }},
};

static std::string labelOf(const Option &option) {
  return (option.name.size() == 1 ? "-" : "--") + std::string(option.name);
}

/// Reads the option at `arguments[index]`, and its value from the next argument
/// where it needs one and has none behind `=`.
static Status parseOption(std::span<const char *const> arguments, size_t &index,
                          PruneOptions &options) {
  std::string_view text = arguments[index];
  bool isLong = text.starts_with("--");
  text.remove_prefix(isLong ? 2 : 1);
  size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals);
  const Option *option = std::find_if(
      std::begin(optionTable), std::end(optionTable), [&](const Option &o) {
        return o.name == name && (o.name.size() > 1) == isLong;
      });
  if (option == std::end(optionTable))
    return Error{"unknown option '" + std::string(arguments[index]) +
                 "', see --help"};
  std::string_view value;
  if (equals != std::string_view::npos) {
    if (option->kind == ValueKind::None)
      return Error{labelOf(*option) + " takes no value, found '" +
                   std::string(text.substr(equals + 1)) + "'"};
    value = text.substr(equals + 1);
  } else if (option->kind == ValueKind::Required) {
    if (index + 1 == arguments.size())
      return Error{labelOf(*option) + ": expected " +
                   std::string(option->value) + ", found none"};
    value = arguments[++index];
  }
  if (Status status = option->set(options, value); !status)
    return Error{labelOf(*option) + ": " + status.error()};
  return Success{};
}

static Status checkCombination(const PruneOptions &options) {
  if (options.input.empty())
    return Error{"expected a file of weights, found none, see --help"};
  if (options.budget)
    return options.pattern || options.permutes() || options.compact ||
                   !options.output.empty()
               ? Status(Error{"--budget: expected no --pattern, --permute, "
                              "--compact or -o, found one"})
               : Status(Success{});
  if (!options.pattern)
    return Error{"expected --pattern, found none, see --help"};
  if (options.permutes() && !canPermute(*options.pattern))
    return Error{"--permute: expected a hinm pattern, found '" +
                 options.pattern->str() + "'"};
  if (options.compact)
    // Every pattern takes a matrix without elements.
    if (auto layout = layoutInOrder(*options.pattern, Mask(0, 0), {}); !layout)
      return Error{"--compact: " + layout.error()};
  if (!options.output.empty() && !options.output.ends_with(".safetensors"))
    return Error{"-o: expected a name that ends in .safetensors, found '" +
                 options.output + "'"};
  return Success{};
}

Result<PruneOptions> parseOptions(std::span<const char *const> arguments) {
  PruneOptions options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view text = arguments[i];
    if (text.size() > 1 && text[0] == '-') {
      if (Status status = parseOption(arguments, i, options); !status)
        return Error{status.error()};
    } else if (!options.input.empty()) {
      return Error{"expected one file of weights, found also '" +
                   std::string(text) + "'"};
    } else {
      options.input = text;
    }
  }
  if (options.help)
    return options;
  if (Status status = checkCombination(options); !status)
    return Error{status.error()};
  options.writes = !options.output.empty();
  return options;
}

std::string helpText() {
  std::string text =
      "usage: sparse-prune WEIGHTS --pattern=PATTERN [-o FILE] [options]\n"
      "       sparse-prune WEIGHTS --budget=BUDGET [options]\n\n"
      "Prunes weights (.npy .safetensors .mtx .smtx) to a pattern so that most "
      "saliency stays,\nand reports how much.\n\noptions:\n";
  constexpr size_t column = 24;
  for (const Option &option : optionTable) {
    std::string left = "  " + labelOf(option), value(option.value);
    if (option.kind == ValueKind::Optional)
      left += "[=" + value + "]";
    else if (option.kind == ValueKind::Required)
      left += (option.name.size() == 1 ? " " : "=") + value;
    left.resize(std::max(left.size() + 1, column), ' ');
    text += left;
    for (char c : option.help)
      text += c == '\n' ? "\n" + std::string(column, ' ') : std::string(1, c);
    text += '\n';
  }
  text += "\npatterns:\n";
  for (const PatternInfo &info : listPatterns()) {
    std::string left = "  " + std::string(info.usage);
    left.resize(std::max<size_t>(left.size() + 1, 40), ' ');
    text += left + std::string(info.help) + "\n";
  }
  return text +
         "\nFor a layer W the output has W (pruned, its rows in their order), "
         "W.mask, and where\nthe pattern has them W.row_order (stored row p is "
         "row row_order[p]) and W.columns\n(per tile of stored rows its "
         "columns, group by group, -1 for none); with --compact\nW.values and "
         "W.indices. Other tensors are copied.\n"
         "\nexit codes: 0 success, 2 bad usage or input\n";
}

} // namespace mlir::spmmplu
