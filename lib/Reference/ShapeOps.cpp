//===- ShapeOps.cpp - Constants and changes of shape -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

static bool isIntegerTensor(Value value) {
  return !isa<FloatType>(getElementTypeOrSelf(value.getType()));
}

//===----------------------------------------------------------------------===//
// Making tensors
//===----------------------------------------------------------------------===//

static LogicalResult runConstant(Interpreter &interpreter,
                                 arith::ConstantOp op) {
  if (auto real = dyn_cast<FloatAttr>(op.getValue()))
    return interpreter.set(op, op.getResult(), Number{real.getValueAsDouble()});
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
    return interpreter.setInteger(op, op.getResult(),
                                  fromBits(op.getType(), integer.getValue()));
  auto elements = dyn_cast<ElementsAttr>(op.getValue());
  if (!elements)
    return op.emitError("expected a constant of numbers");
  auto constant = interpreter.getConstant(elements);
  if (failed(constant))
    return op.emitError("the constant has no data that can be read");
  return interpreter.set(op, op.getResult(), Slot{{}, *constant});
}

static LogicalResult runEmpty(Interpreter &interpreter, tensor::EmptyOp op) {
  SmallVector<int64_t> shape = interpreter.evaluate(op.getMixedSizes());
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  return interpreter.set(
      op, op.getResult(),
      ReferenceTensor(shape, isIntegerTensor(op.getResult()), Number{NAN, 0}));
}

/// The static sizes of `type`, the dynamic ones from `sizes`.
static SmallVector<int64_t> fillSizes(Interpreter &interpreter,
                                      RankedTensorType type, ValueRange sizes) {
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t &extent : shape)
    if (ShapedType::isDynamic(extent)) {
      extent = interpreter.getInteger(sizes.front());
      sizes = sizes.drop_front();
    }
  return shape;
}

static LogicalResult runSplat(Interpreter &interpreter, tensor::SplatOp op) {
  SmallVector<int64_t> shape =
      fillSizes(interpreter, op.getType(), op.getDynamicSizes());
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  return interpreter.set(op, op.getResult(),
                         ReferenceTensor(shape, isIntegerTensor(op.getResult()),
                                         interpreter.getNumber(op.getInput())));
}

static LogicalResult runFromElements(Interpreter &interpreter,
                                     tensor::FromElementsOp op) {
  ReferenceTensor result(op.getType().getShape(),
                         isIntegerTensor(op.getResult()));
  for (auto [flat, element] : llvm::enumerate(op.getElements()))
    result.set(flat, interpreter.getNumber(element));
  return interpreter.set(op, op.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Elements and sizes
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getIntegers(Interpreter &interpreter,
                                        ValueRange values) {
  return llvm::map_to_vector(
      values, [&](Value value) { return interpreter.getInteger(value); });
}

static LogicalResult runExtract(Interpreter &interpreter,
                                tensor::ExtractOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getTensor());
  FailureOr<int64_t> flat = getFlat(op, "the source", source.shape,
                                    getIntegers(interpreter, op.getIndices()));
  return failed(flat) ? failure()
                      : interpreter.set(op, op.getResult(), source.get(*flat));
}

static LogicalResult runInsert(Interpreter &interpreter, tensor::InsertOp op) {
  ReferenceTensor result = interpreter.getTensor(op.getDest());
  FailureOr<int64_t> flat = getFlat(op, "the destination", result.shape,
                                    getIntegers(interpreter, op.getIndices()));
  if (failed(flat) || failed(interpreter.spend(op, result.size())))
    return failure();
  result.set(*flat, interpreter.getNumber(op.getScalar()));
  return interpreter.set(op, op.getResult(), std::move(result));
}

static LogicalResult runDim(Interpreter &interpreter, tensor::DimOp op) {
  ArrayRef<int64_t> shape = interpreter.getTensor(op.getSource()).shape;
  int64_t dim = interpreter.getInteger(op.getIndex());
  if (dim < 0 || dim >= int64_t(shape.size()))
    return op.emitError("dimension ")
           << dim << " of a tensor of rank " << shape.size();
  return interpreter.setInteger(op, op.getResult(), shape[dim]);
}

//===----------------------------------------------------------------------===//
// Same elements, another shape
//===----------------------------------------------------------------------===//

static LogicalResult runCast(Interpreter &interpreter, tensor::CastOp op) {
  return interpreter.set(op, op.getResult(), interpreter.get(op.getSource()));
}

static LogicalResult reshape(Interpreter &interpreter, Operation *op,
                             Value source, ArrayRef<int64_t> shape) {
  ReferenceTensor result = interpreter.getTensor(source);
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  if (size != result.size())
    return op->emitError("cannot reshape ")
           << formatShape(result.shape) << " to " << formatShape(shape);
  result.shape.assign(shape.begin(), shape.end());
  return interpreter.set(op, op->getResult(0), std::move(result));
}

static LogicalResult runExpand(Interpreter &interpreter,
                               tensor::ExpandShapeOp op) {
  return reshape(interpreter, op, op.getSrc(),
                 interpreter.evaluate(op.getMixedOutputShape()));
}

static LogicalResult runCollapse(Interpreter &interpreter,
                                 tensor::CollapseShapeOp op) {
  ArrayRef<int64_t> from = interpreter.getTensor(op.getSrc()).shape;
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &dims : op.getReassociationIndices()) {
    int64_t extent = 1;
    for (int64_t dim : dims)
      extent *= from[dim];
    shape.push_back(extent);
  }
  return reshape(interpreter, op, op.getSrc(), shape);
}

void mlir::spmmplu::addShapeHandlers(HandlerTable &table) {
  table.add<arith::ConstantOp, runConstant>();
  table.add<tensor::EmptyOp, runEmpty>();
  table.add<tensor::SplatOp, runSplat>();
  table.add<tensor::FromElementsOp, runFromElements>();
  table.add<tensor::ExtractOp, runExtract>();
  table.add<tensor::InsertOp, runInsert>();
  table.add<tensor::DimOp, runDim>();
  table.add<tensor::CastOp, runCast>();
  table.add<tensor::ExpandShapeOp, runExpand>();
  table.add<tensor::CollapseShapeOp, runCollapse>();
}
