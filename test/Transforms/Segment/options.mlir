// RUN: sparse-opt %s -sparse-ir-segment -mlir-print-local-scope | FileCheck %s --check-prefixes=CHECK,STRATEGY
// RUN: sparse-opt %s -sparse-ir-segment="cuboid=1,1,1" -mlir-print-local-scope | FileCheck %s --check-prefixes=CHECK,CELL
// RUN: sparse-opt %s -sparse-ir-segment="cuboid=1,1,1 edge-threshold=1" -mlir-print-local-scope | FileCheck %s --check-prefixes=CHECK,EDGE
// RUN: sparse-opt %s -sparse-ir-segment="cuboid=1,1,1 face-threshold=2" -mlir-print-local-scope | FileCheck %s --check-prefixes=CHECK,FACE
// RUN: sparse-opt %s -sparse-ir-segment="cuboid=1,1,1 face-threshold=5 edge-threshold=3" -mlir-print-local-scope | FileCheck %s --check-prefixes=CHECK,OFF

// The cuboid is the strategy's (rows, lanes, depth); the option goes before it.
// Lower thresholds merge across holes, higher ones turn a merge off.
// CHECK-LABEL: func.func @f
// CHECK: groups {
// STRATEGY-NEXT: sparse_ir.group
// STRATEGY-NEXT: #sparse_ir.ranges<i = 2, j = -1, k = 4, points = dense<{{\[\[}}0, 0, 0], [2, 0, 4]]> : tensor<2x3xi32>>

// CELL-NEXT: sparse_ir.group
// CELL-NEXT: #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 0], [1, 0, 1], [3, 0, 5]]> : tensor<3x3xi32>>
// CELL: #sparse_ir.ranges<i = 2, j = -1, k = 1, points = dense<{{\[\[}}2, 0, 4]]> : tensor<1x3xi32>>

// EDGE-NEXT: sparse_ir.group
// EDGE-NEXT: #sparse_ir.ranges<i = 4, j = -1, k = 8, points = dense<0> : tensor<1x3xi32>>

// FACE-NEXT: sparse_ir.group
// FACE-NEXT: #sparse_ir.ranges<i = 2, j = -1, k = 2, points = dense<{{\[\[}}0, 0, 0], [2, 0, 4]]> : tensor<2x3xi32>>

// OFF-NEXT: sparse_ir.group
// OFF-NEXT: #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<{{\[\[}}0, 0, 0], [1, 0, 1], [2, 0, 4], [3, 0, 4], [3, 0, 5]]> : tensor<5x3xi32>>
// CHECK: return
func.func @f(%a: tensor<4x8xf32>, %b: tensor<8x5xf32>, %c: tensor<4x5xf32>) -> tensor<4x5xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x5xf32>) outs(%c : tensor<4x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["10000000", "01000000", "00001000", "00001100"]>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return %r : tensor<4x5xf32>
}
