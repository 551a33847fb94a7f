//===- TableConstants.cpp - What kernels walk, as constants -----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TableConstants.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::spmmplu;

Value mlir::spmmplu::createConstant(OpBuilder &builder, Location loc,
                                    ElementsAttr elements) {
  return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(elements));
}

template <typename T>
static Value createVector(OpBuilder &builder, Location loc, StringRef name,
                          ArrayRef<T> values) {
  return createConstant(builder, loc,
                        getTableElements(builder.getContext(), name,
                                         {int64_t(values.size())}, values));
}

Value mlir::spmmplu::createTable(OpBuilder &builder, Location loc,
                                 StringRef name, ArrayRef<int32_t> values) {
  return createVector(builder, loc, name, values);
}

Value mlir::spmmplu::createTable(OpBuilder &builder, Location loc,
                                 StringRef name, ArrayRef<int64_t> values) {
  return createVector(builder, loc, name, values);
}

Value mlir::spmmplu::createRuns(OpBuilder &builder, Location loc,
                                ArrayRef<ValueRun> runs) {
  static_assert(sizeof(ValueRun) == 16);
  return createTable(builder, loc, "runs",
                     ArrayRef(reinterpret_cast<const int32_t *>(runs.data()),
                              runs.size() * 4));
}

void mlir::spmmplu::appendTiles(OpBuilder &builder, Location loc,
                                TilesAttr tiles,
                                SmallVectorImpl<Value> &tables) {
  for (ElementsAttr part :
       {tiles.getPanelRows(), tiles.getGranuleCols(), tiles.getTilePtr(),
        tiles.getTiles(), tiles.getMaskOffset(), tiles.getMasks()})
    tables.push_back(createConstant(builder, loc, part));
}

std::vector<int32_t> mlir::spmmplu::cutPanels(ArrayRef<int32_t> ptr,
                                              int64_t parts) {
  std::vector<int32_t> bounds = {0};
  int64_t panels = ptr.size() - 1, total = ptr.back() + panels;
  for (int64_t panel = 1; panel < panels; ++panel)
    if ((ptr[panel] + panel) * parts >= total * int64_t(bounds.size()))
      bounds.push_back(panel);
  if (panels)
    bounds.push_back(panels);
  return bounds;
}

std::vector<int32_t> mlir::spmmplu::describeTiles(TilesAttr tiles) {
  SmallVector<char> ptrStorage, tileStorage, offsetStorage, maskStorage;
  auto ptr = getValues<int32_t>(tiles.getTilePtr(), ptrStorage);
  auto granules = getValues<int32_t>(tiles.getTiles(), tileStorage);
  auto offsets = getValues<int32_t>(tiles.getMaskOffset(), offsetStorage);
  auto masks = getValues<uint64_t>(tiles.getMasks(), maskStorage);
  auto isRange = [](uint64_t bits) {
    return bits == 0 || llvm::isShiftedMask_64(bits);
  };
  std::vector<int32_t> words;
  words.reserve(4 * granules.size());
  for (size_t panel = 0; panel + 1 < ptr.size(); ++panel)
    for (int32_t tile = ptr[panel]; tile < ptr[panel + 1]; ++tile) {
      bool areRanges =
          offsets[tile] < 0 ||
          llvm::all_of(masks.slice(offsets[tile], tiles.getRows()), isRange);
      words.insert(words.end(), {int32_t(panel), granules[tile],
                                 int32_t(tile == ptr[panel]), areRanges});
    }
  return words;
}

std::vector<int32_t> mlir::spmmplu::getTaskWords(ArrayRef<CellTask> tasks) {
  auto *words = reinterpret_cast<const int32_t *>(tasks.data());
  return std::vector<int32_t>(words, words + tasks.size() * sizeof(CellTask) /
                                                 sizeof(int32_t));
}
