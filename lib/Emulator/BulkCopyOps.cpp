//===- BulkCopyOps.cpp - Copies of the copy unit ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bulk copy reads its source at once and lands when a warp would otherwise
// wait for its mbarrier in vain (MBarrierOps.cpp). A multicast one goes to the
// same bytes of several blocks of the cluster, and counts at the mbarrier that
// each of them has there.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

/// Bytes of a piece: bulk copies are made of and aligned to these.
static constexpr uint32_t kPiece = 16;

/// The blocks that a lane's copy goes to, a bit a rank. `target`: operand
/// `number` is the mask; else it is the block itself.
static uint32_t getMask(Machine &machine, const Warp &warp,
                        const Instruction &instruction, uint32_t lane,
                        uint32_t number) {
  if (!instruction.target)
    return uint32_t(1) << machine.block->rank;
  uint32_t place = machine.program.reads[instruction.readsBegin + number].begin;
  return warp.at<uint16_t>(place)[lane];
}

/// The copy is on its way to the blocks of the mask; false after an error.
static bool request(Machine &machine, Warp &warp,
                    const Instruction &instruction, uint32_t lane,
                    uint64_t barrier, uint32_t mask, const BulkCopy &copy) {
  if (!mask || mask >> machine.blocks.size()) {
    machine.error(warp, instruction, lane)
        << "expected a mask of the cluster's " << machine.blocks.size()
        << " blocks, found " << mask;
    return false;
  }
  for (ThreadBlock &block : machine.blocks) {
    if (!(mask >> block.rank & 1))
      continue;
    MBarrier *found =
        findBarrier(machine, block, warp, instruction, lane, barrier);
    if (!found)
      return false;
    for (const BulkCopy::Piece &piece : copy.pieces) {
      auto wrong = block.shared.beginCopy(piece.address, kPiece, warp.clock);
      if (!wrong)
        continue;
      InFlightDiagnostic diagnostic = machine.error(warp, instruction, lane);
      if (&block != machine.block)
        diagnostic << "in block " << block.rank << " of the cluster ";
      diagnostic << *wrong;
      return false;
    }
    found->copies.push_back(copy);
  }
  return true;
}

/// operands: target, source, mbarrier, bytes; if `target`, the mask.
static Step runBulkCopy(Machine &machine, Warp &warp,
                        const Instruction &instruction) {
  const uint64_t *targets = warp.at<uint64_t>(instruction.operands[0]);
  const uint64_t *sources = warp.at<uint64_t>(instruction.operands[1]);
  const uint64_t *barriers = warp.at<uint64_t>(instruction.operands[2]);
  const uint32_t *sizes = warp.at<uint32_t>(instruction.operands[3]);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
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
      if (auto wrong =
              machine.global.read(sources[lane] + byte, kPiece,
                                  piece.data.data(), machine.getAccessor(warp)))
        return machine.fail(warp, instruction, lane) << *wrong;
      copy.pieces.push_back(piece);
    }
    if (!request(machine, warp, instruction, lane, barriers[lane],
                 getMask(machine, warp, instruction, lane, 4), copy))
      return Step::Failed;
  }
  return Step::Next;
}

static LogicalResult
decodeBulkCopy(Decoder &decoder, NVVM::CpAsyncBulkGlobalToSharedClusterOp op) {
  decoder.emit(op, runBulkCopy).target = op.getMulticastMask() ? 1 : 0;
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

/// operand: an address, of a line that earlier launches may still write. The L2
/// is where all of them write: nothing is read, but it must be there.
static Step runPrefetchLine(Machine &machine, Warp &warp,
                            const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    if (warp.isActive(lane))
      if (auto wrong = machine.global.checkExists(addresses[lane]))
        return machine.fail(warp, instruction, lane) << *wrong;
  return Step::Next;
}

static LogicalResult decodePrefetchLineOrMap(Decoder &decoder,
                                             NVVM::PrefetchOp op) {
  bool isLine =
      op.getCacheLevel() == NVVM::PrefetchCacheLevel::L2 &&
      isa<LLVM::LLVMPointerType>(op.getAddr().getType()) &&
      cast<LLVM::LLVMPointerType>(op.getAddr().getType()).getAddressSpace() ==
          1;
  if (isLine == op.getTensormap() || op.getPredicate() || op.getUniform())
    return op.emitError(
        "prefetches of device kernels are of tensor maps, or of "
        "device memory into the L2, without a predicate");
  decoder.emit(op, isLine ? runPrefetchLine : runPrefetchMap);
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
    if (wrong)
      return wrong;
    copy.pieces.push_back(piece);
  }
  return std::nullopt;
}

/// operands: target, tensor map, column, row; then the mbarrier and, if
/// `target`, the mask.
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
    auto map = machine.launch.tensorMaps.find(maps[lane]);
    if (map == machine.launch.tensorMaps.end() || targets[lane] % kAlignment)
      return machine.fail(warp, instruction, lane)
             << "expected a tensor map and a target aligned to " << kAlignment
             << " bytes";
    BulkCopy copy;
    if (auto wrong = copyBox(machine, warp, map->second, targets[lane],
                             rows[lane], cols[lane], copy))
      return machine.fail(warp, instruction, lane) << *wrong;
    if (!request(machine, warp, instruction, lane, barriers[lane],
                 getMask(machine, warp, instruction, lane, 5), copy))
      return Step::Failed;
  }
  return Step::Next;
}

static LogicalResult
decodeTensorCopy(Decoder &decoder,
                 NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp op) {
  if (op.getCoordinates().size() != 2 ||
      op.getMode() != NVVM::TMALoadMode::TILE || op.getPredicate())
    return op.emitError("bulk tensor copies of device kernels are of two "
                        "dimensions in tile mode, without predicate");
  decoder.emit(op, runTensorCopy).target = op.getMulticastMask() ? 1 : 0;
  return success();
}

void mlir::spmmplu::emulator::addBulkCopyOps(DecodeTable &table) {
  using namespace NVVM;
  table.add<CpAsyncBulkGlobalToSharedClusterOp, decodeBulkCopy>();
  table.add<CpAsyncBulkPrefetchOp, decodePrefetch>();
  table.add<PrefetchOp, decodePrefetchLineOrMap>();
  table.add<CpAsyncBulkTensorGlobalToSharedClusterOp, decodeTensorCopy>();
}
