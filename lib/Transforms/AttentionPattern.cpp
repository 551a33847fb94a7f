//===- AttentionPattern.cpp - Attention written with tensors ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionPattern.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::spmmplu;

/// A finite score that stands for minus infinity: its weight is zero in every
/// float type beside scores of usual size.
static constexpr double kMaskedScore = -1000;

//===----------------------------------------------------------------------===//
// Tensors as functions of coordinates
//===----------------------------------------------------------------------===//

/// An op whose result has an element a loop iteration.
static linalg::LinalgOp getElementwise(Operation *op) {
  auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp->getNumResults() != 1 ||
      !linalgOp.hasPureTensorSemantics() ||
      linalgOp.getNumParallelLoops() != linalgOp.getNumLoops() ||
      !linalgOp.getIndexingMapMatchingResult(linalgOp->getResult(0))
           .isPermutation())
    return {};
  return linalgOp;
}

/// The source of a reshape that only adds or drops dimensions of size one.
static std::optional<TensorAccess> readReshaped(TensorAccess access) {
  Operation *op = access.tensor.getDefiningOp();
  auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op);
  auto collapse = dyn_cast_or_null<tensor::CollapseShapeOp>(op);
  if (!expand && !collapse)
    return std::nullopt;
  auto large = cast<RankedTensorType>(expand ? access.tensor.getType()
                                             : op->getOperand(0).getType());
  AffineExpr zero = getAffineConstantExpr(0, op->getContext());
  SmallVector<AffineExpr> of(large.getRank(), zero), exprs;
  SmallVector<ReassociationIndices> groups =
      expand ? expand.getReassociationIndices()
             : collapse.getReassociationIndices();
  for (auto [at, group] : llvm::enumerate(groups)) {
    int64_t kept = -1;
    for (int64_t dim : group) {
      if (large.getDimSize(dim) == 1)
        continue;
      if (kept >= 0)
        return std::nullopt;
      kept = dim;
    }
    if (expand)
      exprs.push_back(kept < 0 ? zero : access.map.getResult(kept));
    else if (kept >= 0)
      of[kept] = access.map.getResult(at);
  }
  return TensorAccess{op->getOperand(0),
                      AffineMap::get(access.map.getNumDims(), 0,
                                     expand ? exprs : of, op->getContext())};
}

ScalarAccess AttentionPattern::read(TensorAccess access) {
  for (;;) {
    Operation *op = access.tensor.getDefiningOp();
    if (auto cast = dyn_cast_or_null<tensor::CastOp>(op)) {
      seen.insert(op);
      access.tensor = cast.getSource();
    } else if (auto source = readReshaped(access)) {
      seen.insert(op);
      access = *source;
    } else if (linalg::LinalgOp linalgOp = getElementwise(op)) {
      seen.insert(op);
      AffineMap result =
          linalgOp.getIndexingMapMatchingResult(linalgOp->getResult(0));
      return operand({Value(), inversePermutation(result).compose(access.map)},
                     linalgOp.getBlock()->getTerminator()->getOperand(0));
    } else {
      return {access.tensor, access.map, /*isLeaf=*/true};
    }
  }
}

/// `value` in the body that `scalar` is in, without changes of precision.
ScalarAccess AttentionPattern::operand(const ScalarAccess &scalar,
                                       Value value) {
  for (;;) {
    if (Operation *op = value.getDefiningOp()) {
      if (!isa<arith::ExtFOp, arith::TruncFOp>(op))
        return {value, scalar.map};
      value = op->getOperand(0);
      continue;
    }
    auto argument = cast<BlockArgument>(value);
    auto op = dyn_cast<linalg::LinalgOp>(argument.getOwner()->getParentOp());
    if (!op || argument.getOwner() != op.getBlock())
      return {value, scalar.map};
    OpOperand *from = op.getMatchingOpOperand(argument);
    if (!op.isDpsInput(from))
      return {value, scalar.map};
    if (isa<RankedTensorType>(from->get().getType()))
      return read(
          {from->get(), op.getMatchingIndexingMap(from).compose(scalar.map)});
    value = from->get();
  }
}

bool AttentionPattern::areEqual(const ScalarAccess &a, const ScalarAccess &b) {
  if (a.isLeaf != b.isLeaf)
    return false;
  if (a.value == b.value && a.map == b.map)
    return true;
  Operation *x = a.value.getDefiningOp(), *y = b.value.getDefiningOp();
  if (a.isLeaf || !x || !y || x->getName() != y->getName() ||
      x->getNumRegions() || x->getNumOperands() != y->getNumOperands())
    return false;
  if (x->getDiscardableAttrDictionary() != y->getDiscardableAttrDictionary() ||
      x->getPropertiesAsAttribute() != y->getPropertiesAsAttribute())
    return false;
  for (auto [p, q] : llvm::zip(x->getOperands(), y->getOperands()))
    if (!areEqual(operand(a, p), operand(b, q)))
      return false;
  return true;
}

/// The number that a scalar is, whatever the coordinates.
static std::optional<double> getNumber(const ScalarAccess &scalar) {
  FloatAttr number;
  DenseElementsAttr elements;
  if (!scalar.isLeaf) {
    if (!matchPattern(scalar.value, m_Constant(&number)))
      return std::nullopt;
  } else if (matchPattern(scalar.value, m_Constant(&elements)) &&
             elements.isSplat()) {
    number = dyn_cast<FloatAttr>(elements.getSplatValue<Attribute>());
  }
  if (!number)
    return std::nullopt;
  return number.getValueAsDouble();
}

//===----------------------------------------------------------------------===//
// The softmax
//===----------------------------------------------------------------------===//

/// Whether `scalar` is the sum (or maximum) along the last coordinate of what
/// `input` then reads.
bool AttentionPattern::isRowReduction(const ScalarAccess &scalar, bool isSum,
                                      ScalarAccess &input) {
  auto op = scalar.isLeaf ? scalar.value.getDefiningOp<linalg::LinalgOp>()
                          : linalg::LinalgOp();
  if (!op || op.getNumReductionLoops() != 1 || op.getNumDpsInputs() != 1 ||
      op->getNumResults() != 1 || !op.hasPureTensorSemantics())
    return false;
  OpOperand *from = op.getDpsInputOperand(0), *init = op.getDpsInitOperand(0);
  AffineMap in = op.getMatchingIndexingMap(from);
  AffineMap out = op.getMatchingIndexingMap(init);
  Operation *combine =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  bool combines =
      isSum ? isa_and_nonnull<arith::AddFOp>(combine)
            : isa_and_nonnull<arith::MaximumFOp, arith::MaxNumFOp>(combine);
  if (!combines || !in.isPermutation() || !out.isProjectedPermutation() ||
      out.getNumResults() + 1 != op.getNumLoops())
    return false;
  Value element = op.getBlock()->getArgument(0);
  Value sum = op.getBlock()->getArgument(1);
  auto stripped = [](Value value) {
    while (auto extension = value.getDefiningOp<arith::ExtFOp>())
      value = extension.getIn();
    return value;
  };
  Value lhs = stripped(combine->getOperand(0));
  Value rhs = stripped(combine->getOperand(1));
  if (!(lhs == element && rhs == sum) && !(lhs == sum && rhs == element))
    return false;
  auto fill = findFill(init->get());
  auto start = fill ? getNumber({fill.value(), scalar.map}) : std::nullopt;
  if (!start || (isSum ? *start != 0 : !(*start < 0)))
    return false;
  seen.insert(op);
  SmallVector<AffineExpr> loops(op.getNumLoops(),
                                getAffineDimExpr(rank - 1, op->getContext()));
  for (auto [at, expr] : llvm::enumerate(out.getResults()))
    loops[cast<AffineDimExpr>(expr).getPosition()] = scalar.map.getResult(at);
  for (unsigned at = 0; at + 1 < rank; ++at)
    if (!llvm::is_contained(loops, getAffineDimExpr(at, op->getContext())))
      return false;
  AffineMap toLoops = AffineMap::get(rank, 0, loops, op->getContext());
  input = read({from->get(), in.compose(toLoops)});
  return true;
}

/// Whether `quotient` is exp(x - max x) over the sum of these along a row.
bool AttentionPattern::isQuotient(const ScalarAccess &quotient,
                                  ScalarAccess &scores) {
  auto division = quotient.getDefiningOp<arith::DivFOp>();
  if (!division)
    return false;
  ScalarAccess weight = operand(quotient, division.getLhs());
  auto power = weight.getDefiningOp<math::ExpOp>();
  if (!power)
    return false;
  ScalarAccess exponent = operand(weight, power.getOperand());
  auto difference = exponent.getDefiningOp<arith::SubFOp>();
  ScalarAccess weights, highest;
  if (!difference ||
      !isRowReduction(operand(quotient, division.getRhs()), /*isSum=*/true,
                      weights) ||
      !areEqual(weight, weights))
    return false;
  scores = operand(exponent, difference.getLhs());
  return isRowReduction(operand(exponent, difference.getRhs()),
                        /*isSum=*/false, highest) &&
         areEqual(scores, highest);
}

bool AttentionPattern::findSoftmax(ScalarAccess probabilities,
                                   ScalarAccess &scores) {
  if (!probabilities.isLeaf)
    return isQuotient(probabilities, scores);
  auto softmax = probabilities.value.getDefiningOp<linalg::SoftmaxOp>();
  if (!softmax || !probabilities.map.isIdentity() ||
      softmax.getDimension() + 1 != rank)
    return false;
  seen.insert(softmax);
  Value input = softmax.getInput();
  softmaxSparsity = dyn_cast_or_null<SparsityAttr>(
      cast<RankedTensorType>(input.getType()).getEncoding());
  scores = read({input, probabilities.map});
  return true;
}

//===----------------------------------------------------------------------===//
// From the softmax back to the scores
//===----------------------------------------------------------------------===//

/// Takes the outermost operation off `scalar`, into the scale or the mask.
bool AttentionPattern::peel(ScalarAccess &scalar) {
  Operation *op = scalar.value.getDefiningOp();
  ScalarAccess operands[3];
  if (op && op->getNumOperands() <= 3)
    for (auto [at, value] : llvm::enumerate(op->getOperands()))
      operands[at] = operand(scalar, value);
  if (isa_and_nonnull<arith::MulFOp, arith::DivFOp>(op)) {
    unsigned constant =
        isa<arith::MulFOp>(op) && getNumber(operands[0]) ? 0 : 1;
    if (auto number = getNumber(operands[constant])) {
      scale = isa<arith::MulFOp>(op) ? scale * *number : scale / *number;
      scalar = operands[1 - constant];
      return true;
    }
  } else if (isa_and_nonnull<arith::AddFOp>(op)) {
    auto isConstant = [](const ScalarAccess &access) {
      return access.isLeaf && matchPattern(access.value, m_Constant());
    };
    for (unsigned at = 0; at < 2; ++at)
      if (isConstant(operands[at])) {
        scalar = operands[1 - at];
        return takeMask(operands[at], /*selected=*/std::nullopt);
      }
  } else if (isa_and_nonnull<arith::SelectOp>(op)) {
    for (unsigned at = 1; at <= 2; ++at)
      if (auto number = getNumber(operands[at]);
          number && *number * scale <= kMaskedScore) {
        isFinite |= std::isfinite(*number);
        scalar = operands[3 - at];
        return takeMask(operands[0], /*selected=*/at == 2);
      }
  }
  return fail("the scores are more than scaled and masked by a constant");
}

/// Bits as bytes of 0 and 1, row-major.
static FailureOr<ArrayRef<char>> readBits(ElementsAttr elements,
                                          SmallVectorImpl<char> &storage) {
  if (!elements.getElementType().isInteger(1))
    return failure();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || int64_t(blob->getData().size()) != elements.getNumElements())
      return failure();
    return blob->getData();
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense)
    return failure();
  llvm::append_range(storage, dense.getValues<bool>());
  return ArrayRef<char>(storage);
}

/// Reads a constant over rows and columns: floats that are added, or bits that
/// keep an element where they are `selected`.
bool AttentionPattern::takeMask(const ScalarAccess &constant,
                                std::optional<bool> selected) {
  ElementsAttr elements;
  SmallVector<char> storage;
  if (!constant.isLeaf || !matchPattern(constant.value, m_Constant(&elements)))
    return fail("the mask is no constant");
  FailureOr<ArrayRef<char>> raw = selected ? readBits(elements, storage)
                                           : getRawElements(elements, storage);
  Type type = elements.getElementType();
  if (failed(raw) || (!selected && !isa<FloatType>(type)))
    return fail("the mask has no readable elements");
  // Strides along rows and columns; all else must be one element.
  int64_t strides[2] = {0, 0}, stride = 1;
  ArrayRef<int64_t> shape = elements.getShapedType().getShape();
  for (int64_t dim = int64_t(shape.size()) - 1; dim >= 0; --dim) {
    auto at = dyn_cast<AffineDimExpr>(constant.map.getResult(dim));
    if (at && at.getPosition() + 2 >= rank)
      strides[at.getPosition() + 2 - rank] += stride;
    else if (shape[dim] != 1)
      return fail("the mask differs from slice to slice");
    stride *= shape[dim];
  }
  Mask found(mask.rows(), mask.cols());
  int64_t width = selected ? 1 : type.getIntOrFloatBitWidth() / 8;
  for (int64_t row = 0; row < found.rows(); ++row)
    for (int64_t col = 0; col < found.cols(); ++col) {
      const char *data =
          raw->data() + (row * strides[0] + col * strides[1]) * width;
      if (selected) {
        found.set(row, col, (*data != 0) == *selected);
        continue;
      }
      uint64_t bits = 0;
      memcpy(&bits, data, width);
      APFloat value(cast<FloatType>(type).getFloatSemantics(),
                    APInt(8 * width, bits));
      found.set(row, col, value.isZero());
      if (value.isZero() || (value.isInfinity() && value.isNegative()))
        continue;
      bool ignored;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                    &ignored);
      if (!(value.convertToDouble() * scale <= kMaskedScore))
        return fail("the mask adds other values than zeros and minus "
                    "infinities");
      isFinite = true;
    }
  mask &= found;
  hasConstantMask = true;
  return true;
}

bool AttentionPattern::match() {
  if (product.getNumDpsInputs() != 2 || product->getNumResults() != 1)
    return false;
  Value probabilities = product.getDpsInputOperand(0)->get();
  auto type = dyn_cast<RankedTensorType>(probabilities.getType());
  if (!type || type.getRank() < 2)
    return false;
  rank = type.getRank();
  MLIRContext *context = product->getContext();
  ScalarAccess scores;
  if (!findSoftmax(read({probabilities,
                         AffineMap::getMultiDimIdentityMap(rank, context)}),
                   scores))
    return false;
  int64_t rows = type.getDimSize(rank - 2), cols = type.getDimSize(rank - 1);
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(cols)) {
    fail("the size of the mask is dynamic");
    return true;
  }
  mask = Mask(rows, cols, true);
  while (!scores.isLeaf)
    if (!peel(scores))
      return true;
  auto first = scores.value.getDefiningOp<linalg::LinalgOp>();
  if (!first || !scores.map.isIdentity() ||
      !linalg::isaContractionOpInterface(first))
    fail("the scores are no product");
  else if (!std::isfinite(scale) || scale <= 0)
    fail("the scale is not positive");
  else if (takeOperands(first) && takeMasks(first) && haveOtherUsers(first))
    fail("the scores have another user");
  return true;
}
