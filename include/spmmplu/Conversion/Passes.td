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
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::amx::AMXDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

#endif // SPMMPLU_CONVERSION_PASSES_TD
