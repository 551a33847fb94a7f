// RUN: sparse-opt %s -split-input-file -verify-diagnostics -sparse-ir-to-meta-dfg

// A table holds lists along i and k, or along i and j.
func.func @two_lists(%a: tensor<2x4xf32>, %b: tensor<4x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <ungrouped> {
      // expected-error @+1 {{has index lists along axes that no table holds together}}
      sparse_ir.meta_op i <0 to 2> j <[0, 2]> k <[1, 3]>
    }
  }
  return %r : tensor<2x3xf32>
}

// -----

func.func @whole_dynamic_i(%a: tensor<?x4xf32>, %b: tensor<4x3xf32>, %c: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x3xf32>) outs(%c : tensor<?x3xf32>) groups {
    sparse_ir.group <ungrouped> {
      // expected-error @+1 {{has index lists along axes that no table holds together}}
      sparse_ir.meta_op i <*> j <*> k <[1, 3]>
    }
  }
  return %r : tensor<?x3xf32>
}
