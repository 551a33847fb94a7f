//===- OutputTileBatch.cpp - One launch for a batch -------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A batched product is a loop of the host over slices of its operands, with one
// table for all. Slices of the output are disjoint, so that the iterations may
// run in any order and each kernel of the body for all slices before the next.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::spmmplu;

static constexpr Role kRoles[] = {Role::Lhs, Role::Rhs, Role::Out};

/// The dimension along which `view` is slice number `index` of its source, all
/// else being the same for all slices.
static std::optional<unsigned> findSliceDim(memref::SubViewOp view,
                                            scf::ForOp loop) {
  std::optional<unsigned> found;
  auto isOutside = [&](OpFoldResult value) {
    auto dynamic = dyn_cast<Value>(value);
    return !dynamic || loop.isDefinedOutsideOfLoop(dynamic);
  };
  for (auto [dim, offset] : llvm::enumerate(view.getMixedOffsets())) {
    if (dyn_cast<Value>(offset) == loop.getInductionVar()) {
      if (found || !isConstantIntValue(view.getMixedSizes()[dim], 1))
        return std::nullopt;
      found = dim;
    } else if (!isOutside(offset)) {
      return std::nullopt;
    }
  }
  bool invariant = loop.isDefinedOutsideOfLoop(view.getSource()) &&
                   llvm::all_of(view.getMixedSizes(), isOutside) &&
                   llvm::all_of(view.getMixedStrides(), isOutside);
  return invariant ? found : std::nullopt;
}

static Value getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// Whether no slice that one iteration writes is read or written by another.
static bool areSlicesDisjoint(ArrayRef<KernelOp> kernels, scf::ForOp loop) {
  struct Access {
    Value source;
    unsigned dim;
  };
  DenseMap<Value, Access> written;
  auto getAccess = [&](Value memref) -> std::optional<Access> {
    auto view = memref.getDefiningOp<memref::SubViewOp>();
    if (!view || loop.isDefinedOutsideOfLoop(view))
      return std::nullopt;
    if (auto dim = findSliceDim(view, loop))
      return Access{view.getSource(), *dim};
    return std::nullopt;
  };
  auto isSameSlice = [&](std::optional<Access> access, const Access &other) {
    return access && access->source == other.source && access->dim == other.dim;
  };
  for (KernelOp kernel : kernels) {
    auto access = getAccess(kernel.getInit());
    if (!access)
      return false;
    auto [it, isNew] = written.try_emplace(getRoot(access->source), *access);
    if (!isNew && !isSameSlice(access, it->second))
      return false;
  }
  for (KernelOp kernel : kernels)
    for (Value operand : kernel->getOperands()) {
      auto access = getAccess(operand);
      if (!access && !loop.isDefinedOutsideOfLoop(operand))
        return false;
      auto it = written.find(getRoot(operand));
      if (it != written.end() && !isSameSlice(access, it->second))
        return false;
    }
  return true;
}

/// Whether the loop runs nothing but kernels on slices of its index.
static bool isBatchLoop(scf::ForOp loop) {
  if (!loop || loop.getNumResults() ||
      !isConstantIntValue(loop.getLowerBound(), 0) ||
      !isConstantIntValue(loop.getStep(), 1))
    return false;
  SmallVector<KernelOp> kernels;
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (auto kernel = dyn_cast<KernelOp>(op))
      kernels.push_back(kernel);
    else if (!isMemoryEffectFree(&op))
      return false;
  }
  return areSlicesDisjoint(kernels, loop);
}

/// Elements from one slice to the next.
static Value getStride(OpBuilder &builder, Value source, unsigned dim) {
  auto [strides, offset] =
      cast<MemRefType>(source.getType()).getStridesAndOffset();
  if (!ShapedType::isDynamic(strides[dim]))
    return arith::ConstantIndexOp::create(builder, source.getLoc(),
                                          strides[dim]);
  return memref::ExtractStridedMetadataOp::create(builder, source.getLoc(),
                                                  source)
      .getStrides()[dim];
}

/// Slice 0 of what `view` takes slices of.
static Value createFirstSlice(OpBuilder &builder, memref::SubViewOp view,
                              unsigned dim) {
  SmallVector<OpFoldResult> offsets = view.getMixedOffsets();
  offsets[dim] = builder.getIndexAttr(0);
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      view.getType().getShape(), view.getSourceType(), offsets,
      view.getMixedSizes(), view.getMixedStrides());
  return memref::SubViewOp::create(
      builder, view.getLoc(), type, view.getSource(), offsets,
      view.getMixedSizes(), view.getMixedStrides());
}

BatchSlices mlir::spmmplu::hoistOutOfBatchLoop(KernelOp op) {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (!isBatchLoop(loop))
    return {};
  OpBuilder builder(loop);
  BatchSlices batch;
  batch.count = loop.getUpperBound();
  for (Role role : kRoles) {
    OpOperand &operand = op.getOperandOf(role);
    auto view = operand.get().getDefiningOp<memref::SubViewOp>();
    if (!view || loop.isDefinedOutsideOfLoop(view))
      continue;
    unsigned dim = *findSliceDim(view, loop);
    batch.strides[int(role)] = getStride(builder, view.getSource(), dim);
    operand.set(createFirstSlice(builder, view, dim));
  }
  op->moveBefore(loop);
  return batch;
}
