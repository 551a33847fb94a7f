//===- ArithOps.cpp - Elementwise arithmetic --------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// These compute all 32 lanes whatever the mask: what an inactive lane gets is
// read by nobody.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

using namespace mlir;
using namespace mlir::spmmplu::emulator;

static Kind getKind(Value value) {
  return getRegisterType(value.getType())->kind;
}

/// Appends what `choose` returns for the kind of operand `number`; fails where
/// that is null.
template <typename Choose>
static LogicalResult emitBy(Decoder &decoder, Operation *op, unsigned number,
                            Choose &&choose) {
  if (failed(decoder.define(op->getResult(0))))
    return failure();
  Execute execute = choose(getKind(op->getOperand(number)));
  if (!execute)
    return op->emitError("'")
           << op->getName() << "' on " << op->getOperand(number).getType()
           << " is not an op of device kernels";
  decoder.emit(op, execute);
  return success();
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

template <typename T, typename Function>
static Step runBinary(Machine &, Warp &warp, const Instruction &instruction) {
  const T *a = warp.at<T>(instruction.operands[0]);
  const T *b = warp.at<T>(instruction.operands[1]);
  T *result = warp.at<T>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = Function()(a[flat], b[flat]);
  return Step::Next;
}

namespace {

/// A signed function on the unsigned types that registers are of.
template <typename Function> struct Signed {
  template <typename T> T operator()(T a, T b) const {
    using S = std::make_signed_t<T>;
    return T(Function()(S(a), S(b)));
  }
};
struct Minimum {
  template <typename T> T operator()(T a, T b) const { return b < a ? b : a; }
};
struct Maximum {
  template <typename T> T operator()(T a, T b) const { return a < b ? b : a; }
};
struct ShiftLeft {
  template <typename T> T operator()(T a, T b) const {
    return b < sizeof(T) * 8 ? T(a << b) : T(0);
  }
};
struct ShiftRight {
  template <typename T> T operator()(T a, T b) const {
    return b < sizeof(T) * 8 ? T(a >> b) : T(0);
  }
};
struct ShiftRightSigned {
  template <typename T> T operator()(T a, T b) const {
    using S = std::make_signed_t<T>;
    return T(S(a) >> (b < sizeof(T) * 8 ? b : sizeof(T) * 8 - 1));
  }
};

} // namespace

template <typename OpTy, typename Function>
static LogicalResult decodeInteger(Decoder &decoder, OpTy op) {
  return emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    switch (kind) {
    case Kind::I32:
      return runBinary<uint32_t, Function>;
    case Kind::I64:
      return runBinary<uint64_t, Function>;
    default:
      return nullptr;
    }
  });
}

/// Also on i1 and, after casts of small floats, i16.
template <typename OpTy, typename Function>
static LogicalResult decodeLogic(Decoder &decoder, OpTy op) {
  return emitBy(decoder, op, 0, [](Kind kind) {
    return dispatchKind(kind, [](auto tag) -> Execute {
      using T = decltype(tag);
      if constexpr (std::is_integral_v<T>)
        return runBinary<T, Function>;
      else
        return nullptr;
    });
  });
}

/// Divisions are errors where active lanes divide by zero or overflow.
template <typename T, typename Function>
static Step runDivision(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const T *a = warp.at<T>(instruction.operands[0]);
  const T *b = warp.at<T>(instruction.operands[1]);
  T *result = warp.at<T>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat) {
    uint32_t lane = flat % kLanes;
    bool overflows = std::is_signed_v<T> && b[flat] == T(-1) &&
                     a[flat] == std::numeric_limits<T>::min();
    if (warp.isActive(lane) && (b[flat] == 0 || overflows))
      return machine.fail(warp, instruction, lane)
             << (overflows ? "a division overflows" : "a division by zero");
    result[flat] = b[flat] == 0 || overflows ? 0 : Function()(a[flat], b[flat]);
  }
  return Step::Next;
}

namespace {

struct CeilDivide {
  template <typename T> T operator()(T a, T b) const {
    T quotient = a / b;
    return quotient + (a % b != 0 && (a < 0) == (b < 0));
  }
};
struct FloorDivide {
  template <typename T> T operator()(T a, T b) const {
    T quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0));
  }
};

} // namespace

template <typename OpTy, bool isSigned, typename Function>
static LogicalResult decodeDivision(Decoder &decoder, OpTy op) {
  return emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    using Narrow = std::conditional_t<isSigned, int32_t, uint32_t>;
    using Wide = std::conditional_t<isSigned, int64_t, uint64_t>;
    return kind == Kind::I32   ? runDivision<Narrow, Function>
           : kind == Kind::I64 ? runDivision<Wide, Function>
                               : nullptr;
  });
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

/// Small floats are computed in f32 and rounded, which for these operations is
/// the same as rounding the exact result.
template <typename T, typename Function>
static Step runFloat(Machine &, Warp &warp, const Instruction &instruction) {
  const T *a = warp.at<T>(instruction.operands[0]);
  const T *b = warp.at<T>(instruction.operands[1]);
  T *result = warp.at<T>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = fromFloat<T>(Function()(toFloat(a[flat]), toFloat(b[flat])));
  return Step::Next;
}

namespace {

struct MaximumFloat { ///< a NaN wins
  float operator()(float a, float b) const {
    return a != a || b != b ? a + b : std::fmax(a, b);
  }
};
struct MinimumFloat {
  float operator()(float a, float b) const {
    return a != a || b != b ? a + b : std::fmin(a, b);
  }
};
struct MaximumNumber {
  float operator()(float a, float b) const { return std::fmax(a, b); }
};
struct MinimumNumber {
  float operator()(float a, float b) const { return std::fmin(a, b); }
};
struct Negate {
  float operator()(float a, float) const { return -a; }
};
struct Exp2 {
  float operator()(float a, float) const { return std::exp2(a); }
};

} // namespace

/// Unary functions get their operand twice.
template <typename OpTy, typename Function>
static LogicalResult decodeFloat(Decoder &decoder, OpTy op) {
  LogicalResult result = emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    switch (kind) {
    case Kind::F16:
      return runFloat<Half, Function>;
    case Kind::BF16:
      return runFloat<BFloat, Function>;
    case Kind::F32:
      return runFloat<float, Function>;
    default:
      return nullptr;
    }
  });
  if (succeeded(result) && op->getNumOperands() == 1) {
    Instruction &instruction = decoder.at(decoder.here() - 1);
    instruction.operands[1] = instruction.operands[0];
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Comparisons and selections
//===----------------------------------------------------------------------===//

template <typename T, typename U>
static Step compare(Warp &warp, const Instruction &instruction,
                    bool (*holds)(U, U)) {
  const T *a = warp.at<T>(instruction.operands[0]);
  const T *b = warp.at<T>(instruction.operands[1]);
  uint8_t *result = warp.at<uint8_t>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = holds(U(a[flat]), U(b[flat]));
  return Step::Next;
}

template <typename T>
static Step runCompareIntegers(Machine &, Warp &warp,
                               const Instruction &instruction) {
  using S = std::make_signed_t<T>;
  auto unsignedBy = [&](bool (*holds)(T, T)) {
    return compare<T, T>(warp, instruction, holds);
  };
  auto signedBy = [&](bool (*holds)(S, S)) {
    return compare<T, S>(warp, instruction, holds);
  };
  switch (arith::CmpIPredicate(instruction.immediate)) {
  case arith::CmpIPredicate::eq:
    return unsignedBy([](T a, T b) { return a == b; });
  case arith::CmpIPredicate::ne:
    return unsignedBy([](T a, T b) { return a != b; });
  case arith::CmpIPredicate::slt:
    return signedBy([](S a, S b) { return a < b; });
  case arith::CmpIPredicate::sle:
    return signedBy([](S a, S b) { return a <= b; });
  case arith::CmpIPredicate::sgt:
    return signedBy([](S a, S b) { return a > b; });
  case arith::CmpIPredicate::sge:
    return signedBy([](S a, S b) { return a >= b; });
  case arith::CmpIPredicate::ult:
    return unsignedBy([](T a, T b) { return a < b; });
  case arith::CmpIPredicate::ule:
    return unsignedBy([](T a, T b) { return a <= b; });
  case arith::CmpIPredicate::ugt:
    return unsignedBy([](T a, T b) { return a > b; });
  case arith::CmpIPredicate::uge:
    return unsignedBy([](T a, T b) { return a >= b; });
  }
  llvm_unreachable("not a predicate");
}

/// Bits of a predicate: equal, greater, less, unordered.
template <typename T>
static Step runCompareFloats(Machine &, Warp &warp,
                             const Instruction &instruction) {
  const T *a = warp.at<T>(instruction.operands[0]);
  const T *b = warp.at<T>(instruction.operands[1]);
  uint8_t *result = warp.at<uint8_t>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat) {
    float x = toFloat(a[flat]), y = toFloat(b[flat]);
    unsigned relation = x == y ? 1 : x > y ? 2 : x < y ? 4 : 8;
    result[flat] = (instruction.immediate & relation) != 0;
  }
  return Step::Next;
}

static LogicalResult decodeCompareIntegers(Decoder &decoder, arith::CmpIOp op) {
  LogicalResult result = emitBy(decoder, op, 0, [](Kind kind) {
    return dispatchKind(kind, [](auto tag) -> Execute {
      using T = decltype(tag);
      if constexpr (std::is_integral_v<T>)
        return runCompareIntegers<T>;
      else
        return nullptr;
    });
  });
  if (succeeded(result))
    decoder.at(decoder.here() - 1).immediate = int64_t(op.getPredicate());
  return result;
}

/// Bits of `runCompareFloats`.
static unsigned getRelations(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::AlwaysFalse:
    return 0;
  case P::OEQ:
    return 1;
  case P::OGT:
    return 2;
  case P::OGE:
    return 3;
  case P::OLT:
    return 4;
  case P::OLE:
    return 5;
  case P::ONE:
    return 6;
  case P::ORD:
    return 7;
  case P::UEQ:
    return 9;
  case P::UGT:
    return 10;
  case P::UGE:
    return 11;
  case P::ULT:
    return 12;
  case P::ULE:
    return 13;
  case P::UNE:
    return 14;
  case P::UNO:
    return 8;
  case P::AlwaysTrue:
    return 15;
  }
  llvm_unreachable("not a predicate");
}

static LogicalResult decodeCompareFloats(Decoder &decoder, arith::CmpFOp op) {
  LogicalResult result = emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    switch (kind) {
    case Kind::F16:
      return runCompareFloats<Half>;
    case Kind::BF16:
      return runCompareFloats<BFloat>;
    case Kind::F32:
      return runCompareFloats<float>;
    default:
      return nullptr;
    }
  });
  if (succeeded(result))
    decoder.at(decoder.here() - 1).immediate = getRelations(op.getPredicate());
  return result;
}

/// `immediate`: the condition has an element for each of the result's.
template <typename T>
static Step runSelect(Machine &, Warp &warp, const Instruction &instruction) {
  const uint8_t *condition = warp.at<uint8_t>(instruction.operands[0]);
  const T *a = warp.at<T>(instruction.operands[1]);
  const T *b = warp.at<T>(instruction.operands[2]);
  T *result = warp.at<T>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = condition[instruction.immediate ? flat : flat % kLanes]
                       ? a[flat]
                       : b[flat];
  return Step::Next;
}

static LogicalResult decodeSelect(Decoder &decoder, arith::SelectOp op) {
  LogicalResult result = emitBy(decoder, op, 1, [](Kind kind) {
    return dispatchKind(
        kind, [](auto tag) -> Execute { return runSelect<decltype(tag)>; });
  });
  if (succeeded(result))
    decoder.at(decoder.here() - 1).immediate =
        isa<VectorType>(op.getCondition().getType());
  return result;
}

/// a * b + c, rounded once.
static Step runFma(Machine &, Warp &warp, const Instruction &instruction) {
  const float *a = warp.at<float>(instruction.operands[0]);
  const float *b = warp.at<float>(instruction.operands[1]);
  const float *c = warp.at<float>(instruction.operands[2]);
  float *result = warp.at<float>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = std::fma(a[flat], b[flat], c[flat]);
  return Step::Next;
}

static LogicalResult decodeFma(Decoder &decoder, math::FmaOp op) {
  return emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    return kind == Kind::F32 ? runFma : nullptr;
  });
}

template <typename T>
static Step runCountBits(Machine &, Warp &warp,
                         const Instruction &instruction) {
  const T *a = warp.at<T>(instruction.operands[0]);
  T *result = warp.at<T>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = T(std::popcount(a[flat]));
  return Step::Next;
}

static LogicalResult decodeCountBits(Decoder &decoder, LLVM::CtPopOp op) {
  return emitBy(decoder, op, 0, [](Kind kind) -> Execute {
    return kind == Kind::I32   ? runCountBits<uint32_t>
           : kind == Kind::I64 ? runCountBits<uint64_t>
                               : nullptr;
  });
}

static void addIntegerOps(DecodeTable &table) {
  using namespace arith;
  table.add<AddIOp, decodeInteger<AddIOp, std::plus<>>>();
  table.add<SubIOp, decodeInteger<SubIOp, std::minus<>>>();
  table.add<MulIOp, decodeInteger<MulIOp, std::multiplies<>>>();
  table.add<AndIOp, decodeLogic<AndIOp, std::bit_and<>>>();
  table.add<OrIOp, decodeLogic<OrIOp, std::bit_or<>>>();
  table.add<XOrIOp, decodeLogic<XOrIOp, std::bit_xor<>>>();
  table.add<ShLIOp, decodeInteger<ShLIOp, ShiftLeft>>();
  table.add<ShRUIOp, decodeInteger<ShRUIOp, ShiftRight>>();
  table.add<ShRSIOp, decodeInteger<ShRSIOp, ShiftRightSigned>>();
  table.add<MinUIOp, decodeInteger<MinUIOp, Minimum>>();
  table.add<MaxUIOp, decodeInteger<MaxUIOp, Maximum>>();
  table.add<MinSIOp, decodeInteger<MinSIOp, Signed<Minimum>>>();
  table.add<MaxSIOp, decodeInteger<MaxSIOp, Signed<Maximum>>>();
  table.add<DivSIOp, decodeDivision<DivSIOp, true, std::divides<>>>();
  table.add<DivUIOp, decodeDivision<DivUIOp, false, std::divides<>>>();
  table.add<RemSIOp, decodeDivision<RemSIOp, true, std::modulus<>>>();
  table.add<RemUIOp, decodeDivision<RemUIOp, false, std::modulus<>>>();
  table.add<CeilDivSIOp, decodeDivision<CeilDivSIOp, true, CeilDivide>>();
  table.add<CeilDivUIOp, decodeDivision<CeilDivUIOp, false, CeilDivide>>();
  table.add<FloorDivSIOp, decodeDivision<FloorDivSIOp, true, FloorDivide>>();
  table.add<LLVM::CtPopOp, decodeCountBits>();
}

void mlir::spmmplu::emulator::addArithOps(DecodeTable &table) {
  using namespace arith;
  addIntegerOps(table);
  table.add<AddFOp, decodeFloat<AddFOp, std::plus<>>>();
  table.add<SubFOp, decodeFloat<SubFOp, std::minus<>>>();
  table.add<MulFOp, decodeFloat<MulFOp, std::multiplies<>>>();
  table.add<DivFOp, decodeFloat<DivFOp, std::divides<>>>();
  table.add<MaximumFOp, decodeFloat<MaximumFOp, MaximumFloat>>();
  table.add<MinimumFOp, decodeFloat<MinimumFOp, MinimumFloat>>();
  table.add<MaxNumFOp, decodeFloat<MaxNumFOp, MaximumNumber>>();
  table.add<MinNumFOp, decodeFloat<MinNumFOp, MinimumNumber>>();
  table.add<NegFOp, decodeFloat<NegFOp, Negate>>();
  table.add<math::Exp2Op, decodeFloat<math::Exp2Op, Exp2>>();
  table.add<math::FmaOp, decodeFma>();
  table.add<CmpIOp, decodeCompareIntegers>();
  table.add<CmpFOp, decodeCompareFloats>();
  table.add<SelectOp, decodeSelect>();
}
