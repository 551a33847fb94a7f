// RUN: sparse-opt %s -split-input-file -sparse-ir-raise -verify-diagnostics -mlir-print-local-scope | FileCheck %s

// The mask comes from the constant, the order from the attribute.
// CHECK-LABEL: func.func @lhs
// CHECK: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,1:2>, #sparse_ir.mask<["1000", "0010", "0100", "0001"]>, rows = dense<[0, 2, 1, 3]> : tensor<4xi32>, columns = dense<{{\[\[}}1, 0], [2, 3]]> : tensor<2x2xi32>>)
func.func @lhs(%b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %a = arith.constant dense<[[1., 0., 0., 0.], [0., 0., 2., 0.], [0., 3., 0., 0.], [0., 0., 0., 4.]]> : tensor<4x4xf32>
  %r = linalg.matmul {sparse_ir.lhs = #sparse_ir.sparsity<#sparse_ir.hinm<v=2,vector=0.5,1:2>,
           rows = dense<[0, 2, 1, 3]> : tensor<4xi32>, columns = dense<[[1, 0], [2, 3]]> : tensor<2x2xi32>>}
         ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// -----

// Sparse on the right, windows along k: NM-SpMM's own form. It becomes the lhs
// of the transposed product, where the pattern is a plain one.
// CHECK-LABEL: func.func @rhs
// CHECK: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir<vector-nm<1:2,l=2>>, #sparse_ir.mask<["1001", "1001", "0110"]>>)
func.func @rhs(%a: tensor<5x4xf32>, %c: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %b = arith.constant dense<[[1., 2., 0.], [0., 0., 3.], [0., 0., 4.], [5., 6., 0.]]> : tensor<4x3xf32>
  %r = linalg.matmul {sparse_ir.rhs = #sparse_ir.sparsity<#sparse_ir.transposed<vector-nm<1:2,l=2>>>}
         ins(%a, %b : tensor<5x4xf32>, tensor<4x3xf32>) outs(%c : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %r : tensor<5x3xf32>
}

// -----

// With an order of its columns, that of the rows of the transposed.
// CHECK-LABEL: func.func @rhs_order
// CHECK: lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.block<2x1>, #sparse_ir.mask<["10", "01", "10"]>, rows = dense<[0, 2, 1]> : tensor<3xi32>>)
func.func @rhs_order(%a: tensor<5x2xf32>, %c: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %b = arith.constant dense<[[1., 0., 2.], [0., 3., 0.]]> : tensor<2x3xf32>
  %r = linalg.matmul {sparse_ir.rhs = #sparse_ir.sparsity<#sparse_ir.transposed<block<2x1>>, rows = dense<[0, 2, 1]> : tensor<3xi32>>}
         ins(%a, %b : tensor<5x2xf32>, tensor<2x3xf32>) outs(%c : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %r : tensor<5x3xf32>
}

// -----

func.func @disobeys(%b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %a = arith.constant dense<[[1., 0., 0., 0.], [0., 0., 2., 0.], [0., 3., 0., 0.], [0., 0., 0., 4.]]> : tensor<4x4xf32>
  // expected-error @+1 {{expects zeros of lhs by pattern 'nm<1:2>' in the order given: row order: expected 4 rows, found 2}}
  %r = linalg.matmul {sparse_ir.lhs = #sparse_ir.sparsity<#sparse_ir.nm<1:2>, rows = dense<[0, 1]> : tensor<2xi32>>}
         ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}
