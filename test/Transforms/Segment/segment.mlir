// RUN: sparse-opt %s -sparse-ir-segment="cuboid=2,1,2" -mlir-print-local-scope | FileCheck %s

// In cells of 2x2:   1 1 . .     The four at the top are one meta-op. The two
//                    1 1 . 1     on the right are no aligned pair: meta-ops lie
//                    . . . 1     at multiples of their own extent.
//                    1 . . .
// CHECK-LABEL: func.func @lhs
// CHECK: groups {
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 2, j = -1, k = 2, points = dense<{{\[\[}}2, 0, 6], [4, 0, 6], [6, 0, 0]]> : tensor<3x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 4, j = -1, k = 4, points = dense<0> : tensor<1x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @lhs(%a: tensor<8x8xf32>, %b: tensor<8x?xf32>, %c: tensor<8x?xf32>) -> tensor<8x?xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x?xf32>) outs(%c : tensor<8x?xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<[
           "10010000", "00100000", "01100010", "00000000",
           "00000001", "00000010", "10000000", "00000000"]>>)
  return %r : tensor<8x?xf32>
}

// The result's mask; the lhs is dense, which is no sparsity. k is one cell. The
// cells are half empty: tiles say which of their elements are written.
// CHECK-LABEL: func.func @out
// CHECK: groups {
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.tiles<rows = 2, cols = 1, panel_rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, granule_cols = dense<[0, 1, 2, 3]> : tensor<4xi32>, tile_ptr = dense<[0, 2, 4]> : tensor<3xi32>, tiles = dense<[0, 1, 2, 3]> : tensor<4xi32>, mask_offset = dense<[0, 2, 4, 6]> : tensor<4xi32>, masks = dense<[1, 0, 0, 1, 1, 0, 0, 1]> : tensor<8xi64>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @out(%a: tensor<4x?xf32>, %b: tensor<?x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x?xf32>, tensor<?x4xf32>) outs(%c : tensor<4x4xf32>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
  return %r : tensor<4x4xf32>
}

// Odd sizes: the last cell overhangs.
// CHECK-LABEL: func.func @odd
// CHECK: groups {
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 2, j = -1, k = 2, points = dense<{{\[\[}}0, 0, 0], [2, 0, 2]]> : tensor<2x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @odd(%a: tensor<3x3xf32>, %b: tensor<3x3xf32>, %c: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x3xf32>, tensor<3x3xf32>) outs(%c : tensor<3x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.window<0>>)
  return %r : tensor<3x3xf32>
}

// Cells (0, 0), (1, 1) along (i, k) meet (1, 0), (1, 1), (2, 2) along (k, j) once.
// CHECK-LABEL: func.func @both
// CHECK: groups {
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 2, j = 2, k = 2, points = dense<{{\[\[}}2, 0, 2]]> : tensor<1x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @both(%a: tensor<4x6xf32>, %b: tensor<6x3xf32>, %c: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x6xf32>, tensor<6x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["100000", "000000", "001000", "000000"]>>)
         rhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["000", "000", "110", "000", "001", "000"]>>)
  return %r : tensor<4x3xf32>
}

// An empty mask has no meta-op; a full one is one.
// CHECK-LABEL: func.func @empty_full
// CHECK: groups {
// CHECK-NEXT: }
// CHECK: groups {
// CHECK-NEXT:   sparse_ir.group <ungrouped> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.ranges<i = 4, j = -1, k = 4, points = dense<0> : tensor<1x3xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @empty_full(%a: tensor<4x4xf32>, %b: tensor<4x3xf32>, %c: tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>) {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["0000", "0000", "0000", "0000"]>>)
  %s = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x3xf32>) outs(%c : tensor<4x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1111", "1111", "1111", "1111"]>>)
  return %r, %s : tensor<4x3xf32>, tensor<4x3xf32>
}
