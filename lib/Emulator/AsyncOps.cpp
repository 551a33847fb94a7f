//===- AsyncOps.cpp - Asynchronous copies of lanes --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A `cp.async` reads its source at once and lands when its lane waits for its
// group: the latest that the hardware may take.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

/// `count`: bytes; `target`: there is a source size, operand 2.
static Step runCopyAsync(Machine &machine, Warp &warp,
                         const Instruction &instruction) {
  const uint64_t *targets = warp.at<uint64_t>(instruction.operands[0]);
  const uint64_t *sources = warp.at<uint64_t>(instruction.operands[1]);
  uint32_t size = instruction.count;
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    uint32_t read = instruction.target
                        ? warp.at<uint32_t>(instruction.operands[2])[lane]
                        : size;
    if (targets[lane] % size || sources[lane] % size || read > size)
      return machine.fail(warp, instruction, lane)
             << "expected addresses aligned to " << size
             << " bytes and a source of that size or less, found "
             << targets[lane] % size << " and " << sources[lane] % size
             << " bytes past one, and " << read << " bytes";
    LaneCopy copy{
        lane, warp.copyGroups[lane], uint32_t(targets[lane]), size, {}};
    std::optional<std::string> wrong;
    if (read)
      wrong = machine.global.read(sources[lane], read, copy.data.data(),
                                  machine.getAccessor(warp));
    if (!wrong)
      wrong = machine.block->shared.beginCopy(targets[lane], size, warp.clock);
    if (wrong)
      return machine.fail(warp, instruction, lane) << *wrong;
    warp.copies.push_back(copy);
  }
  return Step::Next;
}

static LogicalResult decodeCopyAsync(Decoder &decoder, NVVM::CpAsyncOp op) {
  Instruction &instruction = decoder.emit(op, runCopyAsync);
  instruction.count = op.getSize();
  instruction.target = op.getCpSize() ? 1 : 0;
  return success();
}

static Step runCommit(Machine &, Warp &warp, const Instruction &) {
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    warp.copyGroups[lane] += warp.isActive(lane);
  return Step::Next;
}

static LogicalResult decodeCommit(Decoder &decoder,
                                  NVVM::CpAsyncCommitGroupOp op) {
  decoder.emit(op, runCommit);
  return success();
}

/// All but the last `immediate` groups of every active lane land.
static Step runWait(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  auto isDone = [&](const LaneCopy &copy) {
    return warp.isActive(copy.lane) &&
           int64_t(copy.group) <
               int64_t(warp.copyGroups[copy.lane]) - instruction.immediate;
  };
  for (const LaneCopy &copy : warp.copies)
    if (isDone(copy))
      machine.block->shared.land(copy.address, copy.size, copy.data.data(),
                                 warp.index, machine.getTime(warp));
  llvm::erase_if(warp.copies, isDone);
  return Step::Next;
}

static LogicalResult decodeWait(Decoder &decoder, NVVM::CpAsyncWaitGroupOp op) {
  decoder.emit(op, runWait).immediate = op.getN();
  return success();
}

void mlir::spmmplu::emulator::addAsyncOps(DecodeTable &table) {
  table.add<NVVM::CpAsyncOp, decodeCopyAsync>();
  table.add<NVVM::CpAsyncCommitGroupOp, decodeCommit>();
  table.add<NVVM::CpAsyncWaitGroupOp, decodeWait>();
}
