// RUN: sparse-opt %s -sparse-ir-group -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -sparse-ir-segment -sparse-ir-group -mlir-print-local-scope | FileCheck %s

// Without a strategy a panel is one row and an entry one k. Row 2 is empty and
// has its chain all the same: its output must be written.
// CHECK-LABEL: func.func @lhs
// CHECK:      groups {
// CHECK-NEXT:   sparse_ir.group <chain> {
// CHECK-NEXT:     sparse_ir.meta_ops #sparse_ir.chains<rows = 1, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3]> : tensor<4xi32>, chain_ptr = dense<[0, 2, 3, 3, 5]> : tensor<5xi32>, entries = dense<[0, 3, 1, 0, 3]> : tensor<5xi32>>
// CHECK-NEXT:   }
// CHECK-NEXT: }
func.func @lhs(%a: tensor<4x4xf32>, %b: tensor<4x?xf32>, %c: tensor<4x?xf32>) -> tensor<4x?xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x?xf32>) outs(%c : tensor<4x?xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1001", "0100", "0000", "1001"]>>)
  return %r : tensor<4x?xf32>
}

// Panels of 2 rows, entries of 2 k, phases of 4 k. Rows 0 and 3, and 1 and 4,
// are equal: sharing panels they need fewer entries than in their own order.
// The last cell of k is moved back to 5, the last panel is padded. Segmentation
// changes nothing: panels are cut from the mask itself.
// CHECK-LABEL: func.func @strategy
// CHECK: #sparse_ir.chains<rows = 2, depth = 2, phases = 2, panel_rows = dense<[0, 3, 1, 4, 2, -1]> : tensor<6xi32>, chain_ptr = dense<[0, 1, 1, 1, 2, 3, 3]> : tensor<7xi32>, entries = dense<[0, 5, 5]> : tensor<3xi32>>
func.func @strategy(%b: tensor<7x3xf32>, %c: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %a = arith.constant dense<0.0> : tensor<5x7xf32>
  %r = sparse_ir.matmul ins(%a, %b : tensor<5x7xf32>, tensor<7x3xf32>) outs(%c : tensor<5x3xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["1100001", "0000001", "0000000", "1100001", "0000001"]>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 2, vectors = 1, phase = 4, tasks = 1, pack_rhs = false>)
  return %r : tensor<5x3xf32>
}

// A mask of the result becomes tiles: granules of 16 columns, panels of 2 rows.
// Tile (0, 0) is full; of the second panel one element is computed.
// CHECK-LABEL: func.func @out
// CHECK: #sparse_ir.tiles<rows = 2, cols = 8, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi32>, tile_ptr = dense<[0, 1, 2]> : tensor<3xi32>, tiles = dense<0> : tensor<2xi32>, mask_offset = dense<[-1, 0]> : tensor<2xi32>, masks = dense<[4, 0]> : tensor<2xi64>>
func.func @out(%a: tensor<3x?xf64>, %b: tensor<?x8xf64>, %c: tensor<3x8xf64>) -> tensor<3x8xf64> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<3x?xf64>, tensor<?x8xf64>) outs(%c : tensor<3x8xf64>)
         out_sparsity(#sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["11111111", "11111111", "00100000"]>>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f64", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return %r : tensor<3x8xf64>
}

// A product that is dense after all is one chain of everything: the strategy
// says how. No segmentation is needed.
// CHECK-LABEL: func.func @dense
// CHECK: #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 3]> : tensor<2xi32>, entries = dense<[0, 1, 2]> : tensor<3xi32>>
func.func @dense(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>, %c: tensor<2x5xf32>) -> tensor<2x5xf32> {
  %r = sparse_ir.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x5xf32>) outs(%c : tensor<2x5xf32>)
         lhs_sparsity(#sparse_ir.sparsity<#sparse_ir.dense>)
         strategy(#sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>)
  return %r : tensor<2x5xf32>
}
