//===- OneDnnSupport.h - Memory and layout changes in oneDNN ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_ONEDNNSUPPORT_H
#define SPMMPLU_BENCHMARK_PEERS_ONEDNNSUPPORT_H

#include "Harness/AlignedBuffer.h"
#include "Harness/Problem.h"
#include "Peers/Variants.h"

#include <memory>
#include <optional>
#include <string>

#include <dnnl.hpp>

namespace spmmplu::bench {

/// One operand of a primitive: the user's buffer, and what the library may do
/// with its layout.
struct OneDnnOperand {
  dnnl::memory given;
  /// The primitive chooses the layout; else it must take the given one.
  bool anyLayout = false;
  /// A change of layout happens once, before timing (constant weights, or a
  /// peer that is granted the layout it likes); else on every call.
  bool convertOnce = false;

  dnnl::memory::desc request() const;
};

/// A primitive to be made, with its operands.
struct OneDnnPrimitive {
  dnnl::primitive_desc_base description;
  OneDnnOperand source, weights, destination;
};

/// True unless the library has nothing but its unoptimized reference, which it
/// falls back to silently and which may be a thousand times slower.
bool isOptimized(const dnnl::primitive_desc_base &description);

/// Creates the primitive, binds the operands, does the layout changes marked
/// `convertOnce`, and executes once. `how` says in words how the library is
/// used. None if the library refuses, which some implementations do only now.
std::optional<Variant> makeOneDnnVariant(const OneDnnPrimitive &parts,
                                         const std::string &how);

dnnl::engine oneDnnEngine();

inline dnnl::memory::data_type oneDnnType(DataType dtype) {
  return dtype == DataType::BF16 ? dnnl::memory::data_type::bf16
                                 : dnnl::memory::data_type::f32;
}

/// A view of a problem's buffer; oneDNN takes sources as non-const pointers
/// but does not write them.
inline dnnl::memory oneDnnView(const dnnl::memory::desc &desc,
                               const void *data) {
  return dnnl::memory(desc, oneDnnEngine(), const_cast<void *>(data));
}

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_ONEDNNSUPPORT_H
