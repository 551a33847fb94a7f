//===- SparseIRDialect.cpp - The sparse_ir dialect -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/IR/Attention.h"
#include "spmmplu/IR/Convolution.h"
#include "spmmplu/IR/Winograd.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::spmmplu;

#include "spmmplu/IR/SparseIRDialect.cpp.inc"

namespace {

/// Tables print once, above the ops that walk them: a Meta-DFG names its table
/// four times. A slice or an assign is not parsed otherwise either: the `:`
/// after its table would be taken for that of a typed attribute.
struct SparseIRAsmInterface : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;

  AliasResult getAlias(Attribute attribute, raw_ostream &os) const override {
    if (isa<RangesAttr>(attribute))
      os << "ranges";
    else if (isa<ChainsAttr>(attribute))
      os << "chains";
    else if (isa<TilesAttr>(attribute))
      os << "tiles";
    else
      return AliasResult::NoAlias;
    return AliasResult::FinalAlias;
  }
};

} // namespace

void SparseIRDialect::initialize() {
  addInterfaces<SparseIRAsmInterface>();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "spmmplu/IR/SparseIROps.cpp.inc"
      >();
  addOperations<AttentionOp, ConvolutionOp, WinogradInputOp,
                WinogradOutputOp>();
}
