// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

// An lhs that is the values at a mask's places: its cells are filled from runs.

#tile = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 32, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#gather = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 1, vectors = 2, phase = 0, tasks = 1, pack_rhs = false>
#vector = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 2, phase = 0, tasks = 1, pack_rhs = false>
#double = #sparse_ir.strategy<intrinsic = "avx512-f64", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = false>
#run = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<32> : tensor<1xi32>>
#none = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 0]> : tensor<2xi32>, entries = dense<> : tensor<0xi32>>
#every = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62]> : tensor<32xi32>>
#pair = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 16]> : tensor<2xi32>, entries = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>>
#narrow = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1]> : tensor<2xi32>, chain_ptr = dense<[0, 8]> : tensor<2xi32>, entries = dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi32>>

// The first cell before the walk, then the next one before this one's products:
// two cells take turns.
// CHECK-LABEL: func.func @tiles
// CHECK-SAME: %[[V:[a-z0-9]+]]: memref<16xbf16>
// CHECK: memref<256xf32>
// CHECK: %[[CELLS:.*]] = memref.alloc() {{.*}} : memref<1024xbf16>
// CHECK: %[[FLAT:.*]] = memref.cast %[[CELLS]]
// CHECK: scf.for
// CHECK: llvm.intr.masked.expandload
// CHECK: vector.store %{{.*}}, %[[CELLS]]
// CHECK: scf.for {{.*}}!amx.tile<16x16xf32>
// CHECK-COUNT-16: "llvm.intr.masked.expandload"(%{{.*}}) : (!llvm.ptr, vector<32xi1>, vector<32xi16>)
// CHECK: amx.tile_load %[[FLAT]]
// CHECK: amx.tile_mulf
// CHECK: memref.dealloc %[[CELLS]]
func.func @tiles(%a: memref<16xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %u: memref<64xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16xbf16>, memref<64x16xbf16>) tables(%r, %p, %e, %u, %tasks : memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<64xi32>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #run extents [16, 16, 64] strategy(#tile) {lhs_places = #sparse_ir.sparsity<#sparse_ir.window<0>>}
  return
}

// A table without cells has no first one.
// CHECK-LABEL: func.func @none
// CHECK-NOT: expandload
// CHECK: amx.tile_zero
func.func @none(%a: memref<16xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<0xi32>, %u: memref<0xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16xbf16>, memref<64x16xbf16>) tables(%r, %p, %e, %u, %tasks : memref<16xi32>, memref<2xi32>, memref<0xi32>, memref<0xi32>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #none extents [16, 16, 64] strategy(#tile) {lhs_places = #sparse_ir.sparsity<#sparse_ir.window<0>>}
  return
}

// Steps of gathered k are cells; rows of the rhs are read where they lie.
// CHECK-LABEL: func.func @gathered
// CHECK-NOT: vector.maskedload
// CHECK: memref.alloc() {{.*}} : memref<2048xbf16>
// CHECK: %[[CELLS:.*]] = memref.alloc() {{.*}} : memref<1024xbf16>
// CHECK: %[[FLAT:.*]] = memref.cast %[[CELLS]]
// CHECK: scf.for
// CHECK: vector.store %{{.*}}, %[[CELLS]]
// CHECK: scf.for {{.*}} step %c32
// CHECK-COUNT-16: llvm.intr.masked.expandload
// CHECK: amx.tile_load %[[FLAT]]
// CHECK: amx.tile_mulf
func.func @gathered(%a: memref<16xbf16>, %b: memref<64x32xbf16>, %c: memref<16x32xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %u: memref<64xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16xbf16>, memref<64x32xbf16>) tables(%r, %p, %e, %u, %tasks : memref<16xi32>, memref<2xi32>, memref<32xi32>, memref<64xi32>, memref<2xi32>) outs(%c : memref<16x32xf32>) of #every extents [16, 32, 64] strategy(#gather) {lhs_places = #sparse_ir.sparsity<#sparse_ir.window<0>>}
  return
}

// Vectors: the values of a tile's rows are spread, then broadcast one by one.
// CHECK-LABEL: func.func @vectors
// CHECK: %[[CELL:.*]] = memref.alloc() {{.*}} : memref<32xf32>
// CHECK: scf.for {{.*}} step %c16
// CHECK-COUNT-2: vector.expandload {{.*}} vector<16xi1>, vector<16xf32> into vector<16xf32>
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c8
// CHECK: memref.load %[[CELL]]
// CHECK: vector.fma
// CHECK: memref.dealloc %[[CELL]]
func.func @vectors(%a: memref<2xf32>, %b: memref<16x32xf32>, %c: memref<2x32xf32>, %r: memref<2xi32>, %p: memref<2xi32>, %e: memref<16xi32>, %u: memref<8xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2xf32>, memref<16x32xf32>) tables(%r, %p, %e, %u, %tasks : memref<2xi32>, memref<2xi32>, memref<16xi32>, memref<8xi32>, memref<2xi32>) outs(%c : memref<2x32xf32>) of #pair extents [2, 32, 16] strategy(#vector) {lhs_places = #sparse_ir.sparsity<#sparse_ir.window<0>>}
  return
}

// CHECK-LABEL: func.func @doubles
// CHECK: scf.for {{.*}} step %c8
// CHECK-COUNT-2: vector.expandload {{.*}} vector<8xi1>, vector<8xf64> into vector<8xf64>
func.func @doubles(%a: memref<2xf64>, %b: memref<8x8xf64>, %c: memref<2x8xf64>, %r: memref<2xi32>, %p: memref<2xi32>, %e: memref<8xi32>, %u: memref<8xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<2xf64>, memref<8x8xf64>) tables(%r, %p, %e, %u, %tasks : memref<2xi32>, memref<2xi32>, memref<8xi32>, memref<8xi32>, memref<2xi32>) outs(%c : memref<2x8xf64>) of #narrow extents [2, 8, 8] strategy(#double) {lhs_places = #sparse_ir.sparsity<#sparse_ir.window<0>>}
  return
}
