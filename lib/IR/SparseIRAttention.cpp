//===- SparseIRAttention.cpp - Attention under a mask ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/IR/Attention.h"

#include "Destination.h"
#include "VerifyTable.h"

#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRAttention.cpp.inc"

/// (C1) and (C2).
static LogicalResult verifyShapes(AttentionOp op) {
  auto query = cast<ShapedType>(op.getQuery().getType());
  for (Value operand :
       {op.getQuery(), op.getKey(), op.getValue(), op.getInit()}) {
    auto type = cast<ShapedType>(operand.getType());
    bool isInit = operand == op.getInit();
    if (!type.hasRank() || (type.getRank() != 2 && type.getRank() != 3) ||
        type.getRank() != query.getRank() ||
        !isa<FloatType>(type.getElementType()) ||
        (!isInit && type.getElementType() != query.getElementType()))
      return op.emitOpError("expects operands of one rank, 2 or 3, and one "
                            "float type, found ")
             << type << " beside " << query;
    if (type.getRank() == 3 && type.getDimSize(0) != query.getDimSize(0))
      return op.emitOpError("expects one batch, found ")
             << type << " beside " << query;
  }
  const std::pair<StringRef, std::pair<int64_t, int64_t>> sizes[] = {
      {"columns of q and the key", {op.getDepth(), op.getSize(op.getKey(), 1)}},
      {"rows of the key and v", {op.getCols(), op.getSize(op.getValue(), 0)}},
      {"rows of q and init", {op.getRows(), op.getSize(op.getInit(), 0)}},
      {"columns of v and init", {op.getWidth(), op.getSize(op.getInit(), 1)}}};
  for (auto &[name, size] : sizes)
    if (size.first != size.second)
      return op.emitOpError("expects equal ")
             << name << ", found " << size.first << " and " << size.second;
  if (ShapedType::isDynamic(op.getRows()) ||
      ShapedType::isDynamic(op.getCols()))
    return op.emitOpError("expects static rows of q and the key");
  return success();
}

/// (C5) of the first part, the one that writes what no tile touches.
static LogicalResult verifyRows(AttentionOp op, TilesAttr first) {
  SmallVector<char> storage;
  SmallVector<bool> isListed(op.getRows(), false);
  int64_t count = 0;
  for (int32_t row : getValues<int32_t>(first.getPanelRows(), storage)) {
    if (row < 0)
      continue;
    if (isListed[row])
      return op.emitOpError("lists row ") << row << " twice in its first part";
    isListed[row] = true;
    ++count;
  }
  if (count != op.getRows())
    return op.emitOpError("expects all ")
           << op.getRows() << " rows in its first part, found " << count;
  return success();
}

/// (C4) and (C5).
static LogicalResult verifyParts(AttentionOp op) {
  size_t tables = op.getTables().size();
  if (tables && tables != op.getParts().size() * kAttentionTableParts)
    return op.emitOpError("expects ")
           << op.getParts().size() * kAttentionTableParts << " tables, found "
           << tables;
  int64_t extents[3] = {op.getRows(), op.getCols(), op.getDepth()};
  TilesAttr first;
  for (Attribute part : op.getParts()) {
    auto tiles = dyn_cast<TilesAttr>(part);
    if (!tiles)
      return op.emitOpError("expects parts that are tables of tiles, found ")
             << part;
    if (failed(verifyTable(op, tiles, extents)))
      return failure();
    if (!first)
      first = tiles;
    if (tiles.getRows() != first.getRows() ||
        tiles.getCols() != first.getCols())
      return op.emitOpError("expects tiles of one size, found ")
             << tiles.getRows() << "x" << tiles.getCols() << " beside "
             << first.getRows() << "x" << first.getCols();
  }
  if (!first)
    return op.emitOpError("expects a part");
  return verifyRows(op, first);
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyDestination(*this, getInit())))
    return failure();
  if (failed(verifyShapes(*this)) || failed(verifyParts(*this)))
    return failure();
  double factor = getScale().convertToDouble();
  if (!std::isfinite(factor) || factor <= 0)
    return emitOpError("expects a positive finite scale, found ") << factor;
  return success();
}

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, getInitMutable(), /*readsInit=*/false, effects);
}
