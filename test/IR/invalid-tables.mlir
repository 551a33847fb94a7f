// RUN: sparse-opt %s -split-input-file -verify-diagnostics

// A table lies inside of the computational space of the op that has it.

#chains = #sparse_ir.chains<rows = 1, depth = 2, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<3> : tensor<1xi32>>

func.func @meta_ops(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <chain> {
      // expected-error @+1 {{has a table that reaches index 4 on axis k, the computational space ends at 4}}
      sparse_ir.meta_ops #chains
    }
  }
  return
}

// -----

#ranges = #sparse_ir.ranges<i = 2, j = -1, k = 2, points = dense<[[0, 0, 2], [1, 0, 4]]> : tensor<2x3xi32>>

func.func @ranges(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) {
  %0 = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <disjoint> {
      // expected-error @+1 {{has a table that reaches index 4 on axis k, the computational space ends at 4}}
      sparse_ir.meta_ops #ranges
    }
  }
  return
}

// -----

#tiles = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[4, 5]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

func.func @assign(%p: index, %t: tensor<1x2xf32>, %c: tensor<2x5xf32>) {
  // expected-error @+1 {{has a table that reaches index 5 on axis j, the computational space ends at 5}}
  %0 = sparse_ir.assign %t into %c[%p] of #tiles : tensor<1x2xf32> into tensor<2x5xf32>
  return
}

// -----

#chains = #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<5> : tensor<1xi32>, chain_ptr = dense<0> : tensor<2xi32>, entries = dense<> : tensor<0xi32>>

func.func @contract(%p: index, %a: tensor<?x4xf32>, %b: tensor<4x3xf32>, %c: tensor<?x3xf32>) {
  // expected-error @+1 {{has a table that reaches index 5 on axis i, the computational space ends at 2}}
  %0 = sparse_ir.contract ins(%a, %b : tensor<?x4xf32>, tensor<4x3xf32>) outs(%c : tensor<?x3xf32>) at [%p] of #chains extents [2, 3, 4]
  return
}
