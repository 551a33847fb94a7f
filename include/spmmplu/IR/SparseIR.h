//===- SparseIR.h - The sparse_ir dialect ----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIR_H
#define SPMMPLU_IR_SPARSEIR_H

#include "spmmplu/Pattern/Layout.h"
#include "spmmplu/Pattern/Mask.h"
#include "spmmplu/Pattern/Pattern.h"
#include "spmmplu/Segmentation/Tables.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::spmmplu {

/// An axis of the computational space of C[i,j] += A[i,k] B[k,j].
enum class Axis { I = 0, J = 1, K = 2 };

/// What a meta-op names along an axis.
enum class AxisKind { Range, List, Whole };

} // namespace mlir::spmmplu

#include "spmmplu/IR/SparseIRDialect.h.inc"
#include "spmmplu/IR/SparseIREnums.h.inc"
#include "spmmplu/IR/SparseIRInterfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "spmmplu/IR/SparseIRAttributes.h.inc"
#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIROps.h.inc"

namespace mlir::spmmplu {

/// On the `scf.index_switch` that a product of several strategies became.
inline constexpr llvm::StringLiteral kProductAttrName = "sparse_ir.product";

/// The two axes along which an operand lies: lhs (i, k), rhs (k, j), out (i,
/// j).
std::pair<Axis, Axis> getAxes(Role role);

/// Whether an epilogue may hold `op`: constants, arithmetic, comparisons and
/// elementary functions of floats, which every conversion lowers.
bool isEpilogueOp(Operation *op);

/// A rank-`shape.size()` attribute of the values: inline where it is small, a
/// resource blob (named after `name`, made unique) where it is not. The
/// threshold keeps printed IR readable and large tables out of the uniquer.
ElementsAttr getTableElements(MLIRContext *context, StringRef name,
                              ArrayRef<int64_t> shape,
                              ArrayRef<int32_t> values);
ElementsAttr getTableElements(MLIRContext *context, StringRef name,
                              ArrayRef<int64_t> shape,
                              ArrayRef<int64_t> values);
ElementsAttr getTableElements(MLIRContext *context, StringRef name,
                              ArrayRef<int64_t> shape,
                              ArrayRef<uint8_t> values);

/// The raw elements of an inline or resource attribute, row-major, one
/// contiguous buffer; fails for an attribute of another kind, for a resource
/// without a blob, and for one whose size is not the type's. A splat is
/// expanded into `storage`. Elements of i1 are one byte each.
FailureOr<ArrayRef<char>> getRawElements(ElementsAttr attribute,
                                         SmallVectorImpl<char> &storage);

/// `attribute` as integers of type T; asserts the width (verified on tables).
template <typename T>
ArrayRef<T> getValues(ElementsAttr attribute, SmallVectorImpl<char> &storage) {
  ArrayRef<char> raw = *getRawElements(attribute, storage);
  return {reinterpret_cast<const T *>(raw.data()), raw.size() / sizeof(T)};
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_IR_SPARSEIR_H
