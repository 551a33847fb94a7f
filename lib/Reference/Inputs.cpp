//===- Inputs.cpp - Tensors that a function is evaluated on ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::spmmplu;

ReferenceTensor::ReferenceTensor(ArrayRef<int64_t> shape, bool isInteger,
                                 Number fill)
    : shape(shape), isInteger(isInteger) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  if (isInteger)
    integers.assign(size, fill.integer);
  else
    reals.assign(size, fill.real);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static double toReal(FloatType type, const llvm::APInt &bits) {
  llvm::APFloat value(type.getFloatSemantics(), bits);
  bool losesInfo = false;
  value.convert(llvm::APFloat::IEEEdouble(),
                llvm::RoundingMode::NearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

/// Elements of whole bytes, little-endian; an index takes 8.
static void readResource(ArrayRef<char> raw, Type element,
                         ReferenceTensor &tensor) {
  unsigned width =
      isa<IndexType>(element) ? 64 : element.getIntOrFloatBitWidth();
  for (int64_t flat = 0; flat < tensor.size(); ++flat) {
    uint64_t word = 0;
    for (unsigned byte = 0; byte < width / 8; ++byte)
      word |= uint64_t(uint8_t(raw[flat * (width / 8) + byte])) << (8 * byte);
    llvm::APInt bits(width, word);
    if (auto type = dyn_cast<FloatType>(element))
      tensor.set(flat, Number{toReal(type, bits), 0});
    else
      tensor.set(flat, Number{0, fromBits(element, bits)});
  }
}

FailureOr<ReferenceTensor>
mlir::spmmplu::toReferenceTensor(ElementsAttr elements) {
  auto type = dyn_cast<RankedTensorType>(elements.getShapedType());
  if (!type || !type.hasStaticShape() || !isSupported(type))
    return failure();
  Type element = type.getElementType();
  ReferenceTensor tensor(type.getShape(), !isa<FloatType>(element));
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    if (auto real = dyn_cast<FloatType>(element)) {
      for (auto [flat, value] :
           llvm::enumerate(dense.getValues<llvm::APFloat>()))
        tensor.reals[flat] = toReal(real, value.bitcastToAPInt());
    } else {
      for (auto [flat, value] : llvm::enumerate(dense.getValues<llvm::APInt>()))
        tensor.integers[flat] = fromBits(element, value);
    }
    return tensor;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  unsigned width =
      isa<IndexType>(element) ? 64 : element.getIntOrFloatBitWidth();
  if (!blob || width % 8 ||
      int64_t(blob->getData().size()) != tensor.size() * (width / 8))
    return failure();
  readResource(blob->getData(), element, tensor);
  return tensor;
}

//===----------------------------------------------------------------------===//
// Random inputs
//===----------------------------------------------------------------------===//

/// The finaliser of SplitMix64: every bit of the input reaches every bit.
static uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

ReferenceTensor mlir::spmmplu::randomTensor(ArrayRef<int64_t> shape,
                                            uint64_t seed) {
  ReferenceTensor tensor(shape, /*isInteger=*/false);
  for (auto [flat, real] : llvm::enumerate(tensor.reals)) {
    int64_t step = int64_t(mix(mix(seed) + flat) % 256) - 128;
    real = double(step < 0 ? step : step + 1) / 64;
  }
  return tensor;
}

/// -8 to 8, or 0 to 8 where the type has no sign; an i1 is 0 or 1.
static ReferenceTensor randomIntegers(ArrayRef<int64_t> shape, Type type,
                                      uint64_t seed) {
  ReferenceTensor tensor(shape, /*isInteger=*/true);
  bool hasSign = !type.isUnsignedInteger() && !isa<IndexType>(type);
  for (auto [flat, integer] : llvm::enumerate(tensor.integers)) {
    uint64_t random = mix(mix(seed) + flat);
    integer = type.isInteger(1) ? int64_t(random % 2)
              : hasSign         ? int64_t(random % 17) - 8
                                : int64_t(random % 9);
    if (!isa<IndexType>(type))
      integer = fromBits(type, toBits(type, integer));
  }
  return tensor;
}

/// Numbers of the type: those of `randomTensor` take eight bits of mantissa.
static ReferenceTensor randomReals(ArrayRef<int64_t> shape, FloatType type,
                                   uint64_t seed) {
  ReferenceTensor tensor = randomTensor(shape, seed);
  if (type.getWidth() > 8)
    return tensor;
  for (double &real : tensor.reals) {
    llvm::APFloat value(real);
    bool losesInfo = false;
    value.convert(type.getFloatSemantics(),
                  llvm::RoundingMode::NearestTiesToEven, &losesInfo);
    real = toReal(type, value.bitcastToAPInt());
  }
  return tensor;
}

FailureOr<SmallVector<ReferenceTensor>>
mlir::spmmplu::randomInputs(func::FuncOp func, int64_t dynamicSize,
                            uint64_t seed) {
  SmallVector<ReferenceTensor> inputs;
  for (auto [number, type] : llvm::enumerate(func.getArgumentTypes())) {
    if (!isSupported(type))
      return func.emitError("the reference evaluator has no values of type ")
             << type << " of argument " << number;
    uint64_t own = mix(seed) + number;
    SmallVector<int64_t> shape;
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    int64_t size = 1;
    for (int64_t &extent : shape) {
      extent = ShapedType::isDynamic(extent) ? dynamicSize : extent;
      if (extent < 0 || llvm::MulOverflow(size, extent, size) ||
          size > EvaluatorOptions().maxElements)
        return func.emitError("argument ")
               << number << " of type " << type << " has too many elements";
    }
    Type element = getElementTypeOrSelf(type);
    if (isa<IndexType>(type))
      inputs.emplace_back(shape, /*isInteger=*/true, Number{0, dynamicSize});
    else if (auto real = dyn_cast<FloatType>(element))
      inputs.push_back(randomReals(shape, real, own));
    else
      inputs.push_back(randomIntegers(shape, element, own));
  }
  if (failed(zeroOutsideMasks(func, inputs)))
    return failure();
  return inputs;
}

//===----------------------------------------------------------------------===//
// Sparse arguments
//===----------------------------------------------------------------------===//

/// Whether the trailing dimensions of `shape` hold `count` elements.
static bool hasSuffix(ArrayRef<int64_t> shape, int64_t count) {
  int64_t size = 1;
  for (int64_t extent : llvm::reverse(shape)) {
    if (size == count)
      return true;
    size *= extent;
  }
  return size == count;
}

bool mlir::spmmplu::fitsTrailing(const Mask &mask, ArrayRef<int64_t> shape) {
  return hasSuffix(shape, mask.cols()) &&
         hasSuffix(shape, mask.rows() * mask.cols());
}

std::optional<Mask> mlir::spmmplu::resolveTrailing(SparsityAttr sparsity,
                                                   ArrayRef<int64_t> shape) {
  if (sparsity.getMask())
    return sparsity.getMask().getMask();
  if (shape.size() < 2 || ShapedType::isDynamicShape(shape.take_back(2)))
    return std::nullopt;
  FailureOr<Mask> mask =
      sparsity.resolveMask(shape[shape.size() - 2], shape.back());
  return succeeded(mask) ? std::optional<Mask>(std::move(*mask)) : std::nullopt;
}

static LogicalResult applyMask(Operation *op, const Mask &mask,
                               ReferenceTensor &tensor) {
  if (tensor.isInteger || !fitsTrailing(mask, tensor.shape))
    return op->emitError("a ") << mask.rows() << "x" << mask.cols()
                               << " mask does not fit the argument of "
                               << formatShape(tensor.shape);
  for (auto [flat, real] : llvm::enumerate(tensor.reals))
    if (!getTrailing(mask, flat))
      real = 0;
  return success();
}

/// Follows `value` to the argument that it is a rearrangement of, if it is one,
/// and applies the mask there.
static LogicalResult applyToSource(Operation *op, func::FuncOp func,
                                   Value value, SparsityAttr sparsity,
                                   MutableArrayRef<ReferenceTensor> inputs) {
  if (!sparsity)
    return success();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  std::optional<Mask> mask;
  if (type)
    mask = resolveTrailing(sparsity, type.getShape());
  if (!mask)
    return success();
  while (Operation *producer = value.getDefiningOp()) {
    if (auto transpose = dyn_cast<linalg::TransposeOp>(producer)) {
      if (!llvm::equal(transpose.getPermutation(), ArrayRef<int64_t>{1, 0}))
        return success();
      mask = mask->transposed();
      value = transpose.getInput();
    } else if (isa<tensor::CastOp, tensor::ExpandShapeOp,
                   tensor::CollapseShapeOp>(producer)) {
      value = producer->getOperand(0);
    } else {
      return success();
    }
  }
  auto argument = cast<BlockArgument>(value);
  if (argument.getOwner()->getParentOp() != func)
    return success();
  return applyMask(op, *mask, inputs[argument.getArgNumber()]);
}

LogicalResult
mlir::spmmplu::zeroOutsideMasks(func::FuncOp func,
                                MutableArrayRef<ReferenceTensor> inputs) {
  if (func.isExternal() || inputs.size() != func.getNumArguments())
    return success();
  for (BlockArgument argument : func.getArguments())
    if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
      if (failed(applyToSource(
              func, func, argument,
              dyn_cast_or_null<SparsityAttr>(type.getEncoding()), inputs)))
        return failure();
  WalkResult walked = func.walk([&](Operation *op) -> WalkResult {
    SparsityAttr lhs, rhs;
    if (auto matmul = dyn_cast<MatmulOp>(op)) {
      lhs = matmul.getLhsSparsityAttr();
      rhs = matmul.getRhsSparsityAttr();
    } else if (isa<linalg::LinalgOp>(op) && op->getNumOperands() >= 2) {
      lhs = op->getAttrOfType<SparsityAttr>("sparse_ir.lhs");
      rhs = op->getAttrOfType<SparsityAttr>("sparse_ir.rhs");
    } else {
      return WalkResult::advance();
    }
    return failure(
        failed(applyToSource(op, func, op->getOperand(0), lhs, inputs)) ||
        failed(applyToSource(op, func, op->getOperand(1), rhs, inputs)));
  });
  return failure(walked.wasInterrupted());
}
