//===- HostLaunch.cpp - Launches and tensor maps ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

/// Grid and block of a launch, checked.
static LogicalResult setShape(Host &host, gpu::LaunchFuncOp op,
                              gpu::GPUFuncOp kernel, Launch &launch) {
  constexpr int64_t kMaxThreads = 1024, kMaxBlocks = int64_t(1) << 24;
  gpu::KernelDim3 grid = op.getGridSizeOperandValues();
  gpu::KernelDim3 block = op.getBlockSizeOperandValues();
  int64_t x = host.getInteger(grid.x), y = host.getInteger(grid.y);
  int64_t z = host.getInteger(grid.z), threads = host.getInteger(block.x);
  if (x < 0 || y < 0 || z < 0 || z > 1 || x > kMaxBlocks || y > 65535 ||
      (y && x > kMaxBlocks / y))
    return op.emitError("expected a grid of two dimensions, found ")
           << x << " x " << y << " x " << z;
  if (threads < 1 || threads > kMaxThreads || threads % kLanes ||
      host.getInteger(block.y) != 1 || host.getInteger(block.z) != 1)
    return op.emitError("expected a block of whole warps in one dimension, "
                        "found ")
           << threads << " x " << host.getInteger(block.y) << " x "
           << host.getInteger(block.z);
  if (auto known = kernel.getKnownBlockSize();
      known && !known->empty() && known->front() != threads)
    return op.emitError("the kernel is made for blocks of ")
           << known->front() << " threads, found " << threads;
  int64_t bytes = op.getDynamicSharedMemorySize()
                      ? host.getInteger(op.getDynamicSharedMemorySize())
                      : 0;
  if (bytes < 0 || bytes > host.options.maxSharedBytes)
    return op.emitError("expected at most ")
           << host.options.maxSharedBytes << " bytes of shared memory, found "
           << bytes;
  if (auto known = kernel.getKnownClusterSize(); known && !known->empty()) {
    // What every GPU with clusters takes.
    constexpr int32_t kMaxCluster = 8;
    int32_t size = known->front();
    if (size < 1 || size > kMaxCluster || (*known)[1] != 1 || (*known)[2] != 1)
      return op.emitError("expected clusters of 1 to ")
             << kMaxCluster << " blocks in one dimension, found " << size
             << " x " << (*known)[1] << " x " << (*known)[2];
    if (x % size)
      return op.emitError("expected a grid of a multiple of ")
             << size << " blocks, which a cluster has, found " << x;
    launch.cluster = size;
  }
  launch.grid = {x, z ? y : 0};
  launch.threads = threads;
  launch.sharedBytes = bytes;
  return success();
}

/// The bits of a kernel's argument.
static uint64_t getBits(const HostValue &value, Type type) {
  if (type.isF32())
    return llvm::bit_cast<uint32_t>(float(value.real));
  if (type.isF16())
    return fromFloat<Half>(float(value.real)).bits;
  if (type.isBF16())
    return fromFloat<BFloat>(float(value.real)).bits;
  return uint64_t(value.integer);
}

static LogicalResult setArguments(Host &host, gpu::LaunchFuncOp op,
                                  gpu::GPUFuncOp kernel, Launch &launch) {
  if (op.getNumKernelOperands() != kernel.getNumArguments())
    return op.emitError("expected ")
           << kernel.getNumArguments() << " arguments, found "
           << op.getNumKernelOperands();
  for (auto [number, operand] : llvm::enumerate(op.getKernelOperands())) {
    Type type = kernel.getArgumentTypes()[number];
    const HostValue &value = host.get(operand);
    if (operand.getType() != type || value.memref)
      return op.emitError("argument ")
             << number << " of type " << operand.getType()
             << " does not match the kernel's " << type;
    uint64_t bits = getBits(value, type);
    launch.arguments.push_back(bits);
    if (!kernel.getArgAttr(number, "llvm.byval"))
      continue;
    auto map = host.tensorMaps.find(bits);
    if (map == host.tensorMaps.end())
      return op.emitError("argument ") << number << " is no tensor map";
    launch.tensorMaps[bits] = map->second;
  }
  return success();
}

/// Tells `onLaunch` of a launch.
static void report(Host &host, gpu::GPUFuncOp kernel, const Launch &launch) {
  EmulatedLaunch told;
  told.kernel = kernel.getName();
  told.grid = launch.grid;
  told.threads = launch.threads;
  told.sharedBytes = launch.sharedBytes;
  for (auto [type, bits] :
       llvm::zip_equal(kernel.getArgumentTypes(), launch.arguments)) {
    EmulatedLaunch::Argument argument;
    uint64_t address = bits;
    if (auto map = launch.tensorMaps.find(bits);
        map != launch.tensorMaps.end()) {
      const TensorMap &matrix = map->second;
      address = matrix.base;
      argument.map = {matrix.rows, matrix.cols, matrix.stride, matrix.boxRows,
                      matrix.boxCols};
      argument.mapElement = matrix.elementBytes;
    } else if (!isa<LLVM::LLVMPointerType>(type)) {
      argument.bits = bits;
      argument.bytes = getElementBytes(type);
      told.arguments.push_back(std::move(argument));
      continue;
    }
    if (Allocation *memory = host.global.find(address))
      if (auto number = host.argumentMemory.find(memory->address);
          number != host.argumentMemory.end()) {
        argument.memory = number->second;
        argument.bits = address - memory->address;
      }
    told.arguments.push_back(std::move(argument));
  }
  host.options.onLaunch(told);
}

static LogicalResult runLaunch(Host &host, gpu::LaunchFuncOp op) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      op, op.getKernelAttr());
  if (!kernel || kernel.getBody().empty())
    return op.emitError("no kernel ") << op.getKernelAttr();
  std::unique_ptr<Program> &program = host.programs[kernel];
  if (!program) {
    program = std::make_unique<Program>();
    if (failed(Decoder(*program).decode(kernel)))
      return failure();
  }
  Launch launch;
  if (failed(setShape(host, op, kernel, launch)) ||
      failed(setArguments(host, op, kernel, launch)))
    return failure();
  if (launch.grid[0] == 0 || launch.grid[1] == 0)
    return success();
  if (host.options.onLaunch)
    report(host, kernel, launch);
  return Machine(*program, host.global, launch, host.options).run();
}

/// What the driver asks of a map: 16-byte aligned rows and base.
static LogicalResult runTensorMap(Host &host, TensorMapOp op) {
  constexpr uint64_t kAlignment = 16;
  // Addresses that no memory has, 128 bytes apart.
  constexpr uint64_t kFirst = uint64_t(1) << 60;
  TensorMap map;
  map.base = host.getInteger(op.getBase());
  map.rows = host.getInteger(op.getRows());
  map.cols = host.getInteger(op.getCols());
  map.stride = host.getInteger(op.getStride());
  map.boxRows = op.getBoxRows();
  map.boxCols = op.getBoxCols();
  map.elementBytes = op.getElement().getIntOrFloatBitWidth() / 8;
  constexpr int64_t kMaxExtent = int64_t(1) << 32;
  if (map.rows < 1 || map.cols < 1 || map.rows > kMaxExtent ||
      map.cols > kMaxExtent || map.stride < 1 || map.stride > kMaxExtent)
    return op.emitError("expected a matrix of positive extents below 2^32, "
                        "found ")
           << map.rows << " x " << map.cols << " of stride " << map.stride;
  if (map.base % kAlignment || map.stride * map.elementBytes % kAlignment)
    return op.emitError("expected rows aligned to ")
           << kAlignment << " bytes, found a base " << map.base % kAlignment
           << " past one and a stride of " << map.stride * map.elementBytes;
  uint64_t address = kFirst + 128 * host.tensorMaps.size();
  host.tensorMaps[address] = map;
  host.setInteger(op.getResult(), address);
  return success();
}

static LogicalResult runScratch(Host &host, ScratchOp op) {
  int64_t bytes = host.getInteger(op.getBytes());
  if (!host.scratch || int64_t(host.scratch->data.size()) < bytes) {
    host.scratch = host.global.allocate(bytes, /*isWritten=*/true);
    if (!host.scratch)
      return op.emitError("scratch of ")
             << bytes << " bytes exceeds the emulator's memory of "
             << host.options.maxGlobalBytes;
    llvm::fill(host.scratch->data, 0);
  }
  host.setInteger(op.getResult(), host.scratch->address);
  return success();
}

void mlir::spmmplu::emulator::addHostLaunchOps(HostTable &table) {
  table.add<ScratchOp, runScratch>();
  table.add<gpu::LaunchFuncOp, runLaunch>();
  table.add<TensorMapOp, runTensorMap>();
}
