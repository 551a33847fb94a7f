//===- Epilogue.cpp - What a device kernel stores for a sum ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

#include <numbers>

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Scalar ops
//===----------------------------------------------------------------------===//

namespace {

/// Arithmetic on f32 and vectors of it.
class Numbers {
public:
  Numbers(DeviceEmitter &e, Type type) : e(e), type(type) {}

  Value constant(double value) {
    auto number = cast<FloatType>(getElementTypeOrSelf(type));
    TypedAttr attribute = e.b.getFloatAttr(number, value);
    if (auto vector = dyn_cast<VectorType>(type))
      attribute = DenseElementsAttr::get(vector, attribute);
    return arith::ConstantOp::create(e.b, e.loc, attribute);
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(e.b, e.loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(e.b, e.loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(e.b, e.loc, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(e.b, e.loc, a, b);
  }
  Value neg(Value a) { return arith::NegFOp::create(e.b, e.loc, a); }
  Value abs(Value a) {
    return arith::MaximumFOp::create(e.b, e.loc, a, neg(a));
  }
  Value exp2(Value a) { return math::Exp2Op::create(e.b, e.loc, a); }
  Value exp(Value a) { return exp2(mul(a, constant(std::numbers::log2e))); }
  /// 1 - 2 / (exp(2 a) + 1), which is right where the power is 0 or infinite.
  Value tanh(Value a) {
    Value power = exp2(mul(a, constant(2 * std::numbers::log2e)));
    Value one = constant(1);
    return sub(one, div(constant(2), add(power, one)));
  }
  /// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: off by
  /// at most 1.5e-7, beside rounding.
  Value erf(Value a) {
    Value x = abs(a), one = constant(1);
    Value t = div(one, add(one, mul(x, constant(0.3275911))));
    Value sum = constant(1.061405429);
    for (double c : {-1.453152027, 1.421413741, -0.284496736, 0.254829592})
      sum = add(mul(sum, t), constant(c));
    Value rest = mul(mul(sum, t), exp(neg(mul(x, x))));
    Value result = sub(one, rest);
    Value isNegative = arith::CmpFOp::create(
        e.b, e.loc, arith::CmpFPredicate::OLT, a, constant(0));
    return arith::SelectOp::create(e.b, e.loc, isNegative, neg(result), result);
  }

private:
  DeviceEmitter &e;
  Type type;
};

} // namespace

Value mlir::spmmplu::emitScalarOp(DeviceEmitter &e, Operation &op,
                                  ValueRange operands) {
  Type type =
      operands.empty() ? op.getResult(0).getType() : operands.back().getType();
  Numbers n(e, type);
  if (isa<math::AbsFOp>(op))
    return n.abs(operands[0]);
  if (isa<math::ErfOp>(op))
    return n.erf(operands[0]);
  if (isa<math::ExpOp>(op))
    return n.exp(operands[0]);
  if (isa<math::TanhOp>(op))
    return n.tanh(operands[0]);
  if (isa<math::FmaOp>(op))
    return n.add(n.mul(operands[0], operands[1]), operands[2]);
  IRMapping mapping;
  mapping.map(op.getOperands(), operands);
  Operation *copy = e.b.clone(op, mapping);
  // Numbers of any width are f32 here.
  Type result = op.getResult(0).getType();
  Type element = isa<FloatType>(result) ? getElementTypeOrSelf(type) : result;
  auto vector = dyn_cast<VectorType>(type);
  copy->getResult(0).setType(vector ? Type(vector.clone(element)) : element);
  return copy->getResult(0);
}

//===----------------------------------------------------------------------===//
// Epilogue
//===----------------------------------------------------------------------===//

Epilogue::Epilogue(KernelBuilder &k) : k(k), e(k.e) {
  if (!exists())
    return;
  for (auto [at, operand] : llvm::enumerate(k.op.getEpilogueOperands()))
    operands.push_back(k.operand(operand, k.op.getEpilogueMap(at)));
}

void Epilogue::begin(Value n) {
  cols = n;
  loaded.clear();
  clamped.clear();
}

Value Epilogue::inside(Value index, Value extent) {
  Value &known = clamped[index];
  if (!known)
    known = e.min(e.max(index, e.i32(0)), e.sub(extent, e.i32(1)));
  return known;
}

Value Epilogue::load(unsigned at, ElementPlace place) {
  const DeviceOperand &operand = operands[at];
  auto uses = [&](unsigned dim) { return operand.map.isFunctionOfDim(dim); };
  Value &known = loaded[{at, uses(0) ? place.row : Value(),
                         uses(1) ? place.col : Value()}];
  if (known)
    return known;
  Value row =
      uses(0) ? inside(place.row, e.i32(k.op.getExtent(Axis::I))) : e.i32(0);
  Value col = uses(1) ? inside(place.col, cols) : e.i32(0);
  Value element =
      e.load(operand.element, operand.address(e, row, col), operand.width());
  known = e.convert(element, k.op.getSumType());
  return known;
}

Value Epilogue::apply(Value sums, ArrayRef<ElementPlace> places) {
  if (!exists())
    return sums;
  // Numbers of any width are f32 here, sums in f16 too.
  sums = e.convert(sums, e.b.getF32Type());
  bool isVector = isa<VectorType>(sums.getType());
  Block &body = k.op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sums);
  for (unsigned at = 0; at < operands.size(); ++at) {
    SmallVector<Value> numbers;
    for (ElementPlace place : places)
      numbers.push_back(load(at, place));
    mapping.map(body.getArgument(at + 1),
                isVector ? e.fromElements(numbers) : numbers[0]);
  }
  for (Operation &inner : body.without_terminator()) {
    if (auto constant = dyn_cast<arith::ConstantOp>(inner)) {
      TypedAttr value = constant.getValue();
      if (isVector)
        value = DenseElementsAttr::get(
            cast<VectorType>(sums.getType()).clone(constant.getType()), value);
      mapping.map(constant.getResult(),
                  arith::ConstantOp::create(e.b, e.loc, value).getResult());
      continue;
    }
    SmallVector<Value> inputs = llvm::map_to_vector(
        inner.getOperands(), [&](Value v) { return mapping.lookup(v); });
    mapping.map(inner.getResult(0), emitScalarOp(e, inner, inputs));
  }
  return mapping.lookup(body.getTerminator()->getOperand(0));
}
