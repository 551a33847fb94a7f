//===- TensorOps.cpp - Slices, padding, linalg -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Slices and padding
//===----------------------------------------------------------------------===//

/// The row-major positions in a tensor of `shape` of a strided slice of it, in
/// the slice's own row-major order.
static FailureOr<SmallVector<int64_t>>
getSlicePositions(Operation *op, Interpreter &interpreter,
                  ArrayRef<int64_t> shape, OffsetSizeAndStrideOpInterface slice,
                  SmallVectorImpl<int64_t> &sizes) {
  SmallVector<int64_t> offsets = interpreter.evaluate(slice.getMixedOffsets());
  SmallVector<int64_t> strides = interpreter.evaluate(slice.getMixedStrides());
  sizes = interpreter.evaluate(slice.getMixedSizes());
  if (failed(interpreter.checkShape(op, sizes)))
    return failure();
  SmallVector<int64_t> positions, at(shape.size());
  LogicalResult visited = forEachIndex(sizes, [&](ArrayRef<int64_t> index) {
    for (size_t dim = 0; dim < at.size(); ++dim)
      at[dim] = int64_t(uint64_t(offsets[dim]) +
                        uint64_t(index[dim]) * uint64_t(strides[dim]));
    FailureOr<int64_t> flat = getFlat(op, "the sliced tensor", shape, at);
    if (failed(flat))
      return failure();
    positions.push_back(*flat);
    return success();
  });
  if (failed(visited))
    return failure();
  return positions;
}

static LogicalResult runExtractSlice(Interpreter &interpreter,
                                     tensor::ExtractSliceOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  SmallVector<int64_t> sizes;
  FailureOr<SmallVector<int64_t>> positions =
      getSlicePositions(op, interpreter, source.shape, op, sizes);
  if (failed(positions))
    return failure();
  llvm::SmallBitVector dropped = op.getDroppedDims();
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!dropped.test(dim))
      shape.push_back(size);
  ReferenceTensor result(shape, source.isInteger);
  for (auto [flat, position] : llvm::enumerate(*positions))
    result.set(flat, source.get(position));
  return interpreter.set(op, op.getResult(), std::move(result));
}

static LogicalResult runInsertSlice(Interpreter &interpreter,
                                    tensor::InsertSliceOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  ReferenceTensor result = interpreter.getTensor(op.getDest());
  SmallVector<int64_t> sizes;
  FailureOr<SmallVector<int64_t>> positions =
      getSlicePositions(op, interpreter, result.shape, op, sizes);
  if (failed(positions) || failed(interpreter.spend(op, result.size())))
    return failure();
  if (int64_t(positions->size()) != source.size())
    return op.emitError("expected a source of ")
           << formatShape(sizes) << ", found " << formatShape(source.shape);
  for (auto [flat, position] : llvm::enumerate(*positions))
    result.set(position, source.get(flat));
  return interpreter.set(op, op.getResult(), std::move(result));
}

static LogicalResult runPad(Interpreter &interpreter, tensor::PadOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  SmallVector<int64_t> low = interpreter.evaluate(op.getMixedLowPad());
  SmallVector<int64_t> shape = interpreter.evaluate(op.getMixedHighPad());
  for (auto [dim, extent] : llvm::enumerate(shape))
    extent = int64_t(uint64_t(extent) + uint64_t(low[dim]) +
                     uint64_t(source.shape[dim]));
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  Block &body = op.getRegion().front();
  ReferenceTensor result(shape, source.isInteger);
  int64_t flat = 0;
  SmallVector<int64_t> from(shape.size());
  LogicalResult visited = forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    for (size_t dim = 0; dim < from.size(); ++dim)
      from[dim] = index[dim] - low[dim];
    if (std::optional<int64_t> inside = getFlat(source.shape, from)) {
      result.set(flat++, source.get(*inside));
      return success();
    }
    for (auto [argument, at] : llvm::zip_equal(body.getArguments(), index))
      if (failed(interpreter.setInteger(op, argument, at)))
        return failure();
    if (failed(interpreter.runBlock(body)))
      return failure();
    result.set(flat++,
               interpreter.getNumber(body.getTerminator()->getOperand(0)));
    return success();
  });
  return failed(visited)
             ? failure()
             : interpreter.set(op, op.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Linalg
//===----------------------------------------------------------------------===//

namespace {

/// One linalg op: its domain is walked in row-major order, outputs in place.
class LinalgRun {
public:
  LinalgRun(Interpreter &interpreter, linalg::LinalgOp op)
      : interpreter(interpreter), op(op), body(*op.getBlock()) {}

  LogicalResult run() {
    if (!op.hasPureTensorSemantics())
      return op->emitError(
          "the reference evaluator has values of tensors only");
    FailureOr<SmallVector<int64_t>> domain = getDomain();
    if (failed(domain))
      return failure();
    for (OpOperand &init : op.getDpsInitsMutable()) {
      outputs.push_back(interpreter.getTensor(init.get()));
      if (failed(interpreter.spend(op, outputs.back().size())))
        return failure();
    }
    if (failed(readMask()))
      return failure();
    SmallVector<int64_t> outer = interpreter.iteration;
    LogicalResult visited =
        forEachIndex(*domain, [&](ArrayRef<int64_t> iteration) {
          interpreter.iteration.assign(iteration.begin(), iteration.end());
          return runIteration(iteration);
        });
    interpreter.iteration = outer;
    if (failed(visited))
      return failure();
    for (auto [result, output] : llvm::zip_equal(op->getResults(), outputs))
      if (failed(interpreter.set(op, result, std::move(output))))
        return failure();
    return success();
  }

private:
  /// Extents of the iteration domain; operands must agree on them.
  FailureOr<SmallVector<int64_t>> getDomain() {
    SmallVector<int64_t> sizes;
    for (Value operand : op->getOperands())
      if (isa<RankedTensorType>(operand.getType()))
        llvm::append_range(sizes, interpreter.getTensor(operand).shape);
    AffineMap map = op.getShapesToLoopsMap();
    if (!map || map.getNumDims() != sizes.size())
      return op->emitError("the operands do not tell the iteration domain");
    FailureOr<SmallVector<int64_t>> domain = evaluateAffine(map, sizes);
    if (failed(domain))
      return failure();
    return checkAgreement(*domain);
  }

  /// A dimension that an operand indexes by one loop has that loop's extent.
  FailureOr<SmallVector<int64_t>> checkAgreement(SmallVector<int64_t> domain) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<RankedTensorType>(operand.get().getType()))
        continue;
      ArrayRef<int64_t> shape = interpreter.getTensor(operand.get()).shape;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [dim, expr] : llvm::enumerate(map.getResults()))
        if (auto loop = dyn_cast<AffineDimExpr>(expr);
            loop && domain[loop.getPosition()] != shape[dim])
          return op->emitError("expected dimension ")
                 << dim << " of operand " << operand.getOperandNumber()
                 << " to be " << domain[loop.getPosition()] << ", found "
                 << shape[dim];
    }
    return domain;
  }

  /// Output sparsity on a linalg op is the instruction that it is on a
  /// `sparse_ir.matmul`: elements outside of the mask stay as they are. An
  /// attribute says so, or the encoding of the type that a product adds to.
  LogicalResult readMask() {
    auto sparsity = op->getAttrOfType<SparsityAttr>("sparse_ir.out");
    bool isProduct = op.getNumDpsInputs() == 2 && op.getNumReductionLoops() > 0;
    if (!sparsity && isProduct)
      if (auto type =
              dyn_cast<RankedTensorType>(op.getDpsInits().back().getType()))
        sparsity = dyn_cast_or_null<SparsityAttr>(type.getEncoding());
    if (!sparsity)
      return success();
    mask = resolveTrailing(sparsity, outputs.front().shape);
    if (outputs.size() != 1 || !mask ||
        !fitsTrailing(*mask, outputs.front().shape))
      return op->emitError("expected a mask for an output of ")
             << formatShape(outputs.front().shape);
    return success();
  }

  LogicalResult runIteration(ArrayRef<int64_t> iteration) {
    SmallVector<int64_t> targets;
    int64_t firstInit = op.getNumDpsInputs();
    for (OpOperand &operand : op->getOpOperands()) {
      int64_t number = operand.getOperandNumber();
      Number value = interpreter.getNumber(operand.get());
      if (isa<RankedTensorType>(operand.get().getType())) {
        const ReferenceTensor &tensor =
            number < firstInit ? interpreter.getTensor(operand.get())
                               : outputs[number - firstInit];
        FailureOr<SmallVector<int64_t>> index =
            evaluateAffine(op.getMatchingIndexingMap(&operand), iteration);
        if (failed(index))
          return op->emitError("division by zero or less in an indexing map");
        FailureOr<int64_t> flat = getFlat(
            op, "operand " + std::to_string(number), tensor.shape, *index);
        if (failed(flat))
          return failure();
        value = tensor.get(*flat);
        if (number >= firstInit)
          targets.push_back(*flat);
      }
      if (number < int64_t(body.getNumArguments()) &&
          failed(interpreter.set(op, body.getArgument(number), value)))
        return failure();
    }
    if (failed(interpreter.spend(op, 1)) || failed(interpreter.runBlock(body)))
      return failure();
    ValueRange yielded = body.getTerminator()->getOperands();
    for (auto [output, flat, value] :
         llvm::zip_equal(outputs, targets, yielded))
      if (!mask || getTrailing(*mask, flat))
        output.set(flat, interpreter.getNumber(value));
    return success();
  }

  Interpreter &interpreter;
  linalg::LinalgOp op;
  Block &body;
  SmallVector<ReferenceTensor> outputs;
  std::optional<Mask> mask;
};

} // namespace

LogicalResult mlir::spmmplu::runLinalg(Interpreter &interpreter,
                                       Operation *op) {
  return LinalgRun(interpreter, cast<linalg::LinalgOp>(op)).run();
}

static LogicalResult runIndex(Interpreter &interpreter, linalg::IndexOp op) {
  if (op.getDim() >= interpreter.iteration.size())
    return op.emitError("dimension ") << op.getDim() << " is no loop";
  return interpreter.setInteger(op, op.getResult(),
                                interpreter.iteration[op.getDim()]);
}

void mlir::spmmplu::addTensorHandlers(HandlerTable &table) {
  table.add<tensor::ExtractSliceOp, runExtractSlice>();
  table.add<tensor::InsertSliceOp, runInsertSlice>();
  table.add<tensor::PadOp, runPad>();
  table.add<linalg::IndexOp, runIndex>();
}
