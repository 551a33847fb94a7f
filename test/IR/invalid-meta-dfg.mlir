// RUN: sparse-opt %s -split-input-file -verify-diagnostics

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @slice_rank(%p: index, %a: tensor<4xf32>) {
  // expected-error @+1 {{expects rank-2 tensors, found 'tensor<4xf32>' and 'tensor<2xf32>'}}
  %0 = sparse_ir.slice lhs %a[%p] of #t : tensor<4xf32> to tensor<2xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @slice_type(%p: index, %a: tensor<4x4xf32>) {
  // expected-error @+1 {{expects one element type, found 'f32' and 'f64'}}
  %0 = sparse_ir.slice lhs %a[%p] of #t : tensor<4x4xf32> to tensor<2x?xf64>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @slice_extent(%p: index, %a: tensor<4x4xf32>) {
  // expected-error @+1 {{expects a tile of 2 along axis i, found 'tensor<3x?xf32>'}}
  %0 = sparse_ir.slice lhs %a[%p] of #t : tensor<4x4xf32> to tensor<3x?xf32>
  return
}

// -----

#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<0> : tensor<1xi32>>

func.func @assign_extent(%p: index, %t: tensor<?x4xf32>, %c: tensor<4x4xf32>) {
  // expected-error @+1 {{expects a tile of 2 along axis i, found 'tensor<?x4xf32>'}}
  %0 = sparse_ir.assign %t into %c[%p] of #t : tensor<?x4xf32> into tensor<4x4xf32>
  return
}
