//===- Passes.td - Passes on sparse_ir ----------------------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_TRANSFORMS_PASSES_TD
#define SPMMPLU_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def SparseIRFuseAttention : Pass<"sparse-ir-fuse-attention", "::mlir::ModuleOp"> {
  let summary = "Makes masked attention one op that stores no scores";
  let description = [{
    softmax(scale * Q K^T under a mask) V becomes `sparse_ir.attention`. The
    products are `linalg.matmul`, `batch_matmul` or contractions in
    `linalg.generic`; the softmax is `linalg.softmax` along the keys or its
    expansion (subtract the maximum of a row, exp, divide by the sum), in
    `linalg.generic`, named elementwise ops, `linalg.reduce` and
    `linalg.broadcast`. Changes of precision are looked through.

    The mask is a constant, the same for all slices, that is added (zeros, and
    minus infinities or what is at most -1000 after scaling) or that selects
    (`arith.select` of the score or such a number), or the encoding of the type
    of `linalg.softmax`'s input: then there are no scores elsewhere. Masks of
    the products must let all of it through.

    For GPUs only, f16 and bf16, up to 128 columns. Where the scores or the
    probabilities have another user they must be stored, and all stays as it is.
    A remark says why not, or gives the figures.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "A row of the table of targets, with overrides">,
    Option<"strategy", "strategy", "std::string", "\"\"",
           "Use this #sparse_ir.strategy for every attention instead">];
  let dependentDialects = ["SparseIRDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

def SparseIRRaise : Pass<"sparse-ir-raise", "::mlir::ModuleOp"> {
  let summary = "Raises products with a sparse operand or result to sparse_ir.matmul";
  let description = [{
    The sparsity of a product is found in three places, in this order:
    an attribute on the linalg op (`sparse_ir.lhs`, `sparse_ir.rhs`,
    `sparse_ir.out`, each a `#sparse_ir.sparsity`), the encoding of an operand's
    tensor type, the zeros of an operand that is a constant of at least
    `min-sparsity`.

    Products are `linalg.matmul`, `batch_matmul`, `matvec`, their transposed
    forms, `conv_2d_nhwc_hwcf` and `conv_2d_nchw_fchw` (through img2col) and
    contractions in `linalg.generic`; of floats, or of i8 with sums of i32. The
    sparse operand is put on the left: a
    product that is sparse on the right is transposed, and layout elimination
    removes the transposes.
  }];
  let options = [
    Option<"minSparsity", "min-sparsity", "double", "0.3",
           "The least fraction of zeros at which a constant counts as sparse">,
    Option<"target", "target", "std::string", "",
           "Leaves products of 8-bit elements alone that this target does not "
           "multiply (default: raises all)">];
  let dependentDialects = ["SparseIRDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::arith::ArithDialect"];
}

def SparseIRSplitParts : Pass<"sparse-ir-split-parts", "::mlir::ModuleOp"> {
  let summary = "Multiplies the parts of a masked lhs one by one";
  let description = [{
    Of an lhs that is stored as values of places: where the mask's pattern knows
    parts that want their rows in different orders (a window, and columns a stride
    apart), the product becomes one a part, each adding to the one before. On
    GPUs where panels of the parts have far fewer columns than panels of all, on
    CPUs where the model expects the parts to be faster together; sums of 16 bits
    are then f32 between the parts.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "The machine that runs the program">,
    Option<"threads", "threads", "int64_t", "1",
           "Threads that the product may use">];
  let dependentDialects = ["SparseIRDialect", "::mlir::tensor::TensorDialect"];
}

def SparseIRSelectStrategy : Pass<"sparse-ir-select-strategy", "::mlir::ModuleOp"> {
  let summary = "Chooses how each product is computed, dense included";
  let description = [{
    Writes the `strategy` of every `sparse_ir.matmul` that has none: the
    cheapest candidate of the target's cost model (docs/cost-model.md). Where
    walking a full mask is cheaper, the sparsity of the operand is replaced by
    `#sparse_ir.dense`. Either way a remark gives the figures.

    Where N is dynamic, also a `selection`: a few strategies that cover the
    space of N, and which of them serves which N.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "A row of the table of targets, with overrides">,
    Option<"threads", "threads", "int64_t", "1",
           "Threads that the product may use">,
    Option<"allowDense", "allow-dense", "bool", "true",
           "Let dense win where it is predicted to be faster">,
    Option<"allowTF32", "allow-tf32", "bool", "false",
           "Let f32 operands be rounded to tf32 for tensor cores">,
    Option<"accumulate", "accumulate", "std::string", "\"f32\"",
           "f16: let a GPU sum f16 products in f16 where that is faster">,
    Option<"strategy", "strategy", "std::string", "\"\"",
           "Use this #sparse_ir.strategy for every product instead">,
    Option<"maxKernels", "max-kernels", "int64_t", "12",
           "Strategies that a product of dynamic N may have">,
    Option<"tuning", "tuning", "std::string", "\"\"",
           "A file of measured times; strategies are chosen among these">,
    Option<"tuneTop", "tune-top", "int64_t", "0",
           "Note the best so many strategies of several N, to be measured">,
    Option<"dump", "dump", "bool", "false",
           "Print the space of strategies of every product">];
  let dependentDialects = ["SparseIRDialect"];
}

def SparseIRSpecialize : Pass<"sparse-ir-specialize", "::mlir::ModuleOp"> {
  let summary = "Makes one product of each strategy of a selection";
  let description = [{
    A product with a `selection` becomes an `scf.index_switch` with one product
    a strategy; which one runs follows from N by comparisons. Layout
    transformations of the result and its store into the caller's buffer move
    into the regions. Every pass after this one sees products of one strategy.
  }];
  let dependentDialects = ["SparseIRDialect", "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRSegment : Pass<"sparse-ir-segment", "::mlir::ModuleOp"> {
  let summary = "Segments the computational space into meta-ops (Algorithm 1)";
  let description = [{
    Rewrites the masks by the intrinsic's cuboid and aggregates non-zero cells
    into meta-ops (docs/segmentation.md). An axis that no mask speaks of is one
    cell. The result is one `ungrouped` group a meta-op extent.

    The cuboid is, in this order: the option, the strategy's (rows, vectors of
    the intrinsic, depth), 1x1x1.
  }];
  let options = [
    ListOption<"cuboid", "cuboid", "int64_t",
               "The intrinsic's cuboid along i, j, k">,
    Option<"cubeThreshold", "cube-threshold", "int32_t", "8",
           "Meta-ops, of 8, that a 2x2x2 neighbourhood needs to be merged">,
    Option<"faceThreshold", "face-threshold", "int32_t", "4",
           "Meta-ops, of 4, that a face needs to be merged">,
    Option<"edgeThreshold", "edge-threshold", "int32_t", "2",
           "Meta-ops, of 2, that an edge needs to be merged">];
  let dependentDialects = ["SparseIRDialect"];
}

def SparseIRGroup : Pass<"sparse-ir-group", "::mlir::ModuleOp"> {
  let summary = "Groups meta-ops that may run in parallel";
  let description = [{
    `chain` (the default): one table a product; all meta-ops of one output tile
    form one chain, so that accumulators stay in registers. Needs sparsity on
    the lhs or on the result only. `disjoint`: the paper's grouping, no additive
    relation within a group, groups in sequence; serves every sparsity.
  }];
  let options = [
    Option<"policy", "policy", "std::string", "\"chain\"",
           "chain or disjoint">,
    Option<"minGroupSize", "min-group-size", "int64_t", "64",
           "Smaller disjoint groups are combined where they may be">];
  let dependentDialects = ["SparseIRDialect"];
}

def SparseIRToMetaDFG : Pass<"sparse-ir-to-meta-dfg", "::mlir::ModuleOp"> {
  let summary = "Turns grouped products into a Meta-DFG";
  let description = [{
    Per table of a group: slice nodes, `linalg.matmul`, and an assign node that
    is the inverse slice and the in-place assign, in one loop over the table
    (SpMMPlu, Sec. III-D1). Tables of at most `unroll` meta-ops are unrolled.
  }];
  let options = [
    Option<"unroll", "unroll", "int64_t", "0",
           "Unroll tables of at most this many meta-ops">];
  let dependentDialects = ["SparseIRDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::arith::ArithDialect"];
}

def SparseIREliminateLayout : Pass<"sparse-ir-eliminate-layout", "::mlir::ModuleOp"> {
  let summary = "Folds layout transformations into the indices of computations";
  let description = [{
    Slices and assigns around a meta-op's product become a `sparse_ir.contract`;
    transposes, reshapes, static slices, broadcasts and img2col around contracts
    and kernels become their maps. Transposes and reshapes around other linalg
    ops (matmul, matvec, reductions, elementwise) become indexing maps or move
    out of the way; successive ones collapse. `sparse_ir.expand` of a kernel's
    lhs and `sparse_ir.compress` of its result become its `lhs_places` and
    `out_places`, where the kernel has them.
  }];
  let dependentDialects = ["SparseIRDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRFuseMetaOps : Pass<"sparse-ir-fuse-meta-ops", "::mlir::ModuleOp"> {
  let summary = "Makes the meta-ops of a group one kernel";
  let description = [{
    A loop over a table whose body is one `sparse_ir.contract` becomes a
    `sparse_ir.kernel`; a zero-filled initial value is not read. Nor is it
    written where the kernels' tiles are all that a sparse result of the function
    holds: the caller's buffer has zeros outside of the mask.
  }];
  let dependentDialects = ["SparseIRDialect", "::mlir::tensor::TensorDialect"];
}

def SparseIRFuseEpilogues : Pass<"sparse-ir-fuse-epilogues", "::mlir::ModuleOp"> {
  let summary = "Moves elementwise ops on a kernel's result into the kernel";
  let description = [{
    Elementwise ops around kernels are first fused with each other (upstream's
    patterns). Then what alone uses the result of a kernel, elementwise on its
    elements, becomes the kernel's epilogue with all its other inputs: biases,
    activations, residuals, casts. It computes in the type of sums: what the
    program rounds in between (a product's f16 result before its bias) stays
    unrounded.

    An initial value that the kernel would read becomes an operand of the
    epilogue, as the vector or the constant that it is where it is a broadcast.

    Left alone, with a remark: kernels that leave rows to others, or add to their
    result more than once, and ops on wider numbers than the sums.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "The machine for which remarks predict times">];
  let dependentDialects = ["SparseIRDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRExpandPlaces : Pass<"sparse-ir-expand-places", "::mlir::ModuleOp"> {
  let summary = "Makes loops of the values of places that no kernel takes";
  let description = [{
    What is left of `sparse_ir.compress` and `sparse_ir.expand` copies element by
    element. GPUs have no such loop: there it is an error.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "The machine that runs the program">];
  let dependentDialects = ["SparseIRDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRPack : Pass<"sparse-ir-pack", "::mlir::ModuleOp"> {
  let summary = "Packs constant operands and makes tables data";
  let description = [{
    A constant lhs of a kernel on chains is packed in the order in which the
    kernel reads it; the parts of the table become constant tensors. A packed
    operand is unpacked again and compared before it is used.

    For tensor cores chains are padded to whole steps first, the tasks are the
    panels, longest chain first, and a sparse intrinsic adds the table
    `metadata` (docs/gpu.md, "Packed left operands").
  }];
  let dependentDialects = ["SparseIRDialect", "::mlir::arith::ArithDialect"];
}

def SparseIRResultsToDestinations
    : Pass<"sparse-ir-results-to-destinations", "::mlir::ModuleOp"> {
  let summary = "Lets public functions write their results into arguments";
  let description = [{
    Every tensor result of a public function becomes a trailing memref argument
    with the attribute `sparse_ir.result`. Arguments get `sparse_ir.dims`, the
    shape as integers and symbols: a dynamic dimension of an argument keeps the
    symbol that the attribute gives it or is named `d0`, `d1`, ...; one of a
    result is the symbol of the argument's dimension that it is equal to.
    Arguments are not written: what uses one as an initial value gets a copy.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRUnshareInits : Pass<"sparse-ir-unshare-inits"> {
  let summary = "Gives every result an initial tensor of its own";
  let description = [{
    Ops that write into one `tensor.empty` or `linalg.fill` each get one; of
    those that start from another op's result all but the last get copies.
    Bufferization would copy too, but where two of them are results of the
    function, eliminating their empty tensor puts one into the other's
    destination, which is then copied over it.

    ```mlir
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
    %r = sparse_ir.kernel ... outs(%f : tensor<4x8xf32>) ...
    %s = sparse_ir.kernel ... outs(%f : tensor<4x8xf32>) ...   // gets its own
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SparseIRExternalizeConstants : Pass<"sparse-ir-externalize-constants", "::mlir::ModuleOp"> {
  let summary = "Turns large constants into trailing function arguments";
  let description = [{
    Constants of at least `min-bytes`, and packed operands and tables of kernels
    whatever their size, become arguments with the attribute
    `sparse_ir.constant` (their name in the package), in order of first use,
    after all others: data of the package instead of constants in code. The
    values go into a module attribute `sparse_ir.constants`, a dictionary.
  }];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "64",
           "The least size of a constant that becomes an argument">];
  let dependentDialects = ["SparseIRDialect",
                           "::mlir::bufferization::BufferizationDialect"];
}

def SparseIRExpandCopies : Pass<"sparse-ir-expand-copies", "::mlir::ModuleOp"> {
  let summary = "Turns copies of strided memrefs into linalg.copy";
  let description = [{
    LLVM's lowering calls a library function for a `memref.copy` that is not
    contiguous (padding makes them); a package has none. As `linalg.copy` it
    becomes loops. Contiguous copies stay: they are a `memcpy`.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

#endif // SPMMPLU_TRANSFORMS_PASSES_TD
