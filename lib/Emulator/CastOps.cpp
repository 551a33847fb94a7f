//===- CastOps.cpp - Casts between number types -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <algorithm>
#include <limits>

using namespace mlir;
using namespace mlir::spmmplu::emulator;

template <typename From, typename To, typename Function>
static Step runCast(Machine &, Warp &warp, const Instruction &instruction) {
  const From *from = warp.at<From>(instruction.operands[0]);
  To *to = warp.at<To>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    to[flat] = Function::template cast<To>(from[flat]);
  return Step::Next;
}

namespace {

/// An i1 is stored as 0 or 1: its only bit is its sign.
struct ExtendSigned {
  template <typename To, typename From> static To cast(From value) {
    return To(std::make_signed_t<To>(std::make_signed_t<From>(value)));
  }
};
struct ExtendBool {
  template <typename To, typename From> static To cast(From value) {
    return To(0) - To(value & 1);
  }
};
struct Resize {
  template <typename To, typename From> static To cast(From value) {
    return To(value);
  }
};
struct TruncateToBool {
  template <typename To, typename From> static To cast(From value) {
    return To(value & 1);
  }
};
struct SignedToFloat {
  template <typename To, typename From> static To cast(From value) {
    return fromFloat<To>(float(std::make_signed_t<From>(value)));
  }
};
struct UnsignedToFloat {
  template <typename To, typename From> static To cast(From value) {
    return fromFloat<To>(float(value));
  }
};
/// Saturating, as the hardware: C++ defines values in range only.
template <bool isSigned> struct FloatToInteger {
  template <typename To, typename From> static To cast(From value) {
    using T = std::conditional_t<isSigned, std::make_signed_t<To>, To>;
    float real = toFloat(value);
    if (real != real)
      return 0;
    if (real >= float(std::numeric_limits<T>::max()))
      return To(std::numeric_limits<T>::max());
    if (real <= float(std::numeric_limits<T>::min()))
      return To(std::numeric_limits<T>::min());
    return To(T(real));
  }
};
struct FloatToFloat {
  template <typename To, typename From> static To cast(From value) {
    return fromFloat<To>(toFloat(value));
  }
};

} // namespace

template <typename T>
constexpr bool isFloatType =
    std::is_same_v<T, float> || std::is_same_v<T, Half> ||
    std::is_same_v<T, BFloat>;

/// The cast between two kinds by `Function`, which takes integers or floats;
/// null where it does not take them.
template <typename Function, bool fromFloats, bool toFloats>
static Execute chooseCast(Kind from, Kind to) {
  return dispatchKind(from, [&](auto fromTag) -> Execute {
    using From = decltype(fromTag);
    if constexpr (isFloatType<From> == fromFloats)
      return dispatchKind(to, [](auto toTag) -> Execute {
        using To = decltype(toTag);
        if constexpr (isFloatType<To> == toFloats)
          return runCast<From, To, Function>;
        else
          return nullptr;
      });
    else
      return nullptr;
  });
}

static LogicalResult emitCast(Decoder &decoder, Operation *op,
                              Execute (*choose)(Kind, Kind)) {
  if (failed(decoder.define(op->getResult(0))))
    return failure();
  Kind from = getRegisterType(op->getOperand(0).getType())->kind;
  Kind to = getRegisterType(op->getResult(0).getType())->kind;
  Execute execute = choose(from, to);
  if (!execute)
    return op->emitError("'")
           << op->getName() << "' from " << op->getOperand(0).getType()
           << " to " << op->getResult(0).getType()
           << " is not an op of device kernels";
  decoder.emit(op, execute);
  return success();
}

static Execute chooseExtendSigned(Kind from, Kind to) {
  return from == Kind::I1 ? chooseCast<ExtendBool, false, false>(from, to)
                          : chooseCast<ExtendSigned, false, false>(from, to);
}
static Execute chooseTruncate(Kind from, Kind to) {
  return to == Kind::I1 ? chooseCast<TruncateToBool, false, false>(from, to)
                        : chooseCast<Resize, false, false>(from, to);
}

template <typename OpTy, Execute (*choose)(Kind, Kind)>
static LogicalResult decodeCast(Decoder &decoder, OpTy op) {
  return emitCast(decoder, op, choose);
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

// In a cluster an address of shared memory, as a number, has the rank of its
// block above `kRankShift`: also one of the block's own memory.

template <typename T>
static Step runAddRank(Machine &machine, Warp &warp,
                       const Instruction &instruction) {
  if (machine.blocks.size() == 1)
    return Step::Next;
  T *result = warp.at<T>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    uint64_t address = result[lane], rank = address >> kRankShift;
    rank = rank ? rank - 1 : machine.block->rank;
    address &= (uint64_t(1) << kRankShift) - 1;
    result[lane] = T(rank << kRankShift | address);
  }
  return Step::Next;
}

static Step runTakeRank(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  if (machine.blocks.size() == 1)
    return Step::Next;
  uint64_t *result = warp.at<uint64_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    uint64_t rank = result[lane] >> kRankShift;
    result[lane] &= (uint64_t(1) << kRankShift) - 1;
    if (rank != machine.block->rank)
      result[lane] |= (rank + 1) << kRankShift;
  }
  return Step::Next;
}

static bool isShared(Type type) {
  unsigned space = cast<LLVM::LLVMPointerType>(type).getAddressSpace();
  return space == 3 || space == 7;
}

static LogicalResult decodePointerToInt(Decoder &decoder, LLVM::PtrToIntOp op) {
  if (failed(emitCast(decoder, op, chooseCast<Resize, false, false>)))
    return failure();
  if (isShared(op.getArg().getType()))
    decoder.emit(op, op.getType().isInteger(64) ? runAddRank<uint64_t>
                                                : runAddRank<uint32_t>);
  return success();
}

static LogicalResult decodeIntToPointer(Decoder &decoder, LLVM::IntToPtrOp op) {
  if (failed(emitCast(decoder, op, chooseCast<Resize, false, false>)))
    return failure();
  if (isShared(op.getType()))
    decoder.emit(op, runTakeRank);
  return success();
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

/// Bytes of a lane's elements, low ones first; `immediate` bytes an element
/// of the operand, `target` of the result, `count` bytes a lane.
static Step runBitcast(Machine &, Warp &warp, const Instruction &instruction) {
  const char *from = warp.at<char>(instruction.operands[0]);
  char *to = warp.at<char>(instruction.result);
  uint32_t fromBytes = instruction.immediate, toBytes = instruction.target;
  uint32_t chunk = std::min(fromBytes, toBytes);
  for (uint32_t byte = 0; byte < instruction.count; byte += chunk) {
    const char *source =
        from + byte / fromBytes * fromBytes * kLanes + byte % fromBytes;
    char *target = to + byte / toBytes * toBytes * kLanes + byte % toBytes;
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      memcpy(target + lane * toBytes, source + lane * fromBytes, chunk);
  }
  return Step::Next;
}

LogicalResult mlir::spmmplu::emulator::decodeBitcast(Decoder &decoder,
                                                     Operation *op) {
  RegisterType from = *getRegisterType(op->getOperand(0).getType());
  std::optional<RegisterType> to = getRegisterType(op->getResult(0).getType());
  if (!to || from.kind == Kind::I1 || to->kind == Kind::I1)
    return op->emitError("'")
           << op->getName() << "' from " << op->getOperand(0).getType()
           << " to " << op->getResult(0).getType()
           << " is not an op of device kernels";
  if (getBytes(from.kind) == getBytes(to->kind)) {
    decoder.defineView(op->getResult(0), decoder.get(op->getOperand(0)));
    return success();
  }
  if (failed(decoder.define(op->getResult(0))))
    return failure();
  Instruction &instruction = decoder.emit(op, runBitcast);
  instruction.immediate = getBytes(from.kind);
  instruction.target = getBytes(to->kind);
  instruction.count = getBytes(from.kind) * from.count;
  return success();
}

static LogicalResult decodeArithBitcast(Decoder &decoder, arith::BitcastOp op) {
  return decodeBitcast(decoder, op);
}

void mlir::spmmplu::emulator::addCastOps(DecodeTable &table) {
  using namespace arith;
  table.add<ExtSIOp, decodeCast<ExtSIOp, chooseExtendSigned>>();
  table.add<ExtUIOp, decodeCast<ExtUIOp, chooseCast<Resize, false, false>>>();
  table.add<TruncIOp, decodeCast<TruncIOp, chooseTruncate>>();
  table.add<SIToFPOp,
            decodeCast<SIToFPOp, chooseCast<SignedToFloat, false, true>>>();
  table.add<UIToFPOp,
            decodeCast<UIToFPOp, chooseCast<UnsignedToFloat, false, true>>>();
  table.add<
      FPToSIOp,
      decodeCast<FPToSIOp, chooseCast<FloatToInteger<true>, true, false>>>();
  table.add<
      FPToUIOp,
      decodeCast<FPToUIOp, chooseCast<FloatToInteger<false>, true, false>>>();
  table.add<ExtFOp, decodeCast<ExtFOp, chooseCast<FloatToFloat, true, true>>>();
  table.add<TruncFOp,
            decodeCast<TruncFOp, chooseCast<FloatToFloat, true, true>>>();
  table.add<BitcastOp, decodeArithBitcast>();
  table.add<LLVM::PtrToIntOp, decodePointerToInt>();
  table.add<LLVM::IntToPtrOp, decodeIntToPointer>();
  table.add<
      LLVM::AddrSpaceCastOp,
      decodeCast<LLVM::AddrSpaceCastOp, chooseCast<Resize, false, false>>>();
}
