//===- PrintTensor.h - Elements of a tensor as text -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TEST_LIB_REFERENCE_PRINTTENSOR_H
#define SPMMPLU_TEST_LIB_REFERENCE_PRINTTENSOR_H

#include "spmmplu/Reference/Evaluator.h"

namespace mlir::spmmplu {

/// " [a, b; c, d]", a row of the last dimension after the other, with `digits`
/// significant digits; nothing for a tensor of more than `most` elements.
void printElements(raw_ostream &os, const ReferenceTensor &tensor, int64_t most,
                   int digits);

} // namespace mlir::spmmplu

#endif // SPMMPLU_TEST_LIB_REFERENCE_PRINTTENSOR_H
