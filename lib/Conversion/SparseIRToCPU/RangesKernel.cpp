//===- RangesKernel.cpp - Meta-ops of one extent, one by one ---*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Policy `disjoint`: no two meta-ops of a table write the same output element,
// so tasks need no order; what earlier tables left in the output is added to.
// A meta-op is walked block by block of columns, row by row: the accumulators
// of a row's block stay in registers over its k. The lhs is read where it lies.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class RangesKernel {
public:
  RangesKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), table(cast<RangesAttr>(c.op.getTable())),
        vector(c.vector(c.accumulateType)) {
    // No more vectors than a meta-op has columns for.
    int64_t columns = table.getJ() < 0 ? kMaxVectors * c.lanes() : table.getJ();
    vectors = std::clamp<int64_t>(llvm::divideCeil(columns, c.lanes()), 1,
                                  kMaxVectors);
  }

  void emit() {
    RhsPanel rhs{c.rhs.data, e.index(0), c.rhs.xStride};
    Value copied;
    if (!c.rhs.contiguous) {
      copied = copyRhs();
      rhs = {copied, e.index(0), c.colExtent};
    }
    e.parallel(c.tasks(e), [&](ValueRange task) {
      c.forEachPanel(e, task[0],
                     [&](Value position) { emitMetaOp(position, rhs); });
    });
    if (copied)
      e.free(copied);
  }

private:
  static constexpr int64_t kMaxVectors = 4;

  /// The half-open range of a meta-op along an axis.
  struct Range {
    Value begin, end;
  };

  /// The rhs as the product sees it, row-major: consecutive columns become
  /// consecutive elements.
  Value copyRhs() {
    Value copy = e.alloc(c.inputType, e.mul(c.depthExtent, c.colExtent));
    e.parallel(c.depthExtent, [&](ValueRange k) {
      Value row = e.mul(k[0], c.colExtent);
      e.forRange(e.index(0), c.colExtent, 1, [&](Value j) {
        Value element = e.load(c.rhs.data, c.rhs.offset(e, k[0], j));
        memref::StoreOp::create(e.b, e.loc, element, copy, e.add(row, j));
      });
    });
    return copy;
  }

  Range getRange(Value position, Axis axis) {
    int64_t extent = axis == Axis::I   ? table.getI()
                     : axis == Axis::J ? table.getJ()
                                       : table.getK();
    Value size = axis == Axis::I   ? c.rowExtent
                 : axis == Axis::J ? c.colExtent
                                   : c.depthExtent;
    if (extent < 0)
      return {e.index(0), size};
    Value word =
        memref::LoadOp::create(e.b, e.loc, c.op.getTables()[0],
                               ValueRange{position, e.index(int64_t(axis))});
    Value begin =
        arith::IndexCastOp::create(e.b, e.loc, e.b.getIndexType(), word);
    return {begin, e.min(e.add(begin, extent), size)};
  }

  void emitMetaOp(Value position, const RhsPanel &rhs) {
    Range i = getRange(position, Axis::I), j = getRange(position, Axis::J),
          k = getRange(position, Axis::K);
    int64_t width = vectors * c.lanes();
    e.forRange(j.begin, j.end, width, [&](Value j0) {
      Value count = e.sub(j.end, j0);
      auto rows = [&](bool isTail) {
        e.forRange(i.begin, i.end, 1, [&](Value row) {
          emitRow(row, k, j0, isTail ? count : Value(), rhs);
        });
      };
      e.ifThen(
          e.compare(arith::CmpIPredicate::sge, count, width),
          [&] { rows(false); }, [&] { rows(true); });
    });
  }

  /// One row times a block of columns from `j0` on: all of the block, or the
  /// first `count` columns.
  void emitRow(Value row, const Range &k, Value j0, Value count,
               const RhsPanel &rhs) {
    SmallVector<Value> masks(vectors);
    if (count)
      for (int64_t v = 0; v < vectors; ++v)
        masks[v] = e.laneMask(c.lanes(),
                              v ? e.sub(count, e.index(v * c.lanes())) : count);
    SmallVector<Value> zeros(vectors, e.zero(vector));
    SmallVector<Value> sums =
        e.forRange(k.begin, k.end, 1, zeros, [&](Value at, ValueRange carried) {
          SmallVector<Value> next(carried);
          Value a = e.splat(
              vector, e.convert(e.load(c.lhs.data, c.lhs.offset(e, row, at)),
                                c.accumulateType));
          Value from = e.add(e.mul(at, rhs.stride), j0);
          for (int64_t v = 0; v < vectors; ++v)
            next[v] = e.fma(a,
                            load(c.inputType, rhs.data,
                                 e.add(from, v * c.lanes()), masks[v]),
                            next[v]);
          return next;
        });
    for (int64_t v = 0; v < vectors; ++v) {
      Value to = c.out.offset(e, row, e.add(j0, v * c.lanes()));
      Value init = load(c.outType, c.out.data, to, masks[v]);
      Value sum = e.convert(arith::AddFOp::create(e.b, e.loc, init, sums[v]),
                            c.vector(c.outType));
      if (masks[v])
        e.maskedStore(sum, c.out.data, to, masks[v]);
      else
        e.storeVector(sum, c.out.data, to);
    }
  }

  /// A vector of `element`s, in the accumulators' type.
  Value load(Type element, Value data, Value at, Value mask) {
    VectorType type = c.vector(element);
    return e.convert(mask ? e.maskedLoad(type, data, at, mask)
                          : e.loadVector(type, data, at),
                     vector);
  }

  Emitter &e;
  const KernelContext &c;
  RangesAttr table;
  VectorType vector;
  int64_t vectors;
};

} // namespace

LogicalResult mlir::spmmplu::emitRangesKernel(Emitter &e,
                                              const KernelContext &c) {
  if (!c.op.getAccumulate() || c.op.getPackedLhs())
    return c.op.emitOpError("expects meta-ops of ranges to add to their output "
                            "and an lhs that is not packed");
  RangesKernel(e, c).emit();
  return success();
}
