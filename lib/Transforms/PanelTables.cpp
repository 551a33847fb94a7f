//===- PanelTables.cpp - Tables of blocks with several panels --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PanelTables.h"

#include "spmmplu/Segmentation/Bands.h"
#include "spmmplu/Segmentation/PanelPairs.h"
#include "spmmplu/Segmentation/TensorPacking.h"
#include "spmmplu/Target/Intrinsic.h"

using namespace mlir;
using namespace mlir::spmmplu;
using ::spmmplu::Error;
using ::spmmplu::Result;

static const Intrinsic *getIntrinsic(StrategyAttr strategy) {
  return lookupIntrinsic(std::string_view(strategy.getIntrinsic()));
}

bool mlir::spmmplu::usesBands(StrategyAttr strategy) {
  const Intrinsic *intrinsic = getIntrinsic(strategy);
  return intrinsic && usesBands(*intrinsic, strategy.getPanels());
}

Result<ChainTable> mlir::spmmplu::padForGpu(StrategyAttr strategy,
                                            const ChainTable &table,
                                            int64_t step) {
  return usesBands(strategy) ? padBands(table, strategy.getStep())
                             : padChains(table, step);
}

/// The numbers of column tiles that the order of pairs is made for.
static SmallVector<int64_t> getColTiles(KernelOp op) {
  int64_t cols = op.getExtent(Axis::J);
  if (ShapedType::isDynamic(cols))
    return {4, 8, 16, 32};
  int64_t tile = op.getStrategy().getVectors() *
                 getIntrinsic(op.getStrategy())->j *
                 op.getStrategy().getCluster();
  return {std::max<int64_t>(llvm::divideCeil(cols, tile), 1)};
}

static Result<std::vector<NamedTable>>
makePairs(KernelOp op, const ChainTable &table, int64_t lhsBytes) {
  auto pairs = pairPanels(table);
  if (!pairs)
    return Error{pairs.error()};
  balanceTurns(*pairs, getPairsTogether(pairs->pairs.size(), lhsBytes),
               getColTiles(op), getTurns(op.getStrategy().getCluster()));
  auto *words = reinterpret_cast<const int32_t *>(pairs->pairs.data());
  return std::vector<NamedTable>{
      {"pairs", {words, words + pairs->pairs.size() * sizeof(PanelPair) / 4}},
      {"pair_steps", std::move(pairs->steps)}};
}

Result<std::vector<NamedTable>>
mlir::spmmplu::makePanelTables(KernelOp op, int64_t lhsBytes) {
  if (op.getStrategy().getPanels() == 1)
    return std::vector<NamedTable>();
  ChainTable table =
      cast<ChainsAttr>(op.getTable())
          .getTable(op.getExtent(Axis::I), op.getExtent(Axis::K));
  if (usesBands(op.getStrategy()))
    return std::vector<NamedTable>{
        {"band_steps", getBandSteps(table, op.getStrategy().getStep())}};
  return makePairs(op, table, lhsBytes);
}
