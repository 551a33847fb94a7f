//===- Interpreter.h - State of an evaluation -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The values of one evaluation and the table of what each op does. A family of
// ops is one file that adds its rows to the table.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_REFERENCE_INTERPRETER_H
#define SPMMPLU_LIB_REFERENCE_INTERPRETER_H

#include "spmmplu/Reference/Evaluator.h"

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringMap.h"

#include <memory>

namespace mlir::spmmplu {

class Interpreter;

/// Runs an op: reads its operands from and sets its results in the interpreter.
using Handler = LogicalResult (*)(Interpreter &, Operation *);
/// One scalar result from scalar operands; elementwise on tensors.
using ScalarHandler = FailureOr<Number> (*)(Operation *, ArrayRef<Number>);

struct HandlerTable {
  llvm::StringMap<Handler> ops;
  llvm::StringMap<ScalarHandler> scalars;

  /// Adds a handler that takes the concrete op.
  template <typename OpTy, LogicalResult (*handler)(Interpreter &, OpTy)>
  void add() {
    ops[OpTy::getOperationName()] = [](Interpreter &interpreter,
                                       Operation *op) -> LogicalResult {
      return handler(interpreter, cast<OpTy>(op));
    };
  }
};

void addControlHandlers(HandlerTable &table);
void addRealHandlers(HandlerTable &table);
void addIntegerHandlers(HandlerTable &table);
void addShapeHandlers(HandlerTable &table);
void addTensorHandlers(HandlerTable &table);
void addSoftmaxHandlers(HandlerTable &table);
void addSparseHandlers(HandlerTable &table);
void addWinogradHandlers(HandlerTable &table);
/// Any `linalg::LinalgOp` on tensors.
LogicalResult runLinalg(Interpreter &interpreter, Operation *op);

/// A value: a tensor, or a scalar where `tensor` is null.
struct Slot {
  Number number;
  std::shared_ptr<const ReferenceTensor> tensor;
};

class Interpreter {
public:
  explicit Interpreter(const EvaluatorOptions &options);

  /// Runs the body of `func`; `caller` is where errors about the arguments and
  /// the depth of calls are reported.
  FailureOr<SmallVector<Slot>> call(Operation *caller, func::FuncOp func,
                                    ArrayRef<Slot> arguments);
  /// Runs all ops of a block but its terminator, whose operands then have
  /// values.
  LogicalResult runBlock(Block &block);

  const Slot &get(Value value) { return values[value]; }
  Number getNumber(Value value) { return get(value).number; }
  int64_t getInteger(Value value) { return getNumber(value).integer; }
  /// Valid until the value is set again, that is, for the whole handler.
  const ReferenceTensor &getTensor(Value value) { return *get(value).tensor; }

  /// Setting rounds if the options say so, and checks a tensor's shape against
  /// the type; errors are reported at `op`.
  LogicalResult set(Operation *op, Value value, Slot slot);
  LogicalResult set(Operation *op, Value value, ReferenceTensor tensor);
  LogicalResult set(Operation *op, Value value, Number number) {
    return set(op, value, Slot{number, nullptr});
  }
  LogicalResult setInteger(Operation *op, Value value, int64_t integer) {
    return set(op, value, Number{0, integer});
  }

  /// Counts `steps` against the budget.
  LogicalResult spend(Operation *op, int64_t steps);
  /// Whether a tensor of this shape may be made; to be asked before making it.
  LogicalResult checkShape(Operation *op, ArrayRef<int64_t> shape);
  SmallVector<int64_t> evaluate(ArrayRef<OpFoldResult> values);
  const EvaluatorOptions &getOptions() const { return options; }

  /// A constant's tensor, made once.
  FailureOr<std::shared_ptr<const ReferenceTensor>>
  getConstant(ElementsAttr elements);

  /// The iteration of the innermost linalg op that is running.
  SmallVector<int64_t> iteration;

private:
  LogicalResult runOp(Operation *op);
  LogicalResult runElementwise(Operation *op, ScalarHandler handler);

  struct Dispatch {
    Handler handler = nullptr;
    ScalarHandler scalar = nullptr;
  };
  Dispatch lookup(Operation *op);

  EvaluatorOptions options;
  int64_t steps = 0;
  int64_t depth = 0;
  DenseMap<Value, Slot> values;
  DenseMap<void *, Dispatch> dispatches; ///< by the name's opaque pointer
  DenseMap<Attribute, std::shared_ptr<const ReferenceTensor>> constants;
};

/// "2x3", for messages.
std::string formatShape(ArrayRef<int64_t> shape);

/// Whether the evaluator has values of this type: floats and integers of at
/// most 64 bits, indices, and ranked tensors of them.
bool isSupported(Type type);
/// Width of an integer or index type.
unsigned getIntegerWidth(Type type);
/// Integers as `Number` holds them, to and from bits.
llvm::APInt toBits(Type type, int64_t integer);
int64_t fromBits(Type type, const llvm::APInt &bits);

/// Value of an affine expression; fails on a division by zero or less.
FailureOr<int64_t> evaluateAffine(AffineExpr expr, ArrayRef<int64_t> dims,
                                  ArrayRef<int64_t> symbols);
FailureOr<SmallVector<int64_t>> evaluateAffine(AffineMap map,
                                               ArrayRef<int64_t> dims,
                                               ArrayRef<int64_t> symbols = {});

/// The row-major position of `index`; none if it lies outside of `shape`.
std::optional<int64_t> getFlat(ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> index);
/// Same, with a diagnostic at `op`; `what` names the tensor.
FailureOr<int64_t> getFlat(Operation *op, StringRef what,
                           ArrayRef<int64_t> shape, ArrayRef<int64_t> index);

/// Calls `visit(index)` for every index of `shape` in row-major order, until
/// one fails.
template <typename Visitor>
LogicalResult forEachIndex(ArrayRef<int64_t> shape, Visitor &&visit) {
  if (llvm::is_contained(shape, 0))
    return success();
  SmallVector<int64_t> index(shape.size(), 0);
  while (true) {
    if (failed(visit(ArrayRef<int64_t>(index))))
      return failure();
    int64_t dim = int64_t(shape.size()) - 1;
    while (dim >= 0 && ++index[dim] == shape[dim])
      index[dim--] = 0;
    if (dim < 0)
      return success();
  }
}

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_REFERENCE_INTERPRETER_H
