//===- MemoryOps.cpp - Pointers, loads and stores ---------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::spmmplu::emulator;

/// Address spaces of a block's shared memory, and of its cluster's.
static constexpr unsigned kSharedSpace = 3, kClusterSpace = 7;

static Step runAddressOf(Machine &, Warp &warp,
                         const Instruction &instruction) {
  std::fill_n(warp.at<uint64_t>(instruction.result), kLanes,
              uint64_t(kSharedBase));
  return Step::Next;
}

static LogicalResult decodeAddressOf(Decoder &decoder, LLVM::AddressOfOp op) {
  auto type = cast<LLVM::LLVMPointerType>(op.getType());
  if (type.getAddressSpace() != kSharedSpace)
    return op.emitError("the only global of device kernels is shared memory, "
                        "found one of address space ")
           << type.getAddressSpace();
  if (failed(decoder.define(op.getResult())))
    return failure();
  decoder.emit(op, runAddressOf);
  return success();
}

/// `immediate`: a constant number of bytes; `count`: bytes an index, of type
/// `T`; no indices where that is 0.
template <typename T>
static Step runAddress(Machine &, Warp &warp, const Instruction &instruction) {
  const uint64_t *base = warp.at<uint64_t>(instruction.operands[0]);
  const T *index = warp.at<T>(instruction.operands[1]);
  uint64_t *result = warp.at<uint64_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane)
    result[lane] = base[lane] + uint64_t(instruction.immediate);
  if (instruction.count)
    for (uint32_t lane = 0; lane < kLanes; ++lane)
      result[lane] += uint64_t(int64_t(index[lane])) * instruction.count;
  return Step::Next;
}

static LogicalResult decodeAddress(Decoder &decoder, LLVM::GEPOp op) {
  std::optional<RegisterType> element = getRegisterType(op.getElemType());
  if (!element || op.getIndices().size() != 1 ||
      isa<VectorType>(op.getElemType()) ||
      !isa<LLVM::LLVMPointerType>(op.getType()))
    return op.emitError("device kernels compute addresses with one index of a "
                        "scalar type");
  if (failed(decoder.define(op.getResult())))
    return failure();
  uint32_t bytes = getBytes(element->kind);
  bool isDynamic = !op.getDynamicIndices().empty();
  bool isLong = isDynamic && op.getDynamicIndices()[0].getType().isInteger(64);
  if (isDynamic && !isLong &&
      !op.getDynamicIndices()[0].getType().isInteger(32))
    return op.emitError("indices of device kernels are i32 or i64, found ")
           << op.getDynamicIndices()[0].getType();
  Instruction &instruction =
      decoder.emit(op, isLong ? runAddress<int64_t> : runAddress<int32_t>);
  instruction.count = isDynamic ? bytes : 0;
  instruction.immediate =
      isDynamic ? 0 : int64_t(op.getRawConstantIndices()[0]) * bytes;
  return success();
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

/// The bytes of a lane's register in the order of memory, and back. `count`
/// elements of `bytes` each.
static void gather(const Warp &warp, uint32_t place, uint32_t lane,
                   uint32_t count, uint32_t bytes, char *to) {
  const char *from = warp.at<char>(place) + lane * bytes;
  for (uint32_t element = 0; element < count; ++element)
    memcpy(to + element * bytes, from + element * bytes * kLanes, bytes);
}
static void scatter(Warp &warp, uint32_t place, uint32_t lane, uint32_t count,
                    uint32_t bytes, const char *from) {
  char *to = warp.at<char>(place) + lane * bytes;
  for (uint32_t element = 0; element < count; ++element)
    memcpy(to + element * bytes * kLanes, from + element * bytes, bytes);
}

/// Of an access: `immediate` is the alignment, `target` the bytes an element,
/// `count` the elements of a lane.
static uint32_t getSize(const Instruction &instruction) {
  return instruction.count * instruction.target;
}

static Step reportAccess(Machine &machine, Warp &warp,
                         const Instruction &instruction, uint32_t lane,
                         StringRef wrong) {
  return machine.fail(warp, instruction, lane) << wrong;
}

static bool isMisaligned(Machine &machine, Warp &warp,
                         const Instruction &instruction, uint32_t lane,
                         uint64_t address) {
  if (address % uint64_t(instruction.immediate) == 0)
    return false;
  machine.error(warp, instruction, lane)
      << "expected an address aligned to " << instruction.immediate
      << " bytes, found " << address % uint64_t(instruction.immediate)
      << " bytes past one";
  return true;
}

/// Largest access of one lane: a vector of 64 elements of 8 bytes.
static constexpr uint32_t kMaxAccess = 512;

template <bool isShared>
static Step runLoad(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  char data[kMaxAccess];
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    uint64_t address = addresses[lane];
    if (isMisaligned(machine, warp, instruction, lane, address))
      return Step::Failed;
    std::optional<std::string> wrong;
    if constexpr (isShared)
      wrong = machine.block->shared.read(address, getSize(instruction), data,
                                         warp.index, warp.clock);
    else
      wrong = machine.global.read(address, getSize(instruction), data,
                                  machine.getAccessor(warp));
    if (wrong)
      return reportAccess(machine, warp, instruction, lane, *wrong);
    scatter(warp, instruction.result, lane, instruction.count,
            instruction.target, data);
  }
  return Step::Next;
}

/// Two lanes that store different bytes to one place.
static std::optional<uint32_t> findConflict(const Warp &warp,
                                            const Instruction &instruction,
                                            const uint64_t *addresses) {
  uint32_t size = getSize(instruction);
  for (uint32_t lane = 1; lane < kLanes; ++lane) {
    for (uint32_t other = 0; other < lane; ++other) {
      if (!warp.isActive(lane) || !warp.isActive(other) ||
          addresses[lane] + size <= addresses[other] ||
          addresses[other] + size <= addresses[lane])
        continue;
      char mine[kMaxAccess], theirs[kMaxAccess];
      gather(warp, instruction.operands[0], lane, instruction.count,
             instruction.target, mine);
      gather(warp, instruction.operands[0], other, instruction.count,
             instruction.target, theirs);
      if (addresses[lane] != addresses[other] || memcmp(mine, theirs, size))
        return lane;
    }
  }
  return std::nullopt;
}

static bool isAscending(const uint64_t *addresses, uint32_t size) {
  for (uint32_t lane = 1; lane < kLanes; ++lane)
    if (addresses[lane] < addresses[lane - 1] + size)
      return false;
  return true;
}

/// Into the shared memory of the block that the address says, which must be
/// known to have begun.
static std::optional<std::string> writeInCluster(Machine &machine, Warp &warp,
                                                 uint64_t address,
                                                 uint32_t size,
                                                 const char *data) {
  uint64_t rank = address >> kRankShift;
  ThreadBlock &block = rank ? machine.blocks[rank - 1] : *machine.block;
  if (&block != machine.block) {
    if (!warp.clock.seen[block.shared.getPlace(0)])
      return llvm::formatv("block {0} of the cluster may not have begun",
                           block.rank)
          .str();
    block.visits[warp.agent] = Machine::getTime(warp);
    warp.hasStoredRemotely = true;
  }
  return block.shared.writeRemotely(address & ((uint64_t(1) << kRankShift) - 1),
                                    size, data, warp.agent, warp.clock);
}

template <unsigned space>
static Step runStore(Machine &machine, Warp &warp,
                     const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[1]);
  uint32_t size = getSize(instruction);
  if (!isAscending(addresses, size))
    if (auto lane = findConflict(warp, instruction, addresses))
      return machine.fail(warp, instruction, *lane)
             << "two lanes of one store write different values to the same "
                "bytes";
  char data[kMaxAccess];
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    uint64_t address = addresses[lane];
    if (isMisaligned(machine, warp, instruction, lane, address))
      return Step::Failed;
    gather(warp, instruction.operands[0], lane, instruction.count,
           instruction.target, data);
    std::optional<std::string> wrong;
    if constexpr (space == kClusterSpace)
      wrong = writeInCluster(machine, warp, address, size, data);
    else if constexpr (space == kSharedSpace)
      wrong = machine.block->shared.write(address, size, data, warp.index,
                                          warp.clock);
    else
      wrong =
          machine.global.write(address, size, data, machine.getAccessor(warp));
    if (wrong)
      return reportAccess(machine, warp, instruction, lane, *wrong);
  }
  return Step::Next;
}

/// Sets the fields of an access to `type` through `pointer`, which has at least
/// `least` bytes. `cluster`: null, where other blocks' memory cannot be
/// accessed.
static LogicalResult decodeAccess(Decoder &decoder, Operation *op, Type type,
                                  Type pointer, uint32_t least,
                                  std::optional<uint64_t> alignment,
                                  Execute global, Execute shared,
                                  Execute cluster) {
  RegisterType access = *getRegisterType(type);
  uint32_t bytes = getBytes(access.kind);
  unsigned space = cast<LLVM::LLVMPointerType>(pointer).getAddressSpace();
  Execute execute = space == 1                          ? global
                    : space == kSharedSpace             ? shared
                    : space == kClusterSpace && cluster ? cluster
                                                        : nullptr;
  if (bytes * access.count < least || access.kind == Kind::I1 ||
      bytes * access.count > kMaxAccess || !execute)
    return op->emitError("device kernels access ")
           << least << " bytes or more in address spaces 1 and 3"
           << (cluster ? " and 7" : "") << ", found " << type << " in "
           << space;
  uint64_t natural = llvm::PowerOf2Ceil(bytes * access.count);
  Instruction &instruction = decoder.emit(op, execute);
  instruction.count = access.count;
  instruction.target = bytes;
  instruction.immediate = alignment && *alignment ? *alignment : natural;
  return success();
}

static LogicalResult decodeLoad(Decoder &decoder, LLVM::LoadOp op) {
  if (failed(decoder.define(op.getResult())))
    return failure();
  return decodeAccess(decoder, op, op.getType(), op.getAddr().getType(),
                      /*least=*/1, op.getAlignment(), runLoad<false>,
                      runLoad<true>, nullptr);
}

static LogicalResult decodeStore(Decoder &decoder, LLVM::StoreOp op) {
  return decodeAccess(decoder, op, op.getValue().getType(),
                      op.getAddr().getType(), kGranule, op.getAlignment(),
                      runStore<1>, runStore<kSharedSpace>,
                      runStore<kClusterSpace>);
}

/// operands: address, value.
static Step runAtomicAdd(Machine &machine, Warp &warp,
                         const Instruction &instruction) {
  const uint64_t *addresses = warp.at<uint64_t>(instruction.operands[0]);
  const uint32_t *values = warp.at<uint32_t>(instruction.operands[1]);
  uint32_t *result = warp.at<uint32_t>(instruction.result);
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    if (!warp.isActive(lane))
      continue;
    if (isMisaligned(machine, warp, instruction, lane, addresses[lane]))
      return Step::Failed;
    if (auto wrong = machine.global.addAtomically(addresses[lane], values[lane],
                                                  result[lane],
                                                  machine.getAccessor(warp)))
      return reportAccess(machine, warp, instruction, lane, *wrong);
  }
  return Step::Next;
}

static LogicalResult decodeAtomic(Decoder &decoder, LLVM::AtomicRMWOp op) {
  auto pointer = cast<LLVM::LLVMPointerType>(op.getPtr().getType());
  if (op.getBinOp() != LLVM::AtomicBinOp::add || !op.getType().isInteger(32) ||
      pointer.getAddressSpace() != 1 ||
      op.getOrdering() != LLVM::AtomicOrdering::acq_rel)
    return op.emitError("atomics of device kernels add to an i32 in address "
                        "space 1, acq_rel");
  if (failed(decoder.define(op.getRes())))
    return failure();
  decoder.emit(op, runAtomicAdd).immediate = 4;
  return success();
}

void mlir::spmmplu::emulator::addMemoryOps(DecodeTable &table) {
  table.add<LLVM::AtomicRMWOp, decodeAtomic>();
  table.add<LLVM::AddressOfOp, decodeAddressOf>();
  table.add<LLVM::GEPOp, decodeAddress>();
  table.add<LLVM::LoadOp, decodeLoad>();
  table.add<LLVM::StoreOp, decodeStore>();
}
