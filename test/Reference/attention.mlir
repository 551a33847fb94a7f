// RUN: sparse-opt %s -test-sparse-ir-evaluate -o /dev/null | FileCheck %s

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1, 1]> : tensor<3xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<[1, 3]> : tensor<2xi64>>
// A softmax over one element, over two equal ones, and over none: the row of
// an empty panel is zero, not its initial value.
// CHECK: main#0: 3x1 sum 3 [1; 2; 0]
func.func @main() -> tensor<3x1xf32> {
  %q = arith.constant dense<[[1.0], [2.0], [3.0]]> : tensor<3x1xf32>
  %k = arith.constant dense<[[0.0], [0.0]]> : tensor<2x1xf32>
  %v = arith.constant dense<[[1.0], [3.0]]> : tensor<2x1xf32>
  %o = arith.constant dense<7.0> : tensor<3x1xf32>
  %r = sparse_ir.attention ins(%q, %k, %v : tensor<3x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) outs(%o : tensor<3x1xf32>) of [#all] scale 1.0 strategy(#st) -> tensor<3x1xf32>
  return %r : tensor<3x1xf32>
}
