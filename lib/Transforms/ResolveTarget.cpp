//===- ResolveTarget.cpp - The machine that a pass compiles for -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/ResolveTarget.h"

using namespace mlir;
using namespace mlir::spmmplu;

FailureOr<Target> mlir::spmmplu::resolveTarget(Operation *op, StringRef name) {
  auto found = lookupTarget(std::string_view(name));
  if (found)
    return *found;
  return op->emitError("in target '") << name << "': " << found.error();
}
