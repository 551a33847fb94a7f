//===- AffineIndex.h - Coordinates by affine maps -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_AFFINEINDEX_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_AFFINEINDEX_H

#include "Emitter.h"

namespace mlir::spmmplu {

/// `expr` of the dimensions (x, y), in i32.
Value evaluateIndex(DeviceEmitter &e, AffineExpr expr, Value x, Value y);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_AFFINEINDEX_H
