//===- SparseIRToCPU.cpp - Fused kernels to loops and vectors --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//

#include "spmmplu/Conversion/Passes.h"

#include "Kernels.h"

#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"

namespace mlir::spmmplu {
#define GEN_PASS_DEF_CONVERTSPARSEIRTOCPU
#include "spmmplu/Conversion/Passes.h.inc"
} // namespace mlir::spmmplu

using namespace mlir;
using namespace mlir::spmmplu;

Value MappedOperand::offset(Emitter &e, Value x, Value y) const {
  if (xStride)
    return e.add(e.mul(x, xStride), contiguous ? y : e.mul(y, yStride));
  Value sum = e.index(0);
  for (auto [result, stride] : llvm::zip(map.getResults(), strides)) {
    Value at = affine::AffineApplyOp::create(
        e.b, e.loc, AffineMap::get(2, 0, result), ValueRange{x, y});
    sum = e.add(sum, e.mul(at, stride));
  }
  return sum;
}

static MappedOperand mapOperand(Emitter &e, Value memref, AffineMap map) {
  FlatMemRef flat = e.flatten(memref);
  MappedOperand operand{flat.data, flat.strides, map, Value(), Value()};
  if (!map.isPermutation() || map.getNumResults() != 2)
    return operand;
  unsigned x = map.getDimPosition(0) == 0 ? 0 : 1;
  operand.xStride = flat.strides[x];
  operand.yStride = flat.strides[1 - x];
  operand.contiguous = isConstantIntValue(operand.yStride, 1);
  return operand;
}

/// The size along `axis`: the static extent, or the dimension of the operand
/// that a map leaves as it is.
static FailureOr<Value> getExtent(Emitter &e, KernelOp op, Axis axis) {
  int64_t extent = op.getExtent(axis);
  if (!ShapedType::isDynamic(extent))
    return e.index(extent);
  for (Role role : {Role::Lhs, Role::Rhs, Role::Out}) {
    auto [first, second] = getAxes(role);
    if ((first != axis && second != axis) ||
        (role == Role::Lhs && op.getPackedLhs()))
      continue;
    AffineExpr wanted = getAffineDimExpr(first == axis ? 0 : 1, op.getContext());
    for (auto [dim, result] : llvm::enumerate(op.getMap(role).getResults()))
      if (result == wanted)
        return Value(memref::DimOp::create(
            e.b, e.loc, op.getOperandOf(role).get(), int64_t(dim)));
  }
  return op.emitOpError("has a dynamic extent that no operand tells");
}

static Type getType(Element element, MLIRContext *context) {
  switch (element) {
  case Element::F64:
    return Float64Type::get(context);
  case Element::F32:
    return Float32Type::get(context);
  case Element::BF16:
    return BFloat16Type::get(context);
  case Element::F16:
    return Float16Type::get(context);
  }
  llvm_unreachable("element");
}

namespace {

/// Emits one kernel. An output that the kernels cannot store vectors to (its
/// map or strides put consecutive columns apart) is computed in scratch memory
/// and copied.
class KernelLowering {
public:
  KernelLowering(OpBuilder &builder, KernelOp op)
      : e(builder, op.getLoc()), op(op) {}

  LogicalResult emit() {
    const Intrinsic *intrinsic =
        lookupIntrinsic(std::string_view(op.getStrategy().getIntrinsic()));
    if (!intrinsic)
      return op.emitOpError("names the intrinsic '")
             << op.getStrategy().getIntrinsic() << "', which is in no table";
    Type input = getElementTypeOrSelf(op.getRhs().getType());
    if (input != getType(intrinsic->input, op.getContext()))
      return op.emitOpError("expects operands of the intrinsic's type ")
             << getType(intrinsic->input, op.getContext()) << ", found " << input;
    FailureOr<Value> m = getExtent(e, op, Axis::I), n = getExtent(e, op, Axis::J),
                     k = getExtent(e, op, Axis::K);
    if (failed(m) || failed(n) || failed(k))
      return failure();
    KernelContext context{op,
                          op.getStrategy(),
                          *intrinsic,
                          input,
                          getType(intrinsic->accumulate, op.getContext()),
                          getElementTypeOrSelf(op.getInit().getType()),
                          mapLhs(),
                          mapOperand(e, op.getRhs(), op.getMap(Role::Rhs)),
                          mapOperand(e, op.getInit(), op.getMap(Role::Out)),
                          *m,
                          *n,
                          *k};
    if (context.out.contiguous)
      return emitFamily(context);
    return emitThroughScratch(context);
  }

private:
  MappedOperand mapLhs() {
    if (op.getPackedLhs())
      return {op.getLhs(), {}, AffineMap(), Value(), Value()};
    return mapOperand(e, op.getLhs(), op.getMap(Role::Lhs));
  }

  LogicalResult emitFamily(const KernelContext &c) {
    if (isa<TilesAttr>(op.getTable()))
      return emitOutputTileKernel(e, c);
    if (!isa<ChainsAttr>(op.getTable()))
      return op.emitOpError("expects a table of chains or tiles, found ")
             << op.getTable();
    return c.intrinsic.unit == IntrinsicUnit::TileMatrix
               ? emitChainTileKernel(e, c)
               : emitChainKernel(e, c);
  }

  LogicalResult emitThroughScratch(KernelContext &c) {
    MappedOperand real = c.out;
    Value scratch = e.alloc(c.outType, e.mul(c.rowExtent, c.colExtent));
    c.out = MappedOperand{scratch,
                          {c.colExtent, e.index(1)},
                          AffineMap::getMultiDimIdentityMap(2, op.getContext()),
                          c.colExtent,
                          e.index(1),
                          true};
    // Elements that the table does not write must survive the copy.
    bool mustRead = op.getAccumulate() || isa<TilesAttr>(op.getTable());
    if (mustRead)
      copyAll(c, real, c.out);
    if (failed(emitFamily(c)))
      return failure();
    copyAll(c, c.out, real);
    e.free(scratch);
    return success();
  }

  void copyAll(const KernelContext &c, const MappedOperand &from,
               const MappedOperand &to) {
    e.parallel(c.rowExtent, [&](ValueRange i) {
      e.forRange(e.index(0), c.colExtent, 1, [&](Value j) {
        Value element = e.load(from.data, from.offset(e, i[0], j));
        memref::StoreOp::create(e.b, e.loc, element, to.data,
                                to.offset(e, i[0], j));
      });
    });
  }

  Emitter e;
  KernelOp op;
};

struct ConvertSparseIRToCPUPass
    : mlir::spmmplu::impl::ConvertSparseIRToCPUBase<ConvertSparseIRToCPUPass> {
  void runOnOperation() override {
    SmallVector<KernelOp> kernels;
    getOperation()->walk([&](KernelOp op) { kernels.push_back(op); });
    for (KernelOp op : kernels) {
      if (!isa<MemRefType>(op.getInit().getType())) {
        op.emitOpError("expects memrefs: bufferize before this conversion");
        return signalPassFailure();
      }
      OpBuilder builder(op);
      if (failed(KernelLowering(builder, op).emit()))
        return signalPassFailure();
      op.erase();
    }
  }
};

} // namespace
