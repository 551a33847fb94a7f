// RUN: sparse-opt %s -sparse-ir-group -mlir-print-local-scope | FileCheck %s

// Panels are filled in the order that the attribute gives, where that makes
// fewer entries: the store through panel_rows undoes it. No two rows are equal,
// so that no other order is as good.
// CHECK-LABEL: func.func @given
// CHECK: #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 2, 1, 3]> : tensor<4xi32>, chain_ptr = dense<[0, 2, 4]> : tensor<3xi32>, entries = dense<[0, 1, 2, 3]> : tensor<4xi32>>
func.func @given(%b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %a = arith.constant dense<0.0> : tensor<4x4xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,2:2>, #sparse_ir.mask<["1100", "0010", "1000", "0011"]>, rows = dense<[0, 2, 1, 3]> : tensor<4xi32>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return %r : tensor<4x3xf32>
}

// The order of a transposed pattern is one of columns: of no use here.
// CHECK-LABEL: func.func @columns
// CHECK: panel_rows = dense<[0, 1, 2, 3]> : tensor<4xi32>
func.func @columns(%b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %a = arith.constant dense<0.0> : tensor<4x4xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.transposed<hinm<v=2,vector=0.5,2:2>>, #sparse_ir.mask<["1100", "0010", "1000", "0011"]>, rows = dense<[1, 0, 3, 2]> : tensor<4xi32>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return %r : tensor<4x3xf32>
}
