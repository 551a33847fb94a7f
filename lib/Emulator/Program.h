//===- Program.h - A kernel as a flat list of instructions ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel is decoded once: control flow becomes jumps and mask changes, every
// value a place in the register file of a warp. A register is stored element by
// element, the 32 lanes of an element side by side: extracting from a vector is
// then no instruction but a place inside the vector's.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_EMULATOR_PROGRAM_H
#define SPMMPLU_LIB_EMULATOR_PROGRAM_H

#include "Floats.h"

#include "mlir/IR/Operation.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <vector>

namespace mlir::gpu {
class GPUFuncOp;
} // namespace mlir::gpu

namespace mlir::spmmplu::emulator {

constexpr uint32_t kLanes = 32;
constexpr uint32_t kFullMask = 0xffffffff;

/// What executing an instruction says about the warp: go on with the next one,
/// with `Warp::next`, stay here until something changes, no more, or an error
/// that has been emitted.
enum class Step { Next, Jump, Blocked, Ended, Failed };

class Machine;
struct Warp;
struct Instruction;
using Execute = Step (*)(Machine &, Warp &, const Instruction &);

/// A place in the register file, in bytes.
struct Place {
  uint32_t begin = 0;
  uint32_t size = 0;

  bool overlaps(Place other) const {
    return begin < other.begin + other.size && other.begin < begin + size;
  }
};

/// Kinds of elements that registers hold. An i1 takes a byte, 0 or 1; a pointer
/// 8 bytes in every address space.
enum class Kind { I1, I8, I16, I32, I64, F16, BF16, F32, Pointer };
uint32_t getBytes(Kind kind);

/// A value of `count` elements: a scalar, a vector, or a struct of equal types.
struct RegisterType {
  Kind kind;
  uint32_t count;

  uint32_t getSize() const { return getBytes(kind) * count * kLanes; }
};
std::optional<RegisterType> getRegisterType(Type type);

/// One instruction of a warp. Which fields have a meaning is `execute`'s
/// affair.
struct Instruction {
  Execute execute = nullptr;
  Operation *op = nullptr;
  uint32_t result = 0; ///< where the result's register begins
  uint32_t operands[4] = {};
  uint32_t count = 0;  ///< elements, or elements times lanes
  uint32_t target = 0; ///< of a jump
  int64_t immediate = 0;
  /// All that is read, in `Program::reads`; only checked while asynchronous
  /// matrix products may still write registers.
  uint32_t readsBegin = 0;
  uint32_t readsCount = 0;
  /// Carries a value along control flow, which is no use of it.
  bool isMove = false;
  /// May read results of matrix products that are not waited for.
  bool mayUsePending = false;
};

struct Program {
  std::vector<Instruction> instructions;
  std::vector<Place> reads;
  /// The first bytes of every warp's register file: constants, then arguments.
  std::vector<char> image;
  SmallVector<Place> arguments;
  uint32_t registerBytes = 0;
  /// Whether there are asynchronous matrix products.
  bool hasAsyncProducts = false;
  /// Whether it waits for the launches before it itself.
  bool beginsEarly = false;
};

class Decoder;
using Decode = LogicalResult (*)(Decoder &, Operation *);

/// How ops are decoded, by their names. A family of ops is one file that adds
/// its rows.
struct DecodeTable {
  llvm::StringMap<Decode> ops;

  template <typename OpTy, LogicalResult (*decode)(Decoder &, OpTy)>
  void add() {
    ops[OpTy::getOperationName()] = [](Decoder &decoder, Operation *op) {
      return decode(decoder, cast<OpTy>(op));
    };
  }
};

void addControlOps(DecodeTable &table);
void addArithOps(DecodeTable &table);
void addCastOps(DecodeTable &table);
void addVectorOps(DecodeTable &table);
void addMemoryOps(DecodeTable &table);
void addWarpOps(DecodeTable &table);
void addMatrixOps(DecodeTable &table);
void addAsyncOps(DecodeTable &table);
void addBarrierOps(DecodeTable &table);
void addMBarrierOps(DecodeTable &table);
void addBulkCopyOps(DecodeTable &table);
void addClusterOps(DecodeTable &table);
void addWarpgroupOps(DecodeTable &table);

class Decoder {
public:
  explicit Decoder(Program &program);

  LogicalResult decode(gpu::GPUFuncOp kernel);
  /// All ops of a block but its terminator.
  LogicalResult decodeBlock(Block &block);

  /// Where a value that has been decoded lies.
  Place get(Value value) const { return places.lookup(value); }
  /// A new place for a result; fails with a diagnostic on types that registers
  /// do not hold.
  FailureOr<Place> define(Value value);
  /// The result lies where it was before: `place` is inside another value's.
  void defineView(Value value, Place place) {
    places[value] = place;
    views.insert(value);
  }
  /// A block argument or result that shares the place of another; whoever
  /// writes it writes active lanes only.
  void share(Value value, Place place) { places[value] = place; }
  /// The place of `operand` if nothing else needs it afterwards, else a new one
  /// with a copy of it.
  FailureOr<Place> defineFrom(Value result, Value operand);
  Place allocate(uint32_t size);

  /// Appends an instruction that reads all operands of `op`.
  Instruction &emit(Operation *op, Execute execute);
  /// Copies a register under the mask.
  void emitCopy(Operation *op, RegisterType type, uint32_t to, uint32_t from,
                bool isMove);
  /// Copies values to others, all at once.
  void emitMoves(Operation *op, ValueRange to, ValueRange from);
  /// The index of the next instruction.
  uint32_t here() const { return program.instructions.size(); }
  Instruction &at(uint32_t index) { return program.instructions[index]; }
  void setHasAsyncProducts() { program.hasAsyncProducts = true; }
  void setBeginsEarly() { program.beginsEarly = true; }

private:
  LogicalResult decodeConstants(gpu::GPUFuncOp kernel);
  LogicalResult decodeArguments(gpu::GPUFuncOp kernel);

  Program &program;
  DecodeTable table;
  DenseMap<Value, Place> places;
  /// Values whose places others may need: views, constants, arguments.
  DenseSet<Value> views;
};

/// Calls `visit` with a value of the C++ type that holds a `kind`.
template <typename Visitor> auto dispatchKind(Kind kind, Visitor &&visit) {
  switch (kind) {
  case Kind::I1:
  case Kind::I8:
    return visit(uint8_t());
  case Kind::I16:
    return visit(uint16_t());
  case Kind::I32:
    return visit(uint32_t());
  case Kind::I64:
  case Kind::Pointer:
    return visit(uint64_t());
  case Kind::F16:
    return visit(Half());
  case Kind::BF16:
    return visit(BFloat());
  case Kind::F32:
    return visit(float());
  }
  llvm_unreachable("not a kind");
}

/// Decodes a cast between types of one size, of the op's operand and result.
LogicalResult decodeBitcast(Decoder &decoder, Operation *op);

} // namespace mlir::spmmplu::emulator

#endif // SPMMPLU_LIB_EMULATOR_PROGRAM_H
