//===- ChainVectorKernel.cpp - Reduction chains times one column ===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With one column a vector runs along the packed values themselves: their
// layout, [entry][depth][rows], puts `lanes / rows` consecutive k of all rows
// of a panel into one vector. Each needs its element of x: consecutive ones are
// loaded and repeated, those of different entries are gathered. The partial
// sums of a row are added up when the chain ends.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace mlir;
using namespace mlir::spmmplu;

namespace {

class ChainVectorKernel {
public:
  ChainVectorKernel(Emitter &e, const KernelContext &c)
      : e(e), c(c), rows(c.strategy.getRows()), depth(c.strategy.getDepth()),
        vector(c.vector(c.accumulateType)), tables(c.op.getTables()),
        chains(cast<ChainsAttr>(c.op.getTable())) {}

  void emit() {
    e.parallel(c.tasks(e), [&](ValueRange task) {
      c.forEachPanel(e, task[0], [&](Value panel) { emitPanel(panel); });
    });
  }

private:
  void emitPanel(Value panel) {
    SmallVector<Value> acc(kSets, e.zero(vector));
    for (int64_t phase = 0; phase < chains.getPhases(); ++phase) {
      Value chain = e.add(panel, phase * chains.getNumPanels());
      Value begin = e.loadIndex(tables[1], chain);
      Value end = e.loadIndex(tables[1], e.add(chain, 1));
      acc = depth * rows >= c.lanes() ? walkDeep(begin, end, acc)
                                      : walkShallow(begin, end, acc);
    }
    storeRows(panel, sumRows(acc));
  }

  /// An entry fills one vector or more: its k are consecutive.
  SmallVector<Value> walkDeep(Value begin, Value end, ValueRange acc) {
    int64_t perEntry = depth * rows / c.lanes();
    int64_t unroll = llvm::divideCeil(kSets, perEntry);
    auto steps = [&](Value entry, int64_t count, ValueRange carried) {
      SmallVector<Value> next(carried);
      for (int64_t u = 0; u < count; ++u) {
        Value k = e.loadIndex(tables[2], e.add(entry, u));
        for (int64_t v = 0; v < perEntry; ++v) {
          Value &sum = next[(u * perEntry + v) % kSets];
          Value at = e.add(e.mul(e.add(entry, u), depth * rows), v * c.lanes());
          Value x = loadRepeated(e.add(k, v * (c.lanes() / rows)));
          sum = e.fma(loadValues(at), x, sum);
        }
      }
      return next;
    };
    Value whole =
        e.add(begin, e.mul(e.floorDiv(e.sub(end, begin), unroll), unroll));
    SmallVector<Value> sums =
        e.forRange(begin, whole, unroll, acc, [&](Value entry, ValueRange a) {
          return steps(entry, unroll, a);
        });
    if (unroll == 1)
      return sums;
    return e.forRange(whole, end, 1, sums, [&](Value entry, ValueRange a) {
      return steps(entry, 1, a);
    });
  }

  /// Several entries share a vector: x is gathered.
  SmallVector<Value> walkShallow(Value begin, Value end, ValueRange acc) {
    int64_t perVector = c.lanes() / (depth * rows);
    int64_t step = perVector * kSets;
    Value whole =
        e.add(begin, e.mul(e.floorDiv(e.sub(end, begin), step), step));
    SmallVector<Value> sums =
        e.forRange(begin, whole, step, acc, [&](Value entry, ValueRange a) {
          SmallVector<Value> next(a);
          for (int64_t s = 0; s < kSets; ++s)
            next[s] = gatherStep(e.add(entry, s * perVector), Value(), next[s]);
          return next;
        });
    return e.forRange(whole, end, perVector, sums,
                      [&](Value entry, ValueRange a) {
                        SmallVector<Value> next(a);
                        next[0] = gatherStep(entry, e.sub(end, entry), next[0]);
                        return next;
                      });
  }

  /// Entries [entry, entry + perVector), of which `count` exist (all, if null).
  Value gatherStep(Value entry, Value count, Value sum) {
    int64_t perEntry = depth * rows, perVector = c.lanes() / perEntry;
    auto narrow = VectorType::get({perVector}, e.b.getI32Type());
    auto wide = VectorType::get({c.lanes()}, e.b.getI32Type());
    Value mask = e.laneMask(c.lanes(), count ? e.mul(count, perEntry)
                                             : e.index(c.lanes()));
    Value k = count ? e.maskedLoad(narrow, tables[2], entry,
                                   e.laneMask(perVector, count))
                    : e.loadVector(narrow, tables[2], entry);
    SmallVector<int64_t> source;
    SmallVector<int32_t> within;
    for (int64_t lane = 0; lane < c.lanes(); ++lane) {
      source.push_back(lane / perEntry);
      within.push_back(lane / rows % depth);
    }
    Value at = vector::ShuffleOp::create(e.b, e.loc, k, k, source);
    if (depth > 1)
      at = arith::AddIOp::create(
          e.b, e.loc, at,
          arith::ConstantOp::create(
              e.b, e.loc, DenseElementsAttr::get(wide, ArrayRef(within))));
    VectorType input = c.vector(c.inputType);
    Value x = vector::GatherOp::create(e.b, e.loc, input, c.rhs.data,
                                       ValueRange{e.index(0)}, at, mask,
                                       e.zero(input));
    Value first = e.mul(entry, perEntry);
    Value values = count ? e.maskedLoad(input, c.lhs.data, first, mask)
                         : e.loadVector(input, c.lhs.data, first);
    return e.fma(e.convert(values, vector), e.convert(x, vector), sum);
  }

  Value loadValues(Value at) {
    return e.convert(e.loadVector(c.vector(c.inputType), c.lhs.data, at),
                     vector);
  }

  /// lanes / rows elements of x from `k` on, each repeated for every row.
  Value loadRepeated(Value k) {
    auto type = VectorType::get({c.lanes() / rows}, c.inputType);
    Value x = e.loadVector(type, c.rhs.data, k);
    if (rows > 1) {
      SmallVector<int64_t> source;
      for (int64_t lane = 0; lane < c.lanes(); ++lane)
        source.push_back(lane / rows);
      x = vector::ShuffleOp::create(e.b, e.loc, x, x, source);
    }
    return e.convert(x, vector);
  }

  /// The sums of the `rows` rows as a vector.
  Value sumRows(ArrayRef<Value> acc) {
    Value sum = acc[0];
    for (Value other : acc.drop_front())
      sum = arith::AddFOp::create(e.b, e.loc, sum, other);
    for (int64_t width = c.lanes(); width > rows; width /= 2) {
      auto half = [&](int64_t first) -> Value {
        return vector::ExtractStridedSliceOp::create(
            e.b, e.loc, sum, ArrayRef<int64_t>{first},
            ArrayRef<int64_t>{width / 2}, ArrayRef<int64_t>{1});
      };
      sum = arith::AddFOp::create(e.b, e.loc, half(0), half(width / 2));
    }
    return sum;
  }

  void storeRows(Value panel, Value sums) {
    for (int64_t r = 0; r < rows; ++r) {
      Value row = e.loadIndex(tables[0], e.add(e.mul(panel, rows), r));
      e.ifThen(e.compare(arith::CmpIPredicate::sge, row, 0), [&] {
        Value at = e.mul(row, c.out.xStride);
        Value sum = vector::ExtractOp::create(e.b, e.loc, sums, r);
        if (c.op.getAccumulate())
          sum = arith::AddFOp::create(
              e.b, e.loc, sum,
              e.convert(e.load(c.out.data, at), c.accumulateType));
        sum = c.finish(e, sum, row, e.index(0));
        memref::StoreOp::create(e.b, e.loc, e.convert(sum, c.outType),
                                c.out.data, at);
      });
    }
  }

  /// Independent accumulators: hides the FMA's latency.
  static constexpr int64_t kSets = 4;

  Emitter &e;
  const KernelContext &c;
  int64_t rows, depth;
  VectorType vector;
  ValueRange tables;
  ChainsAttr chains;
};

} // namespace

void mlir::spmmplu::emitChainVectorKernel(Emitter &e, const KernelContext &c) {
  ChainVectorKernel(e, c).emit();
}
