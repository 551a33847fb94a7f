//===- Decoder.cpp - Places of values, and control flow ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

uint32_t mlir::spmmplu::emulator::getBytes(Kind kind) {
  return dispatchKind(kind, [](auto value) { return uint32_t(sizeof(value)); });
}

static std::optional<Kind> getKind(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
      return Kind::I1;
    case 8:
      return Kind::I8;
    case 16:
      return Kind::I16;
    case 32:
      return Kind::I32;
    case 64:
      return Kind::I64;
    default:
      return std::nullopt;
    }
  }
  if (type.isF16())
    return Kind::F16;
  if (type.isBF16())
    return Kind::BF16;
  if (type.isF32())
    return Kind::F32;
  // Nothing computes with them but tensor cores: bytes.
  if (isa<Float8E4M3FNType, Float8E5M2Type>(type))
    return Kind::I8;
  if (isa<LLVM::LLVMPointerType>(type))
    return Kind::Pointer;
  return std::nullopt;
}

std::optional<RegisterType>
mlir::spmmplu::emulator::getRegisterType(Type type) {
  constexpr int64_t kMaxElements = 4096;
  int64_t count = 1;
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.getRank() != 1 || vector.isScalable() ||
        vector.getNumElements() > kMaxElements)
      return std::nullopt;
    count = vector.getNumElements();
    type = vector.getElementType();
  } else if (auto structure = dyn_cast<LLVM::LLVMStructType>(type)) {
    if (structure.isOpaque() || structure.getBody().empty() ||
        !llvm::all_equal(structure.getBody()))
      return std::nullopt;
    ArrayRef<Type> body = structure.getBody();
    count = body.size();
    type = body.front();
  }
  std::optional<Kind> kind = getKind(type);
  if (!kind)
    return std::nullopt;
  return RegisterType{*kind, uint32_t(count)};
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Decoder::Decoder(Program &program) : program(program) {
  addControlOps(table);
  addArithOps(table);
  addCastOps(table);
  addVectorOps(table);
  addMemoryOps(table);
  addWarpOps(table);
  addMatrixOps(table);
  addAsyncOps(table);
  addBarrierOps(table);
  addMBarrierOps(table);
  addBulkCopyOps(table);
  addClusterOps(table);
  addWarpgroupOps(table);
}

Place Decoder::allocate(uint32_t size) {
  constexpr uint32_t kAlignment = 64;
  Place place{program.registerBytes, size};
  program.registerBytes += (size + kAlignment - 1) / kAlignment * kAlignment;
  return place;
}

FailureOr<Place> Decoder::define(Value value) {
  std::optional<RegisterType> type = getRegisterType(value.getType());
  if (!type) {
    emitError(value.getLoc(), "the emulator has no registers of type ")
        << value.getType();
    return failure();
  }
  // Places are 32-bit offsets.
  if (program.registerBytes > (uint32_t(1) << 30)) {
    emitError(value.getLoc(), "the kernel has too many values to emulate");
    return failure();
  }
  return places[value] = allocate(type->getSize());
}

/// Within one block there is no way back to `operand` once `op` has run, unless
/// another use or a view of the same place has one.
FailureOr<Place> Decoder::defineFrom(Value result, Value operand) {
  Operation *op = result.getDefiningOp();
  if (operand.hasOneUse() && !views.contains(operand) &&
      operand.getParentBlock() == op->getBlock())
    return places[result] = get(operand);
  FailureOr<Place> place = define(result);
  if (succeeded(place))
    emitCopy(op, *getRegisterType(result.getType()), place->begin,
             get(operand).begin, /*isMove=*/false);
  return place;
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

Instruction &Decoder::emit(Operation *op, Execute execute) {
  Instruction instruction;
  instruction.execute = execute;
  instruction.op = op;
  instruction.readsBegin = program.reads.size();
  for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
    Place place = get(operand);
    program.reads.push_back(place);
    if (number < std::size(instruction.operands))
      instruction.operands[number] = place.begin;
  }
  instruction.readsCount = op->getNumOperands();
  if (op->getNumResults()) {
    instruction.result = get(op->getResult(0)).begin;
    if (auto type = getRegisterType(op->getResult(0).getType()))
      instruction.count = type->count * kLanes;
  }
  program.instructions.push_back(instruction);
  return program.instructions.back();
}

template <typename T>
static Step runCopy(Machine &, Warp &warp, const Instruction &instruction) {
  const T *from = warp.at<T>(instruction.operands[0]);
  T *to = warp.at<T>(instruction.result);
  if (warp.mask == kFullMask) {
    std::copy_n(from, instruction.count, to);
    return Step::Next;
  }
  for (uint32_t flat = 0; flat < instruction.count; ++flat)
    if (warp.isActive(flat % kLanes))
      to[flat] = from[flat];
  return Step::Next;
}

void Decoder::emitCopy(Operation *op, RegisterType type, uint32_t to,
                       uint32_t from, bool isMove) {
  Instruction instruction;
  instruction.op = op;
  instruction.execute = dispatchKind(type.kind, [](auto value) -> Execute {
    return runCopy<decltype(value)>;
  });
  instruction.result = to;
  instruction.operands[0] = from;
  instruction.count = type.count * kLanes;
  instruction.isMove = isMove;
  instruction.readsBegin = program.reads.size();
  instruction.readsCount = 1;
  program.reads.push_back({from, type.getSize()});
  program.instructions.push_back(instruction);
}

void Decoder::emitMoves(Operation *op, ValueRange to, ValueRange from) {
  SmallVector<Place> sources;
  for (Value value : from)
    sources.push_back(get(value));
  // A source that a copy would overwrite goes through a place of its own.
  for (auto [source, value] : llvm::enumerate(from)) {
    bool overwritten = false;
    for (auto [target, other] : llvm::enumerate(to))
      overwritten |= get(other).begin != sources[target].begin &&
                     target != source && get(other).overlaps(sources[source]);
    if (!overwritten)
      continue;
    Place temporary = allocate(sources[source].size);
    emitCopy(op, *getRegisterType(value.getType()), temporary.begin,
             sources[source].begin, /*isMove=*/true);
    sources[source] = temporary;
  }
  for (auto [target, source] : llvm::zip_equal(to, sources))
    if (get(target).begin != source.begin)
      emitCopy(op, *getRegisterType(target.getType()), get(target).begin,
               source.begin, /*isMove=*/true);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// The bits of an element, as its C++ type stores them.
static uint64_t getBits(Attribute attribute) {
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return real.getValue().bitcastToAPInt().getZExtValue();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getValue().getZExtValue();
  return 0;
}

/// Constants are part of the image, wherever they stand.
LogicalResult Decoder::decodeConstants(gpu::GPUFuncOp kernel) {
  WalkResult walked = kernel.walk([&](arith::ConstantOp op) -> WalkResult {
    if (op.getType().isIndex())
      return WalkResult::advance(); // an error where it is used
    FailureOr<Place> place = define(op.getResult());
    if (failed(place))
      return failure();
    views.insert(op.getResult());
    RegisterType type = *getRegisterType(op.getType());
    SmallVector<uint64_t> bits;
    if (auto elements = dyn_cast<DenseElementsAttr>(op.getValue())) {
      for (Attribute element : elements.getValues<Attribute>())
        bits.push_back(getBits(element));
    } else if (isa<FloatAttr, IntegerAttr>(op.getValue())) {
      bits.push_back(getBits(op.getValue()));
    }
    if (bits.size() != type.count)
      return op.emitError("the emulator does not read such constants");
    program.image.resize(program.registerBytes);
    uint32_t bytes = getBytes(type.kind);
    for (uint32_t flat = 0; flat < type.count * kLanes; ++flat)
      memcpy(&program.image[place->begin + flat * bytes], &bits[flat / kLanes],
             bytes);
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

LogicalResult Decoder::decodeArguments(gpu::GPUFuncOp kernel) {
  for (BlockArgument argument : kernel.getArguments()) {
    FailureOr<Place> place = define(argument);
    if (failed(place))
      return failure();
    views.insert(argument);
    program.arguments.push_back(*place);
  }
  program.image.resize(program.registerBytes);
  return success();
}

LogicalResult Decoder::decodeBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    auto row = table.ops.find(op.getName().getStringRef());
    if (row == table.ops.end())
      return op.emitError("'")
             << op.getName() << "' is not an op of device kernels";
    for (Value operand : op.getOperands())
      if (!places.contains(operand))
        return op.emitError("the emulator has no registers of type ")
               << operand.getType();
    if (failed(row->second(*this, &op)))
      return failure();
  }
  return success();
}

static Step runReturn(Machine &, Warp &, const Instruction &) {
  return Step::Ended;
}

LogicalResult Decoder::decode(gpu::GPUFuncOp kernel) {
  if (kernel.getBody().getBlocks().size() != 1)
    return kernel.emitError("control flow of a device kernel is structured, "
                            "found more than one block");
  if (failed(decodeConstants(kernel)) || failed(decodeArguments(kernel)) ||
      failed(decodeBlock(kernel.getBody().front())))
    return failure();
  emit(kernel.getBody().front().getTerminator(), runReturn);
  return success();
}
