//===- Passes.td - Conversions out of sparse_ir -------------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_CONVERSION_PASSES_TD
#define SPMMPLU_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertSparseIRToCPU : Pass<"convert-sparse-ir-to-cpu", "::mlir::ModuleOp"> {
  let summary = "Turns fused kernels on memrefs into loops of vector or AMX ops";
  let description = [{
    Every `sparse_ir.kernel` on memrefs becomes a loop nest: `scf.parallel` over
    panels of columns and tasks, the walk over a table in registers, tails as
    masked stores. The strategy attribute decides tile sizes, phases, tasks and
    whether the rhs is packed; its intrinsic decides the family of kernels.

    A dynamic N with a packed lhs also gets the kernel for one column.

    An epilogue is applied to vectors of sums before they are stored; `exp`,
    `tanh` and `erf` of vectors become polynomials.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::amx::AMXDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def ConvertSparseGPUToNVVM
    : Pass<"convert-sparse-gpu-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Turns tensor-core instructions into nvvm ops and inline PTX";
  let description = [{
    `sparse_gpu.mma` becomes `nvvm.mma.sync` or `nvvm.mma.sp.sync` with ordered
    metadata; `wgmma` and `wgmma_wait` become inline assembly whose accumulators
    are tied. Vectors of 32-bit elements that `scf` ops carry become scalars: a
    loop of `wgmma` then keeps its accumulators where they are.

    A kernel becomes an `llvm.func` around a body that stays structured:
    `known_block_size` is `nvvm.maxntid`, arguments with `llvm.byval` get
    `nvvm.grid_constant`, which `gpu.func` cannot have.

    Two upstream ops that NVPTX does not lower as wanted are converted too:
    `math.exp2` of f32 becomes `ex2.approx.ftz`, and an `llvm.atomicrmw` with an
    ordering a relaxed one between fences.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

def ConvertGPULaunchesToCalls
    : Pass<"convert-gpu-launches-to-calls", "::mlir::ModuleOp"> {
  let summary = "Turns launches and device memory into calls of the runtime";
  let description = [{
    In functions whose memrefs are device memory: `gpu.launch_func`,
    `sparse_gpu.tensor_map`, `sparse_gpu.scratch`, `memref.alloc`,
    `memref.dealloc`, `memref.copy` of contiguous memrefs and `linalg.fill` of
    them by zero become `llvm.call`s (docs/gpu.md has the functions). The `gpu.module`s are erased: their code is
    emitted before.

    Errors: an op that reads or writes elements, a copy of a strided memref, a
    fill by anything but zero, a launch with clusters, async tokens or arguments
    other than numbers and pointers.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect"];
}

def ConvertSparseIRToGPU : Pass<"convert-sparse-ir-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Turns fused kernels on memrefs into device kernels and launches";
  let description = [{
    Every `sparse_ir.kernel` on memrefs becomes a kernel of `gpu.module @device`
    and a `gpu.launch_func` in its place (docs/gpu.md). The strategy attribute
    decides tile sizes, stages, warps and the split along k; its intrinsic
    decides the family of kernels. An epilogue is applied to sums in registers.

    An elementwise linalg op on floats of at most 32 bits, transposes and
    broadcasts among them, becomes a kernel of one thread an element.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::spmmplu::SparseGPUDialect",
    "::mlir::vector::VectorDialect"];
}

#endif // SPMMPLU_CONVERSION_PASSES_TD
