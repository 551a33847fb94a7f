//===- BarrierOps.cpp - Barriers of a block ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

/// `target`: bit 0 if there is a number (operand 0), bit 1 if there is a count
/// of threads (the last operand).
static uint32_t getNumber(const Warp &warp, const Instruction &instruction) {
  return instruction.target & 1 ? warp.at<uint32_t>(instruction.operands[0])[0]
                                : 0;
}
static uint32_t getThreads(const Machine &machine, const Warp &warp,
                           const Instruction &instruction) {
  return instruction.target & 2
             ? warp.at<uint32_t>(
                   instruction.operands[instruction.target & 1])[0]
             : machine.launch.threads;
}

/// Adds the warp to the barrier; the last one completes it.
static Step arrive(Machine &machine, Warp &warp,
                   const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  uint32_t number = getNumber(warp, instruction);
  uint32_t threads = getThreads(machine, warp, instruction);
  if (number >= machine.block->barriers.size() || threads == 0 ||
      threads % kLanes != 0 || threads > machine.launch.threads)
    return machine.fail(warp, instruction)
           << "expected a barrier from 0 to 15 of whole warps of the block, "
              "found barrier "
           << number << " of " << threads << " threads";
  BlockBarrier &barrier = machine.block->barriers[number];
  if (barrier.expected && barrier.expected != threads / kLanes)
    return machine.fail(warp, instruction)
           << "barrier " << number << " is used with " << threads
           << " threads while others wait with " << barrier.expected * kLanes;
  barrier.expected = threads / kLanes;
  barrier.gathered.join(warp.clock);
  machine.advance(warp);
  warp.barrier = number;
  warp.barrierUse = barrier.uses;
  if (++barrier.arrived < barrier.expected)
    return Step::Blocked;
  barrier.released = barrier.gathered;
  barrier.gathered.reset(machine.getAgents());
  barrier.arrived = barrier.expected = 0;
  ++barrier.uses;
  return Step::Next;
}

static Step runBarrier(Machine &machine, Warp &warp,
                       const Instruction &instruction) {
  if (!warp.barrier) {
    Step step = arrive(machine, warp, instruction);
    if (step != Step::Next)
      return step;
  }
  BlockBarrier &barrier = machine.block->barriers[*warp.barrier];
  if (barrier.uses == warp.barrierUse)
    return Step::Blocked;
  warp.barrier.reset();
  warp.clock.join(barrier.released);
  return Step::Next;
}

static LogicalResult decodeBarrier(Decoder &decoder, NVVM::BarrierOp op) {
  if (op.getReductionOp())
    return op.emitError("barriers of device kernels do not reduce");
  decoder.emit(op, runBarrier).target =
      (op.getBarrierId() ? 1 : 0) | (op.getNumberOfThreads() ? 2 : 0);
  return success();
}

static LogicalResult decodeBarrier0(Decoder &decoder, NVVM::Barrier0Op op) {
  decoder.emit(op, runBarrier);
  return success();
}

void mlir::spmmplu::emulator::addBarrierOps(DecodeTable &table) {
  table.add<NVVM::BarrierOp, decodeBarrier>();
  table.add<NVVM::Barrier0Op, decodeBarrier0>();
}

//===----------------------------------------------------------------------===//
// Deadlocks
//===----------------------------------------------------------------------===//

std::string
mlir::spmmplu::emulator::describeWait(const Machine &machine, const Warp &warp,
                                      const Instruction &instruction) {
  if (warp.barrier) {
    const BlockBarrier &barrier = machine.block->barriers[*warp.barrier];
    return llvm::formatv("barrier {0} ({1} of {2} warps)", *warp.barrier,
                         barrier.arrived, barrier.expected)
        .str();
  }
  if (warp.clusterUse) {
    auto hasArrived = [&](const Warp &other) {
      return other.hasEnded || other.clusterUse == warp.clusterUse;
    };
    size_t there = 0;
    for (const ThreadBlock &block : machine.blocks)
      there += llvm::count_if(block.warps, hasArrived);
    return llvm::formatv("the cluster's barrier ({0} of {1} warps)", there,
                         machine.blocks.size() * machine.getWarps())
        .str();
  }
  uint32_t lane = llvm::countr_zero(warp.mask);
  uint32_t address = warp.at<uint64_t>(instruction.operands[0])[lane];
  const MBarrier &barrier = machine.block->mbarriers.at(address);
  return llvm::formatv("parity {0} of the mbarrier at shared byte {1} (in "
                       "phase {2}, {3} arrivals and {4} bytes missing)",
                       warp.at<uint32_t>(instruction.operands[1])[lane],
                       address - kSharedBase, barrier.phase, barrier.pending,
                       barrier.bytes)
      .str();
}
