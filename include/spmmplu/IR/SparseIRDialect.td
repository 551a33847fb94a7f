//===- SparseIRDialect.td - The sparse_ir dialect -----------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRDIALECT_TD
#define SPMMPLU_IR_SPARSEIRDIALECT_TD

include "mlir/IR/OpBase.td"

def SparseIR_Dialect : Dialect {
  let name = "sparse_ir";
  let cppNamespace = "::mlir::spmmplu";
  let summary = "Sparse matrix products as meta-ops";
  let description = [{
    Sparse IR models a matrix product `C[i,j] += A[i,k] B[k,j]`, any operand of
    which is sparse, on three levels (SpMMPlu, Sec. III): an *operator*
    (`sparse_ir.matmul`) holds *groups* (`sparse_ir.group`) that run in
    sequence; a group holds *meta-ops* that may run in parallel; a meta-op is a
    dense product of a slice: along every axis of the computational space
    (i, j, k) it names a range or an index list.

    Further down the same product is a *Meta-DFG* (`sparse_ir.slice` >
    `linalg.matmul` > `sparse_ir.assign`), then a `sparse_ir.contract` (the
    slices have become indices of its loads and stores), then one
    `sparse_ir.kernel` a group.

    Sparsity on an operand is a promise: elements of A or B outside of their
    mask are zero. Sparsity on the result is an instruction: elements of C
    outside of its mask are left as they are in the initial value.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
  let useDefaultAttributePrinterParser = 0;
  let extraClassDeclaration = [{
    ::mlir::Attribute parseAttribute(::mlir::DialectAsmParser &parser,
                                     ::mlir::Type type) const override;
    void printAttribute(::mlir::Attribute attribute,
                        ::mlir::DialectAsmPrinter &printer) const override;
    void registerAttributes();
  }];
}

#endif // SPMMPLU_IR_SPARSEIRDIALECT_TD
