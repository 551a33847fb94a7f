// RUN: sparse-opt %s -split-input-file -verify-diagnostics | sparse-opt -split-input-file | FileCheck %s

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#near = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1, 1]> : tensor<3xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
#far = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 2]> : tensor<2xi32>, granule_cols = dense<[3, -1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<2xi64>>

// CHECK-LABEL: func.func @tensors
// CHECK: sparse_ir.attention ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?x3x4xf16>, tensor<?x4x4xf16>, tensor<?x4x5xf16>) outs(%{{.*}} : tensor<?x3x5xf32>) of [#tiles, #tiles1] scale 5.000000e-01 strategy(#sparse_ir.strategy<{{.*}}>) -> tensor<?x3x5xf32>
func.func @tensors(%q: tensor<?x3x4xf16>, %k: tensor<?x4x4xf16>, %v: tensor<?x4x5xf16>, %o: tensor<?x3x5xf32>) -> tensor<?x3x5xf32> {
  %r = sparse_ir.attention ins(%q, %k, %v : tensor<?x3x4xf16>, tensor<?x4x4xf16>, tensor<?x4x5xf16>) outs(%o : tensor<?x3x5xf32>) of [#near, #far] scale 0.5 strategy(#st) -> tensor<?x3x5xf32>
  return %r : tensor<?x3x5xf32>
}

// CHECK-LABEL: func.func @buffers
// CHECK: sparse_ir.attention {{.*}} tables({{.*}}) outs(%{{.*}} : memref<3x5xf16>) of [#tiles]
func.func @buffers(%q: memref<3x4xf16>, %k: memref<4x4xf16>, %v: memref<4x5xf16>, %o: memref<3x5xf16>, %r: memref<4xi32>, %g: memref<2xi32>, %p: memref<3xi32>, %t: memref<1xi32>, %f: memref<1xi32>, %m: memref<0xi64>) {
  sparse_ir.attention ins(%q, %k, %v : memref<3x4xf16>, memref<4x4xf16>, memref<4x5xf16>) tables(%r, %g, %p, %t, %f, %m : memref<4xi32>, memref<2xi32>, memref<3xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>) outs(%o : memref<3x5xf16>) of [#near] scale 0.5 strategy(#st)
  return
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#far = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 2]> : tensor<2xi32>, granule_cols = dense<[3, -1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<1> : tensor<2xi64>>
func.func @rows(%q: tensor<3x4xf16>, %k: tensor<4x4xf16>, %o: tensor<3x4xf16>) -> tensor<3x4xf16> {
  // expected-error@+1 {{expects all 3 rows in its first part, found 2}}
  %r = sparse_ir.attention ins(%q, %k, %k : tensor<3x4xf16>, tensor<4x4xf16>, tensor<4x4xf16>) outs(%o : tensor<3x4xf16>) of [#far] scale 0.5 strategy(#st) -> tensor<3x4xf16>
  return %r : tensor<3x4xf16>
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @scale(%q: tensor<2x4xf16>) -> tensor<2x4xf16> {
  // expected-error@+1 {{expects a positive finite scale, found 0.000000e+00}}
  %r = sparse_ir.attention ins(%q, %q, %q : tensor<2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>) outs(%q : tensor<2x4xf16>) of [#all] scale 0.0 strategy(#st) -> tensor<2x4xf16>
  return %r : tensor<2x4xf16>
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @columns(%q: tensor<2x4xf16>, %k: tensor<2x5xf16>) -> tensor<2x4xf16> {
  // expected-error@+1 {{expects equal columns of q and the key, found 4 and 5}}
  %r = sparse_ir.attention ins(%q, %k, %q : tensor<2x4xf16>, tensor<2x5xf16>, tensor<2x4xf16>) outs(%q : tensor<2x4xf16>) of [#all] scale 1.0 strategy(#st) -> tensor<2x4xf16>
  return %r : tensor<2x4xf16>
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @parts(%q: tensor<2x4xf16>) -> tensor<2x4xf16> {
  // expected-error@+1 {{expects a part}}
  %r = sparse_ir.attention ins(%q, %q, %q : tensor<2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>) outs(%q : tensor<2x4xf16>) of [] scale 1.0 strategy(#st) -> tensor<2x4xf16>
  return %r : tensor<2x4xf16>
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
func.func @kind(%q: tensor<2x4xf16>) -> tensor<2x4xf16> {
  // expected-error@+1 {{expects parts that are tables of tiles, found 1 : i64}}
  %r = sparse_ir.attention ins(%q, %q, %q : tensor<2x4xf16>, tensor<2x4xf16>, tensor<2x4xf16>) outs(%q : tensor<2x4xf16>) of [1] scale 1.0 strategy(#st) -> tensor<2x4xf16>
  return %r : tensor<2x4xf16>
}

// -----

#st = #sparse_ir.strategy<intrinsic = "mma-f16", rows = 2, depth = 4, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#all = #sparse_ir.tiles<rows = 2, cols = 2, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1]> : tensor<2xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
func.func @tables(%q: memref<2x4xf16>, %t: memref<1xi32>) {
  // expected-error@+1 {{expects 6 tables, found 1}}
  sparse_ir.attention ins(%q, %q, %q : memref<2x4xf16>, memref<2x4xf16>, memref<2x4xf16>) tables(%t : memref<1xi32>) outs(%q : memref<2x4xf16>) of [#all] scale 1.0 strategy(#st)
  return
}
