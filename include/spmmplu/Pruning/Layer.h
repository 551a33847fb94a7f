//===- Layer.h - Pruning one layer ------------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_PRUNING_LAYER_H
#define SPMMPLU_PRUNING_LAYER_H

#include "spmmplu/Pattern/Permutation.h"
#include "spmmplu/Runtime/IO/Safetensors.h"
#include "spmmplu/Runtime/IO/Tensor.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mlir::spmmplu {

struct LayerOptions {
  PatternRef pattern;
  bool permuteOutput = false, permuteInput = false;
  int64_t seed = 0;
  int64_t threads = 0;  ///< 0: what the machine has
  bool writes = true;   ///< make the tensors, not the report alone
  bool compact = false; ///< also `values` and `indices`

  bool permutes() const { return permuteOutput || permuteInput; }
};

/// What a layer keeps, as parts of its saliency.
struct LayerReport {
  std::string name;
  int64_t rows = 0, cols = 0;
  double density = 0; ///< of the mask
  double unpermuted = 0, outputOnly = 0, retained = 0;
  /// What an unstructured mask of the same density keeps.
  double unstructured = 0;
  /// The Frobenius norm of the weights that go over that of all.
  double relativeError = 0;
  double seconds = 0;
};

struct PrunedLayer {
  LayerReport report;
  /// The layer and what goes with it, under the names of the output.
  std::vector<std::pair<std::string, ::spmmplu::Tensor>> tensors;
};

/// Whether weights of this type are pruned: floats of any width, and I8.
bool isPrunable(::spmmplu::DType dtype);

/// The magnitudes as F32, of a type that is pruned.
::spmmplu::Result<::spmmplu::Tensor>
magnitudesOf(const ::spmmplu::TensorView &weights);

/// Prunes a layer of rank 2 or more, a matrix of its first axis by all others.
/// `saliency` has its shape; null: magnitude.
::spmmplu::Result<PrunedLayer> pruneLayer(const ::spmmplu::NamedTensor &layer,
                                          const ::spmmplu::Tensor *saliency,
                                          const LayerOptions &options,
                                          std::function<void(double)> progress);

} // namespace mlir::spmmplu

#endif // SPMMPLU_PRUNING_LAYER_H
