//===- MBarrierOps.cpp - mbarriers and bulk copies --------------*- C++ -*-===//
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

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// mbarriers
//===----------------------------------------------------------------------===//

/// The mbarrier at an address that a lane names; null, after an error, if there
/// is none that the warp knows of.
static MBarrier *getBarrier(Machine &machine, Warp &warp,
                            const Instruction &instruction, uint32_t lane,
                            uint64_t address) {
  auto found = machine.mbarriers.find(uint32_t(address));
  if (address > UINT32_MAX || found == machine.mbarriers.end()) {
    machine.error(warp, instruction, lane)
        << "no mbarrier was initialized at shared byte "
        << int64_t(address) - int64_t(kSharedBase);
    return nullptr;
  }
  if (auto wrong = machine.shared.checkBarrier(address, warp.clock)) {
    machine.error(warp, instruction, lane) << *wrong;
    return nullptr;
  }
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
    MBarrier *barrier =
        getBarrier(machine, warp, instruction, lane, addresses[lane]);
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
    if (auto wrong =
            machine.shared.makeBarrier(addresses[lane], warp.index, warp.clock))
      return machine.fail(warp, instruction, lane) << *wrong;
    MBarrier &barrier = machine.mbarriers[uint32_t(addresses[lane])];
    barrier.count = barrier.pending = counts[lane];
    barrier.gathered.reset(machine.shared.getAgents());
    barrier.released.reset(machine.shared.getAgents());
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
  barrier.gathered.reset(machine.shared.getAgents());
}

/// operands: address and, if `target`, a number: of arrivals, or where
/// `immediate` is set of bytes that the phase is to wait for.
static Step runArrive(Machine &machine, Warp &warp,
                      const Instruction &instruction) {
  auto arrive = [&](uint32_t lane, MBarrier &barrier) -> Step {
    uint32_t number = instruction.target
                          ? warp.at<uint32_t>(instruction.operands[1])[lane]
                          : 1;
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
  };
  Step step =
      forEachBarrier(machine, warp, instruction,
                     warp.at<uint64_t>(instruction.operands[0]), arrive);
  if (step == Step::Next)
    machine.advance(warp);
  return step;
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
  uint32_t agent = machine.shared.getLaneCopyAgent();
  barrier.pending -= barrier.arrivals.size();
  for (const std::vector<LaneCopy> &arrival : barrier.arrivals)
    for (const LaneCopy &copy : arrival) {
      ++machine.laneCopies;
      machine.shared.land(copy.address, copy.size, copy.data.data(), agent,
                          machine.laneCopies);
      barrier.gathered.seen[agent] = machine.laneCopies;
    }
  barrier.arrivals.clear();
}

static void landCopies(Machine &machine, MBarrier &barrier) {
  for (const BulkCopy &copy : barrier.copies) {
    ++machine.bulkCopies;
    for (const BulkCopy::Piece &piece : copy.pieces) {
      machine.shared.land(piece.address, piece.data.size(), piece.data.data(),
                          machine.shared.getCopyAgent(), machine.bulkCopies);
      barrier.bytes -= piece.data.size();
    }
    barrier.gathered.see(machine.shared.getCopyAgent(), machine.bulkCopies);
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

static LogicalResult decodeArrive(Decoder &decoder, NVVM::MBarrierArriveOp op) {
  if (op.getRes() && failed(decoder.define(op.getRes())))
    return failure();
  decoder.emit(op, runArrive).target = op.getCount() ? 1 : 0;
  return success();
}

static LogicalResult decodeArriveExpect(Decoder &decoder,
                                        NVVM::MBarrierArriveExpectTxOp op) {
  if (op.getPredicate())
    return op.emitError("device kernels predicate with scf.if");
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
// Bulk copies
//===----------------------------------------------------------------------===//

/// Bytes of a piece: bulk copies are made of and aligned to these.
static constexpr uint32_t kPiece = 16;

/// operands: target, source, mbarrier, bytes.
static Step runBulkCopy(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const uint64_t *targets = warp.at<uint64_t>(instruction.operands[0]);
  const uint64_t *sources = warp.at<uint64_t>(instruction.operands[1]);
  const uint64_t *barriers = warp.at<uint64_t>(instruction.operands[2]);
  const uint32_t *sizes = warp.at<uint32_t>(instruction.operands[3]);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    MBarrier *barrier =
        getBarrier(machine, warp, instruction, lane, barriers[lane]);
    if (!barrier)
      return Step::Failed;
    if (targets[lane] % kPiece || sources[lane] % kPiece ||
        sizes[lane] % kPiece)
      return machine.fail(warp, instruction, lane)
             << "expected addresses and a size of multiples of " << kPiece
             << ", found " << targets[lane] % kPiece << ", "
             << sources[lane] % kPiece << " and " << sizes[lane] % kPiece
             << " past one";
    BulkCopy copy;
    for (uint32_t byte = 0; byte < sizes[lane]; byte += kPiece) {
      BulkCopy::Piece piece{uint32_t(targets[lane] + byte), {}};
      auto wrong =
          machine.global.read(sources[lane] + byte, kPiece, piece.data.data(),
                              machine.getAccessor(warp));
      if (!wrong)
        wrong =
            machine.shared.beginCopy(targets[lane] + byte, kPiece, warp.clock);
      if (wrong)
        return machine.fail(warp, instruction, lane) << *wrong;
      copy.pieces.push_back(piece);
    }
    barrier->copies.push_back(std::move(copy));
  }
  return Step::Next;
}

static LogicalResult
decodeBulkCopy(Decoder &decoder, NVVM::CpAsyncBulkGlobalToSharedClusterOp op) {
  if (op.getMulticastMask())
    return op.emitError("bulk copies of device kernels are not multicast");
  decoder.emit(op, runBulkCopy);
  return success();
}

/// operands: address, bytes. The L2 is nobody's memory: what is named must be
/// there, and may be read now.
static Step runPrefetch(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  const uint32_t *sizes = warp.at<uint32_t>(instruction.operands[1]);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (addresses[lane] % kPiece || sizes[lane] % kPiece)
      return machine.fail(warp, instruction, lane)
             << "expected an address and a size of multiples of " << kPiece
             << ", found " << addresses[lane] % kPiece << " and "
             << sizes[lane] % kPiece << " past one";
    std::vector<char> bytes(sizes[lane]);
    if (auto wrong =
            machine.global.read(addresses[lane], sizes[lane], bytes.data(),
                                machine.getAccessor(warp)))
      return machine.fail(warp, instruction, lane) << *wrong;
  }
  return Step::Next;
}

static LogicalResult decodePrefetch(Decoder &decoder,
                                    NVVM::CpAsyncBulkPrefetchOp op) {
  decoder.emit(op, runPrefetch);
  return success();
}

/// operand: a tensor map.
static Step runPrefetchMap(Machine &machine, Warp &warp,
                           const Instruction &instruction) {
  const uint64_t *maps = warp.at<uint64_t>(instruction.operands[0]);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    if (warp.isActive(lane) && !machine.launch.tensorMaps.contains(maps[lane]))
      return machine.fail(warp, instruction, lane) << "expected a tensor map";
  return Step::Next;
}

static LogicalResult decodePrefetchMap(Decoder &decoder, NVVM::PrefetchOp op) {
  if (!op.getTensormap() || op.getPredicate())
    return op.emitError("prefetches of device kernels are of tensor maps, "
                        "without a predicate");
  decoder.emit(op, runPrefetchMap);
  return success();
}

/// Reads the elements of a piece that begins at (row, col); those outside of
/// the matrix are zeros.
static std::optional<std::string> readPiece(Machine &machine, const Warp &warp,
                                            const TensorMap &map, int64_t row,
                                            int64_t col,
                                            BulkCopy::Piece &piece) {
  int64_t elements = kPiece / map.elementBytes;
  int64_t begin = std::max<int64_t>(0, -col);
  int64_t end = std::min(elements, map.cols - col);
  if (row < 0 || row >= map.rows || begin >= end)
    return std::nullopt;
  uint64_t address =
      map.base + uint64_t((row * map.stride + col + begin) * map.elementBytes);
  return machine.global.read(address, (end - begin) * map.elementBytes,
                             piece.data.data() + begin * map.elementBytes,
                             machine.getAccessor(warp));
}

/// A box whose first element is (row, col), in the 128-byte swizzle: address
/// bits 4 to 6 by exclusive or with bits 7 to 9.
static std::optional<std::string> copyBox(Machine &machine, Warp &warp,
                                          const TensorMap &map, uint64_t target,
                                          int64_t row, int64_t col,
                                          BulkCopy &copy) {
  int64_t rowBytes = map.boxCols * map.elementBytes;
  for (int64_t byte = 0; byte < map.boxRows * rowBytes; byte += kPiece) {
    uint64_t address = target + byte;
    address ^= (address >> 7 & 7) << 4;
    BulkCopy::Piece piece{uint32_t(address), {}};
    auto wrong = readPiece(machine, warp, map, row + byte / rowBytes,
                           col + byte % rowBytes / map.elementBytes, piece);
    if (!wrong)
      wrong = machine.shared.beginCopy(address, kPiece, warp.clock);
    if (wrong)
      return wrong;
    copy.pieces.push_back(piece);
  }
  return std::nullopt;
}

/// operands: target, tensor map, column, row; then the mbarrier.
static Step runTensorCopy(Machine &machine, Warp &warp,
                          const Instruction &instruction) {
  constexpr uint64_t kAlignment = 128;
  const uint64_t *targets = warp.at<uint64_t>(instruction.operands[0]);
  const uint64_t *maps = warp.at<uint64_t>(instruction.operands[1]);
  const int32_t *cols = warp.at<int32_t>(instruction.operands[2]);
  const int32_t *rows = warp.at<int32_t>(instruction.operands[3]);
  const uint64_t *barriers = warp.at<uint64_t>(
      machine.program.reads[instruction.readsBegin + 4].begin);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    MBarrier *barrier =
        getBarrier(machine, warp, instruction, lane, barriers[lane]);
    if (!barrier)
      return Step::Failed;
    auto map = machine.launch.tensorMaps.find(maps[lane]);
    if (map == machine.launch.tensorMaps.end() || targets[lane] % kAlignment)
      return machine.fail(warp, instruction, lane)
             << "expected a tensor map and a target aligned to " << kAlignment
             << " bytes";
    BulkCopy copy;
    if (auto wrong = copyBox(machine, warp, map->second, targets[lane],
                             rows[lane], cols[lane], copy))
      return machine.fail(warp, instruction, lane) << *wrong;
    barrier->copies.push_back(std::move(copy));
  }
  return Step::Next;
}

static LogicalResult
decodeTensorCopy(Decoder &decoder,
                 NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp op) {
  if (op.getCoordinates().size() != 2 ||
      op.getMode() != NVVM::TMALoadMode::TILE || op.getMulticastMask() ||
      op.getPredicate())
    return op.emitError("bulk tensor copies of device kernels are of two "
                        "dimensions in tile mode, without multicast or "
                        "predicate");
  decoder.emit(op, runTensorCopy);
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

/// mbarriers are checked like data, and what atomics order is whole blocks:
/// these say nothing more.
static Step runNothing(Machine &, Warp &, const Instruction &) {
  return Step::Next;
}

template <typename OpTy>
static LogicalResult decodeFence(Decoder &decoder, OpTy op) {
  decoder.emit(op, runNothing);
  return success();
}

void mlir::spmmplu::emulator::addMBarrierOps(DecodeTable &table) {
  using namespace NVVM;
  table.add<MBarrierInitOp, decodeInit>();
  table.add<MBarrierArriveOp, decodeArrive>();
  table.add<MBarrierArriveExpectTxOp, decodeArriveExpect>();
  table.add<CpAsyncMBarrierArriveOp, decodeArriveAfterCopies>();
  table.add<MBarrierTryWaitParityOp, decodeTryWait>();
  table.add<CpAsyncBulkGlobalToSharedClusterOp, decodeBulkCopy>();
  table.add<CpAsyncBulkPrefetchOp, decodePrefetch>();
  table.add<PrefetchOp, decodePrefetchMap>();
  table.add<CpAsyncBulkTensorGlobalToSharedClusterOp, decodeTensorCopy>();
  table.add<FenceProxyOp, decodeProxyFence>();
  table.add<FenceMbarrierInitOp, decodeFence<FenceMbarrierInitOp>>();
  table.add<MembarOp, decodeFence<MembarOp>>();
}
