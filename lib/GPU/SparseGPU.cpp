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

static bool isFloat8(Type type) {
  return isa<Float8E4M3FNType, Float8E5M2Type>(type);
}
static bool isByte(Type type) { return type.isInteger(8) || isFloat8(type); }

/// Elements of A in a lane's registers, of 16 bytes.
static int64_t getFragmentSize(Type element) {
  return isByte(element) ? 16 : isHalf(element) ? 8 : 4;
}

/// Logical k of an instruction on a type of elements.
static int64_t getInstructionDepth(Type element, bool sparse) {
  return getFragmentSize(element) * (sparse ? 4 : 2);
}

/// `selector` without metadata has no meaning; `constraint` is its name in the
/// op's list.
static LogicalResult verifySelector(Operation *op, StringRef constraint,
                                    Type element, bool sparse,
                                    int32_t selector) {
  if (isByte(element) && selector)
    return op->emitOpError("(") << constraint << ") expects selector 0 with "
                                << element << ", found " << selector;
  if (selector < 0 || selector > 1)
    return op->emitOpError("(")
           << constraint << ") expects selector 0 or 1, found " << selector;
  if (selector && !sparse)
    return op->emitOpError("(")
           << constraint << ") expects metadata with selector " << selector
           << ", found none";
  return success();
}

/// Floats and integers that have a sign in themselves have no other.
static LogicalResult verifySigns(Operation *op, StringRef constraint,
                                 Type element, bool isUnsigned) {
  if (isUnsigned && !element.isInteger(8))
    return op->emitOpError("(")
           << constraint << ") expects unsigned elements to be i8, found "
           << element;
  return success();
}

/// `type` is a vector of `count` elements, a fixed number of them.
static bool hasElements(VectorType type, int64_t count) {
  return type.getShape() == ArrayRef<int64_t>{count} && !type.isScalable();
}

int64_t MmaOp::getDepth() {
  return getInstructionDepth(
      cast<VectorType>(getA().getType()).getElementType(), isSparse());
}

LogicalResult MmaOp::verify() {
  auto a = cast<VectorType>(getA().getType());
  auto b = cast<VectorType>(getB().getType());
  auto c = cast<VectorType>(getC().getType());
  Type element = a.getElementType();
  if ((!isHalf(element) && !element.isF32() && !isByte(element)) ||
      b.getElementType() != element)
    return emitOpError("(C1) expects a and b of one type, f16, bf16, f32, i8, "
                       "f8E4M3FN or f8E5M2; found ")
           << a << " and " << b;
  int64_t values = getFragmentSize(element);
  int64_t others = isSparse() ? values : values / 2;
  if (!hasElements(a, values) || !hasElements(b, others))
    return emitOpError("(C1) expects ")
           << values << " values of a and " << others << " of b, found " << a
           << " and " << b;
  Type sum = c.getElementType();
  bool accumulates = element.isInteger(8)
                         ? sum.isInteger(32)
                         : sum.isF32() || (sum.isF16() && element.isF16());
  if (!hasElements(c, 4) || !accumulates)
    return emitOpError("(C1) expects c of 4 values of f32, of i32 where a is "
                       "i8, or f16 where a is f16; found ")
           << c;
  if (failed(verifySelector(*this, "C2", element, isSparse(), getSelector())))
    return failure();
  return verifySigns(*this, "C3", element, getUnsignedA() || getUnsignedB());
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
  return getInstructionDepth(getElement(), isSparse());
}

LogicalResult WgmmaOp::verify() {
  auto c = cast<VectorType>(getC().getType());
  int64_t cols = 2 * c.getNumElements();
  bool isInteger = getElement().isInteger(8);
  Type sum = isInteger ? Type(IntegerType::get(getContext(), 32))
                       : Float32Type::get(getContext());
  if (c.getRank() != 1 || c.isScalable() || c.getElementType() != sum ||
      cols % 8 || cols > 256)
    return emitOpError("(C1) expects c of N / 2 values of ")
           << sum << ", N a multiple of 8 up to 256, found " << c;
  if (isInteger && cols > 32 && cols % 16)
    return emitOpError("(C1) expects N to be a multiple of 16 from 32 on with "
                       "i8, found ")
           << cols;
  if (!isHalf(getElement()) && !getElement().isTF32() && !isByte(getElement()))
    return emitOpError("(C2) expects f16, bf16, tf32, i8, f8E4M3FN or f8E5M2, "
                       "found ")
           << getElement();
  Type inRegisters =
      getElement().isTF32() ? Float32Type::get(getContext()) : getElement();
  Type fragment = VectorType::get({getFragmentSize(getElement())}, inRegisters);
  if (!getA().getType().isInteger(64) && getA().getType() != fragment)
    return emitOpError("(C2) expects a descriptor (i64) or ")
           << fragment << " as a, found " << getA().getType();
  if (getTransposeB() && !isHalf(getElement()))
    return emitOpError("(C3) transposes b of 16-bit elements only, found ")
           << getElement();
  if (failed(
          verifySelector(*this, "C4", getElement(), isSparse(), getSelector())))
    return failure();
  return verifySigns(*this, "C5", getElement(),
                     getUnsignedA() || getUnsignedB());
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
