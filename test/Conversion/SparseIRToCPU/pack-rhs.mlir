// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 1, depth = 2, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#few = #sparse_ir.chains<rows = 1, depth = 2, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 2]> : tensor<2xi32>, entries = dense<[0, 4]> : tensor<2xi32>>
#all = #sparse_ir.chains<rows = 1, depth = 2, phases = 1, panel_rows = dense<0> : tensor<1xi32>, chain_ptr = dense<[0, 4]> : tensor<2xi32>, entries = dense<[0, 2, 4, 6]> : tensor<4xi32>>

// Half of the rows of the rhs are read: those are marked, and only they are
// copied.
// CHECK-LABEL: func.func @few
// CHECK: %[[MARKS:.*]] = memref.alloc(){{.*}} : memref<8xi8>
// CHECK: scf.for
// CHECK-NEXT: memref.store %c0_i8, %[[MARKS]]
// CHECK: scf.for
// CHECK: memref.store %c1_i8, %[[MARKS]]
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: %[[MARK:.*]] = memref.load %[[MARKS]]
// CHECK: %[[IS:.*]] = arith.cmpi ne, %[[MARK]], %c0_i8
// CHECK: scf.if %[[IS]]
// CHECK: vector.maskedload
// CHECK: memref.dealloc %[[MARKS]]
// CHECK: vector.fma
func.func @few(%a: memref<4xf32>, %b: memref<8x40xf32>, %c: memref<1x40xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<8x40xf32>) tables(%r, %p, %e, %tasks : memref<1xi32>, memref<2xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<1x40xf32>) of #few extents [1, 40, 8] strategy(#s) {packed_lhs}
  return
}

// All are: nothing is looked up.
// CHECK-LABEL: func.func @all
// CHECK-NOT: xi8>
// CHECK: return
func.func @all(%a: memref<8xf32>, %b: memref<8x40xf32>, %c: memref<1x40xf32>, %r: memref<1xi32>, %p: memref<2xi32>, %e: memref<4xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<8xf32>, memref<8x40xf32>) tables(%r, %p, %e, %tasks : memref<1xi32>, memref<2xi32>, memref<4xi32>, memref<2xi32>) outs(%c : memref<1x40xf32>) of #all extents [1, 40, 8] strategy(#s) {packed_lhs}
  return
}
