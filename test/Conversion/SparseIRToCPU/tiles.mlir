// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

#amx = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 32, vectors = 2, phase = 0, tasks = 1, pack_rhs = true>
#t = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, -1]> : tensor<16xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 32]> : tensor<2xi32>>

// AMX: pairs of rows of the rhs interleaved; a chain stays in tile registers.
// CHECK-LABEL: func.func @amx
// CHECK: memref.alloc
// CHECK: vector.interleave
// CHECK: amx.tile_zero : !amx.tile<16x16xf32>
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (!amx.tile<16x16xf32>, !amx.tile<16x16xf32>)
// CHECK: amx.tile_load {{.*}} into !amx.tile<16x32xbf16>
// CHECK-COUNT-2: amx.tile_mulf
// CHECK: amx.tile_store
// CHECK: vector.maskedstore
// CHECK: memref.dealloc
func.func @amx(%a: memref<1024xbf16>, %b: memref<64x40xbf16>, %c: memref<15x40xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<1024xbf16>, memref<64x40xbf16>) tables(%r, %p, %e, %tasks : memref<16xi32>, memref<2xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<15x40xf32>) of #t extents [15, 40, 64] strategy(#amx) {packed_lhs}
  return
}

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#run = #sparse_ir.tiles<rows = 2, cols = 16, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>
#list = #sparse_ir.tiles<rows = 2, cols = 16, panel_rows = dense<[0, 1]> : tensor<2xi32>, granule_cols = dense<[0, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<0> : tensor<1xi32>, masks = dense<[1, 2]> : tensor<2xi64>>

// Output tiles: both operands copied, the tile in registers over k, stored by
// its mask; a list of columns is scattered.
// CHECK-LABEL: func.func @run
// CHECK: memref.alloc
// CHECK: memref.alloc
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>)
// CHECK: vector.fma
// CHECK: scf.if
// CHECK: vector.store
// CHECK-NOT: vector.scatter
// CHECK: vector.bitcast %{{.*}} : vector<1xi16> to vector<16xi1>
// CHECK: vector.maskedstore
// CHECK: memref.dealloc
// CHECK: memref.dealloc
func.func @run(%a: memref<2x8xf32>, %b: memref<8x16xf32>, %c: memref<2x16xf32>, %r: memref<2xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2x8xf32>, memref<8x16xf32>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<2xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<2x16xf32>) of #run extents [2, 16, 8] strategy(#s)
  return
}

// CHECK-LABEL: func.func @list
// CHECK: vector.gather
// CHECK: vector.scatter
func.func @list(%a: memref<2x8xf32>, %b: memref<8x16xf32>, %c: memref<2x16xf32>, %r: memref<2xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<2xi64>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2x8xf32>, memref<8x16xf32>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<2xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<2xi64>, memref<2xi32>) outs(%c : memref<2x16xf32>) of #list extents [2, 16, 8] strategy(#s) {accumulate}
  return
}
