//===- Host.cpp - Arguments, numbers and control flow -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;
using namespace mlir::spmmplu;
using namespace mlir::spmmplu::emulator;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

uint32_t mlir::spmmplu::emulator::getElementBytes(Type type) {
  if (type.isIndex())
    return 8;
  if (!type.isIntOrFloat() || type.getIntOrFloatBitWidth() > 64)
    return 0;
  return (type.getIntOrFloatBitWidth() + 7) / 8;
}

int64_t HostMemRef::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : sizes)
    if (size <= 0 || llvm::MulOverflow(count, size, count))
      return size <= 0 ? 0 : std::numeric_limits<int64_t>::max();
  return count;
}

bool HostMemRef::isContiguous() const {
  int64_t expected = 1;
  for (size_t dim = sizes.size(); dim-- > 0; expected *= sizes[dim])
    if (sizes[dim] != 1 && strides[dim] != expected)
      return false;
  return true;
}

Host::Host(const EmulatorOptions &options)
    : options(options), global(options.maxGlobalBytes) {
  addHostNumberOps(table);
  addHostMemoryOps(table);
  addHostLaunchOps(table);
}

SmallVector<int64_t> Host::evaluate(ArrayRef<OpFoldResult> mixed) {
  SmallVector<int64_t> numbers;
  for (OpFoldResult number : mixed) {
    if (auto value = dyn_cast<Value>(number))
      numbers.push_back(getInteger(value));
    else
      numbers.push_back(cast<IntegerAttr>(cast<Attribute>(number)).getInt());
  }
  return numbers;
}

FailureOr<HostMemRef> Host::allocate(Operation *op, ArrayRef<int64_t> sizes,
                                     Type element, bool isWritten) {
  HostMemRef memref;
  memref.sizes.assign(sizes.begin(), sizes.end());
  memref.strides.assign(sizes.size(), 1);
  memref.elementBytes = getElementBytes(element);
  if (!memref.elementBytes)
    return op->emitError("the emulator has no memory of ") << element;
  int64_t bytes = memref.elementBytes, count = 1;
  for (size_t dim = sizes.size(); dim-- > 0;) {
    memref.strides[dim] = count;
    if (sizes[dim] < 0 || llvm::MulOverflow(bytes, sizes[dim], bytes))
      return op->emitError("expected sizes of a memref, found ") << sizes[dim];
    count *= sizes[dim];
  }
  Allocation *allocation = global.allocate(bytes, isWritten);
  if (!allocation)
    return op->emitError("an allocation of ")
           << bytes << " bytes exceeds the emulator's memory of "
           << options.maxGlobalBytes;
  memref.base = allocation->address;
  return memref;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// A scalar from its bytes.
static HostValue readScalar(Type type, ArrayRef<char> data) {
  HostValue value;
  uint64_t bits = 0;
  memcpy(&bits, data.data(), data.size());
  if (auto real = dyn_cast<FloatType>(type)) {
    llvm::APFloat number(real.getFloatSemantics(),
                         llvm::APInt(real.getWidth(), bits, false, true));
    bool losesInfo;
    number.convert(llvm::APFloat::IEEEdouble(),
                   llvm::RoundingMode::NearestTiesToEven, &losesInfo);
    value.real = number.convertToDouble();
    return value;
  }
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  value.integer = width == 1
                      ? int64_t(bits & 1)
                      : llvm::APInt(width, bits, false, true).getSExtValue();
  return value;
}

LogicalResult Host::setArgument(func::FuncOp func, unsigned number,
                                EmulatedTensor &argument) {
  Type type = func.getArgumentTypes()[number];
  auto memref = dyn_cast<MemRefType>(type);
  Type element = memref ? memref.getElementType() : type;
  uint32_t bytes = getElementBytes(element);
  int64_t count = 1;
  for (int64_t size : argument.shape)
    if (size < 0 || llvm::MulOverflow(count, size, count))
      count = -1;
  bool fits =
      memref
          ? succeeded(verifyCompatibleShape(memref.getShape(), argument.shape))
          : argument.shape.empty();
  if (!bytes || element != argument.element || !fits || count < 0 ||
      int64_t(argument.data.size()) / bytes != count ||
      argument.data.size() % bytes)
    return func.emitError("argument ")
           << number << " of type " << type << " does not take "
           << argument.data.size() << " bytes of " << argument.element;
  Value value = func.getArgument(number);
  if (!memref) {
    set(value, readScalar(type, argument.data));
    return success();
  }
  FailureOr<HostMemRef> made =
      allocate(func, argument.shape, element, !argument.isUninitialized);
  if (failed(made))
    return failure();
  Allocation *memory = global.find(made->base);
  if (!argument.isUninitialized)
    memory->data = argument.data;
  memory->isConstant = bool(func.getArgAttr(number, "sparse_ir.constant"));
  argumentMemory[made->base] = number;
  setMemRef(value, std::move(*made));
  return success();
}

LogicalResult Host::run(func::FuncOp func,
                        MutableArrayRef<EmulatedTensor> arguments) {
  if (func.isExternal() || func.getNumResults() ||
      !func.getBody().hasOneBlock())
    return func.emitError("expected a host function with one block and no "
                          "results");
  if (arguments.size() != func.getNumArguments())
    return func.emitError("expected ")
           << func.getNumArguments() << " arguments, found "
           << arguments.size();
  for (auto [number, argument] : llvm::enumerate(arguments))
    if (failed(setArgument(func, number, argument)))
      return failure();
  if (failed(runBlock(func.getBody().front())))
    return failure();
  for (auto [number, argument] : llvm::enumerate(arguments)) {
    const HostValue &value = get(func.getArgument(number));
    if (!value.memref || !argument.data.size())
      continue;
    Allocation *allocation = global.find(value.memref->base);
    if (!allocation || allocation->address != value.memref->base)
      return func.emitError("argument ") << number << " was deallocated";
    argument.data = allocation->data;
  }
  return success();
}

LogicalResult Host::runBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    auto row = table.ops.find(op.getName().getStringRef());
    if (row == table.ops.end())
      return op.emitError("'")
             << op.getName() << "' is not an op of host functions";
    if (failed(row->second(*this, &op)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static unsigned getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// Sets an integer result, wrapped to its type.
static LogicalResult setWrapped(Host &host, Operation *op, int64_t integer) {
  unsigned width = getWidth(op->getResult(0).getType());
  if (width == 1)
    integer &= 1;
  else if (width < 64)
    integer = int64_t(uint64_t(integer) << (64 - width)) >> (64 - width);
  host.setInteger(op->getResult(0), integer);
  return success();
}

/// The bits of an operand as a number without sign.
static uint64_t getUnsigned(Host &host, Value value) {
  return uint64_t(host.getInteger(value)) &
         llvm::maskTrailingOnes<uint64_t>(getWidth(value.getType()));
}

static LogicalResult runConstant(Host &host, arith::ConstantOp op) {
  if (auto integer = dyn_cast<IntegerAttr>(op.getValue()))
    return setWrapped(host, op, integer.getValue().getSExtValue());
  auto real = dyn_cast<FloatAttr>(op.getValue());
  if (!real)
    return op.emitError("constants of host functions are scalars");
  host.set(op.getResult(), {0, real.getValueAsDouble(), nullptr});
  return success();
}

template <typename OpTy, int64_t (*function)(int64_t, int64_t)>
static LogicalResult runBinary(Host &host, OpTy op) {
  if (!op.getType().isIntOrIndex())
    return op.emitError("numbers of host functions are scalars");
  return setWrapped(
      host, op,
      function(host.getInteger(op.getLhs()), host.getInteger(op.getRhs())));
}

static int64_t add(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) + uint64_t(b));
}
static int64_t subtract(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) - uint64_t(b));
}
static int64_t multiply(int64_t a, int64_t b) {
  return int64_t(uint64_t(a) * uint64_t(b));
}
static int64_t bitAnd(int64_t a, int64_t b) { return a & b; }
static int64_t bitOr(int64_t a, int64_t b) { return a | b; }
static int64_t bitXor(int64_t a, int64_t b) { return a ^ b; }
static int64_t minimum(int64_t a, int64_t b) { return std::min(a, b); }
static int64_t maximum(int64_t a, int64_t b) { return std::max(a, b); }
static int64_t shiftLeft(int64_t a, int64_t b) {
  return uint64_t(b) < 64 ? int64_t(uint64_t(a) << b) : 0;
}
static int64_t shiftRight(int64_t a, int64_t b) {
  return a >> (uint64_t(b) < 64 ? b : 63);
}
static int64_t ceilDivide(int64_t a, int64_t b) {
  return a / b + (a % b != 0 && (a < 0) == (b < 0));
}
static int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
static int64_t divide(int64_t a, int64_t b) { return a / b; }
static int64_t remainder(int64_t a, int64_t b) { return a % b; }

/// Divisions; operands without sign have to be small enough to have one.
template <typename OpTy, int64_t (*function)(int64_t, int64_t)>
static LogicalResult runDivision(Host &host, OpTy op) {
  int64_t b = host.getInteger(op.getRhs());
  if (b == 0 || b == -1)
    return op.emitError("a host function divides by ") << b;
  return runBinary<OpTy, function>(host, op);
}

static LogicalResult runCompare(Host &host, arith::CmpIOp op) {
  unsigned width = getWidth(op.getLhs().getType());
  llvm::APInt a(width, getUnsigned(host, op.getLhs()));
  llvm::APInt b(width, getUnsigned(host, op.getRhs()));
  host.setInteger(op.getResult(),
                  arith::applyCmpPredicate(op.getPredicate(), a, b));
  return success();
}

static LogicalResult runSelect(Host &host, arith::SelectOp op) {
  host.set(op.getResult(),
           host.get(host.getInteger(op.getCondition()) ? op.getTrueValue()
                                                       : op.getFalseValue()));
  return success();
}

template <typename OpTy, bool isSigned>
static LogicalResult runResize(Host &host, OpTy op) {
  Value operand = op->getOperand(0);
  Type type = operand.getType();
  int64_t integer = isa<LLVM::LLVMPointerType>(type) || isSigned
                        ? host.getInteger(operand)
                        : int64_t(getUnsigned(host, operand));
  // An i1 is stored as 0 or 1.
  if (isSigned && type.isInteger(1))
    integer = -integer;
  if (isa<LLVM::LLVMPointerType>(op->getResult(0).getType())) {
    host.setInteger(op->getResult(0), integer);
    return success();
  }
  return setWrapped(host, op, integer);
}

//===----------------------------------------------------------------------===//
// Affine maps
//===----------------------------------------------------------------------===//

static FailureOr<SmallVector<int64_t>>
evaluateMap(Host &host, Operation *op, AffineMap map, ValueRange operands) {
  Builder builder(op->getContext());
  SmallVector<Attribute> constants;
  for (Value operand : operands)
    constants.push_back(builder.getIndexAttr(host.getInteger(operand)));
  SmallVector<int64_t> results;
  bool hasPoison = false;
  map.partialConstantFold(constants, &results, &hasPoison);
  if (results.size() != map.getNumResults() || hasPoison)
    return op->emitError("an affine map of a host function has no value");
  return results;
}

static LogicalResult runApply(Host &host, affine::AffineApplyOp op) {
  auto results = evaluateMap(host, op, op.getAffineMap(), op.getMapOperands());
  if (failed(results))
    return failure();
  host.setInteger(op.getResult(), results->front());
  return success();
}

template <typename OpTy, bool isMinimum>
static LogicalResult runExtremum(Host &host, OpTy op) {
  auto results = evaluateMap(host, op, op.getMap(), op.getOperands());
  if (failed(results))
    return failure();
  host.setInteger(op.getResult(), isMinimum ? *llvm::min_element(*results)
                                            : *llvm::max_element(*results));
  return success();
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

static void assign(Host &host, ValueRange to, ValueRange from) {
  SmallVector<HostValue> values;
  for (Value value : from)
    values.push_back(host.get(value));
  for (auto [target, value] : llvm::zip_equal(to, values))
    host.set(target, value);
}

static LogicalResult runFor(Host &host, scf::ForOp op) {
  int64_t at = host.getInteger(op.getLowerBound());
  int64_t end = host.getInteger(op.getUpperBound());
  int64_t step = host.getInteger(op.getStep());
  if (step <= 0)
    return op.emitError("expected a positive step, found ") << step;
  assign(host, op.getRegionIterArgs(), op.getInitArgs());
  while (at < end) {
    host.setInteger(op.getInductionVar(), at);
    if (failed(host.runBlock(*op.getBody())))
      return failure();
    assign(host, op.getRegionIterArgs(),
           op.getBody()->getTerminator()->getOperands());
    if (step > end - at)
      break;
    at += step;
  }
  assign(host, op.getResults(), op.getRegionIterArgs());
  return success();
}

static LogicalResult runIf(Host &host, scf::IfOp op) {
  Region &region = host.getInteger(op.getCondition()) ? op.getThenRegion()
                                                      : op.getElseRegion();
  if (region.empty())
    return success();
  if (failed(host.runBlock(region.front())))
    return failure();
  assign(host, op.getResults(), region.front().getTerminator()->getOperands());
  return success();
}

static LogicalResult runIndexSwitch(Host &host, scf::IndexSwitchOp op) {
  const auto *found = llvm::find(op.getCases(), host.getInteger(op.getArg()));
  Block &block = found == op.getCases().end()
                     ? op.getDefaultBlock()
                     : op.getCaseBlock(found - op.getCases().begin());
  if (failed(host.runBlock(block)))
    return failure();
  assign(host, op.getResults(), block.getTerminator()->getOperands());
  return success();
}

static void addArithHostOps(HostTable &table) {
  using namespace arith;
  table.add<ConstantOp, runConstant>();
  table.add<AddIOp, runBinary<AddIOp, add>>();
  table.add<SubIOp, runBinary<SubIOp, subtract>>();
  table.add<MulIOp, runBinary<MulIOp, multiply>>();
  table.add<AndIOp, runBinary<AndIOp, bitAnd>>();
  table.add<OrIOp, runBinary<OrIOp, bitOr>>();
  table.add<XOrIOp, runBinary<XOrIOp, bitXor>>();
  table.add<ShLIOp, runBinary<ShLIOp, shiftLeft>>();
  table.add<ShRSIOp, runBinary<ShRSIOp, shiftRight>>();
  table.add<MinSIOp, runBinary<MinSIOp, minimum>>();
  table.add<MaxSIOp, runBinary<MaxSIOp, maximum>>();
  table.add<DivSIOp, runDivision<DivSIOp, divide>>();
  table.add<RemSIOp, runDivision<RemSIOp, remainder>>();
  table.add<RemUIOp, runDivision<RemUIOp, remainder>>();
  table.add<CeilDivSIOp, runDivision<CeilDivSIOp, ceilDivide>>();
  table.add<FloorDivSIOp, runDivision<FloorDivSIOp, floorDivide>>();
  table.add<CmpIOp, runCompare>();
  table.add<SelectOp, runSelect>();
  table.add<IndexCastOp, runResize<IndexCastOp, true>>();
  table.add<IndexCastUIOp, runResize<IndexCastUIOp, false>>();
  table.add<ExtSIOp, runResize<ExtSIOp, true>>();
  table.add<ExtUIOp, runResize<ExtUIOp, false>>();
  table.add<TruncIOp, runResize<TruncIOp, true>>();
}

void mlir::spmmplu::emulator::addHostNumberOps(HostTable &table) {
  addArithHostOps(table);
  table.add<LLVM::IntToPtrOp, runResize<LLVM::IntToPtrOp, true>>();
  table.add<LLVM::PtrToIntOp, runResize<LLVM::PtrToIntOp, true>>();
  table.add<affine::AffineApplyOp, runApply>();
  table.add<affine::AffineMinOp, runExtremum<affine::AffineMinOp, true>>();
  table.add<affine::AffineMaxOp, runExtremum<affine::AffineMaxOp, false>>();
  table.add<scf::ForOp, runFor>();
  table.add<scf::IfOp, runIf>();
  table.add<scf::IndexSwitchOp, runIndexSwitch>();
}
