//===- ResultsToDestinations.cpp - Results into arguments ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRRESULTSTODESTINATIONS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr StringLiteral kDimsAttrName = "sparse_ir.dims";

namespace {

/// A dynamic dimension of an argument and its symbol.
struct Symbol {
  Value argument;
  int64_t dim;
  StringAttr name;
};

class FunctionRewriter {
public:
  explicit FunctionRewriter(func::FuncOp function)
      : function(function), builder(function.getContext()) {}

  LogicalResult run() {
    // A name that is given stands for one size: it is not made up for another.
    for (unsigned n = 0; n < function.getNumArguments(); ++n)
      if (auto given = function.getArgAttrOfType<ArrayAttr>(n, kDimsAttrName))
        for (Attribute dim : given)
          if (auto name = dyn_cast<StringAttr>(dim))
            givenNames.insert(name);
    for (BlockArgument argument : function.getArguments()) {
      if (failed(nameDims(argument)))
        return failure();
      protect(argument);
    }
    auto terminator =
        cast<func::ReturnOp>(function.getBody().front().getTerminator());
    SmallVector<Value> kept;
    for (auto [at, value] : llvm::enumerate(terminator.getOperands())) {
      if (!isa<RankedTensorType>(value.getType())) {
        kept.push_back(value);
        continue;
      }
      if (failed(addDestination(terminator, at, value)))
        return failure();
    }
    SmallVector<Type> keptTypes = llvm::to_vector(ValueRange(kept).getTypes());
    builder.setInsertionPoint(terminator);
    func::ReturnOp::create(builder, terminator.getLoc(), kept);
    terminator.erase();
    function.setFunctionType(
        builder.getFunctionType(function.getArgumentTypes(), keptTypes));
    function.removeResAttrsAttr();
    return success();
  }

private:
  LogicalResult nameDims(BlockArgument argument) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type)
      return success();
    unsigned number = argument.getArgNumber();
    auto given = function.getArgAttrOfType<ArrayAttr>(number, kDimsAttrName);
    if (given && int64_t(given.size()) != type.getRank())
      return function.emitOpError("argument ")
             << number << " has " << given.size() << " dims in '"
             << kDimsAttrName << "', expected " << type.getRank();
    SmallVector<Attribute> dims;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim)) {
        dims.push_back(builder.getI64IntegerAttr(type.getDimSize(dim)));
        continue;
      }
      auto name = given ? dyn_cast<StringAttr>(given[dim]) : StringAttr();
      for (size_t n = symbols.size(); !name; ++n)
        if (auto made = builder.getStringAttr("d" + Twine(n));
            givenNames.insert(made).second)
          name = made;
      symbols.push_back({argument, dim, name});
      dims.push_back(name);
    }
    function.setArgAttr(number, kDimsAttrName, builder.getArrayAttr(dims));
    return success();
  }

  /// An input belongs to the caller. What starts from its contents starts from
  /// a copy, which bufferization can then make in the result's place.
  void protect(BlockArgument argument) {
    if (!isa<RankedTensorType>(argument.getType()))
      return;
    function.setArgAttr(argument.getArgNumber(),
                        bufferization::BufferizationDialect::kWritableAttrName,
                        builder.getBoolAttr(false));
    for (OpOperand &use : llvm::make_early_inc_range(argument.getUses())) {
      auto op = dyn_cast<linalg::LinalgOp>(use.getOwner());
      if (!op || !op.isDpsInit(&use))
        continue;
      builder.setInsertionPoint(op);
      Location loc = op.getLoc();
      auto type = cast<RankedTensorType>(argument.getType());
      Value copy = tensor::EmptyOp::create(
          builder, loc, tensor::getMixedSizes(builder, loc, argument),
          type.getElementType(), type.getEncoding());
      if (op.payloadUsesValueFromOperand(&use))
        copy =
            linalg::CopyOp::create(builder, loc, argument, copy)->getResult(0);
      use.set(copy);
    }
  }

  LogicalResult addDestination(func::ReturnOp terminator, size_t at,
                               Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<Attribute> dims;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim)) {
        dims.push_back(builder.getI64IntegerAttr(type.getDimSize(dim)));
        continue;
      }
      StringAttr name = findSymbol(value, dim);
      if (!name)
        return terminator.emitOpError("returns a tensor whose dimension ")
               << dim << " is no dimension of an argument";
      dims.push_back(name);
    }
    unsigned number = function.getNumArguments();
    auto buffer = MemRefType::get(type.getShape(), type.getElementType());
    auto attributes = builder.getDictionaryAttr(
        {builder.getNamedAttr("sparse_ir.result",
                              builder.getI64IntegerAttr(at)),
         builder.getNamedAttr(kDimsAttrName, builder.getArrayAttr(dims))});
    if (failed(function.insertArgument(number, buffer, attributes,
                                       terminator.getLoc())))
      return failure();
    builder.setInsertionPoint(terminator);
    auto store = bufferization::MaterializeInDestinationOp::create(
        builder, terminator.getLoc(), value, function.getArgument(number));
    store.setWritable(true);
    // No other argument overlaps a result's, so that what is stored into it may
    // be computed in it.
    store.setRestrict(true);
    return success();
  }

  StringAttr findSymbol(Value value, int64_t dim) {
    for (const Symbol &symbol : symbols) {
      FailureOr<bool> equal = ValueBoundsConstraintSet::areEqual(
          {value, dim}, {symbol.argument, symbol.dim});
      if (succeeded(equal) && *equal)
        return symbol.name;
    }
    return {};
  }

  func::FuncOp function;
  OpBuilder builder;
  SmallVector<Symbol> symbols;
  llvm::SmallDenseSet<StringAttr> givenNames;
};

struct ResultsToDestinationsPass
    : mlir::spmmplu::impl::SparseIRResultsToDestinationsBase<
          ResultsToDestinationsPass> {
  void runOnOperation() override {
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && !function.isExternal() &&
          SymbolTable::symbolKnownUseEmpty(function, getOperation()) &&
          function.getBody().hasOneBlock())
        if (failed(FunctionRewriter(function).run()))
          return signalPassFailure();
  }
};

} // namespace
