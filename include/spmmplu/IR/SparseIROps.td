//===- SparseIROps.td - Operator, group, meta-op, kernel ----*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIROPS_TD
#define SPMMPLU_IR_SPARSEIROPS_TD

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "spmmplu/IR/SparseIRAttributes.td"

class SparseIR_Op<string mnemonic, list<Trait> traits = []>
    : Op<SparseIR_Dialect, mnemonic, traits>;

def SparseIR_Role : I32EnumAttr<"Role", "an operand of the product", [
    I32EnumAttrCase<"Lhs", 0, "lhs">, I32EnumAttrCase<"Rhs", 1, "rhs">,
    I32EnumAttrCase<"Out", 2, "out">]> {
  let cppNamespace = "::mlir::spmmplu";
}

//===----------------------------------------------------------------------===//
// The three levels: operator, group, meta-op
//===----------------------------------------------------------------------===//

def SparseIR_MatmulOp : SparseIR_Op<"matmul", [
    Pure, NoTerminator, NoRegionArguments, SingleBlock, DestinationStyleOpInterface,
    AllTypesMatch<["init", "result"]>]> {
  let summary = "operator: a matrix product of which an operand or the result is sparse";
  let description = [{
    `result[i,j] = init[i,j] + sum_k lhs[i,k] * rhs[k,j]` for (i, j) in the
    result's mask (everywhere, if it has none). The sparse operand normally
    stands on the left. The region holds the groups, in sequence; it is empty
    until `sparse-ir-group`.

    Constraints:
    - (C1) operands and init are rank-2 tensors of float elements; lhs and rhs
      have one element type;
    - (C2) lhs is M x K, rhs is K x N, init is M x N;
    - (C3) a dimension that sparsity speaks of is static, and the mask has the
      operand's size;
    - (C4) a mask obeys its pattern;
    - (C5) the region holds nothing but groups.

    Where N is dynamic, `selection` names a strategy for each N, and `strategy`
    is the best single one.

    ```mlir
    #left = #sparse_ir.sparsity<#sparse_ir.unstructured,
                                #sparse_ir.mask<["1010", "0001"]>>
    %y = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x?xf32>)
                          outs(%c : tensor<2x?xf32>) lhs_sparsity(#left)
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs,
                       AnyRankedTensor:$init,
                       OptionalAttr<SparseIR_SparsityAttr>:$lhs_sparsity,
                       OptionalAttr<SparseIR_SparsityAttr>:$rhs_sparsity,
                       OptionalAttr<SparseIR_SparsityAttr>:$out_sparsity,
                       OptionalAttr<SparseIR_StrategyAttr>:$strategy,
                       OptionalAttr<SparseIR_SelectionAttr>:$selection);
  let results = (outs AnyRankedTensor:$result);
  let regions = (region MaxSizedRegion<1>:$groups);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    `outs` `(` $init `:` type($init) `)`
    oilist(`lhs_sparsity` `(` qualified($lhs_sparsity) `)`
         | `rhs_sparsity` `(` qualified($rhs_sparsity) `)`
         | `out_sparsity` `(` qualified($out_sparsity) `)`
         | `strategy` `(` qualified($strategy) `)`
         | `selection` `(` qualified($selection) `)`)
    (`groups` $groups^)? attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    ::mlir::spmmplu::SparsityAttr getSparsity(::mlir::spmmplu::Role role);
    /// The size of the computational space; kDynamic where it is not static.
    int64_t getExtent(::mlir::spmmplu::Axis axis);
  }];
}

def SparseIR_GroupOp : SparseIR_Op<"group", [
    NoTerminator, NoRegionArguments, SingleBlock, HasParent<"MatmulOp">]> {
  let summary = "group: meta-ops that may run in parallel";
  let description = [{
    Holds `sparse_ir.meta_op`s one by one, or `sparse_ir.meta_ops` with a
    table.

    Constraints:
    - (C1) the region holds nothing but meta-ops;
    - (C2) under policy `disjoint` no two meta-ops of a group write the same
      output element (checked for groups of at most 64 explicit meta-ops; the
      grouping pass guarantees it for tables).

    ```mlir
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 16> j <0 to 16> k <0 to 32>
    }
    ```
  }];
  let arguments = (ins SparseIR_GroupPolicyAttr:$policy);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$policy $body attr-dict";
  let hasRegionVerifier = 1;
}

def SparseIR_MetaOpOp : SparseIR_Op<"meta_op", [HasParent<"GroupOp">]> {
  let summary = "meta-op: the dense product of one slice";
  let description = [{
    Along every axis a range, an index list or the whole axis; N:M only along k.

    Constraints:
    - (C1) N:M stands on the k axis only;
    - (C2) no index lies outside of the operator's computational space.

    ```mlir
    sparse_ir.meta_op i <0 to 64> j <*> k <[0, 3, 9, 12], nm 2 of 4>
    ```
  }];
  let arguments = (ins SparseIR_AxisAttr:$i, SparseIR_AxisAttr:$j,
                       SparseIR_AxisAttr:$k);
  let assemblyFormat = "`i` $i `j` $j `k` $k attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::spmmplu::AxisAttr getAxis(::mlir::spmmplu::Axis axis);
  }];
}

def SparseIR_MetaOpsOp : SparseIR_Op<"meta_ops", [HasParent<"GroupOp">]> {
  let summary = "meta-ops of a group, as a table";
  let description = [{
    ```mlir
    sparse_ir.meta_ops #sparse_ir.ranges<i = 16, j = -1, k = 32,
      points = dense<[[0, 0, 0], [16, 0, 32]]> : tensor<2x3xi32>>
    ```
  }];
  let arguments = (ins SparseIR_TableAttrInterface:$table);
  let assemblyFormat = "$table attr-dict";
}

//===----------------------------------------------------------------------===//
// Values of a mask's places
//===----------------------------------------------------------------------===//

def SparseIR_CompressOp : SparseIR_Op<"compress", [Pure]> {
  let summary = "the values at a mask's places, row by row";
  let description = [{
    The source's type has a sparsity, whose mask is of its last two dimensions.
    The result has one dimension in their place: the elements at the mask's
    places in row-major order, which is that of the values of CSR. Leading
    dimensions are a batch, for which there is one mask.

    The inverse of `sparse_ir.expand`. Of a product's result it is where the
    product's kernels store: the matrix is not made (`docs/gpu.md`).

    Constraints:
    - (C1) source and result have one element type and agree in all dimensions
      but the matrix and its values;
    - (C2) the matrix is static, and there are as many values as places.

    ```mlir
    #places = #sparse_ir.sparsity<#sparse_ir.window<1>>
    %v = sparse_ir.compress %s : tensor<2x4x4xf16, #places> to tensor<2x10xf16>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::spmmplu::SparsityAttr getPlaces();
  }];
}

def SparseIR_ExpandOp : SparseIR_Op<"expand", [Pure]> {
  let summary = "a sparse matrix of the values at its mask's places";
  let description = [{
    The inverse of `sparse_ir.compress`: elements outside of the mask are zeros.
    Of the left operand of a product it is what the product's kernels read.

    With `places` the values are those of another sparsity, of whose places the
    result's are a part; the others are left out. `sparse-ir-split-parts` makes
    such ops.

    Constraints: those of `sparse_ir.compress`, and
    - (C3) the result's places are a part of `places`.

    ```mlir
    #places = #sparse_ir.sparsity<#sparse_ir.window<1>>
    %s = sparse_ir.expand %v : tensor<2x10xf16> to tensor<2x4x4xf16, #places>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$source,
                       OptionalAttr<SparseIR_SparsityAttr>:$places);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat =
      "$source attr-dict `:` type($source) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The places of which the source is the values.
    ::mlir::spmmplu::SparsityAttr getSourcePlaces();
    /// The places of the result.
    ::mlir::spmmplu::SparsityAttr getResultPlaces();
  }];
}

//===----------------------------------------------------------------------===//
// Meta-DFG
//===----------------------------------------------------------------------===//

def SparseIR_SliceOp : SparseIR_Op<"slice", [Pure]> {
  let summary = "the slice of an operand that one meta-op reads";
  let description = [{
    A tensor of the elements of `source` at the indices of the meta-op at
    `position` of `table`: along (i, k) for role `lhs`, (k, j) for `rhs`,
    (i, j) for `out`. Padding indices read as zero.

    ```mlir
    %s = sparse_ir.slice lhs %a[%p] of #table : tensor<64x64xf32> to tensor<4x?xf32>
    ```
  }];
  let arguments = (ins SparseIR_Role:$role, AnyRankedTensor:$source,
                       Index:$position, SparseIR_TableAttrInterface:$table);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $role $source `[` $position `]` `of` $table attr-dict
    `:` type($source) `to` type($result)
  }];
  let hasVerifier = 1;
}

def SparseIR_AssignOp : SparseIR_Op<"assign", [
    Pure, AllTypesMatch<["dest", "result"]>]> {
  let summary = "inverse slice and in-place assign of a meta-op's result";
  let description = [{
    `dest` with the elements at the output indices of the meta-op at `position`
    replaced by those of `tile`; padding and elements that the table does not
    write are left alone.

    ```mlir
    %r = sparse_ir.assign %t into %c[%p] of #table : tensor<4x?xf32> into tensor<64x?xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$tile, AnyRankedTensor:$dest,
                       Index:$position, SparseIR_TableAttrInterface:$table);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $tile `into` $dest `[` $position `]` `of` $table attr-dict
    `:` type($tile) `into` type($dest)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// After layout elimination and fusion
//===----------------------------------------------------------------------===//

class SparseIR_MappedOp<string mnemonic, list<Trait> traits = []>
    : SparseIR_Op<mnemonic, !listconcat(traits, [DestinationStyleOpInterface])> {
  code mappedDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    ::mlir::AffineMap getMap(::mlir::spmmplu::Role role);
    void setMap(::mlir::spmmplu::Role role, ::mlir::AffineMap map);
    ::mlir::OpOperand &getOperandOf(::mlir::spmmplu::Role role);
    /// The size along `axis`, kDynamic where it is not known.
    int64_t getExtent(::mlir::spmmplu::Axis axis) {
      int64_t extent = getExtents()[int(axis)];
      return extent < 0 ? ::mlir::ShapedType::kDynamic : extent;
    }
  }];
}

def SparseIR_ContractOp : SparseIR_MappedOp<"contract", [
    Pure, AllTypesMatch<["init", "result"]>]> {
  let summary = "one meta-op, its slices folded into the indices of its loads and stores";
  let description = [{
    For the indices (i, j, k) of the meta-op at `position` of `table`:
    `result[out_map(i,j)] = init[...] + sum_k lhs[lhs_map(i,k)] * rhs[rhs_map(k,j)]`.
    The maps take the product's coordinates to the operands' own, so that
    transposes, reshapes, slices and img2col cost no copy. `extents` is the
    size of the computational space along (i, j, k), -1 where it is dynamic.

    ```mlir
    %r = sparse_ir.contract ins(%a, %b : tensor<64x64xf32>, tensor<8x64xf32>)
           outs(%c : tensor<64x8xf32>) at [%p] of #table extents [64, 8, 64]
           {rhs_map = affine_map<(k, j) -> (j, k)>}
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs,
                       AnyRankedTensor:$init, Index:$position,
                       SparseIR_TableAttrInterface:$table,
                       DenseI64ArrayAttr:$extents,
                       OptionalAttr<AffineMapAttr>:$lhs_map,
                       OptionalAttr<AffineMapAttr>:$rhs_map,
                       OptionalAttr<AffineMapAttr>:$out_map);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    `outs` `(` $init `:` type($init) `)`
    `at` `[` $position `]` `of` $table `extents` $extents attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = mappedDeclaration;
}

def SparseIR_KernelOp : SparseIR_MappedOp<"kernel", [
    AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a fused group: all meta-ops of a table in one kernel";
  let description = [{
    Every meta-op of `table`, as `sparse_ir.contract` computes one. Without
    `accumulate` the initial value counts as zero and every output element that
    the table writes is written, so init's contents are not read.

    After `sparse-ir-pack` the lhs of a `chains` table is packed
    (`packed_lhs`): a rank-1 tensor of the entries' values in the strategy's
    layout, and `tables` holds the table's parts as tensors, in the order that
    the table's attribute lists them, then the tasks. For tensor cores an entry
    that repeats the one before it in its chain is padding, packed as zeros, and
    metadata may follow (`docs/gpu.md`).

    An `epilogue` computes what is stored at (i, j) from the sum there and from
    one element of each of its operands, the one that the operand's map in
    `epilogue_maps` takes (i, j) to: bias, activation, residual. Its numbers all
    have the type of sums, f32, or f64 where the product's operands are f64:
    elements are widened before and the result is rounded once, after.

    With `lhs_places` the lhs is the values at the places of that sparsity, in
    row-major order (`sparse_ir.compress`); with `out_places` the result is.
    `tables` then holds, before the tasks, a run of values for each row of each
    tile (`docs/gpu.md`, "Values of places"). Of the values of `lhs_places` those
    at the places of `lhs_part` count, if it is given.

    Constraints:
    - (C1) results are one tensor of init's type, or none if init is a memref;
    - (C2) a packed lhs has rank 1 and comes with tables;
    - (C3) a map has as many results as its operand has dimensions;
    - (C4) a table of chains has the strategy's rows and depth;
    - (C5) an epilogue comes with a table of chains of one phase, without
      `accumulate`;
    - (C6) its region takes the sum and a number of each operand, and yields
      one, all of the type of sums; in between are the ops of arith and math
      that `isEpilogueOp` lists;
    - (C7) an operand that is values of places has rank 1, one element for each
      place, no map, and static extents; `lhs_places` comes with a table of
      chains, `out_places` with one of tiles.

    ```mlir
    %r = sparse_ir.kernel ins(%a, %b : tensor<64x64xf32>, tensor<64x?xf32>)
           outs(%c : tensor<64x?xf32>) of #table extents [64, -1, 64]
           strategy(#st) -> tensor<64x?xf32>
    %s = sparse_ir.kernel ins(%a, %b : tensor<64x64xf16>, tensor<64x?xf16>)
           outs(%d : tensor<64x?xf16>) of #table extents [64, -1, 64]
           strategy(#st) {epilogue_maps = [affine_map<(i, j) -> (i)>]}
           epilogue(%bias : tensor<64xf32>) {
           ^bb0(%sum: f32, %b_i: f32):
             %0 = arith.constant 0.0 : f32
             %1 = arith.addf %sum, %b_i : f32
             %2 = arith.maximumf %1, %0 : f32
             sparse_ir.yield %2 : f32
           } -> tensor<64x?xf16>
    ```
  }];
  let arguments = (ins AnyShaped:$lhs, AnyShaped:$rhs,
                       Variadic<AnyShaped>:$tables, AnyShaped:$init,
                       Variadic<AnyShaped>:$epilogue_operands,
                       SparseIR_TableAttrInterface:$table,
                       DenseI64ArrayAttr:$extents,
                       SparseIR_StrategyAttr:$strategy,
                       OptionalAttr<AffineMapAttr>:$lhs_map,
                       OptionalAttr<AffineMapAttr>:$rhs_map,
                       OptionalAttr<AffineMapAttr>:$out_map,
                       UnitAttr:$accumulate, UnitAttr:$packed_lhs,
                       OptionalAttr<AffineMapArrayAttr>:$epilogue_maps,
                       OptionalAttr<SparseIR_SparsityAttr>:$lhs_places,
                       OptionalAttr<SparseIR_SparsityAttr>:$lhs_part,
                       OptionalAttr<SparseIR_SparsityAttr>:$out_places);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region MaxSizedRegion<1>:$epilogue);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    (`tables` `(` $tables^ `:` type($tables) `)`)?
    `outs` `(` $init `:` type($init) `)`
    `of` $table `extents` $extents `strategy` `(` qualified($strategy) `)`
    attr-dict
    (`epilogue` (`(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
     $epilogue^)?
    (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = mappedDeclaration # [{
    bool hasEpilogue() { return !getEpilogue().empty(); }
    /// The product's coordinates to those of an operand of the epilogue.
    ::mlir::AffineMap getEpilogueMap(unsigned operand);
    /// The type of sums, which all numbers of an epilogue have.
    ::mlir::FloatType getSumType();
    /// The places of which an operand is the values; null where it is a matrix.
    ::mlir::spmmplu::SparsityAttr getPlaces(::mlir::spmmplu::Role role);
  }];
}

def SparseIR_YieldOp : SparseIR_Op<"yield", [
    Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "what an epilogue stores";
  let arguments = (ins AnyFloat:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // SPMMPLU_IR_SPARSEIROPS_TD
