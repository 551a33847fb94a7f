//===- SparseOps.cpp - The operator, groups and slices ---------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// The operator and its groups
//===----------------------------------------------------------------------===//

namespace {

/// One `sparse_ir.matmul`: by definition where it has no groups, through its
/// meta-ops where it has.
class MatmulRun {
public:
  MatmulRun(Interpreter &interpreter, MatmulOp op)
      : interpreter(interpreter), op(op),
        lhs(interpreter.getTensor(op.getLhs())),
        rhs(interpreter.getTensor(op.getRhs())),
        result(interpreter.getTensor(op.getInit())) {}

  LogicalResult run() {
    if (failed(readExtents()) || failed(interpreter.spend(op, result.size())))
      return failure();
    for (Role role : {Role::Lhs, Role::Rhs, Role::Out})
      if (failed(readMask(role)))
        return failure();
    if (failed(op.getGroups().empty() ? runDefinition() : runGroups()))
      return failure();
    return interpreter.set(op, op.getResult(), std::move(result));
  }

private:
  LogicalResult readExtents() {
    m = result.shape[0], n = result.shape[1], k = lhs.shape[1];
    if (lhs.shape[0] == m && rhs.shape[0] == k && rhs.shape[1] == n)
      return success();
    return op.emitError("expected M x K, K x N and M x N, found ")
           << formatShape(lhs.shape) << ", " << formatShape(rhs.shape)
           << " and " << formatShape(result.shape);
  }

  LogicalResult readMask(Role role) {
    SparsityAttr sparsity = op.getSparsity(role);
    if (!sparsity)
      return success();
    auto [first, second] = getAxes(role);
    FailureOr<Mask> mask =
        sparsity.resolveMask(getExtent(first), getExtent(second));
    if (failed(mask))
      return op.emitError("expected a ")
             << getExtent(first) << "x" << getExtent(second) << " mask of "
             << stringifyRole(role);
    masks[int(role)] = std::move(*mask);
    return success();
  }

  int64_t getExtent(Axis axis) const {
    return axis == Axis::I ? m : axis == Axis::J ? n : k;
  }
  bool isSet(Role role, int64_t row, int64_t col) const {
    const std::optional<Mask> &mask = masks[int(role)];
    return !mask || mask->get(row, col);
  }

  LogicalResult runDefinition() {
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        if (failed(interpreter.spend(op, k)))
          return failure();
        if (!isSet(Role::Out, i, j))
          continue;
        for (int64_t at = 0; at < k; ++at)
          if (isSet(Role::Lhs, i, at) && isSet(Role::Rhs, at, j))
            addTerm(i, at, j);
      }
    return success();
  }

  LogicalResult runGroups() {
    for (Operation &group : op.getGroups().front())
      for (Operation &inner : cast<GroupOp>(group).getBody().front()) {
        LogicalResult ran = isa<MetaOpOp>(inner)
                                ? runMetaOp(cast<MetaOpOp>(inner))
                                : runTable(cast<MetaOpsOp>(inner));
        if (failed(ran))
          return failure();
      }
    return success();
  }

  LogicalResult runMetaOp(MetaOpOp metaOp) {
    SmallVector<int64_t> indices[3];
    for (Axis axis : {Axis::I, Axis::J, Axis::K}) {
      AxisAttr attribute = metaOp.getAxis(axis);
      int64_t size = getExtent(axis);
      if (attribute.getBound() > size)
        return metaOp.emitError("reaches index ")
               << attribute.getBound() - 1 << " of an axis of " << size;
      indices[int(axis)] = attribute.expand(size);
    }
    return addProduct(metaOp, indices, [](int64_t, int64_t) { return true; });
  }

  LogicalResult runTable(MetaOpsOp metaOps) {
    TableAttrInterface table = metaOps.getTable();
    for (int64_t p = 0; p < table.getNumPositions(); ++p) {
      SmallVector<int64_t> indices[3];
      for (Axis axis : {Axis::I, Axis::J, Axis::K})
        if (failed(getTableIndices(interpreter, metaOps, table, p, axis,
                                   getExtent(axis), indices[int(axis)])))
          return failure();
      if (failed(addProduct(metaOps, indices, [&](int64_t i, int64_t j) {
            return table.isWritten(p, i, j);
          })))
        return failure();
    }
    return success();
  }

  /// Adds the dense product of a slice; -1 is padding. The masks of A and B
  /// are not asked: a meta-op that covers zeros adds zeros.
  LogicalResult addProduct(Operation *at, SmallVector<int64_t> (&indices)[3],
                           function_ref<bool(int64_t, int64_t)> isWritten) {
    for (auto [x, i] : llvm::enumerate(indices[0]))
      for (auto [y, j] : llvm::enumerate(indices[1])) {
        if (failed(interpreter.spend(at, 1 + indices[2].size())))
          return failure();
        if (i < 0 || j < 0 || !isWritten(x, y) || !isSet(Role::Out, i, j))
          continue;
        for (int64_t kk : indices[2])
          if (kk >= 0)
            addTerm(i, kk, j);
      }
    return success();
  }

  /// Sums of integers wrap at 32 bits, as their type says.
  void addTerm(int64_t i, int64_t at, int64_t j) {
    if (!result.isInteger) {
      result.reals[i * n + j] += lhs.reals[i * k + at] * rhs.reals[at * n + j];
      return;
    }
    int64_t &sum = result.integers[i * n + j];
    sum = int32_t(sum + lhs.integers[i * k + at] * rhs.integers[at * n + j]);
  }

  Interpreter &interpreter;
  MatmulOp op;
  const ReferenceTensor &lhs, &rhs;
  ReferenceTensor result;
  int64_t m = 0, n = 0, k = 0;
  std::optional<Mask> masks[3];
};

} // namespace

static LogicalResult runMatmul(Interpreter &interpreter, MatmulOp op) {
  return MatmulRun(interpreter, op).run();
}

//===----------------------------------------------------------------------===//
// Meta-DFG
//===----------------------------------------------------------------------===//

/// The indices of the slice of a matrix of `shape` along both of its axes.
static LogicalResult getSliceIndices(Interpreter &interpreter, Operation *op,
                                     TableAttrInterface table, Role role,
                                     int64_t position, ArrayRef<int64_t> shape,
                                     SmallVectorImpl<int64_t> &rows,
                                     SmallVectorImpl<int64_t> &cols) {
  auto [first, second] = getAxes(role);
  return failure(failed(getTableIndices(interpreter, op, table, position, first,
                                        shape[0], rows)) ||
                 failed(getTableIndices(interpreter, op, table, position,
                                        second, shape[1], cols)));
}

static LogicalResult runSlice(Interpreter &interpreter, SliceOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  SmallVector<int64_t> rows, cols;
  if (failed(getSliceIndices(interpreter, op, op.getTable(), op.getRole(),
                             interpreter.getInteger(op.getPosition()),
                             source.shape, rows, cols)))
    return failure();
  SmallVector<int64_t> shape = {int64_t(rows.size()), int64_t(cols.size())};
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  ReferenceTensor result(shape, source.isInteger);
  for (auto [x, row] : llvm::enumerate(rows))
    for (auto [y, col] : llvm::enumerate(cols))
      if (row >= 0 && col >= 0)
        result.set(x * cols.size() + y,
                   source.get(row * source.shape[1] + col));
  return interpreter.set(op, op.getResult(), std::move(result));
}

static LogicalResult runAssign(Interpreter &interpreter, AssignOp op) {
  const ReferenceTensor &tile = interpreter.getTensor(op.getTile());
  ReferenceTensor result = interpreter.getTensor(op.getDest());
  int64_t position = interpreter.getInteger(op.getPosition());
  SmallVector<int64_t> rows, cols;
  if (failed(interpreter.spend(op, result.size() + tile.size())) ||
      failed(getSliceIndices(interpreter, op, op.getTable(), Role::Out,
                             position, result.shape, rows, cols)))
    return failure();
  SmallVector<int64_t> shape = {int64_t(rows.size()), int64_t(cols.size())};
  if (tile.shape != shape)
    return op.emitError("expected a tile of ")
           << formatShape(shape) << ", found " << formatShape(tile.shape);
  for (auto [x, row] : llvm::enumerate(rows))
    for (auto [y, col] : llvm::enumerate(cols))
      if (row >= 0 && col >= 0 && op.getTable().isWritten(position, x, y))
        result.set(row * result.shape[1] + col, tile.get(x * cols.size() + y));
  return interpreter.set(op, op.getResult(), std::move(result));
}

//===----------------------------------------------------------------------===//
// Values of places
//===----------------------------------------------------------------------===//

/// Calls `visit(flat, number)` for every place of a batch of matrices of
/// `shape`: its element, and which of the values it is.
template <typename Visitor>
static LogicalResult forEachPlace(Interpreter &interpreter, Operation *op,
                                  SparsityAttr places, ArrayRef<int64_t> shape,
                                  Visitor &&visit) {
  int64_t rows = shape[shape.size() - 2], cols = shape.back(), size = 1;
  for (int64_t extent : shape)
    size *= extent;
  FailureOr<Mask> mask = places.resolveMask(rows, cols);
  if (failed(mask))
    return op->emitError("expected places of a ")
           << rows << "x" << cols << " matrix";
  if (failed(interpreter.spend(op, size)))
    return failure();
  int64_t number = 0;
  for (int64_t flat = 0; flat < size; ++flat)
    if (getTrailing(*mask, flat))
      visit(flat, number++);
  return success();
}

static LogicalResult runCompress(Interpreter &interpreter, CompressOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  SmallVector<int64_t> shape(ArrayRef(source.shape).drop_back(2));
  shape.push_back(op.getType().getShape().back());
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  ReferenceTensor result(shape, source.isInteger);
  if (failed(forEachPlace(interpreter, op, op.getPlaces(), source.shape,
                          [&](int64_t flat, int64_t number) {
                            result.set(number, source.get(flat));
                          })))
    return failure();
  return interpreter.set(op, op.getResult(), std::move(result));
}

static LogicalResult runExpand(Interpreter &interpreter, ExpandOp op) {
  const ReferenceTensor &source = interpreter.getTensor(op.getSource());
  SmallVector<int64_t> shape(ArrayRef(source.shape).drop_back());
  llvm::append_range(shape, op.getType().getShape().take_back(2));
  if (failed(interpreter.checkShape(op, shape)))
    return failure();
  ReferenceTensor result(shape, source.isInteger);
  ArrayRef<int64_t> size = ArrayRef(shape).take_back(2);
  FailureOr<Mask> part = op.getResultPlaces().resolveMask(size[0], size[1]);
  if (failed(part))
    return op.emitError("expected places of the result");
  if (failed(forEachPlace(interpreter, op, op.getSourcePlaces(), shape,
                          [&](int64_t flat, int64_t number) {
                            if (getTrailing(*part, flat))
                              result.set(flat, source.get(number));
                          })))
    return failure();
  return interpreter.set(op, op.getResult(), std::move(result));
}

void mlir::spmmplu::addSparseHandlers(HandlerTable &table) {
  table.add<MatmulOp, runMatmul>();
  table.add<CompressOp, runCompress>();
  table.add<ExpandOp, runExpand>();
  table.add<SliceOp, runSlice>();
  table.add<AssignOp, runAssign>();
  table.add<ContractOp, runContract>();
  table.add<KernelOp, runKernel>();
  table.add<AttentionOp, runAttention>();
}
