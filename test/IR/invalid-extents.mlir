// RUN: sparse-opt %s -split-input-file -verify-diagnostics

#t = #sparse_ir.ranges<i = 2, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @count(%p: index, %a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects 3 extents, -1 for a dynamic one, found [2, 3]}}
  %0 = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) at [%p] of #t extents [2, 3]
  return
}

// -----

#t = #sparse_ir.ranges<i = 2, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @negative(%p: index, %a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects 3 extents, -1 for a dynamic one, found [2, 3, -2]}}
  %0 = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) at [%p] of #t extents [2, 3, -2]
  return
}

// -----

#t = #sparse_ir.ranges<i = 2, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

func.func @too_large(%p: index, %a: tensor<2x4xf32>, %b: tensor<3x4xf32>, %c: tensor<2x3xf32>) {
  // expected-error @+1 {{expects 5 elements of rhs along axis k, found 'tensor<3x4xf32>'}}
  %0 = sparse_ir.contract ins(%a, %b : tensor<2x4xf32>, tensor<3x4xf32>) outs(%c : tensor<2x3xf32>) at [%p] of #t extents [2, 3, 5]
         {rhs_map = affine_map<(k, j) -> (j, k)>, lhs_map = affine_map<(i, k) -> (i, k floordiv 2)>}
  return
}
