//===- SparseIRConvolution.cpp - Convolutions of pruned filters -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/IR/Convolution.h"

#include "Destination.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::spmmplu;

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIRConvolution.cpp.inc"

static ShapedType getType(Value value) {
  return cast<ShapedType>(value.getType());
}

/// (C1).
static LogicalResult verifyShapes(ConvolutionOp op) {
  ShapedType image = getType(op.getImage()), init = getType(op.getInit());
  for (ShapedType type : {image, init})
    if (!type.hasStaticShape() || type.getRank() != 4)
      return op.emitOpError("expects static NHWC images, found ") << type;
  Type element = image.getElementType();
  if ((!element.isF16() && !element.isBF16()) ||
      getType(op.getFilters()).getElementType() != element)
    return op.emitOpError("expects an image and filters of f16 or of bf16, "
                          "found ")
           << image << " and " << op.getFilters().getType();
  if (!init.getElementType().isF32() && init.getElementType() != element)
    return op.emitOpError("expects a result of the image's type or f32, found ")
           << init;
  if (image.getDimSize(0) != init.getDimSize(0))
    return op.emitOpError("expects one batch, found ")
           << image << " and " << init;
  for (ArrayRef<int64_t> pair : {op.getKernel(), op.getDilation(), op.getPad()})
    if (pair.size() != 2)
      return op.emitOpError("expects two numbers, of height and width, found [")
             << pair << "]";
  for (int64_t dim : {0, 1})
    if (op.getKernel()[dim] < 1 || op.getDilation()[dim] < 1 ||
        op.getPad()[dim] < 0)
      return op.emitOpError("expects positive kernels and dilations and no "
                            "negative padding");
  return success();
}

/// (C3).
static LogicalResult verifyParts(ConvolutionOp op) {
  int64_t taps = op.getKernel()[0] * op.getKernel()[1];
  int64_t block = op.getBlock(), cols = op.getCols();
  if (block < 16 || block % 16 || cols < 8 || cols % 8 || op.getTaps() < 1 ||
      taps % op.getTaps())
    return op.emitOpError("expects blocks of a multiple of 16 channels, panels "
                          "of a multiple of 8 columns and steps that part the "
                          "taps, found ")
           << block << ", " << cols << " and " << op.getTaps();
  if (op.getLaunched() < 0 ||
      (op.getGather() && (op.getCompact() || op.getLaunched())))
    return op.emitOpError("expects no negative number of blocks, and neither "
                          "'compact' nor 'launched' beside 'gather'");
  for (Value table : {op.getChannels(), op.getBounds(), op.getColumns()}) {
    ShapedType type = getType(table);
    if (!type.hasStaticShape() || type.getRank() != 1 ||
        !type.getElementType().isInteger(32))
      return op.emitOpError("expects tables of i32, found ") << type;
  }
  int64_t channels = op.getChannelCount(), panels = op.getPanels();
  if (channels < block || channels % block || panels < 1 ||
      getType(op.getColumns()).getDimSize(0) != panels * cols)
    return op.emitOpError("expects whole blocks of channels and ")
           << cols << " columns for each panel, found " << channels
           << " channels, " << panels << " panels and "
           << op.getColumns().getType();
  ShapedType filters = getType(op.getFilters());
  if (filters.getRank() != 1 ||
      filters.getDimSize(0) != panels * taps * channels * cols)
    return op.emitOpError("expects ")
           << panels * taps * channels * cols << " values of filters, found "
           << filters;
  return success();
}

LogicalResult ConvolutionOp::verify() {
  if (failed(verifyDestination(*this, getInit())))
    return failure();
  if (failed(verifyShapes(*this)))
    return failure();
  return verifyParts(*this);
}

void ConvolutionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, getInitMutable(), /*readsInit=*/false, effects);
}
