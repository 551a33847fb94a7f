//===- ProgramText.h - Problems as MLIR programs ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_BENCHMARK_PEERS_PROGRAMTEXT_H
#define SPMMPLU_BENCHMARK_PEERS_PROGRAMTEXT_H

#include "Harness/Problem.h"

#include <string>

namespace spmmplu::bench {

/// The problem as sparse-compile's input: a function `main` from A and B, or
/// from the image alone for Conv2d, whose filter is a resource of the program,
/// to the result. Inputs have type `dtype` (BF16 requires a BF16 problem). The
/// result of an Sddmm has the mask as its encoding: there are no elements
/// elsewhere. For Sddmm, Conv2d, and Spmm without `constantA`.
std::string programText(const Problem &problem, DataType dtype);

/// The same for Sddmm and Spmm without `constantA`, of which the sparse result
/// or A is stored as the `places` values at the places of its mask, row by row.
std::string valuesProgramText(const Problem &problem, DataType dtype,
                              int64_t places);

} // namespace spmmplu::bench

#endif // SPMMPLU_BENCHMARK_PEERS_PROGRAMTEXT_H
