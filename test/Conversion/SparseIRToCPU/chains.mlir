// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

#in_place = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 2, phase = 0, tasks = 2, pack_rhs = false>
#copied = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 2, phase = 0, tasks = 2, pack_rhs = true>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 3]> : tensor<2xi32>>

// N is a multiple of a vector: the rhs is read where it is. Panels of columns
// by tasks are threads; a task walks its panels, a panel its chain, in
// registers; a row of padding is not stored.
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<4xf32>, %{{.*}}: memref<4x64xf32>
// CHECK-NOT: memref.alloc
// CHECK: scf.parallel (%[[J:.*]], %[[TASK:.*]]) = (%c0, %c0) to (%c2, %c2)
// CHECK: scf.for
// CHECK: arith.cmpi sge, %{{.*}}, %c0
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> ({{.*}}vector<16xf32>)
// CHECK: vector.load %{{.*}} : memref<?xf32, strided<[1]>>, vector<16xf32>
// CHECK: memref.load %[[A]]
// CHECK: vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK: vector.fma
// CHECK: scf.if
// CHECK: vector.store
func.func @in_place(%a: memref<4xf32>, %b: memref<4x64xf32>, %c: memref<3x64xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<3xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x64xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<3xi32>) outs(%c : memref<3x64xf32>) of #t extents [3, 64, 4] strategy(#in_place) {packed_lhs}
  return
}

// The rhs copied into panels of 32 columns, 2 of them, and the copy freed.
// CHECK-LABEL: func.func @copied
// CHECK: %[[PACKED:.*]] = memref.alloc() {alignment = 64 : i64} : memref<256xf32>
// CHECK: scf.parallel
// CHECK: vector.maskedload
// CHECK: vector.store %{{.*}}, %[[PACKED]]
// CHECK: scf.parallel
// CHECK: vector.load %[[PACKED]]
// CHECK: vector.fma
// CHECK: memref.dealloc %[[PACKED]]
func.func @copied(%a: memref<4xf32>, %b: memref<4x64xf32>, %c: memref<3x64xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<3xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x64xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<3xi32>) outs(%c : memref<3x64xf32>) of #t extents [3, 64, 4] strategy(#copied) {packed_lhs}
  return
}

// A tail of columns needs the copy, which is padded; it is stored by a mask, and
// what is added to is loaded by one.
// CHECK-LABEL: func.func @tail
// CHECK: memref.alloc
// CHECK: vector.fma
// CHECK: %[[INIT:.*]] = vector.maskedload
// CHECK: arith.addf %{{.*}}, %[[INIT]]
// CHECK: vector.maskedstore
// CHECK: memref.dealloc
func.func @tail(%a: memref<4xf32>, %b: memref<4x9xf32>, %c: memref<3x9xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<3xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x9xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<3xi32>) outs(%c : memref<3x9xf32>) of #t extents [3, 9, 4] strategy(#in_place) {packed_lhs, accumulate}
  return
}

// A lhs that is not packed is read in place, through its map.
// CHECK-LABEL: func.func @lhs_in_place
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %arg0 {{.*}} : memref<4x3xf32> to memref<?xf32
// CHECK: memref.load %[[FLAT]]
// CHECK: vector.fma
func.func @lhs_in_place(%a: memref<4x3xf32>, %b: memref<4x64xf32>, %c: memref<3x64xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<3xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4x3xf32>, memref<4x64xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<3xi32>) outs(%c : memref<3x64xf32>) of #t extents [3, 64, 4] strategy(#in_place) {lhs_map = affine_map<(i, k) -> (k, i)>}
  return
}
