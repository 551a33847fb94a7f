//===- MatrixOps.cpp - ldmatrix, stmatrix and mma ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fragments.h"
#include "Machine.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// ldmatrix, stmatrix
//===----------------------------------------------------------------------===//

/// Rows of an 8 x 8 matrix of 16-bit elements are 16 bytes.
static constexpr uint32_t kRowBytes = 16;

/// Where lane `lane`'s element `half` (0 or 1) of a matrix lies: its row and
/// column, swapped if transposed.
static std::pair<uint32_t, uint32_t> getElement(uint32_t lane, uint32_t half,
                                                bool isTransposed) {
  uint32_t row = lane / 4, col = 2 * (lane % 4) + half;
  return isTransposed ? std::pair(col, row) : std::pair(row, col);
}

/// The address of the row that `lane` names, after its check.
static bool isBadRow(Machine &machine, Warp &warp,
                     const Instruction &instruction, uint32_t lane,
                     uint64_t address) {
  if (address % kRowBytes == 0)
    return false;
  machine.error(warp, instruction, lane)
      << "expected a row aligned to " << kRowBytes << " bytes, found "
      << address % kRowBytes << " bytes past one";
  return true;
}

/// `target`: matrices; `immediate`: transposed.
static Step runLoadMatrix(Machine &machine, Warp &warp,
                          const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  uint16_t *result = warp.at<uint16_t>(instruction.result);
  for (uint32_t matrix = 0; matrix < instruction.target; ++matrix) {
    uint16_t rows[8][8];
    for (uint32_t row = 0; row < 8; ++row) {
      uint32_t lane = matrix * 8 + row;
      if (isBadRow(machine, warp, instruction, lane, addresses[lane]))
        return Step::Failed;
      if (auto wrong = machine.block->shared.read(
              addresses[lane], kRowBytes, reinterpret_cast<char *>(rows[row]),
              warp.index, warp.clock))
        return machine.fail(warp, instruction, lane) << *wrong;
    }
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t half = 0; half < 2; ++half) {
        auto [row, col] = getElement(lane, half, instruction.immediate);
        result[(matrix * kLanes + lane) * 2 + half] = rows[row][col];
      }
    }
  }
  return Step::Next;
}

/// The sources are the operands after the address; see `runLoadMatrix`.
static Step runStoreMatrix(Machine &machine, Warp &warp,
                           const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  for (uint32_t matrix = 0; matrix < instruction.target; ++matrix) {
    Place source = machine.program.reads[instruction.readsBegin + 1 + matrix];
    const uint16_t *values = warp.at<uint16_t>(source.begin);
    uint16_t rows[8][8];
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      for (uint32_t half = 0; half < 2; ++half) {
        auto [row, col] = getElement(lane, half, instruction.immediate);
        rows[row][col] = values[lane * 2 + half];
      }
    }
    for (uint32_t row = 0; row < 8; ++row) {
      uint32_t lane = matrix * 8 + row;
      if (isBadRow(machine, warp, instruction, lane, addresses[lane]))
        return Step::Failed;
      if (auto wrong = machine.block->shared.write(
              addresses[lane], kRowBytes, reinterpret_cast<char *>(rows[row]),
              warp.index, warp.clock))
        return machine.fail(warp, instruction, lane) << *wrong;
    }
  }
  return Step::Next;
}

/// Both are of 8 x 8 matrices of 16-bit elements, up to four.
template <typename OpTy>
static LogicalResult decodeMatrixAccess(Decoder &decoder, OpTy op,
                                        uint32_t matrices, Execute execute) {
  NVVM::LdStMatrixShapeAttr shape = op.getShape();
  if (shape.getM() != 8 || shape.getN() != 8 ||
      op.getEltType() != NVVM::LdStMatrixEltType::B16 || matrices == 0 ||
      matrices > 4)
    return op.emitError("'") << op->getName()
                             << "' in device kernels is of up to four 8 x 8 "
                                "matrices of 16-bit elements";
  Instruction &instruction = decoder.emit(op, execute);
  instruction.target = matrices;
  instruction.immediate = op.getLayout() == NVVM::MMALayout::col;
  return success();
}

static LogicalResult decodeLoadMatrix(Decoder &decoder, NVVM::LdMatrixOp op) {
  if (failed(decoder.define(op.getRes())))
    return failure();
  return decodeMatrixAccess(decoder, op, op.getNum(), runLoadMatrix);
}

static LogicalResult decodeStoreMatrix(Decoder &decoder, NVVM::StMatrixOp op) {
  return decodeMatrixAccess(decoder, op, op.getSources().size(),
                            runStoreMatrix);
}

//===----------------------------------------------------------------------===//
// mma
//===----------------------------------------------------------------------===//

/// B: every lane holds as many consecutive k of its column as a register takes,
/// and those of four registers further.
template <typename T>
static void unpackB(const T *registers, uint32_t depth,
                    typename Operand<T>::Value (&to)[kMaxDepth][8]) {
  uint32_t run = Operand<T>::kRun;
  for (uint32_t k = 0; k < depth; ++k) {
    uint32_t element = k / (4 * run) * run + k % run;
    for (uint32_t col = 0; col < 8; ++col) {
      uint32_t lane = col * 4 + k / run % 4;
      to[k][col] = Operand<T>::read(registers[element * kLanes + lane]);
    }
  }
}

/// A register of c as what is added to, and back.
template <typename C> static auto readSum(C value) {
  if constexpr (std::is_integral_v<C>)
    return value;
  else
    return toFloat(value);
}
template <typename C, typename Value> static C writeSum(Value sum) {
  if constexpr (std::is_integral_v<C>)
    return sum;
  else
    return fromFloat<C>(sum);
}

/// operands: a, b, c and, if `target`, metadata, whose selector is `immediate`.
/// T is the type of a, B of b, C of c. Products are exact and added up in the
/// order of k, in f32 or modulo 2^32. (Tensor cores add several products at
/// once, of 8-bit floats with fewer bits than f32 has.)
template <typename T, typename B, typename C>
static Step runMma(Machine &machine, Warp &warp,
                   const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  using Value = typename Operand<T>::Value;
  Value a[16][kMaxStored], b[kMaxDepth][8], sums[16][8];
  unpackA(warp.at<T>(instruction.operands[0]), a);
  unpackB(warp.at<B>(instruction.operands[1]),
          Operand<T>::kStored * (instruction.target ? 2 : 1), b);
  const C *c = warp.at<C>(instruction.operands[2]);
  for (uint32_t flat = 0; flat < 4 * kLanes; ++flat) {
    auto [row, col] = getSum(flat / kLanes, flat % kLanes);
    sums[row][col] = readSum(c[flat]);
  }
  uint8_t columns[16][kMaxStored];
  if (auto wrong = getColumns<T>(
          instruction.target ? warp.at<uint32_t>(instruction.operands[3])
                             : nullptr,
          instruction.immediate, columns))
    return machine.fail(warp, instruction) << *wrong;
  for (uint32_t row = 0; row < 16; ++row)
    for (uint32_t stored = 0; stored < Operand<T>::kStored; ++stored)
      for (uint32_t col = 0; col < 8; ++col)
        sums[row][col] += a[row][stored] * b[columns[row][stored]][col];
  C *result = warp.at<C>(instruction.result);
  for (uint32_t flat = 0; flat < 4 * kLanes; ++flat) {
    auto [row, col] = getSum(flat / kLanes, flat % kLanes);
    result[flat] = writeSum<C>(sums[row][col]);
  }
  return Step::Next;
}

static Execute chooseMma(MmaOp op) {
  Type element = cast<VectorType>(op.getA().getType()).getElementType();
  bool isSmall = cast<VectorType>(op.getC().getType()).getElementType().isF16();
  return dispatchElement(element, op.getUnsignedA(), op.getUnsignedB(),
                         [&](auto a, auto b) -> Execute {
                           using T = decltype(a);
                           using B = decltype(b);
                           if constexpr (Operand<T>::kIsInteger)
                             return runMma<T, B, uint32_t>;
                           else if constexpr (std::is_same_v<T, Half>)
                             return isSmall ? runMma<T, B, Half>
                                            : runMma<T, B, float>;
                           else
                             return runMma<T, B, float>;
                         });
}

static LogicalResult decodeMma(Decoder &decoder, MmaOp op) {
  // All lanes are active or it is an error: the sums may stay where they are.
  uint32_t c = decoder.get(op.getC()).begin;
  bool isInPlace = op.getC().hasOneUse();
  if (failed(isInPlace ? decoder.defineFrom(op.getResult(), op.getC())
                       : decoder.define(op.getResult())))
    return failure();
  Instruction &instruction = decoder.emit(op, chooseMma(op));
  instruction.operands[2] = c;
  instruction.target = op.isSparse();
  instruction.immediate = op.getSelector();
  return success();
}

static Step runRound(Machine &, Warp &warp, const Instruction &instruction) {
  const float *value = warp.at<float>(instruction.operands[0]);
  float *result = warp.at<float>(instruction.result);
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    result[flat] = roundToTF32(value[flat]);
  return Step::Next;
}

static LogicalResult decodeRound(Decoder &decoder, RoundTF32Op op) {
  if (failed(decoder.define(op.getResult())))
    return failure();
  decoder.emit(op, runRound);
  return success();
}

void mlir::spmmplu::emulator::addMatrixOps(DecodeTable &table) {
  table.add<NVVM::LdMatrixOp, decodeLoadMatrix>();
  table.add<NVVM::StMatrixOp, decodeStoreMatrix>();
  table.add<MmaOp, decodeMma>();
  table.add<RoundTF32Op, decodeRound>();
}
