// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

// AMX tiles of operands that are not constant, and of gathered k.

#s = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 32, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#run = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<32> : tensor<1xi32>>
#list = #sparse_ir.chains<rows = 16, depth = 32, phases = 1, panel_rows = dense<[1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 1]> : tensor<2xi32>, entries = dense<32> : tensor<1xi32>>

// Rows that follow each other are loaded from where they lie.
// CHECK-LABEL: func.func @run
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<16x64xbf16>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[A]]
// CHECK: amx.tile_load %[[FLAT]][%{{.*}}], %c64
// CHECK: amx.tile_mulf
func.func @run(%a: memref<16x64xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xbf16>, memref<64x16xbf16>) tables(%r, %p, %e, %tasks : memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #run extents [16, 16, 64] strategy(#s)
  return
}

// Others are copied, row by row.
// CHECK-LABEL: func.func @list
// CHECK: %[[COPY:.*]] = memref.alloc() {{.*}} : memref<512xbf16>
// CHECK-COUNT-16: vector.store %{{.*}}, %[[COPY]]
// CHECK: amx.tile_load %{{.*}}[%c0], %c32
func.func @list(%a: memref<16x64xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<1xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xbf16>, memref<64x16xbf16>) tables(%r, %p, %e, %tasks : memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #list extents [16, 16, 64] strategy(#s)
  return
}

#o = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#tiles = #sparse_ir.tiles<rows = 16, cols = 16, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, granule_cols = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, tile_ptr = dense<[0, 1]> : tensor<2xi32>, tiles = dense<0> : tensor<1xi32>, mask_offset = dense<-1> : tensor<1xi32>, masks = dense<> : tensor<0xi64>>

// Output tiles: columns of a transposed rhs become pairs by a transposition of
// words. A whole tile goes straight into the output, others by their mask.
// CHECK-LABEL: func.func @tiles
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<16x16xf32>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[OUT]]
// CHECK: vector.bitcast %{{.*}} : vector<32xbf16> to vector<16xi32>
// CHECK: vector.shuffle %{{.*}} : vector<16xi32>, vector<16xi32>
// CHECK: amx.tile_mulf
// CHECK: scf.if
// CHECK: amx.tile_store %[[FLAT]][%{{.*}}], %{{.*}}, %c16
// CHECK: } else {
// CHECK: amx.tile_store
// CHECK: scf.for
// CHECK: vector.maskedstore %[[FLAT]]
func.func @tiles(%a: memref<16x64xbf16>, %b: memref<16x64xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xbf16>, memref<16x64xbf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #tiles extents [16, 16, 64] strategy(#o) {rhs_map = affine_map<(k, j) -> (j, k)>}
  return
}

// What is added to an initial value is stored by vectors.
// CHECK-LABEL: func.func @added
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<16x16xf32>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[OUT]]
// CHECK-NOT: amx.tile_store %[[FLAT]]
// CHECK: arith.addf
// CHECK: vector.maskedstore
func.func @added(%a: memref<16x64xbf16>, %b: memref<64x16xbf16>, %c: memref<16x16xf32>, %r: memref<16xi32>, %g: memref<16xi32>, %p: memref<2xi32>, %t: memref<1xi32>, %o: memref<1xi32>, %m: memref<0xi64>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<16x64xbf16>, memref<64x16xbf16>) tables(%r, %g, %p, %t, %o, %m, %tasks : memref<16xi32>, memref<16xi32>, memref<2xi32>, memref<1xi32>, memref<1xi32>, memref<0xi64>, memref<2xi32>) outs(%c : memref<16x16xf32>) of #tiles extents [16, 16, 64] strategy(#o) {accumulate}
  return
}

#g = #sparse_ir.strategy<intrinsic = "amx-bf16", rows = 16, depth = 1, vectors = 2, phase = 0, tasks = 1, pack_rhs = true>
#every = #sparse_ir.chains<rows = 16, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]> : tensor<16xi32>, chain_ptr = dense<[0, 32]> : tensor<2xi32>, entries = dense<[0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62]> : tensor<32xi32>>

// Entries of one k: their rows of the rhs are gathered two by two and
// interleaved, the next step's between the products of this one.
// CHECK-LABEL: func.func @gathered
// CHECK: %[[STEPS:.*]] = memref.alloc() {{.*}} : memref<2048xbf16>
// CHECK: scf.if
// CHECK-COUNT-32: vector.store %{{.*}}, %[[STEPS]]
// CHECK: scf.for {{.*}} step %c32 iter_args({{.*}}) -> (index, !amx.tile<16x16xf32>, !amx.tile<16x16xf32>)
// CHECK: amx.tile_load
// CHECK: amx.tile_load
// CHECK-COUNT-16: vector.store %{{.*}}, %[[STEPS]]
// CHECK: amx.tile_mulf
// CHECK: amx.tile_load
// CHECK-COUNT-16: vector.store %{{.*}}, %[[STEPS]]
// CHECK: amx.tile_mulf
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
// CHECK: vector.store
func.func @gathered(%a: memref<512xbf16>, %b: memref<63x32xbf16>, %c: memref<16x32xf32>, %r: memref<16xi32>, %p: memref<2xi32>, %e: memref<32xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<512xbf16>, memref<63x32xbf16>) tables(%r, %p, %e, %tasks : memref<16xi32>, memref<2xi32>, memref<32xi32>, memref<2xi32>) outs(%c : memref<16x32xf32>) of #every extents [16, 32, 63] strategy(#g) {packed_lhs}
  return
}
