//===- PackageTables.h - Tables of a package's matrices ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_RUNTIME_PACKAGETABLES_H
#define SPMMPLU_LIB_RUNTIME_PACKAGETABLES_H

#include "spmmplu/Runtime/Package.h"

namespace spmmplu {

Error manifestError(const std::string &key, const std::string &message);

int64_t numElements(const TensorView &view);

/// The tensor that the manifest names at `key`.
Result<TensorView> findTensor(const std::string &key, const std::string &name,
                              const TensorLookup &lookup);

bool isFloat(DType dtype);
/// The 8-bit types of tensor cores' operands.
bool isByteElement(DType dtype);

/// What a further form of a matrix names is a matrix of the same size.
Status checkForm(const Manifest &manifest, const MatrixSpec &matrix);

/// The entries that the package leaves out, from those of the matrices that
/// they are further forms of.
Result<DerivedTensors> deriveEntries(const Manifest &manifest,
                                     const TensorLookup &lookup);

} // namespace spmmplu

#endif // SPMMPLU_LIB_RUNTIME_PACKAGETABLES_H
