//===- SparseGPU.cpp - Verifiers of the dialect sparse_gpu ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::spmmplu;

#include "spmmplu/GPU/SparseGPUDialect.cpp.inc"
#define GET_OP_CLASSES
#include "spmmplu/GPU/SparseGPUOps.cpp.inc"

void SparseGPUDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "spmmplu/GPU/SparseGPUOps.cpp.inc"
      >();
}

/// Registers hold tf32 as f32.
static bool isHalf(Type type) { return type.isF16() || type.isBF16(); }

/// `selector` without metadata has no meaning; `constraint` is its name in the
/// op's list.
static LogicalResult verifySelector(Operation *op, StringRef constraint,
                                    bool sparse, int32_t selector) {
  if (selector < 0 || selector > 1)
    return op->emitOpError("(")
           << constraint << ") expects selector 0 or 1, found " << selector;
  if (selector && !sparse)
    return op->emitOpError("(")
           << constraint << ") expects metadata with selector " << selector
           << ", found none";
  return success();
}

/// `type` is a vector of `count` elements, a fixed number of them.
static bool hasElements(VectorType type, int64_t count) {
  return type.getShape() == ArrayRef<int64_t>{count} && !type.isScalable();
}

int64_t MmaOp::getDepth() {
  int64_t dense =
      isHalf(cast<VectorType>(getA().getType()).getElementType()) ? 16 : 8;
  return isSparse() ? 2 * dense : dense;
}

LogicalResult MmaOp::verify() {
  auto a = cast<VectorType>(getA().getType());
  auto b = cast<VectorType>(getB().getType());
  auto c = cast<VectorType>(getC().getType());
  Type element = a.getElementType();
  if ((!isHalf(element) && !element.isF32()) || b.getElementType() != element)
    return emitOpError("(C1) expects a and b of f16, bf16 or f32, found ")
           << a << " and " << b;
  int64_t values = isHalf(element) ? 8 : 4;
  int64_t others = isSparse() ? values : values / 2;
  if (!hasElements(a, values) || !hasElements(b, others))
    return emitOpError("(C1) expects ")
           << values << " values of a and " << others << " of b, found " << a
           << " and " << b;
  bool accumulates = c.getElementType().isF32() ||
                     (c.getElementType().isF16() && element.isF16());
  if (!hasElements(c, 4) || !accumulates)
    return emitOpError("(C1) expects c of 4 values of f32, or f16 where a is "
                       "f16; found ")
           << c;
  return verifySelector(*this, "C2", isSparse(), getSelector());
}

LogicalResult RoundTF32Op::verify() {
  auto vector = dyn_cast<VectorType>(getValue().getType());
  if (!getElementTypeOrSelf(getValue().getType()).isF32() ||
      (vector && (vector.getRank() != 1 || vector.isScalable())))
    return emitOpError("(C1) expects f32 or a vector of it, found ")
           << getValue().getType();
  return success();
}

int64_t WgmmaOp::getDepth() {
  int64_t dense = isHalf(getElement()) ? 16 : 8;
  return isSparse() ? 2 * dense : dense;
}

LogicalResult WgmmaOp::verify() {
  auto c = cast<VectorType>(getC().getType());
  int64_t cols = 2 * c.getNumElements();
  if (c.getRank() != 1 || c.isScalable() || !c.getElementType().isF32() ||
      cols % 8 || cols > 256)
    return emitOpError("(C1) expects c of N / 2 values of f32, N a multiple of "
                       "8 up to 256, found ")
           << c;
  if (!isHalf(getElement()) && !getElement().isTF32())
    return emitOpError("(C2) expects f16, bf16 or tf32, found ")
           << getElement();
  Type inRegisters =
      isHalf(getElement()) ? getElement() : Float32Type::get(getContext());
  Type fragment = VectorType::get({isHalf(getElement()) ? 8 : 4}, inRegisters);
  if (!getA().getType().isInteger(64) && getA().getType() != fragment)
    return emitOpError("(C2) expects a descriptor (i64) or ")
           << fragment << " as a, found " << getA().getType();
  if (getTransposeB() && !isHalf(getElement()))
    return emitOpError("(C3) transposes b of 16-bit elements only, found ")
           << getElement();
  return verifySelector(*this, "C4", isSparse(), getSelector());
}

LogicalResult TensorMapOp::verify() {
  if (!isHalf(getElement()) && !getElement().isF32())
    return emitOpError("(C2) expects f16, bf16 or f32, found ") << getElement();
  int64_t rows = getBoxRows(), cols = getBoxCols();
  int64_t width = getElement().getIntOrFloatBitWidth() / 8;
  if (rows < 1 || rows > 256 || cols < 1 || cols > 128 / width ||
      cols * width % 16)
    return emitOpError("(C1) expects a box of at most 256 rows of 16 to 128 "
                       "bytes in steps of 16, found ")
           << rows << " rows of " << cols << " elements of " << width
           << " bytes";
  return success();
}
