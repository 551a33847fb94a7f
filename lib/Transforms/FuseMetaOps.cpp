//===- FuseMetaOps.cpp - The meta-ops of a group as one kernel -*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "Remarks.h"
#include "TableLoop.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRFUSEMETAOPS
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// The fill with zeros that makes `value`, or nothing.
static linalg::FillOp getZeroFill(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  if (fill && (matchPattern(fill.getInputs()[0], m_AnyZeroFloat()) ||
               matchPattern(fill.getInputs()[0], m_Zero())))
    return fill;
  return {};
}

/// Whether a kernel may ignore the contents of `init`: they are zeros and the
/// table writes every element.
static bool mayIgnoreInit(Value init, TableAttrInterface table) {
  auto chains = dyn_cast<ChainsAttr>(table);
  if (!chains || !getZeroFill(init))
    return false;
  auto type = cast<RankedTensorType>(init.getType());
  SmallVector<char> storage;
  ArrayRef<int32_t> rows = getValues<int32_t>(chains.getPanelRows(), storage);
  return llvm::count_if(rows, [](int32_t row) { return row >= 0; }) ==
         type.getDimSize(0);
}

/// The result of the loop that `value` is a slice of, where the loop does
/// nothing with what it carries but to fill slices and to insert this one; null
/// otherwise. (A batched product.)
static Value getSlicedResult(tensor::InsertSliceOp insert, Value value) {
  auto whole = dyn_cast<BlockArgument>(insert.getDest());
  auto loop = whole ? dyn_cast<scf::ForOp>(whole.getOwner()->getParentOp())
                    : scf::ForOp();
  if (!loop || insert.getSource() != value || whole == loop.getInductionVar() ||
      !insert->hasOneUse() ||
      loop.getTiedLoopYieldedValue(whole)->get() != insert.getResult())
    return {};
  auto isFilled = [](Operation *user) { return isa<linalg::FillOp>(user); };
  auto isSlice = [&](Operation *user) {
    return user == insert.getOperation() ||
           (isa<tensor::ExtractSliceOp>(user) &&
            llvm::all_of(user->getUsers(), isFilled));
  };
  return llvm::all_of(whole.getUsers(), isSlice)
             ? Value(loop.getTiedLoopResult(whole))
             : Value();
}

/// Whether `value` is nothing but a result of the function whose type says
/// where its elements are: by the kernels' calling convention the caller's
/// buffer holds zeros elsewhere.
static bool isSparseResult(Value value) {
  auto hasSparsity = [](Value v) {
    auto type = dyn_cast<RankedTensorType>(v.getType());
    return type && isa_and_nonnull<SparsityAttr>(type.getEncoding());
  };
  while (value && value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (auto store = dyn_cast<bufferization::MaterializeInDestinationOp>(user))
      return hasSparsity(value) && isa<BlockArgument>(store.getDest()) &&
             isa<MemRefType>(store.getDest().getType());
    // Nothing else of it is looked at.
    if (isa<CompressOp>(user))
      return true;
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
      value = getSlicedResult(insert, value);
    else if (isa<tensor::CastOp, tensor::ExpandShapeOp>(user))
      value = user->getResult(0);
    else
      return false;
  }
  return false;
}

static bool isAddingTile(Operation *op) {
  auto kernel = dyn_cast<KernelOp>(op);
  return kernel && isa<TilesAttr>(kernel.getTable()) && kernel.getAccumulate();
}

/// Kernels on output tiles, one after the other, that add to zeros: every
/// element of the mask lies in one tile, so that they may overwrite it. Where
/// they make a sparse result the zeros need not be written either: elements
/// outside of the mask are the caller's, and the fill is often the dearer part,
/// as it touches the whole matrix.
static void skipZeros(KernelOp last) {
  if (last->getNumResults() != 1 ||
      (last->hasOneUse() && isAddingTile(*last->user_begin())))
    return;
  SmallVector<KernelOp> kernels;
  linalg::FillOp fill;
  for (KernelOp kernel = last; kernel && !fill;) {
    if (!isAddingTile(kernel))
      return;
    kernels.push_back(kernel);
    Value init = kernel.getInit();
    fill = getZeroFill(init);
    kernel = init.hasOneUse() ? init.getDefiningOp<KernelOp>() : KernelOp();
  }
  if (!fill)
    return;
  bool isSparse = isSparseResult(last->getResult(0));
  if (isSparse)
    kernels.back().getInitMutable().set(fill.getOutputs()[0]);
  for (KernelOp kernel : kernels)
    kernel.setAccumulate(false);
  emitRemark(last, "sparse-ir-fuse-meta-ops")
      << remark::metric("kernels", kernels.size())
      << remark::metric("skipped", isSparse ? "zeros outside of the mask"
                                            : "reading zeros");
}

namespace {

struct FuseMetaOpsPass
    : mlir::spmmplu::impl::SparseIRFuseMetaOpsBase<FuseMetaOpsPass> {
  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](scf::ForOp loop) {
      if (loop->hasAttr(kPolicyAttrName))
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops)
      fuse(loop);
    getOperation()->walk(skipZeros);
  }

private:
  void leave(scf::ForOp loop, const char *reason) {
    emitRemark(loop, "sparse-ir-fuse-meta-ops", /*taken=*/false)
        << remark::reason("{0}", reason);
  }

  void fuse(scf::ForOp loop) {
    auto policy = loop->getAttrOfType<GroupPolicyAttr>(kPolicyAttrName);
    auto strategy = loop->getAttrOfType<StrategyAttr>(kStrategyAttrName);
    if (!strategy)
      return leave(loop, "the product has no strategy");
    if (!policy || policy.getValue() == GroupPolicy::Ungrouped)
      return leave(loop, "the meta-ops are not grouped");
    auto contract = getOnlyContract(loop);
    if (!contract)
      return leave(loop, "the loop holds more than one contract: eliminate "
                         "layout transformations first");
    if (getConstantIntValue(loop.getLowerBound()) != 0 ||
        getConstantIntValue(loop.getStep()) != 1 ||
        getConstantIntValue(loop.getUpperBound()) !=
            contract.getTable().getNumPositions())
      return leave(loop, "the loop does not walk the whole table");
    emitKernel(loop, contract, strategy);
  }

  /// The contract that is the loop's body, at its position, on what it carries.
  static ContractOp getOnlyContract(scf::ForOp loop) {
    Block *body = loop.getBody();
    if (loop.getNumRegionIterArgs() != 1 || !llvm::hasNItems(*body, 2))
      return {};
    auto contract = dyn_cast<ContractOp>(body->front());
    if (!contract || contract.getPosition() != loop.getInductionVar() ||
        contract.getInit() != loop.getRegionIterArg(0) ||
        body->getTerminator()->getOperand(0) != contract.getResult() ||
        !loop.isDefinedOutsideOfLoop(contract.getLhs()) ||
        !loop.isDefinedOutsideOfLoop(contract.getRhs()))
      return {};
    return contract;
  }

  void emitKernel(scf::ForOp loop, ContractOp contract, StrategyAttr strategy) {
    OpBuilder builder(loop);
    Value init = loop.getInitArgs()[0];
    bool ignore = mayIgnoreInit(init, contract.getTable());
    if (ignore)
      init = init.getDefiningOp<linalg::FillOp>().getOutputs()[0];
    auto kernel = KernelOp::create(
        builder, loop.getLoc(), TypeRange{init.getType()}, contract.getLhs(),
        contract.getRhs(), ValueRange(), init, ValueRange(),
        contract.getTable(), contract.getExtentsAttr(), strategy,
        contract.getLhsMapAttr(), contract.getRhsMapAttr(),
        contract.getOutMapAttr(), ignore ? UnitAttr() : builder.getUnitAttr(),
        UnitAttr(), ArrayAttr(), SparsityAttr(), SparsityAttr(),
        SparsityAttr());
    emitRemark(loop, "sparse-ir-fuse-meta-ops")
        << remark::metric("meta-ops", contract.getTable().getNumPositions())
        << remark::metric("reads-init", !ignore);
    loop.getResult(0).replaceAllUsesWith(kernel.getResult(0));
    loop.erase();
  }
};

} // namespace
