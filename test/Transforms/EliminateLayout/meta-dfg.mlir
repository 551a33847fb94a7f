// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group -sparse-ir-to-meta-dfg -sparse-ir-eliminate-layout | FileCheck %s

// Slices and assign become the contract; the transpose of the rhs, its map.
// CHECK: #[[T:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: func.func @transposed
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<3x4xf32>, %[[B:[a-z0-9]+]]: tensor<5x4xf32>
// CHECK: scf.for %[[P:.*]] = {{.*}} iter_args(%[[ACC:.*]] = %{{.*}})
// CHECK-NEXT: %[[R:.*]] = sparse_ir.contract ins(%[[A]], %[[B]] : tensor<3x4xf32>, tensor<5x4xf32>) outs(%[[ACC]] : tensor<3x5xf32>) at[%[[P]]] of #chains extents [3, 5, 4] {rhs_map = #[[T]]}
// CHECK-NEXT: scf.yield %[[R]]
func.func @transposed(%a: tensor<3x4xf32>, %b: tensor<5x4xf32>, %c: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<4x5xf32>
  %t = linalg.transpose ins(%b : tensor<5x4xf32>) outs(%e : tensor<4x5xf32>) permutation = [1, 0]
  %r = sparse_ir.matmul ins(%a, %t : tensor<3x4xf32>, tensor<4x5xf32>) outs(%c : tensor<3x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
  return %r : tensor<3x5xf32>
}

// A dynamic extent is -1.
// CHECK-LABEL: func.func @dynamic
// CHECK: sparse_ir.contract {{.*}} extents [3, -1, 4]
// CHECK-NOT: sparse_ir.slice
// CHECK: return
func.func @dynamic(%a: tensor<3x4xf32>, %b: tensor<4x?xf32>, %c: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x?xf32>) outs(%c : tensor<3x?xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<1>>)
  return %r : tensor<3x?xf32>
}

#t = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<0> : tensor<1x3xi32>>

// Slices of another position, or a product that something else reads too, stay.
// CHECK-LABEL: func.func @other
// CHECK-NOT: sparse_ir.contract
// CHECK: linalg.matmul
// CHECK: sparse_ir.assign
// CHECK: linalg.matmul
// CHECK: sparse_ir.assign
func.func @other(%p: index, %q: index, %a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<3x5xf32>) -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<1x5xf32>) {
  %x = sparse_ir.slice lhs %a[%p] of #t : tensor<3x4xf32> to tensor<1x1xf32>
  %y = sparse_ir.slice rhs %b[%q] of #t : tensor<4x5xf32> to tensor<1x5xf32>
  %z = sparse_ir.slice out %c[%p] of #t : tensor<3x5xf32> to tensor<1x5xf32>
  %m = linalg.matmul ins(%x, %y : tensor<1x1xf32>, tensor<1x5xf32>) outs(%z : tensor<1x5xf32>) -> tensor<1x5xf32>
  %r = sparse_ir.assign %m into %c[%p] of #t : tensor<1x5xf32> into tensor<3x5xf32>
  %w = sparse_ir.slice rhs %b[%p] of #t : tensor<4x5xf32> to tensor<1x5xf32>
  %n = linalg.matmul ins(%x, %w : tensor<1x1xf32>, tensor<1x5xf32>) outs(%z : tensor<1x5xf32>) -> tensor<1x5xf32>
  %s = sparse_ir.assign %n into %c[%p] of #t : tensor<1x5xf32> into tensor<3x5xf32>
  return %r, %s, %n : tensor<3x5xf32>, tensor<3x5xf32>, tensor<1x5xf32>
}
