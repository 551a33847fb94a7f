// RUN: sparse-opt %s --sparse-ir-raise -split-input-file -verify-diagnostics

#left = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>

func.func @broken_promise(%b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1., 0., 2., 0.], [0., 2.5, 7., 3.]]> : tensor<2x4xf32>
  // expected-error @+1 {{expects zeros of lhs outside of the mask of pattern 'unstructured', found 2.5 at row 1, column 1}}
  %r = linalg.matmul {sparse_ir.lhs = #left}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

#right = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "01"]>>

// The second batch breaks it; an encoding promises as much as an attribute.
func.func @broken_in_a_batch(%a: tensor<2x3x2xbf16>, %c: tensor<2x3x2xbf16>) -> tensor<2x3x2xbf16> {
  %b = arith.constant dense<[[[1., 0.], [0., 1.]], [[0., 0.], [-4., 0.]]]> : tensor<2x2x2xbf16, #right>
  // expected-error @+1 {{expects zeros of rhs outside of the mask of pattern 'unstructured', found -4 at row 1, column 0}}
  %r = linalg.batch_matmul ins(%a, %b : tensor<2x3x2xbf16>, tensor<2x2x2xbf16, #right>)
                           outs(%c : tensor<2x3x2xbf16>) -> tensor<2x3x2xbf16>
  return %r : tensor<2x3x2xbf16>
}

// -----

#left = #sparse_ir.sparsity<#sparse_ir.nm<1:4>>

func.func @broken_pattern(%b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = arith.constant dense<[[1., 0., 0., 0.], [0., 2.5, 7., 3.]]> : tensor<2x4xf32>
  // expected-error @+1 {{expects zeros of lhs by pattern 'nm<1:4>', found at row 1, column 0: }}
  %r = linalg.matmul {sparse_ir.lhs = #left}
         ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>)
         outs(%c : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

#left = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0001"]>>

func.func @wrong_size(%a: tensor<4x2xf32>, %b: tensor<2x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // expected-error @+1 {{expects a 4x2 mask of lhs, found 2x4}}
  %r = linalg.matmul {sparse_ir.lhs = #left}
         ins(%a, %b : tensor<4x2xf32>, tensor<2x3xf32>)
         outs(%c : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// -----

#out = #sparse_ir.sparsity<#sparse_ir.nm<2:4>>

func.func @no_mask(%a: tensor<4x2xf32>, %b: tensor<2x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expects a mask of out, pattern 'nm<2:4>' does not determine one}}
  %r = linalg.matmul {sparse_ir.out = #out}
         ins(%a, %b : tensor<4x2xf32>, tensor<2x4xf32>)
         outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// -----

func.func @no_sparsity(%a: tensor<4x2xf32>, %b: tensor<2x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expects 'sparse_ir.rhs' to be a #sparse_ir.sparsity, found #sparse_ir.nm<2:4>}}
  %r = linalg.matmul {sparse_ir.rhs = #sparse_ir.nm<2:4>}
         ins(%a, %b : tensor<4x2xf32>, tensor<2x4xf32>)
         outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
