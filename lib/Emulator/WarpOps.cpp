//===- WarpOps.cpp - Special registers and shuffles -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// Special registers
//===----------------------------------------------------------------------===//

static Step runThread(Machine &, Warp &warp, const Instruction &instruction) {
  uint32_t *result = warp.at<uint32_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    result[lane] = warp.index * kLanes + lane;
  return Step::Next;
}

static Step runLane(Machine &, Warp &warp, const Instruction &instruction) {
  uint32_t *result = warp.at<uint32_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    result[lane] = lane;
  return Step::Next;
}

/// The same number on all lanes.
template <uint32_t (*get)(const Machine &)>
static Step runUniform(Machine &machine, Warp &warp,
                       const Instruction &instruction) {
  std::fill_n(warp.at<uint32_t>(instruction.result), kLanes, get(machine));
  return Step::Next;
}

static uint32_t getBlockX(const Machine &machine) {
  return machine.block->index[0];
}
static uint32_t getBlockY(const Machine &machine) {
  return machine.block->index[1];
}
static uint32_t getGridX(const Machine &machine) {
  return machine.launch.grid[0];
}
static uint32_t getGridY(const Machine &machine) {
  return machine.launch.grid[1];
}
static uint32_t getThreads(const Machine &machine) {
  return machine.launch.threads;
}

template <typename OpTy, Execute execute>
static LogicalResult decodePlain(Decoder &decoder, OpTy op) {
  if (failed(decoder.define(op->getResult(0))))
    return failure();
  decoder.emit(op, execute);
  return success();
}

//===----------------------------------------------------------------------===//
// Shuffles
//===----------------------------------------------------------------------===//

/// The lane that `lane` reads, and whether that is in its segment; `clamp` has
/// the segments' mask in bits 8 to 12 and the bound in bits 0 to 4.
static uint32_t getSource(NVVM::ShflKind kind, uint32_t lane, uint32_t offset,
                          uint32_t clamp, bool &isValid) {
  uint32_t segment = clamp >> 8 & 31, bound = clamp & 31;
  uint32_t first = lane & segment;
  uint32_t last = first | (bound & ~segment);
  offset &= 31;
  uint32_t source = 0;
  switch (kind) {
  case NVVM::ShflKind::bfly:
    source = lane ^ offset;
    break;
  case NVVM::ShflKind::up:
    isValid = int32_t(lane) - int32_t(offset) >= int32_t(last);
    return isValid ? lane - offset : lane;
  case NVVM::ShflKind::down:
    source = lane + offset;
    break;
  case NVVM::ShflKind::idx:
    source = first | (offset & ~segment);
    break;
  }
  isValid = source <= last;
  return isValid ? source : lane;
}

/// True, after an error, unless the active lanes are those that `members`
/// names.
static bool isOtherMask(Machine &machine, Warp &warp,
                        const Instruction &instruction, uint32_t members) {
  if (members == warp.mask)
    return false;
  machine.error(warp, instruction)
      << "the mask names lanes 0x" << llvm::utohexstr(members)
      << ", active are 0x" << llvm::utohexstr(warp.mask);
  return true;
}

/// operands: mask, value, offset, clamp; `immediate`: the kind.
static Step runShuffle(Machine &machine, Warp &warp,
                       const Instruction &instruction) {
  const uint32_t *members = warp.at<uint32_t>(instruction.operands[0]);
  const uint32_t *values = warp.at<uint32_t>(instruction.operands[1]);
  const uint32_t *offsets = warp.at<uint32_t>(instruction.operands[2]);
  const uint32_t *clamps = warp.at<uint32_t>(instruction.operands[3]);
  uint32_t *result = warp.at<uint32_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (isOtherMask(machine, warp, instruction, members[lane]))
      return Step::Failed;
    bool isValid;
    uint32_t source = getSource(NVVM::ShflKind(instruction.immediate), lane,
                                offsets[lane], clamps[lane], isValid);
    if (!warp.isActive(source))
      return machine.fail(warp, instruction, lane)
             << "reads the value of inactive lane " << source;
    result[lane] = values[source];
  }
  return Step::Next;
}

static LogicalResult decodeShuffle(Decoder &decoder, NVVM::ShflOp op) {
  if (op.getReturnValueAndIsValid())
    return op.emitError("shuffles of device kernels return the value only");
  if (failed(decoder.define(op.getRes())))
    return failure();
  decoder.emit(op, runShuffle).immediate = int64_t(op.getKind());
  return success();
}

/// The first active lane; `immediate`: there is a mask.
static Step runElect(Machine &machine, Warp &warp,
                     const Instruction &instruction) {
  uint32_t leader = llvm::countr_zero(warp.mask);
  uint32_t members = instruction.immediate
                         ? warp.at<uint32_t>(instruction.operands[0])[leader]
                         : kFullMask;
  if (isOtherMask(machine, warp, instruction, members))
    return Step::Failed;
  uint8_t *result = warp.at<uint8_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    result[lane] = lane == leader;
  return Step::Next;
}

static LogicalResult decodeElect(Decoder &decoder, NVVM::ElectSyncOp op) {
  if (failed(decoder.define(op.getPred())))
    return failure();
  decoder.emit(op, runElect).immediate = op.getMembermask() ? 1 : 0;
  return success();
}

/// Lanes run in step and share a clock: only the mask matters.
static Step runSyncWarp(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const uint32_t *members = warp.at<uint32_t>(instruction.operands[0]);
  uint32_t first = llvm::countr_zero(warp.mask);
  return isOtherMask(machine, warp, instruction, members[first]) ? Step::Failed
                                                                 : Step::Next;
}

static LogicalResult decodeSyncWarp(Decoder &decoder, NVVM::SyncWarpOp op) {
  decoder.emit(op, runSyncWarp);
  return success();
}

//===----------------------------------------------------------------------===//
// Launches that follow each other
//===----------------------------------------------------------------------===//

static Step runGridWait(Machine &, Warp &warp, const Instruction &) {
  warp.sawEarlierEnd = true;
  return Step::Next;
}

/// What launches the next kernel early changes nothing in this one.
static LogicalResult decodeGridDependency(Decoder &decoder,
                                          NVVM::GriddepcontrolOp op) {
  if (op.getKind() != NVVM::GridDepActionKind::wait)
    return success();
  decoder.setBeginsEarly();
  decoder.emit(op, runGridWait);
  return success();
}

void mlir::spmmplu::emulator::addWarpOps(DecodeTable &table) {
  using namespace NVVM;
  table.add<ThreadIdXOp, decodePlain<ThreadIdXOp, runThread>>();
  table.add<LaneIdOp, decodePlain<LaneIdOp, runLane>>();
  table.add<BlockIdXOp, decodePlain<BlockIdXOp, runUniform<getBlockX>>>();
  table.add<BlockIdYOp, decodePlain<BlockIdYOp, runUniform<getBlockY>>>();
  table.add<GridDimXOp, decodePlain<GridDimXOp, runUniform<getGridX>>>();
  table.add<GridDimYOp, decodePlain<GridDimYOp, runUniform<getGridY>>>();
  table.add<BlockDimXOp, decodePlain<BlockDimXOp, runUniform<getThreads>>>();
  table.add<ShflOp, decodeShuffle>();
  table.add<ElectSyncOp, decodeElect>();
  table.add<SyncWarpOp, decodeSyncWarp>();
  table.add<GriddepcontrolOp, decodeGridDependency>();
}
