//===- SparseAttention.cpp - Attention under a mask ------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"

#include "spmmplu/IR/Attention.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::spmmplu;

/// The union of the parts.
static Mask getMask(AttentionOp op) {
  Mask mask(op.getRows(), op.getCols());
  for (Attribute attribute : op.getParts()) {
    auto part = cast<TilesAttr>(attribute);
    for (int64_t p = 0, e = part.getNumPositions(); p < e; ++p) {
      SmallVector<int64_t> rows = part.getIndices(p, Axis::I, mask.rows());
      SmallVector<int64_t> cols = part.getIndices(p, Axis::J, mask.cols());
      for (auto [i, row] : llvm::enumerate(rows))
        for (auto [j, col] : llvm::enumerate(cols))
          if (row >= 0 && col >= 0 && part.isWritten(p, i, j))
            mask.set(row, col);
    }
  }
  return mask;
}

/// Row `row` of the matrices of `operand`, counted through the batch.
static ArrayRef<double> getRow(const ReferenceTensor &operand, int64_t row) {
  int64_t width = operand.shape.back();
  return ArrayRef<double>(operand.reals).slice(row * width, width);
}

/// Checks what the op's types leave open.
static LogicalResult checkShapes(AttentionOp op, const ReferenceTensor &query,
                                 const ReferenceTensor &key,
                                 const ReferenceTensor &value,
                                 const ReferenceTensor &init) {
  ArrayRef<int64_t> q(query.shape), k(key.shape), v(value.shape), o(init.shape);
  bool sameBatch = q.drop_back(2) == k.drop_back(2) &&
                   q.drop_back(2) == v.drop_back(2) &&
                   q.drop_back(2) == o.drop_back(2);
  if (sameBatch && q.back() == k.back() && v.back() == o.back())
    return success();
  return op.emitError("expected one batch and equal columns, found ")
         << formatShape(q) << ", " << formatShape(k) << ", " << formatShape(v)
         << " and " << formatShape(o);
}

LogicalResult mlir::spmmplu::runAttention(Interpreter &interpreter,
                                          AttentionOp op) {
  if (op.getResults().empty())
    return op.emitError("expected tensors, found ") << op.getInit().getType();
  const ReferenceTensor &query = interpreter.getTensor(op.getQuery());
  const ReferenceTensor &key = interpreter.getTensor(op.getKey());
  const ReferenceTensor &value = interpreter.getTensor(op.getValue());
  ReferenceTensor result = interpreter.getTensor(op.getInit());
  if (failed(checkShapes(op, query, key, value, result)))
    return failure();
  Mask mask = getMask(op);
  int64_t batch = query.shape.size() == 3 ? query.shape[0] : 1;
  int64_t width = result.shape.back();
  int64_t work = query.shape.back() + width + 1;
  double scale = op.getScale().convertToDouble();
  for (int64_t at = 0; at < batch * mask.rows(); ++at) {
    int64_t slice = at / mask.rows(), row = at % mask.rows();
    SmallVector<std::pair<int64_t, double>> scores;
    double highest = -std::numeric_limits<double>::infinity();
    mask.forEachInRow(row, [&](int64_t col) {
      int64_t other = slice * mask.cols() + col;
      double score = 0;
      for (auto [a, b] : llvm::zip(getRow(query, at), getRow(key, other)))
        score += a * b;
      scores.emplace_back(other, score * scale);
      highest = std::max(highest, scores.back().second);
    });
    if (failed(interpreter.spend(op, 1 + work * scores.size())))
      return failure();
    double total = 0;
    MutableArrayRef<double> out(result.reals.data() + at * width, width);
    llvm::fill(out, 0);
    for (auto &[other, score] : scores) {
      double weight = std::exp(score - highest);
      total += weight;
      for (auto [sum, element] : llvm::zip(out, getRow(value, other)))
        sum += weight * element;
    }
    for (double &sum : out)
      sum = scores.empty() ? 0 : sum / total;
  }
  return interpreter.set(op, op.getResults()[0], std::move(result));
}
