//===- sparse-prune.cpp - Prunes weights to a pattern ---------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"
#include "Options.h"
#include "Report.h"

#include "spmmplu/Runtime/IO/Open.h"

#include <algorithm>
#include <cstdio>

using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::NamedTensor;
using ::spmmplu::Result;
using ::spmmplu::SafetensorsMetadata;
using ::spmmplu::Status;

/// The input's tensors in their order, a pruned layer's in its place; what an
/// earlier run wrote beside that layer is gone.
static Status writeOutput(const PruneOptions &options, const PruneInput &input,
                          const std::vector<PrunedLayer> &layers) {
  std::vector<NamedTensor> tensors;
  auto isStale = [&](const std::string &name) {
    return std::any_of(layers.begin(), layers.end(), [&](const auto &layer) {
      return ::spmmplu::isPruningCompanion(name, layer.report.name);
    });
  };
  size_t next = 0;
  for (size_t i = 0; i < input.tensors.size(); ++i) {
    if (next == layers.size() || input.layers[next] != i) {
      if (!isStale(input.tensors[i].name))
        tensors.push_back(input.tensors[i]);
      continue;
    }
    for (const auto &[name, tensor] : layers[next].tensors)
      tensors.push_back({name, tensor.view()});
    ++next;
  }
  SafetensorsMetadata metadata;
  if (input.file)
    metadata = input.file->metadata();
  metadata["spmmplu.pattern"] = options.pattern->str();
  metadata["spmmplu.permute"] = options.permuteOutput
                                    ? options.permuteInput ? "both" : "output"
                                : options.permuteInput ? "input"
                                                       : "none";
  metadata["spmmplu.seed"] = std::to_string(options.seed);
  return ::spmmplu::writeSafetensors(options.output, tensors, metadata);
}

static Result<std::vector<LayerReport>> pruneAll(const PruneOptions &options) {
  auto input = openInput(options);
  if (!input)
    return Error{input.error()};
  std::vector<PrunedLayer> layers;
  std::vector<LayerReport> reports;
  {
    ProgressBar bar(input->layers.size());
    for (size_t i = 0; i < input->layers.size(); ++i) {
      const NamedTensor &tensor = input->tensors[input->layers[i]];
      auto show = [&](double part) { bar.show(i, tensor.name, part); };
      show(0);
      auto layer = pruneInput(tensor, options, show);
      if (!layer)
        return Error{layer.error()};
      reports.push_back(layer->report);
      layers.push_back(std::move(*layer));
    }
  }
  if (!options.output.empty())
    if (Status status = writeOutput(options, *input, layers); !status)
      return Error{status.error()};
  return reports;
}

static Result<std::vector<LayerProposals>>
proposeAll(const PruneOptions &options) {
  auto input = openInput(options);
  if (!input)
    return Error{input.error()};
  std::vector<LayerProposals> layers;
  ProgressBar bar(input->layers.size());
  for (size_t i = 0; i < input->layers.size(); ++i) {
    const NamedTensor &tensor = input->tensors[input->layers[i]];
    auto layer = proposeForInput(
        tensor, options, [&](double part) { bar.show(i, tensor.name, part); });
    if (!layer)
      return Error{layer.error()};
    layers.push_back(std::move(*layer));
  }
  return layers;
}

int main(int argc, char **argv) {
  constexpr int success = 0, badInput = 2;
  auto refuse = [](const std::string &message) {
    std::fprintf(stderr, "sparse-prune: error: %s\n", message.c_str());
    return badInput;
  };
  std::vector<const char *> arguments(argv + (argc > 0), argv + argc);
  auto options = parseOptions(arguments);
  if (!options)
    return refuse(options.error());
  if (options->help) {
    std::fputs(helpText().c_str(), stdout);
    return success;
  }
  if (options->budget) {
    auto layers = proposeAll(*options);
    if (!layers)
      return refuse(layers.error());
    auto print = options->json ? printProposalsJson : printProposals;
    std::fputs(print(*options, *layers).c_str(), stdout);
    return success;
  }
  auto reports = pruneAll(*options);
  if (!reports)
    return refuse(reports.error());
  auto print = options->json ? printJson : printTable;
  std::fputs(print(*options, *reports).c_str(), stdout);
  return success;
}
