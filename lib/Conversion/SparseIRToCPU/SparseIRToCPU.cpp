//===- SparseIRToCPU.cpp - Fused kernels to loops and vectors --*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "spmmplu/Conversion/Passes.h"

#include "../KernelOperands.h"
#include "Kernels.h"

#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <numeric>

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

/// What `expr` grows by when dimension `dim` does, within runs of it that are
/// aligned to `length` (0: anywhere); nothing if that is not one number.
static std::optional<int64_t> getStep(AffineExpr expr, unsigned dim,
                                      int64_t length) {
  if (auto found = dyn_cast<AffineDimExpr>(expr))
    return found.getPosition() == dim;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return 0; // a constant: maps of kernels have no symbols
  auto lhs = getStep(binary.getLHS(), dim, length);
  auto rhs = getStep(binary.getRHS(), dim, length);
  if (!lhs || !rhs)
    return std::nullopt;
  AffineExprKind kind = expr.getKind();
  if (kind == AffineExprKind::Add)
    return *lhs + *rhs;
  if (*lhs == 0 && *rhs == 0)
    return 0;
  auto by = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (!by)
    return std::nullopt;
  if (kind == AffineExprKind::Mul)
    return *lhs * by.getValue();
  // A run does not cross a multiple of the divisor.
  bool isDigit = binary.getLHS() == getAffineDimExpr(dim, expr.getContext()) &&
                 length > 0 && by.getValue() % length == 0;
  if (!isDigit || kind == AffineExprKind::CeilDiv)
    return std::nullopt;
  return kind == AffineExprKind::Mod;
}

/// The greatest length that all divisors of y are multiples of; 0 for none.
static int64_t getRunLength(AffineMap map) {
  int64_t length = 0;
  AffineExpr y = getAffineDimExpr(1, map.getContext());
  map.walkExprs([&](AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary || binary.getLHS() != y ||
        (expr.getKind() != AffineExprKind::FloorDiv &&
         expr.getKind() != AffineExprKind::Mod))
      return;
    if (auto by = dyn_cast<AffineConstantExpr>(binary.getRHS()))
      length = std::gcd(length, by.getValue());
  });
  return length;
}

std::optional<MappedOperand::Runs> MappedOperand::getRuns(Emitter &e) const {
  constexpr int64_t kMinLength = 4;
  Runs runs;
  runs.length = getRunLength(map);
  if (runs.length && runs.length < kMinLength)
    return std::nullopt;
  runs.stride = e.index(0);
  int64_t moving = 0, unit = 0;
  for (auto [result, stride] : llvm::zip(map.getResults(), strides)) {
    auto step = getStep(result, 1, runs.length);
    if (!step)
      return std::nullopt;
    if (*step == 0)
      continue;
    ++moving;
    unit += *step == 1 && isConstantIntValue(stride, 1);
    runs.stride = e.add(runs.stride, e.mul(stride, *step));
  }
  runs.contiguous = moving == 1 && unit == 1;
  return runs;
}

bool MappedOperand::isContiguousInX() const {
  int64_t moving = 0, unit = 0;
  for (auto [result, stride] : llvm::zip(map.getResults(), strides)) {
    auto step = getStep(result, 0, 0);
    if (!step)
      return false;
    moving += *step != 0;
    unit += *step == 1 && isConstantIntValue(stride, 1);
  }
  return moving == 1 && unit == 1;
}

void mlir::spmmplu::forEachRun(Emitter &e, const MappedOperand::Runs &runs,
                               Value begin, Value end,
                               function_ref<void(Value, Value)> body) {
  if (!runs.length)
    return body(begin, end);
  e.forRange(e.floorDiv(begin, runs.length), e.ceilDiv(end, runs.length), 1,
             [&](Value run) {
               Value first = e.mul(run, runs.length);
               Value lo = arith::MaxSIOp::create(e.b, e.loc, first, begin);
               body(lo, e.min(e.add(first, runs.length), end));
             });
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

namespace {

/// Emits one kernel. An output that the kernels cannot store vectors to (its
/// map or strides put consecutive columns apart), or that is narrower than sums
/// of meta-ops or of several phases on tiles, is computed in scratch memory and
/// copied.
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
    if (op->hasAttr("rhs_padded"))
      return op.emitOpError("has a padded rhs, which only GPUs read");
    size_t parts = isa<ChainsAttr>(op.getTable())  ? 4
                   : isa<TilesAttr>(op.getTable()) ? 7
                                                   : 2;
    parts += op.getOutPlaces() || op.getLhsPlaces();
    if (failed(verifyTables(op, parts)))
      return failure();
    Type input = getElementTypeOrSelf(op.getRhs().getType());
    if (input != getType(intrinsic->input, op.getContext()))
      return op.emitOpError("expects operands of the intrinsic's type ")
             << getType(intrinsic->input, op.getContext()) << ", found "
             << input;
    FailureOr<Value> m = getExtent(e.b, op, Axis::I),
                     n = getExtent(e.b, op, Axis::J),
                     k = getExtent(e.b, op, Axis::K);
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
                          mapOut(),
                          *m,
                          *n,
                          *k};
    for (auto [at, operand] : llvm::enumerate(op.getEpilogueOperands()))
      context.epilogue.push_back(mapOperand(e, operand, op.getEpilogueMap(at)));
    bool isRounded = context.outType.getIntOrFloatBitWidth() <
                     context.accumulateType.getIntOrFloatBitWidth();
    if (isRounded && addsToOutput(*intrinsic)) {
      context.outType = context.accumulateType;
      return emitThroughScratch(context);
    }
    if (context.out.contiguous)
      return emitFamily(context);
    return emitThroughScratch(context);
  }

private:
  /// Whether an element of the output may be written more than once. Chains on
  /// vectors keep the sums of several phases themselves.
  bool addsToOutput(const Intrinsic &intrinsic) {
    auto chains = dyn_cast<ChainsAttr>(op.getTable());
    return isa<RangesAttr>(op.getTable()) ||
           (chains && chains.getPhases() > 1 &&
            intrinsic.unit == IntrinsicUnit::TileMatrix);
  }

  MappedOperand mapLhs() {
    if (op.getPackedLhs())
      return {op.getLhs(), {}, AffineMap(), Value(), Value()};
    if (op.getLhsPlaces())
      return {e.flatten(op.getLhs()).data, {}, AffineMap(), Value(), Value()};
    return mapOperand(e, op.getLhs(), op.getMap(Role::Lhs));
  }

  MappedOperand mapOut() {
    if (!op.getOutPlaces())
      return mapOperand(e, op.getInit(), op.getMap(Role::Out));
    MappedOperand values{
        e.flatten(op.getInit()).data, {}, AffineMap(), Value(), Value()};
    values.contiguous = true;
    return values;
  }

  LogicalResult emitFamily(const KernelContext &c) {
    bool onTiles = c.intrinsic.unit == IntrinsicUnit::TileMatrix;
    if (isa<TilesAttr>(op.getTable()))
      return onTiles ? emitOutputMatrixKernel(e, c)
                     : emitOutputTileKernel(e, c);
    if (isa<RangesAttr>(op.getTable()))
      return emitRangesKernel(e, c);
    if (!isa<ChainsAttr>(op.getTable()))
      return op.emitOpError(
                 "expects a table of chains, tiles or ranges, found ")
             << op.getTable();
    if (op.getLhsPlaces() &&
        getValueSource(c.intrinsic, c.strategy.getRows(), c.strategy.getDepth(),
                       op.getLhsPart().has_value()) != ValueSource::Cells)
      return op.emitOpError("expects AMX tiles, or AVX-512 and entries of "
                            "several rows and one k, for a lhs that is values "
                            "of places");
    if (!onTiles)
      return emitChainKernel(e, c);
    return c.strategy.getDepth() == 1 ? emitChainGatherKernel(e, c)
                                      : emitChainTileKernel(e, c);
  }

  LogicalResult emitThroughScratch(KernelContext &c) {
    MappedOperand real = c.out;
    scratch = e.alloc(c.outType, e.mul(c.rowExtent, c.colExtent));
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

  /// Copies an output between `real`, which lies as its map says, and the
  /// row-major `scratch`.
  void copyAll(const KernelContext &c, const MappedOperand &from,
               const MappedOperand &to) {
    const MappedOperand &real = isScratch(from) ? to : from;
    auto runs = real.getRuns(e);
    if (runs && runs->contiguous)
      return copyRows(c, *runs, from, to);
    bool byColumns = runs && real.isContiguousInX();
    e.parallel(e.ceilDiv(c.rowExtent, kRowBlock), [&](ValueRange block) {
      Value i0 = e.mul(block[0], kRowBlock);
      Value i1 = e.min(e.add(i0, kRowBlock), c.rowExtent);
      if (byColumns)
        return copyColumns(c, *runs, from, to, i0, i1);
      e.forRange(i0, i1, 1, [&](Value i) {
        e.forRange(e.index(0), c.colExtent, 1, [&](Value j) {
          copyElement(from, to, from.offset(e, i, j), to.offset(e, i, j));
        });
      });
    });
  }

  /// Both sides are contiguous along a row: vectors.
  void copyRows(const KernelContext &c, const MappedOperand::Runs &runs,
                const MappedOperand &from, const MappedOperand &to) {
    VectorType type = c.vector(getElementTypeOrSelf(from.data.getType()));
    VectorType stored = c.vector(getElementTypeOrSelf(to.data.getType()));
    e.parallel(c.rowExtent, [&](ValueRange i) {
      forEachRun(e, runs, e.index(0), c.colExtent, [&](Value lo, Value hi) {
        Value source = from.offset(e, i[0], lo), dest = to.offset(e, i[0], lo);
        Value count = e.sub(hi, lo);
        e.forRange(e.index(0), count, c.lanes(), [&](Value at) {
          Value mask = e.laneMask(c.lanes(), e.sub(count, at));
          Value loaded = e.maskedLoad(type, from.data, e.add(source, at), mask);
          e.maskedStore(e.convert(loaded, stored), to.data, e.add(dest, at),
                        mask);
        });
      });
    });
  }

  /// One side is contiguous along a column: a block of rows at a time, so that
  /// the lines of the other stay at hand.
  void copyColumns(const KernelContext &c, const MappedOperand::Runs &runs,
                   const MappedOperand &from, const MappedOperand &to, Value i0,
                   Value i1) {
    auto strideOf = [&](const MappedOperand &operand, bool alongX) {
      if (isScratch(operand))
        return alongX ? operand.xStride : e.index(1);
      return alongX ? e.index(1) : runs.stride;
    };
    forEachRun(e, runs, e.index(0), c.colExtent, [&](Value lo, Value hi) {
      Value source = from.offset(e, i0, lo), dest = to.offset(e, i0, lo);
      e.forRange(e.index(0), e.sub(hi, lo), 1, [&](Value j) {
        Value a = e.add(source, e.mul(j, strideOf(from, false)));
        Value b = e.add(dest, e.mul(j, strideOf(to, false)));
        e.forRange(e.index(0), e.sub(i1, i0), 1, [&](Value i) {
          copyElement(from, to, e.add(a, e.mul(i, strideOf(from, true))),
                      e.add(b, e.mul(i, strideOf(to, true))));
        });
      });
    });
  }

  void copyElement(const MappedOperand &from, const MappedOperand &to,
                   Value source, Value dest) {
    Value element = e.convert(e.load(from.data, source),
                              getElementTypeOrSelf(to.data.getType()));
    memref::StoreOp::create(e.b, e.loc, element, to.data, dest);
  }

  bool isScratch(const MappedOperand &operand) const {
    return operand.data == scratch;
  }

  static constexpr int64_t kRowBlock = 16;

  Emitter e;
  KernelOp op;
  Value scratch; ///< the output as it is computed, if not where it is stored
};

struct ConvertSparseIRToCPUPass
    : mlir::spmmplu::impl::ConvertSparseIRToCPUBase<ConvertSparseIRToCPUPass> {
  void runOnOperation() override {
    auto emitKernel = [](KernelOp op) {
      OpBuilder builder(op);
      return KernelLowering(builder, op).emit();
    };
    auto emitInput = [](WinogradInputOp op) {
      OpBuilder builder(op);
      Emitter e(builder, op.getLoc());
      emitWinogradInput(e, op);
      return success();
    };
    auto emitOutput = [](WinogradOutputOp op) {
      OpBuilder builder(op);
      Emitter e(builder, op.getLoc());
      emitWinogradOutput(e, op);
      return success();
    };
    if (failed(lowerAll<KernelOp>(getOperation(), emitKernel)) ||
        failed(lowerAll<WinogradInputOp>(getOperation(), emitInput)) ||
        failed(lowerAll<WinogradOutputOp>(getOperation(), emitOutput)) ||
        failed(expandVectorMath(getOperation())))
      return signalPassFailure();
  }
};

} // namespace
