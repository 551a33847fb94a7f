// RUN: sparse-opt %s -sparse-ir-pack -mlir-print-local-scope | FileCheck %s

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 1, vectors = 1, phase = 0, tasks = 2, pack_rhs = false>
#tiles = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<[0, 2]> : tensor<2xi32>, granule_cols = dense<[1, 3]> : tensor<2xi32>, tile_ptr = dense<[0, 1, 2]> : tensor<3xi32>, tiles = dense<0> : tensor<2xi32>, mask_offset = dense<[-1, 0]> : tensor<2xi32>, masks = dense<2> : tensor<1xi64>>
#ranges = #sparse_ir.ranges<i = 1, j = -1, k = 1, points = dense<[[0, 0, 0], [1, 0, 1], [2, 0, 2]]> : tensor<3x3xi32>>

// The parts in the order of the attribute, then the tasks' boundaries.
// CHECK-LABEL: func.func @tiles
// CHECK-DAG: %[[T0:.*]] = arith.constant dense<[0, 2]> : tensor<2xi32>
// CHECK-DAG: %[[T1:.*]] = arith.constant dense<[1, 3]> : tensor<2xi32>
// CHECK-DAG: %[[T5:.*]] = arith.constant dense<2> : tensor<1xi64>
// CHECK: tables(%[[T0]], %[[T1]], %{{.*}}, %{{.*}}, %{{.*}}, %[[T5]], %{{.*}} : tensor<2xi32>, tensor<2xi32>, tensor<3xi32>, tensor<2xi32>, tensor<2xi32>, tensor<1xi64>, tensor<3xi32>)
func.func @tiles(%a: tensor<3x4xf32>, %b: tensor<4x4xf32>, %c: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x4xf32>, tensor<4x4xf32>) outs(%c : tensor<3x4xf32>) of #tiles extents [3, 4, 4] strategy(#s) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// Three meta-ops in two tasks.
// CHECK-LABEL: func.func @ranges
// CHECK-DAG: %[[P:.*]] = arith.constant dense<{{\[\[}}0, 0, 0], [1, 0, 1], [2, 0, 2]]> : tensor<3x3xi32>
// CHECK-DAG: %[[TASKS:.*]] = arith.constant dense<[0, 2, 3]> : tensor<3xi32>
// CHECK: tables(%[[P]], %[[TASKS]] : tensor<3x3xi32>, tensor<3xi32>)
func.func @ranges(%a: tensor<3x4xf32>, %b: tensor<4x4xf32>, %c: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = sparse_ir.kernel ins(%a, %b : tensor<3x4xf32>, tensor<4x4xf32>) outs(%c : tensor<3x4xf32>) of #ranges extents [3, 4, 4] strategy(#s) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}
