//===- ProductDescription.h - Products, as the model sees them --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_PRODUCTDESCRIPTION_H
#define SPMMPLU_LIB_TRANSFORMS_PRODUCTDESCRIPTION_H

#include "SpaceMasks.h"

#include "spmmplu/Target/Strategy.h"

namespace mlir::spmmplu {

/// The type as the tables of intrinsics name it; nothing where they do not.
std::optional<Element> getElement(Type type);

/// What a verified product and the program around it say of its problem.
/// Threads, and what a user allows, are left as they are.
struct ProductDescription {
  ProductDescription(MatmulOp op, const Target &machine);
  ProductDescription(const ProductDescription &) = delete;

  SpaceMasks masks;
  Mask full;                      ///< of a product without a sparse operand
  ProductProblem problem;         ///< its mask is one of the above
  const char *obstacle = nullptr; ///< why there is no problem
};

/// `whole`, but of the values of its lhs only those of `part` count.
ProductProblem describePart(const ProductProblem &whole, const Target &machine,
                            const MaskPart &part);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_PRODUCTDESCRIPTION_H
