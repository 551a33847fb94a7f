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

#include "spmmplu/Pattern/Permutation.h"
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

/// What a layer keeps, as parts of its saliency.
struct LayerReport {
  std::string name;
  int64_t rows = 0, cols = 0;
  double density = 0; ///< of the mask
  double unpermuted = 0, outputOnly = 0, retained = 0;
  /// What an unstructured mask of the same density keeps.
  double unstructured = 0;
  double seconds = 0;
};

struct PrunedLayer {
  LayerReport report;
  /// The layer and what goes with it, under the names of the output.
  std::vector<std::pair<std::string, ::spmmplu::Tensor>> tensors;
};

/// Prunes one layer, and makes its tensors if there is an output. Errors start
/// with the file and the layer.
::spmmplu::Result<PrunedLayer> pruneLayer(const ::spmmplu::NamedTensor &layer,
                                          const PruneOptions &options,
                                          std::function<void(double)> progress);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TOOLS_SPARSEPRUNE_LAYERS_H
