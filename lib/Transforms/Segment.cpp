//===- Segment.cpp - Segments a product into meta-ops ----------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "Remarks.h"
#include "SpaceMasks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/MetaOps.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRSEGMENT
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// The cuboid that the strategy's intrinsic works on; 1x1x1 without a strategy.
static std::array<int64_t, 3> getStrategyCuboid(MatmulOp op) {
  StrategyAttr strategy = op.getStrategyAttr();
  if (!strategy)
    return {1, 1, 1};
  const Intrinsic *intrinsic =
      lookupIntrinsic(std::string_view(strategy.getIntrinsic()));
  return {strategy.getRows(), intrinsic ? intrinsic->j : 1,
          strategy.getDepth()};
}

namespace {

struct SegmentPass : mlir::spmmplu::impl::SparseIRSegmentBase<SegmentPass> {
  using SparseIRSegmentBase::SparseIRSegmentBase;

  void runOnOperation() override {
    if (!cuboid.empty() &&
        (cuboid.size() != 3 || llvm::any_of(cuboid, [](int64_t c) {
           return c < 1 || c > INT32_MAX;
         }))) {
      getOperation()->emitError(
          "expected a cuboid of 3 positive 32-bit extents along i, j and k");
      return signalPassFailure();
    }
    known.clear();
    getOperation()->walk([&](MatmulOp op) {
      if (op.getGroups().empty())
        segmentProduct(op);
    });
  }

private:
  /// All that segmentation depends on.
  static Attribute getKey(MatmulOp op, std::array<int64_t, 3> cell) {
    Builder builder(op.getContext());
    SmallVector<Attribute> key = {TypeAttr::get(op.getLhs().getType()),
                                  TypeAttr::get(op.getRhs().getType()),
                                  TypeAttr::get(op.getInit().getType()),
                                  builder.getI64ArrayAttr(cell)};
    for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
      SparsityAttr sparsity = op.getSparsity(role);
      key.push_back(sparsity ? Attribute(sparsity) : builder.getUnitAttr());
    }
    return builder.getArrayAttr(key);
  }

  void segmentProduct(MatmulOp op) {
    SpaceMasks masks(op);
    if (!masks.anySparse()) {
      emitRemark(op, "sparse-ir-segment", /*taken=*/false)
          << remark::reason("no operand is sparse");
      return;
    }
    std::array<int64_t, 3> cell =
        cuboid.empty()
            ? getStrategyCuboid(op)
            : std::array<int64_t, 3>{cuboid[0], cuboid[1], cuboid[2]};
    // Strategies of one product often agree on the cell.
    MatmulOp &same = known[getKey(op, cell)];
    if (same)
      return same.getGroups().cloneInto(&op.getGroups(), mapping);
    same = op;
    CoarseSpace coarse(masks, cell);
    SegmentationOptions options;
    Mask partial;
    if (masks.out) {
      // What is covered is written: no meta-op may go beyond the mask.
      partial = coarse.takePartialOutput(*masks.out);
    } else {
      options.cubeThreshold = cubeThreshold;
      options.faceThreshold = faceThreshold;
      options.edgeThreshold = edgeThreshold;
    }
    std::vector<MetaOpSet> sets = segment(coarse.space, options);
    writeGroups(op, sets, coarse);
    if (!partial.none())
      writeTiles(op, partial, cell);

    int64_t metaOps = 0;
    for (const MetaOpSet &set : sets)
      metaOps += set.lo.size();
    emitRemark(op, "sparse-ir-segment")
        << remark::metric("meta-ops", metaOps)
        << remark::metric("extents", sets.size())
        << remark::metric("cells", coarse.countNonZero());
  }

  /// One ungrouped group an extent, in elements.
  void writeGroups(MatmulOp op, ArrayRef<MetaOpSet> sets,
                   const CoarseSpace &coarse) {
    Block &block = op.getGroups().emplaceBlock();
    for (const MetaOpSet &set : sets)
      writeGroup(op, block,
                 coarse.getRanges(op.getContext(), set.extent, set.lo));
  }

  /// Cells of which a part is in the result's mask, as tiles with masks. They
  /// take the whole of k: what is not in the operands' masks is zero.
  void writeTiles(MatmulOp op, const Mask &partial,
                  std::array<int64_t, 3> cell) {
    TileTableOptions options;
    options.rows = std::min<int64_t>(cell[0], partial.rows());
    options.cols = std::min<int64_t>(cell[1], kMaxTileCols);
    writeGroup(
        op, op.getGroups().front(),
        TilesAttr::get(op.getContext(), buildTileTable(partial, options)));
  }

  void writeGroup(MatmulOp op, Block &block, TableAttrInterface table) {
    OpBuilder builder = OpBuilder::atBlockEnd(&block);
    auto group = GroupOp::create(builder, op.getLoc(), GroupPolicy::Ungrouped);
    builder.setInsertionPointToEnd(&group.getBody().emplaceBlock());
    MetaOpsOp::create(builder, op.getLoc(), table);
  }

  /// Columns whose bits fit into a word of a tile's mask.
  static constexpr int64_t kMaxTileCols = 64;

  DenseMap<Attribute, MatmulOp> known;
  IRMapping mapping;
};

} // namespace
