//===- Matrices.h - Values of matrices for a run ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TOOLS_SPARSERUN_MATRICES_H
#define SPMMPLU_TOOLS_SPARSERUN_MATRICES_H

#include "Options.h"
#include "spmmplu/Runtime/Runtime.h"
#include "spmmplu/Support/Result.h"

namespace spmmplu {

/// Sets the matrices that --matrix names, and the other deferred ones at
/// random: values in [-1, 1) wherever the package's pattern has room, 2 of
/// every 4 where it is 2:4, the same for the same seed everywhere.
Status setMatrices(Program &program, const RunOptions &options);

} // namespace spmmplu

#endif // SPMMPLU_TOOLS_SPARSERUN_MATRICES_H
