// RUN: sparse-opt %s -allow-unregistered-dialect | sparse-opt -allow-unregistered-dialect -mlir-print-local-scope | FileCheck %s
// RUN: sparse-opt %s -allow-unregistered-dialect -emit-bytecode | sparse-opt -allow-unregistered-dialect -mlir-print-local-scope | FileCheck %s

// CHECK: "test.masks"() {
"test.masks"() {
  // CHECK-SAME: a = #sparse_ir.mask<["1100", "0011"]>
  a = #sparse_ir.mask<["1100", "0011"]>,
  // Bytes are bits from the lowest on; bits beyond the columns are nothing.
  // CHECK-SAME: b = #sparse_ir.mask<["1010", "1111"]>
  b = #sparse_ir.mask<2x4, dense<[5, -1]> : tensor<2xi8>>,
  // CHECK-SAME: c = #sparse_ir.mask<["110000001", "110000001"]>
  c = #sparse_ir.mask<2x9, dense<[3, 1, 3, 1]> : tensor<4xi8>>,
  // CHECK-SAME: d = #sparse_ir.mask<["11111111", "11111111"]>
  d = #sparse_ir.mask<2x8, dense<-1> : tensor<2xi8>>,
  // Digits would not say the size of these.
  // CHECK-SAME: e = #sparse_ir.mask<0x0, dense<> : tensor<0xi8>>
  e = #sparse_ir.mask<[]>,
  // CHECK-SAME: f = #sparse_ir.mask<3x0, dense<> : tensor<0xi8>>
  f = #sparse_ir.mask<["", "", ""]>,
  // CHECK-SAME: g = #sparse_ir.mask<["10", "01"]>}
  g = #sparse_ir.mask<2x2, dense_resource<bits> : tensor<2xi8>>
} : () -> ()

// CHECK: "test.others"() {
"test.others"() {
  // CHECK-SAME: a = #sparse_ir.sparsity<#sparse_ir.window<2>>
  a = #sparse_ir.sparsity<#sparse_ir.window<2>>,
  // CHECK-SAME: b = #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1100"]>>
  b = #sparse_ir.sparsity<#sparse_ir.nm<2:4>, #sparse_ir.mask<["1100"]>>,
  // CHECK-SAME: c = #sparse_ir.axis<0 to 16>
  c = #sparse_ir.axis<0 to 16>,
  // CHECK-SAME: d = #sparse_ir.axis<[1, 5, 9]>
  d = #sparse_ir.axis<[1, 5, 9]>,
  // CHECK-SAME: e = #sparse_ir.axis<*>
  e = #sparse_ir.axis<*>,
  // CHECK-SAME: f = #sparse_ir.axis<0 to 32, nm 2 of 4>
  f = #sparse_ir.axis<0 to 32, nm 2 of 4>,
  // CHECK-SAME: g = #sparse_ir.axis<[0, 1], nm 1 of 2>
  g = #sparse_ir.axis<[0, 1], nm 1 of 2>,
  // CHECK-SAME: h = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 2, vectors = 3, phase = 8, tasks = 5, pack_rhs = true>
  h = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 4, depth = 2, vectors = 3, phase = 8, tasks = 5, pack_rhs = true>,
  // CHECK-SAME: i = #sparse_ir.policy<ungrouped>
  i = #sparse_ir.policy<ungrouped>,
  // CHECK-SAME: j = #sparse_ir.ranges<i = 16, j = -1, k = 32, points = dense<{{\[\[}}0, 0, 0], [16, 0, 32]]> : tensor<2x3xi32>>
  j = #sparse_ir.ranges<i = 16, j = -1, k = 32, points = dense<[[0, 0, 0], [16, 0, 32]]> : tensor<2x3xi32>>,
  // CHECK-SAME: k = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>, entries = dense<[0, 5, 1]> : tensor<3xi32>>
  k = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 2, 3]> : tensor<3xi32>, entries = dense<[0, 5, 1]> : tensor<3xi32>>,
  // CHECK-SAME: l = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[4, -1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>
  l = #sparse_ir.tiles<rows = 1, cols = 2, panel_rows = dense<0> : tensor<1xi32>, granule_cols = dense<[4, -1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<1xi64>>
} : () -> ()

{-# dialect_resources: { builtin: { bits: "0x010000000102" } } #-}
