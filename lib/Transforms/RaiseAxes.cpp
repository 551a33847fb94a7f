//===- RaiseAxes.cpp - The axes of a contraction ----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RaiseAxes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::spmmplu;

/// Whether the body is out + lhs * rhs, with the factors extended at most
/// (integers: with their sign).
template <typename AddOp, typename MulOp, typename ExtendOp>
static bool isMultiplyAndAdd(Block &block) {
  auto extended = [](Value value) {
    while (auto extension = value.getDefiningOp<ExtendOp>())
      value = extension.getIn();
    return value;
  };
  auto isPair = [](Value a, Value b, Value x, Value y) {
    return (a == x && b == y) || (a == y && b == x);
  };
  auto add = block.getTerminator()->getOperand(0).getDefiningOp<AddOp>();
  if (!add)
    return false;
  Value out = block.getArgument(2);
  Value product = add.getLhs() == out ? add.getRhs() : add.getLhs();
  auto multiply = product.getDefiningOp<MulOp>();
  return multiply && isPair(add.getLhs(), add.getRhs(), out, product) &&
         isPair(extended(multiply.getLhs()), extended(multiply.getRhs()),
                block.getArgument(0), block.getArgument(1));
}

std::string Contraction::findAxes() {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool in[3];
    int64_t size = ShapedType::kDynamic;
    for (unsigned operand = 0; operand < 3; ++operand) {
      auto at = maps[operand].getResultPosition(
          getAffineDimExpr(loop, op->getContext()));
      in[operand] = at.has_value();
      if (!at || !ShapedType::isDynamic(size))
        continue;
      size = cast<RankedTensorType>(values[operand].getType()).getDimSize(*at);
      if (auto view = findConstant(values[operand]))
        size = view->getDimSize(*at);
    }
    if (in[0] + in[1] + in[2] < 2)
      return "a loop runs over one operand only";
    LoopKind kind = in[0] && in[1] && in[2] ? LoopKind::Batch
                    : !in[1]                ? LoopKind::M
                    : !in[0]                ? LoopKind::N
                                            : LoopKind::K;
    axes.push_back({kind, {loop}, size});
  }
  for (unsigned operand = 0; operand < 3; ++operand)
    for (AffineExpr result : maps[operand].getResults())
      dims[operand].push_back(cast<AffineDimExpr>(result).getPosition());
  return "";
}

bool Contraction::areNeighbours(unsigned a, unsigned b) const {
  if (axes[a].kind != axes[b].kind)
    return false;
  return llvm::all_of(dims, [&](const SmallVector<unsigned> &order) {
    auto *at = llvm::find(order, a);
    return at == order.end() || (at + 1 != order.end() && at[1] == b);
  });
}

void Contraction::removeAxis(unsigned axis) {
  axes.erase(axes.begin() + axis);
  for (SmallVector<unsigned> &order : dims) {
    llvm::erase(order, axis);
    for (unsigned &other : order)
      other -= other > axis;
  }
}

void Contraction::fuseAxes() {
  for (unsigned a = 0; a < axes.size(); ++a)
    for (unsigned b = 0; b < axes.size(); ++b) {
      if (a == b || !areNeighbours(a, b))
        continue;
      bool isStatic = !ShapedType::isDynamic(axes[a].size) &&
                      !ShapedType::isDynamic(axes[b].size);
      axes[a].size =
          isStatic ? axes[a].size * axes[b].size : ShapedType::kDynamic;
      llvm::append_range(axes[a].loops, axes[b].loops);
      removeAxis(b);
      // The axis before a may be a neighbour of what a is now.
      a = unsigned(-1);
      break;
    }
}

/// The axis of the matrix product for `kind`: the last that is more than one
/// element long, so that what a loop iterates over is short.
int Contraction::chooseAxis(LoopKind kind) {
  int chosen = kNone;
  for (unsigned axis = 0; axis < axes.size(); ++axis)
    if (axes[axis].kind == kind && (chosen == kNone || axes[axis].size != 1))
      chosen = axis;
  return chosen;
}

std::string Contraction::analyze() {
  if (!op.hasPureTensorSemantics() || values.size() != 3 ||
      op->getNumResults() != 1)
    return "the operands are not two tensors and an initial tensor";
  for (Value value : values)
    if (!isa<RankedTensorType>(value.getType()))
      return "an operand is no ranked tensor";
  std::string reason = checkElementTypes(getElementTypeOrSelf(values[0]),
                                         getElementTypeOrSelf(values[1]),
                                         getElementTypeOrSelf(values[2]));
  if (!reason.empty())
    return reason;
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation())
      return "an indexing map is no permutation of loops";
  Block &body = op->getRegion(0).front();
  if (!isMultiplyAndAdd<arith::AddFOp, arith::MulFOp, arith::ExtFOp>(body) &&
      !isMultiplyAndAdd<arith::AddIOp, arith::MulIOp, arith::ExtSIOp>(body))
    return "the body does more than to multiply and add";
  reason = findAxes();
  if (!reason.empty())
    return reason;
  fuseAxes();
  m = chooseAxis(LoopKind::M);
  n = chooseAxis(LoopKind::N);
  k = chooseAxis(LoopKind::K);
  if (k == kNone)
    return "there is no reduction";
  if (m == kNone && n == kNone)
    return "neither operand is a matrix";
  for (auto [index, axis] : llvm::enumerate(axes)) {
    axis.isIterated = int(index) != m && int(index) != n && int(index) != k;
    if (axis.kind == LoopKind::K && axis.needsLoop())
      return "there is more than one reduction";
  }
  return "";
}

SmallVector<int64_t> Contraction::getDims(unsigned operand, int axis) const {
  int64_t at = 0;
  for (unsigned other : dims[operand]) {
    int64_t end = at + axes[other].loops.size();
    if (int(other) == axis)
      return llvm::to_vector(llvm::seq(at, end));
    at = end;
  }
  return {};
}

std::pair<int, int> Contraction::getStoredOrder(unsigned operand) const {
  std::pair<int, int> order = operand == 0   ? std::pair(m, k)
                              : operand == 1 ? std::pair(k, n)
                                             : std::pair(m, n);
  ArrayRef<unsigned> stored = dims[operand];
  if (order.first != kNone && order.second != kNone &&
      llvm::find(stored, unsigned(order.second)) <
          llvm::find(stored, unsigned(order.first)))
    std::swap(order.first, order.second);
  return order;
}

MatrixLayout Contraction::getLayout(unsigned operand) const {
  auto [first, second] = getStoredOrder(operand);
  MatrixLayout layout;
  for (unsigned axis : dims[operand])
    if (axes[axis].isIterated)
      llvm::append_range(layout.outer, getDims(operand, axis));
  layout.row = getDims(operand, first);
  layout.col = getDims(operand, second);
  layout.rows = getSize(first);
  layout.cols = getSize(second);
  return layout;
}
