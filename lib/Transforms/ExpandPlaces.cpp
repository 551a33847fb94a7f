//===- ExpandPlaces.cpp - Loops over values of places -----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "TableConstants.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIREXPANDPLACES
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

/// A copy between `matrix`, a batch of them, and their values.
class PlacesLoop {
public:
  /// The values are of `places`, of which those of `part` are copied.
  PlacesLoop(Operation *op, RankedTensorType matrix, SparsityAttr places,
             SparsityAttr part)
      : builder(op), loc(op->getLoc()), source(op->getOperand(0)),
        isCompress(isa<CompressOp>(op)), matrix(matrix),
        result(cast<RankedTensorType>(op->getResult(0).getType())),
        cols(index(matrix.getShape().back())) {
    ArrayRef<int64_t> size = matrix.getShape().take_back(2);
    Mask all = *places.resolveMask(size[0], size[1]);
    Mask copied = *part.resolveMask(size[0], size[1]);
    std::vector<int64_t> elements, values;
    int64_t number = 0;
    for (int64_t row = 0; row < all.rows(); ++row)
      all.forEachInRow(row, [&](int64_t col) {
        if (copied.get(row, col)) {
          elements.push_back(row * all.cols() + col);
          values.push_back(number);
        }
        ++number;
      });
    positions = createTable(builder, loc, "positions", elements);
    if (int64_t(values.size()) < number)
      numbers = createTable(builder, loc, "numbers", values);
  }

  Value create() {
    int64_t batch = matrix.getRank() - 2;
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(builder, loc, source);
    SmallVector<Value> lower, upper, step;
    for (int64_t dim = 0; dim < batch; ++dim) {
      lower.push_back(index(0));
      upper.push_back(
          getValueOrCreateConstantIndexOp(builder, loc, sizes[dim]));
      step.push_back(index(1));
    }
    lower.push_back(index(0));
    upper.push_back(
        index(cast<RankedTensorType>(positions.getType()).getDimSize(0)));
    step.push_back(index(1));
    sizes.truncate(batch);
    scf::LoopNest nest = scf::buildLoopNest(
        builder, loc, lower, upper, step, createInit(sizes),
        [&](OpBuilder &nested, Location, ValueRange ivs, ValueRange carried) {
          return scf::ValueVector{copy(nested, ivs, carried.front())};
        });
    return nest.results.front();
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }

  Value createInit(SmallVector<OpFoldResult> sizes) {
    for (int64_t size : result.getShape().drop_front(sizes.size()))
      sizes.push_back(builder.getIndexAttr(size));
    Value empty = tensor::EmptyOp::create(
        builder, loc, sizes, result.getElementType(), result.getEncoding());
    if (isCompress)
      return empty;
    Value zero = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(result.getElementType()));
    return linalg::FillOp::create(builder, loc, ValueRange{zero},
                                  ValueRange{empty})
        ->getResult(0);
  }

  Value lookUp(OpBuilder &nested, Value table, Value at) {
    Value found = tensor::ExtractOp::create(nested, loc, table, at);
    return arith::IndexCastOp::create(nested, loc, nested.getIndexType(),
                                      found);
  }

  Value copy(OpBuilder &nested, ValueRange ivs, Value into) {
    Value position = lookUp(nested, positions, ivs.back());
    SmallVector<Value> element(ivs.drop_back());
    element.push_back(arith::DivUIOp::create(nested, loc, position, cols));
    element.push_back(arith::RemUIOp::create(nested, loc, position, cols));
    SmallVector<Value> value(ivs);
    if (numbers)
      value.back() = lookUp(nested, numbers, ivs.back());
    Value copied = tensor::ExtractOp::create(nested, loc, source,
                                             isCompress ? element : value);
    return tensor::InsertOp::create(nested, loc, copied, into,
                                    isCompress ? value : element);
  }

  OpBuilder builder;
  Location loc;
  Value source;
  bool isCompress;
  RankedTensorType matrix, result;
  Value cols;
  Value positions; ///< which element of the matrix each is, row by row
  Value numbers;   ///< which value; null: one after the other
};

struct ExpandPlacesPass
    : mlir::spmmplu::impl::SparseIRExpandPlacesBase<ExpandPlacesPass> {
  using SparseIRExpandPlacesBase::SparseIRExpandPlacesBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa<CompressOp, ExpandOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (found->kind == TargetKind::Gpu) {
        op->emitOpError("is no operand or result of a kernel that takes values "
                        "of places, and GPUs copy none");
        return signalPassFailure();
      }
      expand(op);
    }
  }

private:
  static void expand(Operation *op) {
    Value copied;
    if (auto compress = dyn_cast<CompressOp>(op)) {
      SparsityAttr places = compress.getPlaces();
      copied = PlacesLoop(op, compress.getSource().getType(), places, places)
                   .create();
    } else {
      auto expand = cast<ExpandOp>(op);
      copied = PlacesLoop(op, expand.getType(), expand.getSourcePlaces(),
                          expand.getResultPlaces())
                   .create();
    }
    op->getResult(0).replaceAllUsesWith(copied);
    op->erase();
  }
};

} // namespace
