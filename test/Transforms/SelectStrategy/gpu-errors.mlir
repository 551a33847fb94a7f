// RUN: sparse-opt %s -split-input-file -verify-diagnostics -sparse-ir-select-strategy="target=sm_80"

// A cell of 16 k must not overlap the one before it.
func.func @argument(%a: tensor<64x40xf16>, %b: tensor<40x8xf16>, %c: tensor<64x8xf32>) -> tensor<64x8xf32> {
  // expected-error @+1 {{has no strategy on target 'sm_80': target 'sm_80': found no kernel for f16 operands and a lhs that is no constant}}
  %r = sparse_ir.matmul ins(%a, %b : tensor<64x40xf16>, tensor<40x8xf16>) outs(%c : tensor<64x8xf32>)
  return %r : tensor<64x8xf32>
}
