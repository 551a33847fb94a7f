//===- ControlOps.cpp - Branches and loops by masks -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

static uint32_t getLanes(const Warp &warp, uint32_t condition) {
  const uint8_t *values = warp.at<uint8_t>(condition);
  uint32_t lanes = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    lanes |= uint32_t(values[lane] & 1) << lane;
  return lanes;
}

static Step jump(Warp &warp, uint32_t target) {
  warp.next = target;
  return Step::Jump;
}

static Step runJump(Machine &, Warp &warp, const Instruction &instruction) {
  return jump(warp, instruction.target);
}

static Step runIf(Machine &, Warp &warp, const Instruction &instruction) {
  uint32_t lanes = getLanes(warp, instruction.operands[0]);
  warp.frames.push_back({warp.mask, warp.mask & ~lanes});
  warp.mask &= lanes;
  return warp.mask ? Step::Next : jump(warp, instruction.target);
}

static Step runElse(Machine &, Warp &warp, const Instruction &instruction) {
  warp.mask = warp.frames.back().otherwise;
  return warp.mask ? Step::Next : jump(warp, instruction.target);
}

/// Ends a branch or a loop: the lanes that entered go on together.
static Step runJoin(Machine &, Warp &warp, const Instruction &) {
  warp.mask = warp.frames.pop_back_val().saved;
  return Step::Next;
}

static LogicalResult decodeIf(Decoder &decoder, scf::IfOp op) {
  for (Value result : op.getResults())
    if (failed(decoder.define(result)))
      return failure();
  auto decodeRegion = [&](Region &region) -> LogicalResult {
    if (region.empty())
      return success();
    if (failed(decoder.decodeBlock(region.front())))
      return failure();
    Operation *yield = region.front().getTerminator();
    decoder.emitMoves(yield, op.getResults(), yield->getOperands());
    return success();
  };
  uint32_t branch = decoder.here();
  decoder.emit(op, runIf);
  if (failed(decodeRegion(op.getThenRegion())))
    return failure();
  uint32_t otherwise = decoder.here();
  decoder.at(branch).target = otherwise;
  decoder.emit(op, runElse).readsCount = 0;
  if (failed(decodeRegion(op.getElseRegion())))
    return failure();
  decoder.at(otherwise).target = decoder.here();
  decoder.emit(op, runJoin).readsCount = 0;
  return success();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static Step runEnter(Machine &, Warp &warp, const Instruction &) {
  warp.frames.push_back({warp.mask, 0});
  return Step::Next;
}

/// Sets the induction variable; operands: lower bound, upper bound, step.
template <typename T>
static Step runForEnter(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const T *lower = warp.at<T>(instruction.operands[0]);
  const T *step = warp.at<T>(instruction.operands[2]);
  T *induction = warp.at<T>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (step[lane] <= 0)
      return machine.fail(warp, instruction, lane)
             << "expected a positive step, found " << int64_t(step[lane]);
    induction[lane] = lower[lane];
  }
  warp.frames.push_back({warp.mask, 0});
  return Step::Next;
}

/// `immediate` is 1 where bounds are unsigned.
template <typename T>
static Step runForTest(Machine &, Warp &warp, const Instruction &instruction) {
  using Unsigned = std::make_unsigned_t<T>;
  const T *upper = warp.at<T>(instruction.operands[1]);
  const T *induction = warp.at<T>(instruction.result);
  uint32_t lanes = 0;
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    bool below = instruction.immediate
                     ? Unsigned(induction[lane]) < Unsigned(upper[lane])
                     : induction[lane] < upper[lane];
    lanes |= uint32_t(below) << lane;
  }
  warp.mask &= lanes;
  return warp.mask ? Step::Next : jump(warp, instruction.target);
}

/// A step past the largest number ends the loop: the variable stops there.
template <typename T>
static Step runForStep(Machine &, Warp &warp, const Instruction &instruction) {
  using Unsigned = std::make_unsigned_t<T>;
  const T *upper = warp.at<T>(instruction.operands[1]);
  const T *step = warp.at<T>(instruction.operands[2]);
  T *induction = warp.at<T>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    Unsigned left = Unsigned(upper[lane]) - Unsigned(induction[lane]);
    induction[lane] = Unsigned(step[lane]) >= left
                          ? upper[lane]
                          : T(Unsigned(induction[lane]) + Unsigned(step[lane]));
  }
  return jump(warp, instruction.target);
}

static LogicalResult decodeFor(Decoder &decoder, scf::ForOp op) {
  bool isLong = op.getInductionVar().getType().isInteger(64);
  if (!isLong && !op.getInductionVar().getType().isInteger(32))
    return op.emitError("bounds of device loops are i32 or i64, found ")
           << op.getInductionVar().getType();
  for (Value argument : op.getBody()->getArguments())
    if (failed(decoder.define(argument)))
      return failure();
  // A lane that has left the loop keeps its values: they are the results.
  for (auto [result, argument] :
       llvm::zip_equal(op.getResults(), op.getRegionIterArgs()))
    decoder.share(result, decoder.get(argument));
  decoder.emitMoves(op, op.getRegionIterArgs(), op.getInitArgs());
  uint32_t induction = decoder.get(op.getInductionVar()).begin;
  auto emit = [&](Execute wide, Execute narrow) -> Instruction & {
    Instruction &instruction = decoder.emit(op, isLong ? wide : narrow);
    instruction.result = induction;
    instruction.readsCount = 3;
    instruction.immediate = op.getUnsignedCmp();
    return instruction;
  };
  emit(runForEnter<int64_t>, runForEnter<int32_t>);
  uint32_t head = decoder.here();
  emit(runForTest<int64_t>, runForTest<int32_t>);
  if (failed(decoder.decodeBlock(*op.getBody())))
    return failure();
  Operation *yield = op.getBody()->getTerminator();
  decoder.emitMoves(yield, op.getRegionIterArgs(), yield->getOperands());
  emit(runForStep<int64_t>, runForStep<int32_t>).target = head;
  decoder.at(head).target = decoder.here();
  decoder.emit(op, runJoin).readsCount = 0;
  return success();
}

static Step runWhileTest(Machine &, Warp &warp,
                         const Instruction &instruction) {
  warp.mask &= getLanes(warp, instruction.operands[0]);
  return warp.mask ? Step::Next : jump(warp, instruction.target);
}

static LogicalResult decodeWhile(Decoder &decoder, scf::WhileOp op) {
  for (Value argument : op.getBeforeArguments())
    if (failed(decoder.define(argument)))
      return failure();
  for (Value argument : op.getAfterArguments())
    if (failed(decoder.define(argument)))
      return failure();
  for (auto [result, argument] :
       llvm::zip_equal(op.getResults(), op.getAfterArguments()))
    decoder.share(result, decoder.get(argument));
  decoder.emitMoves(op, op.getBeforeArguments(), op.getInits());
  decoder.emit(op, runEnter).readsCount = 0;
  uint32_t head = decoder.here();
  if (failed(decoder.decodeBlock(*op.getBeforeBody())))
    return failure();
  scf::ConditionOp condition = op.getConditionOp();
  decoder.emitMoves(condition, op.getAfterArguments(), condition.getArgs());
  uint32_t test = decoder.here();
  decoder.emit(condition, runWhileTest).readsCount = 1;
  if (failed(decoder.decodeBlock(*op.getAfterBody())))
    return failure();
  scf::YieldOp yield = op.getYieldOp();
  decoder.emitMoves(yield, op.getBeforeArguments(), yield.getOperands());
  Instruction &back = decoder.emit(yield, runJump);
  back.readsCount = 0;
  back.target = head;
  decoder.at(test).target = decoder.here();
  decoder.emit(op, runJoin).readsCount = 0;
  return success();
}

/// Its place is in the image.
static LogicalResult decodeConstant(Decoder &, arith::ConstantOp) {
  return success();
}

void mlir::spmmplu::emulator::addControlOps(DecodeTable &table) {
  table.add<arith::ConstantOp, decodeConstant>();
  table.add<scf::IfOp, decodeIf>();
  table.add<scf::ForOp, decodeFor>();
  table.add<scf::WhileOp, decodeWhile>();
}
