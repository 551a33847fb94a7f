// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// A resource may have no data when an attribute is read; an op looks at it once
// more. (Its own text names the resource as the parser did.)

// (C4) of a matmul.
func.func @mask(%a: tensor<1x4xf32>, %b: tensor<4x3xf32>, %c: tensor<1x3xf32>) {
  // expected-error @+1 {{in sparsity of lhs: mask does not obey pattern 'nm<2:4>': }}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<1x4xf32>, tensor<4x3xf32>) outs(%c : tensor<1x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<1x4, dense_resource<bits> : tensor<1xi8>>>)
  return
}

{-# dialect_resources: { builtin: { bits: "0x0100000007" } } #-}

// -----

func.func @size(%a: tensor<1x4xf32>, %b: tensor<4x3xf32>, %c: tensor<1x3xf32>) {
  // expected-error @+1 {{in sparsity of lhs: the bits of a 1x4 mask have no data}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<1x4xf32>, tensor<4x3xf32>) outs(%c : tensor<1x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<1x4, dense_resource<two_bytes> : tensor<1xi8>>>)
  return
}

{-# dialect_resources: { builtin: { two_bytes: "0x010000000707" } } #-}

// -----

func.func @no_mask(%a: tensor<1x4xf32>, %b: tensor<4x3xf32>, %c: tensor<1x3xf32>) {
  // expected-error @+1 {{expects the mask of lhs to have data, found dense_resource<nowhere}}
  %0 = sparse_ir.matmul ins(%a, %b : tensor<1x4xf32>, tensor<4x3xf32>) outs(%c : tensor<1x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<1x4, dense_resource<nowhere> : tensor<1xi8>>>)
  return
}

// -----

#chains = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense_resource<nothing> : tensor<1xi32>>

func.func @no_table(%p: index, %a: tensor<1x4xf32>) {
  // expected-error @+1 {{has a table without data: dense_resource<nothing}}
  %0 = sparse_ir.slice lhs %a[%p] of #chains : tensor<1x4xf32> to tensor<1x?xf32>
  return
}

// -----

#chains = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<0> : tensor<1xi32>,
  chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense_resource<minus> : tensor<1xi32>>

func.func @table(%p: index, %a: tensor<1x4xf32>) {
  // expected-error @+1 {{in its table: expected 'entries' of at least 0, found -1}}
  %0 = sparse_ir.slice lhs %a[%p] of #chains : tensor<1x4xf32> to tensor<1x?xf32>
  return
}

{-# dialect_resources: { builtin: { minus: "0x04000000FFFFFFFF" } } #-}
