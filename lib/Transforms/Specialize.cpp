//===- Specialize.cpp - One product a strategy of a selection --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "LayoutMap.h"
#include "Remarks.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSPECIALIZE
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// Whether a later pass may make `op` part of the kernel that its operand comes
/// from: layout transformations, and what computes element by element.
static bool mayJoinKernel(Operation *op) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  return isa<tensor::CastOp>(op) || getLayoutTransformation(op) ||
         (structured && op->getNumResults() == 1 &&
          structured.getNumParallelLoops() == structured.getNumLoops());
}

/// The ops after `op` that become part of what a strategy does: as long as each
/// is the only use of the one before it, what may join the kernel, and the
/// store into the caller's buffer, which saves a copy.
static SmallVector<Operation *> getTail(MatmulOp op) {
  SmallVector<Operation *> tail;
  for (Value value = op.getResult(); value.hasOneUse();) {
    Operation *user = *value.user_begin();
    if (user->getBlock() != op->getBlock())
      break;
    if (isa<bufferization::MaterializeInDestinationOp>(user)) {
      tail.push_back(user);
      break;
    }
    if (!mayJoinKernel(user))
      break;
    tail.push_back(user);
    value = user->getResult(0);
  }
  return tail;
}

/// The strategy of `n` columns by comparisons alone: the last range that `n`
/// has reached.
static Value selectFrom(OpBuilder &builder, Location loc, Value n,
                        ArrayRef<int64_t> ranges) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value found = constant(ranges[1]);
  for (size_t at = 2; at < ranges.size(); at += 2) {
    Value isReached = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::sge, n, constant(ranges[at]));
    found = arith::SelectOp::create(builder, loc, isReached,
                                    constant(ranges[at + 1]), found);
  }
  return found;
}

/// What has the result's sizes and is no use of it.
static Value getDestination(MatmulOp op) {
  auto fill = op.getInit().getDefiningOp<linalg::FillOp>();
  return fill ? fill.getOutputs()[0] : op.getInit();
}

/// Sizes of the result are those of its init: they are no other use of it.
static void detachSizes(MatmulOp op) {
  for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
    if (auto dim = dyn_cast<tensor::DimOp>(user))
      dim.getSourceMutable().assign(getDestination(op));
}

/// N. Of the init, not of an operand: a size is another use, and layout
/// transformations are folded only into a single one.
static Value getColumns(OpBuilder &builder, MatmulOp op) {
  Value init = getDestination(op);
  auto empty = init.getDefiningOp<tensor::EmptyOp>();
  if (!empty)
    return tensor::DimOp::create(builder, op.getLoc(), init, 1);
  return getValueOrCreateConstantIndexOp(builder, op.getLoc(),
                                         empty.getMixedSizes()[1]);
}

static Value selectStrategy(OpBuilder &builder, MatmulOp op,
                            SelectionAttr selection) {
  Location loc = op.getLoc();
  Value n = getColumns(builder, op);
  Value others =
      selectFrom(builder, loc, n, selection.getOthers().asArrayRef());
  if (selection.getModulus() == 1)
    return others;
  Value aligned =
      selectFrom(builder, loc, n, selection.getAligned().asArrayRef());
  Value modulus =
      arith::ConstantIndexOp::create(builder, loc, selection.getModulus());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value rest = arith::RemSIOp::create(builder, loc, n, modulus);
  Value isAligned =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, rest, zero);
  return arith::SelectOp::create(builder, loc, isAligned, aligned, others);
}

namespace {

struct SpecializePass
    : mlir::spmmplu::impl::SparseIRSpecializeBase<SpecializePass> {
  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) {
      if (op.getSelection())
        products.push_back(op);
    });
    for (MatmulOp op : products)
      specialize(op);
  }

private:
  void specialize(MatmulOp op) {
    SelectionAttr selection = op.getSelectionAttr();
    op.removeSelectionAttr();
    ArrayRef<Attribute> strategies = selection.getStrategies().getValue();
    if (strategies.size() == 1)
      return op.setStrategyAttr(cast<StrategyAttr>(strategies[0]));
    detachSizes(op);
    SmallVector<Operation *> body = {op};
    llvm::append_range(body, getTail(op));
    Operation *last = body.back();
    OpBuilder builder(last);
    Value index = selectStrategy(builder, op, selection);
    SmallVector<int64_t> cases;
    for (int64_t number = 0; number + 1 < int64_t(strategies.size()); ++number)
      cases.push_back(number);
    auto choice =
        scf::IndexSwitchOp::create(builder, op.getLoc(), last->getResultTypes(),
                                   index, cases, cases.size());
    choice->setAttr(kProductAttrName, builder.getUnitAttr());
    for (auto [number, strategy] : llvm::enumerate(strategies)) {
      bool isLast = number + 1 == strategies.size();
      Region &region =
          isLast ? choice.getDefaultRegion() : choice.getCaseRegions()[number];
      fillRegion(region, body, cast<StrategyAttr>(strategy));
    }
    emitRemark(op, "sparse-ir-specialize")
        << remark::metric("kernels", strategies.size())
        << remark::metric("ranges", (selection.getAligned().size() +
                                     selection.getOthers().size()) /
                                        2)
        << remark::metric("ops", body.size());
    last->replaceAllUsesWith(choice);
    for (Operation *each : llvm::reverse(body))
      each->erase();
  }

  static void fillRegion(Region &region, ArrayRef<Operation *> body,
                         StrategyAttr strategy) {
    OpBuilder builder = OpBuilder::atBlockBegin(&region.emplaceBlock());
    IRMapping mapping;
    Operation *copy = nullptr;
    for (Operation *each : body) {
      // An init of its own: an uninitialized one becomes the destination.
      copy = cloneWithInit(builder, each, mapping);
      if (auto product = dyn_cast<MatmulOp>(copy))
        product.setStrategyAttr(strategy);
    }
    scf::YieldOp::create(builder, body.back()->getLoc(), copy->getResults());
  }

  /// Clones `op`, and before it the zeros or the uninitialized tensor that it
  /// writes into.
  static Operation *cloneWithInit(OpBuilder &builder, Operation *op,
                                  IRMapping &mapping) {
    auto destination = dyn_cast<DestinationStyleOpInterface>(op);
    if (destination)
      for (Value init : destination.getDpsInits()) {
        auto fill = init.getDefiningOp<linalg::FillOp>();
        Value empty = fill ? fill.getOutputs()[0] : init;
        if (auto made = empty.getDefiningOp<tensor::EmptyOp>())
          builder.clone(*made, mapping);
        if (!fill)
          continue;
        // Two ops may start from it: a region whose arguments are mapped
        // already would be cloned without them.
        for (Value argument : fill->getRegion(0).getArguments())
          mapping.erase(argument);
        builder.clone(*fill, mapping);
      }
    return builder.clone(*op, mapping);
  }
};

} // namespace
