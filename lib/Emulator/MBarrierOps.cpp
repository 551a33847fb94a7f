//===- MBarrierOps.cpp - mbarriers and fences -------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An arrival releases what the warp did so far to those that wait for the
// phase. A bulk copy reads its source at once and lands when a warp would
// otherwise wait in vain: the latest that the hardware may take.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// mbarriers
//===----------------------------------------------------------------------===//

MBarrier *mlir::spmmplu::emulator::findBarrier(Machine &machine,
                                               ThreadBlock &block, Warp &warp,
                                               const Instruction &instruction,
                                               uint32_t lane,
                                               uint64_t address) {
  bool isRemote = &block != machine.block;
  auto report = [&](const Twine &what) {
    InFlightDiagnostic diagnostic = machine.error(warp, instruction, lane);
    if (isRemote)
      diagnostic << "in block " << block.rank << " of the cluster ";
    diagnostic << what;
    return nullptr;
  };
  if (isRemote && block.hasEnded())
    return report("nothing is left: it has ended");
  auto found = block.mbarriers.find(uint32_t(address));
  if (address > UINT32_MAX || found == block.mbarriers.end())
    return report("no mbarrier was initialized at shared byte " +
                  Twine(int64_t(address) - int64_t(kSharedBase)));
  if (auto wrong = block.shared.checkBarrier(address, warp.clock))
    return report(*wrong);
  if (isRemote && !found->second.isFenced)
    return report("the mbarrier at shared byte " +
                  Twine(address - kSharedBase) +
                  " was initialized without fence.mbarrier.init");
  return &found->second;
}

/// Runs `run` for each active lane and the mbarrier at its address, until it
/// answers other than Step::Next.
static Step
forEachBarrier(Machine &machine, Warp &warp, const Instruction &instruction,
               const uint64_t *addresses,
               llvm::function_ref<Step(uint32_t lane, MBarrier &)> run) {
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    MBarrier *barrier = findBarrier(machine, *machine.block, warp, instruction,
                                    lane, addresses[lane]);
    if (!barrier)
      return Step::Failed;
    if (Step step = run(lane, *barrier); step != Step::Next)
      return step;
  }
  return Step::Next;
}

/// operands: address, count.
static Step runInit(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  constexpr uint32_t kMaxCount = (1 << 20) - 1;
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  const uint32_t *counts = warp.at<uint32_t>(instruction.operands[1]);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (addresses[lane] % 8 || counts[lane] == 0 || counts[lane] > kMaxCount)
      return machine.fail(warp, instruction, lane)
             << "expected an address aligned to 8 bytes and a count from 1 to "
             << kMaxCount << ", found " << addresses[lane] % 8
             << " bytes past one and " << counts[lane];
    if (auto wrong = machine.block->shared.makeBarrier(addresses[lane],
                                                       warp.index, warp.clock))
      return machine.fail(warp, instruction, lane) << *wrong;
    MBarrier &barrier = machine.block->mbarriers[uint32_t(addresses[lane])];
    barrier.maker = warp.index;
    barrier.isFenced = false;
    barrier.count = barrier.pending = counts[lane];
    barrier.gathered.reset(machine.getAgents());
    barrier.released.reset(machine.getAgents());
  }
  return Step::Next;
}

/// Begins the next phase if this one lacks nothing.
static void completePhase(Machine &machine, MBarrier &barrier) {
  if (barrier.pending || barrier.bytes)
    return;
  ++barrier.phase;
  barrier.pending = barrier.count;
  barrier.released = barrier.gathered;
  barrier.gathered.reset(machine.getAgents());
}

/// An arrival of one lane. operands: address and, if `target`, a number: of
/// arrivals, or where `immediate` is set of bytes that the phase is to wait
/// for.
static Step arrive(Machine &machine, Warp &warp, const Instruction &instruction,
                   uint32_t lane, MBarrier &barrier) {
  uint32_t number =
      instruction.target ? warp.at<uint32_t>(instruction.operands[1])[lane] : 1;
  uint32_t arrivals = instruction.immediate ? 1 : number;
  uint32_t lacking = barrier.pending - barrier.arrivals.size();
  if (arrivals == 0 || arrivals > lacking)
    return machine.fail(warp, instruction, lane)
           << arrivals << " arrivals at an mbarrier whose phase "
           << barrier.phase << " lacks " << lacking;
  if (instruction.immediate)
    barrier.bytes += number;
  barrier.pending -= arrivals;
  barrier.gathered.join(warp.clock);
  completePhase(machine, barrier);
  return Step::Next;
}

static Step runArrive(Machine &machine, Warp &warp,
                      const Instruction &instruction) {
  Step step = forEachBarrier(
      machine, warp, instruction, warp.at<uint64_t>(instruction.operands[0]),
      [&](uint32_t lane, MBarrier &barrier) {
        return arrive(machine, warp, instruction, lane, barrier);
      });
  if (step == Step::Next)
    machine.advance(warp);
  return step;
}

/// The same at mbarriers of any block of the cluster, whose addresses say
/// which. `count`: it releases to all of the cluster; else only what the warp
/// has read.
static Step runArriveInCluster(Machine &machine, Warp &warp,
                               const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  if (warp.hasStoredRemotely && !instruction.count)
    return machine.fail(warp, instruction)
           << "stores to other blocks are released with the scope of the "
              "cluster";
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    uint64_t rank = addresses[lane] >> kRankShift;
    ThreadBlock &block = rank ? machine.blocks[rank - 1] : *machine.block;
    uint64_t address = addresses[lane] & ((uint64_t(1) << kRankShift) - 1);
    MBarrier *barrier =
        findBarrier(machine, block, warp, instruction, lane, address);
    if (!barrier)
      return Step::Failed;
    Step step = arrive(machine, warp, instruction, lane, *barrier);
    if (step != Step::Next)
      return step;
    if (&block != machine.block)
      block.visits[warp.agent] = Machine::getTime(warp);
  }
  machine.advance(warp);
  return Step::Next;
}

/// operand: address. The lane's copies that are in flight are the mbarrier's
/// from here on: a wait for their group does not know of them.
static Step runArriveAfterCopies(Machine &machine, Warp &warp,
                                 const Instruction &instruction) {
  auto arrive = [&](uint32_t lane, MBarrier &barrier) -> Step {
    if (barrier.arrivals.size() >= barrier.pending)
      return machine.fail(warp, instruction, lane)
             << "1 arrivals at an mbarrier whose phase " << barrier.phase
             << " lacks 0";
    auto isMine = [&](const LaneCopy &copy) { return copy.lane == lane; };
    std::vector<LaneCopy> &mine = barrier.arrivals.emplace_back();
    llvm::copy_if(warp.copies, std::back_inserter(mine), isMine);
    llvm::erase_if(warp.copies, isMine);
    return Step::Next;
  };
  return forEachBarrier(machine, warp, instruction,
                        warp.at<uint64_t>(instruction.operands[0]), arrive);
}

/// What is in flight lands, and what waited for it arrives. Copies of lanes are
/// no accesses of the asynchronous proxy, and say nothing of what else their
/// lanes have done.
static void landLaneCopies(Machine &machine, MBarrier &barrier) {
  ThreadBlock &block = *machine.block;
  uint32_t agent = block.shared.getLaneCopyAgent();
  barrier.pending -= barrier.arrivals.size();
  for (const std::vector<LaneCopy> &arrival : barrier.arrivals)
    for (const LaneCopy &copy : arrival) {
      ++block.laneCopies;
      block.shared.land(copy.address, copy.size, copy.data.data(), agent,
                        block.laneCopies);
      barrier.gathered.seen[block.shared.getPlace(agent)] = block.laneCopies;
    }
  barrier.arrivals.clear();
}

static void landCopies(Machine &machine, MBarrier &barrier) {
  ThreadBlock &block = *machine.block;
  uint32_t agent = block.shared.getCopyAgent();
  for (const BulkCopy &copy : barrier.copies) {
    ++block.bulkCopies;
    for (const BulkCopy::Piece &piece : copy.pieces) {
      block.shared.land(piece.address, piece.data.size(), piece.data.data(),
                        agent, block.bulkCopies);
      barrier.bytes -= piece.data.size();
    }
    barrier.gathered.see(block.shared.getPlace(agent), block.bulkCopies);
  }
  barrier.copies.clear();
  landLaneCopies(machine, barrier);
  completePhase(machine, barrier);
}

/// operands: address, parity. Blocks until no active lane has to wait.
static Step runTryWait(Machine &machine, Warp &warp,
                       const Instruction &instruction) {
  const uint32_t *parities = warp.at<uint32_t>(instruction.operands[1]);
  SmallVector<MBarrier *> waited;
  auto wait = [&](uint32_t lane, MBarrier &barrier) -> Step {
    if (parities[lane] > 1)
      return machine.fail(warp, instruction, lane)
             << "expected parity 0 or 1, found " << parities[lane];
    if (barrier.phase % 2 == parities[lane])
      landCopies(machine, barrier);
    if (barrier.phase % 2 == parities[lane])
      return Step::Blocked;
    if (waited.empty() || waited.back() != &barrier)
      waited.push_back(&barrier);
    return Step::Next;
  };
  Step step = forEachBarrier(machine, warp, instruction,
                             warp.at<uint64_t>(instruction.operands[0]), wait);
  if (step == Step::Next)
    for (MBarrier *barrier : waited)
      warp.clock.join(barrier->released);
  return step;
}

static LogicalResult decodeInit(Decoder &decoder, NVVM::MBarrierInitOp op) {
  if (op.getPredicate())
    return op.emitError("device kernels predicate with scf.if");
  decoder.emit(op, runInit);
  return success();
}

static bool isClusterPointer(Value address) {
  constexpr unsigned kClusterSpace = 7;
  return cast<LLVM::LLVMPointerType>(address.getType()).getAddressSpace() ==
         kClusterSpace;
}

static LogicalResult decodeArrive(Decoder &decoder, NVVM::MBarrierArriveOp op) {
  if (op.getRes() && failed(decoder.define(op.getRes())))
    return failure();
  bool isInCluster = isClusterPointer(op.getAddr());
  if (op.getRelaxed())
    return op.emitError("arrivals of device kernels release");
  Instruction &instruction =
      decoder.emit(op, isInCluster ? runArriveInCluster : runArrive);
  instruction.target = op.getCount() ? 1 : 0;
  instruction.count = op.getScope() == NVVM::MemScopeKind::CLUSTER;
  return success();
}

static LogicalResult decodeArriveExpect(Decoder &decoder,
                                        NVVM::MBarrierArriveExpectTxOp op) {
  if (op.getPredicate())
    return op.emitError("device kernels predicate with scf.if");
  if (isClusterPointer(op.getAddr()))
    return op.emitError("blocks expect bytes at mbarriers of their own");
  if (op.getRes() && failed(decoder.define(op.getRes())))
    return failure();
  Instruction &instruction = decoder.emit(op, runArrive);
  instruction.target = 1;
  instruction.immediate = 1;
  return success();
}

static LogicalResult decodeArriveAfterCopies(Decoder &decoder,
                                             NVVM::CpAsyncMBarrierArriveOp op) {
  if (!op.getNoinc())
    return op.emitError("mbarriers of device kernels count the arrivals of "
                        "copies: expected 'noinc'");
  decoder.emit(op, runArriveAfterCopies);
  return success();
}

static LogicalResult decodeTryWait(Decoder &decoder,
                                   NVVM::MBarrierTryWaitParityOp op) {
  decoder.emit(op, runTryWait);
  return success();
}

//===----------------------------------------------------------------------===//
// Fences
//===----------------------------------------------------------------------===//

/// What the warp has seen, the asynchronous proxy sees too.
static Step runProxyFence(Machine &machine, Warp &warp, const Instruction &) {
  warp.clock.seenAsync = warp.clock.seen;
  machine.advance(warp);
  return Step::Next;
}

static LogicalResult decodeProxyFence(Decoder &decoder, NVVM::FenceProxyOp op) {
  NVVM::ProxyKind kind = op.getKind();
  if (kind != NVVM::ProxyKind::async && kind != NVVM::ProxyKind::async_shared)
    return op.emitError("proxy fences of device kernels are of the "
                        "asynchronous proxy");
  decoder.emit(op, runProxyFence);
  return success();
}

/// mbarriers that the warp made are ready for other blocks of the cluster.
static Step runInitFence(Machine &machine, Warp &warp, const Instruction &) {
  for (auto &[address, barrier] : machine.block->mbarriers)
    barrier.isFenced |= barrier.maker == warp.index;
  warp.fenced = warp.clock;
  machine.advance(warp);
  return Step::Next;
}

static LogicalResult decodeInitFence(Decoder &decoder,
                                     NVVM::FenceMbarrierInitOp op) {
  decoder.emit(op, runInitFence);
  return success();
}

/// What atomics order is whole blocks: this says nothing more.
static Step runMemoryFence(Machine &, Warp &, const Instruction &) {
  return Step::Next;
}

static LogicalResult decodeMemoryFence(Decoder &decoder, NVVM::MembarOp op) {
  decoder.emit(op, runMemoryFence);
  return success();
}

void mlir::spmmplu::emulator::addMBarrierOps(DecodeTable &table) {
  using namespace NVVM;
  table.add<MBarrierInitOp, decodeInit>();
  table.add<MBarrierArriveOp, decodeArrive>();
  table.add<MBarrierArriveExpectTxOp, decodeArriveExpect>();
  table.add<CpAsyncMBarrierArriveOp, decodeArriveAfterCopies>();
  table.add<MBarrierTryWaitParityOp, decodeTryWait>();
  table.add<FenceProxyOp, decodeProxyFence>();
  table.add<FenceMbarrierInitOp, decodeInitFence>();
  table.add<MembarOp, decodeMemoryFence>();
}
