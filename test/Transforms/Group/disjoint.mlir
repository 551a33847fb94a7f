// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group="policy=disjoint min-group-size=1" -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group="policy=disjoint" -mlir-print-local-scope | FileCheck %s --check-prefix=COMBINED

// Singles at k = 0 and 2 of row 0 add to one output: they are in two groups, in
// ascending k. The pair in row 2 has an extent, so a group, of its own.
// CHECK-LABEL: func.func @lhs
// CHECK:      groups {
// CHECK-NEXT:   sparse_ir.group <disjoint> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 0], [1, 0, 1]]> : tensor<2x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT:   sparse_ir.group <disjoint> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 2]]> : tensor<1x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT:   sparse_ir.group <disjoint> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 2, points = dense<{{\[\[}}2, 0, 2]]> : tensor<1x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }

// Small groups are combined as far as additive relations allow; a group may
// then mix extents, a table each.
// COMBINED-LABEL: func.func @lhs
// COMBINED:      groups {
// COMBINED-NEXT:   sparse_ir.group <disjoint> {
// COMBINED-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 0], [1, 0, 1]]> : tensor<2x3xi32>>
// COMBINED-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 2, points = dense<{{\[\[}}2, 0, 2]]> : tensor<1x3xi32>>
// COMBINED-NEXT:   }
// COMBINED-NEXT:   sparse_ir.group <disjoint> {
// COMBINED-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 2]]> : tensor<1x3xi32>>
// COMBINED-NEXT:   }
// COMBINED-NEXT: }
func.func @lhs(%a: tensor<3x4xf32>, %b: tensor<4x2xf32>, %c: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x4xf32>, tensor<4x2xf32>) outs(%c : tensor<3x2xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0100", "0011"]>>)
  return %r : tensor<3x2xf32>
}

// Output sparsity has no additive relation: one group an extent.
// CHECK-LABEL: func.func @out
// CHECK-COUNT-2: sparse_ir.group <disjoint> {
// CHECK-NOT:     sparse_ir.group
// CHECK:         return
func.func @out(%a: tensor<3x?xf32>, %b: tensor<?x4xf32>, %c: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x?xf32>, tensor<?x4xf32>) outs(%c : tensor<3x4xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1010", "0011", "0001"]>>)
  return %r : tensor<3x4xf32>
}
