//===- RaiseProducts.cpp - Products in normal form -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseProducts.h"

#include "Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::spmmplu;

static RankedTensorType getTensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Pieces of IR
//===----------------------------------------------------------------------===//

/// A folded value keeps its type, so one that is less static than the constant
/// behind it is not folded.
static std::optional<ConstantView> findStaticConstant(Value value) {
  return getTensorType(value).hasStaticShape() ? findConstant(value)
                                               : std::nullopt;
}

Value mlir::spmmplu::dropEncoding(OpBuilder &builder, Location loc,
                                  Value value) {
  RankedTensorType type = getTensorType(value);
  if (!type.getEncoding())
    return value;
  auto plain = RankedTensorType::get(type.getShape(), type.getElementType());
  if (auto view = findStaticConstant(value))
    return createConstant(
        builder, loc, *view,
        llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())),
        type.getShape());
  return tensor::CastOp::create(builder, loc, plain, value);
}

Value mlir::spmmplu::createTranspose(OpBuilder &builder, Location loc,
                                     Value value,
                                     ArrayRef<int64_t> permutation) {
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return value;
  if (auto view = findStaticConstant(value)) {
    auto shape = llvm::map_to_vector(
        permutation, [&](int64_t dim) { return view->getDimSize(dim); });
    return createConstant(builder, loc, *view, permutation, shape);
  }
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(builder, loc, value);
  auto permuted =
      llvm::map_to_vector(permutation, [&](int64_t dim) { return sizes[dim]; });
  Value empty = tensor::EmptyOp::create(builder, loc, permuted,
                                        getTensorType(value).getElementType());
  return linalg::TransposeOp::create(builder, loc, value, empty, permutation)
      ->getResult(0);
}

Value mlir::spmmplu::createCollapse(OpBuilder &builder, Location loc,
                                    Value value,
                                    ArrayRef<ReassociationIndices> groups) {
  int64_t rank = getTensorType(value).getRank();
  if (int64_t(groups.size()) == rank)
    return value;
  if (auto view = findStaticConstant(value)) {
    auto shape = llvm::map_to_vector(groups, [&](const auto &group) {
      int64_t size = 1;
      for (int64_t dim : group)
        size *= view->getDimSize(dim);
      return size;
    });
    return createConstant(builder, loc, *view,
                          llvm::to_vector(llvm::seq<int64_t>(0, rank)), shape);
  }
  return tensor::CollapseShapeOp::create(builder, loc, value, groups);
}

Value mlir::spmmplu::createExpand(OpBuilder &builder, Location loc, Value value,
                                  ArrayRef<ReassociationIndices> groups,
                                  ArrayRef<OpFoldResult> sizes) {
  if (groups.size() == sizes.size())
    return value;
  auto [shape, dynamic] = decomposeMixedValues(sizes);
  if (auto view = findStaticConstant(value); view && dynamic.empty())
    return createConstant(
        builder, loc, *view,
        llvm::to_vector(llvm::seq<int64_t>(0, getTensorType(value).getRank())),
        shape);
  auto type =
      RankedTensorType::get(shape, getTensorType(value).getElementType());
  return tensor::ExpandShapeOp::create(builder, loc, type, value, groups,
                                       sizes);
}

RankedTensorType mlir::spmmplu::getTrailingType(Value batch, int64_t rank) {
  RankedTensorType type = getTensorType(batch);
  return RankedTensorType::get(type.getShape().take_back(rank),
                               type.getElementType(), type.getEncoding());
}

namespace {
/// Offsets, sizes and strides of one slice of a batch.
struct BatchSlice {
  BatchSlice(OpBuilder &builder, Location loc, Value batch, ArrayRef<Value> at)
      : offsets(at.begin(), at.end()),
        sizes(tensor::getMixedSizes(builder, loc, batch)),
        strides(sizes.size(), builder.getIndexAttr(1)) {
    offsets.resize(sizes.size(), builder.getIndexAttr(0));
    std::fill_n(sizes.begin(), at.size(), builder.getIndexAttr(1));
  }
  SmallVector<OpFoldResult> offsets, sizes, strides;
};
} // namespace

Value mlir::spmmplu::createBatchSlice(OpBuilder &builder, Location loc,
                                      Value batch, ArrayRef<Value> at) {
  BatchSlice slice(builder, loc, batch, at);
  return tensor::ExtractSliceOp::create(
      builder, loc, getTrailingType(batch, slice.sizes.size() - at.size()),
      batch, slice.offsets, slice.sizes, slice.strides);
}

Value mlir::spmmplu::createBatchInsert(OpBuilder &builder, Location loc,
                                       Value tile, Value batch,
                                       ArrayRef<Value> at) {
  BatchSlice slice(builder, loc, batch, at);
  return tensor::InsertSliceOp::create(builder, loc, tile, batch, slice.offsets,
                                       slice.sizes, slice.strides);
}

Value mlir::spmmplu::createFillLike(OpBuilder &builder, Location loc,
                                    linalg::FillOp fill,
                                    ArrayRef<OpFoldResult> sizes) {
  Type element = getElementTypeOrSelf(fill->getResult(0).getType());
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, element);
  return linalg::FillOp::create(builder, loc, ValueRange{fill.value()},
                                ValueRange{empty})
      ->getResult(0);
}

linalg::FillOp mlir::spmmplu::findFill(Value init) {
  return init.getDefiningOp<linalg::FillOp>();
}

Value mlir::spmmplu::dropZeroPadding(Value images, std::array<int64_t, 2> dims,
                                     std::array<int64_t, 2> &low) {
  auto pad = images.getDefiningOp<tensor::PadOp>();
  if (!pad)
    return images;
  Value value = pad.getConstantPaddingValue();
  if (!value || !matchPattern(value, m_AnyZeroFloat()))
    return images;
  for (ArrayRef<int64_t> sides : {pad.getStaticLow(), pad.getStaticHigh()})
    for (auto [dim, size] : llvm::enumerate(sides))
      if (llvm::is_contained(dims, int64_t(dim)) ? size < 0 : size != 0)
        return images;
  low = {pad.getStaticLow()[dims[0]], pad.getStaticLow()[dims[1]]};
  return pad.getSource();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

std::string mlir::spmmplu::checkElementTypes(Type lhs, Type rhs, Type out) {
  auto text = [](Type type) {
    std::string result;
    llvm::raw_string_ostream(result) << type;
    return result;
  };
  if (lhs.isInteger(8) && rhs == lhs && out.isInteger(32))
    return "";
  for (Type type : {lhs, rhs, out})
    if (!isa<FloatType>(type))
      return "elements of type " + text(type) + " are no floats";
  if (lhs != rhs)
    return "the operands have two element types, " + text(lhs) + " and " +
           text(rhs);
  if (out != lhs && out.getIntOrFloatBitWidth() <= lhs.getIntOrFloatBitWidth())
    return "the product narrows " + text(lhs) + " to " + text(out);
  return "";
}

void mlir::spmmplu::remarkMissed(Operation *op, const std::string &reason) {
  emitRemark(op, "sparse-ir-raise", /*taken=*/false)
      << remark::reason("{0}", reason)
      << remark::metric("op", op->getName().getStringRef());
}

bool mlir::spmmplu::isWorthRaising(Operation *op,
                                   const SparsitySearches &searches,
                                   double minSparsity) {
  bool isSparse = false;
  std::optional<double> zeros;
  for (const SparsitySearch &search : searches) {
    if (!search.obstacle.empty()) {
      remarkMissed(op, search.obstacle);
      return false;
    }
    isSparse |= search.sparsity.has_value();
    if (search.zeros)
      zeros = std::max(zeros.value_or(0), *search.zeros);
  }
  if (isSparse)
    return true;
  if (!zeros) {
    remarkMissed(op, "no operand is known to be sparse");
    return false;
  }
  emitRemark(op, "sparse-ir-raise", /*taken=*/false)
      << remark::reason("the constant operand is dense")
      << remark::metric("op", op->getName().getStringRef())
      << remark::metric("zeros", *zeros)
      << remark::metric("min-sparsity", minSparsity);
  return false;
}

static std::string formatExtent(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

static void remarkRaised(Operation *op, MatmulOp matmul) {
  auto remark = emitRemark(op, "sparse-ir-raise");
  remark << remark::metric("op", op->getName().getStringRef())
         << remark::metric("shape",
                           formatExtent(matmul.getExtent(Axis::I)) + "x" +
                               formatExtent(matmul.getExtent(Axis::J)) + "x" +
                               formatExtent(matmul.getExtent(Axis::K)));
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    SparsityAttr sparsity = matmul.getSparsity(role);
    if (!sparsity)
      continue;
    auto [first, second] = getAxes(role);
    FailureOr<Mask> mask =
        sparsity.resolveMask(matmul.getExtent(first), matmul.getExtent(second));
    if (failed(mask))
      continue;
    remark << remark::metric("sparse", stringifyRole(role))
           << remark::metric("pattern", sparsity.getPattern().getText())
           << remark::metric("density", mask->density())
           << remark::metric("non-zeros", mask->count());
  }
}

Value mlir::spmmplu::createMatmul(OpBuilder &builder, Operation *op, Value lhs,
                                  Value rhs, Value init,
                                  const Sparsities &sparsities) {
  auto matmul = MatmulOp::create(
      builder, op->getLoc(), init.getType(), lhs, rhs, init, sparsities.lhs,
      sparsities.rhs, sparsities.out, StrategyAttr(), SelectionAttr());
  remarkRaised(op, matmul);
  return matmul.getResult();
}
