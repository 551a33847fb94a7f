//===- Pack.cpp - Packs constant operands, makes tables data ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Transforms/Passes.h"

#include "Remarks.h"

#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Segmentation/TensorPacking.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include <cstring>
#include <numeric>

namespace mlir::spmmplu {
#define GEN_PASS_DEF_SPARSEIRPACK
#include "spmmplu/Transforms/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

static Value makeConstant(OpBuilder &builder, Location loc,
                          ElementsAttr elements) {
  return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(elements));
}

/// The matrix that the kernel sees through its lhs map, row-major. Fails where
/// the map leads out of the constant.
static FailureOr<std::vector<char>>
readThroughMap(ArrayRef<char> raw, size_t width, ArrayRef<int64_t> shape,
               AffineMap map, int64_t rows, int64_t cols) {
  if (map.isIdentity() && shape == ArrayRef<int64_t>{rows, cols})
    return std::vector<char>(raw.begin(), raw.end());
  std::vector<char> matrix(rows * cols * width);
  SmallVector<int64_t> at;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      at = map.compose(ArrayRef<int64_t>{r, c});
      int64_t offset = 0;
      for (auto [index, size] : llvm::zip(at, shape)) {
        if (index < 0 || index >= size)
          return failure();
        offset = offset * size + index;
      }
      std::memcpy(matrix.data() + (r * cols + c) * width,
                  raw.data() + offset * width, width);
    }
  return matrix;
}

/// Zeros have a sign: pruning by multiplication leaves negative ones.
static bool isZero(double value) { return value == 0; }
static bool isZero(float value) { return value == 0; }
static bool isZero(uint16_t bits) { return (bits & 0x7fff) == 0; }

/// A constant lhs as a kernel reads it.
struct PackedLhs {
  std::vector<char> values;
  std::vector<uint32_t> metadata; ///< of a sparse intrinsic
};

template <typename T> static std::vector<char> toBytes(ArrayRef<T> values) {
  auto *bytes = reinterpret_cast<const char *>(values.data());
  return std::vector<char>(bytes, bytes + values.size() * sizeof(T));
}

/// Fails, with an error at `op`, if unpacking did not give the matrix back: a
/// non-zero lies outside of the table.
template <typename T>
static LogicalResult checkUnpacked(KernelOp op, std::span<const T> values,
                                   std::span<const T> unpacked) {
  for (auto [before, after] : llvm::zip(values, unpacked))
    if (std::memcmp(&before, &after, sizeof(T)) != 0 &&
        !(isZero(before) && isZero(after)))
      return op.emitOpError("has a non-zero of its lhs outside of its table");
  return success();
}

template <typename T> static std::span<const T> getSpan(ArrayRef<char> matrix) {
  return {reinterpret_cast<const T *>(matrix.data()),
          matrix.size() / sizeof(T)};
}

/// Packs for the units of a CPU.
template <typename T>
static FailureOr<PackedLhs> packPlain(KernelOp op, const ChainTable &table,
                                      PackedLayout layout,
                                      ArrayRef<char> matrix) {
  std::span<const T> values = getSpan<T>(matrix);
  std::vector<T> packed = pack<T>(table, layout, values);
  if (failed(checkUnpacked<T>(op, values, unpack<T>(table, layout, packed))))
    return failure();
  return PackedLhs{toBytes<T>(packed), {}};
}

/// Packs for tensor cores.
template <typename T>
static FailureOr<PackedLhs>
packForTensorCores(KernelOp op, const ChainTable &table, TensorFormat format,
                   ArrayRef<char> matrix) {
  std::span<const T> values = getSpan<T>(matrix);
  std::vector<float> rounded;
  if constexpr (std::is_same_v<T, float>)
    values = rounded = roundToTF32(values);
  auto packed = packTensor<T>(table, format, values);
  if (!packed)
    return op.emitOpError("cannot be packed for its strategy: ")
           << packed.error();
  auto unpacked =
      unpackTensor<T>(table, format, packed->values, packed->metadata);
  if (!unpacked || failed(checkUnpacked<T>(op, values, *unpacked)))
    return failure();
  return PackedLhs{toBytes<T>(packed->values), std::move(packed->metadata)};
}

static bool isOfGpu(const Intrinsic *intrinsic) {
  return intrinsic && (intrinsic->unit == IntrinsicUnit::WarpFma ||
                       intrinsic->unit == IntrinsicUnit::WarpMatrix ||
                       intrinsic->unit == IntrinsicUnit::WarpgroupMatrix);
}

/// The panels, those with the longest chains first: what is handed out last is
/// short.
static std::vector<int32_t> getLongestFirst(const ChainTable &table) {
  int64_t panels = table.panels();
  std::vector<int64_t> lengths(panels, 0);
  for (int64_t chain = 0; chain < table.phases * panels; ++chain)
    lengths[chain % panels] +=
        table.chainPtr[chain + 1] - table.chainPtr[chain];
  std::vector<int32_t> order(panels);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int32_t a, int32_t b) {
    return std::pair(-lengths[a], a) < std::pair(-lengths[b], b);
  });
  return order;
}

/// Boundaries that cut weights (per panel) into at most `parts` ranges.
static std::vector<int32_t> cut(ArrayRef<int32_t> ptr, int64_t parts) {
  std::vector<int32_t> bounds = {0};
  int64_t panels = ptr.size() - 1, total = ptr.back() + panels;
  for (int64_t panel = 1; panel < panels; ++panel)
    if ((ptr[panel] + panel) * parts >= total * int64_t(bounds.size()))
      bounds.push_back(panel);
  if (panels)
    bounds.push_back(panels);
  return bounds;
}

namespace {

struct PackPass : mlir::spmmplu::impl::SparseIRPackBase<PackPass> {
  void runOnOperation() override {
    WalkResult result = getOperation()->walk([&](KernelOp op) {
      if (!op.getTables().empty())
        return WalkResult::advance();
      LogicalResult packed = success();
      if (isa<ChainsAttr>(op.getTable()))
        packed = packChains(op);
      else if (isa<TilesAttr>(op.getTable()))
        packTiles(op);
      else
        packRanges(op);
      return failed(packed) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  Value makeTable(OpBuilder &builder, Location loc, StringRef name,
                  ArrayRef<int32_t> values) {
    return makeConstant(builder, loc,
                        getTableElements(builder.getContext(), name,
                                         {int64_t(values.size())}, values));
  }

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
    if (isOfGpu(intrinsic)) {
      if (!isConstant)
        return op.emitOpError("expects a constant lhs for the intrinsic '")
               << strategy.getIntrinsic() << "', found "
               << op.getLhs().getType();
      return packForGpu(op, constant, table, *intrinsic);
    }
    if (isConstant) {
      PackedLayout layout =
          intrinsic && intrinsic->unit == IntrinsicUnit::TileMatrix
              ? PackedLayout::rowMajor
              : PackedLayout::kMajor;
      FailureOr<PackedLhs> packed = packConstant(
          op, constant, table,
          [&](unsigned width, ArrayRef<char> matrix) -> FailureOr<PackedLhs> {
            return width == 2   ? packPlain<uint16_t>(op, table, layout, matrix)
                   : width == 4 ? packPlain<float>(op, table, layout, matrix)
                                : packPlain<double>(op, table, layout, matrix);
          });
      if (failed(packed))
        return failure();
    }
    op.getTablesMutable().assign(
        {makeConstant(builder, op.getLoc(), chains.getPanelRows()),
         makeConstant(builder, op.getLoc(), chains.getChainPtr()),
         makeConstant(builder, op.getLoc(), chains.getEntries()),
         makeTable(builder, op.getLoc(), "tasks",
                   balancePanels(table, strategy.getTasks()))});
    return success();
  }

  /// Pads the chains to whole steps; the table's attribute is the padded one
  /// afterwards.
  LogicalResult packForGpu(KernelOp op, ElementsAttr constant,
                           const ChainTable &unpadded,
                           const Intrinsic &intrinsic) {
    auto table = padChains(unpadded, op.getStrategy().getStep());
    if (!table)
      return op.emitOpError("cannot be packed for its strategy: ")
             << table.error();
    TensorFormat format{intrinsic.unit == IntrinsicUnit::WarpMatrix
                            ? TensorLayout::fragment
                            : TensorLayout::warpgroup,
                        intrinsic.sparse};
    FailureOr<PackedLhs> packed = packConstant(
        op, constant, *table,
        [&](unsigned width, ArrayRef<char> matrix) -> FailureOr<PackedLhs> {
          if (width == 8)
            return op.emitOpError("expects a lhs of 16 or 32 bits an element "
                                  "for the intrinsic '")
                   << op.getStrategy().getIntrinsic() << "', found "
                   << constant.getElementType();
          if (intrinsic.unit == IntrinsicUnit::WarpFma)
            return width == 4 ? packPlain<float>(op, *table,
                                                 PackedLayout::kMajor, matrix)
                              : packPlain<uint16_t>(
                                    op, *table, PackedLayout::kMajor, matrix);
          return width == 2
                     ? packForTensorCores<uint16_t>(op, *table, format, matrix)
                     : packForTensorCores<float>(op, *table, format, matrix);
        });
    if (failed(packed))
      return failure();
    OpBuilder builder(op);
    auto chains = ChainsAttr::get(op.getContext(), *table);
    op.setTableAttr(chains);
    SmallVector<Value> tables = {
        makeConstant(builder, op.getLoc(), chains.getPanelRows()),
        makeConstant(builder, op.getLoc(), chains.getChainPtr()),
        makeConstant(builder, op.getLoc(), chains.getEntries()),
        makeTable(builder, op.getLoc(), "tasks", getLongestFirst(*table))};
    if (intrinsic.sparse) {
      auto *words = reinterpret_cast<int32_t *>(packed->metadata.data());
      tables.push_back(makeTable(builder, op.getLoc(), "metadata",
                                 {words, packed->metadata.size()}));
    }
    op.getTablesMutable().assign(tables);
    return success();
  }

  /// Replaces the constant lhs by what `pack(width, matrix)` makes of it.
  template <typename Packer>
  FailureOr<PackedLhs> packConstant(KernelOp op, ElementsAttr constant,
                                    const ChainTable &table, Packer &&pack) {
    Type element = constant.getElementType();
    unsigned width = element.getIntOrFloatBitWidth() / 8;
    SmallVector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawElements(constant, storage);
    if (failed(raw) || (width != 2 && width != 4 && width != 8))
      return op.emitOpError(
          "has a constant lhs without readable data of 16, 32 "
          "or 64 bits an element");
    FailureOr<std::vector<char>> matrix = readThroughMap(
        *raw, width, constant.getShapedType().getShape(), op.getMap(Role::Lhs),
        table.matrixRows, table.matrixCols);
    if (failed(matrix))
      return op.emitOpError("has a map that leads out of its constant lhs ")
             << constant.getShapedType();
    FailureOr<PackedLhs> packed = pack(width, *matrix);
    if (failed(packed))
      return failure();
    replaceLhs(op, element, width, packed->values);
    emitRemark(op, "sparse-ir-pack")
        << remark::metric("bytes",
                          packed->values.size() +
                              packed->metadata.size() * sizeof(uint32_t))
        << remark::metric("dense-bytes", matrix->size())
        << remark::metric("entries", table.entries.size());
    return packed;
  }

  void replaceLhs(KernelOp op, Type element, unsigned width,
                  ArrayRef<char> packed) {
    OpBuilder builder(op);
    auto type =
        RankedTensorType::get({int64_t(packed.size() / width)}, element);
    ElementsAttr elements;
    if (packed.empty())
      elements = DenseElementsAttr::getFromRawBuffer(type, {});
    else
      elements = DenseResourceElementsAttr::get(
          type, "values",
          HeapAsmResourceBlob::allocateAndCopyWithAlign(packed, 64));
    op.getLhsMutable().assign(makeConstant(builder, op.getLoc(), elements));
    op.setLhsMapAttr({});
    op.setPackedLhs(true);
  }

  void packTiles(KernelOp op) {
    auto tiles = cast<TilesAttr>(op.getTable());
    OpBuilder builder(op);
    SmallVector<Value> tables;
    for (ElementsAttr part :
         {tiles.getPanelRows(), tiles.getGranuleCols(), tiles.getTilePtr(),
          tiles.getTiles(), tiles.getMaskOffset(), tiles.getMasks()})
      tables.push_back(makeConstant(builder, op.getLoc(), part));
    SmallVector<char> storage;
    tables.push_back(
        makeTable(builder, op.getLoc(), "tasks",
                  cut(getValues<int32_t>(tiles.getTilePtr(), storage),
                      op.getStrategy().getTasks())));
    op.getTablesMutable().assign(tables);
  }

  void packRanges(KernelOp op) {
    auto ranges = cast<RangesAttr>(op.getTable());
    OpBuilder builder(op);
    std::vector<int32_t> ptr(ranges.getNumPositions() + 1);
    std::iota(ptr.begin(), ptr.end(), 0);
    op.getTablesMutable().assign(
        {makeConstant(builder, op.getLoc(), ranges.getPoints()),
         makeTable(builder, op.getLoc(), "tasks",
                   cut(ptr, op.getStrategy().getTasks()))});
  }
};

} // namespace
