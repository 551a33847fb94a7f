//===- Interpreter.cpp - State of an evaluation ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Deeper calls are taken for a recursion without end.
static constexpr int64_t kMaxCallDepth = 64;

static const HandlerTable &getHandlers() {
  static const HandlerTable table = [] {
    HandlerTable table;
    addControlHandlers(table);
    addRealHandlers(table);
    addIntegerHandlers(table);
    addShapeHandlers(table);
    addTensorHandlers(table);
    addSoftmaxHandlers(table);
    addSparseHandlers(table);
    addWinogradHandlers(table);
    return table;
  }();
  return table;
}

Interpreter::Interpreter(const EvaluatorOptions &options) : options(options) {}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Slot>> Interpreter::call(Operation *caller,
                                               func::FuncOp func,
                                               ArrayRef<Slot> arguments) {
  if (!func.getBody().hasOneBlock())
    return caller->emitError("expected function '")
           << func.getSymName() << "' to have one block, found "
           << func.getBody().getBlocks().size();
  Operation *last = func.getBody().front().getTerminator();
  if (!isa<func::ReturnOp>(last))
    return last->emitError("expected 'func.return', found '")
           << last->getName() << "'";
  if (depth == kMaxCallDepth)
    return caller->emitError("calls are nested deeper than ") << kMaxCallDepth;
  // A recursive call sets the same values again.
  DenseMap<Value, Slot> saved = std::move(values);
  values = DenseMap<Value, Slot>();
  ++depth;
  llvm::scope_exit restore([&] {
    values = std::move(saved);
    --depth;
  });
  Block &body = func.getBody().front();
  for (auto [value, slot] : llvm::zip_equal(body.getArguments(), arguments))
    if (failed(set(caller, value, slot)))
      return failure();
  if (failed(runBlock(body)))
    return failure();
  SmallVector<Slot> results;
  for (Value result : body.getTerminator()->getOperands())
    results.push_back(get(result));
  return results;
}

LogicalResult Interpreter::runBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(runOp(&op)))
      return failure();
  return success();
}

Interpreter::Dispatch Interpreter::lookup(Operation *op) {
  auto [at, isNew] = dispatches.try_emplace(op->getName().getAsOpaquePointer());
  if (isNew) {
    StringRef name = op->getName().getStringRef();
    at->second.handler = getHandlers().ops.lookup(name);
    at->second.scalar = getHandlers().scalars.lookup(name);
    if (!at->second.handler && isa<linalg::LinalgOp>(op))
      at->second.handler = runLinalg;
  }
  return at->second;
}

LogicalResult Interpreter::runOp(Operation *op) {
  Dispatch dispatch = lookup(op);
  if (!dispatch.handler && !dispatch.scalar)
    return op->emitError("the reference evaluator does not know '")
           << op->getName() << "'";
  for (Type type : op->getResultTypes())
    if (!isSupported(type))
      return op->emitError("the reference evaluator has no values of type ")
             << type;
  if (failed(spend(op, 1)))
    return failure();
  return dispatch.handler ? dispatch.handler(*this, op)
                          : runElementwise(op, dispatch.scalar);
}

LogicalResult Interpreter::runElementwise(Operation *op,
                                          ScalarHandler handler) {
  SmallVector<Number> numbers;
  const ReferenceTensor *like = nullptr;
  for (Value operand : op->getOperands()) {
    const Slot &slot = get(operand);
    numbers.push_back(slot.number);
    if (!slot.tensor)
      continue;
    if (like && like->shape != slot.tensor->shape)
      return op->emitError("expected operands of one shape, found ")
             << formatShape(like->shape) << " and "
             << formatShape(slot.tensor->shape);
    like = slot.tensor.get();
  }
  if (!like) {
    FailureOr<Number> number = handler(op, numbers);
    return failed(number) ? failure() : set(op, op->getResult(0), *number);
  }
  if (failed(spend(op, like->size())))
    return failure();
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  ReferenceTensor result(like->shape, !isa<FloatType>(element));
  for (int64_t flat = 0, size = like->size(); flat < size; ++flat) {
    for (auto [number, operand] : llvm::zip_equal(numbers, op->getOperands()))
      if (const Slot &slot = get(operand); slot.tensor)
        number = slot.tensor->get(flat);
    FailureOr<Number> number = handler(op, numbers);
    if (failed(number))
      return failure();
    result.set(flat, *number);
  }
  return set(op, op->getResult(0), std::move(result));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static double roundTo(FloatType type, double value) {
  llvm::APFloat rounded(value);
  bool losesInfo = false;
  rounded.convert(type.getFloatSemantics(),
                  llvm::RoundingMode::NearestTiesToEven, &losesInfo);
  rounded.convert(llvm::APFloat::IEEEdouble(),
                  llvm::RoundingMode::NearestTiesToEven, &losesInfo);
  return rounded.convertToDouble();
}

LogicalResult Interpreter::set(Operation *op, Value value, Slot slot) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  auto isCompatible = [&] {
    return type.getRank() == int64_t(slot.tensor->shape.size()) &&
           llvm::all_of(
               llvm::zip(type.getShape(), slot.tensor->shape), [](auto pair) {
                 auto [expected, found] = pair;
                 return ShapedType::isDynamic(expected) || expected == found;
               });
  };
  if (bool(type) != bool(slot.tensor) || (type && !isCompatible()))
    return op->emitError("expected a value of type ")
           << value.getType() << ", found "
           << (slot.tensor ? formatShape(slot.tensor->shape) : "a scalar");
  if (auto element = dyn_cast<FloatType>(getElementTypeOrSelf(value.getType()));
      element && options.roundResults) {
    slot.number.real = roundTo(element, slot.number.real);
    if (slot.tensor) {
      ReferenceTensor rounded = *slot.tensor;
      for (double &real : rounded.reals)
        real = roundTo(element, real);
      slot.tensor = std::make_shared<ReferenceTensor>(std::move(rounded));
    }
  }
  values[value] = std::move(slot);
  return success();
}

LogicalResult Interpreter::set(Operation *op, Value value,
                               ReferenceTensor tensor) {
  return set(op, value,
             Slot{{}, std::make_shared<ReferenceTensor>(std::move(tensor))});
}

LogicalResult Interpreter::spend(Operation *op, int64_t count) {
  if (count > options.maxSteps - steps)
    return op->emitError("the reference evaluator gave up after ")
           << options.maxSteps << " steps";
  steps += count;
  return success();
}

LogicalResult Interpreter::checkShape(Operation *op, ArrayRef<int64_t> shape) {
  int64_t size = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return op->emitError("expected a shape without negative extents, found ")
             << formatShape(shape);
    if (llvm::MulOverflow(size, extent, size) || size > options.maxElements)
      return op->emitError("a tensor of ")
             << formatShape(shape) << " has more than " << options.maxElements
             << " elements";
  }
  return spend(op, size);
}

SmallVector<int64_t> Interpreter::evaluate(ArrayRef<OpFoldResult> values) {
  SmallVector<int64_t> integers;
  for (OpFoldResult value : values)
    integers.push_back(isa<Attribute>(value)
                           ? cast<IntegerAttr>(cast<Attribute>(value)).getInt()
                           : getInteger(cast<Value>(value)));
  return integers;
}

FailureOr<std::shared_ptr<const ReferenceTensor>>
Interpreter::getConstant(ElementsAttr elements) {
  auto &constant = constants[elements];
  if (!constant) {
    FailureOr<ReferenceTensor> tensor = toReferenceTensor(elements);
    if (failed(tensor))
      return failure();
    constant = std::make_shared<ReferenceTensor>(std::move(*tensor));
  }
  return constant;
}

//===----------------------------------------------------------------------===//
// Types, indices, affine expressions
//===----------------------------------------------------------------------===//

std::string mlir::spmmplu::formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return shape.empty() ? "rank 0" : text;
}

bool mlir::spmmplu::isSupported(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    type = tensor.getElementType();
  return isa<IndexType>(type) ||
         (type.isIntOrFloat() && type.getIntOrFloatBitWidth() <= 64 &&
          type.getIntOrFloatBitWidth() > 0);
}

unsigned mlir::spmmplu::getIntegerWidth(Type type) {
  type = getElementTypeOrSelf(type);
  return isa<IndexType>(type) ? 64 : cast<IntegerType>(type).getWidth();
}

llvm::APInt mlir::spmmplu::toBits(Type type, int64_t integer) {
  return llvm::APInt(getIntegerWidth(type), uint64_t(integer),
                     /*isSigned=*/false, /*implicitTrunc=*/true);
}

int64_t mlir::spmmplu::fromBits(Type type, const llvm::APInt &bits) {
  Type element = getElementTypeOrSelf(type);
  bool isUnsigned = element.isUnsignedInteger() || bits.getBitWidth() == 1;
  return isUnsigned ? int64_t(bits.getZExtValue()) : bits.getSExtValue();
}

FailureOr<int64_t> mlir::spmmplu::evaluateAffine(AffineExpr expr,
                                                 ArrayRef<int64_t> dims,
                                                 ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  FailureOr<int64_t> lhs = evaluateAffine(binary.getLHS(), dims, symbols);
  FailureOr<int64_t> rhs = evaluateAffine(binary.getRHS(), dims, symbols);
  if (failed(lhs) || failed(rhs))
    return failure();
  // Unsigned arithmetic wraps where signed arithmetic would be undefined.
  if (expr.getKind() == AffineExprKind::Add)
    return int64_t(uint64_t(*lhs) + uint64_t(*rhs));
  if (expr.getKind() == AffineExprKind::Mul)
    return int64_t(uint64_t(*lhs) * uint64_t(*rhs));
  if (*rhs <= 0)
    return failure();
  if (expr.getKind() == AffineExprKind::Mod)
    return *lhs - *rhs * llvm::divideFloorSigned(*lhs, *rhs);
  return expr.getKind() == AffineExprKind::FloorDiv
             ? llvm::divideFloorSigned(*lhs, *rhs)
             : llvm::divideCeilSigned(*lhs, *rhs);
}

FailureOr<SmallVector<int64_t>>
mlir::spmmplu::evaluateAffine(AffineMap map, ArrayRef<int64_t> dims,
                              ArrayRef<int64_t> symbols) {
  SmallVector<int64_t> results;
  for (AffineExpr expr : map.getResults()) {
    FailureOr<int64_t> result = evaluateAffine(expr, dims, symbols);
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  return results;
}

std::optional<int64_t> mlir::spmmplu::getFlat(ArrayRef<int64_t> shape,
                                              ArrayRef<int64_t> index) {
  if (shape.size() != index.size())
    return std::nullopt;
  int64_t flat = 0;
  for (auto [extent, at] : llvm::zip_equal(shape, index)) {
    if (at < 0 || at >= extent)
      return std::nullopt;
    flat = flat * extent + at;
  }
  return flat;
}

FailureOr<int64_t> mlir::spmmplu::getFlat(Operation *op, StringRef what,
                                          ArrayRef<int64_t> shape,
                                          ArrayRef<int64_t> index) {
  if (std::optional<int64_t> flat = getFlat(shape, index))
    return *flat;
  InFlightDiagnostic error = op->emitError("index (");
  llvm::interleaveComma(index, error);
  return error << ") lies outside of " << what << ", a tensor of "
               << formatShape(shape);
}
