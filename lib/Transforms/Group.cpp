//===- Group.cpp - Groups meta-ops that may run in parallel ----*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "FoldPlaces.h"
#include "Remarks.h"
#include "SpaceMasks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/MetaOps.h"
#include "spmmplu/Segmentation/ValueRuns.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

#include <map>

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRGROUP
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// The ungrouped tables of one kind of a segmented product: ranges, and tiles
/// where a part of a cell is in the result's mask.
template <typename TableAttr>
static SmallVector<TableAttr> getUngrouped(MatmulOp op) {
  SmallVector<TableAttr> tables;
  for (Block &block : op.getGroups())
    for (GroupOp group : block.getOps<GroupOp>())
      if (group.getPolicy() == GroupPolicy::Ungrouped)
        for (MetaOpsOp metaOps : group.getBody().getOps<MetaOpsOp>())
          if (auto table = dyn_cast<TableAttr>(metaOps.getTable()))
            tables.push_back(table);
  return tables;
}

namespace {

struct GroupPass : mlir::spmmplu::impl::SparseIRGroupBase<GroupPass> {
  using SparseIRGroupBase::SparseIRGroupBase;

  void runOnOperation() override {
    if (policy != "chain" && policy != "disjoint") {
      getOperation()->emitError(
          "expected policy 'chain' or 'disjoint', found '")
          << policy << "'";
      return signalPassFailure();
    }
    chainsOf.clear();
    getOperation()->walk([&](MatmulOp op) { groupProduct(op); });
  }

private:
  void groupProduct(MatmulOp op) {
    SmallVector<RangesAttr> ungrouped = getUngrouped<RangesAttr>(op);
    SmallVector<TilesAttr> tiles = getUngrouped<TilesAttr>(op);
    SpaceMasks masks(op);
    bool oneSided = !masks.rhs && !(masks.lhs && masks.out);
    // Nothing of a dense product is segmented: it is chains in any case.
    bool isDense = !masks.anySparse() && op.getStrategy();
    if (isDense || (policy == "chain" && oneSided && masks.anySparse()))
      return groupByChain(op, masks);
    if (!ungrouped.empty() || !tiles.empty())
      return groupDisjointly(op, ungrouped, tiles, masks);
    if (op.getGroups().empty())
      emitRemark(op, "sparse-ir-group", /*taken=*/false)
          << remark::reason("the product is not segmented");
  }

  //===--------------------------------------------------------------------===//
  // Policy chain
  //===--------------------------------------------------------------------===//

  void groupByChain(MatmulOp op, const SpaceMasks &masks) {
    bool output = masks.out.has_value();
    Role role = output ? Role::Out : Role::Lhs;
    auto [x, y] = getAxes(role);
    int64_t rows = op.getExtent(x), cols = op.getExtent(y);
    if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(cols)) {
      emitRemark(op, "sparse-ir-group", /*taken=*/false) << remark::reason(
          "the size of the {0} is dynamic", stringifyRole(role));
      return;
    }
    // The mask itself, not what segmentation covers: panels cut the meta-ops
    // again, and rows that are alike can only be told from the exact mask. A
    // dense lhs is covered whole.
    const std::optional<Mask> &mask = output ? masks.out : masks.lhs;
    SmallVector<MaskPart> parts =
        decompose(op, role, mask ? *mask : Mask(rows, cols, true));

    op.getGroups().getBlocks().clear();
    Block &block = op.getGroups().emplaceBlock();
    SmallVector<TableAttrInterface> tables;
    if (output)
      tables = makeTiles(op, parts);
    else if (ChainsAttr chains = makeChains(op, parts.front()))
      tables = {chains};
    if (tables.empty())
      return signalPassFailure();
    int64_t metaOps = 0;
    for (TableAttrInterface table : tables) {
      metaOps += getNumMetaOps(table);
      addGroup(op, block, GroupPolicy::Chain, table);
    }
    emitRemark(op, "sparse-ir-group") << remark::metric("policy", "chain")
                                      << remark::metric("groups", tables.size())
                                      << remark::metric("meta-ops", metaOps);
  }

  /// Whether one kernel takes all parts: between a row's values of one part lie
  /// those of others, and GPUs write them best at the same time.
  static bool takesAllParts(MatmulOp op) {
    StrategyAttr strategy = op.getStrategyAttr();
    return strategy && findCompress(op.getResult()) &&
           isOfGpu(lookupIntrinsic(std::string_view(strategy.getIntrinsic())));
  }

  /// A table a part, or one for all. Nothing on an error.
  static SmallVector<TableAttrInterface> makeTiles(MatmulOp op,
                                                   ArrayRef<MaskPart> parts) {
    std::vector<TileTable> tables;
    for (const MaskPart &part : parts) {
      std::optional<TileTable> table = makeTiles(op, part);
      if (!table)
        return {};
      if (!tables.empty() && takesAllParts(op))
        appendTiles(tables.front(), *table);
      else
        tables.push_back(std::move(*table));
    }
    return llvm::map_to_vector(tables, [&](const TileTable &table) {
      return TableAttrInterface(TilesAttr::get(op.getContext(), table));
    });
  }

  /// Parts of the cover in the orders that the pattern knows for them. An lhs
  /// stays whole: an entry takes all elements of the panel at its k, those of
  /// other parts too, which must not be added twice.
  SmallVector<MaskPart> decompose(MatmulOp op, Role role, const Mask &cover) {
    SmallVector<MaskPart> parts;
    if (SparsityAttr sparsity = op.getSparsity(role))
      for (MaskPart &part : sparsity.decompose(cover))
        if (!part.mask.none())
          parts.push_back(std::move(part));
    if (role == Role::Lhs)
      return {{cover, chooseRowOrder(cover, getChainOptions(op), parts), {}}};
    if (parts.empty())
      parts.push_back({cover, {}, {}});
    return parts;
  }

  static ChainTableOptions getChainOptions(MatmulOp op) {
    ChainTableOptions options;
    if (StrategyAttr strategy = op.getStrategyAttr()) {
      options.rows = strategy.getRows();
      options.depth = strategy.getDepth();
      options.phaseDepth = strategy.getPhase();
    }
    return options;
  }

  /// All that a chain table depends on: strategies of one product share tables,
  /// and by that what is packed for them.
  static Attribute getChainsKey(MatmulOp op, const ChainTableOptions &options) {
    Builder builder(op.getContext());
    SparsityAttr sparsity = op.getSparsity(Role::Lhs);
    return builder.getArrayAttr(
        {TypeAttr::get(op.getLhs().getType()),
         sparsity ? Attribute(sparsity) : builder.getUnitAttr(),
         builder.getI64ArrayAttr(
             {options.rows, options.depth, options.phaseDepth})});
  }

  ChainsAttr makeChains(MatmulOp op, const MaskPart &part) {
    ChainTableOptions options = getChainOptions(op);
    options.rowOrder = part.rowOrder;
    // (A lhs without columns has no entry, whatever the depth.)
    if (part.mask.cols() && options.depth > part.mask.cols()) {
      op.emitOpError("has a strategy of depth ")
          << options.depth << ", its lhs has " << part.mask.cols()
          << " columns";
      return {};
    }
    // See `ChainTable`: where the depth does not divide K the last entry covers
    // what another owns, and only a packed lhs has zeros there.
    if (part.mask.cols() % options.depth &&
        !matchPattern(op.getLhs(), m_Constant())) {
      op.emitOpError("has a strategy of depth ")
          << options.depth << ", which does not divide the " << part.mask.cols()
          << " columns of an lhs that is not constant";
      return {};
    }
    ChainsAttr &known = chainsOf[getChainsKey(op, options)];
    if (!known)
      known =
          ChainsAttr::get(op.getContext(), buildChainTable(part.mask, options));
    return known;
  }

  static std::optional<TileTable> makeTiles(MatmulOp op, const MaskPart &part) {
    TileTableOptions options;
    options.rowOrder = part.rowOrder;
    options.colOrder = part.colOrder;
    if (StrategyAttr strategy = op.getStrategyAttr()) {
      const Intrinsic *intrinsic =
          lookupIntrinsic(std::string_view(strategy.getIntrinsic()));
      options.rows = strategy.getRows();
      options.cols = strategy.getVectors() * (intrinsic ? intrinsic->j : 1);
    }
    if (options.cols > 64) {
      op.emitOpError("has a strategy of ")
          << options.cols << " columns a tile, expected at most 64";
      return std::nullopt;
    }
    TileTable table = buildTileTable(part.mask, options);
    if (findCompress(op.getResult()))
      table = makeRuns(op, part, options, std::move(table));
    return table;
  }

  /// Of a result that is stored as values of places a tile's rows are runs of
  /// these. Where other parts' places lie between those of a row, tiles are
  /// cut; in the natural order of columns there are none, but maybe more tiles.
  static TileTable makeRuns(MatmulOp op, const MaskPart &part,
                            TileTableOptions options, TileTable table) {
    PlaceNumbers numbers(*SpaceMasks(op).out);
    TileTable split = splitIntoRuns(table, numbers);
    if (options.colOrder.empty())
      return split;
    options.colOrder.clear();
    TileTable natural =
        splitIntoRuns(buildTileTable(part.mask, options), numbers);
    return natural.tiles.size() < split.tiles.size() ? natural : split;
  }

  static int64_t getNumMetaOps(TableAttrInterface table) {
    if (auto chains = dyn_cast<ChainsAttr>(table))
      return chains.getEntries().getNumElements();
    return table.getNumPositions();
  }

  //===--------------------------------------------------------------------===//
  // Policy disjoint
  //===--------------------------------------------------------------------===//

  void groupDisjointly(MatmulOp op, ArrayRef<RangesAttr> tables,
                       ArrayRef<TilesAttr> tiles, const SpaceMasks &masks) {
    // Whole axes are one cell of extent 1 at 0, as in the segmentation.
    std::vector<MetaOpSet> sets;
    bool whole[3] = {false, false, false};
    for (RangesAttr table : tables) {
      int64_t extent[3] = {table.getI(), table.getJ(), table.getK()};
      MetaOpSet &set = sets.emplace_back();
      for (int axis = 0; axis < 3; ++axis) {
        whole[axis] = extent[axis] == -1;
        set.extent[axis] = whole[axis] ? 1 : extent[axis];
      }
      SmallVector<char> storage;
      ArrayRef<int32_t> points = getValues<int32_t>(table.getPoints(), storage);
      for (size_t at = 0; at < points.size(); at += 3)
        set.lo.push_back({points[at], points[at + 1], points[at + 2]});
    }
    bool outputOnly = masks.out && !masks.lhs && !masks.rhs;
    std::vector<MetaOpGroup> groups =
        groupDisjoint(sets, outputOnly, minGroupSize);
    op.getGroups().getBlocks().clear();
    Block &block = op.getGroups().emplaceBlock();
    int64_t metaOps = 0, largest = 0;
    for (const MetaOpGroup &group : groups) {
      metaOps += group.metaOps.size();
      largest = std::max<int64_t>(largest, group.metaOps.size());
      writeDisjointGroup(op, block, group, whole);
    }
    for (TilesAttr table : tiles) {
      metaOps += table.getNumPositions();
      largest = std::max(largest, table.getNumPositions());
      addGroup(op, block, GroupPolicy::Disjoint, TableAttrInterface(table));
    }
    emitRemark(op, "sparse-ir-group")
        << remark::metric("policy", "disjoint")
        << remark::metric("groups", groups.size() + tiles.size())
        << remark::metric("meta-ops", metaOps)
        << remark::metric("largest", largest);
  }

  /// One table an extent: combined groups mix several.
  void writeDisjointGroup(MatmulOp op, Block &block, const MetaOpGroup &group,
                          const bool (&whole)[3]) {
    std::map<Cell, std::vector<int32_t>> byExtent;
    for (const MetaOp &metaOp : group.metaOps)
      llvm::append_range(byExtent[metaOp.extent], metaOp.lo);
    SmallVector<TableAttrInterface> tables;
    for (auto &[extent, points] : byExtent)
      tables.push_back(
          RangesAttr::get(op.getContext(), whole[0] ? -1 : extent[0],
                          whole[1] ? -1 : extent[1], whole[2] ? -1 : extent[2],
                          getTableElements(op.getContext(), "points",
                                           {int64_t(points.size() / 3), 3},
                                           ArrayRef<int32_t>(points))));
    addGroup(op, block, GroupPolicy::Disjoint, tables);
  }

  void addGroup(MatmulOp op, Block &block, GroupPolicy policy,
                ArrayRef<TableAttrInterface> tables) {
    OpBuilder builder = OpBuilder::atBlockEnd(&block);
    auto group = GroupOp::create(builder, op.getLoc(), policy);
    builder.setInsertionPointToEnd(&group.getBody().emplaceBlock());
    for (TableAttrInterface table : tables)
      MetaOpsOp::create(builder, op.getLoc(), table);
  }

  DenseMap<Attribute, ChainsAttr> chainsOf;
};

} // namespace
