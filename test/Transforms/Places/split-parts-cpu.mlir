// RUN: sparse-opt %s -sparse-ir-split-parts=target=sapphirerapids --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t
// RUN: sparse-opt %s -sparse-ir-split-parts=target=x86-64-v3 | FileCheck %s --check-prefix=OLD
// RUN: sparse-opt %s --sparse-ir-cpu="target=sapphirerapids stop-after=kernels" -mlir-print-local-scope | FileCheck %s --check-prefix=KERNEL

// The cost model says whether parts are worth it, with both times.
// REMARK: [Passed] sparse-ir-split-parts {{.*}}parts=2, us={{.*}}, us-of-whole=
// REMARK: [Passed] sparse-ir-split-parts {{.*}}parts=2, us={{.*}}, us-of-whole=
// REMARK: [Passed] sparse-ir-split-parts {{.*}}parts=2, us={{.*}}, us-of-whole=
// REMARK: [Missed] sparse-ir-split-parts {{.*}}Reason="the parts are not expected to be faster", parts=2, us={{.*}}, us-of-whole=
// REMARK-NOT: sparse-ir-split-parts

#gst = #sparse_ir.sparsity<#sparse_ir.gst<window=60,stride=32>>
#small = #sparse_ir.sparsity<#sparse_ir.gst<window=6,stride=4>>

// Tiles: of the window as they lie, of single k along the columns of one
// residue.
// CHECK-LABEL: func.func @tiles
// CHECK: %[[NEAR:.*]] = sparse_ir.expand %[[V:.*]] {places = #{{.*}}} : tensor<{{.*}}xbf16> to
// CHECK: %[[A:.*]] = tensor.cast %[[NEAR]]
// CHECK: %[[FIRST:.*]] = sparse_ir.matmul ins(%[[A]], %[[X:.*]] : {{.*}}) outs(%[[INIT:.*]] :
// CHECK: %[[FAR:.*]] = sparse_ir.expand %[[V]] {places = #{{.*}}} : tensor<{{.*}}xbf16> to
// CHECK: %[[B:.*]] = tensor.cast %[[FAR]]
// CHECK: sparse_ir.matmul ins(%[[B]], %[[X]] : {{.*}}) outs(%[[FIRST]] :
// AVX2 spreads no values.
// OLD-LABEL: func.func @tiles
// OLD: sparse_ir.matmul
// OLD-NOT: sparse_ir.matmul
// OLD: return
// KERNEL-LABEL: func.func @tiles
// KERNEL: sparse_ir.kernel {{.*}}#sparse_ir.chains<rows = 16, depth = 32,{{.*}}intrinsic = "amx-bf16", rows = 16, depth = 32{{.*}}lhs_part =
// KERNEL-NOT: accumulate
// KERNEL: sparse_ir.kernel {{.*}}#sparse_ir.chains<rows = {{16|32}}, depth = 1,{{.*}}intrinsic = "amx-bf16", rows = {{16|32}}, depth = 1,{{.*}}accumulate{{.*}}lhs_part =
// KERNEL-NOT: sparse_ir.expand
func.func @tiles(%v: tensor<365164xbf16>, %x: tensor<2048x64xbf16>, %i: tensor<2048x64xf32>) -> tensor<2048x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2048x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<2048x64xf32>) -> tensor<2048x64xf32>
  %0 = sparse_ir.expand %v : tensor<365164xbf16> to tensor<2048x2048xbf16, #gst>
  %a = tensor.cast %0 : tensor<2048x2048xbf16, #gst> to tensor<2048x2048xbf16>
  %y = sparse_ir.matmul ins(%a, %x : tensor<2048x2048xbf16>, tensor<2048x64xbf16>) outs(%init : tensor<2048x64xf32>) lhs_sparsity(#gst)
  return %y : tensor<2048x64xf32>
}

// Sums of a result of 16 bits are f32 in between: the last kernel rounds.
// CHECK-LABEL: func.func @rounded
// CHECK: linalg.fill {{.*}}-> tensor<2048x64xf32>
// CHECK: %[[SUM:.*]] = sparse_ir.matmul {{.*}} outs(%{{.*}} : tensor<2048x64xf32>)
// CHECK: sparse_ir.matmul {{.*}} outs(%[[SUM]] : tensor<2048x64xf32>)
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// KERNEL-LABEL: func.func @rounded
// KERNEL: sparse_ir.kernel {{.*}}-> tensor<2048x64xf32>
// KERNEL: sparse_ir.kernel {{.*}}epilogue(%{{.*}} : tensor<2048x64xf32>)
// KERNEL: arith.addf
// KERNEL: -> tensor<2048x64xbf16>
// KERNEL-NOT: linalg
// KERNEL: return
func.func @rounded(%v: tensor<365164xbf16>, %x: tensor<2048x64xbf16>) -> tensor<2048x64xbf16> {
  %zero = arith.constant 0.0 : bf16
  %e = tensor.empty() : tensor<2048x64xbf16>
  %init = linalg.fill ins(%zero : bf16) outs(%e : tensor<2048x64xbf16>) -> tensor<2048x64xbf16>
  %0 = sparse_ir.expand %v : tensor<365164xbf16> to tensor<2048x2048xbf16, #gst>
  %a = tensor.cast %0 : tensor<2048x2048xbf16, #gst> to tensor<2048x2048xbf16>
  %y = sparse_ir.matmul ins(%a, %x : tensor<2048x2048xbf16>, tensor<2048x64xbf16>) outs(%init : tensor<2048x64xbf16>) lhs_sparsity(#gst)
  return %y : tensor<2048x64xbf16>
}

// Vectors: panels of several rows share the columns of a part.
// CHECK-LABEL: func.func @vectors
// CHECK-COUNT-2: sparse_ir.matmul
// KERNEL-LABEL: func.func @vectors
// KERNEL: sparse_ir.kernel {{.*}}intrinsic = "avx512-f32", rows = {{[2-9]}}, depth = 1{{.*}}lhs_part =
// KERNEL: sparse_ir.kernel {{.*}}intrinsic = "avx512-f32", rows = {{[2-9]}}, depth = 1{{.*}}accumulate{{.*}}lhs_part =
// KERNEL-NOT: sparse_ir.expand
func.func @vectors(%v: tensor<365164xf32>, %x: tensor<2048x64xf32>, %i: tensor<2048x64xf32>) -> tensor<2048x64xf32> {
  %0 = sparse_ir.expand %v : tensor<365164xf32> to tensor<2048x2048xf32, #gst>
  %a = tensor.cast %0 : tensor<2048x2048xf32, #gst> to tensor<2048x2048xf32>
  %y = sparse_ir.matmul ins(%a, %x : tensor<2048x2048xf32>, tensor<2048x64xf32>) outs(%i : tensor<2048x64xf32>) lhs_sparsity(#gst)
  return %y : tensor<2048x64xf32>
}

// Every fourth column leaves tiles nothing to skip.
// CHECK-LABEL: func.func @small
// CHECK: sparse_ir.matmul
// CHECK-NOT: sparse_ir.matmul
// CHECK: return
func.func @small(%v: tensor<1514xbf16>, %x: tensor<64x64xbf16>, %i: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = sparse_ir.expand %v : tensor<1514xbf16> to tensor<64x64xbf16, #small>
  %a = tensor.cast %0 : tensor<64x64xbf16, #small> to tensor<64x64xbf16>
  %y = sparse_ir.matmul ins(%a, %x : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%i : tensor<64x64xf32>) lhs_sparsity(#small)
  return %y : tensor<64x64xf32>
}
