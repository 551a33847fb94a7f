//===- PanelTables.h - Tables of blocks with several panels -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_PANELTABLES_H
#define SPMMPLU_LIB_TRANSFORMS_PANELTABLES_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Support/Result.h"

namespace mlir::spmmplu {

/// Whether blocks have bands of the rhs in shared memory, and warps a panel
/// each (docs/gpu.md, "Bands").
bool usesBands(StrategyAttr strategy);

/// The chains as a GPU's kernel under `strategy` walks them: in whole steps of
/// `step`, or by bands.
::spmmplu::Result<ChainTable> padForGpu(StrategyAttr strategy,
                                        const ChainTable &table, int64_t step);

struct NamedTable {
  StringRef name;
  std::vector<int32_t> values;
};

/// What the kernel reads beside its chains, which are padded: where bands
/// begin; which panels a block takes together and the steps that it walks.
/// Packed values have `lhsBytes`.
::spmmplu::Result<std::vector<NamedTable>> makePanelTables(KernelOp op,
                                                           int64_t lhsBytes);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_PANELTABLES_H
