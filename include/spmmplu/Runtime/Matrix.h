//===- Matrix.h - Packs and unpacks the matrices of a package ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_RUNTIME_MATRIX_H
#define SPMMPLU_RUNTIME_MATRIX_H

#include "spmmplu/Runtime/Package.h"
#include "spmmplu/Segmentation/TensorPacking.h"
#include "spmmplu/Support/Result.h"

#include <optional>

namespace spmmplu {

/// The format of a matrix that is for tensor cores.
mlir::spmmplu::TensorFormat toTensorFormat(const MatrixSpec &matrix);

/// The tables of a package as the compiler has them.
mlir::spmmplu::ChainTable toChainTable(const MatrixSpec &matrix,
                                       const MatrixTables &tables);

/// Values, and metadata where the matrix has some, of the sizes in `tables`.
struct PackedMatrix {
  Tensor values;
  std::optional<Tensor> metadata; ///< I32
};

/// Packs `dense`, row-major [rows, cols] of any float type and rounded to the
/// matrix's, into the chains of the package, which stay. An error where an
/// element outside of them is not zero, or a window holds more than is kept;
/// it names the first row and column.
Result<PackedMatrix> packMatrix(const MatrixSpec &matrix,
                                const MatrixTables &tables,
                                const TensorView &dense);

/// The inverse: dense row-major [rows, cols] of the values' type.
Result<Tensor> unpackMatrix(const MatrixSpec &matrix,
                            const MatrixTables &tables);

} // namespace spmmplu

#endif // SPMMPLU_RUNTIME_MATRIX_H
