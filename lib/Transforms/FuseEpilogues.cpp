//===- FuseEpilogues.cpp - Elementwise ops into kernels --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"
#include "spmmplu/Transforms/ResolveTarget.h"

#include "LayoutMap.h"
#include "Remarks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Target.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRFUSEEPILOGUES
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Elementwise ops with each other
//===----------------------------------------------------------------------===//

/// An op on tensors without reductions, of one result that is dense: outside of
/// a mask in its type a result is the initial value.
static bool isParallel(linalg::LinalgOp op) {
  if (!op || !op.hasPureTensorSemantics() || op->getNumResults() != 1 ||
      op.getNumReductionLoops() != 0)
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  return type && !type.getEncoding();
}

/// Whether `op` computes: a fill, a copy, a transpose or a broadcast does not.
static bool computes(linalg::LinalgOp op) {
  return !llvm::hasSingleElement(*op.getBlock());
}

namespace {

/// Fuses elementwise ops with those that alone use their results: several uses
/// of one value, as in x * sigmoid(x), come together in one op, and only then
/// can a kernel end with them.
struct FuseElementwise : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (!isParallel(op))
      return failure();
    for (OpOperand *input : op.getDpsInputOperands()) {
      auto producer = input->get().getDefiningOp<linalg::GenericOp>();
      if (!producer || !isParallel(producer) ||
          (computes(producer) && !producer->hasOneUse()) ||
          !linalg::areElementwiseOpsFusable(input))
        continue;
      auto fused = linalg::fuseElementwiseOps(rewriter, input);
      if (failed(fused))
        return failure();
      rewriter.replaceOp(
          op, fused->fusedOp->getResults().take_back(op->getNumResults()));
      return success();
    }
    return failure();
  }
};

} // namespace

static LogicalResult fuseElementwise(Operation *root) {
  SmallVector<linalg::LinalgOp> named;
  root->walk([&](linalg::LinalgOp op) {
    if (isParallel(op) && !isa<linalg::GenericOp>(op) &&
        !isa<linalg::FillOp, linalg::CopyOp>(op.getOperation()))
      named.push_back(op);
  });
  IRRewriter rewriter(root->getContext());
  for (linalg::LinalgOp op : named) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, op)))
      return failure();
  }
  RewritePatternSet patterns(root->getContext());
  patterns.add<FuseElementwise>(root->getContext());
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  // A size read off a result is another use.
  tensor::DimOp::getCanonicalizationPatterns(patterns, root->getContext());
  return applyPatternsGreedily(root, std::move(patterns));
}

//===----------------------------------------------------------------------===//
// What may be fused
//===----------------------------------------------------------------------===//

/// Why `kernel` can have no epilogue; null: it can.
static const char *getObstacle(KernelOp kernel) {
  auto chains = dyn_cast<ChainsAttr>(kernel.getTable());
  if (!chains || chains.getPhases() != 1)
    return "an element of the result is written more than once";
  SmallVector<char> storage;
  ArrayRef<int32_t> rows = getValues<int32_t>(chains.getPanelRows(), storage);
  if (llvm::count_if(rows, [](int32_t row) { return row >= 0; }) !=
      kernel.getExtent(Axis::I))
    return "the table does not list all rows of the result";
  if (getElementTypeOrSelf(kernel.getInit().getType()).getIntOrFloatBitWidth() >
      kernel.getSumType().getWidth())
    return "the result is wider than the sums";
  return nullptr;
}

/// The value of a float that is a constant, or of all elements of a tensor.
static std::optional<APFloat> getFloat(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return getFloat(fill.getInputs()[0]);
  FloatAttr attribute;
  if (matchPattern(value, m_Constant(&attribute)))
    return attribute.getValue();
  DenseElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements)) && elements.isSplat() &&
      isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>();
  return std::nullopt;
}

/// Why `body`, on elements, can be no part of an epilogue on `number`; null: it
/// can. Values from outside must be constants.
static const char *getObstacle(Block &body, FloatType number) {
  auto isNarrow = [&](Value value) {
    auto type = dyn_cast<FloatType>(value.getType());
    return type && type.getWidth() <= number.getWidth();
  };
  for (Operation &op : body) {
    bool isLast = &op == body.getTerminator();
    if (!isLast && !isEpilogueOp(&op) &&
        !isa<arith::ExtFOp, arith::TruncFOp>(op))
      return "an op on the result is not in the list of what epilogues hold";
    if (number.isF64() &&
        isa<math::ErfOp, math::ExpOp, math::Exp2Op, math::TanhOp>(op))
      return "no vector unit has functions of f64";
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != &body && !getFloat(operand))
        return "an op on the result uses a number that is no constant";
    for (Value value : op.getOperands())
      if (!isNarrow(value) && !value.getType().isInteger(1))
        return "an op on the result has numbers that are wider than the sums";
  }
  return nullptr;
}

/// The op that alone uses `kernel`'s result, elementwise; null with a reason.
static linalg::LinalgOp getConsumer(KernelOp kernel, const char *&reason) {
  Value result = kernel->getResult(0);
  reason = "the result has several uses";
  if (result.use_empty())
    return {};
  Operation *user = *result.user_begin();
  if (llvm::any_of(result.getUsers(), [&](Operation *u) { return u != user; }))
    return {};
  reason = nullptr; // nothing elementwise follows
  auto op = dyn_cast<linalg::LinalgOp>(user);
  if (!isParallel(op) || !computes(op) || op->getBlock() != kernel->getBlock())
    return {};
  AffineMap map;
  for (OpOperand &use : result.getUses()) {
    AffineMap other = op.getMatchingIndexingMap(&use);
    reason = "the result is not used as elementwise input";
    if (op.isDpsInit(&use) || (map && map != other) || !other.isPermutation())
      return {};
    map = other;
  }
  reason = "the result of an op on the result is not elementwise";
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation() ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType())))
    return {};
  for (OpOperand *input : op.getDpsInputOperands())
    if (!isa<RankedTensorType>(input->get().getType()) &&
        !getFloat(input->get())) {
      reason = "an op on the result uses a number that is no constant";
      return {};
    }
  reason = getObstacle(*op.getBlock(), kernel.getSumType());
  return reason ? linalg::LinalgOp() : op;
}

//===----------------------------------------------------------------------===//
// Fusion
//===----------------------------------------------------------------------===//

namespace {

/// The epilogue of a kernel while it grows.
class Growing {
public:
  explicit Growing(KernelOp kernel)
      : kernel(kernel), number(kernel.getSumType()), builder(kernel) {
    if (kernel.hasEpilogue()) {
      region.takeBody(kernel.getEpilogue());
      Operation *yield = region.front().getTerminator();
      current = yield->getOperand(0);
      yield->erase();
      llvm::append_range(operands, kernel.getEpilogueOperands());
      for (unsigned at = 0; at < operands.size(); ++at)
        maps.push_back(kernel.getEpilogueMap(at));
    } else {
      region.emplaceBlock();
      current = region.front().addArgument(number, kernel.getLoc());
    }
    builder.setInsertionPointToEnd(&region.front());
  }

  /// The initial value, if it is added to, becomes a part of the sum.
  void absorbInit() {
    if (!kernel.getAccumulate())
      return;
    Value init = kernel.getInit();
    AffineMap map = kernel.getMap(Role::Out);
    Value added;
    if (auto value = getFloat(init)) {
      added = constant(*value, kernel.getLoc());
    } else {
      added = operand(init, map);
    }
    current = arith::AddFOp::create(builder, kernel.getLoc(), current, added);
    init = emptyLike(kernel.getInit());
    kernel.getInitMutable().assign(init);
    kernel.setAccumulate(false);
  }

  /// The body of `op`, which `getConsumer` found, becomes the epilogue's end.
  /// Replaces both by one kernel where `op` stands: its other inputs are there.
  KernelOp absorb(linalg::LinalgOp op) {
    Block &body = *op.getBlock();
    Value result = kernel->getResult(0);
    OpOperand &use = *result.use_begin();
    OpOperand *init = op.getDpsInitOperand(0);
    AffineMap toLoops = inversePermutation(op.getMatchingIndexingMap(&use))
                            .compose(kernel.getMap(Role::Out));
    IRMapping mapping;
    for (OpOperand &input : op->getOpOperands()) {
      if (input.getOperandNumber() >= body.getNumArguments())
        continue;
      BlockArgument argument = body.getArgument(input.getOperandNumber());
      if (input.get() == result)
        mapping.map(argument, current);
      else if (auto value = getFloat(input.get()))
        mapping.map(argument, constant(*value, op.getLoc()));
      else if (!argument.use_empty())
        mapping.map(
            argument,
            operand(input.get(),
                    simplifyAffineMap(
                        op.getMatchingIndexingMap(&input).compose(toLoops))));
    }
    for (Operation &inner : body.without_terminator())
      clone(inner, mapping);
    current = lookup(mapping, body.getTerminator()->getOperand(0));
    AffineMap outMap =
        simplifyAffineMap(op.getMatchingIndexingMap(init).compose(toLoops));
    builder.setInsertionPoint(op);
    KernelOp fused = create(emptyLike(init->get()), outMap);
    op->getResult(0).replaceAllUsesWith(fused->getResult(0));
    op->erase();
    kernel.erase();
    return fused;
  }

  /// A kernel with the epilogue as it is, in place of the one without.
  KernelOp finish() {
    builder.setInsertionPoint(kernel);
    KernelOp fused = create(kernel.getInit(), kernel.getMap(Role::Out));
    kernel->getResult(0).replaceAllUsesWith(fused->getResult(0));
    kernel.erase();
    return fused;
  }

private:
  Value constant(APFloat value, Location loc) {
    bool losesInfo = false;
    value.convert(number.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(number, value));
  }

  /// The number that `tensor` has for the element at hand. What only moves
  /// elements need not be made.
  Value operand(Value tensor, AffineMap map) {
    while (auto op = tensor.getDefiningOp<linalg::LinalgOp>()) {
      auto layout = getLayoutTransformation(op);
      if (!layout)
        break;
      tensor = layout->source;
      map = layout->toSource.compose(map);
    }
    map = simplifyAffineMap(map);
    for (auto [at, known] : llvm::enumerate(operands))
      if (known == tensor && maps[at] == map)
        return region.front().getArgument(at + 1);
    operands.push_back(tensor);
    maps.push_back(map);
    return region.front().addArgument(number, kernel.getLoc());
  }

  Value lookup(IRMapping &mapping, Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    // A float from outside of the body: `getObstacle` let constants pass only.
    return constant(*getFloat(value), value.getLoc());
  }

  /// Clones an op of a body; casts between floats are nothing here.
  void clone(Operation &op, IRMapping &mapping) {
    if (isa<arith::ExtFOp, arith::TruncFOp>(op)) {
      mapping.map(op.getResult(0), lookup(mapping, op.getOperand(0)));
      return;
    }
    if (auto value = getFloat(op.getResult(0))) {
      mapping.map(op.getResult(0), constant(*value, op.getLoc()));
      return;
    }
    for (Value operand : op.getOperands())
      mapping.map(operand, lookup(mapping, operand));
    Operation *copy = builder.clone(op, mapping);
    if (isa<FloatType>(copy->getResult(0).getType()))
      copy->getResult(0).setType(number);
  }

  /// An empty tensor of the type and sizes of `value`.
  Value emptyLike(Value value) {
    if (value.getDefiningOp<tensor::EmptyOp>())
      return value;
    OpBuilder::InsertionGuard guard(builder);
    if (Operation *op = value.getDefiningOp())
      builder.setInsertionPointAfter(op);
    else
      builder.setInsertionPointToStart(value.getParentBlock());
    Location loc = value.getLoc();
    auto type = cast<RankedTensorType>(value.getType());
    return tensor::EmptyOp::create(builder, loc,
                                   tensor::getMixedSizes(builder, loc, value),
                                   type.getElementType(), type.getEncoding());
  }

  KernelOp create(Value init, AffineMap outMap) {
    auto fused = KernelOp::create(
        builder, kernel.getLoc(), TypeRange{init.getType()}, kernel.getLhs(),
        kernel.getRhs(), kernel.getTables(), init, operands, kernel.getTable(),
        kernel.getExtentsAttr(), kernel.getStrategy(), kernel.getLhsMapAttr(),
        kernel.getRhsMapAttr(), AffineMapAttr(), UnitAttr(),
        kernel.getPackedLhsAttr(),
        operands.empty() ? ArrayAttr() : builder.getAffineMapArrayAttr(maps),
        kernel.getLhsPlacesAttr(), kernel.getLhsPartAttr(), SparsityAttr());
    fused.setMap(Role::Out, outMap);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&region.front());
    YieldOp::create(builder, kernel.getLoc(), current);
    fused.getEpilogue().takeBody(region);
    return fused;
  }

  KernelOp kernel;
  FloatType number;
  OpBuilder builder;
  Region region;
  SmallVector<Value> operands;
  SmallVector<AffineMap> maps;
  Value current;
};

struct FuseEpiloguesPass
    : mlir::spmmplu::impl::SparseIRFuseEpiloguesBase<FuseEpiloguesPass> {
  using SparseIRFuseEpiloguesBase::SparseIRFuseEpiloguesBase;

  void runOnOperation() override {
    FailureOr<Target> found = resolveTarget(getOperation(), target);
    if (failed(found))
      return signalPassFailure();
    machine = *found;
    SmallVector<KernelOp> kernels;
    getOperation()->walk([&](KernelOp op) { kernels.push_back(op); });
    if (kernels.empty())
      return;
    // The patterns fold constants and erase what is dead, but no kernel with a
    // use; so kernels are looked for again.
    if (failed(fuseElementwise(getOperation())))
      return signalPassFailure();
    kernels.clear();
    getOperation()->walk([&](KernelOp op) { kernels.push_back(op); });
    for (KernelOp kernel : kernels)
      if (kernel->getNumResults() == 1)
        fuse(kernel);
  }

private:
  void fuse(KernelOp kernel) {
    int64_t fused = 0;
    const char *reason = nullptr;
    while (true) {
      linalg::LinalgOp consumer = getConsumer(kernel, reason);
      const char *obstacle = getObstacle(kernel);
      if (consumer && obstacle)
        reason = obstacle;
      if (!consumer || obstacle)
        break;
      report(kernel, consumer);
      Growing epilogue(kernel);
      epilogue.absorbInit();
      kernel = epilogue.absorb(consumer);
      ++fused;
    }
    if (reason && !fused && !kernel->getResult(0).use_empty())
      emitRemark(kernel, "sparse-ir-fuse-epilogues", /*taken=*/false)
          << remark::reason("{0}", reason);
    if (kernel.getAccumulate() && isMade(kernel.getInit()) &&
        !getObstacle(kernel)) {
      Growing epilogue(kernel);
      epilogue.absorbInit();
      kernel = epilogue.finish();
      emitRemark(kernel, "sparse-ir-fuse-epilogues")
          << remark::metric("fused", "init");
    }
  }

  /// Whether an initial value is a copy, a broadcast or a constant, which need
  /// not be made where the kernel reads what they are of.
  static bool isMade(Value init) {
    auto producer = init.getDefiningOp<linalg::LinalgOp>();
    return getFloat(init) || (producer && getLayoutTransformation(producer));
  }

  /// What is neither written by the kernel nor read by its consumer.
  void report(KernelOp kernel, linalg::LinalgOp consumer) {
    auto type = cast<RankedTensorType>(kernel->getResult(0).getType());
    double bytes = 2 * type.getElementTypeBitWidth() / 8;
    for (int64_t size : type.getShape())
      bytes *= ShapedType::isDynamic(size) ? 1 : size;
    const char *unit = type.hasStaticShape() ? "bytes" : "bytes-per-column";
    const char *time = type.hasStaticShape() ? "us" : "us-per-column";
    emitRemark(consumer, "sparse-ir-fuse-epilogues")
        << remark::metric("fused", consumer->getName().getStringRef())
        << remark::metric("operands", consumer.getNumDpsInputs() - 1)
        << remark::metric(unit, int64_t(bytes))
        << remark::metric(time, bytes / machine.dramGbps.all / 1000);
  }

  Target machine;
};

} // namespace
