//===- TableConstants.h - What kernels walk, as constants -------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_TRANSFORMS_TABLECONSTANTS_H
#define SPMMPLU_LIB_TRANSFORMS_TABLECONSTANTS_H

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/ValueRuns.h"

namespace mlir::spmmplu {

Value createConstant(OpBuilder &builder, Location loc, ElementsAttr elements);
/// A constant vector of numbers.
Value createTable(OpBuilder &builder, Location loc, StringRef name,
                  ArrayRef<int32_t> values);
Value createTable(OpBuilder &builder, Location loc, StringRef name,
                  ArrayRef<int64_t> values);

/// Four words a run.
Value createRuns(OpBuilder &builder, Location loc, ArrayRef<ValueRun> runs);

/// Appends the parts of a table of tiles.
void appendTiles(OpBuilder &builder, Location loc, TilesAttr tiles,
                 SmallVectorImpl<Value> &tables);

/// Boundaries that cut the panels into at most `parts` ranges of about equal
/// work; panel p has what is in [ptr[p], ptr[p + 1]).
std::vector<int32_t> cutPanels(ArrayRef<int32_t> ptr, int64_t parts);

/// The tiles as kernels of GPUs find them: of each its panel, its granule,
/// whether it is the panel's first, and whether the bits of each of its rows
/// are next to each other.
std::vector<int32_t> describeTiles(TilesAttr tiles);

std::vector<int32_t> getTaskWords(ArrayRef<CellTask> tasks);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_TRANSFORMS_TABLECONSTANTS_H
