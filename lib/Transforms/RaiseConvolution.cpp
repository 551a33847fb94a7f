//===- RaiseConvolution.cpp - Convolutions as products ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Y[oc, (b, oh, ow)] = W[oc, (c, kh, kw)] X[(c, kh, kw), (b, oh, ow)]. X is the
// input, each element where a filter reads it (img2col): a linalg.generic that
// only yields, so that layout elimination makes it a map.
//
//===----------------------------------------------------------------------===//

#include "RaiseProducts.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// Positions of the dimensions of the operands of a convolution.
struct ConvolutionLayout {
  /// Of the input: batch, channel, height, width.
  int64_t inBatch, inChannel, inHeight, inWidth;
  /// The filter's dimensions in the order oc, c, kh, kw.
  SmallVector<int64_t> filter;
  /// The result's dimensions in the order oc, b, oh, ow.
  SmallVector<int64_t> out;
  SmallVector<int64_t> strides, dilations;
};

} // namespace

static ConvolutionLayout getLayout(linalg::LinalgOp op) {
  auto values = [](DenseIntElementsAttr attribute) {
    return SmallVector<int64_t>(attribute.getValues<int64_t>());
  };
  if (auto conv = dyn_cast<linalg::Conv2DNhwcHwcfOp>(op.getOperation()))
    return {0,
            3,
            1,
            2,
            {3, 2, 0, 1},
            {3, 0, 1, 2},
            values(conv.getStrides()),
            values(conv.getDilations())};
  auto conv = cast<linalg::Conv2DNchwFchwOp>(op.getOperation());
  return {0,
          1,
          2,
          3,
          {0, 1, 2, 3},
          {1, 0, 2, 3},
          values(conv.getStrides()),
          values(conv.getDilations())};
}

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The input as [C * KH * KW, B * OH * OW].
static Value createImageColumns(OpBuilder &builder, Location loc, Value input,
                                const ConvolutionLayout &layout,
                                ArrayRef<int64_t> filterShape,
                                ArrayRef<int64_t> outShape) {
  MLIRContext *context = builder.getContext();
  // Loops: c, kh, kw, b, oh, ow.
  auto d = [&](unsigned loop) { return getAffineDimExpr(loop, context); };
  SmallVector<AffineExpr> read(4);
  read[layout.inBatch] = d(3);
  read[layout.inChannel] = d(0);
  read[layout.inHeight] = d(4) * layout.strides[0] + d(1) * layout.dilations[0];
  read[layout.inWidth] = d(5) * layout.strides[1] + d(2) * layout.dilations[1];
  SmallVector<int64_t> shape;
  for (int64_t dim : ArrayRef(layout.filter).drop_front())
    shape.push_back(filterShape[dim]);
  for (int64_t dim : ArrayRef(layout.out).drop_front())
    shape.push_back(outShape[dim]);
  Value empty = tensor::EmptyOp::create(builder, loc, shape,
                                        getTensorType(input).getElementType());
  SmallVector<AffineMap> maps = {AffineMap::get(6, 0, read, context),
                                 AffineMap::getMultiDimIdentityMap(6, context)};
  SmallVector<utils::IteratorType> loops(6, utils::IteratorType::parallel);
  auto copy = linalg::GenericOp::create(
      builder, loc, TypeRange{empty.getType()}, ValueRange{input},
      ValueRange{empty}, maps, loops,
      [](OpBuilder &b, Location l, ValueRange args) {
        linalg::YieldOp::create(b, l, args.front());
      });
  return createCollapse(builder, loc, copy.getResult(0),
                        {{0, 1, 2}, {3, 4, 5}});
}

/// The filter as [OC, C * KH * KW].
static Value createFilterMatrix(OpBuilder &builder, Location loc, Value filter,
                                const ConvolutionLayout &layout,
                                const MatrixLayout &matrix) {
  if (auto view = findConstant(filter))
    return createConstant(builder, loc, *view, layout.filter,
                          {matrix.rows, matrix.cols});
  filter = dropEncoding(builder, loc, filter);
  filter = createTranspose(builder, loc, filter, layout.filter);
  return createCollapse(builder, loc, filter, {{0}, {1, 2, 3}});
}

/// The initial value as [OC, B * OH * OW].
static Value createInitMatrix(OpBuilder &builder, Location loc, Value init,
                              const ConvolutionLayout &layout) {
  if (linalg::FillOp fill = findFill(init)) {
    ArrayRef<int64_t> shape = getTensorType(init).getShape();
    int64_t columns = 1;
    for (int64_t dim : ArrayRef(layout.out).drop_front())
      columns *= shape[dim];
    return createFillLike(builder, loc, fill,
                          {builder.getIndexAttr(shape[layout.out[0]]),
                           builder.getIndexAttr(columns)});
  }
  // Constants are not folded in two steps, the first would stay behind.
  if (auto view = findConstant(init)) {
    int64_t rows = view->getDimSize(layout.out[0]);
    return createConstant(
        builder, loc, *view, layout.out,
        {rows, rows ? getTensorType(init).getNumElements() / rows : 0});
  }
  init = dropEncoding(builder, loc, init);
  init = createTranspose(builder, loc, init, layout.out);
  return createCollapse(builder, loc, init, {{0}, {1, 2, 3}});
}

/// The result from [OC, B * OH * OW] back to the op's own layout.
static Value restoreResult(OpBuilder &builder, Location loc, Value matrix,
                           const ConvolutionLayout &layout, Type resultType) {
  auto type = cast<RankedTensorType>(resultType);
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> inverse(4);
  for (auto [position, dim] : llvm::enumerate(layout.out)) {
    sizes.push_back(builder.getIndexAttr(type.getDimSize(dim)));
    inverse[dim] = position;
  }
  Value value = createExpand(builder, loc, matrix, {{0}, {1, 2, 3}}, sizes);
  value = createTranspose(builder, loc, value, inverse);
  return value.getType() == resultType
             ? value
             : tensor::CastOp::create(builder, loc, resultType, value)
                   .getResult();
}

/// Why the convolution is left alone; empty if it is not.
static std::string checkConvolution(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return "the operands are no tensors";
  for (OpOperand &operand : op->getOpOperands())
    if (!getTensorType(operand.get()).hasStaticShape())
      return "a dimension of the convolution is dynamic";
  std::string reason =
      checkElementTypes(getElementTypeOrSelf(op->getOperand(0)),
                        getElementTypeOrSelf(op->getOperand(1)),
                        getElementTypeOrSelf(op->getOperand(2)));
  if (!reason.empty())
    return reason;
  if (getElementTypeOrSelf(op->getOperand(0)).getIntOrFloatBitWidth() == 8)
    return "convolutions of 8-bit elements are not supported";
  for (Role role : {Role::Lhs, Role::Out}) {
    auto type = getTensorType(op->getOperand(unsigned(role)));
    if (op->hasAttr(getSparsityAttrName(role)) ||
        isa_and_nonnull<SparsityAttr>(type.getEncoding()))
      return "sparsity of a convolution's " +
             std::string(role == Role::Lhs ? "input" : "result") +
             " is not supported, only of its filter";
  }
  return "";
}

FailureOr<Value> mlir::spmmplu::raiseConvolution(OpBuilder &builder,
                                                 linalg::LinalgOp op,
                                                 double minSparsity) {
  std::string reason = checkConvolution(op);
  if (!reason.empty()) {
    remarkMissed(op, reason);
    return Value();
  }
  Location loc = op.getLoc();
  ConvolutionLayout layout = getLayout(op);
  Value input = op->getOperand(0), filter = op->getOperand(1),
        init = op->getOperand(2);
  ArrayRef<int64_t> filterShape = getTensorType(filter).getShape();
  MatrixLayout matrix;
  matrix.row = {layout.filter[0]};
  matrix.rows = filterShape[layout.filter[0]];
  for (int64_t dim : ArrayRef(layout.filter).drop_front()) {
    matrix.col.push_back(dim);
    matrix.cols *= filterShape[dim];
  }
  FailureOr<SparsitySearch> search =
      findSparsity(op, Role::Rhs, filter, matrix, minSparsity);
  if (failed(search))
    return failure();
  SparsitySearches searches;
  searches[unsigned(Role::Rhs)] = std::move(*search);
  if (!isWorthRaising(op, searches, minSparsity))
    return Value();

  Value lhs = createFilterMatrix(builder, loc, filter, layout, matrix);
  Value rhs =
      createImageColumns(builder, loc, dropEncoding(builder, loc, input),
                         layout, filterShape, getTensorType(init).getShape());
  Value out = createInitMatrix(builder, loc, init, layout);
  const FoundSparsity &found = *searches[unsigned(Role::Rhs)].sparsity;
  Value product = createMatmul(
      builder, op, lhs, rhs, out,
      {getSparsityAttr(builder.getContext(), found, /*transposed=*/false),
       SparsityAttr(), SparsityAttr()});
  return restoreResult(builder, loc, product, layout,
                       op->getResult(0).getType());
}
