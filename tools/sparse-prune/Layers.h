//===- Layers.h - The layers that are pruned --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSEPRUNE_LAYERS_H
#define SPMMPLU_TOOLS_SPARSEPRUNE_LAYERS_H

#include "Options.h"

#include "spmmplu/Pruning/Layer.h"
#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mlir::spmmplu {

/// The tensors of the input. `layers` are indices of those to prune.
struct PruneInput {
  std::optional<::spmmplu::SafetensorsFile> file; ///< what the views refer to
  std::optional<::spmmplu::Tensor> single;
  std::vector<::spmmplu::NamedTensor> tensors;
  std::vector<size_t> layers;
};

/// Opens the input and picks its layers. A file without names has one tensor,
/// "weight".
::spmmplu::Result<PruneInput> openInput(const PruneOptions &options);

/// What --saliency says of a layer, as F32; nothing without the option.
::spmmplu::Result<std::optional<::spmmplu::Tensor>>
loadSaliency(const ::spmmplu::NamedTensor &layer, const PruneOptions &options);

struct LayerProposals;

/// Patterns for one layer within the options' budget. Errors start with the
/// file and the layer.
::spmmplu::Result<LayerProposals>
proposeForInput(const ::spmmplu::NamedTensor &layer,
                const PruneOptions &options,
                std::function<void(double)> progress);

/// Prunes one layer, and makes its tensors if there is an output. Errors start
/// with the file and the layer.
::spmmplu::Result<PrunedLayer> pruneInput(const ::spmmplu::NamedTensor &layer,
                                          const PruneOptions &options,
                                          std::function<void(double)> progress);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSEPRUNE_LAYERS_H
