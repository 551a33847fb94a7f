// RUN: sparse-opt %s -split-input-file -test-sparse-ir-evaluate | FileCheck %s

// The operator: only what lies in the masks of the operands is multiplied, and
// only what lies in the result's mask is added to the initial value.

#lhs = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["101", "010"]>>
#rhs = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "01", "11"]>>
#out = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "01"]>>

// CHECK: lhs_sparse#0: 2x2 sum 171 [26, 40; 45, 60]
func.func @lhs_sparse() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0]]> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                        outs(%c : tensor<2x2xf32>) lhs_sparsity(#lhs)
  return %y : tensor<2x2xf32>
}

// CHECK: lhs_and_out_sparse#0: 2x2 sum 136 [26, 20; 30, 60]
func.func @lhs_and_out_sparse() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<[[10.0, 20.0], [30.0, 40.0]]> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                        outs(%c : tensor<2x2xf32>)
                        lhs_sparsity(#lhs) out_sparsity(#out)
  return %y : tensor<2x2xf32>
}

// CHECK: rhs_sparse#0: 2x2 sum 132 [16, 26; 34, 56]
func.func @rhs_sparse() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %y = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                        outs(%c : tensor<2x2xf32>) rhs_sparsity(#rhs)
  return %y : tensor<2x2xf32>
}

// An argument is zero outside of its mask, whatever the seed; so is one that
// reaches the operator through a transpose.
// CHECK: argument#0: 2x2 sum 0 [0, 0; 0, 0]
// CHECK: argument#1: 2x2 sum 0 [0, 0; 0, 0]
func.func @argument(%a: tensor<2x2xf32>, %t: tensor<2x2xf32>)
    -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %ones = arith.constant dense<1.0> : tensor<2x2xf32>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %empty = tensor.empty() : tensor<2x2xf32>
  %transposed = linalg.transpose ins(%t : tensor<2x2xf32>)
                  outs(%empty : tensor<2x2xf32>) permutation = [1, 0]
  %x = sparse_ir.matmul ins(%a, %ones : tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%c : tensor<2x2xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10", "00"]>>)
  %y = sparse_ir.matmul ins(%transposed, %ones : tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%c : tensor<2x2xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["00", "10"]>>)
  // Elements that the masks clear are zero in the arguments themselves.
  %hole = arith.constant dense<[[0.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %holeT = arith.constant dense<[[1.0, 0.0], [1.0, 1.0]]> : tensor<2x2xf32>
  %u = arith.mulf %a, %hole : tensor<2x2xf32>
  %v = arith.mulf %t, %holeT : tensor<2x2xf32>
  return %u, %v : tensor<2x2xf32>, tensor<2x2xf32>
}
