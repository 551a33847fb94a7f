//===- ClusterOps.cpp - Blocks of a cluster ---------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cluster's barrier, and addresses in the shared memory of its blocks.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// The barrier
//===----------------------------------------------------------------------===//

void Machine::completeCluster() {
  bool waits = false;
  for (const ThreadBlock &each : blocks)
    for (const Warp &warp : each.warps) {
      if (warp.hasEnded)
        continue;
      if (warp.clusterUse != clusterBarrier.uses)
        return;
      waits = true;
    }
  if (!waits)
    return;
  clusterBarrier.released = clusterBarrier.gathered;
  clusterBarrier.gathered.reset(getAgents());
  ++clusterBarrier.uses;
}

/// A relaxed arrival releases only what its warp's last fence of mbarriers
/// does.
template <bool isRelaxed>
static Step runArrive(Machine &machine, Warp &warp,
                      const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  if (warp.clusterUse)
    return machine.fail(warp, instruction)
           << "arrives at the cluster's barrier again without having waited";
  machine.clusterBarrier.gathered.join(isRelaxed ? warp.fenced : warp.clock);
  warp.hasStoredRemotely &= isRelaxed;
  machine.advance(warp);
  warp.clusterUse = machine.clusterBarrier.uses;
  machine.completeCluster();
  return Step::Next;
}

static Step runWait(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  if (!warp.clusterUse)
    return machine.fail(warp, instruction)
           << "waits for the cluster's barrier without having arrived";
  if (*warp.clusterUse == machine.clusterBarrier.uses)
    return Step::Blocked;
  warp.clusterUse.reset();
  warp.clock.join(machine.clusterBarrier.released);
  return Step::Next;
}

template <typename OpTy, Execute execute>
static LogicalResult decodeAligned(Decoder &decoder, OpTy op) {
  if (!op.getAligned())
    return op.emitError("whole warps of device kernels are at the cluster's "
                        "barrier: expected 'aligned'");
  decoder.emit(op, execute);
  return success();
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

/// operands: address in the block's own shared memory, rank.
static Step runMap(Machine &machine, Warp &warp,
                   const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  const uint32_t *ranks = warp.at<uint32_t>(instruction.operands[1]);
  uint64_t *result = warp.at<uint64_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (ranks[lane] >= machine.blocks.size())
      return machine.fail(warp, instruction, lane)
             << "expected one of the cluster's " << machine.blocks.size()
             << " blocks, found number " << ranks[lane];
    if (addresses[lane] >> kRankShift)
      return machine.fail(warp, instruction, lane)
             << "expected an address in the block's own shared memory";
    result[lane] = uint64_t(ranks[lane] + 1) << kRankShift | addresses[lane];
  }
  return Step::Next;
}

static LogicalResult decodeMap(Decoder &decoder, NVVM::MapaOp op) {
  constexpr unsigned kSharedSpace = 3;
  if (cast<LLVM::LLVMPointerType>(op.getA().getType()).getAddressSpace() !=
      kSharedSpace)
    return op.emitError("device kernels map addresses of shared memory");
  if (failed(decoder.define(op.getRes())))
    return failure();
  decoder.emit(op, runMap);
  return success();
}

static Step runRank(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  std::fill_n(warp.at<uint32_t>(instruction.result), kLanes,
              machine.block->rank);
  return Step::Next;
}

static LogicalResult decodeRank(Decoder &decoder, NVVM::ClusterId op) {
  if (failed(decoder.define(op.getRes())))
    return failure();
  decoder.emit(op, runRank);
  return success();
}

void mlir::spmmplu::emulator::addClusterOps(DecodeTable &table) {
  using namespace NVVM;
  table
      .add<ClusterArriveOp, decodeAligned<ClusterArriveOp, runArrive<false>>>();
  table.add<ClusterArriveRelaxedOp,
            decodeAligned<ClusterArriveRelaxedOp, runArrive<true>>>();
  table.add<ClusterWaitOp, decodeAligned<ClusterWaitOp, runWait>>();
  table.add<MapaOp, decodeMap>();
  table.add<ClusterId, decodeRank>();
}
