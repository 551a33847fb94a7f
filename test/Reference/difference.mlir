// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-sparse-ir-equivalence='pipeline="func.func(linalg-generalize-named-ops)"'
// RUN: sparse-opt %s -split-input-file -verify-diagnostics -test-sparse-ir-equivalence='pipeline="builtin.module(func.func(linalg-generalize-named-ops))"'

// Generalising a named op loses its attributes, hence its output sparsity.
#out = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["11", "01"]>>

// expected-error @+1 {{result 0[1, 0] of 'mask_lost': expected 0, found 2}}
func.func @mask_lost() -> tensor<2x2xf32> {
  %ones = arith.constant dense<1.0> : tensor<2x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %r = linalg.matmul {sparse_ir.out = #out}
         ins(%ones, %ones : tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
