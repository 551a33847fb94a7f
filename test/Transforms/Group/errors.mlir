// RUN: sparse-opt %s -split-input-file -verify-diagnostics -sparse-ir-group
// RUN: not sparse-opt %s -split-input-file -sparse-ir-group="policy=atomic" 2>&1 | FileCheck %s

// CHECK: error: expected policy 'chain' or 'disjoint', found 'atomic'

func.func @depth(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<2x5xf32>) {
  // expected-error @+1 {{has a strategy of depth 4, its lhs has 3 columns}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x5xf32>) outs(%c : tensor<2x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return
}

// -----

func.func @granule(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<2x5xf32>) {
  // expected-error @+1 {{has a strategy of 80 columns a tile, expected at most 64}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x5xf32>) outs(%c : tensor<2x5xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 5, phase = 0, tasks = 1, pack_rhs = false>)
  return
}

// -----

// The last cell would be moved back over columns of the cell before it, which
// only packing can clear.
func.func @not_constant(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<2x5xf32>) {
  // expected-error @+1 {{has a strategy of depth 2, which does not divide the 3 columns of an lhs that is not constant}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x5xf32>) outs(%c : tensor<2x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return
}
