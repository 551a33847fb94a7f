//===- FoldPlaces.h - Values of places into kernels -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_FOLDPLACES_H
#define SPMMPLU_LIB_TRANSFORMS_FOLDPLACES_H

#include "spmmplu/IR/SparseIR.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::spmmplu {

/// The op that made `matrix`, but for casts; null where it is another one.
ExpandOp findExpand(Value matrix);
/// The op that takes the values of `matrix`, but for casts, where nothing else
/// uses it; null where there is none.
CompressOp findCompress(Value matrix);

/// `sparse_ir.expand` and `compress` around kernels become `lhs_places` and
/// `out_places` of those that have them.
void populateFoldPlacesPatterns(RewritePatternSet &patterns);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_FOLDPLACES_H
