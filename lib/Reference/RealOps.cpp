//===- RealOps.cpp - Scalar ops on floats ----------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

using Arguments = ArrayRef<Number>;

template <auto function>
static FailureOr<Number> unary(Operation *, Arguments args) {
  return Number{function(args[0].real), 0};
}
template <auto function>
static FailureOr<Number> binary(Operation *, Arguments args) {
  return Number{function(args[0].real, args[1].real), 0};
}

/// The one that is not a NaN, if there is one (maxnumf, minnumf); std::fmax
/// leaves the sign of zeros open, which no comparison sees.
static double maxNum(double a, double b) { return std::fmax(a, b); }
static double minNum(double a, double b) { return std::fmin(a, b); }
/// NaN if either is (maximumf, minimumf).
static double maximum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::fmax(a, b);
}
static double minimum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? NAN : std::fmin(a, b);
}

static FailureOr<Number> compare(Operation *op, Arguments args) {
  bool holds = arith::applyCmpPredicate(cast<arith::CmpFOp>(op).getPredicate(),
                                        llvm::APFloat(args[0].real),
                                        llvm::APFloat(args[1].real));
  return Number{0, holds};
}

/// Conversion to an integer; what does not fit saturates.
template <bool isSigned>
static FailureOr<Number> toInteger(Operation *op, Arguments args) {
  Type type = op->getResult(0).getType();
  llvm::APSInt bits(getIntegerWidth(type), !isSigned);
  bool isExact = false;
  llvm::APFloat(args[0].real)
      .convertToInteger(bits, llvm::RoundingMode::TowardZero, &isExact);
  return Number{0, fromBits(type, bits)};
}

template <bool isSigned>
static FailureOr<Number> fromInteger(Operation *op, Arguments args) {
  llvm::APInt bits = toBits(op->getOperand(0).getType(), args[0].integer);
  return Number{
      isSigned ? double(bits.getSExtValue()) : double(bits.getZExtValue()), 0};
}

/// Floats are f64 here whatever their type: a change of precision is nothing.
static FailureOr<Number> same(Operation *, Arguments args) { return args[0]; }

static void addArith(llvm::StringMap<ScalarHandler> &table) {
  table["arith.addf"] = binary<[](double a, double b) { return a + b; }>;
  table["arith.subf"] = binary<[](double a, double b) { return a - b; }>;
  table["arith.mulf"] = binary<[](double a, double b) { return a * b; }>;
  table["arith.divf"] = binary<[](double a, double b) { return a / b; }>;
  table["arith.remf"] =
      binary<[](double a, double b) { return std::fmod(a, b); }>;
  table["arith.negf"] = unary<[](double a) { return -a; }>;
  table["arith.maximumf"] = binary<maximum>;
  table["arith.minimumf"] = binary<minimum>;
  table["arith.maxnumf"] = binary<maxNum>;
  table["arith.minnumf"] = binary<minNum>;
  table["arith.cmpf"] = compare;
  table["arith.extf"] = table["arith.truncf"] = same;
  table["arith.fptosi"] = toInteger<true>;
  table["arith.fptoui"] = toInteger<false>;
  table["arith.sitofp"] = fromInteger<true>;
  table["arith.uitofp"] = fromInteger<false>;
  table["arith.select"] = [](Operation *, Arguments args) -> FailureOr<Number> {
    return args[0].integer ? args[1] : args[2];
  };
}

static void addMath(llvm::StringMap<ScalarHandler> &table) {
  table["math.absf"] = unary<[](double a) { return std::fabs(a); }>;
  table["math.ceil"] = unary<[](double a) { return std::ceil(a); }>;
  table["math.floor"] = unary<[](double a) { return std::floor(a); }>;
  table["math.trunc"] = unary<[](double a) { return std::trunc(a); }>;
  table["math.round"] = unary<[](double a) { return std::round(a); }>;
  table["math.roundeven"] = unary<[](double a) { return std::nearbyint(a); }>;
  table["math.exp"] = unary<[](double a) { return std::exp(a); }>;
  table["math.exp2"] = unary<[](double a) { return std::exp2(a); }>;
  table["math.expm1"] = unary<[](double a) { return std::expm1(a); }>;
  table["math.log"] = unary<[](double a) { return std::log(a); }>;
  table["math.log2"] = unary<[](double a) { return std::log2(a); }>;
  table["math.log10"] = unary<[](double a) { return std::log10(a); }>;
  table["math.log1p"] = unary<[](double a) { return std::log1p(a); }>;
  table["math.sqrt"] = unary<[](double a) { return std::sqrt(a); }>;
  table["math.rsqrt"] = unary<[](double a) { return 1 / std::sqrt(a); }>;
  table["math.cbrt"] = unary<[](double a) { return std::cbrt(a); }>;
  table["math.erf"] = unary<[](double a) { return std::erf(a); }>;
  table["math.sin"] = unary<[](double a) { return std::sin(a); }>;
  table["math.cos"] = unary<[](double a) { return std::cos(a); }>;
  table["math.tan"] = unary<[](double a) { return std::tan(a); }>;
  table["math.sinh"] = unary<[](double a) { return std::sinh(a); }>;
  table["math.cosh"] = unary<[](double a) { return std::cosh(a); }>;
  table["math.tanh"] = unary<[](double a) { return std::tanh(a); }>;
  table["math.atan"] = unary<[](double a) { return std::atan(a); }>;
  table["math.atan2"] =
      binary<[](double a, double b) { return std::atan2(a, b); }>;
  table["math.powf"] =
      binary<[](double a, double b) { return std::pow(a, b); }>;
  table["math.copysign"] =
      binary<[](double a, double b) { return std::copysign(a, b); }>;
  table["math.fma"] = [](Operation *, Arguments args) -> FailureOr<Number> {
    return Number{std::fma(args[0].real, args[1].real, args[2].real), 0};
  };
}

void mlir::spmmplu::addRealHandlers(HandlerTable &table) {
  addArith(table.scalars);
  addMath(table.scalars);
}
