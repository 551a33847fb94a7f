//===- SparseIRWinograd.cpp - Ops of Winograd's convolution ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/IR/Winograd.h"

#include "Destination.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::spmmplu;

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRWinograd.cpp.inc"

static ShapedType getShaped(Value value) {
  return cast<ShapedType>(value.getType());
}

/// (C1), (C2) and (C5): `images` with the tiles of all of them, `transformed`,
/// of which there is one for each of `count` kept channels.
static LogicalResult verifyShapes(Operation *op, ShapedType images,
                                  ShapedType transformed,
                                  ArrayRef<int64_t> tiles, int64_t lanes) {
  if (!images.hasStaticShape() || images.getRank() != 4 ||
      !images.getElementType().isF32())
    return op->emitOpError("expects static images of rank 4 and f32, found ")
           << images;
  if (tiles.size() != 2 || tiles[0] < 1 || tiles[1] < 1)
    return op->emitOpError("expects two positive numbers of tiles, found [")
           << tiles << "]";
  int64_t count = images.getDimSize(0) * tiles[0] * tiles[1];
  if (!transformed.hasStaticShape() || transformed.getRank() != 3 ||
      !transformed.getElementType().isF32() ||
      transformed.getDimSize(0) != kWinogradProducts ||
      transformed.getDimSize(2) != count)
    return op->emitOpError("expects f32 tiles of 36 x channels x ")
           << count << ", found " << transformed;
  if (lanes != 4 && lanes != 8 && lanes != 16)
    return op->emitOpError("expects 4, 8 or 16 lanes, found ") << lanes;
  return success();
}

/// (C2): `table` holds `size` numbers, from `lowest` up to `count`.
static LogicalResult verifyNumbers(Operation *op, Value table, int64_t size,
                                   int64_t lowest, int64_t count) {
  ShapedType type = getShaped(table);
  if (!type.hasStaticShape() || type.getRank() != 1 ||
      !type.getElementType().isInteger(32) || type.getDimSize(0) != size)
    return op->emitOpError("expects a table of ")
           << size << " i32, found " << type;
  DenseIntElementsAttr numbers;
  if (!matchPattern(table, m_Constant(&numbers)))
    return success();
  for (int64_t number : numbers.getValues<int32_t>())
    if (number < lowest || number >= count)
      return op->emitOpError("expects numbers from ")
             << lowest << " to " << count - 1 << ", found " << number;
  return success();
}

LogicalResult WinogradInputOp::verify() {
  if (failed(verifyDestination(*this, getInit())))
    return failure();
  ShapedType image = getShaped(getImage()), init = getShaped(getInit());
  if (failed(verifyShapes(*this, image, init, getTiles(), getLanes())))
    return failure();
  ImageDims dims = getImageDims(getNhwc());
  ArrayRef<int64_t> pad = getPad();
  if (pad.size() != 2 || pad[0] < 0 || pad[1] < 0)
    return emitOpError("expects two paddings that are not negative, found [")
           << pad << "]";
  for (auto [size, before, tiles] :
       llvm::zip(std::array{image.getDimSize(dims.height),
                            image.getDimSize(dims.width)},
                 pad, getTiles()))
    if (before + size > kWinogradOut * tiles + 2)
      return emitOpError("expects tiles that cover ")
             << before << " of padding and " << size << " elements, found "
             << tiles;
  return verifyNumbers(*this, getChannels(), init.getDimSize(1), 0,
                       image.getDimSize(dims.channel));
}

LogicalResult WinogradOutputOp::verify() {
  if (failed(verifyDestination(*this, getInit())))
    return failure();
  ShapedType products = getShaped(getProducts()), init = getShaped(getInit());
  if (failed(verifyShapes(*this, init, products, getTiles(), getLanes())))
    return failure();
  ImageDims dims = getImageDims(getNhwc());
  for (auto [size, tiles] : llvm::zip(std::array{init.getDimSize(dims.height),
                                                 init.getDimSize(dims.width)},
                                      getTiles()))
    if (llvm::divideCeil(size, kWinogradOut) != uint64_t(tiles))
      return emitOpError("expects ")
             << llvm::divideCeil(size, kWinogradOut) << " tiles for " << size
             << " elements, found " << tiles;
  return verifyNumbers(*this, getFilters(), init.getDimSize(dims.channel), -1,
                       products.getDimSize(1));
}

void WinogradInputOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, getInitMutable(), /*readsInit=*/false, effects);
}

void WinogradOutputOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, getInitMutable(), getAccumulate(), effects);
}
