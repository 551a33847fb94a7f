//===- RaiseContraction.cpp - Contractions in normal form ------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// An operand as the loops read it: `axes` are its dimensions, one each, the
/// matrix axes in the order of the product if it `isOriented`.
struct Staged {
  Value value;
  SmallVector<unsigned> axes;
  bool isOriented = false;
  bool isValues = false; ///< of the places of a batch of matrices
};

/// Writes a contraction as loops around `sparse_ir.matmul`.
class ProductBuilder {
public:
  ProductBuilder(OpBuilder &builder, Contraction &c,
                 const SparsitySearches &searches)
      : b(builder), loc(c.op.getLoc()), c(c), searches(searches) {
    // A result's sparsity keeps the orientation, so that the mask of what is
    // left alone does not need a transposed copy.
    bool swapped =
        searches[1].sparsity && !searches[0].sparsity && !searches[2].sparsity;
    left = swapped ? 1 : 0;
    right = 1 - left;
    int i = swapped ? c.n : c.m, j = swapped ? c.m : c.n;
    orders[left] = {i, c.k};
    orders[right] = {c.k, j};
    orders[2] = {i, j};
    fill = findFill(c.values[2]);
    compress = findCompress();
  }

  Value build();

private:
  Value buildMatmul(Value lhs, Value rhs, Value init);
  Value buildLoops(ArrayRef<unsigned> loops);
  Value buildBody(ArrayRef<unsigned> loops, ValueRange ivs, Value whole);
  Value readSlice(unsigned operand, ArrayRef<unsigned> loops, ValueRange ivs);
  Value getBound(unsigned loop);
  SparsityAttr getSparsity(unsigned operand) const;

  bool isMatrix(unsigned operand) const;
  Value getMatrix(unsigned operand);
  Value orient(Value value, unsigned operand);
  Value restore(Value matrix);
  Value getFilled(Value whole, ArrayRef<ReassociationIndices> groups);
  Value expandToResult(Value value, ArrayRef<ReassociationIndices> groups);

  bool isBatchOfMatrices(unsigned operand) const;
  CompressOp findCompress() const;
  Value makeBatchOfValues();
  Value buildCompressed(ArrayRef<unsigned> loops, ValueRange ivs, Value values);
  Value expandSlice(ArrayRef<unsigned> loops, ValueRange ivs);

  Staged stage(unsigned operand, Value value);
  Value slice(const Staged &staged, ArrayRef<unsigned> loops, ValueRange ivs);
  Value insert(Value tile, Value into, ArrayRef<unsigned> axes,
               ArrayRef<unsigned> loops, ValueRange ivs);
  void getSlice(ArrayRef<unsigned> axes, Value whole, ArrayRef<unsigned> loops,
                ValueRange ivs, SmallVector<OpFoldResult> &offsets,
                SmallVector<OpFoldResult> &sizes, SmallVector<int64_t> &kept);
  SmallVector<ReassociationIndices> getMatrixGroups(unsigned operand) const;
  SmallVector<ReassociationIndices> getAxisGroups(unsigned operand) const;

  OpBuilder &b;
  Location loc;
  Contraction &c;
  const SparsitySearches &searches;
  linalg::FillOp fill;
  /// What takes the values of the result's places, all that is wanted of it.
  CompressOp compress;
  /// Which operand stands on the left of the product, and on the right.
  unsigned left, right;
  /// The axes of each operand's matrix, rows first.
  std::pair<int, int> orders[3];
  /// What the loops read; a matrix, where they do not run over the operand.
  Staged staged[3];
};

} // namespace

SparsityAttr ProductBuilder::getSparsity(unsigned operand) const {
  if (!searches[operand].sparsity)
    return {};
  return getSparsityAttr(b.getContext(), *searches[operand].sparsity,
                         orders[operand] != c.getStoredOrder(operand));
}

Value ProductBuilder::buildMatmul(Value lhs, Value rhs, Value init) {
  return createMatmul(b, c.op, lhs, rhs, init,
                      {getSparsity(left), getSparsity(right), getSparsity(2)});
}

/// Groups the dimensions of an operand into its one or two matrix axes. Unit
/// dimensions of iterated axes go with a neighbour.
SmallVector<ReassociationIndices>
ProductBuilder::getMatrixGroups(unsigned operand) const {
  SmallVector<ReassociationIndices> groups;
  ReassociationIndices leading;
  for (unsigned axis : c.dims[operand]) {
    SmallVector<int64_t> dims = c.getDims(operand, axis);
    if (!c.axes[axis].isIterated) {
      groups.emplace_back(leading);
      leading.clear();
    }
    llvm::append_range(groups.empty() ? leading : groups.back(), dims);
  }
  return groups;
}

SmallVector<ReassociationIndices>
ProductBuilder::getAxisGroups(unsigned operand) const {
  SmallVector<ReassociationIndices> groups;
  for (unsigned axis : c.dims[operand]) {
    SmallVector<int64_t> dims = c.getDims(operand, axis);
    groups.emplace_back(dims.begin(), dims.end());
  }
  return groups;
}

/// A matrix or vector in the operand's stored order as the product's matrix.
Value ProductBuilder::orient(Value value, unsigned operand) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return orders[operand] == c.getStoredOrder(operand)
               ? value
               : createTranspose(b, loc, value, {1, 0});
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
  sizes.insert(orders[operand].first == kNone ? sizes.begin() : sizes.end(),
               b.getIndexAttr(1));
  return createExpand(b, loc, value, {ReassociationIndices{0, 1}}, sizes);
}

/// The reverse of `orient`, for the result.
Value ProductBuilder::restore(Value matrix) {
  if (orders[2].first == kNone || orders[2].second == kNone)
    return createCollapse(b, loc, matrix, {ReassociationIndices{0, 1}});
  return orders[2] == c.getStoredOrder(2)
             ? matrix
             : createTranspose(b, loc, matrix, {1, 0});
}

/// Whether the operand is the product's matrix as it is.
bool ProductBuilder::isMatrix(unsigned operand) const {
  auto type = cast<RankedTensorType>(c.values[operand].getType());
  return type.getRank() == 2 && getMatrixGroups(operand).size() == 2 &&
         !type.getEncoding() && orders[operand] == c.getStoredOrder(operand);
}

/// An operand that no loop iterates over, as a matrix.
Value ProductBuilder::getMatrix(unsigned operand) {
  Value value = c.values[operand];
  auto type = cast<RankedTensorType>(value.getType());
  if (isMatrix(operand) && type.hasStaticShape() &&
      value.getDefiningOp<arith::ConstantOp>())
    return value;
  // The result must have the type of the initial value.
  auto view = findConstant(value);
  if (view && (operand != 2 || type.hasStaticShape())) {
    MatrixLayout layout = c.getLayout(operand);
    if (orders[operand] != c.getStoredOrder(operand)) {
      std::swap(layout.row, layout.col);
      std::swap(layout.rows, layout.cols);
    }
    SmallVector<int64_t> permutation(layout.outer);
    llvm::append_range(permutation, layout.row);
    llvm::append_range(permutation, layout.col);
    return createConstant(b, loc, *view, permutation,
                          {layout.rows, layout.cols});
  }
  value = dropEncoding(b, loc, value);
  value = createCollapse(b, loc, value, getMatrixGroups(operand));
  return orient(value, operand);
}

/// The filled matrix that stands for `whole`, whose dimensions in `groups` make
/// a matrix or vector in the stored order.
Value ProductBuilder::getFilled(Value whole,
                                ArrayRef<ReassociationIndices> groups) {
  SmallVector<OpFoldResult> sizes;
  auto type = cast<RankedTensorType>(whole.getType());
  if (type.hasStaticShape())
    for (const ReassociationIndices &group : groups) {
      int64_t size = 1;
      for (int64_t dim : group)
        size *= type.getDimSize(dim);
      sizes.push_back(b.getIndexAttr(size));
    }
  else
    sizes = tensor::getMixedSizes(
        b, loc, createCollapse(b, loc, dropEncoding(b, loc, whole), groups));
  if (sizes.size() == 1)
    sizes.insert(orders[2].first == kNone ? sizes.begin() : sizes.end(),
                 b.getIndexAttr(1));
  else if (orders[2] != c.getStoredOrder(2))
    std::swap(sizes[0], sizes[1]);
  return createFillLike(b, loc, fill, sizes);
}

/// Every dimension of `value` as a group.
static SmallVector<ReassociationIndices> eachDim(Value value) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim :
       llvm::seq(cast<RankedTensorType>(value.getType()).getRank()))
    groups.push_back({dim});
  return groups;
}

Value ProductBuilder::expandToResult(Value value,
                                     ArrayRef<ReassociationIndices> groups) {
  // Not the fill itself, which nothing else needs.
  Value init = fill ? fill.output() : c.values[2];
  if (int64_t(groups.size()) !=
      cast<RankedTensorType>(init.getType()).getRank())
    value = createExpand(b, loc, value, groups,
                         tensor::getMixedSizes(b, loc, init));
  Type type = c.op->getResult(0).getType();
  return value.getType() == type
             ? value
             : tensor::CastOp::create(b, loc, type, value).getResult();
}

Value ProductBuilder::build() {
  SmallVector<unsigned> loops;
  for (auto [index, axis] : llvm::enumerate(c.axes))
    if (axis.needsLoop())
      loops.push_back(index);
  if (!loops.empty())
    return buildLoops(loops);

  Value lhs = getMatrix(left), rhs = getMatrix(right), init;
  auto groups = getMatrixGroups(2);
  if (fill && !isMatrix(2))
    init = getFilled(fill.output(), groups);
  else
    init = getMatrix(2);
  return expandToResult(restore(buildMatmul(lhs, rhs, init)), groups);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Fuses the dimensions of an axis. A constant is brought into the product's
/// order here, outside of the loops.
Staged ProductBuilder::stage(unsigned operand, Value value) {
  // Of a batch of values each slice is expanded by itself.
  if (auto expand = value.getDefiningOp<ExpandOp>();
      expand && operand == left && isBatchOfMatrices(operand))
    return {expand.getSource(), c.dims[operand], false, /*isValues=*/true};
  auto view = findConstant(value);
  if (!view || operand == 2)
    return {createCollapse(b, loc, dropEncoding(b, loc, value),
                           getAxisGroups(operand)),
            c.dims[operand]};
  Staged result;
  result.isOriented = true;
  for (unsigned axis : c.dims[operand])
    if (c.axes[axis].isIterated)
      result.axes.push_back(axis);
  for (int axis : {orders[operand].first, orders[operand].second})
    if (axis != kNone)
      result.axes.push_back(axis);
  SmallVector<int64_t> permutation, shape;
  for (unsigned axis : result.axes) {
    shape.push_back(1);
    for (int64_t dim : c.getDims(operand, axis)) {
      permutation.push_back(dim);
      shape.back() *= view->getDimSize(dim);
    }
  }
  result.value = createConstant(b, loc, *view, permutation, shape);
  return result;
}

void ProductBuilder::getSlice(ArrayRef<unsigned> axes, Value whole,
                              ArrayRef<unsigned> loops, ValueRange ivs,
                              SmallVector<OpFoldResult> &offsets,
                              SmallVector<OpFoldResult> &sizes,
                              SmallVector<int64_t> &kept) {
  sizes = tensor::getMixedSizes(b, loc, whole);
  auto type = cast<RankedTensorType>(whole.getType());
  for (auto [dim, axis] : llvm::enumerate(axes)) {
    auto *loop = llvm::find(loops, axis);
    offsets.push_back(loop == loops.end()
                          ? OpFoldResult(b.getIndexAttr(0))
                          : OpFoldResult(ivs[loop - loops.begin()]));
    if (c.axes[axis].isIterated)
      sizes[dim] = b.getIndexAttr(1);
    else
      kept.push_back(type.getDimSize(dim));
  }
}

Value ProductBuilder::slice(const Staged &staged, ArrayRef<unsigned> loops,
                            ValueRange ivs) {
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<int64_t> kept;
  getSlice(staged.axes, staged.value, loops, ivs, offsets, sizes, kept);
  auto type =
      RankedTensorType::get(kept, getElementTypeOrSelf(staged.value.getType()));
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(b, loc, type, staged.value, offsets,
                                        sizes, strides);
}

Value ProductBuilder::insert(Value tile, Value into, ArrayRef<unsigned> axes,
                             ArrayRef<unsigned> loops, ValueRange ivs) {
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<int64_t> kept;
  getSlice(axes, into, loops, ivs, offsets, sizes, kept);
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, loc, tile, into, offsets, sizes,
                                       strides);
}

/// The matrix of `operand` in the innermost loop.
Value ProductBuilder::readSlice(unsigned operand, ArrayRef<unsigned> loops,
                                ValueRange ivs) {
  if (!c.isInLoop(operand))
    return staged[operand].value;
  if (staged[operand].isValues)
    return expandSlice(loops, ivs);
  Value value = slice(staged[operand], loops, ivs);
  bool isVector = cast<RankedTensorType>(value.getType()).getRank() == 1;
  return staged[operand].isOriented && !isVector ? value
                                                 : orient(value, operand);
}

/// One matrix product; its result goes into `whole`, which is returned.
Value ProductBuilder::buildBody(ArrayRef<unsigned> loops, ValueRange ivs,
                                Value whole) {
  if (compress)
    return buildCompressed(loops, ivs, whole);
  Value lhs = readSlice(left, loops, ivs), rhs = readSlice(right, loops, ivs);
  Value init = slice({whole, c.dims[2]}, loops, ivs);
  bool isInPlace = cast<RankedTensorType>(init.getType()).getRank() == 2 &&
                   orders[2] == c.getStoredOrder(2);
  if (!fill)
    init = orient(init, 2);
  else if (!isInPlace)
    init = getFilled(init, eachDim(init));
  else
    init = linalg::FillOp::create(b, loc, ValueRange{fill.value()},
                                  ValueRange{init})
               ->getResult(0);
  Value tile = restore(buildMatmul(lhs, rhs, init));
  return insert(tile, whole, c.dims[2], loops, ivs);
}

//===----------------------------------------------------------------------===//
// Batches of values of places
//===----------------------------------------------------------------------===//

/// Whether an operand's last two dimensions are the matrix as it is stored and
/// all before are loops of their own.
bool ProductBuilder::isBatchOfMatrices(unsigned operand) const {
  ArrayRef<unsigned> dims = c.dims[operand];
  auto type = cast<RankedTensorType>(c.values[operand].getType());
  auto [row, col] = orders[operand];
  return orders[operand] == c.getStoredOrder(operand) && row != kNone &&
         col != kNone && int64_t(dims.size()) == type.getRank() &&
         dims.size() > 2 && llvm::all_of(dims.drop_back(2), [&](unsigned axis) {
           return c.axes[axis].needsLoop();
         });
}

CompressOp ProductBuilder::findCompress() const {
  Value result = c.op->getResult(0);
  if (!fill || !result.hasOneUse() || !searches[2].sparsity ||
      !isBatchOfMatrices(2))
    return {};
  return dyn_cast<CompressOp>(*result.user_begin());
}

Value ProductBuilder::makeBatchOfValues() {
  RankedTensorType type = compress.getType();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, loc, fill.output());
  sizes.resize(type.getRank() - 1);
  sizes.push_back(b.getIndexAttr(type.getShape().back()));
  return tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
}

/// The loops' indices of a batch of matrices.
static SmallVector<Value> getIndices(ArrayRef<unsigned> axes,
                                     ArrayRef<unsigned> loops, ValueRange ivs) {
  return llvm::map_to_vector(axes.drop_back(2), [&](unsigned axis) {
    return ivs[llvm::find(loops, axis) - loops.begin()];
  });
}

Value ProductBuilder::buildCompressed(ArrayRef<unsigned> loops, ValueRange ivs,
                                      Value values) {
  Value lhs = readSlice(left, loops, ivs), rhs = readSlice(right, loops, ivs);
  auto matrix = getTrailingType(compress.getSource(), 2);
  Value empty = tensor::EmptyOp::create(b, loc, matrix.getShape(),
                                        matrix.getElementType());
  Value init = linalg::FillOp::create(b, loc, ValueRange{fill.value()},
                                      ValueRange{empty})
                   ->getResult(0);
  Value tile =
      tensor::CastOp::create(b, loc, matrix, buildMatmul(lhs, rhs, init));
  tile = CompressOp::create(b, loc, getTrailingType(values, 1), tile);
  return createBatchInsert(b, loc, tile, values,
                           getIndices(c.dims[2], loops, ivs));
}

/// The slice of the left operand, of the batch of its values.
Value ProductBuilder::expandSlice(ArrayRef<unsigned> loops, ValueRange ivs) {
  Value slice = createBatchSlice(b, loc, staged[left].value,
                                 getIndices(c.dims[left], loops, ivs));
  Value matrix = ExpandOp::create(b, loc, getTrailingType(c.values[left], 2),
                                  slice, SparsityAttr());
  return dropEncoding(b, loc, matrix);
}

/// The size of an axis. One that is not known is that of an input which is no
/// constant, and so is staged in its own order.
Value ProductBuilder::getBound(unsigned loop) {
  int64_t size = c.axes[loop].size;
  if (!ShapedType::isDynamic(size))
    return arith::ConstantIndexOp::create(b, loc, size);
  unsigned operand = llvm::is_contained(c.dims[0], loop) ? 0 : 1;
  int64_t dim = llvm::find(c.dims[operand], loop) - c.dims[operand].begin();
  return tensor::DimOp::create(b, loc, staged[operand].value, dim);
}

Value ProductBuilder::buildLoops(ArrayRef<unsigned> loops) {
  for (unsigned operand : {0u, 1u})
    staged[operand] = c.isInLoop(operand)
                          ? stage(operand, c.values[operand])
                          : Staged{getMatrix(operand), {}, true};
  // Every slice is filled before it is added to.
  staged[2] = compress ? Staged{makeBatchOfValues(), {}}
                       : stage(2, fill ? fill.output() : c.values[2]);
  SmallVector<Value> lower, upper, step;
  for (unsigned loop : loops) {
    lower.push_back(arith::ConstantIndexOp::create(b, loc, 0));
    upper.push_back(getBound(loop));
    step.push_back(arith::ConstantIndexOp::create(b, loc, 1));
  }
  scf::LoopNest nest = scf::buildLoopNest(
      b, loc, lower, upper, step, staged[2].value,
      [&](OpBuilder &, Location, ValueRange ivs, ValueRange wholes) {
        return scf::ValueVector{buildBody(loops, ivs, wholes.front())};
      });
  b.setInsertionPointAfter(nest.loops.front());
  if (compress) {
    // The result itself has no use then.
    compress.replaceAllUsesWith(nest.results.front());
    compress.erase();
    return nest.results.front();
  }
  return expandToResult(nest.results.front(), getAxisGroups(2));
}

FailureOr<Value> mlir::spmmplu::raiseContraction(OpBuilder &builder,
                                                 linalg::LinalgOp op,
                                                 double minSparsity) {
  Contraction contraction(op);
  std::string reason = contraction.analyze();
  if (!reason.empty()) {
    remarkMissed(op, reason);
    return Value();
  }
  SparsitySearches searches;
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    unsigned operand = unsigned(role);
    FailureOr<SparsitySearch> search =
        findSparsity(op, role, contraction.values[operand],
                     contraction.getLayout(operand), minSparsity);
    if (failed(search))
      return failure();
    searches[operand] = std::move(*search);
  }
  if (!isWorthRaising(op, searches, minSparsity))
    return Value();
  return ProductBuilder(builder, contraction, searches).build();
}
