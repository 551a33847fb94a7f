//===- Kernels.h - The kernel families of GPUs -----------------*- C++ -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file a family; `SparseIRToGPU.cpp` picks by table and intrinsic. A family
// gets a `sparse_ir.kernel` on memrefs after `sparse-ir-pack`, fills a device
// function and launches it; it decides nothing that the strategy says.
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_KERNELS_H
#define SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_KERNELS_H

#include "Emitter.h"

#include "spmmplu/IR/Attention.h"
#include "spmmplu/IR/SparseIR.h"
#include "spmmplu/Target/Intrinsic.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace mlir::linalg {
class LinalgOp;
} // namespace mlir::linalg

namespace mlir::spmmplu {

/// Where an operand's elements lie, seen from the device: element (x, y) of lhs
/// (i, k), rhs (k, j) or out (i, j) is element `offset(x, y)` of `pointer`.
struct DeviceOperand {
  Value pointer;
  Type element;
  AffineMap map;              ///< product coordinates to memref dimensions
  SmallVector<Value> strides; ///< i32, of the memref's dimensions
  /// Strides along x and y where the map only permutes; null otherwise.
  Value xStride, yStride;
  /// Bytes of the first element beyond a multiple of 16, i32; null: none.
  Value misalignment;

  /// i64, in elements; x and y are i32.
  Value offset(DeviceEmitter &e, Value x, Value y) const;
  /// The address of element (x, y).
  Value address(DeviceEmitter &e, Value x, Value y) const;
  int64_t width() const { return element.getIntOrFloatBitWidth() / 8; }
  /// Whether consecutive x (y) are consecutive elements.
  bool contiguousInX() const;
  bool contiguousInY() const;
  /// Whether 16 consecutive bytes from any multiple of 16 bytes on along the
  /// contiguous coordinate are aligned to 16 bytes: an i1 of the device.
  Value isAligned(DeviceEmitter &e) const;
};

/// A device function, its launch, and the values that pass from host to device.
/// Values of the host are `index` or memrefs where the kernel op stands.
class KernelBuilder {
public:
  KernelBuilder(Operation *op, gpu::GPUModuleOp module);

  // Host values as arguments of the device function.
  Value pointer(Value memref);
  Value number(Value hostIndex); ///< i32
  Value tensorMap(Value hostPointer);
  /// Device memory at an address (i64 of the host).
  Value address(Value hostAddress);
  DeviceOperand operand(Role role) {
    return operand(op.getOperandOf(role).get(), op.getMap(role));
  }
  /// A memref whose elements `map` finds for coordinates of the product.
  DeviceOperand operand(Value memref, AffineMap map);
  /// Device memory of so many bytes that is zero when first seen; kernels leave
  /// what they count in it zero again.
  Value scratch(Value hostBytes);
  /// Table `position` of the op (docs/gpu.md, "Packed left operands").
  Value table(int64_t position) { return pointer(op.getTables()[position]); }

  /// Says that the launch takes so many slices (null: one), before operands are
  /// asked for. Consecutive blocks take the same part of each slice: what a
  /// table lists first, the longest, starts first in all of them.
  void takeBatch(Value hostCount);
  /// The block's part of its slice, and its slice: i32 of the device.
  Value block() { return blockIndex; }
  Value slice() { return sliceIndex; }

  // Arithmetic of the host.
  OpBuilder host;
  Value hostIndex(int64_t value);
  Value hostCeilDiv(Value value, int64_t by);
  Value hostMul(Value lhs, Value rhs);
  /// The size along an axis; the op was checked to have all of them.
  Value hostExtent(Axis axis);

  /// Ends the device function and launches it; an empty grid launches nothing.
  /// `gridX` is a multiple of the blocks of a cluster.
  void launch(Value gridX, Value gridY, int64_t threads, int64_t sharedBytes,
              int64_t cluster = 1);
  gpu::GPUFuncOp getFunction() { return function; }

  KernelOp op; ///< null where the function is that of another op
  OpBuilder device;
  /// Emits into the device function.
  DeviceEmitter e;

private:
  Value argument(Type type, Value hostValue);

  gpu::GPUFuncOp function;
  Value blockIndex, sliceIndex;
  SmallVector<Value> hostArguments;
  SmallVector<std::pair<unsigned, DictionaryAttr>> argumentAttributes;
};

/// The slices that one launch takes, one along the grid's second dimension, in
/// values of the host. A role without a stride is the same for all slices.
struct BatchSlices {
  Value count;      ///< null: the op's operands are all there is
  Value strides[3]; ///< by role, elements from one slice to the next
};

/// Moves `op` out of a loop that runs kernels on slices of its index, so that
/// one launch takes all of them; its operands become those of the first slice.
/// No batch where the loop does more, or its iterations are not independent.
BatchSlices hoistOutOfBatchLoop(KernelOp op);

/// Tiles of a launch whose chains may be shared.
inline constexpr int64_t kCounters = 16 * 1024;

/// What every family reads off the op.
struct KernelContext {
  StrategyAttr strategy;
  const Intrinsic &intrinsic;
  /// Of lhs and rhs as memory has them: bits of 8-bit floats are i8.
  Type input;
  Type accumulate; ///< of the intrinsic
  BatchSlices batch = {};

  /// What the intrinsic takes the elements for.
  Type operand() const;
  /// Of sums that are added up or stored: f32, or i32 of integers.
  Type sum() const {
    return accumulate.isInteger() ? accumulate
                                  : Float32Type::get(accumulate.getContext());
  }
};

/// Chains on mma.sync or, in exact f32, multiply-adds: operands through a ring
/// of stages in shared memory.
LogicalResult emitChainWarpKernel(KernelBuilder &k, const KernelContext &c);
/// Chains on mma.sync of an lhs that is read where it is.
LogicalResult emitChainGatherKernel(KernelBuilder &k, const KernelContext &c);
/// The same of an lhs that is values of places.
LogicalResult emitChainValuesKernel(KernelBuilder &k, const KernelContext &c);
/// Output tiles on mma.sync: the columns of granules through a ring of stages.
LogicalResult emitOutputTileKernel(KernelBuilder &k, const KernelContext &c);
/// Sparse attention on mma.sync, a kernel for each of its tables.
LogicalResult emitAttentionKernels(AttentionOp op, gpu::GPUModuleOp module);
/// The same for few columns: a ring for each warp, and sums of warps and blocks
/// that share a chain.
LogicalResult emitChainStreamKernel(KernelBuilder &k, const KernelContext &c);

/// The same (sm_90a) for panels of few rows: several a block, which find the
/// rows that they list in shared memory.
LogicalResult emitChainBandKernel(KernelBuilder &k, const KernelContext &c);

/// Chains on wgmma (sm_90a): operands in shared memory, by bulk copies.
LogicalResult emitChainWarpgroupKernel(KernelBuilder &k,
                                       const KernelContext &c);

/// Chains on wgmma in tf32: the transposed product, packed values in shared
/// memory and the rhs's columns in registers.
LogicalResult emitChainTransposedKernel(KernelBuilder &k,
                                        const KernelContext &c);

/// Whether `op`, on memrefs, is elementwise on floats and can be a kernel of
/// its own; then makes it one and leaves `op` to the caller.
bool isElementwiseKernel(linalg::LinalgOp op);
void emitElementwiseKernel(linalg::LinalgOp op, gpu::GPUModuleOp module);

} // namespace mlir::spmmplu

#endif // SPMMPLU_LIB_CONVERSION_SPARSEIRTOGPU_KERNELS_H
