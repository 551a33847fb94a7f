//===- WarpgroupOps.cpp - Asynchronous matrix products ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product is computed when it starts, a quarter of its rows by each warp.
// What it reads in shared memory counts as read, and its result as unknown,
// until the warp waits for its group.
//
//===----------------------------------------------------------------------===//

#include "Descriptor.h"
#include "Fragments.h"
#include "Machine.h"

#include "spmmplu/GPU/SparseGPU.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {

constexpr uint32_t kMaxCols = 256;
constexpr uint32_t kWarpRows = 16;

/// `Instruction::target` of a product.
enum ProductFlag : uint32_t { kSparse = 1, kTransposed = 2, kRegisters = 4 };

/// The operands of a warp's quarter.
template <typename Value> struct Operands {
  Value a[kWarpRows][kMaxStored];
  Value b[kMaxDepth][kMaxCols];
  uint8_t columns[kWarpRows][kMaxStored];
};
template <typename T> using OperandsOf = Operands<typename Operand<T>::Value>;

} // namespace

/// Reads 16 bytes of elements through a descriptor.
template <typename T>
static SharedMemory::Wrong
readChunk(Machine &machine, Warp &warp, uint32_t address,
          typename Operand<T>::Value *to, uint32_t stride) {
  constexpr uint32_t count = kChunkBytes / sizeof(T);
  T elements[count];
  if (auto wrong = machine.block->shared.readAsync(
          address, kChunkBytes, reinterpret_cast<char *>(elements), warp.index,
          warp.productGroups + 1, warp.clock))
    return wrong;
  for (uint32_t element = 0; element < count; ++element)
    to[element * stride] = Operand<T>::read(elements[element]);
  return std::nullopt;
}

/// The warp's 16 rows of A; its stored columns take 32 bytes.
template <typename T>
static SharedMemory::Wrong readA(Machine &machine, Warp &warp,
                                 const Descriptor &descriptor,
                                 OperandsOf<T> &operands) {
  constexpr uint32_t perChunk = kChunkBytes / sizeof(T);
  for (uint32_t row = 0; row < kWarpRows; ++row)
    for (uint32_t chunk = 0; chunk < Operand<T>::kStored / perChunk; ++chunk)
      if (auto wrong = readChunk<T>(
              machine, warp,
              descriptor.getAddress(warp.index % 4 * kWarpRows + row, chunk),
              &operands.a[row][chunk * perChunk], 1))
        return wrong;
  return std::nullopt;
}

/// All of B: k-major, columns as the lines of the descriptor, or, transposed,
/// with k as its lines.
template <typename T>
static SharedMemory::Wrong readB(Machine &machine, Warp &warp,
                                 const Descriptor &descriptor, uint32_t depth,
                                 uint32_t cols, bool isTransposed,
                                 OperandsOf<T> &operands) {
  constexpr uint32_t perChunk = kChunkBytes / sizeof(T);
  uint32_t lines = isTransposed ? depth : cols;
  uint32_t chunks = (isTransposed ? cols : depth) / perChunk;
  for (uint32_t line = 0; line < lines; ++line) {
    for (uint32_t chunk = 0; chunk < chunks; ++chunk) {
      uint32_t address = isTransposed
                             ? descriptor.getTransposedAddress(line, chunk)
                             : descriptor.getAddress(line, chunk);
      auto *to = isTransposed ? &operands.b[line][chunk * perChunk]
                              : &operands.b[chunk * perChunk][line];
      if (auto wrong = readChunk<T>(machine, warp, address, to,
                                    isTransposed ? 1 : kMaxCols))
        return wrong;
    }
  }
  return std::nullopt;
}

/// result = A * B + c in f32 or modulo 2^32, the lane's values as in `getSum`
/// for every eight columns.
template <typename Value>
static void multiply(Warp &warp, const Instruction &instruction,
                     const Operands<Value> &operands, uint32_t stored,
                     uint32_t cols) {
  const Value *c = warp.at<Value>(instruction.operands[2]);
  Value *result = warp.at<Value>(instruction.result);
  for (uint32_t row = 0; row < kWarpRows; ++row) {
    auto getFlat = [&](uint32_t col) {
      uint32_t element = col / 8 * 4 + row / 8 * 2 + col % 2;
      return element * kLanes + row % 8 * 4 + col % 8 / 2;
    };
    Value sums[kMaxCols];
    for (uint32_t col = 0; col < cols; ++col)
      sums[col] = c[getFlat(col)];
    for (uint32_t column = 0; column < stored; ++column) {
      Value a = operands.a[row][column];
      const Value *b = operands.b[operands.columns[row][column]];
      for (uint32_t col = 0; col < cols; ++col)
        sums[col] += a * b[col];
    }
    for (uint32_t col = 0; col < cols; ++col)
      result[getFlat(col)] = sums[col];
  }
}

/// The same descriptor on all lanes, decoded.
static std::optional<Descriptor> getDescriptor(Machine &machine, Warp &warp,
                                               const Instruction &instruction,
                                               uint32_t operand) {
  const uint64_t *bits = warp.at<uint64_t>(instruction.operands[operand]);
  for (uint32_t lane = 1; lane < kLanes; ++lane) {
    if (bits[lane] == bits[0])
      continue;
    machine.error(warp, instruction, lane)
        << "the descriptor of " << (operand ? "b" : "a")
        << " differs from that of lane 0";
    return std::nullopt;
  }
  Descriptor descriptor(bits[0]);
  if (descriptor.base == 0)
    return descriptor;
  machine.error(warp, instruction) << "expected a descriptor with base offset "
                                      "0, found "
                                   << descriptor.base;
  return std::nullopt;
}

/// Checks that the warps of the warpgroup do the same, one after the other.
static bool joins(Machine &machine, Warp &warp, const Instruction &instruction,
                  uint64_t a, uint64_t b) {
  if (machine.isPartial(warp, instruction))
    return false;
  if (!warp.isFenced || warp.index / 4 * 4 + 4 > machine.getWarps()) {
    machine.error(warp, instruction)
        << (warp.isFenced
                ? "the warp's warpgroup has less than four warps"
                : "no wgmma.fence since the last wait for matrix products");
    return false;
  }
  Warpgroup &group = machine.block->warpgroups[warp.index / 4];
  if (warp.products == group.products.size())
    group.products.push_back({instruction.op, a, b});
  const Warpgroup::Product &first = group.products[warp.products++];
  if (first.op == instruction.op && first.a == a && first.b == b)
    return true;
  machine.error(warp, instruction)
      << "the warps of a warpgroup start different matrix products";
  return false;
}

/// Fills the operands; false after an error.
template <typename T, typename B>
static bool readOperands(Machine &machine, Warp &warp,
                         const Instruction &instruction, uint32_t cols,
                         OperandsOf<T> &operands) {
  std::optional<Descriptor> a, b;
  bool inRegisters = instruction.target & kRegisters;
  if (!(b = getDescriptor(machine, warp, instruction, 1)) ||
      (!inRegisters && !(a = getDescriptor(machine, warp, instruction, 0))) ||
      !joins(machine, warp, instruction, a ? a->bits : 0, b->bits))
    return false;
  bool isSparse = instruction.target & kSparse;
  bool isTransposed = instruction.target & kTransposed;
  uint32_t depth = Operand<T>::kStored * (isSparse ? 2 : 1);
  SharedMemory::Wrong wrong = getColumns<T>(
      isSparse ? warp.at<uint32_t>(instruction.operands[3]) : nullptr,
      instruction.immediate, operands.columns);
  // A line of the swizzle holds all of k, or k takes turns with the columns.
  if (!wrong && !isTransposed && depth * sizeof(T) > b->getLineBytes())
    wrong = "the swizzle's lines are shorter than k";
  if (!wrong && a && kChunkBytes * 2 > a->getLineBytes())
    wrong = "the swizzle's lines are shorter than k";
  if (!wrong && inRegisters)
    unpackA(warp.at<T>(instruction.operands[0]), operands.a);
  else if (!wrong)
    wrong = readA<T>(machine, warp, *a, operands);
  if (!wrong)
    wrong = readB<B>(machine, warp, *b, depth, cols, isTransposed, operands);
  if (wrong)
    machine.error(warp, instruction) << *wrong;
  return !wrong;
}

/// operands: a, b, c and metadata; `immediate`: the selector.
template <typename T, typename B>
static Step runWgmma(Machine &machine, Warp &warp,
                     const Instruction &instruction) {
  uint32_t cols = instruction.count / kLanes * 2;
  OperandsOf<T> operands;
  if (!readOperands<T, B>(machine, warp, instruction, cols, operands))
    return Step::Failed;
  multiply(warp, instruction, operands, Operand<T>::kStored, cols);
  warp.hasOpenGroup = true;
  Place place{instruction.result, instruction.count * uint32_t(sizeof(float))};
  llvm::erase_if(warp.pending, [&](const PendingResult &pending) {
    return pending.place.begin == place.begin;
  });
  warp.pending.push_back({place, warp.productGroups + 1});
  return Step::Next;
}

static LogicalResult decodeWgmma(Decoder &decoder, WgmmaOp op) {
  uint32_t c = decoder.get(op.getC()).begin;
  if (failed(decoder.defineFrom(op.getResult(), op.getC())))
    return failure();
  Execute execute =
      dispatchElement(op.getElement(), op.getUnsignedA(), op.getUnsignedB(),
                      [](auto a, auto b) -> Execute {
                        return runWgmma<decltype(a), decltype(b)>;
                      });
  Instruction &instruction = decoder.emit(op, execute);
  instruction.operands[2] = c;
  instruction.target = (op.isSparse() ? kSparse : 0) |
                       (op.getTransposeB() ? kTransposed : 0) |
                       (isa<VectorType>(op.getA().getType()) ? kRegisters : 0);
  instruction.immediate = op.getSelector();
  instruction.mayUsePending = true;
  decoder.setHasAsyncProducts();
  return success();
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

static Step runFence(Machine &machine, Warp &warp,
                     const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  warp.isFenced = true;
  return Step::Next;
}

static Step runCommit(Machine &machine, Warp &warp,
                      const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  ++warp.productGroups;
  warp.hasOpenGroup = false;
  return Step::Next;
}

/// `immediate`: groups that may stay in flight.
static Step runWait(Machine &machine, Warp &warp,
                    const Instruction &instruction) {
  if (machine.isPartial(warp, instruction))
    return Step::Failed;
  int64_t done = int64_t(warp.productGroups) - instruction.immediate;
  if (done > int64_t(warp.productGroupsDone))
    warp.productGroupsDone = done;
  warp.clock.see(
      machine.block->shared.getPlace(machine.getWarps() + warp.index),
      warp.productGroupsDone);
  llvm::erase_if(warp.pending, [&](const PendingResult &pending) {
    return pending.group <= warp.productGroupsDone;
  });
  warp.isFenced = false;
  return Step::Next;
}

static LogicalResult decodeWait(Decoder &decoder, WgmmaWaitOp op) {
  Instruction &instruction = decoder.emit(op, runWait);
  instruction.immediate = op.getPending();
  instruction.mayUsePending = true;
  decoder.setHasAsyncProducts();
  for (auto [result, value] : llvm::zip_equal(op.getResults(), op.getValues()))
    if (failed(decoder.defineFrom(result, value)))
      return failure();
  return success();
}

/// Registers have no number here: all lanes have to ask for them together.
static Step runSetRegisters(Machine &machine, Warp &warp,
                            const Instruction &instruction) {
  return machine.isPartial(warp, instruction) ? Step::Failed : Step::Next;
}

template <typename OpTy, Execute execute>
static LogicalResult decodePlain(Decoder &decoder, OpTy op) {
  decoder.emit(op, execute);
  return success();
}

void mlir::spmmplu::emulator::addWarpgroupOps(DecodeTable &table) {
  using namespace NVVM;
  table.add<WgmmaOp, decodeWgmma>();
  table.add<WgmmaWaitOp, decodeWait>();
  table.add<WgmmaFenceAlignedOp, decodePlain<WgmmaFenceAlignedOp, runFence>>();
  table.add<WgmmaGroupSyncAlignedOp,
            decodePlain<WgmmaGroupSyncAlignedOp, runCommit>>();
  table.add<SetMaxRegisterOp, decodePlain<SetMaxRegisterOp, runSetRegisters>>();
}
