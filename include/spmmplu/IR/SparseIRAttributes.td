//===- SparseIRAttributes.td - Patterns, masks, tables ------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_IR_SPARSEIRATTRIBUTES_TD
#define SPMMPLU_IR_SPARSEIRATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "spmmplu/IR/SparseIRDialect.td"
include "spmmplu/IR/SparseIRInterfaces.td"

class SparseIR_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<SparseIR_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

//===----------------------------------------------------------------------===//
// Sparsity: pattern and mask
//===----------------------------------------------------------------------===//

def SparseIR_PatternAttr : AttrDef<SparseIR_Dialect, "Pattern"> {
  // No mnemonic: the pattern's own name is the mnemonic (see the dialect).
  let attrName = "sparse_ir.pattern";
  let summary = "a sparsity pattern, by its canonical text";
  let description = [{
    Any pattern of the pattern library (`spmmplu/Pattern/Pattern.h`), written as
    the library writes it:

    ```mlir
    #sparse_ir.dense
    #sparse_ir.unstructured
    #sparse_ir.block<4x4>
    #sparse_ir.nm<2:4>
    #sparse_ir.vector-nm<1:4,l=32>
    #sparse_ir.hinm<v=64,vector=0.5,2:4>
    #sparse_ir.longformer<window=102,global=64>
    ```

    The one interface behind all of them is the C++ class `Pattern`
    (`getPattern()`): a new pattern is a file and a row in that library, and is
    an attribute here with no further work.
  }];
  let parameters = (ins StringRefParameter<"canonical text">:$text);
  let extraClassDeclaration = [{
    /// The pattern that the text names; never null (the verifier checks).
    PatternRef getPattern() const;
    static PatternAttr get(::mlir::MLIRContext *context,
                           const ::mlir::spmmplu::Pattern &pattern);
  }];
  let genVerifyDecl = 1;
}

def SparseIR_MaskAttr : SparseIR_Attr<"Mask", "mask"> {
  let summary = "which elements of a matrix may be non-zero";
  let description = [{
    A bit matrix. Small ones are rows of `0` and `1`, large ones a tensor of
    bytes (bit c % 8 of byte c / 8 of a row is column c; rows are padded to a
    byte), usually a resource:

    ```mlir
    #sparse_ir.mask<["1100", "0011"]>
    #sparse_ir.mask<4096x4096, dense_resource<mask0> : tensor<2097152xi8>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols,
                        "::mlir::ElementsAttr":$bits);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    Mask getMask() const;
    /// Small masks are stored inline, large ones as a resource.
    static MaskAttr get(::mlir::MLIRContext *context, const Mask &mask);
  }];
}

def SparseIR_SparsityAttr : SparseIR_Attr<"Sparsity", "sparsity"> {
  let summary = "the sparsity of one operand: a pattern and a mask";
  let description = [{
    The mask may be left out where the pattern determines it (`longformer`,
    `bigbird`, `gst`, `window`, `random`, `dense`). Where both are given the
    mask must obey the pattern.

    A permutation may come with it (`ChannelOrder` of
    `spmmplu/Pattern/Pruning.h`). `rows`: the mask obeys with its rows in this
    order; the mask and the operand stay in their own. `columns` of `hinm` and
    `vnm`: per tile of these rows its columns in the order of their groups, -1
    for none. Kernels fill their panels in this order, and store through it, so
    that a permutation costs nothing and is undone.

    ```mlir
    #sparse_ir.sparsity<#sparse_ir.window<2>>
    #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1100", "0011"]>>
    #sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,1:2>,
                        #sparse_ir.mask<["1000", "0010", "0100", "0001"]>,
                        rows = dense<[0, 2, 1, 3]> : tensor<4xi32>,
                        columns = dense<[[0, 1], [2, 3]]> : tensor<2x2xi32>>
    ```
  }];
  let parameters = (ins "PatternAttr":$pattern,
                        OptionalParameter<"MaskAttr">:$mask,
                        OptionalParameter<"::mlir::ElementsAttr">:$row_order,
                        OptionalParameter<"::mlir::ElementsAttr">:$columns);
  let builders = [
    AttrBuilder<(ins "PatternAttr":$pattern, "MaskAttr":$mask), [{
      return $_get($_ctxt, pattern, mask, ::mlir::ElementsAttr(),
                   ::mlir::ElementsAttr());
    }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The mask given, or the one that the pattern determines for this size.
    /// Fails (without a diagnostic) if there is neither, or the size differs.
    ::mlir::FailureOr<Mask> resolveMask(int64_t rows, int64_t cols) const;
    /// The same pattern and orders with another mask.
    SparsityAttr withMask(MaskAttr mask) const;
    /// The order of the permutation, empty if there is none; -1 for no column.
    std::vector<int32_t> getRowOrderValues() const;
    std::vector<int32_t> getColumnValues() const;
    /// `Pattern::decompose`, and the order given.
    std::vector<MaskPart> decompose(const Mask &mask) const;
    /// Where the elements of `mask`, this attribute's, are stored: for patterns
    /// of the N:M family.
    ::spmmplu::Result<GroupedLayout> getLayout(const Mask &mask) const;
  }];
}

//===----------------------------------------------------------------------===//
// Meta-ops: axes and tables
//===----------------------------------------------------------------------===//

def SparseIR_AxisAttr : SparseIR_Attr<"Axis", "axis"> {
  let summary = "the extent of a meta-op along one axis: a range or an index list";
  let description = [{
    A half-open range, an index list (a gather), either optionally with N:M
    sparsity inside (k axis only), or the whole axis:

    ```mlir
    #sparse_ir.axis<0 to 16>
    #sparse_ir.axis<[1, 5, 9]>
    #sparse_ir.axis<0 to 32, nm 2 of 4>
    #sparse_ir.axis<*>
    ```
  }];
  let parameters = (ins "AxisKind":$kind, "int64_t":$lo, "int64_t":$hi,
                        ArrayRefParameter<"int64_t">:$indices,
                        "int64_t":$keep, "int64_t":$window);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static AxisAttr getRange(::mlir::MLIRContext *context, int64_t lo,
                             int64_t hi);
    static AxisAttr getList(::mlir::MLIRContext *context,
                            ::llvm::ArrayRef<int64_t> indices);
    static AxisAttr getWhole(::mlir::MLIRContext *context);
    /// The indices along an axis of `size` elements, ascending.
    ::llvm::SmallVector<int64_t> expand(int64_t size) const;
    /// One past the largest index; 0 for the whole axis.
    int64_t getBound() const;
  }];
}

def SparseIR_RangesAttr : SparseIR_Attr<"Ranges", "ranges",
    [DeclareAttrInterfaceMethods<SparseIR_TableAttrInterface>]> {
  let summary = "a table of meta-ops of one extent, by their lower critical points";
  let description = [{
    Position p is the meta-op from `points[p]` to `points[p] + (i, j, k)`,
    clipped to the computational space. An extent of -1 is the whole axis (its
    coordinate is 0).

    ```mlir
    #sparse_ir.ranges<i = 16, j = -1, k = 32,
                      points = dense<[[0, 0, 0], [16, 0, 32]]> : tensor<2x3xi32>>
    ```
  }];
  let parameters = (ins "int64_t":$i, "int64_t":$j, "int64_t":$k,
                        "::mlir::ElementsAttr":$points);
  let assemblyFormat = [{ `<` struct(params) `>` }];
  let genVerifyDecl = 1;
}

def SparseIR_ChainsAttr : SparseIR_Attr<"Chains", "chains",
    [DeclareAttrInterfaceMethods<SparseIR_TableAttrInterface>]> {
  let summary = "a table of reduction chains (input sparsity)";
  let description = [{
    `ChainTable` of `spmmplu/Segmentation/Tables.h`: position p is chain p, one
    meta-op whose i axis is the list of its panel's rows, whose j axis is whole
    and whose k axis is the list of its entries, `depth` consecutive k each.

    ```mlir
    #sparse_ir.chains<rows = 2, depth = 1, phases = 1,
      panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>,
      chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>,
      entries = dense<[0, 5, 1]> : tensor<3xi32>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$depth,
                        "int64_t":$phases,
                        "::mlir::ElementsAttr":$panel_rows,
                        "::mlir::ElementsAttr":$chain_ptr,
                        "::mlir::ElementsAttr":$entries);
  let assemblyFormat = [{ `<` struct(params) `>` }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static ChainsAttr get(::mlir::MLIRContext *context,
                          const ChainTable &table);
    ChainTable getTable(int64_t matrixRows, int64_t matrixCols) const;
    int64_t getNumPanels() const;
  }];
}

def SparseIR_TilesAttr : SparseIR_Attr<"Tiles", "tiles",
    [DeclareAttrInterfaceMethods<SparseIR_TableAttrInterface, ["isWritten"]>]> {
  let summary = "a table of output tiles (output sparsity)";
  let description = [{
    `TileTable` of `spmmplu/Segmentation/Tables.h`: position p is the tile p,
    one meta-op whose i axis is its panel's rows, whose j axis is the list of
    its granule's columns and whose k axis is whole. Bits of `masks` that are
    clear are elements that stay as they are.
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols,
                        "::mlir::ElementsAttr":$panel_rows,
                        "::mlir::ElementsAttr":$granule_cols,
                        "::mlir::ElementsAttr":$tile_ptr,
                        "::mlir::ElementsAttr":$tiles,
                        "::mlir::ElementsAttr":$mask_offset,
                        "::mlir::ElementsAttr":$masks);
  let assemblyFormat = [{ `<` struct(params) `>` }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static TilesAttr get(::mlir::MLIRContext *context, const TileTable &table);
    TileTable getTable(int64_t matrixRows, int64_t matrixCols) const;
    int64_t getNumPanels() const;
  }];
}

//===----------------------------------------------------------------------===//
// Decisions
//===----------------------------------------------------------------------===//

def SparseIR_StrategyAttr : SparseIR_Attr<"Strategy", "strategy"> {
  let summary = "how a product is computed: what the lowerings obey";
  let description = [{
    Chosen once by `sparse-ir-select-strategy` from the target's table; no later
    pass decides any of it again.

    - `intrinsic`: the row of the target's table that does the arithmetic;
    - `rows`, `depth`: the panel's rows and the consecutive k of a table entry;
    - `vectors`: vectors of the intrinsic along j in one register tile;
    - `phase`: k elements walked before the next panel (0: all of them);
    - `tasks`: parts of about equal work that the panels are cut into;
    - `pack_rhs`: the rhs is copied panel by panel into contiguous scratch; on
      GPUs, for boxes of the copy unit, into rows that start at whole sectors
      where they do not.

    On GPUs a panel is a block's tile along i, `vectors` counts the intrinsic's
    n along j, and further:
    - `step`: k elements of one stage of the block's pipeline;
    - `stages`: stages in flight; 0: warps share a chain's steps, each with a
      ring of its own (a *stream*), of as many stages as `tasks` thirds of an
      SM's shared memory hold;
    - `warps_i`, `warps_j`: the warps of a block that compute, along i and j;
    - `split`: blocks that share a chain, each a part of its steps; of output tiles,
      blocks that an SM takes at a time.
    - `panels`: panels of a block, which share what they read of the rhs; the
      extents and warps above are those of one. Two of warpgroups, up to 16 of
      warps (then a stage is a band of `step` consecutive k, all of them);
    - `cluster`: consecutive tiles along j, 1 or 2, whose blocks form a cluster:
      each reads a part of the packed lhs, for all of them.

    ```mlir
    #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 4,
                        vectors = 4, phase = 0, tasks = 8, pack_rhs = true>
    #sparse_ir.strategy<intrinsic = "mma.sp-f16", rows = 128, depth = 64,
                        vectors = 16, phase = 0, tasks = 1, pack_rhs = false,
                        step = 64, stages = 4, warps_i = 2, warps_j = 4>
    ```
  }];
  let parameters = (ins StringRefParameter<"row of the target's table">:$intrinsic,
                        "int64_t":$rows, "int64_t":$depth,
                        "int64_t":$vectors, "int64_t":$phase,
                        "int64_t":$tasks, "bool":$pack_rhs,
                        DefaultValuedParameter<"int64_t", "0">:$step,
                        DefaultValuedParameter<"int64_t", "0">:$stages,
                        DefaultValuedParameter<"int64_t", "1">:$warps_i,
                        DefaultValuedParameter<"int64_t", "1">:$warps_j,
                        DefaultValuedParameter<"int64_t", "1">:$split,
                        DefaultValuedParameter<"int64_t", "1">:$panels,
                        DefaultValuedParameter<"int64_t", "1">:$cluster);
  let assemblyFormat = [{ `<` struct(params) `>` }];
  let genVerifyDecl = 1;
}

def SparseIR_SelectionAttr : SparseIR_Attr<"Selection", "selection"> {
  let summary = "which of a few strategies serves which number of columns";
  let description = [{
    For a product whose N is dynamic: chosen once by
    `sparse-ir-select-strategy`, obeyed by `sparse-ir-specialize`. Ranges are
    pairs of the first N and the strategy that serves it and all up to the next
    range; the first begins at 0. N that are multiples of `modulus` look into
    `aligned`, all others into `others`; with a modulus of 1 `aligned` is empty
    and `others` serves every N.

    ```mlir
    #sparse_ir.selection<strategies = [#a, #b], modulus = 16,
      aligned = [0, 0, 64, 1], others = [0, 0]>
    ```
  }];
  let parameters = (ins "::mlir::ArrayAttr":$strategies, "int64_t":$modulus,
                        "::mlir::DenseI64ArrayAttr":$aligned,
                        "::mlir::DenseI64ArrayAttr":$others);
  let assemblyFormat = [{ `<` struct(params) `>` }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The number of the strategy that serves `n` columns.
    int64_t getStrategyAt(int64_t n) const;
  }];
}

def SparseIR_GroupPolicy : I32EnumAttr<"GroupPolicy", "how meta-ops are grouped", [
    I32EnumAttrCase<"Ungrouped", 0, "ungrouped">,
    I32EnumAttrCase<"Disjoint", 1, "disjoint">,
    I32EnumAttrCase<"Chain", 2, "chain">]> {
  let genSpecializedAttr = 0;
  let cppNamespace = "::mlir::spmmplu";
}
def SparseIR_GroupPolicyAttr : EnumAttr<SparseIR_Dialect, SparseIR_GroupPolicy, "policy"> {
  let summary = "how the meta-ops of a group relate";
  let description = [{
    - `ungrouped`: segmented only; meta-ops may have an additive relation;
    - `disjoint`: the paper's grouping, no two write the same output element;
    - `chain`: all meta-ops of an output tile form one chain.
  }];
  let assemblyFormat = "`<` $value `>`";
}

#endif // SPMMPLU_IR_SPARSEIRATTRIBUTES_TD
