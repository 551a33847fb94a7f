//===- SparseGPUOps.td - Tensor-core instructions -----------*- tablegen -*-===//
//
// Part of SpMMPlu, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SPMMPLU_GPU_SPARSEGPUOPS_TD
#define SPMMPLU_GPU_SPARSEGPUOPS_TD

include "mlir/Dialect/LLVMIR/LLVMTypes.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def SparseGPU_Dialect : Dialect {
  let name = "sparse_gpu";
  let cppNamespace = "::mlir::spmmplu";
  let summary = "Tensor-core instructions, dense and sparse, on register fragments";
  let description = [{
    What GPU kernels are written in where upstream has no op, or none with the
    sparse form: one op for an instruction family, operands are the registers
    of one lane as vectors. Everything else in a kernel is `gpu.func`, `scf`,
    `arith`, one-dimensional `vector`, `llvm` memory operations and `nvvm`.

    The emulator executes these kernels as they are; `convert-sparse-gpu-to-nvvm`
    turns them into `nvvm` and inline PTX. `docs/gpu.md` has the rules.
  }];
}

class SparseGPU_Op<string mnemonic, list<Trait> traits = []>
    : Op<SparseGPU_Dialect, mnemonic, traits>;

def SparseGPU_MmaOp : SparseGPU_Op<"mma", [
    Pure, AllTypesMatch<["c", "result"]>]> {
  let summary = "warp matrix product: mma.sync, or mma.sp.sync with metadata";
  let description = [{
    `result = A * B + c` of the 16 x K matrix A, the K x 8 matrix B and the
    16 x 8 matrix c; the vectors are the registers of one lane in the order of
    PTX ISA "Matrix Fragments for mma.m16n8k16" (and its siblings). All 32 lanes
    execute it together.

    | a | b | c | K dense | K with metadata |
    | --- | --- | --- | --- | --- |
    | `vector<8xf16>`, `vector<8xbf16>` | 4 elements, sparse 8 | `vector<4xf32>` (f16: also `vector<4xf16>`) | 16 | 32 |
    | `vector<4xf32>` (read as tf32) | 2 elements, sparse 4 | `vector<4xf32>` | 8 | 16 |
    | `vector<16xi8>` | 8 elements, sparse 16 | `vector<4xi32>` | 32 | 64 |
    | `vector<16xf8E4M3FN>`, `vector<16xf8E5M2>` | 8 elements, sparse 16 | `vector<4xf32>` | 32 | 64 |

    With `meta`, A holds the kept values of 2:4 rows (1:2 for tf32) and `meta`
    their indices, ordered, as read by the pair of lanes that `selector` names.
    Of 8-bit elements the metadata of all 32 lanes count: lane l has row l / 4 +
    8 * (l mod 2), columns 32 * (l / 2 mod 2) and the next 31, a nibble for every
    four of them.

    An i8 is signed, or without a sign by `unsigned_a` and `unsigned_b`. Sums of
    i32 wrap. The types f8 need a chip from sm_89 on.

    Constraints:
    - (C1) a, b and c are one row of the table;
    - (C2) `selector` is 0 or 1 and stands with `meta` only; it is 0 for 8-bit
      elements;
    - (C3) `unsigned_a` and `unsigned_b` stand with elements of i8 only.

    ```mlir
    %d = sparse_gpu.mma %a, %b, %c : vector<8xf16>, vector<4xf16>, vector<4xf32>
    %e = sparse_gpu.mma %a, %p, %d meta %m selector 1
       : vector<8xf16>, vector<8xf16>, vector<4xf32>
    ```
  }];
  let arguments = (ins AnyVectorOfNonZeroRank:$a, AnyVectorOfNonZeroRank:$b,
                       AnyVectorOfNonZeroRank:$c, Optional<I32>:$meta,
                       DefaultValuedAttr<I32Attr, "0">:$selector,
                       UnitAttr:$unsigned_a, UnitAttr:$unsigned_b);
  let results = (outs AnyVectorOfNonZeroRank:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $c (`meta` $meta^)? (`selector` $selector^)?
    (`unsigned_a` $unsigned_a^)? (`unsigned_b` $unsigned_b^)? attr-dict
    `:` type($a) `,` type($b) `,` type($c)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    bool isSparse() { return bool(getMeta()); }
    /// Logical k of one instruction.
    int64_t getDepth();
  }];
}

def SparseGPU_RoundTF32Op : SparseGPU_Op<"round_tf32", [
    Pure, AllTypesMatch<["value", "result"]>]> {
  let summary = "rounds f32 to tf32: cvt.rna.tf32.f32";
  let description = [{
    To 10 explicit bits of mantissa, to the nearest, ties away from zero; the
    other bits of the result are zero. Instructions that read f32 as tf32 drop
    them: operands are rounded before, so that errors have no direction. Of
    infinities and NaNs the low bits are dropped only: a NaN whose payload is in
    them becomes infinite.

    Constraints:
    - (C1) an f32 or a one-dimensional vector of it.

    ```mlir
    %r = sparse_gpu.round_tf32 %v : vector<2xf32>
    ```
  }];
  let arguments = (ins AnyType:$value);
  let results = (outs AnyType:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def SparseGPU_WgmmaOp : SparseGPU_Op<"wgmma", [
    AllTypesMatch<["c", "result"]>]> {
  let summary = "warpgroup matrix product: wgmma.mma_async, or its sparse form";
  let description = [{
    Starts `result = A * B + c` of a 64 x K matrix A, a K x N matrix B and the
    64 x N matrix c, asynchronously: `result` may only be used by further
    `wgmma`s and by a `sparse_gpu.wgmma_wait` that ties it. The 128 lanes of a
    warpgroup execute it together, after `nvvm.wgmma.fence.aligned`.

    - `a`: an i64 shared-memory descriptor, or `vector<8xf16>` registers (the
      fragment of `sparse_gpu.mma` for the warp's 16 rows);
    - `b`: an i64 shared-memory descriptor; `transpose_b`: B lies N-major;
    - `c`: a lane's N / 2 values as `vector<(N/2)xf32>`, of i8 elements i32;
      value 4 * t + i is value i of the m16n8 fragment of columns 8t .. 8t+7;
    - K is 16, with `meta` 32 (16-bit elements); 8 and 16 (tf32); 32 and 64
      (8-bit elements);
    - metadata, `unsigned_a` and `unsigned_b` as of `sparse_gpu.mma`.

    Constraints:
    - (C1) N is a multiple of 8 from 8 to 256, of i8 elements one of 16 from 32
      on;
    - (C2) the element type is f16, bf16, tf32, i8, f8E4M3FN or f8E5M2; registers
      have that type;
    - (C3) `transpose_b` with 16-bit elements only;
    - (C4) `selector` is 0 or 1 and stands with `meta` only; it is 0 for 8-bit
      elements;
    - (C5) `unsigned_a` and `unsigned_b` stand with elements of i8 only.

    ```mlir
    %d = sparse_gpu.wgmma f16 %a, %b, %c meta %m selector 1 : i64, vector<96xf32>
    ```
  }];
  let arguments = (ins TypeAttr:$element, AnyType:$a, I64:$b,
                       AnyVectorOfNonZeroRank:$c, Optional<I32>:$meta,
                       DefaultValuedAttr<I32Attr, "0">:$selector,
                       UnitAttr:$transpose_b, UnitAttr:$unsigned_a,
                       UnitAttr:$unsigned_b);
  let results = (outs AnyVectorOfNonZeroRank:$result);
  let assemblyFormat = [{
    $element $a `,` $b `,` $c (`meta` $meta^)? (`selector` $selector^)?
    (`transpose_b` $transpose_b^)? (`unsigned_a` $unsigned_a^)?
    (`unsigned_b` $unsigned_b^)? attr-dict `:` type($a) `,` type($c)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    bool isSparse() { return bool(getMeta()); }
    int64_t getCols() { return 2 * cast<VectorType>(getC().getType()).getNumElements(); }
    /// Logical k of one instruction.
    int64_t getDepth();
  }];
}

def SparseGPU_WgmmaWaitOp : SparseGPU_Op<"wgmma_wait", [
    AllTypesMatch<["values", "results"]>]> {
  let summary = "waits until at most `pending` groups of wgmma are in flight";
  let description = [{
    `wgmma.wait_group`, tied to accumulators so that nothing which reads them
    moves above it.

    ```mlir
    %r = sparse_gpu.wgmma_wait 0, %d : vector<96xf32>
    ```
  }];
  let arguments = (ins I32Attr:$pending, Variadic<AnyVectorOfNonZeroRank>:$values);
  let results = (outs Variadic<AnyVectorOfNonZeroRank>:$results);
  let assemblyFormat = [{
    $pending (`,` $values^ `:` type($values))? attr-dict
  }];
}

def SparseGPU_TensorMapOp : SparseGPU_Op<"tensor_map"> {
  let summary = "host: describes a matrix in device memory for bulk tensor copies";
  let description = [{
    A row-major matrix of `rows` x `cols` elements at device address `base`,
    rows `stride` elements apart, copied in boxes of `box_rows` x `box_cols`
    into shared memory in 128-byte swizzle (16-byte chunk c of box row r lies at
    chunk c xor (r mod 8)). Reads outside are zeros. The result points to the
    128-byte CUtensorMap in host memory; passed to a kernel whose argument has
    `llvm.byval`, it is copied into the launch.

    Constraints:
    - (C1) `box_cols` times the element's size is 128 bytes or less, and a
      multiple of 16; `box_rows` is 256 or less;
    - (C2) the element type is f16, bf16 or f32.

    ```mlir
    %t = sparse_gpu.tensor_map f16 %base, %rows, %cols, %stride box [192, 64]
    ```
  }];
  let arguments = (ins TypeAttr:$element, I64:$base, I64:$rows, I64:$cols,
                       I64:$stride, I64Attr:$box_rows, I64Attr:$box_cols);
  let results = (outs LLVM_AnyPointer:$result);
  let assemblyFormat = [{
    $element $base `,` $rows `,` $cols `,` $stride
    `box` `[` $box_rows `,` $box_cols `]` attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def SparseGPU_ScratchOp : SparseGPU_Op<"scratch"> {
  let summary = "host: device memory that kernels of a program share";
  let description = [{
    At least `bytes` of device memory, the same for all launches of a program
    (which run one after the other). It is zero when first handed out; a kernel
    that counts in it leaves its counters zero.

    ```mlir
    %p = sparse_gpu.scratch %bytes : !llvm.ptr<1>
    ```
  }];
  let arguments = (ins I64:$bytes);
  let results = (outs LLVM_AnyPointer:$result);
  let assemblyFormat = "$bytes attr-dict `:` type($result)";
}

#endif // SPMMPLU_GPU_SPARSEGPUOPS_TD
