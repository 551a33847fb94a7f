//===- Kernels.h - The kernel families of the CPU --------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file a family; `SparseIRToCPU.cpp` picks by table and intrinsic. All take
// a `sparse_ir.kernel` on memrefs after `sparse-ir-pack` and emit loops in its
// place; they decide nothing that the strategy says.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_KERNELS_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_KERNELS_H

#include "Emitter.h"

#include "spmmplu/IR/Winograd.h"
#include "spmmplu/Target/Intrinsic.h"

namespace mlir::spmmplu {

/// An operand as the product sees it: element (x, y) of lhs (i, k), rhs (k, j)
/// or out (i, j) lies at `data[offset(x, y)]`.
struct MappedOperand {
  Value data;                 ///< contiguous one-dimensional view
  SmallVector<Value> strides; ///< of the memref's own dimensions
  AffineMap map;              ///< product coordinates to memref dimensions
  /// Strides along x and y where the map only permutes; null otherwise.
  Value xStride, yStride;
  /// Whether y runs along consecutive elements.
  bool contiguous = false;

  Value offset(Emitter &e, Value x, Value y) const;

  /// Runs of y, aligned to `length` (0: one run is all of y), along which
  /// elements lie `stride` apart: what is left of reshapes and img2col when y
  /// is read digit by digit.
  struct Runs {
    int64_t length = 0;
    Value stride;
    bool contiguous = false;
  };
  /// Nothing where there are no runs of at least 4, or they differ in stride.
  std::optional<Runs> getRuns(Emitter &e) const;
  /// Whether x runs along consecutive elements.
  bool isContiguousInX() const;
};

/// Calls `body(lo, hi)` for every run that touches [begin, end), clipped to it.
void forEachRun(Emitter &e, const MappedOperand::Runs &runs, Value begin,
                Value end, function_ref<void(Value lo, Value hi)> body);

/// What every family reads off the kernel op.
struct KernelContext {
  mutable KernelOp op; ///< a handle, whose accessors are not const
  StrategyAttr strategy;
  const Intrinsic &intrinsic;
  Type inputType;      ///< of lhs and rhs
  Type accumulateType; ///< of the intrinsic
  Type outType;
  MappedOperand lhs;      ///< only `data` where it is packed
  MappedOperand rhs, out; ///< `out` is always contiguous; values: only `data`
  Value rowExtent, colExtent, depthExtent;  ///< M, N, K
  SmallVector<MappedOperand> epilogue = {}; ///< its operands

  int64_t lanes() const { return intrinsic.lanes; }
  VectorType vector(Type element) const {
    return VectorType::get({lanes()}, element);
  }
  /// What the epilogue makes of sums of row `row`: of a vector for the columns
  /// from `col` on, of which `mask` (null: all) exist, or of the one at `col`.
  Value finish(Emitter &e, Value sum, Value row, Value col,
               Value mask = Value()) const;
  /// The number of tasks: the last table is their boundaries.
  Value tasks(Emitter &e) const {
    auto type = cast<MemRefType>(op.getTables().back().getType());
    return e.index(type.getDimSize(0) - 1);
  }
  /// Calls `body` for every panel of task `task`.
  void forEachPanel(Emitter &e, Value task,
                    function_ref<void(Value panel)> body) const {
    Value taskPtr = op.getTables().back();
    e.forRange(e.loadIndex(taskPtr, task), e.loadIndex(taskPtr, e.add(task, 1)),
               1, body);
  }
};

/// A dense panel of the rhs: element (k, j) of the panel at column `j0` is at
/// base + k * stride + (j - j0). Columns up to the register tile's width may be
/// read whatever N is.
struct RhsPanel {
  Value data, base, stride;
};

/// Copies rows of panels of the rhs, `width` columns each, as `element`s. Where
/// the kernel's chains skip many rows of the rhs, those may hold anything.
class RhsPacker {
public:
  RhsPacker(Emitter &e, const KernelContext &c, int64_t width, Type element);
  /// Rows [first, last) of the panel at column `j0`: row k goes to `packed`
  /// from base + k * width on, padded with zeros.
  void emitRows(Value first, Value last, Value j0, Value packed,
                Value base) const;
  /// Once all rows are copied.
  void free() const;

private:
  Emitter &e;
  const KernelContext &c;
  int64_t width;
  Type element;
  Value marks; ///< of the rows that are read; null: all are copied
};

/// All panels of the rhs, `width` columns each, contiguous, as `element`s,
/// padded with zeros: panel p holds [K][width] from p * K * width on. Element
/// (k, j) comes from where the kernel's rhs map says. Rows that no entry of the
/// kernel's chains reads may hold anything.
Value emitPackRhs(Emitter &e, const KernelContext &c, int64_t width,
                  Type element);

/// Functions of vectors of f32, which no library has, as polynomials.
LogicalResult expandVectorMath(Operation *root);

/// Chains on vector FMA units, any N.
LogicalResult emitChainKernel(Emitter &e, const KernelContext &c);
/// Chains for N = 1: vectors run along the packed values.
void emitChainVectorKernel(Emitter &e, const KernelContext &c);
/// Chains on AMX tiles (bf16).
LogicalResult emitChainTileKernel(Emitter &e, const KernelContext &c);
/// Chains of entries of one k on AMX tiles (bf16).
LogicalResult emitChainGatherKernel(Emitter &e, const KernelContext &c);
/// Output tiles on vector FMA units.
LogicalResult emitOutputTileKernel(Emitter &e, const KernelContext &c);
/// Output tiles on AMX tiles (bf16).
LogicalResult emitOutputMatrixKernel(Emitter &e, const KernelContext &c);
/// Meta-ops of one extent on vector FMA units, added to the output.
LogicalResult emitRangesKernel(Emitter &e, const KernelContext &c);
/// The transforms of Winograd's convolution.
void emitWinogradInput(Emitter &e, WinogradInputOp op);
void emitWinogradOutput(Emitter &e, WinogradOutputOp op);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOCPU_KERNELS_H
