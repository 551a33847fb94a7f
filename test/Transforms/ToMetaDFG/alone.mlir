// RUN: sparse-opt %s -sparse-ir-to-meta-dfg --remarks-filter=sparse-ir -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=AFTER --input-file=%t

// A product that is not grouped is left alone.
// CHECK: [Missed] sparse-ir-to-meta-dfg | Category:sparse-ir | Reason="the product has no groups"
// AFTER-LABEL: func.func @ungrouped
// AFTER: sparse_ir.matmul
func.func @ungrouped(%a: tensor<2x2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
  return %r : tensor<2x3xf32>
}

// Groups of nothing: the initial value it is. An empty table is no loop.
// CHECK: [Passed] sparse-ir-to-meta-dfg | Category:sparse-ir | loops=0, unrolled=1
// AFTER-LABEL: func.func @nothing
// AFTER-SAME: %[[C:[a-z0-9]+]]: tensor<2x3xf32>)
// AFTER-NEXT: return %[[C]]
func.func @nothing(%a: tensor<2x2xf32>, %b: tensor<2x3xf32>, %c: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x2xf32>, tensor<2x3xf32>) outs(%c : tensor<2x3xf32>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = 1, k = 1, points = dense<> : tensor<0x3xi32>>
    }
    sparse_ir.group <disjoint> {
    }
  }
  return %r : tensor<2x3xf32>
}

// A cuboid at the border of the result's mask reaches beyond it: what it writes
// there is undone. A table that keeps to the mask needs no such thing.
// CHECK: [Passed] sparse-ir-to-meta-dfg | Category:sparse-ir | loops=1, unrolled=0
// AFTER-LABEL: func.func @border
// AFTER-SAME: %[[C:[a-z0-9]+]]: tensor<2x2xf32>)
// AFTER: %[[R:.*]] = scf.for
// AFTER: %[[MASK:.*]] = arith.constant dense<{{\[\[}}true, true], [false, true]]> : tensor<2x2xi1>
// AFTER-NEXT: arith.select %[[MASK]], %[[R]], %[[C]] : tensor<2x2xi1>, tensor<2x2xf32>
// AFTER-LABEL: func.func @exact
// AFTER-NOT: arith.select
func.func @border(%a: tensor<2x4xf32>, %b: tensor<4x2xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x2xf32>) outs(%c : tensor<2x2xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["11", "01"]>>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_ops #sparse_ir.ranges<i = 2, j = 2, k = -1, points = dense<0> : tensor<1x3xi32>>
    }
  }
  return %r : tensor<2x2xf32>
}
func.func @exact(%a: tensor<2x4xf32>, %b: tensor<4x2xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x4xf32>, tensor<4x2xf32>) outs(%c : tensor<2x2xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["11", "01"]>>) groups {
    sparse_ir.group <disjoint> {
      sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = 2, k = -1, points = dense<0> : tensor<1x3xi32>>
      sparse_ir.meta_ops #sparse_ir.ranges<i = 1, j = 1, k = -1, points = dense<[[1, 1, 0]]> : tensor<1x3xi32>>
    }
  }
  return %r : tensor<2x2xf32>
}
