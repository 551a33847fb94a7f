//===- SparseIRAttention.td - Attention under a mask --------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRATTENTION_TD
#define SPMMPLU_IR_SPARSEIRATTENTION_TD

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "spmmplu/IR/SparseIRAttributes.td"

def SparseIR_AttentionOp : Op<SparseIR_Dialect, "attention", [
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "sparse attention: softmax(scale * q k^T, masked) v, scores never stored";
  let description = [{
    For every slice of the leading dimension (there is none at rank 2) and every
    row i, `out[i, :] = sum_j p[j] * v[j, :]` with `p` the softmax over the
    elements (i, j) of the mask of `scale * sum_k q[i, k] * key[j, k]`; a row
    without an element is zero.

    The mask is the union of `parts`, tables of output tiles over the rows of q
    and the rows of the key. `tables`, on memrefs, holds each part's
    `panel_rows`, `granule_cols`, `tile_ptr`, `tiles`, `mask_offset` and `masks`.

    Constraints:
    - (C1) operands have one rank, 2 or 3, and one batch; q, key and v have one
      element type;
    - (C2) q is M x D, the key N x D, v N x E and init M x E, with M and N
      static;
    - (C3) results are one tensor of init's type, or none if init is a memref;
    - (C4) `tables` is empty or has six memrefs a part;
    - (C5) there is a part, all are tables of tiles of one size, and the first
      lists every row once (a panel may have no tile); no element is in two
      parts (this is not checked);
    - (C6) `scale` is positive and finite.

    ```mlir
    %r = sparse_ir.attention
           ins(%q, %k, %v : tensor<16x4096x64xf16>, tensor<16x4096x64xf16>,
                            tensor<16x4096x64xf16>)
           outs(%o : tensor<16x4096x64xf16>) of [#window, #strided]
           scale 1.250000e-01 strategy(#st) -> tensor<16x4096x64xf16>
    ```
  }];
  let arguments = (ins AnyShaped:$query, AnyShaped:$key, AnyShaped:$value,
                       Variadic<AnyShaped>:$tables, AnyShaped:$init,
                       ArrayAttr:$parts, F64Attr:$scale,
                       SparseIR_StrategyAttr:$strategy);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    `ins` `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,`
    type($value) `)` (`tables` `(` $tables^ `:` type($tables) `)`)?
    `outs` `(` $init `:` type($init) `)` `of` $parts `scale` $scale
    `strategy` `(` qualified($strategy) `)` attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// Sizes of q and v: rows of q and of the key, columns of the key and of v.
    int64_t getRows() { return getSize(getQuery(), 0); }
    int64_t getCols() { return getSize(getKey(), 0); }
    int64_t getDepth() { return getSize(getQuery(), 1); }
    int64_t getWidth() { return getSize(getValue(), 1); }
    /// Dimension `dim` of the matrix, after the batch.
    static int64_t getSize(::mlir::Value matrix, int64_t dim) {
      auto type = ::llvm::cast<::mlir::ShapedType>(matrix.getType());
      return type.getDimSize(type.getRank() - 2 + dim);
    }
  }];
}

#endif // SPMMPLU_IR_SPARSEIRATTENTION_TD
