//===- Evaluator.cpp - Functions, calls, loops -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Evaluator
//===----------------------------------------------------------------------===//

/// The input as a value of `type`.
static FailureOr<Slot> toSlot(func::FuncOp func, unsigned number, Type type,
                              const ReferenceTensor &input) {
  if (!isSupported(type))
    return func.emitError("the reference evaluator has no values of type ")
           << type << " of argument " << number;
  int64_t size = input.isInteger ? input.integers.size() : input.reals.size();
  int64_t expected = 1;
  for (int64_t extent : input.shape)
    if (extent < 0 || llvm::MulOverflow(expected, extent, expected))
      return func.emitError("input ")
             << number << " has shape " << formatShape(input.shape);
  if (size != expected ||
      input.isInteger == isa<FloatType>(getElementTypeOrSelf(type)))
    return func.emitError("expected input ")
           << number << " to have " << expected << " elements of "
           << getElementTypeOrSelf(type) << ", found " << size << " "
           << (input.isInteger ? "integers" : "reals");
  if (isa<RankedTensorType>(type))
    return Slot{{}, std::make_shared<ReferenceTensor>(input)};
  if (!input.shape.empty())
    return func.emitError("expected input ")
           << number << " to have rank 0 for type " << type << ", found "
           << formatShape(input.shape);
  return Slot{input.get(0), nullptr};
}

FailureOr<SmallVector<ReferenceTensor>>
Evaluator::evaluate(func::FuncOp func, ArrayRef<ReferenceTensor> inputs) const {
  ArrayRef<Type> types = func.getArgumentTypes();
  if (inputs.size() != types.size())
    return func.emitError("expected ")
           << types.size() << " inputs, found " << inputs.size();
  SmallVector<Slot> arguments;
  for (auto [number, type] : llvm::enumerate(types)) {
    FailureOr<Slot> slot = toSlot(func, number, type, inputs[number]);
    if (failed(slot))
      return failure();
    arguments.push_back(std::move(*slot));
  }
  Interpreter interpreter(options);
  FailureOr<SmallVector<Slot>> results =
      interpreter.call(func, func, arguments);
  if (failed(results))
    return failure();
  SmallVector<ReferenceTensor> tensors;
  for (auto [slot, type] : llvm::zip_equal(*results, func.getResultTypes())) {
    if (slot.tensor)
      tensors.push_back(*slot.tensor);
    else
      tensors.emplace_back(ArrayRef<int64_t>(), !isa<FloatType>(type),
                           slot.number);
  }
  return tensors;
}

//===----------------------------------------------------------------------===//
// Calls, loops, branches
//===----------------------------------------------------------------------===//

static LogicalResult runCall(Interpreter &interpreter, func::CallOp op) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee || callee.isExternal())
    return op.emitError("function '")
           << op.getCallee() << "' has no body to evaluate";
  SmallVector<Slot> arguments;
  for (Value operand : op.getOperands())
    arguments.push_back(interpreter.get(operand));
  FailureOr<SmallVector<Slot>> results =
      interpreter.call(op, callee, arguments);
  if (failed(results))
    return failure();
  for (auto [result, slot] : llvm::zip_equal(op.getResults(), *results))
    if (failed(interpreter.set(op, result, slot)))
      return failure();
  return success();
}

/// Copies values to others, all at once.
static LogicalResult assign(Interpreter &interpreter, Operation *op,
                            ValueRange to, ValueRange from) {
  SmallVector<Slot> slots;
  for (Value value : from)
    slots.push_back(interpreter.get(value));
  for (auto [value, slot] : llvm::zip_equal(to, slots))
    if (failed(interpreter.set(op, value, std::move(slot))))
      return failure();
  return success();
}

static LogicalResult runFor(Interpreter &interpreter, scf::ForOp op) {
  int64_t at = interpreter.getInteger(op.getLowerBound());
  int64_t end = interpreter.getInteger(op.getUpperBound());
  int64_t step = interpreter.getInteger(op.getStep());
  if (step <= 0)
    return op.emitError("expected a positive step, found ") << step;
  ValueRange carried = op.getRegionIterArgs();
  if (failed(assign(interpreter, op, carried, op.getInitArgs())))
    return failure();
  while (at < end) {
    if (failed(interpreter.spend(op, 1)) ||
        failed(interpreter.setInteger(op, op.getInductionVar(), at)) ||
        failed(interpreter.runBlock(*op.getBody())) ||
        failed(assign(interpreter, op, carried,
                      op.getBody()->getTerminator()->getOperands())))
      return failure();
    if (step > end - at)
      break;
    at += step;
  }
  return assign(interpreter, op, op.getResults(), carried);
}

static LogicalResult runIf(Interpreter &interpreter, scf::IfOp op) {
  Region &region = interpreter.getInteger(op.getCondition())
                       ? op.getThenRegion()
                       : op.getElseRegion();
  if (region.empty())
    return success();
  Block &block = region.front();
  if (failed(interpreter.runBlock(block)))
    return failure();
  return assign(interpreter, op, op.getResults(),
                block.getTerminator()->getOperands());
}

static LogicalResult runIndexSwitch(Interpreter &interpreter,
                                    scf::IndexSwitchOp op) {
  int64_t index = interpreter.getInteger(op.getArg());
  const auto *found = llvm::find(op.getCases(), index);
  Block &block = found == op.getCases().end()
                     ? op.getDefaultBlock()
                     : op.getCaseBlock(found - op.getCases().begin());
  if (failed(interpreter.runBlock(block)))
    return failure();
  return assign(interpreter, op, op.getResults(),
                block.getTerminator()->getOperands());
}

void mlir::spmmplu::addControlHandlers(HandlerTable &table) {
  table.add<func::CallOp, runCall>();
  table.add<scf::ForOp, runFor>();
  table.add<scf::IfOp, runIf>();
  table.add<scf::IndexSwitchOp, runIndexSwitch>();
}
