//===- Pack.cpp - Packs constant operands, makes tables data ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "PackedLhs.h"
#include "PanelTables.h"
#include "Remarks.h"
#include "TableConstants.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/Segmentation/TensorPacking.h"
#include "spmmplu/Segmentation/ValueRuns.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include <numeric>

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRPACK
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

/// A packed lhs as attributes, for kernels to share: those of one product that
/// agree on it.
struct SharedLhs {
  ElementsAttr values;
  // Of tensor cores.
  ElementsAttr metadata, tasks;
  ChainsAttr chains; ///< with the padding that was packed
};

/// All that a packed lhs depends on but padding.
static Attribute getPackingKey(KernelOp op, ElementsAttr constant,
                               int64_t layout) {
  Builder builder(op.getContext());
  return builder.getArrayAttr(
      {constant, AffineMapAttr::get(op.getMap(Role::Lhs)), op.getTable(),
       builder.getI64IntegerAttr(layout)});
}

namespace {

struct PackPass : mlir::spmmplu::impl::SparseIRPackBase<PackPass> {
  void runOnOperation() override {
    shared.clear();
    steps.clear();
    getOperation()->walk([&](KernelOp op) { collectSteps(op); });
    WalkResult result = getOperation()->walk([&](KernelOp op) {
      if (!op.getTables().empty())
        return WalkResult::advance();
      LogicalResult packed = success();
      if (isa<ChainsAttr>(op.getTable()))
        packed = packChains(op);
      else if (isa<TilesAttr>(op.getTable()))
        packed = packTiles(op);
      else
        packRanges(op);
      return failed(packed) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    getOperation()->walk([&](AttentionOp op) {
      if (op.getTables().empty())
        packAttention(op);
    });
  }

private:
  LogicalResult packChains(KernelOp op) {
    auto chains = cast<ChainsAttr>(op.getTable());
    OpBuilder builder(op);
    int64_t rows = op.getExtent(Axis::I), cols = op.getExtent(Axis::K);
    if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(cols))
      return op.emitOpError("expects static extents of its sparse lhs");
    ChainTable table = chains.getTable(rows, cols);
    StrategyAttr strategy = op.getStrategy();
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(strategy.getIntrinsic()));
    ElementsAttr constant;
    bool isConstant = matchPattern(op.getLhs(), m_Constant(&constant));
    bool isGpu = isOfGpu(intrinsic);
    bool ofRows =
        intrinsic &&
        getValueSource(*intrinsic, table.rows, table.depth,
                       op.getLhsPart().has_value()) == ValueSource::Rows;
    if (op.getLhsPlaces() && (isGpu || !ofRows))
      return packCells(op, table, intrinsic, isGpu);
    if (op.getLhsPlaces() && failed(packRows(op, table)))
      return failure();
    PackedLayout layout = intrinsic && !isGpu
                              ? getPackedLayout(*intrinsic, table.depth)
                              : PackedLayout::kMajor;
    if (isConstant && layout == PackedLayout::gathered) {
      if (failed(padToSteps(op, table)))
        return failure();
      chains = cast<ChainsAttr>(op.getTable());
    }
    if (isGpu && isConstant)
      return packForGpu(op, constant, table, *intrinsic);
    if (isGpu &&
        (intrinsic->unit != IntrinsicUnit::WarpMatrix || intrinsic->sparse))
      return op.emitOpError("expects a constant lhs for the intrinsic '")
             << strategy.getIntrinsic() << "', found " << op.getLhs().getType();
    if (isConstant) {
      SharedLhs &lhs = shared[getPackingKey(op, constant, int64_t(layout))];
      if (!lhs.values &&
          failed(
              packConstant(op, constant, table, lhs,
                           [&](unsigned width,
                               ArrayRef<char> matrix) -> FailureOr<PackedLhs> {
                             return packPlain(op, table, layout, width, matrix);
                           })))
        return failure();
      replaceLhs(op, lhs);
    }
    op.getTablesMutable().assign(
        {createConstant(builder, op.getLoc(), chains.getPanelRows()),
         createConstant(builder, op.getLoc(), chains.getChainPtr()),
         createConstant(builder, op.getLoc(), chains.getEntries()),
         createTable(builder, op.getLoc(), "tasks",
                     isGpu ? orderLongestFirst(table)
                           : balancePanels(table, strategy.getTasks()))});
    return success();
  }

  /// What reads single rows as they are packed reads values of places.
  static LogicalResult packRows(KernelOp op, const ChainTable &table) {
    PlaceNumbers numbers(
        *op.getLhsPlaces()->resolveMask(table.matrixRows, table.matrixCols));
    bool isSame = table.rows == 1 && table.depth == 1 && table.phases == 1 &&
                  int64_t(table.entries.size()) == numbers.count();
    for (int64_t panel = 0; isSame && panel < table.panels(); ++panel)
      for (int32_t at = table.chainPtr[panel]; at < table.chainPtr[panel + 1];
           ++at)
        isSame &= numbers.at(table.panelRows[panel], table.entries[at]) == at;
    if (!isSame)
      return op.emitOpError("has chains that are not the rows of its places");
    op.removeLhsPlacesAttr();
    op.setPackedLhs(true);
    return success();
  }

  /// The table's attribute has whole cells afterwards. Deep entries, of a CPU's
  /// tiles, are cells as they are.
  LogicalResult packCells(KernelOp op, const ChainTable &table,
                          const Intrinsic *intrinsic, bool isGpu) {
    StrategyAttr strategy = op.getStrategy();
    PlaceNumbers numbers(
        *op.getLhsPlaces()->resolveMask(table.matrixRows, table.matrixCols));
    int64_t step = strategy.getStep();
    if (!isGpu && intrinsic)
      step = getCellDepth(*intrinsic);
    std::optional<CellTable> cells;
    std::optional<Mask> part;
    if (auto sparsity = op.getLhsPart())
      part = *sparsity->resolveMask(table.matrixRows, table.matrixCols);
    if (!isGpu && table.depth > 1)
      cells = getEntryCells(table, numbers, part ? &*part : nullptr);
    else if (table.depth == 1 && table.phases == 1 && step >= 1 && step <= 64)
      cells =
          buildCells(table, int32_t(step), numbers, part ? &*part : nullptr);
    if (!cells)
      return op.emitOpError("cannot be packed for its strategy: expected "
                            "entries, of single k on a GPU, that cover all "
                            "places, in cells of at most 64 k");
    OpBuilder builder(op);
    Location loc = op.getLoc();
    auto chains = ChainsAttr::get(op.getContext(), cells->chains);
    op.setTableAttr(chains);
    std::vector<int32_t> tasks =
        isGpu ? getTaskWords(makeCellTasks(cells->chains.chainPtr,
                                           int32_t(step), strategy.getSplit()))
              : balancePanels(cells->chains, strategy.getTasks());
    op.getTablesMutable().assign(
        {createConstant(builder, loc, chains.getPanelRows()),
         createConstant(builder, loc, chains.getChainPtr()),
         createConstant(builder, loc, chains.getEntries()),
         createRuns(builder, loc, cells->runs),
         createTable(builder, loc, "tasks", tasks)});
    return success();
  }

  /// Makes the table one of whole steps of gathered k.
  LogicalResult padToSteps(KernelOp op, ChainTable &table) {
    auto padded = padChains(table, kGatherStep);
    if (!padded)
      return op.emitOpError("cannot be packed for its strategy: ")
             << padded.error();
    if (table.rows % kGatherRows)
      return op.emitOpError("expects panels of a multiple of ")
             << kGatherRows << " rows to gather k for tiles, found "
             << table.rows;
    table = std::move(*padded);
    op.setTableAttr(ChainsAttr::get(op.getContext(), table));
    return success();
  }

  /// Chains by bands are others for each band.
  static int64_t getTensorLayout(StrategyAttr strategy,
                                 const Intrinsic &intrinsic) {
    constexpr int64_t kFirst = 16; // beyond those of CPUs
    constexpr int64_t kLayouts = 64;
    int64_t band = usesBands(strategy) ? strategy.getStep() : 0;
    return kFirst + 2 * int64_t(intrinsic.unit) + intrinsic.sparse +
           kLayouts * band;
  }

  /// Kernels that share a packed lhs have their chains padded to whole steps of
  /// all of them.
  void collectSteps(KernelOp op) {
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    ElementsAttr constant;
    if (!isOfGpu(intrinsic) || !isa<ChainsAttr>(op.getTable()) ||
        !op.getTables().empty() ||
        !matchPattern(op.getLhs(), m_Constant(&constant)))
      return;
    int64_t &step =
        steps
            .try_emplace(
                getPackingKey(op, constant,
                              getTensorLayout(op.getStrategy(), *intrinsic)),
                1)
            .first->second;
    step = std::lcm(step, op.getStrategy().getStep());
  }

  /// Pads the chains to whole steps; the table's attribute is the padded one
  /// afterwards.
  LogicalResult packForGpu(KernelOp op, ElementsAttr constant,
                           const ChainTable &unpadded,
                           const Intrinsic &intrinsic) {
    Attribute key = getPackingKey(op, constant,
                                  getTensorLayout(op.getStrategy(), intrinsic));
    SharedLhs &lhs = shared[key];
    if (!lhs.values) {
      auto table = padForGpu(op.getStrategy(), unpadded, steps.lookup(key));
      if (!table)
        return op.emitOpError("cannot be packed for its strategy: ")
               << table.error();
      if (failed(packTensorOperand(op, constant, *table, intrinsic, lhs)))
        return failure();
      lhs.chains = ChainsAttr::get(op.getContext(), *table);
      std::vector<int32_t> tasks = orderLongestFirst(*table);
      lhs.tasks =
          getTableElements(op.getContext(), "tasks", {int64_t(tasks.size())},
                           ArrayRef<int32_t>(tasks));
    }
    OpBuilder builder(op);
    op.setTableAttr(lhs.chains);
    SmallVector<Value> tables = {
        createConstant(builder, op.getLoc(), lhs.chains.getPanelRows()),
        createConstant(builder, op.getLoc(), lhs.chains.getChainPtr()),
        createConstant(builder, op.getLoc(), lhs.chains.getEntries()),
        createConstant(builder, op.getLoc(), lhs.tasks)};
    if (lhs.metadata)
      tables.push_back(createConstant(builder, op.getLoc(), lhs.metadata));
    if (failed(appendPanelTables(builder, op, lhs.values, tables)))
      return failure();
    op.getTablesMutable().assign(tables);
    replaceLhs(op, lhs);
    return success();
  }

  /// Of blocks that take several panels.
  LogicalResult appendPanelTables(OpBuilder &builder, KernelOp op,
                                  ElementsAttr lhs,
                                  SmallVectorImpl<Value> &tables) {
    int64_t lhsBytes =
        lhs.getNumElements() * lhs.getElementType().getIntOrFloatBitWidth() / 8;
    auto made = makePanelTables(op, lhsBytes);
    if (!made)
      return op.emitOpError("cannot be packed for its strategy: ")
             << made.error();
    for (const NamedTable &table : *made)
      tables.push_back(
          createTable(builder, op.getLoc(), table.name, table.values));
    return success();
  }

  LogicalResult packTensorOperand(KernelOp op, ElementsAttr constant,
                                  const ChainTable &table,
                                  const Intrinsic &intrinsic, SharedLhs &lhs) {
    TensorFormat format{intrinsic.unit == IntrinsicUnit::WarpMatrix
                            ? TensorLayout::fragment
                            : TensorLayout::warpgroup,
                        intrinsic.sparse};
    return packConstant(
        op, constant, table, lhs,
        [&](unsigned width, ArrayRef<char> matrix) -> FailureOr<PackedLhs> {
          if (width == 8 ||
              (width == 1 && intrinsic.unit != IntrinsicUnit::WarpMatrix))
            return op.emitOpError("expects a lhs of 16 or 32 bits an element "
                                  "(8 of fragments) for the intrinsic '")
                   << op.getStrategy().getIntrinsic() << "', found "
                   << constant.getElementType();
          return intrinsic.unit == IntrinsicUnit::WarpFma
                     ? packPlain(op, table, PackedLayout::kMajor, width, matrix)
                     : packForTensorCores(op, table, format, width, matrix);
        });
  }

  /// What `pack(width, matrix)` makes of a constant lhs, as attributes.
  template <typename Packer>
  LogicalResult packConstant(KernelOp op, ElementsAttr constant,
                             const ChainTable &table, SharedLhs &lhs,
                             Packer &&pack) {
    Type element = constant.getElementType();
    unsigned width = element.getIntOrFloatBitWidth() / 8;
    SmallVector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawElements(constant, storage);
    if (failed(raw) || !llvm::isPowerOf2_32(width))
      return op.emitOpError(
          "has a constant lhs without readable data of 8, 16, "
          "32 or 64 bits an element");
    FailureOr<std::vector<char>> matrix = readThroughMap(
        *raw, width, constant.getShapedType().getShape(), op.getMap(Role::Lhs),
        table.matrixRows, table.matrixCols);
    if (failed(matrix))
      return op.emitOpError("has a map that leads out of its constant lhs ")
             << constant.getShapedType();
    FailureOr<PackedLhs> packed = pack(width, *matrix);
    if (failed(packed))
      return failure();
    lhs.values = makeValues(element, width, packed->values);
    if (isSparse(op)) {
      auto *words = reinterpret_cast<int32_t *>(packed->metadata.data());
      lhs.metadata = getTableElements(
          op.getContext(), "metadata", {int64_t(packed->metadata.size())},
          ArrayRef<int32_t>(words, packed->metadata.size()));
    }
    emitRemark(op, "sparse-ir-pack")
        << remark::metric("bytes",
                          packed->values.size() +
                              packed->metadata.size() * sizeof(uint32_t))
        << remark::metric("dense-bytes", matrix->size())
        << remark::metric("entries", table.entries.size());
    return success();
  }

  static bool isSparse(KernelOp op) {
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    return intrinsic && intrinsic->sparse;
  }

  static ElementsAttr makeValues(Type element, unsigned width,
                                 ArrayRef<char> packed) {
    auto type =
        RankedTensorType::get({int64_t(packed.size() / width)}, element);
    if (packed.empty())
      return DenseElementsAttr::getFromRawBuffer(type, {});
    return DenseResourceElementsAttr::get(
        type, "values",
        HeapAsmResourceBlob::allocateAndCopyWithAlign(packed, 64));
  }

  void replaceLhs(KernelOp op, const SharedLhs &lhs) {
    OpBuilder builder(op);
    op.getLhsMutable().assign(createConstant(builder, op.getLoc(), lhs.values));
    op.setLhsMapAttr({});
    op.setPackedLhs(true);
  }

  void packAttention(AttentionOp op) {
    OpBuilder builder(op);
    SmallVector<Value> tables;
    for (Attribute part : op.getParts())
      appendTiles(builder, op.getLoc(), cast<TilesAttr>(part), tables);
    op.getTablesMutable().assign(tables);
  }

  LogicalResult packTiles(KernelOp op) {
    auto tiles = cast<TilesAttr>(op.getTable());
    StrategyAttr strategy = op.getStrategy();
    bool isGpu =
        isOfGpu(lookupIntrinsic(std::string_view(strategy.getIntrinsic())));
    OpBuilder builder(op);
    SmallVector<Value> tables;
    appendTiles(builder, op.getLoc(), tiles, tables);
    if (auto places = op.getOutPlaces()) {
      int64_t rows = op.getExtent(Axis::I), cols = op.getExtent(Axis::J);
      TileTable table = tiles.getTable(rows, cols);
      auto runs =
          getTileRuns(table, PlaceNumbers(*places->resolveMask(rows, cols)));
      if (!runs)
        return op.emitOpError("has tiles whose rows are no runs of its places");
      if (isGpu)
        markContinued(table, *runs);
      tables.push_back(createRuns(builder, op.getLoc(), *runs));
    }
    SmallVector<char> storage;
    ArrayRef<int32_t> ptr = getValues<int32_t>(tiles.getTilePtr(), storage);
    tables.push_back(createTable(builder, op.getLoc(), "tasks",
                                 isGpu ? describeTiles(tiles)
                                       : cutPanels(ptr, strategy.getTasks())));
    op.getTablesMutable().assign(tables);
    return success();
  }

  void packRanges(KernelOp op) {
    auto ranges = cast<RangesAttr>(op.getTable());
    OpBuilder builder(op);
    std::vector<int32_t> ptr(ranges.getNumPositions() + 1);
    std::iota(ptr.begin(), ptr.end(), 0);
    op.getTablesMutable().assign(
        {createConstant(builder, op.getLoc(), ranges.getPoints()),
         createTable(builder, op.getLoc(), "tasks",
                     cutPanels(ptr, op.getStrategy().getTasks()))});
  }

  DenseMap<Attribute, SharedLhs> shared;
  DenseMap<Attribute, int64_t> steps;
};

} // namespace
