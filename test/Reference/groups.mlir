// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s

// An operator with groups is what its meta-ops add up to, not what its masks
// say: a missing or a doubled meta-op must show.

// CHECK: lists#0: 2x2 sum 129 [16, 20; 49, 44]
func.func @lists() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                        outs(%c : tensor<2x2xf32>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 2> j <*> k <[0, 2]>
    }
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <[1]> j <0 to 1> k <1 to 2>
    }
  }
  return %y : tensor<2x2xf32>
}

// -----

// CHECK: output_mask#0: 2x2 sum 86 [16, 20; 6, 44]
func.func @output_mask() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[0.0, 0.0], [6.0, 0.0]]> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
      outs(%c : tensor<2x2xf32>)
      out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured,
                                       #sparse_ir.mask<["11", "01"]>>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_op i <0 to 2> j <*> k <[0, 2]>
    }
  }
  return %y : tensor<2x2xf32>
}

// -----

// The second meta-op overhangs the space along k: it is clipped.
// CHECK: ranges#0: 2x2 sum 83 [7, 10; 30, 36]
func.func @ranges() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                        outs(%c : tensor<2x2xf32>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 2,
        points = dense<[[0, 0, 0], [1, 0, 2]]> : tensor<2x3xi32>>
    }
  }
  return %y : tensor<2x2xf32>
}

// -----

// No group at all is the definition; a block without groups is no meta-op.
// CHECK: nothing#0: 1x1 sum 7 [7]
func.func @nothing() -> tensor<1x1xf32> {
  %c = arith.constant dense<7.0> : tensor<1x1xf32>
  %y = sparse_ir.matmul ins(%c, %c : tensor<1x1xf32>, tensor<1x1xf32>)
                        outs(%c : tensor<1x1xf32>) groups {
    sparse_ir.group <chain> {
    }
  }
  return %y : tensor<1x1xf32>
}
