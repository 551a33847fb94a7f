// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sm_90a" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sm_90" | FileCheck %s --check-prefix=WARPS

#banded = #sparse_ir.sparsity<#sparse_ir.window<16>>
#tenth = #sparse_ir.sparsity<#sparse_ir.random<density=0.1,seed=0>>

// Of a band most of every panel's columns are skipped.
// CHECK: [Passed] sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=sparse, dense-us={{.*}} sparse-us={{.*}} strategy="{{w?g?mma-f16 .*}} step {{.*}}, stages {{.*}}, warps
// AFTER-LABEL: func.func @band
// AFTER: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<16>>) strategy(#sparse_ir.strategy<intrinsic = "{{w?g?mma-f16}}", {{.*}}step = {{[0-9]+}}
func.func @band(%b: tensor<2048x1024xf16>, %c: tensor<2048x1024xf32>) -> tensor<2048x1024xf32> {
  %a = arith.constant dense<0.0> : tensor<2048x2048xf16>
  %r = sparse_ir.matmul ins(%a, %b : tensor<2048x2048xf16>, tensor<2048x1024xf16>) outs(%c : tensor<2048x1024xf32>)
         lhs_sparsity(#banded)
  return %r : tensor<2048x1024xf32>
}

// A tenth at random leaves no column of a panel empty: dense wins, and the
// remark says by how much. With warpgroups where the machine has them.
// CHECK: [Passed] sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=dense, dense-us={{[0-9.e+]+}}, {{.*}}sparse-us={{[0-9.e+]+}}, strategy="wgmma-bf16
// AFTER-LABEL: func.func @scattered
// AFTER: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.dense>) strategy(#sparse_ir.strategy<intrinsic = "wgmma-bf16",
// WARPS-LABEL: func.func @scattered
// WARPS: strategy(#sparse_ir.strategy<intrinsic = "mma-bf16",
func.func @scattered(%b: tensor<2048x2048xbf16>, %c: tensor<2048x2048xf32>) -> tensor<2048x2048xf32> {
  %a = arith.constant dense<0.0> : tensor<2048x2048xbf16>
  %r = sparse_ir.matmul ins(%a, %b : tensor<2048x2048xbf16>, tensor<2048x2048xbf16>) outs(%c : tensor<2048x2048xf32>)
         lhs_sparsity(#tenth)
  return %r : tensor<2048x2048xf32>
}

// Scores: tiles of 64 x 64 of the result, its lhs not constant.
// CHECK: [Passed] sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=sparse, {{.*}}strategy="wgmma-f16 64x64x64
// AFTER-LABEL: func.func @scores
// AFTER: strategy(#sparse_ir.strategy<intrinsic = "wgmma-f16", rows = 64, depth = 64, vectors = 8,
func.func @scores(%a: tensor<1024x64xf16>, %b: tensor<64x1024xf16>, %c: tensor<1024x1024xf32>) -> tensor<1024x1024xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<1024x64xf16>, tensor<64x1024xf16>) outs(%c : tensor<1024x1024xf32>)
         out_sparsity(#banded)
  return %r : tensor<1024x1024xf32>
}
