//===- SparseIRTables.cpp - Tables of meta-ops as attributes ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VerifyTable.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::spmmplu;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// Tables of at most this many elements are printed inline.
static constexpr size_t kMaxInlineElements = 1024;

template <typename T>
static ElementsAttr makeElements(MLIRContext *context, StringRef name,
                                 ArrayRef<int64_t> shape, ArrayRef<T> values) {
  auto type =
      RankedTensorType::get(shape, IntegerType::get(context, sizeof(T) * 8));
  assert(type.getNumElements() == int64_t(values.size()));
  if (values.size() <= kMaxInlineElements)
    return DenseElementsAttr::getFromRawBuffer(
        type, {reinterpret_cast<const char *>(values.data()),
               values.size() * sizeof(T)});
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      {reinterpret_cast<const char *>(values.data()),
       values.size() * sizeof(T)},
      64);
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

ElementsAttr mlir::spmmplu::getTableElements(MLIRContext *context,
                                             StringRef name,
                                             ArrayRef<int64_t> shape,
                                             ArrayRef<int32_t> values) {
  return makeElements(context, name, shape, values);
}
ElementsAttr mlir::spmmplu::getTableElements(MLIRContext *context,
                                             StringRef name,
                                             ArrayRef<int64_t> shape,
                                             ArrayRef<int64_t> values) {
  return makeElements(context, name, shape, values);
}
ElementsAttr mlir::spmmplu::getTableElements(MLIRContext *context,
                                             StringRef name,
                                             ArrayRef<int64_t> shape,
                                             ArrayRef<uint8_t> values) {
  return makeElements(context, name, shape, values);
}

FailureOr<ArrayRef<char>>
mlir::spmmplu::getRawElements(ElementsAttr attribute,
                              SmallVectorImpl<char> &storage) {
  auto type = attribute.getShapedType();
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return failure();
  unsigned width = type.getElementTypeBitWidth();
  if (width % 8)
    return failure();
  size_t size = type.getNumElements() * (width / 8);
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    ArrayRef<char> raw = dense.getRawData();
    if (!dense.isSplat() || type.getNumElements() <= 1)
      return raw.take_front(size);
    storage.clear();
    for (size_t at = 0; at < size; at += raw.size())
      storage.append(raw.begin(), raw.end());
    return ArrayRef<char>(storage);
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob || blob->getData().size() != size)
    return failure();
  return blob->getData();
}

bool mlir::spmmplu::isAwaitingData(ElementsAttr attribute) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  return resource && !resource.getRawHandle().getBlob();
}

/// Checks that `elements` are `rank`-dimensional integers of `width` bits, with
/// data unless they await it; `what` names them in the error.
static LogicalResult verifyPart(function_ref<InFlightDiagnostic()> emitError,
                                StringRef what, ElementsAttr elements,
                                int64_t rank, unsigned width = 32) {
  ShapedType type = elements.getShapedType();
  if (!type.hasRank() || type.getRank() != rank ||
      !type.getElementType().isInteger(width))
    return emitError() << "expected '" << what << "' as a rank-" << rank
                       << " tensor of i" << width << ", found " << type;
  SmallVector<char> storage;
  if (failed(getRawElements(elements, storage)) && !isAwaitingData(elements))
    return emitError() << "'" << what << "' has no data of type " << type;
  return success();
}

/// Checks that `ptr` starts at 0, does not descend, and ends at `total`.
static LogicalResult verifyPtr(function_ref<InFlightDiagnostic()> emitError,
                               StringRef what, ArrayRef<int32_t> ptr,
                               int64_t total) {
  if (ptr.empty() || ptr.front() != 0 || !llvm::is_sorted(ptr) ||
      ptr.back() != total)
    return emitError() << "expected '" << what << "' to ascend from 0 to "
                       << total;
  return success();
}

static LogicalResult verifyIndices(function_ref<InFlightDiagnostic()> emitError,
                                   StringRef what, ArrayRef<int32_t> values,
                                   int32_t lowest) {
  for (int32_t value : values)
    if (value < lowest)
      return emitError() << "expected '" << what << "' of at least " << lowest
                         << ", found " << value;
  return success();
}

//===----------------------------------------------------------------------===//
// RangesAttr
//===----------------------------------------------------------------------===//

LogicalResult RangesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t i, int64_t j, int64_t k,
                                 ElementsAttr points) {
  for (int64_t extent : {i, j, k})
    if (extent != -1 && (extent < 1 || extent > INT32_MAX))
      return emitError() << "expected a positive 32-bit extent, or -1 for the "
                            "whole axis, found "
                         << extent;
  if (failed(verifyPart(emitError, "points", points, 2)))
    return failure();
  if (points.getShapedType().getDimSize(1) != 3)
    return emitError() << "expected points of 3 coordinates, found "
                       << points.getShapedType();
  if (isAwaitingData(points))
    return success();
  SmallVector<char> storage;
  return verifyIndices(emitError, "points", getValues<int32_t>(points, storage),
                       0);
}

int64_t RangesAttr::getNumPositions() const {
  return getPoints().getShapedType().getDimSize(0);
}

static int64_t getExtent(RangesAttr ranges, Axis axis) {
  return axis == Axis::I   ? ranges.getI()
         : axis == Axis::J ? ranges.getJ()
                           : ranges.getK();
}

SmallVector<int64_t> RangesAttr::getIndices(int64_t position, Axis axis,
                                            int64_t size) const {
  int64_t extent = getExtent(*this, axis);
  if (extent == -1)
    return llvm::to_vector(llvm::seq<int64_t>(0, size));
  SmallVector<char> storage;
  int64_t lo =
      getValues<int32_t>(getPoints(), storage)[position * 3 + int(axis)];
  SmallVector<int64_t> indices;
  for (int64_t n = lo; n < lo + extent; ++n)
    indices.push_back(n < size ? n : -1);
  return indices;
}

int64_t RangesAttr::getStaticExtent(Axis axis) const {
  int64_t extent = getExtent(*this, axis);
  return extent == -1 ? ShapedType::kDynamic : extent;
}

bool RangesAttr::isWhole(Axis axis) const {
  return getExtent(*this, axis) == -1;
}

//===----------------------------------------------------------------------===//
// ChainsAttr
//===----------------------------------------------------------------------===//

ChainsAttr ChainsAttr::get(MLIRContext *context, const ChainTable &table) {
  auto vector = [&](StringRef name, ArrayRef<int32_t> values) {
    return getTableElements(context, name, {int64_t(values.size())}, values);
  };
  return get(context, table.rows, table.depth, table.phases,
             vector("panel_rows", table.panelRows),
             vector("chain_ptr", table.chainPtr),
             vector("entries", table.entries));
}

ChainTable ChainsAttr::getTable(int64_t matrixRows, int64_t matrixCols) const {
  SmallVector<char> s;
  auto copy = [&](ElementsAttr elements) {
    ArrayRef<int32_t> values = getValues<int32_t>(elements, s);
    return std::vector<int32_t>(values.begin(), values.end());
  };
  ChainTable table;
  table.rows = getRows();
  table.depth = getDepth();
  table.phases = getPhases();
  table.matrixRows = matrixRows;
  table.matrixCols = matrixCols;
  table.panelRows = copy(getPanelRows());
  table.chainPtr = copy(getChainPtr());
  table.entries = copy(getEntries());
  return table;
}

LogicalResult ChainsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t rows, int64_t depth, int64_t phases,
                                 ElementsAttr panelRows, ElementsAttr chainPtr,
                                 ElementsAttr entries) {
  for (int64_t value : {rows, depth, phases})
    if (value < 1 || value > INT32_MAX)
      return emitError() << "expected positive rows, depth and phases, found "
                         << value;
  if (failed(verifyPart(emitError, "panel_rows", panelRows, 1)) ||
      failed(verifyPart(emitError, "chain_ptr", chainPtr, 1)) ||
      failed(verifyPart(emitError, "entries", entries, 1)))
    return failure();
  int64_t numRows = panelRows.getNumElements();
  if (numRows % rows ||
      numRows / rows * phases + 1 != chainPtr.getNumElements())
    return emitError() << "expected " << phases << " chains for each panel of "
                       << rows << " rows, found " << numRows << " rows and "
                       << chainPtr.getNumElements() << " chain pointers";
  if (isAwaitingData(panelRows) || isAwaitingData(chainPtr) ||
      isAwaitingData(entries))
    return success();
  SmallVector<char> s0, s1, s2;
  if (failed(verifyPtr(emitError, "chain_ptr", getValues<int32_t>(chainPtr, s0),
                       entries.getNumElements())) ||
      failed(verifyIndices(emitError, "panel_rows",
                           getValues<int32_t>(panelRows, s1), -1)))
    return failure();
  return verifyIndices(emitError, "entries", getValues<int32_t>(entries, s2),
                       0);
}

int64_t ChainsAttr::getNumPanels() const {
  return getPanelRows().getNumElements() / getRows();
}
int64_t ChainsAttr::getNumPositions() const {
  return getChainPtr().getNumElements() - 1;
}

SmallVector<int64_t> ChainsAttr::getIndices(int64_t position, Axis axis,
                                            int64_t size) const {
  SmallVector<char> s0, s1;
  if (axis == Axis::J)
    return llvm::to_vector(llvm::seq<int64_t>(0, size));
  if (axis == Axis::I) {
    ArrayRef<int32_t> rows =
        getValues<int32_t>(getPanelRows(), s0)
            .slice(position % getNumPanels() * getRows(), getRows());
    return SmallVector<int64_t>(rows.begin(), rows.end());
  }
  ArrayRef<int32_t> ptr = getValues<int32_t>(getChainPtr(), s0);
  ArrayRef<int32_t> entries = getValues<int32_t>(getEntries(), s1);
  // Columns before the first owned one belong to an earlier entry: padding.
  SmallVector<int64_t> indices;
  for (int64_t e = ptr[position]; e < ptr[position + 1]; ++e) {
    int64_t owned = llvm::divideCeil(entries[e], getDepth()) * getDepth();
    for (int64_t k = entries[e]; k < entries[e] + getDepth(); ++k)
      indices.push_back(k < owned || k >= size ? -1 : k);
  }
  return indices;
}

int64_t ChainsAttr::getStaticExtent(Axis axis) const {
  return axis == Axis::I ? getRows() : ShapedType::kDynamic;
}

bool ChainsAttr::isWhole(Axis axis) const { return axis == Axis::J; }

//===----------------------------------------------------------------------===//
// TilesAttr
//===----------------------------------------------------------------------===//

TilesAttr TilesAttr::get(MLIRContext *context, const TileTable &table) {
  auto vector = [&](StringRef name, ArrayRef<int32_t> values) {
    return getTableElements(context, name, {int64_t(values.size())}, values);
  };
  std::vector<int64_t> masks(table.masks.begin(), table.masks.end());
  return get(context, table.rows, table.cols,
             vector("panel_rows", table.panelRows),
             vector("granule_cols", table.granuleCols),
             vector("tile_ptr", table.tilePtr), vector("tiles", table.tiles),
             vector("mask_offset", table.maskOffset),
             getTableElements(context, "masks", {int64_t(masks.size())},
                              ArrayRef<int64_t>(masks)));
}

TileTable TilesAttr::getTable(int64_t matrixRows, int64_t matrixCols) const {
  SmallVector<char> s;
  auto copy = [&](ElementsAttr elements) {
    ArrayRef<int32_t> values = getValues<int32_t>(elements, s);
    return std::vector<int32_t>(values.begin(), values.end());
  };
  TileTable table;
  table.rows = getRows();
  table.cols = getCols();
  table.matrixRows = matrixRows;
  table.matrixCols = matrixCols;
  table.panelRows = copy(getPanelRows());
  table.granuleCols = copy(getGranuleCols());
  table.tilePtr = copy(getTilePtr());
  table.tiles = copy(getTiles());
  table.maskOffset = copy(getMaskOffset());
  ArrayRef<uint64_t> masks = getValues<uint64_t>(getMasks(), s);
  table.masks.assign(masks.begin(), masks.end());
  return table;
}

LogicalResult TilesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t rows, int64_t cols,
                                ElementsAttr panelRows,
                                ElementsAttr granuleCols, ElementsAttr tilePtr,
                                ElementsAttr tiles, ElementsAttr maskOffset,
                                ElementsAttr masks) {
  if (rows < 1 || rows > INT32_MAX || cols < 1 || cols > 64)
    return emitError() << "expected positive rows and 1 to 64 columns, found "
                       << rows << " and " << cols;
  if (failed(verifyPart(emitError, "panel_rows", panelRows, 1)) ||
      failed(verifyPart(emitError, "granule_cols", granuleCols, 1)) ||
      failed(verifyPart(emitError, "tile_ptr", tilePtr, 1)) ||
      failed(verifyPart(emitError, "tiles", tiles, 1)) ||
      failed(verifyPart(emitError, "mask_offset", maskOffset, 1)) ||
      failed(verifyPart(emitError, "masks", masks, 1, 64)))
    return failure();
  if (panelRows.getNumElements() % rows ||
      granuleCols.getNumElements() % cols ||
      panelRows.getNumElements() / rows + 1 != tilePtr.getNumElements() ||
      tiles.getNumElements() != maskOffset.getNumElements())
    return emitError() << "the sizes of the parts of the tile table disagree";
  if (llvm::any_of(
          std::array{panelRows, granuleCols, tilePtr, tiles, maskOffset, masks},
          isAwaitingData))
    return success();
  SmallVector<char> s0, s1, s2;
  if (failed(verifyPtr(emitError, "tile_ptr", getValues<int32_t>(tilePtr, s0),
                       tiles.getNumElements())) ||
      failed(verifyIndices(emitError, "panel_rows",
                           getValues<int32_t>(panelRows, s1), -1)) ||
      failed(verifyIndices(emitError, "granule_cols",
                           getValues<int32_t>(granuleCols, s2), -1)))
    return failure();
  int64_t granules = granuleCols.getNumElements() / cols;
  for (int32_t granule : getValues<int32_t>(tiles, s1))
    if (granule < 0 || granule >= granules)
      return emitError() << "expected tiles in 0 .. " << granules - 1
                         << ", found " << granule;
  for (int32_t offset : getValues<int32_t>(maskOffset, s2))
    if (offset < -1 || (offset >= 0 && offset > masks.getNumElements() - rows))
      return emitError() << "mask offset " << offset << " lies outside of the "
                         << masks.getNumElements() << " mask words";
  return success();
}

int64_t TilesAttr::getNumPanels() const {
  return getPanelRows().getNumElements() / getRows();
}
int64_t TilesAttr::getNumPositions() const {
  return getTiles().getNumElements();
}

SmallVector<int64_t> TilesAttr::getIndices(int64_t position, Axis axis,
                                           int64_t size) const {
  SmallVector<char> s0, s1;
  if (axis == Axis::K)
    return llvm::to_vector(llvm::seq<int64_t>(0, size));
  ArrayRef<int32_t> indices;
  if (axis == Axis::J) {
    int64_t granule = getValues<int32_t>(getTiles(), s0)[position];
    indices = getValues<int32_t>(getGranuleCols(), s1)
                  .slice(granule * getCols(), getCols());
  } else {
    ArrayRef<int32_t> ptr = getValues<int32_t>(getTilePtr(), s0);
    int64_t panel = llvm::upper_bound(ptr, position) - ptr.begin() - 1;
    indices = getValues<int32_t>(getPanelRows(), s1)
                  .slice(panel * getRows(), getRows());
  }
  return SmallVector<int64_t>(indices.begin(), indices.end());
}

bool TilesAttr::isWritten(int64_t position, int64_t i, int64_t j) const {
  SmallVector<char> s0, s1;
  int64_t offset = getValues<int32_t>(getMaskOffset(), s0)[position];
  return offset < 0 || getValues<uint64_t>(getMasks(), s1)[offset + i] >> j & 1;
}

int64_t TilesAttr::getStaticExtent(Axis axis) const {
  return axis == Axis::I   ? getRows()
         : axis == Axis::J ? getCols()
                           : ShapedType::kDynamic;
}

bool TilesAttr::isWhole(Axis axis) const { return axis == Axis::K; }

//===----------------------------------------------------------------------===//
// Tables of ops
//===----------------------------------------------------------------------===//

/// The attribute's own checks once more, now that the data is there.
static LogicalResult verifyContents(Operation *op, TableAttrInterface table) {
  auto emitError = [&] { return op->emitOpError("in its table: "); };
  return TypeSwitch<Attribute, LogicalResult>(table)
      .Case([&](RangesAttr t) {
        return RangesAttr::verify(emitError, t.getI(), t.getJ(), t.getK(),
                                  t.getPoints());
      })
      .Case([&](ChainsAttr t) {
        return ChainsAttr::verify(emitError, t.getRows(), t.getDepth(),
                                  t.getPhases(), t.getPanelRows(),
                                  t.getChainPtr(), t.getEntries());
      })
      .Case([&](TilesAttr t) {
        return TilesAttr::verify(emitError, t.getRows(), t.getCols(),
                                 t.getPanelRows(), t.getGranuleCols(),
                                 t.getTilePtr(), t.getTiles(),
                                 t.getMaskOffset(), t.getMasks());
      })
      .Default(success());
}

/// Checks that `indices`, every `stride`th of them from `first` on and
/// `depth` - 1 more, lie inside of an axis of `extent` elements.
static LogicalResult verifyInside(Operation *op, char axis, int64_t extent,
                                  ElementsAttr indices, size_t first = 0,
                                  size_t stride = 1, int64_t depth = 1) {
  if (extent < 0)
    return success();
  SmallVector<char> storage;
  ArrayRef<int32_t> values = getValues<int32_t>(indices, storage);
  for (size_t at = first; at < values.size(); at += stride)
    if (values[at] + depth > extent && values[at] >= 0)
      return op->emitOpError("has a table that reaches index ")
             << values[at] + depth - 1 << " on axis " << axis
             << ", the computational space ends at " << extent;
  return success();
}

LogicalResult mlir::spmmplu::verifyTable(Operation *op,
                                         TableAttrInterface table,
                                         ArrayRef<int64_t> extents) {
  bool hasResource = false;
  ElementsAttr missing;
  table.walkImmediateSubElements(
      [&](Attribute part) {
        auto elements = dyn_cast<ElementsAttr>(part);
        hasResource |= isa<DenseResourceElementsAttr>(part);
        if (elements && isAwaitingData(elements))
          missing = elements;
      },
      [](Type) {});
  if (missing)
    return op->emitOpError("has a table without data: ") << missing;
  if (hasResource && failed(verifyContents(op, table)))
    return failure();
  auto [i, j, k] = std::tie(extents[0], extents[1], extents[2]);
  if (auto chains = dyn_cast<ChainsAttr>(table))
    return success(succeeded(verifyInside(op, 'i', i, chains.getPanelRows())) &&
                   succeeded(verifyInside(op, 'k', k, chains.getEntries(), 0, 1,
                                          chains.getDepth())));
  if (auto tiles = dyn_cast<TilesAttr>(table))
    return success(succeeded(verifyInside(op, 'i', i, tiles.getPanelRows())) &&
                   succeeded(verifyInside(op, 'j', j, tiles.getGranuleCols())));
  auto ranges = dyn_cast<RangesAttr>(table);
  if (!ranges)
    return success();
  // A meta-op may overhang the space (it is clipped), not start outside of it.
  for (auto [axis, extent] : llvm::enumerate(extents))
    if (!ranges.isWhole(Axis(axis)) &&
        failed(
            verifyInside(op, "ijk"[axis], extent, ranges.getPoints(), axis, 3)))
      return failure();
  return success();
}
