//===- ExternalizeConstants.cpp - Large constants as arguments -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/IR/Convolution.h"
#include "spmmplu/IR/Winograd.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIREXTERNALIZECONSTANTS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr StringLiteral kConstantsAttrName = "sparse_ir.constants";

namespace {

struct ExternalizeConstantsPass
    : mlir::spmmplu::impl::SparseIRExternalizeConstantsBase<
          ExternalizeConstantsPass> {
  using SparseIRExternalizeConstantsBase::SparseIRExternalizeConstantsBase;

  void runOnOperation() override {
    // What an earlier run took out stays.
    SmallVector<NamedAttribute> constants;
    if (auto earlier =
            getOperation()->getAttrOfType<DictionaryAttr>(kConstantsAttrName))
      llvm::append_range(constants, earlier);
    getOperation()->walk([&](func::FuncOp function) {
      // The callers of a function would have to pass its constants on.
      if (!function.isExternal() && function.isPublic() &&
          SymbolTable::symbolKnownUseEmpty(function, getOperation()))
        externalize(function, constants);
    });
    getOperation()->setAttr(kConstantsAttrName,
                            DictionaryAttr::get(&getContext(), constants));
  }

private:
  void externalize(func::FuncOp function,
                   SmallVectorImpl<NamedAttribute> &constants) {
    llvm::SmallDenseMap<Attribute, BlockArgument> known;
    SmallVector<arith::ConstantOp> candidates;
    function.walk([&](arith::ConstantOp op) {
      auto elements = dyn_cast<ElementsAttr>(op.getValue());
      if (elements && isa<RankedTensorType>(op.getType()) &&
          (getNumBytes(elements) >= minBytes || isKernelData(op)))
        candidates.push_back(op);
    });
    for (arith::ConstantOp op : candidates) {
      auto elements = cast<ElementsAttr>(op.getValue());
      BlockArgument &argument = known[elements];
      if (!argument)
        argument = addArgument(function, op.getLoc(), elements, constants);
      op.replaceAllUsesWith(Value(argument));
      op.erase();
    }
  }

  /// Packed operands and tables are data whatever their size: the package
  /// describes its matrices by them. So is what an epilogue reads: a kernel of
  /// another device must find it in memory.
  static bool isKernelData(arith::ConstantOp op) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      if (auto attention = dyn_cast<AttentionOp>(user))
        return llvm::is_contained(attention.getTables(), op.getResult());
      if (isa<ConvolutionOp, WinogradInputOp, WinogradOutputOp>(user))
        return true; // a constant image, too, is none of the code
      auto kernel = dyn_cast<KernelOp>(user);
      return kernel &&
             (llvm::is_contained(kernel.getTables(), op.getResult()) ||
              llvm::is_contained(kernel.getEpilogueOperands(),
                                 op.getResult()) ||
              (kernel.getPackedLhs() && kernel.getLhs() == op.getResult()));
    });
  }

  static int64_t getNumBytes(ElementsAttr elements) {
    ShapedType type = elements.getShapedType();
    if (!type.getElementType().isIntOrFloat())
      return 0;
    return type.getNumElements() * type.getElementTypeBitWidth() / 8;
  }

  BlockArgument addArgument(func::FuncOp function, Location loc,
                            ElementsAttr elements,
                            SmallVectorImpl<NamedAttribute> &constants) {
    Builder builder(&getContext());
    std::string name = "c" + std::to_string(constants.size());
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
      name += "." + resource.getRawHandle().getKey().str();
    constants.push_back(builder.getNamedAttr(name, elements));
    unsigned at = function.getNumArguments();
    auto attributes = builder.getDictionaryAttr(
        {builder.getNamedAttr("sparse_ir.constant",
                              builder.getStringAttr(name)),
         builder.getNamedAttr(
             bufferization::BufferizationDialect::kWritableAttrName,
             builder.getBoolAttr(false))});
    (void)function.insertArgument(at, elements.getShapedType(), attributes,
                                  loc);
    return function.getArgument(at);
  }
};

} // namespace
