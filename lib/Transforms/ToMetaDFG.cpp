//===- ToMetaDFG.cpp - Grouped products to a Meta-DFG ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "Remarks.h"
#include "SpaceMasks.h"
#include "TableLoop.h"

#include "spmmplu/IR/SparseIR.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRTOMETADFG
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static ElementsAttr getIndices(MLIRContext *context, ArrayRef<int64_t> values) {
  SmallVector<int32_t> narrow(values.begin(), values.end());
  return getTableElements(context, "indices", {int64_t(narrow.size())},
                          ArrayRef<int32_t>(narrow));
}

/// A single meta-op as a table of one position, so that everything after this
/// pass knows tables only. Null if no kind of table has its axes.
static TableAttrInterface getTable(MetaOpOp op) {
  MLIRContext *context = op.getContext();
  auto isList = [](AxisAttr axis) { return axis.getKind() == AxisKind::List; };
  if (!isList(op.getI()) && !isList(op.getJ()) && !isList(op.getK())) {
    int64_t extent[3];
    int32_t lo[3];
    for (Axis axis : {Axis::I, Axis::J, Axis::K}) {
      AxisAttr attr = op.getAxis(axis);
      bool whole = attr.getKind() == AxisKind::Whole;
      extent[int(axis)] = whole ? -1 : attr.getHi() - attr.getLo();
      lo[int(axis)] = whole ? 0 : attr.getLo();
    }
    return RangesAttr::get(
        context, extent[0], extent[1], extent[2],
        getTableElements(context, "points", {1, 3}, ArrayRef<int32_t>(lo)));
  }
  int64_t numRows =
      cast<MatmulOp>(op->getParentOp()->getParentOp()).getExtent(Axis::I);
  if (op.getI().getKind() == AxisKind::Whole && ShapedType::isDynamic(numRows))
    return {};
  SmallVector<int64_t> rows = op.getI().expand(numRows);
  if (op.getJ().getKind() == AxisKind::Whole &&
      op.getK().getKind() != AxisKind::Whole) {
    SmallVector<int64_t> entries = op.getK().expand(0);
    return ChainsAttr::get(context, rows.size(), 1, 1,
                           getIndices(context, rows),
                           getIndices(context, {0, int64_t(entries.size())}),
                           getIndices(context, entries));
  }
  if (op.getK().getKind() == AxisKind::Whole &&
      op.getJ().getKind() != AxisKind::Whole) {
    SmallVector<int64_t> cols = op.getJ().expand(0);
    if (cols.size() > 64)
      return {};
    return TilesAttr::get(
        context, rows.size(), cols.size(), getIndices(context, rows),
        getIndices(context, cols), getIndices(context, {0, 1}),
        getIndices(context, {0}), getIndices(context, {-1}),
        getTableElements(context, "masks", {0}, ArrayRef<int64_t>()));
  }
  return {};
}

/// Whether a meta-op of `table` writes an element that the result's mask
/// clears: a cuboid at its border reaches beyond it.
static bool writesOutsideOf(const Mask &mask, TableAttrInterface table) {
  for (int64_t p = 0, e = table.getNumPositions(); p < e; ++p) {
    SmallVector<int64_t> rows = table.getIndices(p, Axis::I, mask.rows());
    SmallVector<int64_t> cols = table.getIndices(p, Axis::J, mask.cols());
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(cols))
        if (row >= 0 && col >= 0 && !mask.get(row, col) &&
            table.isWritten(p, i, j))
          return true;
  }
  return false;
}

/// `result` where the mask is set, the product's initial value elsewhere.
static Value selectMasked(OpBuilder &builder, MatmulOp op, const Mask &mask,
                          Value result) {
  SmallVector<bool> bits;
  for (int64_t row = 0; row < mask.rows(); ++row)
    for (int64_t col = 0; col < mask.cols(); ++col)
      bits.push_back(mask.get(row, col));
  auto type =
      RankedTensorType::get({mask.rows(), mask.cols()}, builder.getI1Type());
  Value condition = arith::ConstantOp::create(
      builder, op.getLoc(), DenseElementsAttr::get(type, bits));
  return arith::SelectOp::create(builder, op.getLoc(), condition, result,
                                 op.getInit());
}

namespace {

struct ToMetaDFGPass
    : mlir::spmmplu::impl::SparseIRToMetaDFGBase<ToMetaDFGPass> {
  using SparseIRToMetaDFGBase::SparseIRToMetaDFGBase;

  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) {
      if (!op.getGroups().empty())
        products.push_back(op);
      else
        emitRemark(op, "sparse-ir-to-meta-dfg", /*taken=*/false)
            << remark::reason("the product has no groups");
    });
    for (MatmulOp op : products)
      if (failed(expandProduct(op)))
        return signalPassFailure();
  }

private:
  LogicalResult expandProduct(MatmulOp op) {
    OpBuilder builder(op);
    Value current = op.getInit();
    std::optional<Mask> written = SpaceMasks(op).out;
    bool isExact = true;
    int64_t loops = 0, unrolled = 0;
    for (GroupOp group : op.getGroups().front().getOps<GroupOp>()) {
      for (Operation &metaOp : group.getBody().front()) {
        TableAttrInterface table;
        if (auto single = dyn_cast<MetaOpOp>(metaOp)) {
          table = getTable(single);
          if (!table)
            return single.emitOpError("has index lists along axes that no "
                                      "table holds together");
        } else {
          table = cast<MetaOpsOp>(metaOp).getTable();
        }
        isExact = isExact && !(written && writesOutsideOf(*written, table));
        bool unrollIt = table.getNumPositions() <= unroll;
        (unrollIt ? unrolled : loops) += 1;
        current = unrollIt ? expandUnrolled(builder, op, table, current)
                           : expandLoop(builder, op, group, table, current);
      }
    }
    if (!isExact)
      current = selectMasked(builder, op, *written, current);
    emitRemark(op, "sparse-ir-to-meta-dfg")
        << remark::metric("loops", loops)
        << remark::metric("unrolled", unrolled);
    op.replaceAllUsesWith(current);
    op.erase();
    return success();
  }

  Value expandUnrolled(OpBuilder &builder, MatmulOp op,
                       TableAttrInterface table, Value init) {
    for (int64_t p = 0, e = table.getNumPositions(); p < e; ++p)
      init = expandMetaOp(
          builder, op, table,
          arith::ConstantIndexOp::create(builder, op.getLoc(), p), init);
    return init;
  }

  /// The loop says whose table it walks and how its meta-ops relate, for the
  /// fusion of its iterations into one kernel.
  Value expandLoop(OpBuilder &builder, MatmulOp op, GroupOp group,
                   TableAttrInterface table, Value init) {
    Location loc = op.getLoc();
    Value lo = arith::ConstantIndexOp::create(builder, loc, 0);
    Value hi =
        arith::ConstantIndexOp::create(builder, loc, table.getNumPositions());
    Value step = arith::ConstantIndexOp::create(builder, loc, 1);
    auto loop = scf::ForOp::create(
        builder, loc, lo, hi, step, init,
        [&](OpBuilder &, Location, Value position, ValueRange carried) {
          Value next = expandMetaOp(builder, op, table, position, carried[0]);
          scf::YieldOp::create(builder, loc, next);
        });
    loop->setAttr(kPolicyAttrName, group.getPolicyAttr());
    if (StrategyAttr strategy = op.getStrategyAttr())
      loop->setAttr(kStrategyAttrName, strategy);
    return loop.getResult(0);
  }

  /// slice > matmul > inverse slice and in-place assign.
  Value expandMetaOp(OpBuilder &builder, MatmulOp op, TableAttrInterface table,
                     Value position, Value dest) {
    Location loc = op.getLoc();
    auto slice = [&](Role role, Value source) -> Value {
      auto type = cast<RankedTensorType>(source.getType());
      auto [x, y] = getAxes(role);
      auto tile = RankedTensorType::get(
          {getTileExtent(op, table, x), getTileExtent(op, table, y)},
          type.getElementType());
      return SliceOp::create(builder, loc, tile, role, source, position, table);
    };
    Value lhs = slice(Role::Lhs, op.getLhs());
    Value rhs = slice(Role::Rhs, op.getRhs());
    Value init = slice(Role::Out, dest);
    Value product = linalg::MatmulOp::create(builder, loc, init.getType(),
                                             ValueRange{lhs, rhs}, init)
                        .getResult(0);
    return AssignOp::create(builder, loc, dest.getType(), product, dest,
                            position, table);
  }

  /// The table's extent, or the whole axis where the table takes it whole.
  static int64_t getTileExtent(MatmulOp op, TableAttrInterface table,
                               Axis axis) {
    int64_t extent = table.getStaticExtent(axis);
    if (!ShapedType::isDynamic(extent) || !table.isWhole(axis))
      return extent;
    return op.getExtent(axis);
  }
};

} // namespace
