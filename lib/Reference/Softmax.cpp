//===- Softmax.cpp - linalg.softmax ----------------------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SparseTables.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::spmmplu;

/// Where the type of the input has an encoding, the softmax is one of the
/// elements that there are; the others are zero in the result.
static LogicalResult runSoftmax(Interpreter &interpreter,
                                linalg::SoftmaxOp op) {
  const ReferenceTensor &input = interpreter.getTensor(op.getInput());
  std::optional<Mask> mask;
  if (auto sparsity = dyn_cast_or_null<SparsityAttr>(
          cast<RankedTensorType>(op.getInput().getType()).getEncoding())) {
    mask = resolveTrailing(sparsity, input.shape);
    if (!mask || !fitsTrailing(*mask, input.shape))
      return op.emitError("expected a mask for an input of ")
             << formatShape(input.shape);
  }
  if (failed(interpreter.spend(op, 4 * input.size())))
    return failure();
  int64_t extent = input.shape[op.getDimension()], stride = 1;
  for (int64_t size :
       ArrayRef<int64_t>(input.shape).drop_front(op.getDimension() + 1))
    stride *= size;
  ReferenceTensor result(input.shape, /*isInteger=*/false);
  for (int64_t first = 0; first < input.size(); ++first) {
    if (first / stride % extent != 0)
      continue;
    auto forEach = [&](auto &&visit) {
      for (int64_t at = first, n = 0; n < extent; ++n, at += stride)
        if (!mask || getTrailing(*mask, at))
          visit(at);
    };
    double highest = -std::numeric_limits<double>::infinity(), total = 0;
    forEach([&](int64_t at) {
      // (A NaN stays one.)
      highest = input.reals[at] < highest ? highest : input.reals[at];
    });
    forEach([&](int64_t at) {
      result.reals[at] = std::exp(input.reals[at] - highest);
      total += result.reals[at];
    });
    forEach([&](int64_t at) { result.reals[at] /= total; });
  }
  return interpreter.set(op, op->getResult(0), std::move(result));
}

void mlir::spmmplu::addSoftmaxHandlers(HandlerTable &table) {
  table.add<linalg::SoftmaxOp, runSoftmax>();
}
