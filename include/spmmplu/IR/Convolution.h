//===- Convolution.h - Convolutions of pruned filters ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_CONVOLUTION_H
#define SPMMPLU_IR_CONVOLUTION_H

#include "spmmplu/IR/SparseIR.h"

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRConvolution.h.inc"

#endif // SPMMPLU_IR_CONVOLUTION_H
