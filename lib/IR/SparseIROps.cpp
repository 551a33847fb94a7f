//===- SparseIROps.cpp - Verifiers of the sparse_ir ops --------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Destination.h"
#include "VerifyTable.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::spmmplu;

#define GET_OP_CLASSES
#include "spmmplu/IR/SparseIROps.cpp.inc"

std::pair<Axis, Axis> mlir::spmmplu::getAxes(Role role) {
  switch (role) {
  case Role::Lhs:
    return {Axis::I, Axis::K};
  case Role::Rhs:
    return {Axis::K, Axis::J};
  case Role::Out:
    return {Axis::I, Axis::J};
  }
  llvm_unreachable("role");
}

static StringRef getName(Axis axis) {
  return axis == Axis::I ? "i" : axis == Axis::J ? "j" : "k";
}

//===----------------------------------------------------------------------===//
// MatmulOp
//===----------------------------------------------------------------------===//

SparsityAttr MatmulOp::getSparsity(Role role) {
  return role == Role::Lhs   ? getLhsSparsityAttr()
         : role == Role::Rhs ? getRhsSparsityAttr()
                             : getOutSparsityAttr();
}

static RankedTensorType getOperandType(MatmulOp op, Role role) {
  return role == Role::Lhs   ? op.getLhs().getType()
         : role == Role::Rhs ? op.getRhs().getType()
                             : op.getInit().getType();
}

int64_t MatmulOp::getExtent(Axis axis) {
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    auto [first, second] = getAxes(role);
    RankedTensorType type = getOperandType(*this, role);
    if (axis != first && axis != second)
      continue;
    int64_t size = type.getDimSize(axis == first ? 0 : 1);
    if (!ShapedType::isDynamic(size))
      return size;
  }
  return ShapedType::kDynamic;
}

/// Floats, or i8 whose sums are i32.
static bool isProductElement(Type type, Role role) {
  return isa<FloatType>(type) || type.isInteger(role == Role::Out ? 32 : 8);
}

/// (C1) and (C2).
static LogicalResult verifyShapes(MatmulOp op) {
  int64_t extents[3] = {ShapedType::kDynamic, ShapedType::kDynamic,
                        ShapedType::kDynamic};
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    RankedTensorType type = getOperandType(op, role);
    if (type.getRank() != 2 || !isProductElement(type.getElementType(), role))
      return op.emitOpError("expects ")
             << stringifyRole(role)
             << " to be a rank-2 tensor of floats, or of i8 with a result of "
                "i32, found "
             << type;
    auto [first, second] = getAxes(role);
    for (auto [dim, axis] : llvm::enumerate(std::array{first, second})) {
      int64_t &extent = extents[int(axis)], size = type.getDimSize(dim);
      if (ShapedType::isDynamic(size))
        continue;
      if (!ShapedType::isDynamic(extent) && extent != size)
        return op.emitOpError("expects axis ")
               << getName(axis) << " of " << stringifyRole(role) << " to be "
               << extent << ", found " << size;
      extent = size;
    }
  }
  if (op.getLhs().getType().getElementType() !=
      op.getRhs().getType().getElementType())
    return op.emitOpError("expects lhs and rhs of one element type, found ")
           << op.getLhs().getType().getElementType() << " and "
           << op.getRhs().getType().getElementType();
  if (isa<FloatType>(op.getLhs().getType().getElementType()) !=
      isa<FloatType>(op.getInit().getType().getElementType()))
    return op.emitOpError("expects a result of floats of floats and one of "
                          "i32 of i8, found ")
           << op.getInit().getType().getElementType() << " of "
           << op.getLhs().getType().getElementType();
  return success();
}

/// (C4) of a mask whose data came after the attribute was checked.
static LogicalResult verifyMaskData(MatmulOp op, Role role,
                                    SparsityAttr sparsity) {
  ElementsAttr bits = sparsity.getMask().getBits();
  bool isResource = false;
  for (ElementsAttr data :
       {bits, sparsity.getRowOrder(), sparsity.getColumns()})
    if (data) {
      if (isAwaitingData(data))
        return op.emitOpError("expects the mask of ")
               << stringifyRole(role) << " to have data, found " << data;
      isResource |= isa<DenseResourceElementsAttr>(data);
    }
  if (!isResource)
    return success();
  auto emitError = [&] {
    return op.emitOpError("in sparsity of ") << stringifyRole(role) << ": ";
  };
  if (failed(MaskAttr::verify(emitError, sparsity.getMask().getRows(),
                              sparsity.getMask().getCols(), bits)))
    return failure();
  return SparsityAttr::verify(emitError, sparsity.getPattern(),
                              sparsity.getMask(), sparsity.getRowOrder(),
                              sparsity.getColumns());
}

/// (C3) and (C4) of one operand.
static LogicalResult verifySparsity(MatmulOp op, Role role) {
  SparsityAttr sparsity = op.getSparsity(role);
  if (!sparsity)
    return success();
  auto [first, second] = getAxes(role);
  int64_t rows = op.getExtent(first), cols = op.getExtent(second);
  if (ShapedType::isDynamic(rows) || ShapedType::isDynamic(cols))
    return op.emitOpError("expects static sizes of the sparse ")
           << stringifyRole(role) << ", found " << getOperandType(op, role);
  if (MaskAttr mask = sparsity.getMask()) {
    if (mask.getRows() != rows || mask.getCols() != cols)
      return op.emitOpError("expects a ")
             << rows << "x" << cols << " mask of " << stringifyRole(role)
             << ", found " << mask.getRows() << "x" << mask.getCols();
    return verifyMaskData(op, role, sparsity);
  }
  if (failed(sparsity.resolveMask(rows, cols))) {
    return op.emitOpError("expects a mask of ")
           << stringifyRole(role) << ", pattern '"
           << sparsity.getPattern().getText() << "' does not determine one";
  }
  return success();
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyShapes(*this)))
    return failure();
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out})
    if (failed(verifySparsity(*this, role)))
      return failure();
  for (Block &block : getGroups())
    for (Operation &op : block)
      if (!isa<GroupOp>(op))
        return op.emitOpError("is no group: 'sparse_ir.matmul' holds nothing "
                              "but 'sparse_ir.group's");
  return success();
}

//===----------------------------------------------------------------------===//
// GroupOp and MetaOpOp
//===----------------------------------------------------------------------===//

AxisAttr MetaOpOp::getAxis(Axis axis) {
  return axis == Axis::I ? getI() : axis == Axis::J ? getJ() : getK();
}

LogicalResult MetaOpOp::verify() {
  if (getI().getWindow() || getJ().getWindow())
    return emitOpError("has N:M on axis ")
           << (getI().getWindow() ? "i" : "j") << ", expected on k only";
  auto matmul =
      dyn_cast_or_null<MatmulOp>((*this)->getParentOp()->getParentOp());
  if (!matmul)
    return success();
  for (Axis axis : {Axis::I, Axis::J, Axis::K}) {
    int64_t size = matmul.getExtent(axis), bound = getAxis(axis).getBound();
    if (!ShapedType::isDynamic(size) && bound > size)
      return emitOpError("reaches index ")
             << bound - 1 << " on axis " << getName(axis)
             << ", the computational space ends at " << size;
  }
  return success();
}

static bool intersects(AxisAttr a, AxisAttr b) {
  if (a.getKind() == AxisKind::Whole || b.getKind() == AxisKind::Whole)
    return true;
  // Ranges may be of any length: they are never listed.
  if (a.getKind() == AxisKind::Range && b.getKind() == AxisKind::Range)
    return a.getLo() < b.getHi() && b.getLo() < a.getHi();
  if (a.getKind() == AxisKind::Range)
    std::swap(a, b);
  return llvm::any_of(a.getIndices(), [&](int64_t n) {
    return b.getKind() == AxisKind::Range
               ? b.getLo() <= n && n < b.getHi()
               : llvm::binary_search(b.getIndices(), n);
  });
}

/// (C2) compares pairs; larger groups come from the grouping pass as tables.
static constexpr size_t kMaxComparedMetaOps = 64;

LogicalResult GroupOp::verifyRegions() {
  auto product = cast<MatmulOp>((*this)->getParentOp());
  int64_t extents[3];
  for (Axis axis : {Axis::I, Axis::J, Axis::K})
    extents[int(axis)] = product.getExtent(axis);
  SmallVector<MetaOpOp> metaOps;
  for (Operation &op : getBody().front()) {
    auto table = dyn_cast<MetaOpsOp>(op);
    if (auto metaOp = dyn_cast<MetaOpOp>(op))
      metaOps.push_back(metaOp);
    else if (!table)
      return op.emitOpError("is no meta-op: 'sparse_ir.group' holds nothing "
                            "but meta-ops");
    else if (failed(verifyTable(table, table.getTable(), extents)))
      return failure();
  }
  if (getPolicy() != GroupPolicy::Disjoint ||
      metaOps.size() > kMaxComparedMetaOps)
    return success();
  for (size_t a = 0; a < metaOps.size(); ++a)
    for (size_t b = a + 1; b < metaOps.size(); ++b)
      if (intersects(metaOps[a].getI(), metaOps[b].getI()) &&
          intersects(metaOps[a].getJ(), metaOps[b].getJ())) {
        InFlightDiagnostic error = metaOps[b].emitOpError(
            "writes an output element that another meta-op of a disjoint group "
            "writes");
        error.attachNote(metaOps[a].getLoc()) << "the other meta-op is here";
        return error;
      }
  return success();
}

//===----------------------------------------------------------------------===//
// SliceOp and AssignOp
//===----------------------------------------------------------------------===//

/// Checks that `tile` has the static extents that `table` gives for `role`.
static LogicalResult verifyTile(Operation *op, Role role,
                                RankedTensorType whole, RankedTensorType tile,
                                TableAttrInterface table) {
  if (whole.getRank() != 2 || tile.getRank() != 2)
    return op->emitOpError("expects rank-2 tensors, found ")
           << whole << " and " << tile;
  if (whole.getElementType() != tile.getElementType())
    return op->emitOpError("expects one element type, found ")
           << whole.getElementType() << " and " << tile.getElementType();
  auto [first, second] = getAxes(role);
  int64_t extents[3] = {ShapedType::kDynamic, ShapedType::kDynamic,
                        ShapedType::kDynamic};
  extents[int(first)] = whole.getDimSize(0);
  extents[int(second)] = whole.getDimSize(1);
  if (failed(verifyTable(op, table, extents)))
    return failure();
  for (auto [dim, axis] : llvm::enumerate(std::array{first, second})) {
    int64_t extent = table.getStaticExtent(axis), size = tile.getDimSize(dim);
    if (!ShapedType::isDynamic(extent) && extent != size)
      return op->emitOpError("expects a tile of ")
             << extent << " along axis " << getName(axis) << ", found " << tile;
  }
  return success();
}

LogicalResult SliceOp::verify() {
  return verifyTile(*this, getRole(), getSource().getType(),
                    getResult().getType(), getTable());
}
LogicalResult AssignOp::verify() {
  return verifyTile(*this, Role::Out, getDest().getType(), getTile().getType(),
                    getTable());
}

//===----------------------------------------------------------------------===//
// ContractOp and KernelOp
//===----------------------------------------------------------------------===//

template <typename OpTy>
static OpOperand &getOperandOfRole(OpTy op, Role role) {
  return role == Role::Lhs   ? op.getLhsMutable()
         : role == Role::Rhs ? op.getRhsMutable()
                             : op.getInitMutable();
}

template <typename OpTy> static AffineMap getMapOfRole(OpTy op, Role role) {
  std::optional<AffineMap> map = role == Role::Lhs   ? op.getLhsMap()
                                 : role == Role::Rhs ? op.getRhsMap()
                                                     : op.getOutMap();
  return map ? *map : AffineMap::getMultiDimIdentityMap(2, op.getContext());
}

/// The identity is written as no map at all, so that there is one form of it.
template <typename OpTy>
static void setMapOfRole(OpTy op, Role role, AffineMap map) {
  AffineMapAttr attribute =
      map.isIdentity() ? AffineMapAttr() : AffineMapAttr::get(map);
  if (role == Role::Lhs)
    op.setLhsMapAttr(attribute);
  else if (role == Role::Rhs)
    op.setRhsMapAttr(attribute);
  else
    op.setOutMapAttr(attribute);
}

AffineMap ContractOp::getMap(Role role) { return getMapOfRole(*this, role); }
AffineMap KernelOp::getMap(Role role) { return getMapOfRole(*this, role); }
void ContractOp::setMap(Role role, AffineMap map) {
  setMapOfRole(*this, role, map);
}
void KernelOp::setMap(Role role, AffineMap map) {
  setMapOfRole(*this, role, map);
}
OpOperand &ContractOp::getOperandOf(Role role) {
  return getOperandOfRole(*this, role);
}
OpOperand &KernelOp::getOperandOf(Role role) {
  return getOperandOfRole(*this, role);
}

/// Checks the extents, the table, and the maps of `roles`.
template <typename OpTy>
static LogicalResult verifyMapped(OpTy op, ArrayRef<Role> roles) {
  ArrayRef<int64_t> extents = op.getExtents();
  if (extents.size() != 3 ||
      llvm::any_of(extents, [](int64_t extent) { return extent < -1; }))
    return op.emitOpError("expects 3 extents, -1 for a dynamic one, found [")
           << extents << "]";
  if (failed(verifyTable(op, op.getTable(), extents)))
    return failure();
  for (Role role : roles) {
    AffineMap map = op.getMap(role);
    auto type = cast<ShapedType>(op.getOperandOf(role).get().getType());
    if (!type.hasRank() || map.getNumDims() != 2 || map.getNumSymbols() ||
        map.getNumResults() != type.getRank())
      return op.emitOpError("expects a map from 2 dimensions to the dimensions "
                            "of ")
             << stringifyRole(role) << " " << type << ", found "
             << AffineMapAttr::get(map);
    auto [first, second] = getAxes(role);
    for (auto [dim, result] : llvm::enumerate(map.getResults())) {
      auto plain = dyn_cast<AffineDimExpr>(result);
      if (!plain || type.isDynamicDim(dim))
        continue;
      Axis axis = plain.getPosition() == 0 ? first : second;
      if (extents[int(axis)] > type.getDimSize(dim))
        return op.emitOpError("expects ")
               << extents[int(axis)] << " elements of " << stringifyRole(role)
               << " along axis " << getName(axis) << ", found " << type;
    }
  }
  return success();
}

LogicalResult ContractOp::verify() {
  return verifyMapped(*this, {Role::Lhs, Role::Rhs, Role::Out});
}

LogicalResult KernelOp::verify() {
  if (failed(verifyDestination(*this, getInit())))
    return failure();
  // Kernels index by both.
  auto chains = dyn_cast<ChainsAttr>(getTable());
  if (chains && (chains.getRows() != getStrategy().getRows() ||
                 chains.getDepth() != getStrategy().getDepth()))
    return emitOpError("has a table of ")
           << chains.getRows() << "x" << chains.getDepth()
           << " entries, its strategy says " << getStrategy().getRows() << "x"
           << getStrategy().getDepth();
  if (getPackedLhs()) {
    auto type = cast<ShapedType>(getLhs().getType());
    if (type.getRank() != 1 || getTables().empty())
      return emitOpError("expects a packed lhs of rank 1 with tables, found ")
             << type << " and " << getTables().size() << " tables";
  }
  SmallVector<Role> mapped;
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    if (failed(verifyKernelPlaces(*this, role)))
      return failure();
    if (!getPlaces(role) && !(role == Role::Lhs && getPackedLhs()))
      mapped.push_back(role);
  }
  return verifyMapped(*this, mapped);
}

void KernelOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, getInitMutable(), /*readsInit=*/true, effects);
}
