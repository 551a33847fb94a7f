// RUN: sparse-opt %s -test-sparse-ir-evaluate | FileCheck %s

#places = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["101", "010"]>>

// CHECK: compress#0: 2x3 sum 42 [1, 3, 5; 7, 9, 17]
func.func @compress() -> tensor<2x3xf32> {
  %m = arith.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[7.0, 8.0, 9.0], [16.0, 17.0, 18.0]]]> : tensor<2x2x3xf32>
  %s = tensor.cast %m : tensor<2x2x3xf32> to tensor<2x2x3xf32, #places>
  %0 = sparse_ir.compress %s : tensor<2x2x3xf32, #places> to tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK: expand#0: 2x3 sum 9 [4, 0, 2; 0, 3, 0]
func.func @expand() -> tensor<2x3xf32> {
  %v = arith.constant dense<[4.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = sparse_ir.expand %v : tensor<3xf32> to tensor<2x3xf32, #places>
  %1 = tensor.cast %0 : tensor<2x3xf32, #places> to tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

#chains = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 4]> : tensor<2xi32>, entries = dense<[0, 1, 2, 2]> : tensor<4xi32>>
#s = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false, step = 16, stages = 2>

// An entry that comes again adds nothing.
// CHECK: sdmm#0: 2x1 sum 270 [240; 30]
func.func @sdmm() -> tensor<2x1xf32> {
  %a = arith.constant dense<[4.0, 2.0, 3.0]> : tensor<3xf32>
  %b = arith.constant dense<[[10.0], [10.0], [100.0]]> : tensor<3x1xf32>
  %c = arith.constant dense<7.0> : tensor<2x1xf32>
  %0 = sparse_ir.kernel ins(%a, %b : tensor<3xf32>, tensor<3x1xf32>) outs(%c : tensor<2x1xf32>) of #chains extents [2, 1, 3] strategy(#s) {lhs_places = #places} -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}

#part = #sparse_ir.sparsity<#sparse_ir.unstructured, #sparse_ir.mask<["001", "010"]>>

// CHECK: part#0: 2x3 sum 5 [0, 0, 2; 0, 3, 0]
func.func @part() -> tensor<2x3xf32> {
  %v = arith.constant dense<[4.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = sparse_ir.expand %v {places = #places} : tensor<3xf32> to tensor<2x3xf32, #part>
  %1 = tensor.cast %0 : tensor<2x3xf32, #part> to tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// CHECK: part_of_lhs#0: 2x1 sum 230 [200; 30]
func.func @part_of_lhs() -> tensor<2x1xf32> {
  %a = arith.constant dense<[4.0, 2.0, 3.0]> : tensor<3xf32>
  %b = arith.constant dense<[[10.0], [10.0], [100.0]]> : tensor<3x1xf32>
  %c = arith.constant dense<7.0> : tensor<2x1xf32>
  %0 = sparse_ir.kernel ins(%a, %b : tensor<3xf32>, tensor<3x1xf32>) outs(%c : tensor<2x1xf32>) of #chains extents [2, 1, 3] strategy(#s) {lhs_places = #places, lhs_part = #part} -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}

#tiles = #sparse_ir.tiles<rows = 2, cols = 3, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1, 2]> : tensor<3xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<[5, 2]> : tensor<2xi64>>

// CHECK: sddmm#0: 3 sum 14 [2, 4, 8]
func.func @sddmm() -> tensor<3xf32> {
  %a = arith.constant dense<[[2.0], [4.0]]> : tensor<2x1xf32>
  %b = arith.constant dense<[[1.0, 2.0, 2.0]]> : tensor<1x3xf32>
  %c = arith.constant dense<7.0> : tensor<3xf32>
  %0 = sparse_ir.kernel ins(%a, %b : tensor<2x1xf32>, tensor<1x3xf32>) outs(%c : tensor<3xf32>) of #tiles extents [2, 3, 1] strategy(#s) {out_places = #places} -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
