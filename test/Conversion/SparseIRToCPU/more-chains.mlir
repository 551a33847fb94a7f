// RUN: sparse-opt %s -convert-sparse-ir-to-cpu -canonicalize -cse | FileCheck %s

#s = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#t = #sparse_ir.chains<rows = 2, depth = 1, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#deep = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 32, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#short = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 8, vectors = 1, phase = 0, tasks = 1, pack_rhs = true>
#lines = #sparse_ir.chains<rows = 2, depth = 32, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 32]> : tensor<2xi32>>
#halves = #sparse_ir.chains<rows = 2, depth = 8, phases = 1, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 2]> : tensor<3xi32>, entries = dense<[0, 32]> : tensor<2xi32>>
#phases = #sparse_ir.chains<rows = 2, depth = 1, phases = 3, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 1, 1, 1, 1, 2]> : tensor<7xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#two_rows = #sparse_ir.strategy<intrinsic = "avx512-f32", rows = 2, depth = 1, vectors = 1, phase = 2, tasks = 1, pack_rhs = true>
#two = #sparse_ir.chains<rows = 2, depth = 1, phases = 2, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 1, 1, 2]> : tensor<5xi32>, entries = dense<[0, 3]> : tensor<2xi32>>
#strays = #sparse_ir.chains<rows = 2, depth = 1, phases = 2, panel_rows = dense<[0, 1, 2, -1]> : tensor<4xi32>, chain_ptr = dense<[0, 1, 1, 1, 2]> : tensor<5xi32>, entries = dense<[2, 3]> : tensor<2xi32>>

// Dynamic N: one column has a kernel of its own, whose vectors run along the
// packed values.
// CHECK-LABEL: func.func @dynamic
// CHECK: %[[N:.*]] = memref.dim %arg1
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[N]], %c1
// CHECK: scf.if %[[ONE]] {
// CHECK: vector.gather
// CHECK: } else {
// CHECK: memref.alloc
// CHECK: vector.broadcast
// CHECK: memref.dealloc
func.func @dynamic(%a: memref<4xf32>, %b: memref<4x?xf32>, %c: memref<3x?xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x?xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x?xf32>) of #t extents [3, -1, 4] strategy(#s) {packed_lhs}
  return
}

// CHECK-LABEL: func.func @one
// CHECK-NOT: memref.alloc
// CHECK: vector.gather
// CHECK: vector.extract %{{.*}}[1] : f32 from vector<2xf32>
// CHECK: memref.store
// CHECK-NOT: scf.else
// CHECK: return
func.func @one(%a: memref<4xf32>, %b: memref<4x1xf32>, %c: memref<3x1xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x1xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x1xf32>) of #t extents [3, 1, 4] strategy(#s) {packed_lhs}
  return
}

// Each panel's first and last phase with entries (the final one, if none) are
// found first. Between them its sums are in scratch memory; the output is
// written once.
// CHECK-LABEL: func.func @phases
// CHECK: %[[OUT:.*]] = memref.reinterpret_cast %arg2
// CHECK: %[[ENDS:.*]] = memref.alloc() {{.*}} : memref<4xi32>
// CHECK: %[[FOUND:.*]]:2 = scf.for %{{.*}} = %c0 to %c3 step %c1
// CHECK: %[[FIRST:.*]] = arith.minsi %[[FOUND]]#0, %[[FOUND]]#1
// CHECK: vector.maskedstore %[[ENDS]][%c0], %{{.*}}, %[[FIRST]]
// CHECK: vector.maskedstore %[[ENDS]][%c2]
// CHECK: %[[SUMS:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?xf32>
// CHECK: scf.for %[[PHASE:.*]] = %c0 to %c3 step %c1 {
// CHECK: %[[VISITED:.*]] = arith.cmpi ne
// CHECK: %[[IS_LAST:.*]] = arith.cmpi eq, %{{.*}}, %[[PHASE]]
// CHECK: %[[EITHER:.*]] = arith.ori %[[VISITED]], %[[IS_LAST]]
// CHECK: scf.if %[[EITHER]] {
// CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %{{.*}}, %[[PHASE]]
// CHECK-NOT: memref.prefetch
// CHECK: vector.fma
// CHECK: scf.if %[[IS_FIRST]]
// CHECK: } else {
// CHECK: vector.load %[[SUMS]]
// CHECK: scf.if %[[IS_LAST]] {
// CHECK: vector.store %{{.*}}, %[[OUT]]
// CHECK: } else {
// CHECK: vector.store %{{.*}}, %[[SUMS]]
// CHECK: memref.dealloc %[[SUMS]]
// CHECK: memref.dealloc %[[ENDS]]
func.func @phases(%a: memref<4xf32>, %b: memref<4x16xf32>, %c: memref<3x16xf32>, %r: memref<4xi32>, %p: memref<7xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<7xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x16xf32>) of #phases extents [3, 16, 4] strategy(#s) {packed_lhs}
  return
}

// The rows of the rhs that a phase reads are copied when it begins, to the same
// place.
// CHECK-LABEL: func.func @copied_by_phase
// CHECK: scf.parallel
// CHECK: memref.alloc(%{{.*}}) {{.*}} : memref<?xf32>
// CHECK: %[[ROWS:.*]] = memref.alloc() {{.*}} : memref<32xf32>
// CHECK: scf.for %[[PHASE:.*]] = %c0 to %c2 step %c1 {
// CHECK: %[[FIRST:.*]] = arith.muli %[[PHASE]], %c2
// CHECK: %[[FROM:.*]] = arith.minsi %[[FIRST]], %c3
// CHECK: %[[TO:.*]] = arith.minsi
// CHECK: scf.for %{{.*}} = %[[FROM]] to %[[TO]] step %c1
// CHECK: vector.store %{{.*}}, %[[ROWS]]
// CHECK: vector.load %[[ROWS]]
// CHECK: vector.fma
// CHECK: memref.dealloc %[[ROWS]]
func.func @copied_by_phase(%a: memref<4xf32>, %b: memref<4x40xf32>, %c: memref<3x40xf32>, %r: memref<4xi32>, %p: memref<5xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x40xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<5xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x40xf32>) of #two extents [3, 40, 4] strategy(#two_rows) {packed_lhs}
  return
}

// Entries that are not of their phase's rows need all of the rhs.
// CHECK-LABEL: func.func @copied_first
// CHECK: %[[ALL:.*]] = memref.alloc() {{.*}} : memref<192xf32>
// CHECK: vector.store %{{.*}}, %[[ALL]]
// CHECK: scf.parallel
// CHECK: vector.load %[[ALL]]
func.func @copied_first(%a: memref<4xf32>, %b: memref<4x40xf32>, %c: memref<3x40xf32>, %r: memref<4xi32>, %p: memref<5xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x40xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<5xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x40xf32>) of #strays extents [3, 40, 4] strategy(#two_rows) {packed_lhs}
  return
}

// Sums of several phases are not rounded in between.
// CHECK-LABEL: func.func @narrow
// CHECK: %[[SUMS:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?xf32>
// CHECK: vector.fma
// CHECK-NOT: arith.truncf
// CHECK: vector.load %[[SUMS]]
// CHECK: arith.truncf %{{.*}} : vector<16xf32> to vector<16xbf16>
// CHECK: vector.store %{{.*}} : memref<?xbf16
// CHECK: } else {
// CHECK-NOT: arith.truncf
// CHECK: vector.store %{{.*}}, %[[SUMS]]
func.func @narrow(%a: memref<4xf32>, %b: memref<4x16xf32>, %c: memref<3x16xbf16>, %r: memref<4xi32>, %p: memref<7xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<7xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x16xbf16>) of #phases extents [3, 16, 4] strategy(#s) {packed_lhs}
  return
}

// An output whose columns lie apart is computed in scratch memory and copied;
// what is added to is copied there first.
// CHECK-LABEL: func.func @mapped
// CHECK: %[[SCRATCH:.*]] = memref.alloc() {alignment = 64 : i64} : memref<48xf32>
// CHECK: memref.load %{{.*}} : memref<?xf32, strided<[1]>>
// CHECK: memref.store %{{.*}}, %[[SCRATCH]]
// CHECK: vector.fma
// CHECK: vector.{{(masked)?store.*}}%[[SCRATCH]][
// CHECK: memref.load %[[SCRATCH]]
// CHECK: memref.dealloc %[[SCRATCH]]
func.func @mapped(%a: memref<4xf32>, %b: memref<4x16xf32>, %c: memref<16x3xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<4xf32>, memref<4x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<16x3xf32>) of #t extents [3, 16, 4] strategy(#s) {packed_lhs, accumulate, out_map = affine_map<(i, j) -> (j, i)>}
  return
}

// Of an lhs in place whose entries are whole lines, those of a later entry are
// fetched, two of each row here; at the end of a chain, of the next tile's rows.
// CHECK-LABEL: func.func @fetched
// CHECK-SAME: %[[A:[a-z0-9]+]]: memref<3x64xf32>
// CHECK: %[[FLAT:.*]] = memref.reinterpret_cast %[[A]]
// CHECK: scf.for %[[ENTRY:.*]] = {{.*}} iter_args
// CHECK: %[[LATER:.*]] = arith.addi %[[ENTRY]], %c2
// CHECK: %[[NEXT:.*]] = arith.cmpi sge, %[[LATER]]
// CHECK: arith.select %[[NEXT]], %{{.*}}, %[[LATER]]
// CHECK: arith.select %[[NEXT]]
// CHECK-COUNT-2: memref.prefetch %[[FLAT]][%{{.*}}], read
// CHECK: arith.select %[[NEXT]]
// CHECK-COUNT-2: memref.prefetch %[[FLAT]][%{{.*}}], read
// CHECK-NOT: memref.prefetch
// CHECK: vector.fma
func.func @fetched(%a: memref<3x64xf32>, %b: memref<64x16xf32>, %c: memref<3x16xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<3x64xf32>, memref<64x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x16xf32>) of #lines extents [3, 16, 64] strategy(#deep)
  return
}

// Shorter entries share lines, and packed ones follow each other.
// CHECK-LABEL: func.func @not_fetched
// CHECK-NOT: memref.prefetch {{.*}} read
// CHECK: return
func.func @not_fetched(%a: memref<3x64xf32>, %v: memref<128xf32>, %b: memref<64x16xf32>, %c: memref<3x16xf32>, %r: memref<4xi32>, %p: memref<3xi32>, %e: memref<2xi32>, %tasks: memref<2xi32>) {
  sparse_ir.kernel ins(%a, %b : memref<3x64xf32>, memref<64x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x16xf32>) of #halves extents [3, 16, 64] strategy(#short)
  sparse_ir.kernel ins(%v, %b : memref<128xf32>, memref<64x16xf32>) tables(%r, %p, %e, %tasks : memref<4xi32>, memref<3xi32>, memref<2xi32>, memref<2xi32>) outs(%c : memref<3x16xf32>) of #lines extents [3, 16, 64] strategy(#deep) {packed_lhs}
  return
}
