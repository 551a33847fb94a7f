//===- Proposals.cpp - What sparse-prune proposes
//--------------------------===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Layers.h"
#include "Report.h"

#include <nlohmann/json.hpp>

#include <cstdio>

using ::spmmplu::DType;
using ::spmmplu::Error;
using ::spmmplu::NamedTensor;
using ::spmmplu::Result;

namespace mlir::spmmplu {

static Result<Element> getElement(DType dtype) {
  switch (dtype) {
  case DType::F64:
    return Element::F64;
  case DType::F32:
    return Element::F32;
  case DType::F16:
    return Element::F16;
  case DType::BF16:
    return Element::BF16;
  default:
    return Error{"expected F64, F32, F16 or BF16, which kernels have, found " +
                 std::string(::spmmplu::name(dtype))};
  }
}

static Result<LayerProposals> propose(const NamedTensor &layer,
                                      const PruneOptions &options,
                                      std::function<void(double)> progress) {
  auto element = options.dtype ? Result<Element>(*options.dtype)
                               : getElement(layer.tensor.dtype);
  if (!element)
    return Error{element.error()};
  auto target = lookupTarget(options.target);
  if (!target)
    return Error{target.error()};
  auto magnitudes = magnitudesOf(layer.tensor);
  if (!magnitudes)
    return Error{magnitudes.error()};
  auto saliency = loadSaliency(layer, options);
  if (!saliency)
    return Error{saliency.error()};
  ProposalRequest request;
  request.weights = magnitudes->as<float>();
  request.saliency.rows = layer.tensor.shape[0];
  request.saliency.cols = int64_t(request.weights.size()) /
                          std::max<int64_t>(request.saliency.rows, 1);
  request.saliency.values = request.weights;
  if (*saliency)
    request.saliency.values = (*saliency)->as<float>();
  request.budget = *options.budget;
  request.element = *element;
  request.n = options.cols;
  request.threads = options.threads ? options.threads : target->cores;
  request.progress = std::move(progress);
  auto proposals = proposePatterns(*target, request);
  if (!proposals)
    return Error{proposals.error()};
  return LayerProposals{layer.name, request.saliency.rows,
                        request.saliency.cols, std::move(*proposals)};
}

Result<LayerProposals> proposeForInput(const NamedTensor &layer,
                                       const PruneOptions &options,
                                       std::function<void(double)> progress) {
  auto result = propose(layer, options, std::move(progress));
  if (!result)
    return Error{options.input + ": tensor '" + layer.name +
                 "': " + result.error()};
  return result;
}

static std::string number(const char *format, double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), format, value);
  return buffer;
}

/// What dense costs: the proposal of that name is always there.
static double denseMicros(const LayerProposals &layer) {
  for (const Proposal &proposal : layer.proposals)
    if (proposal.pattern == "dense")
      return proposal.candidate.predicted.total;
  return 0;
}

std::string printProposals(const PruneOptions &options,
                           const std::vector<LayerProposals> &layers) {
  std::string text;
  for (const LayerProposals &layer : layers) {
    text += layer.name + " " + std::to_string(layer.rows) + "x" +
            std::to_string(layer.cols) + ", " +
            (options.cols ? std::to_string(*options.cols) : "any number of") +
            " columns, target " + options.target + ":\n";
    double dense = denseMicros(layer);
    std::vector<std::vector<std::string>> rows = {
        {"pattern", "zeros %", "retained %", "error %", "predicted us",
         "x dense", "strategy"}};
    for (const Proposal &p : layer.proposals) {
      double total = p.candidate.predicted.total;
      rows.push_back(
          {p.pattern, number("%.2f", 100 * (1 - p.density)),
           number("%.2f", 100 * p.retained),
           number("%.2f", 100 * p.relativeError), number("%.1f", total),
           number("%.2f", total > 0 ? dense / total : 0),
           (p.usesDense ? "dense, " : "") + p.candidate.strategy.str()});
    }
    text += alignCells(rows);
  }
  return text;
}

std::string printProposalsJson(const PruneOptions &options,
                               const std::vector<LayerProposals> &layers) {
  nlohmann::ordered_json root;
  root["target"] = options.target;
  if (options.cols)
    root["cols"] = *options.cols;
  root["layers"] = nlohmann::ordered_json::array();
  for (const LayerProposals &layer : layers) {
    nlohmann::ordered_json entry;
    entry["name"] = layer.name;
    entry["rows"] = layer.rows;
    entry["cols"] = layer.cols;
    entry["proposals"] = nlohmann::ordered_json::array();
    for (const Proposal &p : layer.proposals) {
      nlohmann::ordered_json row;
      row["pattern"] = p.pattern;
      row["density"] = p.density;
      row["retained"] = p.retained;
      row["relativeError"] = p.relativeError;
      row["predictedUs"] = p.candidate.predicted.total;
      row["dense"] = p.usesDense;
      row["strategy"] = p.candidate.strategy.str();
      entry["proposals"].push_back(std::move(row));
    }
    root["layers"].push_back(std::move(entry));
  }
  return root.dump(2) + "\n";
}

} // namespace mlir::spmmplu
