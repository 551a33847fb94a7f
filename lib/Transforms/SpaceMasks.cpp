//===- SpaceMasks.cpp - The masks of a product and its coarse space ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SpaceMasks.h"

using namespace mlir;
using namespace mlir::spmmplu;

SpaceMasks::SpaceMasks(MatmulOp op) {
  for (Axis axis : {Axis::I, Axis::J, Axis::K})
    extent[int(axis)] = op.getExtent(axis);
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    SparsityAttr sparsity = op.getSparsity(role);
    if (!sparsity || sparsity.getPattern().getText() == "dense")
      continue;
    auto [first, second] = getAxes(role);
    FailureOr<Mask> mask =
        sparsity.resolveMask(extent[int(first)], extent[int(second)]);
    assert(succeeded(mask) && "the op's verifier resolves every mask");
    (role == Role::Lhs   ? lhs
     : role == Role::Rhs ? rhs
                         : out) = std::move(*mask);
  }
}

CoarseSpace::CoarseSpace(const SpaceMasks &masks, std::array<int64_t, 3> size)
    : cell(size) {
  bool speaks[3] = {masks.lhs || masks.out, masks.rhs || masks.out,
                    masks.lhs || masks.rhs};
  for (int axis = 0; axis < 3; ++axis) {
    if (!speaks[axis])
      cell[axis] = -1;
    space.extent[axis] =
        speaks[axis] ? llvm::divideCeil(masks.extent[axis], cell[axis]) : 1;
  }
  auto coarsen = [&](const std::optional<Mask> &mask, Axis x, Axis y,
                     std::optional<Mask> &into) -> const Mask * {
    if (!mask)
      return nullptr;
    into = mask->coarsened(cell[int(x)], cell[int(y)]);
    return &*into;
  };
  space.lhs = coarsen(masks.lhs, Axis::I, Axis::K, lhs);
  space.rhs = coarsen(masks.rhs, Axis::K, Axis::J, rhs);
  space.out = coarsen(masks.out, Axis::I, Axis::J, out);
}

Mask CoarseSpace::takePartialOutput(const Mask &elements) {
  int64_t height = cell[int(Axis::I)], width = cell[int(Axis::J)];
  Mask partial(elements.rows(), elements.cols());
  for (int64_t i = 0; i < out->rows(); ++i) {
    int64_t top = i * height, bottom = std::min(top + height, elements.rows());
    for (int64_t j = 0; j < out->cols(); ++j) {
      int64_t left = j * width, right = std::min(left + width, elements.cols());
      int64_t count = 0;
      for (int64_t row = top; row < bottom; ++row)
        count += elements.countRange(row, left, right);
      if (count == 0 || count == (bottom - top) * (right - left))
        continue;
      out->set(i, j, false);
      for (int64_t row = top; row < bottom; ++row)
        partial.setRange(row, left, right);
    }
  }
  partial &= elements;
  return partial;
}

/// Sum over the rows of `a` and `b` of the products of their counts.
static int64_t countPairs(const Mask &a, const Mask &b) {
  int64_t count = 0;
  for (int64_t row = 0; row < a.rows(); ++row)
    count += a.countRow(row) * b.countRow(row);
  return count;
}

int64_t CoarseSpace::countNonZero() const {
  // Two masks meet along the axis that they share.
  if (lhs && rhs && out) {
    Mask columns = rhs->transposed();
    int64_t count = 0;
    for (int64_t i = 0; i < out->rows(); ++i)
      out->forEachInRow(i, [&](int64_t j) {
        for (auto [a, b] : llvm::zip(lhs->row(i), columns.row(j)))
          count += llvm::popcount(a & b);
      });
    return count;
  }
  if (lhs && rhs)
    return countPairs(lhs->transposed(), *rhs);
  if (lhs && out)
    return countPairs(*lhs, *out);
  if (rhs && out)
    return countPairs(rhs->transposed(), out->transposed());
  int64_t broadcast = lhs   ? space.extent[1]
                      : rhs ? space.extent[0]
                            : space.extent[2];
  return (lhs ? *lhs : rhs ? *rhs : *out).count() * broadcast;
}

RangesAttr CoarseSpace::getRanges(MLIRContext *context, Cell extent,
                                  ArrayRef<Cell> lo) const {
  std::vector<int32_t> points;
  points.reserve(lo.size() * 3);
  int64_t size[3];
  for (int axis = 0; axis < 3; ++axis)
    size[axis] = cell[axis] == -1 ? -1 : extent[axis] * cell[axis];
  for (const Cell &point : lo)
    for (int axis = 0; axis < 3; ++axis)
      points.push_back(cell[axis] == -1 ? 0 : point[axis] * cell[axis]);
  return RangesAttr::get(context, size[0], size[1], size[2],
                         getTableElements(context, "points",
                                          {int64_t(lo.size()), 3},
                                          ArrayRef<int32_t>(points)));
}
