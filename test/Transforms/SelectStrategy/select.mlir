// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids" --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t
// RUN: sparse-opt %s -sparse-ir-select-strategy="target=sapphirerapids allow-dense=false" | FileCheck %s --check-prefix=SPARSE

// A mask of a diagonal is worth walking.
// CHECK: [Passed] sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=sparse
// AFTER-LABEL: func.func @diagonal
// AFTER: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>) strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", {{.*}}>) {sparse_ir.predicted_us = {dense = {{.*}} : f64, sparse = {{.*}} : f64}}
func.func @diagonal(%b: tensor<512x64xf32>, %c: tensor<512x64xf32>) -> tensor<512x64xf32> {
  %a = arith.constant dense<0.0> : tensor<512x512xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<512x512xf32>, tensor<512x64xf32>) outs(%c : tensor<512x64xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
  return %r : tensor<512x64xf32>
}

// One that is nearly full is not: dense wins, unless it may not.
// CHECK: [Passed] sparse-ir-select-strategy | Category:sparse-ir | {{.*}}chosen=dense
// AFTER-LABEL: func.func @nearly_full
// AFTER: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.dense>) strategy(
// SPARSE-LABEL: func.func @nearly_full
// SPARSE: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.random<density=0.97,seed=0>>) strategy(
func.func @nearly_full(%b: tensor<256x64xf32>, %c: tensor<256x64xf32>) -> tensor<256x64xf32> {
  %a = arith.constant dense<0.0> : tensor<256x256xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<256x256xf32>, tensor<256x64xf32>) outs(%c : tensor<256x64xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.random<density=0.97>>)
  return %r : tensor<256x64xf32>
}

// The intrinsic follows the element type and the table of the target.
// AFTER-LABEL: func.func @types
// AFTER: strategy(#sparse_ir.strategy<intrinsic = "amx-bf16", rows = {{16|32}},
// AFTER: strategy(#sparse_ir.strategy<intrinsic = "avx512-f64",
// AFTER: out_sparsity({{.*}}) strategy(#sparse_ir.strategy<intrinsic = "avx512-f32",
func.func @types(%a: tensor<64x64xbf16>, %b: tensor<64x64xbf16>, %c: tensor<64x64xf32>, %e: tensor<64x?xf64>, %f: tensor<64x?xf64>, %g: tensor<64x16xf32>, %h: tensor<16x64xf32>) -> (tensor<64x64xf32>, tensor<64x?xf64>, tensor<64x64xf32>) {
  %w = arith.constant dense<0.0> : tensor<64x64xbf16>
  %r = sparse_ir.matmul ins(%w, %b : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%c : tensor<64x64xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<64x64, dense<-1> : tensor<512xi8>>>)
  %d = arith.constant dense<0.0> : tensor<64x64xf64>
  %s = sparse_ir.matmul ins(%d, %e : tensor<64x64xf64>, tensor<64x?xf64>) outs(%f : tensor<64x?xf64>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<3>>)
  %t = sparse_ir.matmul ins(%g, %h : tensor<64x16xf32>, tensor<16x64xf32>) outs(%c : tensor<64x64xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.window<3>>)
  return %r, %s, %t : tensor<64x64xf32>, tensor<64x?xf64>, tensor<64x64xf32>
}
