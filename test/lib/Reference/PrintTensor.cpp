//===- PrintTensor.cpp - Elements of a tensor as text -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrintTensor.h"

#include "PipelineUnderTest.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::spmmplu;

void mlir::spmmplu::printElements(raw_ostream &os,
                                  const ReferenceTensor &tensor, int64_t most,
                                  int digits) {
  if (tensor.size() > most)
    return;
  os << " [";
  int64_t rowSize = tensor.shape.empty() ? 1 : tensor.shape.back();
  for (int64_t flat = 0; flat < tensor.size(); ++flat) {
    if (flat)
      os << (flat % rowSize ? ", " : "; ");
    os << llvm::format("%.*g", digits, getValue(tensor, flat));
  }
  os << "]";
}
